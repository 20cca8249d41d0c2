//! What members lack, as the account that administers them mends it.
//!
//! A member's own region says what is wrong with its detector. What the administrator switches on for it is what the
//! baseline asks of that member, and not of the administrator: exemptions and overrides hold as they do everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_json::{Value, json};

use super::{Detector, Seen, Settings, meta};
use crate::control::{Context, Control, OfOthers};
use crate::drift::{Difference, Drift, Fix, Judged};
use crate::observe::guardduty::{Feature, Frequency, Members, OwnedDetector};
use crate::observe::{ReadError, Readable};
use crate::ownership::Owner;
use crate::steps::Step;
use crate::steps::guardduty::{Setting, UpdateDetector, UpdateMemberDetectors};
use crate::target::{AccountId, Object, Target};

/// What the detectors of all members are called as one object of their administrator.
const NAME: &str = "members";

/// The requirement on how often findings are exported.
const OFTEN: &str = "publishing_frequency";

fn object(at: Target) -> Object {
    Object { at, kind: Detector::META.id.to_owned(), name: NAME.to_owned() }
}

/// The detector of who administers.
fn detector(at: Target) -> Object {
    Object { name: super::NAME.to_owned(), ..object(at) }
}

/// Why a feature is left alone that who administers by invitation cannot switch on for its members, by
/// [AWS's table](https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html).
pub(super) const NOT_THEIRS: &str = "who administers by invitation cannot switch on malware protection for a member: let the organization make it the \
     administrator, or leave it, switch the feature on, and accept its invitation again";

/// Whether an administrator switches a feature for its members.
fn switches(by_invitation: bool, feature: Feature) -> bool {
    !by_invitation || feature != Feature::EbsMalwareProtection
}

/// Where what a member lacks is mended.
pub(super) struct There {
    at: Target,
    owner: Owner,
    by_invitation: bool,
}

impl There {
    /// Whether a feature is switched there.
    pub(super) fn switches(&self, feature: Feature) -> bool {
        switches(self.by_invitation, feature)
    }

    /// How features are mended.
    pub(super) fn features(&self) -> Fix {
        Fix::Through { object: object(self.at.clone()), owner: self.owner.clone() }
    }

    /// How it is mended that findings are exported too seldom: how often the administrator does holds for its members.
    fn often(&self) -> Fix {
        Fix::Through { object: detector(self.at.clone()), owner: self.owner.clone() }
    }
}

/// Where a member's detector is mended, if the baseline names the account that administers it and the member says so
/// itself. The management account is changed by itself alone.
///
/// # Errors
/// Whether it is a member could not be read.
pub(super) fn mended_by<'a>(
    context: &Context<'_>,
    seen: &'a OwnedDetector,
    owner: Option<&Owner>,
    wanted: &Settings,
) -> Result<Option<There>, &'a ReadError> {
    let (Some(owner), Some(told)) = (owner, &seen.administrator) else { return Ok(None) };
    let Owner::Administrator { account, region, .. } = owner else { return Ok(None) };
    if wanted.admin_account.as_ref() != Some(account) || context.is_management() {
        return Ok(None);
    }
    let is_member = told.as_result()?.as_ref() == Some(account);
    Ok(is_member.then(|| {
        let at = Target { account: account.clone(), region: region.clone() };
        There { at, owner: owner.clone(), by_invitation: seen.is_by_invitation(account) }
    }))
}

/// A member that exports too seldom; none: it does not.
pub(super) fn late(context: &Context<'_>, seen: &OwnedDetector, there: &There, wanted: &Settings) -> Option<Judged> {
    let detector = seen.detector.as_ref().filter(|detector| wanted.is_late(Some(detector)))?;
    let mut often = detector.publishing_frequency;
    let mut object = context.object(const { &Detector::META }, super::NAME).signed(Some(&detector.signs));
    object.at_least(OFTEN, &mut often, wanted.publishing_frequency.map(Some).as_ref());
    Some(object.mend(|| there.often()))
}

/// What is asked of the accounts whose detectors are changed from here.
pub(super) fn asked<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (&'a OfOthers, Settings)> {
    let all = context.others(const { &Detector::META });
    all.filter_map(|asked| Some((asked, Settings::deserialize(&asked.settings).ok()?)))
}

