//! What undoes a write to the detectors of members, in the account that administers them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, gone};
use crate::observe::guardduty::{
    AT_ONCE, Feature, GET, GET_MEMBERS, LIST, LeftOut, MemberDetector, look, look_at_members, unprocessed,
};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::guardduty::{UPDATE_MEMBERS, absent, members, resources, send};
use crate::target::{AccountId, Partition, Target};

/// Switches off again what was off in members before it was switched on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreMemberDetectors {
    /// The features, each with the members in which it was off.
    pub off: BTreeMap<Feature, BTreeSet<AccountId>>,
}

impl RestoreMemberDetectors {
    fn accounts(&self) -> Vec<AccountId> {
        self.off.values().flatten().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    async fn look(
        &self,
        writer: &Writer,
        detector: &str,
    ) -> Result<(BTreeMap<AccountId, MemberDetector>, LeftOut), ReadError> {
        let (mut all, mut left) = (BTreeMap::new(), LeftOut::new());
        for some in self.accounts().chunks(AT_ONCE) {
            let (seen, unseen) = look_at_members(&writer.session, &writer.at, detector, some).await?;
            all.extend(seen);
            left.extend(unseen);
        }
        Ok((all, left))
    }
}

impl Undoing for RestoreMemberDetectors {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST, GET, GET_MEMBERS, UPDATE_MEMBERS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some((detector, _)) = look(&writer.session, &writer.at).await? else { return Err(absent(writer)) };
        let (seen, mut left) = self.look(writer, &detector).await?;
        // Features that are off in the same members are one call.
        let mut calls: BTreeMap<Vec<AccountId>, BTreeSet<Feature>> = BTreeMap::new();
        for (feature, accounts) in &self.off {
            let on = |id: &&AccountId| seen.get(*id).is_some_and(|one| one.has(*feature));
            let on: Vec<AccountId> = accounts.iter().filter(on).cloned().collect();
            calls.entry(on).or_default().insert(*feature);
        }
        for (accounts, features) in &calls {
            for some in accounts.chunks(AT_ONCE) {
                left.extend(send(writer, &detector, (some, features), false, Undo::again()).await?);
            }
        }
        if left.is_empty() { Ok(()) } else { Err(unprocessed(&writer.at, &UPDATE_MEMBERS, left)) }
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        let one = |(feature, accounts): (&Feature, &BTreeSet<AccountId>)| {
            format!("{} off in {}", feature.name(), members(accounts))
        };
        format!("UpdateMemberDetectors: {}", self.off.iter().map(one).collect::<Vec<_>>().join("; "))
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        let mut off = self.off.clone();
        for (feature, accounts) in &earlier.off {
            off.entry(*feature).or_default().extend(accounts.iter().cloned());
        }
        Some(Self { off })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let Some((detector, _)) = look(&writer.session, &writer.at).await? else { return Ok(gone("the detector")) };
        let (seen, left) = self.look(writer, &detector).await?;
        if let Some((id, why)) = left.into_iter().next() {
            return Ok(Stands::Changed(format!("account {id} does not answer as a member any more: {why}")));
        }
        let on = |(feature, accounts): (&Feature, &BTreeSet<AccountId>)| {
            accounts.iter().any(|id| seen.get(id).is_some_and(|one| one.has(*feature)))
        };
        Ok(if self.off.iter().any(on) { Stands::Open } else { Stands::Undone })
    }
}
