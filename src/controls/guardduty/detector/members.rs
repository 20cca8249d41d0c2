//! What members lack, as the account that administers them mends it.
//!
//! A member's own region says what is wrong with its detector. What the administrator switches on for it is what the
//! baseline asks of that member, and not of the administrator: exemptions and overrides hold as they do everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_json::json;

use super::{Detector, Settings, meta};
use crate::control::{Context, Control, OfOthers};
use crate::drift::{Difference, Drift, Fix, Judged};
use crate::observe::guardduty::{Feature, Members, OwnedDetector};
use crate::observe::{ReadError, Readable};
use crate::ownership::Owner;
use crate::steps::Step;
use crate::steps::guardduty::UpdateMemberDetectors;
use crate::target::{AccountId, Object, Target};

/// What the detectors of all members are called as one object of their administrator.
const NAME: &str = "members";

fn object(at: Target) -> Object {
    Object { at, kind: Detector::META.id.to_owned(), name: NAME.to_owned() }
}

/// How the features of a member's detector are mended, where the baseline names the account that administers it and the
/// member says so itself. The management account is changed by itself alone.
///
/// # Errors
/// Whether it is a member could not be read.
pub(super) fn mended_by<'a>(
    context: &Context<'_>,
    seen: &'a OwnedDetector,
    owner: Option<&Owner>,
    wanted: &Settings,
) -> Result<Option<Fix>, &'a ReadError> {
    let (Some(owner), Some(told)) = (owner, &seen.administrator) else { return Ok(None) };
    let Owner::Administrator { account, region, .. } = owner else { return Ok(None) };
    if wanted.admin_account.as_ref() != Some(account) || context.is_management() {
        return Ok(None);
    }
    let is_member = told.as_result()?.as_ref() == Some(account);
    Ok(is_member.then(|| {
        let at = Target { account: account.clone(), region: region.clone() };
        Fix::Through { object: object(at), owner: owner.clone() }
    }))
}

/// What members lack of what the baseline asks of them; nothing where this account is not named as their administrator.
pub(super) fn judge(context: &Context<'_>, seen: &OwnedDetector, wanted: &Settings) -> Vec<Judged> {
    if wanted.admin_account.as_ref() != Some(&context.at.account) {
        return vec![];
    }
    match &seen.members {
        None => vec![],
        Some(Readable::Unreadable(error)) => {
            let asked = context.others(const { &Detector::META }).filter_map(settings).filter_map(|one| one.features);
            let first = asked.flatten().next();
            first.map(|feature| unread(context, NAME, feature, error)).into_iter().collect()
        }
        Some(Readable::Read(members)) => lacking(context, members),
    }
}

fn settings(asked: &OfOthers) -> Option<Settings> {
    Settings::deserialize(&asked.settings).ok()
}

fn unread(context: &Context<'_>, name: &str, feature: Feature, error: &ReadError) -> Judged {
    let requirement = Detector::META.requirement(meta::requirement(feature)).id;
    let object = Object { name: name.to_owned(), ..object(context.at.clone()) };
    Judged::unknown(object, requirement, json!(true), error)
}

fn lacking(context: &Context<'_>, members: &Members) -> Vec<Judged> {
    let mut off: BTreeMap<Feature, BTreeSet<AccountId>> = BTreeMap::new();
    let mut judged = vec![];
    for asked in context.others(const { &Detector::META }) {
        let Some(wanted) = settings(asked) else { continue };
        let accepted =
            |feature: &Feature| asked.accepts(Detector::META.requirement(meta::requirement(*feature)).id, super::NAME);
        let features: Vec<Feature> = wanted.features().filter(|feature| !accepted(feature)).collect();
        for id in asked.accounts.iter().filter(|id| context.management != Some(*id)) {
            match members.0.get(id) {
                // Who is no member is not the administrator's to change.
                None => {}
                Some(Readable::Unreadable(error)) => {
                    let name = format!("{} of member {id}", super::NAME);
                    judged.extend(features.first().map(|feature| unread(context, &name, *feature, error)));
                }
                Some(Readable::Read(detector)) => {
                    for feature in features.iter().filter(|feature| detector.lacks(**feature)) {
                        off.entry(*feature).or_default().insert(id.clone());
                    }
                }
            }
        }
    }
    judged.extend((!off.is_empty()).then(|| mend(context, off)));
    judged
}

fn mend(context: &Context<'_>, off: BTreeMap<Feature, BTreeSet<AccountId>>) -> Judged {
    // How many members lack it changes while a change is carried out, and who they are stands in the steps.
    let difference = |feature: &Feature| Difference {
        requirement: Detector::META.requirement(meta::requirement(*feature)).id.to_owned(),
        observed: json!(false),
        wanted: json!(true),
    };
    let differences = off.keys().map(difference).collect();
    let step = |(feature, accounts)| {
        Step::UpdateMemberDetectors(UpdateMemberDetectors { features: BTreeSet::from([feature]), accounts })
    };
    let fix = Fix::Steps { steps: off.into_iter().map(step).collect(), needs: vec![] };
    let object = object(context.at.clone());
    Judged::needed(Drift { object, absent: false, differences, fix, left: vec![], managed_by: None })
}
