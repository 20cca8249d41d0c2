//! `ec2.ebs_encryption_default`: new volumes of a region are encrypted, by the key that is wanted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::{cis, nist, security_hub};
use crate::observe::ec2::ebs::{DefaultKey, EbsEncryption, KEY_OF_AWS};
use crate::observe::kms::KeyState;
use crate::observe::{Home, Reads};
use crate::steps::Step;
use crate::steps::ec2::{EnableEbsEncryptionByDefault, ModifyEbsDefaultKmsKeyId};

/// See the module.
pub struct EbsEncryptionDefault;

/// What a region does with new volumes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Encrypt new volumes and copies of snapshots. What is there stays as it is. Snapshots that are encrypted with
    /// the key that AWS has for EBS cannot be shared with other accounts.
    enabled: Option<Yes>,
    /// The key that encrypts where none is named: an alias, an id or an ARN of a key that is there, in which
    /// `{account}` and `{region}` may stand. Left out, the key that is set stays.
    #[schemars(length(min = 1, max = 2048))]
    kms_key: Option<String>,
}

const ENCRYPTION: &str = "encryption by default";
const KEY: &str = "default key";

impl Control for EbsEncryptionDefault {
    const META: Meta = Meta {
        id: "ec2.ebs_encryption_default",
        title: "New EBS volumes are encrypted",
        why: "Whoever gets hold of a snapshot reads what was ever on its volume. With encryption by default nobody \
              has to remember to ask for it, and a snapshot is of use only to who may use its key.",
        runs: Runs::EveryRegion,
        requirements: &[
            Requirement {
                id: "ec2.ebs_encryption_default.enabled",
                title: "New volumes and copies of snapshots are encrypted, whether asked for or not",
                severity: Severity::Medium,
                references: &[
                    cis("1.4-3.0", "2.2.1"),
                    cis("4.0-5.0", "5.1.1"),
                    cis("6.0-7.0", "6.1.1"),
                    security_hub("EC2.7"),
                    nist("AU-9(3) CM-6 CM-9 CP-9 SC-8(3) SC-8(4) SC-13 SC-28(1) SI-19(4)"),
                ],
            },
            Requirement {
                id: "ec2.ebs_encryption_default.kms_key",
                title: "They are encrypted by the wanted key, where none is named",
                severity: Severity::Low,
                references: &[],
            },
        ],
        steps: &["EnableEbsEncryptionByDefault", "ModifyEbsDefaultKmsKeyId"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["With another default key, whoever may not use that key can start no instance and attach no \
             volume that it encrypts."],
        undo: &["Encryption by default is switched off again, and the former key is set again; what was encrypted \
             by then stays so."],
        traps: &[
            "Volumes and snapshots that are there stay as they are.",
            "A snapshot that is encrypted with the key that AWS has for EBS cannot be shared with other \
             accounts.",
            "Who launches instances has to be allowed to use a key of your own, Auto Scaling's service-linked role too: its \
             policy has to grant it, or launches fail.",
        ],
    };
    type Settings = Settings;
    type Observed = EbsEncryption;

    fn key(context: &Context<'_>, wanted: &Settings) -> Option<String> {
        let region = context.at.region.as_ref().unwrap_or(context.home_region);
        wanted.kms_key.as_ref().map(|name| context.named(name, region))
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [("enabled", wanted.enabled.is_some()), ("kms_key", wanted.kms_key.is_some())];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let reads = Reads::of::<EbsEncryption>();
        let named = wanted.kms_key.is_some();
        let reads = if named { reads.closure() } else { vec![reads] };
        let of_key = |step: &&str| *step == "ModifyEbsDefaultKmsKeyId";
        let steps = Self::META.steps.iter().filter(|step| if of_key(step) { named } else { wanted.enabled.is_some() });
        Needs { reads, steps: steps.copied().collect(), ..Needs::default() }
    }

    fn evaluate(context: &Context<'_>, seen: &EbsEncryption, wanted: &Settings) -> Vec<Judged> {
        let mut judged = vec![];
        if wanted.enabled.is_some() {
            let mut object = context.object(const { &Self::META }, ENCRYPTION);
            object.at_least("enabled", &mut seen.enabled.clone(), Yes::flag(wanted.enabled));
            judged.push(object.mend(|| by(Step::EnableEbsEncryptionByDefault(EnableEbsEncryptionByDefault {}))));
        }
        if let (Some(name), Some(key)) = (Self::key(context, wanted), &seen.key) {
            judged.push(judge_key(context, &name, key));
        }
        judged
    }
}

fn judge_key(context: &Context<'_>, name: &str, key: &DefaultKey) -> Judged {
    let mut object = context.object(const { &EbsEncryptionDefault::META }, KEY);
    let found = match key.wanted.as_result() {
        Ok(found) => found.as_ref(),
        Err(error) => {
            object.unreadable("kms_key", error, name.into());
            return object.mend(|| unreachable!("nothing that is unreadable drifts"));
        }
    };
    let arn = found.map_or(name, |found| found.arn.as_str());
    let met = key.now == arn || key.now == name;
    object.judge("kms_key", met, key.now.as_str().into(), arn.into());
    object.mend(|| match unusable(name, found) {
        None => by(Step::ModifyEbsDefaultKmsKeyId(ModifyEbsDefaultKmsKeyId { key: arn.to_owned() })),
        Some(why) => Fix::Manual(why),
    })
}

/// Why AWS would take a key, and fail to launch instances with it later.
fn unusable(name: &str, found: Option<&KeyState>) -> Option<String> {
    match found {
        None => Some(format!("there is no key {name} in this region: make it, or name another")),
        Some(key) if !key.enabled => Some(format!("the key {name} is {}: enable it, or name another", key.state)),
        Some(key) if !key.fit && name != KEY_OF_AWS => {
            Some(format!("the key {name} cannot encrypt volumes: name a symmetric key that is not one of AWS"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, judged_at, named, steps};
    use crate::observe::Readable;
    use crate::steps::Risk;

    const ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";

    fn key(now: &str, wanted: Option<KeyState>) -> EbsEncryption {
        EbsEncryption { enabled: true, key: Some(DefaultKey { now: now.to_owned(), wanted: Readable::Read(wanted) }) }
    }

    fn state() -> KeyState {
        KeyState { arn: ARN.to_owned(), enabled: true, state: "Enabled".to_owned(), fit: true }
    }

    fn judged_with(accepted: &[Accepted], seen: &EbsEncryption, yaml: &str) -> Vec<Judged> {
        let wanted: Settings = serde_json::from_str(yaml).expect("settings");
        judged_at::<EbsEncryptionDefault>(account_in_region(HERE), seen, &wanted, accepted)
    }

    fn judged(seen: &EbsEncryption, yaml: &str) -> Judged {
        let mut judged = judged_with(&[], seen, yaml);
        assert_eq!(judged.len(), 1);
        judged.remove(0)
    }

    #[test]
    fn what_is_not_encrypted_by_default_is_drifted_and_what_is_complies() {
        let off = EbsEncryption { enabled: false, key: None };
        let judged = judged(&off, r#"{"enabled": true}"#);
        assert_eq!(
            drift(&judged).object.address(),
            "111122223333/eu-west-1/ec2.ebs_encryption_default/encryption by default"
        );
        let step = Step::EnableEbsEncryptionByDefault(EnableEbsEncryptionByDefault {});
        assert_eq!((step.risk(), step.cost()), (Risk::Safe, None));
        assert_eq!(steps(&judged), [step]);
        let on = EbsEncryption { enabled: true, key: None };
        assert_eq!(self::judged(&on, r#"{"enabled": true}"#).drift, None);
    }

    #[test]
    fn another_key_than_the_wanted_one_is_drifted_and_is_a_disruption() {
        let wanted = r#"{"kms_key": "alias/volumes"}"#;
        for now in ["alias/aws/ebs", "arn:aws:kms:eu-west-1:111122223333:key/other"] {
            let judged = judged(&key(now, Some(state())), wanted);
            assert_eq!(named::<EbsEncryptionDefault>(&judged, |verdict| *verdict == Verdict::Drifted), ["kms_key"]);
            let step = Step::ModifyEbsDefaultKmsKeyId(ModifyEbsDefaultKmsKeyId { key: ARN.to_owned() });
            assert_eq!(step.risk(), Risk::Disruptive);
            assert_eq!(steps(&judged), [step]);
        }
        assert_eq!(judged(&key(ARN, Some(state())), wanted).drift, None);
    }

    #[test]
    fn the_key_of_aws_is_met_by_its_alias() {
        let of_aws = KeyState { fit: false, ..state() };
        let wanted = r#"{"kms_key": "alias/aws/ebs"}"#;
        assert_eq!(judged(&key("alias/aws/ebs", Some(of_aws.clone())), wanted).drift, None);
        assert_eq!(steps(&judged(&key("other", Some(of_aws)), wanted)).len(), 1);
    }

    #[test]
    fn a_key_that_could_not_encrypt_is_left_to_a_person() {
        let disabled = KeyState { enabled: false, state: "Disabled".to_owned(), ..state() };
        let unfit = KeyState { fit: false, ..state() };
        for (wanted, words) in [
            (None, "there is no key alias/volumes in this region"),
            (Some(disabled), "the key alias/volumes is Disabled"),
            (Some(unfit), "cannot encrypt volumes"),
        ] {
            let judged = judged(&key("alias/aws/ebs", wanted), r#"{"kms_key": "alias/volumes"}"#);
            let Fix::Manual(why) = &drift(&judged).fix else { panic!("no step") };
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn a_key_that_may_not_be_looked_at_is_unreadable_beside_encryption_that_drifted() {
        let error = denied("kms:DescribeKey", account_in_region(HERE));
        let unreadable = DefaultKey { now: ARN.to_owned(), wanted: Readable::Unreadable(error.clone()) };
        let seen = EbsEncryption { enabled: false, key: Some(unreadable) };
        let judged = judged_with(&[], &seen, r#"{"enabled": true, "kms_key": "alias/volumes"}"#);
        assert!(judged[0].drift.is_some());
        assert_eq!((&judged[1].findings[0].verdict, &judged[1].drift), (&Verdict::Unreadable(error), &None));
    }

    #[test]
    fn an_exempt_key_is_left_alone_beside_encryption_that_drifted() {
        let seen = EbsEncryption { enabled: false, ..key("alias/aws/ebs", Some(state())) };
        let accepted = [exempt("ec2.ebs_encryption_default.kms_key")];
        let judged = judged_with(&accepted, &seen, r#"{"enabled": true, "kms_key": "alias/volumes"}"#);
        assert_eq!(judged[0].findings[0].verdict, Verdict::Drifted);
        assert!(matches!(judged[1].findings[0].verdict, Verdict::Exempt(_)));
        assert_eq!(judged[1].drift, None);
    }

    #[test]
    fn who_names_no_key_needs_nothing_for_it() {
        let needs = |yaml: &str| {
            let wanted: Settings = serde_json::from_str(yaml).expect("settings");
            let needs = EbsEncryptionDefault::needs(&wanted, Home::Member);
            (needs.reads.iter().map(|reads| reads.calls.len()).sum::<usize>(), needs.steps)
        };
        assert_eq!(needs(r#"{"enabled": true}"#), (1, vec!["EnableEbsEncryptionByDefault"]));
        assert_eq!(needs(r#"{"kms_key": "alias/a"}"#), (3, vec!["ModifyEbsDefaultKmsKeyId"]));
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(EbsEncryptionDefault::required(&Settings::default()), [""; 0]);
        assert_eq!(judged_with(&[], &key(ARN, None), "{}"), vec![]);
    }
}
