//! What is printed, for every control: exact, explained, and no wider than it has to be.

use jiff::civil::date;

use super::needed::declared;
use super::*;
use crate::aws::{SessionPolicy, in_security_audit};
use crate::baseline::{Baseline, SHIPPED};
use crate::control::Severity;
use crate::controls::CONTROLS;
use crate::controls::made::EVERY_CONTROL;
use crate::observe::Call;
use crate::organization;
use crate::steps::{DECLARED, OF_ORGANIZATION};
use crate::target::Partition;

fn baseline(text: &str) -> Baseline {
    Baseline::from_text("test", text, &controls::shapes(), date(2026, 11, 22)).expect("a baseline")
}

fn access(read: &str, write: &str) -> Access {
    Access { read_role: vec![read.to_owned()], write_role: Some(write.to_owned()), ..Access::default() }
}

fn named(baseline: &Baseline) -> Vec<&'static dyn AnyControl> {
    baseline.control_ids().into_iter().filter_map(controls::find).collect()
}

fn policies(text: &str, apply: bool) -> Vec<Policy> {
    let (baseline, access) = (baseline(text), access("trueup-read", "trueup-write"));
    let controls = named(&baseline);
    let asked = Asked { baseline: &baseline, controls: &controls, access: &access, apply, reverts: &[], shared: &[] };
    of(&asked).expect("policies")
}

fn find(policies: &[Policy], holder: Holder) -> &Policy {
    policies.iter().find(|policy| policy.holder == holder).expect("it is there")
}

const EVERYTHING: &str = "version: 1\nmanagement_account: include\nextends: [foundation]\n";

const ORGANIZATION: &str = "\
version: 1
management_account: include
controls:
  cloudtrail.trail: { scope: organization, multi_region: true, logging: true, kms_key: alias/trueup-trail }
";

