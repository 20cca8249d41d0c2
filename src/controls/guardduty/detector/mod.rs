//! `guardduty.detector`: the detector that watches a region for threats.

mod members;
mod meta;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::members::There;
use crate::control::{Context, Control, Meta, Needs, Notes};
use crate::controls::Yes;
use crate::drift::{Bench, Fix, Judged};
use crate::observe::guardduty::{Asked, Detector as Seen, Feature, Frequency, Members, OwnedDetector};
use crate::observe::organizations::Governed;
use crate::observe::{Home, Observe as _, ReadError, Readable, Reads};
use crate::ownership::{Owner, PolicyType, Service};
use crate::steps::Step;
use crate::steps::guardduty::{CreateDetector, Setting, UpdateDetector};
use crate::target::{AccountId, Object, Region};

/// See the module.
pub struct Detector;

/// What the detector of a region has to do.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Watch every region. Asking for a feature asks for this as well.
    enabled: Option<Yes>,
    /// How often new facts about known findings are exported. More often is kept.
    publishing_frequency: Option<Frequency>,
    /// Features that are on. Others that are on stay on.
    #[schemars(length(min = 1))]
    features: Option<BTreeSet<Feature>>,
    /// The account that administers `GuardDuty` for others, twelve digits in quotes. Where it is selected as well, it
    /// switches on the features that its members lack, and exports as often as they have to. It is also used where the
    /// management account cannot be asked.
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{12}$"))]
    admin_account: Option<AccountId>,
}

impl Settings {
    fn asks_for_enabled(&self) -> bool {
        self.enabled.is_some() || self.features.is_some()
    }

    fn features(&self) -> impl Iterator<Item = Feature> {
        self.features.iter().flatten().copied()
    }

    /// Whether it asks for something that an administrator sets for its members.
    fn asks_administrators(&self) -> bool {
        self.features.is_some() || self.publishing_frequency.is_some()
    }

    /// Whether a detector exports less often than it asks for.
    fn is_late(&self, seen: Option<&Seen>) -> bool {
        let often = seen.and_then(|detector| detector.publishing_frequency);
        self.publishing_frequency.is_some_and(|asked| often < Some(asked))
    }
}

const NAME: &str = "detector";

impl Control for Detector {
    const META: Meta = meta::META;
    const NOTES: Notes = Notes {
        costs: &["GuardDuty bills by what it analyses, each feature apart, once a trial of 30 days is over."],
        disturbs: &[],
        undo: &["A detector that was made is deleted with its findings, and former values are set again where \
             there was one."],
        traps: &[
            "Where an administrator account manages the detector, its members cannot be set here: the verdict \
             is `owned_elsewhere`, and names the administrator. Where the baseline names it as `admin_account`, features \
             that a member lacks are planned there, if it is selected. So is how often findings are exported, which the \
             administrator sets at its own detector for all of its members.",
            "Whether a member is watched at all no call of its administrator over members sets: that stays \
             `owned_elsewhere`. So does malware protection where the administrator is one by invitation, and not of \
             the organization's making.",
            "Some features are not there in every region; what a region does not know is not applicable \
             there.",
        ],
    };
    type Settings = Settings;
    type Observed = OwnedDetector;

