//! `ec2.ebs_encryption_default`: new volumes of a region are encrypted, by the key that is wanted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::by;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::{cis, nist, security_hub};
use crate::observe::ec2::ebs::{DefaultKey, EbsEncryption, KEY_OF_AWS};
use crate::observe::kms::KeyState;
use crate::observe::{Home, Readable, Reads};
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::ec2::{EnableEbsEncryptionByDefault, ModifyEbsDefaultKmsKeyId};
use crate::target::Region;

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
            "AWS takes any key, and launches fail later by one that cannot be used: one that is disabled, not symmetric, of \
             another region, or whose policy lets in neither the account nor Auto Scaling is left to a person.",
            "Who launches instances has to be allowed to use a key of your own, Auto Scaling's service-linked role too: its \
             policy has to grant it, or launches fail. A policy that does not name this role is said. The policy of a key \
             of another account cannot be read here.",
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
    let policy = key.policy.as_ref().map(Readable::as_result).transpose();
    let (found, policy) = match key.wanted.as_result().and_then(|found| Ok((found.as_ref(), policy?))) {
        Ok(both) => both,
        Err(error) => {
            object.unreadable("kms_key", error, name.into());
            return object.mend(|| unreachable!("nothing that is unreadable drifts"));
        }
    };
    let arn = found.map_or(name, |found| found.arn.as_str());
    let met = key.now == arn || key.now == name;
    let users = policy.map(|policy| Users::of(context, policy));
    let drifted = object.judge("kms_key", met, key.now.as_str().into(), arn.into());
    if drifted && users == Some(Users::WithoutAutoScaling) {
        object.because(format!(
            "the policy of the key {name} does not name Auto Scaling's service-linked role, which IAM lets use no key: \
             without a grant of its own it launches nothing by it"
        ));
    }
    let region = context.at.region.as_ref().unwrap_or(context.home_region);
    object.mend(|| match unusable(name, found, region).or_else(|| users.and_then(|users| users.why_none(name))) {
        None => by(Step::ModifyEbsDefaultKmsKeyId(ModifyEbsDefaultKmsKeyId { key: arn.to_owned() })),
        Some(why) => Fix::Manual(why),
    })
}

/// Whom the policy of a key lets launch instances by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Users {
    /// All whom IAM lets, or Auto Scaling.
    Some,
    /// All whom IAM lets, which is not enough for Auto Scaling.
    WithoutAutoScaling,
    /// None of these.
    None,
    /// The policy makes no sense.
    Unclear,
}

/// Auto Scaling as policies name it.
const SCALING: &str = "autoscaling.amazonaws.com";
/// By whom it launches instances; the name may go on.
const SCALING_ROLE: &str = "AWSServiceRoleForAutoScaling";

impl Users {
    /// By [what EBS](https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html) and
    /// [Auto Scaling](https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html)
    /// ask of a key.
    fn of(context: &Context<'_>, policy: &str) -> Self {
        let Ok(document) = Document::parse(Some(policy)) else { return Self::Unclear };
        let (partition, account) = (context.partition, &context.at.account);
        let region = context.at.region.as_ref().unwrap_or(context.home_region);
        let of_iam = |resource: &str| format!("arn:{partition}:iam::{account}:{resource}");
        let lets = |principal: String| {
            let statement = |action: &str| {
                json!({
                    "Effect": "Allow", "Action": action, "Resource": "*",
                    "Principal": { "AWS": principal },
                    "Condition": {
                        "Bool": { "kms:GrantIsForAWSResource": "true" },
                        "StringEquals": {
                            "kms:CallerAccount": account, "kms:ViaService": format!("ec2.{region}.amazonaws.com"),
                        },
                    },
                })
            };
            document.covers(&["kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext", "kms:Decrypt"].map(statement))
        };
        let scaling = format!("role/aws-service-role/{SCALING}/{SCALING_ROLE}");
        let all = lets(of_iam("root")) || lets(account.to_string());
        match (all, policy.contains(SCALING_ROLE) || lets(of_iam(&scaling))) {
            (_, true) => Self::Some,
            (true, false) => Self::WithoutAutoScaling,
            (false, false) => Self::None,
        }
    }