/// What members lack of what the baseline asks of them; nothing where this account is not named as their administrator.
pub(super) fn judge(context: &Context<'_>, seen: &OwnedDetector, wanted: &Settings) -> Vec<Judged> {
    if wanted.admin_account.as_ref() != Some(&context.at.account) {
        return vec![];
    }
    match (&seen.detector, &seen.members) {
        (Some(own), Some(Readable::Read(members))) => {
            let lacks = Lacks::of(context, members, seen.is_by_invitation(&context.at.account));
            lacks.mended(context, own)
        }
        (_, Some(Readable::Unreadable(error))) => {
            let first = asked(context).find_map(|(_, one)| {
                let feature = one.features().next().map(|feature| (meta::requirement(feature), json!(true)));
                feature.or_else(|| one.publishing_frequency.map(|often| (OFTEN, json!(often))))
            });
            first.map(|(name, wanted)| unread(context, NAME, name, wanted, error)).into_iter().collect()
        }
        (None, Some(Readable::Read(_))) | (_, None) => vec![],
    }
}

fn unread(context: &Context<'_>, object_name: &str, name: &str, wanted: Value, error: &ReadError) -> Judged {
    let object = Object { name: object_name.to_owned(), ..object(context.at.clone()) };
    Judged::unknown(object, Detector::META.requirement(name).id, wanted, error)
}

/// What members lack of what is asked of them.
#[derive(Default)]
struct Lacks {
    /// The features, each with the members that it is off in.
    off: BTreeMap<Feature, BTreeSet<AccountId>>,
    /// How often members have to export that ask for the most.
    often: Option<Frequency>,
    /// The members whose features could not be read.
    unread: Vec<Judged>,
}

impl Lacks {
    fn of(context: &Context<'_>, members: &Members, by_invitation: bool) -> Self {
        let mut lacks = Self::default();
        for (asked, wanted) in asked(context) {
            let accepted = |name: &str| asked.accepts(Detector::META.requirement(name).id, super::NAME);
            let switched = wanted.features().filter(|feature| switches(by_invitation, *feature));
            let features: Vec<Feature> = switched.filter(|feature| !accepted(meta::requirement(*feature))).collect();
            let often = wanted.publishing_frequency.filter(|_| !accepted(OFTEN));
            for id in asked.accounts.iter().filter(|id| context.management != Some(*id)) {
                // Who is no member is not the administrator's to change.
                let Some(member) = members.0.get(id) else { continue };
                lacks.often = lacks.often.max(often);
                match member {
                    Readable::Unreadable(error) => {
                        let name = format!("{} of member {id}", super::NAME);
                        let first = features.first().map(|feature| meta::requirement(*feature));
                        lacks.unread.extend(first.map(|first| unread(context, &name, first, json!(true), error)));
                    }
                    Readable::Read(detector) => {
                        for feature in features.iter().filter(|feature| detector.lacks(**feature)) {
                            lacks.off.entry(*feature).or_default().insert(id.clone());
                        }
                    }
                }
            }
        }
        lacks
    }

    /// How that is mended at their administrator, whose own detector this is.
    fn mended(self, context: &Context<'_>, own: &Seen) -> Vec<Judged> {
        let often = self.often.filter(|often| own.publishing_frequency < Some(*often));
        let mut judged: Vec<Judged> = often.map(|often| oftener(context, own, often)).into_iter().collect();
        judged.extend(self.unread);
        judged.extend((!self.off.is_empty()).then(|| mend(context, self.off)));
        judged
    }
}

/// The administrator's own detector, which has to export as often as its members are asked to.
fn oftener(context: &Context<'_>, own: &Seen, often: Frequency) -> Judged {
    let difference = Difference {
        requirement: Detector::META.requirement(OFTEN).id.to_owned(),
        observed: json!(own.publishing_frequency),
        wanted: json!(often),
    };
    let step = Step::UpdateDetector(UpdateDetector::one(Setting::PublishingFrequency(often)));
    let fix = Fix::Steps { steps: vec![step], needs: vec![] };
    let drift = Drift::needed(detector(context.at.clone()), false, difference, fix);
    Judged::needed(Drift { managed_by: own.signs.tool(), ..drift })
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
    Judged::needed(Drift::of(object(context.at.clone()), differences, fix))
}
