//! What the detectors of members are told, in the account that administers them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_guardduty::types::{FeatureStatus, MemberFeaturesConfiguration, OrgFeature};
use serde::{Deserialize, Serialize};

use super::{BILLS, absent, client, resources};
use crate::observe::guardduty::{
    AT_ONCE, Feature, GET, GET_MEMBERS, LIST, MemberDetector, left_out, look, look_at_members, unprocessed,
};
use crate::observe::{Call, ReadError};
use crate::steps::undo::guardduty_members::RestoreMemberDetectors;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{AccountId, Partition, Target};

pub(in crate::steps) const UPDATE_MEMBERS: Call =
    Call { service: "GuardDuty", operation: "UpdateMemberDetectors", action: "guardduty:UpdateMemberDetectors" };

/// Switches features on in the detectors of members, fifty of them a call.
///
/// [UpdateMemberDetectors](https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateMemberDetectors.html)
/// leaves alone what it does not name, and answers 200 also where it left accounts out: that is an error here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpdateMemberDetectors {
    /// The features that are on afterwards.
    pub features: BTreeSet<Feature>,
    /// The members.
    pub accounts: BTreeSet<AccountId>,
}

impl Atom for UpdateMemberDetectors {
    const CALLS: &'static [Call] = &[LIST, GET, GET_MEMBERS, UPDATE_MEMBERS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some((detector, _)) = look(&writer.session, &writer.at).await? else { return Err(absent(writer)) };
        let accounts: Vec<AccountId> = self.accounts.iter().cloned().collect();
        let mut left = BTreeMap::new();
        for some in accounts.chunks(AT_ONCE) {
            let (seen, unseen) = look_at_members(&writer.session, &writer.at, &detector, some).await?;
            left.extend(unseen);
            // Who is as wanted already is not written again.
            let short = |one: &MemberDetector| self.features.iter().any(|feature| !one.has(*feature));
            let told: Vec<AccountId> = seen.iter().filter(|(_, one)| short(one)).map(|(id, _)| id.clone()).collect();
            if !told.is_empty() {
                left.extend(send(writer, &detector, (&told, &self.features), true, self.back(&seen)).await?);
            }
        }
        if left.is_empty() { Ok(()) } else { Err(unprocessed(&writer.at, &UPDATE_MEMBERS, left)) }
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("UpdateMemberDetectors: {} on in {}", names(&self.features), members(&self.accounts))
    }

    fn part(&self) -> Option<&str> {
        let only = self.features.iter().next().filter(|_| self.features.len() == 1);
        only.map(|feature| feature.name())
    }

    fn cost(&self) -> Option<&'static str> {
        Some(BILLS)
    }

    fn with(&self, next: &Self) -> Option<Self> {
        let features = self.features.union(&next.features).copied().collect();
        (self.accounts == next.accounts).then(|| Self { features, accounts: self.accounts.clone() })
    }

    /// Some of the members may be as wanted by now, and the rest is still what was planned.
    fn beside(&self, other: &Self) -> Option<Self> {
        let accounts = self.accounts.union(&other.accounts).cloned().collect();
        (self.features == other.features).then(|| Self { features: self.features.clone(), accounts })
    }

    fn undo(&self) -> String {
        "UpdateMemberDetectors, which switches off again what was off in each member".to_owned()
    }
}

impl UpdateMemberDetectors {
    /// What undoes this in members that are so: only what was off is switched off again.
    fn back(&self, seen: &BTreeMap<AccountId, MemberDetector>) -> Undo {
        let off = self.features.iter().map(|feature| {
            let off = seen.iter().filter(|(_, one)| !one.has(*feature)).map(|(id, _)| id.clone());
            (*feature, off.collect::<BTreeSet<_>>())
        });
        let off: BTreeMap<_, _> = off.filter(|(_, accounts)| !accounts.is_empty()).collect();
        Undo::by(Step::RestoreMemberDetectors(RestoreMemberDetectors { off }))
    }
}

/// Tells fifty members at most; answers whom AWS left out.
pub(in crate::steps) async fn send(
    writer: &Writer,
    detector: &str,
    (accounts, features): (&[AccountId], &BTreeSet<Feature>),
    on: bool,
    undo: Undo,
) -> Result<BTreeMap<AccountId, String>, ReadError> {
    let status = if on { FeatureStatus::Enabled } else { FeatureStatus::Disabled };
    let configured = features.iter().map(|feature| {
        let name = OrgFeature::from(feature.name());
        MemberFeaturesConfiguration::builder().name(name).status(status.clone()).build()
    });
    let asked = client(writer)
        .update_member_detectors()
        .detector_id(detector)
        .set_account_ids(Some(accounts.iter().map(ToString::to_string).collect()))
        .set_features(Some(configured.collect()));
    let answer = writer.answered(&writer.at, &UPDATE_MEMBERS, undo, asked.send()).await?;
    left_out(&writer.at, &UPDATE_MEMBERS, answer.unprocessed_accounts())
}

pub(in crate::steps) fn names(features: &BTreeSet<Feature>) -> String {
    features.iter().map(|feature| feature.name()).collect::<Vec<_>>().join(", ")
}

