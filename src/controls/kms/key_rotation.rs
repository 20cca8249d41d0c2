//! `kms.key_rotation`: the keys of a region whose material is exchanged every year, or more often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Bench, Fix, Judged};
use crate::frameworks::{cis, nist, security_hub};
use crate::observe::Tagged;
use crate::observe::kms::{Key, Keys};
use crate::steps::Step;
use crate::steps::kms::EnableKeyRotation;

/// See the module.
pub struct KeyRotation;

/// What the keys of a region have to do.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Rotate every customer managed symmetric key. A key that rotates more often than once a year is kept so.
    enabled: Option<Yes>,
    /// After how many days the material is rotated at the latest. What is rotated more often is kept so. Left out: any
    /// period will do, and a key that is not rotated is from then on rotated once a year.
    #[schemars(range(min = 90, max = 2560))]
    rotation_period_days: Option<u32>,
}

impl Control for KeyRotation {
    const META: Meta = Meta {
        id: "kms.key_rotation",
        title: "Customer managed keys are rotated",
        why: "Whoever gets hold of a key's material can read everything that was ever encrypted with it. A key that \
              rotates protects each year's data with material of its own, and nobody who uses it has to change \
              anything.",
        runs: Runs::EveryRegion,
        requirements: &[
            Requirement {
                id: "kms.key_rotation.enabled",
                title: "The key's material is rotated automatically",
                severity: Severity::Medium,
                references: &[
                    cis("1.4-2.0", "3.8"),
                    cis("3.0-5.0", "3.6"),
                    cis("6.0-7.0", "4.6"),
                    security_hub("KMS.4"),
                    nist("CM-6 CM-9 SA-9(6) SC-12 SC-12(2) SC-12(6)"),
                ],
            },
            Requirement {
                id: "kms.key_rotation.period",
                title: "It is rotated as often as wanted, or more often",
                severity: Severity::Low,
                references: &[],
            },
        ],
        steps: &["EnableKeyRotation"],
    };
    const NOTES: Notes = Notes {
        costs: &["Each of a key's first two rotations adds USD 1 to its price a month; later ones cost nothing \
             more."],
        disturbs: &[],
        undo: &[
            "Rotation is switched off again, or the former period is set again; material that was made by then stays.",
        ],
        traps: &[
            "A key whose policy lets nobody of its own account in cannot be read: it is unreadable, and \
             named.",
            "Keys with material of one's own, keys for signatures and keys in a custom key store cannot be \
             rotated by KMS, and are not judged.",
        ],
    };
    const TAGGED: &'static [Tagged] = &[Tagged::Key];
    type Settings = Settings;
    type Observed = Keys;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [("enabled", wanted.enabled.is_some()), ("period", wanted.rotation_period_days.is_some())];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Keys, wanted: &Settings) -> Vec<Judged> {
        if Self::required(wanted).is_empty() {
            return vec![];
        }
        seen.0.iter().map(|key| judge(context, key, wanted)).collect()
    }
}

fn judge(context: &Context<'_>, key: &Key, wanted: &Settings) -> Judged {
    let mut object = context.object(const { &KeyRotation::META }, &key.id).bears(Tagged::Key, Some(key.id.clone()));
    match key.rotates.as_result() {
        Ok(rotates) => object.at_least("enabled", &mut rotates.clone(), Yes::flag(wanted.enabled)),
        Err(error) if wanted.enabled.is_some() => object.unreadable("enabled", error, true.into()),
        Err(_) => {}
    }
    let (before, set) = judge_period(context, &mut object, key, wanted);
    object.mend(|| {
        let days = |days: u32| i32::try_from(days).ok();
        let (period_days, instead_of) = (set.and_then(days), before.and_then(days));
        let step = EnableKeyRotation { key_id: key.id.clone(), period_days, instead_of };
        Fix::Steps { steps: vec![Step::EnableKeyRotation(step)], needs: vec![] }
    })
}