    /// Why nobody would launch an instance by the key.
    fn why_none(self, name: &str) -> Option<String> {
        match self {
            Self::Some | Self::WithoutAutoScaling => None,
            Self::None => Some(format!(
                "the policy of the key {name} lets neither who is let by IAM nor Auto Scaling's service-linked role use it, \
                 and launches would fail: let the account in there, or name another key"
            )),
            Self::Unclear => Some(format!("the policy of the key {name} makes no sense: name another key")),
        }
    }
}

/// Why AWS would take a key, and fail to launch instances with it later.
fn unusable(name: &str, found: Option<&KeyState>, region: &Region) -> Option<String> {
    match found {
        None => Some(format!("there is no key {name} in this region: make it, or name another")),
        Some(key) if !key.enabled => Some(format!("the key {name} is {}: enable it, or name another", key.state)),
        Some(key) if !key.fit && name != KEY_OF_AWS => {
            Some(format!("the key {name} cannot encrypt volumes: name a symmetric key that is not one of AWS"))
        }
        Some(key) if Region::of_arn(&key.arn).is_some_and(|of_key| of_key != *region) => {
            Some(format!("the key {name} is not in {region}: name one that is, such as by an alias"))
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
        let key = DefaultKey { now: now.to_owned(), wanted: Readable::Read(wanted), policy: None };
        EbsEncryption { enabled: true, key: Some(key) }
    }

    /// A key that would take the place of the one of AWS, with these principals who may do everything.
    fn with_policy(principals: &serde_json::Value) -> Judged {
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": principals }, "Action": "kms:*", "Resource": "*" },
        ]});
        with_text(Readable::Read(policy.to_string()))
    }

    fn with_text(policy: Readable<String>) -> Judged {
        let wanted = Readable::Read(Some(state()));
        let key = DefaultKey { now: "alias/aws/ebs".to_owned(), wanted, policy: Some(policy) };
        judged(&EbsEncryption { enabled: true, key: Some(key) }, r#"{"kms_key": "alias/volumes"}"#)
    }

    #[test]
    fn a_key_that_nobody_could_launch_by_is_left_to_a_person() {
        let other = json!(format!("arn:aws:iam::{HERE}:role/other"));
        for unusable in [with_policy(&other), with_text(Readable::Read("no policy".to_owned()))] {
            let Fix::Manual(why) = &drift(&unusable).fix else { panic!("no step") };
            assert!(why.contains("the policy of the key alias/volumes"), "{why}");
        }
        let abroad = KeyState { arn: ARN.replace("eu-west-1", "us-east-1"), ..state() };
        let judged = judged(&key("alias/aws/ebs", Some(abroad)), r#"{"kms_key": "alias/volumes"}"#);
        assert!(matches!(&drift(&judged).fix, Fix::Manual(why) if why.contains("is not in eu-west-1")));
    }

    #[test]
    fn a_policy_without_auto_scaling_is_said_and_one_with_it_is_not() {
        let root = format!("arn:aws:iam::{HERE}:root");
        let scaling = format!("arn:aws:iam::{HERE}:role/aws-service-role/{SCALING}/{SCALING_ROLE}_own");
        for (principals, said) in [
            (json!(root), true),
            (json!(HERE), true),
            (json!([root, scaling]), false),
            (json!(scaling), false),
            (json!("*"), false),
        ] {
            let judged = with_policy(&principals);
            assert_eq!(steps(&judged).len(), 1, "{principals}");
            let reason = judged.findings[0].reason.as_deref();
            assert_eq!(reason.is_some_and(|why| why.contains("service-linked role")), said, "{principals}: {reason:?}");
        }
    }

    #[test]
    fn a_policy_that_may_not_be_read_is_unreadable() {
        let error = denied("kms:GetKeyPolicy", account_in_region(HERE));
        let judged = with_text(Readable::Unreadable(error.clone()));
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Unreadable(error), &None));
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
        let wanted = Readable::Unreadable(error.clone());
        let unreadable = DefaultKey { now: ARN.to_owned(), wanted, policy: None };
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
        assert_eq!(needs(r#"{"kms_key": "alias/a"}"#), (4, vec!["ModifyEbsDefaultKmsKeyId"]));
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(EbsEncryptionDefault::required(&Settings::default()), [""; 0]);
        assert_eq!(judged_with(&[], &key(ARN, None), "{}"), vec![]);
    }
}