/// Members in words: all of them where they are few.
pub(in crate::steps) fn members(accounts: &BTreeSet<AccountId>) -> String {
    const FEW: usize = 5;
    let named: Vec<&str> = accounts.iter().take(FEW).map(AccountId::as_str).collect();
    match accounts.len() {
        1 => format!("the member {}", named[0]),
        few if few <= FEW => format!("the members {}", named.join(", ")),
        many => format!("{many} members, {} among them", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::stub::{Stub, caller, json};
    use crate::{Entry, Guard};

    fn step(features: &[Feature], accounts: &[&str]) -> UpdateMemberDetectors {
        let accounts = accounts.iter().map(|id| id.parse().expect("an id")).collect();
        UpdateMemberDetectors { features: features.iter().copied().collect(), accounts }
    }

    const TWO: [&str; 2] = ["111122223333", "222233334444"];

    #[test]
    fn features_of_the_same_members_are_one_call_and_those_of_others_are_not() {
        let (first, second) = (step(&[Feature::S3DataEvents], &TWO), step(&[Feature::RdsLoginEvents], &TWO));
        let both = first.with(&second).expect("one call");
        assert_eq!(both, step(&[Feature::S3DataEvents, Feature::RdsLoginEvents], &TWO));
        assert_eq!((first.part(), both.part()), (Some("S3_DATA_EVENTS"), None));
        assert_eq!(first.with(&step(&[Feature::RdsLoginEvents], &TWO[..1])), None);
    }

    #[test]
    fn a_step_covers_some_of_its_members_and_nobody_else() {
        let planned = Step::UpdateMemberDetectors(step(&[Feature::S3DataEvents], &TWO));
        let covers = |features: &[Feature], accounts: &[&str]| {
            planned.covers(&Step::UpdateMemberDetectors(step(features, accounts)))
        };
        assert!(covers(&[Feature::S3DataEvents], &TWO) && covers(&[Feature::S3DataEvents], &TWO[1..]));
        assert!(!covers(&[Feature::S3DataEvents], &["333344445555"]) && !covers(&[Feature::RdsLoginEvents], &TWO));
    }

    const FOUND: &str = r#"{"members":[
        {"accountId":"111122223333","features":[{"name":"S3_DATA_EVENTS","status":"DISABLED"}]},
        {"accountId":"222233334444","features":[{"name":"S3_DATA_EVENTS","status":"ENABLED"}]}],
        "unprocessedAccounts":[{"accountId":"333344445555","result":"it is no member"}]}"#;

    #[tokio::test]
    async fn whom_aws_leaves_out_is_an_error_by_name_and_who_is_as_wanted_is_not_written() {
        let sent = Arc::new(Mutex::new(vec![]));
        let keep = Arc::clone(&sent);
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            "GET /detector" => json(200, r#"{"detectorIds":["d"]}"#),
            "GET /detector/d" => json(200, r#"{"status":"ENABLED","serviceRole":"r"}"#),
            "POST /detector/d/member/detector/get" => json(200, FOUND),
            "POST /detector/d/member/detector/update" => {
                keep.lock().expect("no panic").push(asked.body.clone());
                json(200, r#"{"unprocessedAccounts":[{"accountId":"111122223333","result":"it is suspended"}]}"#)
            }
            other => panic!("{other} was not to be asked"),
        });
        let (caller, guard) = (caller(), Arc::new(Guard::new(UpdateMemberDetectors::CALLS.iter().copied())));
        let session = stub.base().await.enter(&caller, &caller.account, Entry::Own, &guard);
        let at = Target { account: caller.account.clone(), region: "eu-west-1".parse().ok() };
        let writer = Writer { at, session, assuming: None, witness: Arc::new(()) };
        let step = step(&[Feature::S3DataEvents], &["111122223333", "222233334444", "333344445555"]);
        let refused = step.run(&writer).await.expect_err("two were left out");
        assert_eq!(refused.code.as_deref(), Some("UnprocessedAccounts"));
        assert_eq!(refused.message, "account 111122223333: it is suspended; account 333344445555: it is no member");
        assert!(!crate::steps::is_lost(&refused), "AWS has answered");
        let sent = sent.lock().expect("no panic");
        let wanted = r#"{"accountIds":["111122223333"],"features":[{"name":"S3_DATA_EVENTS","status":"ENABLED"}]}"#;
        assert_eq!(*sent, [wanted]);
    }

    #[test]
    fn only_what_was_off_in_a_member_is_switched_off_again() {
        let seen = |on: bool| MemberDetector {
            features: BTreeMap::from([("S3_DATA_EVENTS".to_owned(), on)]),
            managed: BTreeSet::new(),
        };
        let [first, second] = TWO.map(|id| id.parse::<AccountId>().expect("an id"));
        let seen = BTreeMap::from([(first.clone(), seen(false)), (second, seen(true))]);
        let off = BTreeMap::from([(Feature::S3DataEvents, BTreeSet::from([first]))]);
        let back = Step::RestoreMemberDetectors(RestoreMemberDetectors { off });
        assert_eq!(step(&[Feature::S3DataEvents], &TWO).back(&seen), Undo::by(back));
    }

    #[test]
    fn many_members_are_counted_and_few_are_named() {
        let ids: Vec<String> = (1..=7).map(|number| format!("{number:012}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let says = |count: usize| step(&[Feature::S3DataEvents], &ids[..count]).says();
        assert_eq!(says(1), "UpdateMemberDetectors: S3_DATA_EVENTS on in the member 000000000001");
        assert!(
            says(5).ends_with("in the members 000000000001, 000000000002, 000000000003, 000000000004, 000000000005")
        );
        assert!(says(7).contains("on in 7 members, 000000000001, "), "{}", says(7));
    }
}