/// Judges how often a key is rotated; answers after how many days it is now, and after how many it has to be, where that
/// drifted. A key that is not rotated and whose period is exempt gets that of AWS.
fn judge_period(
    context: &Context<'_>,
    object: &mut Bench<'_>,
    key: &Key,
    wanted: &Settings,
) -> (Option<u32>, Option<u32>) {
    let Some(days) = wanted.rotation_period_days else { return (None, None) };
    let period = match key.period.as_result() {
        Ok(period) => *period,
        Err(error) => {
            object.unreadable("period", error, days.into());
            return (None, None);
        }
    };
    let stays_off = || context.exemption(KeyRotation::META.requirement("enabled").id, &key.id).is_some();
    if period.is_none() && stays_off() {
        object.not_applicable("period", "that the key is not rotated is accepted", days.into());
        return (None, None);
    }
    let mut draft = period;
    object.at_most("period", &mut draft, Some(days));
    (period, draft.filter(|_| draft != period))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, judged_at};
    use crate::observe::Readable;

    const ON: Settings = Settings { enabled: Some(Yes), rotation_period_days: None };
    const OFTEN: Settings = Settings { enabled: Some(Yes), rotation_period_days: Some(180) };

    fn judged_by(wanted: &Settings, accepted: &[Accepted], keys: Vec<Key>) -> Vec<Judged> {
        judged_at::<KeyRotation>(account_in_region(HERE), &Keys(keys), wanted, accepted)
    }

    fn judged_with(accepted: &[Accepted], keys: Vec<Key>) -> Vec<Judged> {
        judged_by(&ON, accepted, keys)
    }

    fn judged(keys: Vec<Key>) -> Vec<Judged> {
        judged_with(&[], keys)
    }

    fn key(id: &str, rotates: bool) -> Key {
        every(id, rotates.then_some(365))
    }

    /// A key that is rotated after so many days.
    fn every(id: &str, days: Option<u32>) -> Key {
        Key { id: id.to_owned(), rotates: Readable::Read(days.is_some()), period: Readable::Read(days) }
    }

    fn step(judged: &Judged) -> (Option<i32>, Option<i32>) {
        let Fix::Steps { steps, .. } = &drift(judged).fix else { panic!("steps") };
        let [Step::EnableKeyRotation(step)] = &**steps else { panic!("one step: {steps:?}") };
        (step.period_days, step.instead_of)
    }

    #[test]
    fn a_key_that_rotates_too_seldom_is_drifted_and_one_that_rotates_more_often_is_kept() {
        let keys = [365, 181, 180, 90].map(|days| every("a", Some(days))).to_vec();
        let judged = judged_by(&OFTEN, &[], keys);
        assert_eq!(judged.iter().filter(|one| one.drift.is_some()).count(), 2);
        let of_first = drift(&judged[0]);
        assert_eq!((&*of_first.differences[0].requirement, of_first.differences.len()), ("kms.key_rotation.period", 1));
        assert_eq!((step(&judged[0]), step(&judged[1])), ((Some(180), Some(365)), (Some(180), Some(181))));
        let Fix::Steps { steps, .. } = &of_first.fix else { panic!("steps") };
        assert_eq!(steps[0].says(), "EnableKeyRotation of key a, every 180 days and not every 365");
        assert_eq!(steps[0].undo(), "EnableKeyRotation of key a, every 365 days");
    }

    #[test]
    fn a_key_that_does_not_rotate_is_told_to_that_often_unless_that_is_exempt() {
        let judged = judged_by(&OFTEN, &[], vec![every("a", None)]);
        assert_eq!((drift(&judged[0]).differences.len(), step(&judged[0])), (2, (Some(180), None)));
        let judged = judged_by(&OFTEN, &[exempt("kms.key_rotation.period")], vec![every("a", None)]);
        assert_eq!((drift(&judged[0]).differences.len(), step(&judged[0])), (1, (None, None)));
        let judged = judged_by(&OFTEN, &[exempt("kms.key_rotation.enabled")], vec![every("a", None)]);
        assert_eq!(judged[0].drift, None, "what is exempt is not switched on for its period");
        assert!(matches!(judged[0].findings[1].verdict, Verdict::NotApplicable(_)));
    }

    #[test]
    fn a_period_that_is_not_said_is_unreadable_and_no_drift() {
        let error = denied("kms:GetKeyRotationStatus", account_in_region(HERE));
        let silent = Key { period: Readable::Unreadable(error.clone()), ..key("a", true) };
        let judged = judged_by(&OFTEN, &[], vec![silent.clone()]);
        assert_eq!(judged[0].findings[0].verdict, Verdict::Compliant);
        assert_eq!((&judged[0].findings[1].verdict, &judged[0].drift), (&Verdict::Unreadable(error), &None));
        assert_eq!(self::judged(vec![silent])[0].findings.len(), 1, "nobody asks for it");
    }

    #[test]
    fn a_key_that_rotates_is_compliant() {
        let judged = judged(vec![key("a", true)]);
        assert_eq!(judged[0].findings[0].verdict, Verdict::Compliant);
        assert_eq!(judged[0].drift, None);
    }

    #[test]
    fn a_key_that_does_not_rotate_is_drifted_and_the_others_are_left_alone() {
        let judged = judged(vec![key("a", false), key("b", true)]);
        let drift = drift(&judged[0]);
        assert_eq!(drift.object.address(), "111122223333/eu-west-1/kms.key_rotation/a");
        assert_eq!(drift.differences[0].requirement, "kms.key_rotation.enabled");
        let step =
            Step::EnableKeyRotation(EnableKeyRotation { key_id: "a".to_owned(), period_days: None, instead_of: None });
        assert!(step.cost().is_some(), "rotations bill");
        assert_eq!(drift.fix, Fix::Steps { steps: vec![step], needs: vec![] });
        assert_eq!(judged[1].drift, None);
    }

    #[test]
    fn a_key_that_refuses_is_unreadable_and_the_rest_of_the_region_is_judged() {
        let error = denied("kms:DescribeKey", account_in_region(HERE));
        let refusing = Key {
            id: "a".to_owned(),
            rotates: Readable::Unreadable(error.clone()),
            period: Readable::Unreadable(error.clone()),
        };
        let judged = judged(vec![refusing, key("b", false)]);
        assert_eq!(judged[0].findings[0].verdict, Verdict::Unreadable(error));
        assert_eq!(judged[0].drift, None);
        assert_eq!(judged[1].findings[0].verdict, Verdict::Drifted);
    }

    #[test]
    fn a_key_is_asked_for_its_tags_where_it_drifts() {
        let judged = judged(vec![key("a", false), key("b", true)]);
        assert_eq!(judged[0].bears, Some((Tagged::Key, "a".to_owned())));
        assert_eq!(judged[1].bears, None);
    }

    #[test]
    fn an_exempt_key_is_left_alone_beside_a_drifted_one() {
        let accepted = Accepted { objects: vec!["a".to_owned()], ..exempt("kms.key_rotation.enabled") };
        let judged = judged_with(&[accepted], vec![key("a", false), key("b", false)]);
        assert!(matches!(judged[0].findings[0].verdict, Verdict::Exempt(_)));
        assert_eq!(judged[0].drift, None);
        assert!(judged[1].drift.is_some());
    }

    #[test]
    fn a_region_without_keys_has_nothing_to_judge() {
        assert_eq!(judged(vec![]), vec![]);
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(KeyRotation::required(&Settings::default()), Vec::<&str>::new());
        assert_eq!(KeyRotation::required(&ON), ["enabled"]);
        assert_eq!(KeyRotation::required(&Settings { enabled: None, ..OFTEN }), ["period"]);
    }
}