const ACCOUNT: &str = "\
version: 1
controls:
  cloudtrail.trail: { scope: account, multi_region: true, bucket: \"logs-of-{account}\" }
";

/// Each shipped baseline, one with every control, and two that are narrow, by a name.
fn each_baseline() -> Vec<(String, String)> {
    let included = "management_account: include\n";
    let shipped =
        SHIPPED.iter().map(|(name, _)| (format!("{name}.yaml"), format!("version: 1\n{included}extends: [{name}]\n")));
    let every = format!("{included}{EVERY_CONTROL}");
    assert_eq!(named(&baseline(&every)).len(), CONTROLS.len(), "it asks for every control");
    let others =
        [("every_control.yaml", every.as_str()), ("an organization's trail", ORGANIZATION), ("a trail", ACCOUNT)];
    shipped.chain(others.map(|(name, text)| (name.to_owned(), text.to_owned()))).collect()
}

#[test]
fn no_action_has_a_wildcard_and_every_document_is_short_enough() {
    for (name, text) in each_baseline() {
        for policy in policies(&text, true) {
            let documents = documents(&policy);
            for document in &documents {
                assert!(document.characters < 6_144, "{name}: {}: {}", document.name, document.characters);
            }
            for action in policy.allowed.keys().chain(policy.denied.values().flatten()) {
                assert!(!action.contains(['*', '?']) && action.contains(':'), "{name}: {action}");
            }
        }
    }
}

#[test]
fn documents_say_together_what_the_policy_says() {
    let blanks = Blanks { partition: "aws", account: "111122223333" };
    for policy in each_baseline().iter().flat_map(|(_, text)| policies(text, true)) {
        let mut said: BTreeSet<(String, String)> = BTreeSet::new();
        for document in documents(&policy) {
            let json = document.json(blanks);
            for statement in json["Statement"].as_array().expect("statements") {
                let effect = statement["Effect"].as_str().expect("an effect");
                let actions = statement["Action"].as_array().expect("actions").iter();
                said.extend(actions.map(|action| (effect.to_owned(), action.as_str().unwrap_or_default().to_owned())));
            }
        }
        let allowed = policy.allowed.keys().map(|action| ("Allow".to_owned(), action.clone()));
        let denied = policy.denied.values().flatten().map(|action| ("Deny".to_owned(), action.clone()));
        assert_eq!(said, allowed.chain(denied).collect());
    }
}

#[test]
fn a_long_policy_is_split_and_nothing_gets_lost() {
    let mut policy = Policy::new(Holder::Reader(Home::Member));
    for number in 0..400 {
        let resources = BTreeSet::from([format!("arn:{{partition}}:service::{{account}}:thing/{}", number % 3)]);
        let allowed = Allowed { resources, anywhere: None, because: BTreeSet::new() };
        policy.allowed.insert(format!("service:DescribeSomethingLong{number:04}"), allowed);
    }
    let documents = documents(&policy);
    assert!(documents.len() > 2, "{}", documents.len());
    assert!(documents.iter().all(|document| document.characters < 6_144));
    let text: String = documents
        .iter()
        .map(|document| document.json(Blanks { partition: "aws", account: "*" }))
        .map(|json| json.to_string())
        .collect();
    assert!((0..400).all(|number| text.contains(&format!("Long{number:04}"))));
    assert_eq!((documents[0].name.as_str(), documents[1].name.as_str()), ("read-member", "read-member-2"));
}

#[test]
fn every_resource_is_named_unless_it_says_why_not() {
    for (name, text) in each_baseline() {
        for policy in policies(&text, true) {
            for (action, allowed) in &policy.allowed {
                assert_eq!(allowed.resources.contains("*"), allowed.anywhere.is_some(), "{name}: {action}");
                assert!(!allowed.resources.is_empty() && !allowed.because.is_empty(), "{name}: {action}");
                assert_ne!(allowed.anywhere, Some(Anywhere::Unknown), "{name}: the reference does not know {action}");
                let takes_a_resource =
                    reference::look_up(action).is_some_and(|known| known.on != reference::On::Nothing);
                assert_eq!(allowed.anywhere.is_none(), takes_a_resource, "{name}: {action}");
            }
        }
    }
}

#[test]
fn a_read_role_only_reads() {
    let policies: Vec<Policy> = each_baseline().iter().flat_map(|(_, text)| policies(text, true)).collect();
    for policy in policies.iter().filter(|policy| matches!(policy.holder, Holder::Reader(_))) {
        for action in policy.allowed.keys() {
            let level = reference::look_up(action).expect("known").level;
            assert!(matches!(level, Level::List | Level::Read), "{action} is {level:?}");
        }
    }
}

#[test]
fn every_declared_action_is_known_to_aws() {
    let dependent = DECLARED.iter().flat_map(|(_, _, dependent)| *dependent).copied();
    let discovery = organization::CALLS.iter().chain(organization::STANDING_CALLS).map(|call| call.action);
    for action in declared().chain(dependent).chain(discovery) {
        assert!(reference::look_up(action).is_some(), "{action}");
    }
}

#[test]
fn what_is_of_the_organization_alone_is_among_what_is_checked_besides() {
    for (step, actions) in OF_ORGANIZATION {
        let (_, _, dependent) = DECLARED.iter().find(|(declared, ..)| declared == step).expect("it is declared");
        assert!(actions.iter().all(|action| dependent.contains(action)), "{step}");
    }
}

#[test]
fn with_a_trail_of_the_organization_members_are_not_written_and_hardly_read() {
    let policies = policies(ORGANIZATION, true);
    assert!(documents(find(&policies, Holder::Writer(Home::Member))).is_empty());
    let read: Vec<&String> = find(&policies, Holder::Reader(Home::Member)).allowed.keys().collect();
    assert_eq!(read, ["cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"]);
    let management = find(&policies, Holder::Writer(Home::Management));
    for action in ["cloudtrail:CreateTrail", "organizations:EnableAWSServiceAccess", "iam:GetRole", "kms:CreateKey"] {
        assert!(management.allowed.contains_key(action), "{action}");
    }
}

#[test]
fn names_of_the_settings_narrow_what_is_written() {
    let policies = policies(ACCOUNT, true);
    let writer = find(&policies, Holder::Writer(Home::Member));
    let on = |action: &str| writer.allowed[action].resources.iter().cloned().collect::<Vec<_>>();
    assert_eq!(on("s3:CreateBucket"), ["arn:{partition}:s3:::logs-of-*"]);
    assert_eq!(on("cloudtrail:UpdateTrail"), ["arn:{partition}:cloudtrail:*:{account}:trail/*"]);
    assert!(!writer.allowed.contains_key("cloudtrail:GetTrailStatus"), "logging is not asked for");
}

#[test]
fn the_bucket_of_a_trail_that_gets_a_key_is_read_by_any_name_and_written_by_the_named_one() {
    let policies = policies(&ACCOUNT.replace("multi_region", "existing: mend, kms: true, multi_region"), true);
    for holder in [Holder::Reader(Home::Member), Holder::Writer(Home::Member)] {
        let allowed = &find(&policies, holder).allowed;
        assert!(allowed["s3:ListBucket"].resources.contains("arn:{partition}:s3:::*"), "{holder:?}");
    }
    let written = &find(&policies, Holder::Writer(Home::Member)).allowed["s3:PutBucketPolicy"].resources;
    assert_eq!(written.iter().collect::<Vec<_>>(), ["arn:{partition}:s3:::logs-of-*"]);
}

#[test]
fn service_linked_roles_are_those_of_the_service() {
    let policies = policies(EVERYTHING, true);
    let writer = find(&policies, Holder::Writer(Home::Member));
    let roles = &writer.allowed["iam:CreateServiceLinkedRole"].resources;
    assert!(
        roles.contains("arn:{partition}:iam::{account}:role/aws-service-role/*guardduty.amazonaws.com/*"),
        "{roles:?}"
    );
}

#[test]
fn every_control_is_in_its_policies_by_itself() {
    for control in CONTROLS {
        let baseline = baseline(EVERY_CONTROL);
        let settings = baseline.variants(control.meta().id);
        assert!(!settings.is_empty(), "{} is not asked for", control.meta().id);
        let access = Access::default();
        let asked = Asked {
            baseline: &baseline,
            controls: &[*control],
            access: &access,
            apply: true,
            reverts: &[],
            shared: &[],
        };
        let needed = Needed::of(&asked).expect("needs");
        let of = needed.judging(Home::Management).find(|(of, _)| *of == control.meta().id);
        let (_, needs) = of.expect("it is needed");
        assert!(!needs.reads.is_empty(), "{}", control.meta().id);
        let severe = control.meta().requirements.iter().any(|one| one.severity >= Severity::Low);
        assert!(severe && needs.steps.iter().all(|step| control.meta().steps.contains(step)), "{}", control.meta().id);
    }
}

#[test]
fn what_is_denied_is_never_allowed_but_to_revert() {
    let (baseline, access) = (baseline(EVERYTHING), access("trueup-read", "security/trueup-write"));
    let (controls, reverts) = (named(&baseline), &["cloudtrail:DeleteTrail"][..]);
    let asked = Asked { baseline: &baseline, controls: &controls, access: &access, apply: true, reverts, shared: &[] };
    for policy in of(&asked).expect("policies") {
        let anywhere = policy.denied.get("*").cloned().unwrap_or_default();
        assert!(policy.allowed.keys().all(|action| !anywhere.contains(action)), "{:?}", policy.holder);
        if let Holder::Writer(_) = policy.holder {
            assert!(policy.allowed.contains_key("cloudtrail:DeleteTrail"));
            assert!(anywhere.contains("kms:ScheduleKeyDeletion") && anywhere.contains("cloudtrail:StopLogging"));
            let own = "arn:{partition}:iam::{account}:role/security/trueup-write";
            assert!(policy.denied[own].contains("iam:UpdateAssumeRolePolicy"));
        }
    }
}

#[test]
fn the_caller_finds_and_enters_accounts_and_reads_tags_only_where_a_selector_asks() {
    let caller = |text: &str| find(&policies(text, true), Holder::Caller).clone();
    let plain = caller(ACCOUNT);
    assert!(!plain.allowed.contains_key("organizations:ListTagsForResource"));
    let roles: Vec<&String> = plain.allowed["sts:AssumeRole"].resources.iter().collect();
    assert_eq!(roles, ["arn:{partition}:iam::*:role/trueup-read", "arn:{partition}:iam::*:role/trueup-write"]);
    let tagged = "version: 1\ncontrols:\n  iam.password_policy: { minimum_length: 14 }\noverrides:\n  \
                  - match: { tag: tier=1 }\n    controls:\n      iam.password_policy: { minimum_length: 16 }\n";
    assert!(caller(tagged).allowed.contains_key("organizations:ListTagsForResource"));
}

#[test]
fn what_others_may_not_undo_is_what_the_baseline_holds() {
    let trail = protected(&policies(ACCOUNT, true));
    assert!(trail.contains("cloudtrail:StopLogging") && trail.contains("cloudtrail:UpdateTrail"), "{trail:?}");
    assert!(trail.iter().all(|action| !action.starts_with("guardduty:")), "{trail:?}");
    assert!(!trail.contains("s3:CreateBucket") && !trail.contains("kms:CreateKey"));
}

#[test]
fn the_reads_of_every_control_fit_a_session_and_each_is_allowed_in_every_form() {
    let partition = Partition::of_arn("arn:aws-cn:iam::111122223333:root").expect("an ARN");
    for home in [Home::Member, Home::Management] {
        let calls: Vec<Call> = controls::calls(CONTROLS.iter().copied(), home).into_iter().collect();
        let whole = SessionPolicy::reading(&calls, &partition);
        for form in std::iter::successors(Some(&whole), |policy| policy.wider.as_deref()) {
            let inline = form.inline.as_deref().unwrap_or_default();
            assert!(form.fits(), "{home:?}: {} characters", inline.len());
            for Call { action, .. } in &calls {
                let audited = !form.managed.is_empty() && in_security_audit(action);
                assert!(audited || inline.contains(&format!("{action:?}")), "{home:?}: {action} in {inline}");
            }
        }
    }
}
