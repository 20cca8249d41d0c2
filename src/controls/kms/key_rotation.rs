//! `kms.key_rotation`: the keys of a region whose material is exchanged every year.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
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
}

impl Control for KeyRotation {
    const META: Meta = Meta {
        id: "kms.key_rotation",
        title: "Customer managed keys are rotated",
        why: "Whoever gets hold of a key's material can read everything that was ever encrypted with it. A key that \
              rotates protects each year's data with material of its own, and nobody who uses it has to change \
              anything.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
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
        }],
        steps: &["EnableKeyRotation"],
    };
    const NOTES: Notes = Notes {
        costs: &["Each of a key's first two rotations adds USD 1 to its price a month; later ones cost nothing \
             more."],
        disturbs: &[],
        undo: &["Rotation is switched off again, and material that was made by then stays."],
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
        wanted.enabled.map(|Yes| "enabled").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Keys, wanted: &Settings) -> Vec<Judged> {
        match wanted.enabled {
            None => vec![],
            Some(Yes) => seen.0.iter().map(|key| judge(context, key)).collect(),
        }
    }
}

fn judge(context: &Context<'_>, key: &Key) -> Judged {
    let mut object = context.object(const { &KeyRotation::META }, &key.id).bears(Tagged::Key, Some(key.id.clone()));
    match key.rotates.as_result() {
        Ok(rotates) => object.at_least("enabled", &mut rotates.clone(), Some(&true)),
        Err(error) => object.unreadable("enabled", error, true.into()),
    }
    object.mend(|| {
        let step = Step::EnableKeyRotation(EnableKeyRotation { key_id: key.id.clone() });
        Fix::Steps { steps: vec![step], needs: vec![] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, judged_at};
    use crate::observe::Readable;

    fn judged_with(accepted: &[Accepted], keys: Vec<Key>) -> Vec<Judged> {
        judged_at::<KeyRotation>(account_in_region(HERE), &Keys(keys), &Settings { enabled: Some(Yes) }, accepted)
    }

    fn judged(keys: Vec<Key>) -> Vec<Judged> {
        judged_with(&[], keys)
    }

    fn key(id: &str, rotates: bool) -> Key {
        Key { id: id.to_owned(), rotates: Readable::Read(rotates) }
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
        let step = Step::EnableKeyRotation(EnableKeyRotation { key_id: "a".to_owned() });
        assert!(step.cost().is_some(), "rotations bill");
        assert_eq!(drift.fix, Fix::Steps { steps: vec![step], needs: vec![] });
        assert_eq!(judged[1].drift, None);
    }

    #[test]
    fn a_key_that_refuses_is_unreadable_and_the_rest_of_the_region_is_judged() {
        let error = denied("kms:DescribeKey", account_in_region(HERE));
        let refusing = Key { id: "a".to_owned(), rotates: Readable::Unreadable(error.clone()) };
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
        assert_eq!(KeyRotation::required(&Settings { enabled: Some(Yes) }), ["enabled"]);
    }
}