    fn key(context: &Context<'_>, wanted: &Settings) -> Asked {
        let administers = wanted.admin_account.as_ref() == Some(&context.at.account);
        Asked {
            of_members: administers && members::asked(context).any(|(_, asked)| asked.asks_administrators()),
            admin_is_named: wanted.admin_account.is_some(),
            enabled: wanted.asks_for_enabled(),
            publishing_frequency: wanted.publishing_frequency,
            features: wanted.features().collect(),
        }
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let enabled = wanted.asks_for_enabled().then_some("enabled");
        let frequency = wanted.publishing_frequency.map(|_| "publishing_frequency");
        enabled.into_iter().chain(frequency).chain(wanted.features().map(meta::requirement)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &OwnedDetector, wanted: &Settings) -> Vec<Judged> {
        let object = context.object(const { &Self::META }, NAME).absent(seen.detector.is_none());
        let object = object.signed(seen.detector.as_ref().map(|detector| &detector.signs));
        let known = owner(context, seen, wanted)
            .and_then(|owner| Ok((members::mended_by(context, seen, owner.as_ref(), wanted)?, owner)));
        let mut judged = match known {
            Ok((there, owner)) => {
                let own = judge(context, object, &Owners::new(context, seen, owner), there.as_ref(), wanted);
                let late = there.and_then(|there| members::late(context, seen, &there, wanted));
                std::iter::once(own).chain(late).collect()
            }
            Err(unknown) => vec![judge_unowned(object, seen.detector.as_ref(), wanted, unknown)],
        };
        judged.extend(members::judge(context, seen, wanted));
        judged
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        // Which account it is shows only when it is judged; without one that is named, none changes what others have.
        let named = wanted.admin_account.is_some();
        let (asks, features) = (named && wanted.asks_administrators(), named && wanted.features.is_some());
        let reads = Reads::of::<OwnedDetector>().closure();
        let reads = reads.into_iter().filter(|reads| asks || reads.name != Members::NAME).collect();
        let of_members = |step: &&'static str| *step == "UpdateMemberDetectors";
        let steps = Self::META.steps.iter().copied().filter(|step| features || !of_members(step)).collect();
        Needs { reads, steps, ..Needs::default() }
    }

    fn changed_from(wanted: &Settings) -> Option<&AccountId> {
        wanted.admin_account.as_ref()
    }
}

/// Who sets the detector's values, if not the account itself.
///
/// # Errors
/// Nobody who knows could be asked: the refusal of the management account, or of the account where it has a detector.
fn owner<'a>(
    context: &Context<'_>,
    seen: &'a OwnedDetector,
    wanted: &'a Settings,
) -> Result<Option<Owner>, &'a ReadError> {
    let admin = match (seen.organization_admin.as_result(), &wanted.admin_account, &seen.administrator) {
        // An account that accepted an invitation stays with who sent it.
        (Ok(Some(admin)), _, told) => {
            let told = told.as_ref().and_then(|told| told.as_result().ok()?.as_ref());
            Some(told.unwrap_or(admin))
        }
        (Ok(None), _, None) => None,
        (Err(_), Some(named), _) => Some(named),
        // Where the organization has none, the account may have accepted the invitation of one.
        (Ok(None), _, Some(told)) | (Err(_), None, Some(told)) => told.as_result()?.as_ref(),
        (Err(error), None, None) => return Err(error),
    };
    // A detector that a policy may be about to make is not made by anybody else.
    if let (None, Some(Err(error))) = (&seen.detector, seen.policy.as_ref().map(Readable::as_result)) {
        return Err(error);
    }
    // The administrator's own detector is its own affair.
    Ok(admin.filter(|admin| **admin != context.at.account).map(|admin| owner_at(admin, context.at.region.as_ref())))
}

fn owner_at(admin: &AccountId, region: Option<&Region>) -> Owner {
    Owner::Administrator { service: Service::GuardDuty, account: admin.clone(), region: region.cloned() }
}

/// A detector as it will be.
struct Draft {
    enabled: bool,
    frequency: Option<Frequency>,
    features: BTreeSet<Feature>,
}

impl Draft {
    fn of(seen: Option<&Seen>) -> Self {
        Self {
            enabled: seen.is_some_and(|detector| detector.enabled),
            frequency: seen.and_then(|detector| detector.publishing_frequency),
            features: seen
                .map(|detector| Feature::ALL.into_iter().filter(|f| detector.has(*f)).collect())
                .unwrap_or_default(),
        }
    }
}

/// Who sets what: policies of the organization may have a say in single features.
struct Owners<'a> {
    of_all: Option<Owner>,
    seen: Option<&'a Seen>,
    /// Why the management account does not say who administers.
    unasked: Option<&'a ReadError>,
    /// Those that reach the account, by name and id.
    policies: &'a [String],
    /// What they say of the region where there is no detector yet.
    planned: Option<&'a Map<String, Value>>,
}

/// What a policy calls the detector itself; features it calls by their names in lower case.
const FOUNDATIONAL: &str = "foundational";

impl<'a> Owners<'a> {
    fn new(context: &Context<'_>, seen: &'a OwnedDetector, of_all: Option<Owner>) -> Self {
        let governed = seen.policy.as_ref().and_then(|policy| policy.as_result().ok()).and_then(Option::as_ref);
        let planned = governed.filter(|_| seen.detector.is_none());
        let planned = planned.zip(context.at.region.as_ref()).and_then(|(governed, region)| said_of(governed, region));
        let policies = governed.map(|governed| governed.policies.as_slice()).unwrap_or_default();
        let unasked = seen.organization_admin.as_result().err();
        Self { of_all, seen: seen.detector.as_ref(), unasked, policies, planned }
    }

    fn of_status(&self) -> Option<Owner> {
        self.policy(self.seen.and_then(Seen::manager_of_all), FOUNDATIONAL)
    }

    fn of(&self, feature: Feature) -> Option<Owner> {
        let manager = self.seen.and_then(|seen| seen.manager(feature));
        self.policy(manager, &feature.name().to_ascii_lowercase())
    }

    fn policy(&self, manager: Option<&str>, key: &str) -> Option<Owner> {
        let plans = || self.planned.filter(|said| said.contains_key(key)).map(|_| PolicyType::GuardDuty.name());
        manager.or_else(plans).map(|kind| Owner::policy(kind, self.policies)).or_else(|| self.of_all.clone())
    }
}

/// What policies say of a region: its own block, which replaces the default one, or the default one. By
/// [AWS's documentation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_guardduty_syntax.html)
/// a region with neither is left as it is.
fn said_of<'a>(governed: &'a Governed, region: &Region) -> Option<&'a Map<String, Value>> {
    let blocks = governed.content.get("guardduty")?.as_object()?;
    blocks.get(region.as_str()).or_else(|| blocks.get("default"))?.as_object()
}

