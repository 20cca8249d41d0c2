//! Session policies: what a role session is narrowed to, whatever its role may do.
//!
//! There is never a wildcard in an action. Where the narrowest policy does not fit, a wider one is sent, and never one
//! with an action less: then AWS would refuse in the middle of the work.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::observe::Call;
use crate::target::Partition;

/// AWS counts the characters of the inline policy, with those of the ARNs beside it.
const LONGEST: usize = 2048;

/// What a role session is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The inline policy, JSON; none where the managed ones say it all.
    pub inline: Option<String>,
    /// ARNs of managed policies beside it.
    pub managed: Vec<String>,
    /// What to send where AWS finds this one too large. It also counts a packed form that only AWS knows.
    pub wider: Option<Box<SessionPolicy>>,
}

/// Actions on resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// IAM actions, in full.
    pub actions: BTreeSet<String>,
    /// Resource ARNs, or `*`.
    pub resources: BTreeSet<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    effect: &'static str,
    action: &'a BTreeSet<String>,
    resource: &'a BTreeSet<String>,
}

fn document(grants: &[Grant]) -> String {
    let statements: Vec<_> = grants
        .iter()
        .map(|Grant { actions, resources }| Statement { effect: "Allow", action: actions, resource: resources })
        .collect();
    serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

impl SessionPolicy {
    /// Just these reads; where they do not fit, AWS's own `SecurityAudit` and what it lacks.
    #[must_use]
    pub fn reading(calls: &[Call], partition: &Partition) -> Self {
        Self::granting(&[Grant::anywhere(calls.iter().map(|call| call.action.to_owned()).collect())], partition)
    }

    /// Just these grants. Where they do not fit, their reads come from `SecurityAudit`; and what takes most room for its
    /// resources is allowed on all of them, one after another.
    #[must_use]
    pub fn granting(grants: &[Grant], partition: &Partition) -> Self {
        let grants = tidied(grants);
        let plain = Self { inline: Some(document(&grants)), ..Self::default() };
        let audited = with_security_audit(&grants, partition);
        let mut policy = widened(&grants).map(|wider| Self::granting(&wider, partition));
        for form in [audited, Some(plain)].into_iter().flatten() {
            // At the end of the chain stands one in any case: without a policy a session could do what its role may.
            if form.fits() || policy.is_none() {
                policy = Some(Self { wider: policy.map(Box::new), ..form });
            }
        }
        policy.expect("the plain form is there where no other is")
    }

    /// For each of these pieces of work a policy with its grants and the common ones: one policy for all of them where
    /// AWS takes that, and otherwise for as many in a row as it takes. A number says which policy a piece has.
    #[must_use]
    pub fn sharing(common: &[Grant], work: &[Vec<Grant>], partition: &Partition) -> (Vec<Self>, Vec<usize>) {
        let of = |pieces: &[Vec<Grant>]| Self::granting(&[common, &pieces.concat()].concat(), partition);
        let all = of(work);
        if all.fits() {
            return (vec![all], vec![0; work.len()]);
        }
        // Each with the first piece that it is for.
        let mut policies: Vec<(usize, Self)> = vec![];
        let mut numbers = vec![];
        for piece in 0..work.len() {
            let more = policies.last().map(|(first, _)| (*first, of(&work[*first..=piece])));
            match more.filter(|(_, policy)| policy.fits()) {
                Some(more) => *policies.last_mut().expect("more than there was") = more,
                None => policies.push((piece, of(&work[piece..=piece]))),
            }
            numbers.push(policies.len() - 1);
        }
        (policies.into_iter().map(|(_, policy)| policy).collect(), numbers)
    }

    /// Nothing at all: for who only wants to know whether a role can be assumed.
    #[must_use]
    pub fn nothing() -> Self {
        let all = serde_json::json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
        let document = serde_json::json!({ "Version": "2012-10-17", "Statement": [all] });
        Self { inline: Some(document.to_string()), ..Self::default() }
    }

    /// Whether AWS takes it, by its characters.
    #[must_use]
    pub fn fits(&self) -> bool {
        let managed: usize = self.managed.iter().map(String::len).sum();
        self.inline.as_ref().map_or(0, String::len) + managed <= LONGEST
    }
}

impl Grant {
    /// On every resource.
    #[must_use]
    pub fn anywhere(actions: BTreeSet<String>) -> Self {
        Self { actions, resources: BTreeSet::from([ANYWHERE.to_owned()]) }
    }

    fn is_anywhere(&self) -> bool {
        self.resources.contains(ANYWHERE)
    }
}

const ANYWHERE: &str = "*";

/// The same in few statements: resources with the same actions together, and nothing that is allowed anywhere again.
fn tidied(grants: &[Grant]) -> Vec<Grant> {
    let everywhere = grants.iter().filter(|grant| grant.is_anywhere()).flat_map(|grant| grant.actions.clone());
    let anywhere = Grant::anywhere(everywhere.collect());
    let mut by_resource: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for grant in grants.iter().filter(|grant| !grant.is_anywhere()) {
        for resource in &grant.resources {
            let left = grant.actions.iter().filter(|action| !anywhere.actions.contains(*action));
            by_resource.entry(resource).or_default().extend(left);
        }
    }
    let mut by_actions: BTreeMap<BTreeSet<&String>, BTreeSet<String>> = BTreeMap::new();
    for (resource, actions) in by_resource {
        by_actions.entry(actions).or_default().insert(resource.clone());
    }
    let narrow = by_actions.into_iter().map(|(actions, resources)| {
        let actions = actions.into_iter().cloned().collect();
        Grant { actions, resources }
    });
    [anywhere].into_iter().chain(narrow).filter(|grant| !grant.actions.is_empty()).collect()
}

/// The same without what is longest to say: its actions are allowed on all resources. None: all are already.
fn widened(grants: &[Grant]) -> Option<Vec<Grant>> {
    let length = |grant: &Grant| grant.resources.iter().map(String::len).sum::<usize>();
    let narrow = grants.iter().filter(|grant| !grant.is_anywhere());
    let longest = narrow.max_by_key(|grant| length(grant))?;
    let others = grants.iter().filter(|grant| *grant != longest).cloned();
    Some(others.chain([Grant::anywhere(longest.actions.clone())]).collect())
}

/// The same with AWS's own policy of reads, where that saves any.
fn with_security_audit(grants: &[Grant], partition: &Partition) -> Option<SessionPolicy> {
    let mut lacking = grants.to_vec();
    for grant in lacking.iter_mut().filter(|grant| grant.is_anywhere()) {
        grant.actions.retain(|action| !in_security_audit(action));
    }
    if lacking == grants {
        return None;
    }
    lacking.retain(|grant| !grant.actions.is_empty());
    Some(SessionPolicy {
        inline: (!lacking.is_empty()).then(|| document(&lacking)),
        managed: vec![format!("arn:{partition}:iam::aws:policy/SecurityAudit")],
        wider: None,
    })
}

/// What `SecurityAudit` allows in the services that are read (its version 45, of October 2024). A service or an action
/// that is not here goes into the inline policy, so a gap costs room and nothing else.
#[must_use]
pub fn in_security_audit(action: &str) -> bool {
    const WHOLE: &[&str] = &[
        "account:GetAlternateContact",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
        "cloudtrail:ListTrails",
        "iam:GenerateCredentialReport",
        "s3:GetAccountPublicAccessBlock",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListAllMyBuckets",
    ];
    const BEGINNINGS: &[&str] = &[
        "ec2:Describe",
        "guardduty:Get",
        "guardduty:List",
        "iam:Get",
        "iam:List",
        "kms:Describe",
        "kms:Get",
        "kms:List",
        "organizations:Describe",
        "organizations:List",
        "s3:GetBucket",
    ];
    WHOLE.contains(&action) || BEGINNINGS.iter().any(|beginning| action.starts_with(beginning))
}

/// A statement that allows actions.
#[must_use]
pub fn statement<'a>(actions: impl Iterator<Item = &'a str>, resource: &Value) -> String {
    let actions: BTreeSet<&str> = actions.collect();
    json!({"Effect": "Allow", "Action": actions, "Resource": resource}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws() -> Partition {
        Partition::of_arn("arn:aws-cn:iam::111122223333:root").expect("an ARN")
    }

    fn call(action: &'static str) -> Call {
        Call { service: "IAM", operation: "", action }
    }

    fn grant(action: &str, resource: &str) -> Grant {
        Grant { actions: BTreeSet::from([action.to_owned()]), resources: BTreeSet::from([resource.to_owned()]) }
    }

    fn key(n: u32) -> String {
        format!("arn:aws-cn:kms:cn-north-1:111122223333:key/{n:036}")
    }

    fn chain(policy: &SessionPolicy) -> Vec<&SessionPolicy> {
        std::iter::successors(Some(policy), |policy| policy.wider.as_deref()).collect()
    }

    #[test]
    fn few_reads_are_named_one_by_one_sorted_and_once() {
        let calls = [call("kms:ListKeys"), call("iam:GetRole"), call("kms:ListKeys")];
        let policy = SessionPolicy::reading(&calls, &aws());
        assert_eq!(
            policy.inline.expect("inline"),
            r#"{"Statement":[{"Action":["iam:GetRole","kms:ListKeys"],"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}"#
        );
        assert!(policy.managed.is_empty());
    }

    #[test]
    fn what_does_not_fit_comes_from_security_audit_and_the_rest_is_named() {
        let long: Vec<&'static str> = (0..60)
            .map(|n| &*Box::leak(format!("iam:GetSomethingWithALongName{n:04}").into_boxed_str()))
            .chain(["account:ListRegions", "s3:GetObjectLockConfiguration"])
            .collect();
        let policy = SessionPolicy::reading(&long.into_iter().map(call).collect::<Vec<_>>(), &aws());
        assert_eq!(policy.managed, ["arn:aws-cn:iam::aws:policy/SecurityAudit"]);
        let inline = policy.inline.expect("inline");
        assert!(inline.contains(r#"["account:ListRegions","s3:GetObjectLockConfiguration"]"#), "{inline}");
    }

    #[test]
    fn reads_that_fit_are_followed_by_security_audit_for_when_they_are_too_large_once_packed() {
        let policy = SessionPolicy::reading(&[call("iam:GetRole"), call("account:ListRegions")], &aws());
        let wider = policy.wider.expect("another form");
        assert_eq!(wider.managed.len(), 1);
        let inline = wider.inline.expect("inline");
        assert!(inline.contains("account:ListRegions") && !inline.contains("iam:GetRole"), "{inline}");
        assert_eq!(wider.wider, None);
        assert_eq!(
            SessionPolicy::reading(&[call("account:ListRegions")], &aws()).wider,
            None,
            "nothing would be saved"
        );
    }

    #[test]
    fn resources_with_the_same_actions_are_one_statement() {
        let grants: Vec<Grant> = (0..10).map(|n| grant("kms:EnableKeyRotation", &key(n))).collect();
        let inline = SessionPolicy::granting(&grants, &aws()).inline.expect("inline");
        assert!(inline.contains(&key(3)) && inline.matches("kms:EnableKeyRotation").count() == 1, "{inline}");
    }

    #[test]
    fn what_is_longest_to_say_is_allowed_on_all_resources_first_and_the_rest_stays_narrow() {
        let keys = (0..40).map(|n| grant("kms:EnableKeyRotation", &key(n)));
        let bucket = grant("s3:PutBucketPolicy", "arn:aws-cn:s3:::logs");
        let grants: Vec<Grant> = keys.chain([bucket, grant("kms:ListKeys", "*")]).collect();
        let policy = SessionPolicy::granting(&grants, &aws());
        assert_eq!(
            policy.inline.as_deref(),
            Some(concat!(
                r#"{"Statement":[{"Action":["kms:EnableKeyRotation","kms:ListKeys"],"Effect":"Allow","Resource":["*"]},"#,
                r#"{"Action":["s3:PutBucketPolicy"],"Effect":"Allow","Resource":["arn:aws-cn:s3:::logs"]}],"#,
                r#""Version":"2012-10-17"}"#
            ))
        );
    }

    #[test]
    fn every_form_fits_and_allows_each_action_and_none_is_without_a_policy() {
        let keys = (0..20).map(|n| grant("kms:EnableKeyRotation", &key(n)));
        let grants: Vec<Grant> =
            keys.chain([grant("s3:PutBucketPolicy", "arn:aws-cn:s3:::logs"), grant("kms:ListKeys", "*")]).collect();
        let policy = SessionPolicy::granting(&grants, &aws());
        let forms = chain(&policy);
        assert_eq!(forms.len(), 6, "narrow, keys anywhere, all anywhere: each by itself and with SecurityAudit");
        for form in forms {
            let inline = form.inline.as_deref().expect("writes are inline");
            assert!(form.fits() && inline.contains("kms:EnableKeyRotation") && inline.contains("s3:PutBucketPolicy"));
            assert_ne!(inline.contains("kms:ListKeys"), !form.managed.is_empty(), "{inline}");
        }
    }

    #[test]
    fn what_fits_in_no_form_is_sent_all_the_same_so_that_aws_refuses_it() {
        let actions = (0..80).map(|n| format!("service:DoSomethingWithALongName{n:04}")).collect();
        let policy = SessionPolicy::granting(&[Grant::anywhere(actions)], &aws());
        assert!(policy.inline.is_some_and(|inline| inline.len() > LONGEST));
    }

    #[test]
    fn work_shares_a_policy_as_long_as_aws_takes_it() {
        let common = [grant("kms:ListKeys", "*")];
        let piece = |n: u32| {
            let actions = (0..20).map(|action| format!("service:DoSomethingWithALongName{n:02}{action:02}")).collect();
            vec![Grant::anywhere(actions)]
        };
        let (policies, numbers) = SessionPolicy::sharing(&common, &[piece(0), piece(1)], &aws());
        assert_eq!((policies.len(), numbers), (1, vec![0, 0]));
        let work: Vec<Vec<Grant>> = (0..5).map(piece).collect();
        let (policies, numbers) = SessionPolicy::sharing(&common, &work, &aws());
        assert_eq!(numbers, [0, 0, 1, 1, 2]);
        for (number, piece) in numbers.into_iter().zip(&work) {
            for form in chain(&policies[number]) {
                let inline = form.inline.as_deref().expect("writes are inline");
                assert!(form.fits() && piece[0].actions.iter().all(|action| inline.contains(action)), "{inline}");
            }
        }
        assert!(SessionPolicy::sharing(&common, &[], &aws()).0.len() == 1, "what has no work may read");
    }

    #[test]
    fn an_action_that_is_allowed_anywhere_is_not_said_again() {
        let inline = SessionPolicy::granting(&[grant("a:B", "*"), grant("a:B", "arn:aws-cn:a:::b")], &aws()).inline;
        assert!(inline.is_some_and(|inline| !inline.contains("arn:")));
    }
}