/// `there` is where what the account cannot set and its administrator can is mended.
fn judge(
    context: &Context<'_>,
    mut object: Bench<'_>,
    owners: &Owners<'_>,
    there: Option<&There>,
    wanted: &Settings,
) -> Judged {
    let seen = owners.seen;
    let mut draft = Draft::of(seen);
    let mut steps = vec![];
    if wanted.asks_for_enabled() {
        object = object.owned_by(owners.of_status());
        object.at_least("enabled", &mut draft.enabled, Some(&true));
        if draft.enabled && !seen.is_some_and(|detector| detector.enabled) {
            steps.push(Setting::Enabled);
        }
    }
    // What is mended by another object than features are is judged by itself.
    if there.is_none() || !wanted.is_late(seen) {
        let before = draft.frequency;
        object = object.owned_by(owners.of_all.clone());
        object.at_least("publishing_frequency", &mut draft.frequency, wanted.publishing_frequency.map(Some).as_ref());
        if draft.frequency != before {
            steps.extend(draft.frequency.map(Setting::PublishingFrequency));
        }
    }
    for feature in wanted.features() {
        let name = meta::requirement(feature);
        if seen.is_some_and(|detector| !detector.offers(feature)) {
            object.not_applicable(name, format!("the region does not offer {}", feature.name()), true.into());
            continue;
        }
        let mut on = draft.features.contains(&feature);
        let owner = owners.of(feature);
        let short = there.filter(|_| !on && owner == owners.of_all);
        object = object.owned_by(owner.filter(|_| !short.is_some_and(|there| there.switches(feature))));
        object.at_least(name, &mut on, Some(&true));
        if short.is_some_and(|there| !there.switches(feature)) {
            object.owned_last_because(members::NOT_THEIRS);
        }
        if on && draft.features.insert(feature) {
            steps.push(Setting::Feature(feature));
        }
    }
    if let (Some(error), true) = (owners.unasked, wanted.admin_account.is_some()) {
        object.owned_because(&format!("`admin_account` says so, and nobody else: {}", error.explained()));
    }
    object.mend(|| match (there, seen) {
        (Some(there), _) => there.features(),
        (None, Some(_)) => {
            in_steps(steps.into_iter().map(|setting| Step::UpdateDetector(UpdateDetector::one(setting))))
        }
        (None, None) if draft.enabled => in_steps([Step::CreateDetector(create(context, draft))]),
        (None, None) if owners.planned.is_some() => Fix::Manual(
            "there is no detector, and a policy of the organization is to make it: plan again once it is there"
                .to_owned(),
        ),
        // What has no detector cannot have its features or its frequency either, and nobody asked for a detector.
        (None, None) => Fix::Manual(
            "there is no detector, and the baseline does not ask for one here: ask for \
             guardduty.detector.enabled as well, or exempt this too"
                .to_owned(),
        ),
    })
}

fn in_steps(steps: impl IntoIterator<Item = Step>) -> Fix {
    Fix::Steps { steps: steps.into_iter().collect(), needs: vec![] }
}

fn create(context: &Context<'_>, draft: Draft) -> CreateDetector {
    let object = Object { at: context.at.clone(), kind: Detector::META.id.to_owned(), name: NAME.to_owned() };
    CreateDetector { publishing_frequency: draft.frequency, features: draft.features, address: object.address() }
}

/// Without knowing the owner, what is as wanted is compliant whoever set it. Anything else is neither drift nor
/// somebody else's, and above all no reason to make a detector that an administrator would have to clear away.
fn judge_unowned(mut object: Bench<'_>, seen: Option<&Seen>, wanted: &Settings, unknown: &ReadError) -> Judged {
    let draft = Draft::of(seen);
    let named = wanted.admin_account.is_some();
    let mut say = |name: &str, met: bool, observed: Value, wanted: Value| {
        if met {
            object.judge(name, true, observed, wanted);
        } else {
            object.unreadable(name, unknown, wanted);
            let silent = if named { "" } else { ", and `admin_account` does not say" };
            let unknown = unknown.explained();
            object.because(format!("it is not known who administers GuardDuty here{silent}: {unknown}"));
        }
    };
    if wanted.asks_for_enabled() {
        say("enabled", draft.enabled, json!(draft.enabled), json!(true));
    }
    if let Some(frequency) = wanted.publishing_frequency {
        say("publishing_frequency", draft.frequency >= Some(frequency), json!(draft.frequency), json!(frequency));
    }
    let offered = |feature: &Feature| seen.is_none_or(|detector| detector.offers(*feature));
    for feature in wanted.features().filter(offered) {
        let on = draft.features.contains(&feature);
        say(meta::requirement(feature), on, json!(on), json!(true));
    }
    for feature in wanted.features().filter(|feature| !offered(feature)) {
        let reason = format!("the region does not offer {}", feature.name());
        object.not_applicable(meta::requirement(feature), reason, true.into());
    }
    object.mend(|| unreachable!("nothing that is met drifts"))
}
