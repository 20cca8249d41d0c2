use std::collections::BTreeMap;

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{self, HERE, account_in_region, drift, judged_at, steps};
use crate::steps::Risk;

const PROFILE: &str = "arn:aws:iam::111122223333:instance-profile/web";

fn instance(tokens: Tokens) -> Seen {
    Seen {
        id: "i-1".to_owned(),
        tokens,
        answers: true,
        operator: None,
        hops: Some(1),
        profile: Some(PROFILE.to_owned()),
        state: "running".to_owned(),
        tags: BTreeMap::new(),
    }
}

#[test]
fn who_would_be_hit_is_named() {
    let seen = tagged("Name", "web");
    let told = judged(seen.clone());
    let words = "web, running; with a hop limit of 1 no token reaches a container";
    assert_eq!(told.findings[0].reason.as_deref(), Some(words));
    let far = judged(Seen { hops: Some(2), state: "stopped".to_owned(), ..seen });
    assert_eq!(far.findings[0].reason.as_deref(), Some("web, stopped"));
}

fn tagged(key: &str, value: &str) -> Seen {
    Seen { tags: BTreeMap::from([(key.to_owned(), value.to_owned())]), ..instance(Tokens::Optional) }
}

fn judged_with(instance: Seen, wanted: serde_json::Value, accepted: &[Accepted]) -> Judged {
    let wanted: Settings = serde_json::from_value(wanted).expect("settings");
    judged_at::<Instance>(account_in_region(HERE), &Instances(vec![instance]), &wanted, accepted).remove(0)
}

fn judged(instance: Seen) -> Judged {
    judged_with(instance, json!({"imdsv2": true}), &[])
}

#[test]
fn tokens_that_are_required_or_no_answers_at_all_are_compliant() {
    for seen in [instance(Tokens::Required), Seen { answers: false, ..instance(Tokens::Optional) }] {
        let judged = judged(seen);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
    }
}

#[test]
fn optional_tokens_are_a_persons_matter_unless_the_baseline_lets_them_be_required() {
    let told = judged(instance(Tokens::Optional));
    let Fix::Manual(words) = &drift(&told).fix else { panic!("no step") };
    assert!(words.contains("MetadataNoToken") && words.contains("i-1"), "{words}");
    let mended = judged_with(instance(Tokens::Optional), json!({"imdsv2": true, "mend": true}), &[]);
    let step = ModifyInstanceMetadataOptions { instance: "i-1".to_owned() };
    let step = Step::ModifyInstanceMetadataOptions(step);
    assert_eq!((step.risk(), step.cost()), (Risk::Disruptive, None));
    assert_eq!(steps(&mended), [step]);
}

#[test]
fn an_instance_with_a_tag_that_is_named_is_left_alone() {
    let wanted = json!({"imdsv2": true, "mend": true, "exempt_tags": ["legacy", "imds=v1"]});
    for (seen, exempt) in [
        (tagged("legacy", "yes"), true),
        (tagged("imds", "v1"), true),
        (tagged("imds", "v2"), false),
        (tagged("Legacy", "yes"), false),
    ] {
        let judged = judged_with(seen.clone(), wanted.clone(), &[]);
        assert_eq!(matches!(judged.findings[0].verdict, Verdict::NotApplicable(_)), exempt, "{seen:?}");
        assert_eq!(judged.drift.is_none(), exempt);
    }
}

#[test]
fn what_a_service_of_aws_runs_is_that_services_to_change() {
    let operator = Some("eks.amazonaws.com".to_owned());
    let judged =
        judged_with(Seen { operator, ..instance(Tokens::Optional) }, json!({"imdsv2": true, "mend": true}), &[]);
    let Verdict::OwnedElsewhere { owner, in_force, .. } = &judged.findings[0].verdict else { panic!("owned") };
    assert!(owner.contains("eks.amazonaws.com") && !in_force, "{owner}");
    assert_eq!(judged.drift, None);
}

#[test]
fn an_exempt_instance_is_left_alone_and_only_what_is_asked_is_judged_and_planned() {
    let accepted = Accepted { objects: vec!["i-1".to_owned()], ..made::exempt("ec2.instance.imdsv2") };
    let judged = judged_with(instance(Tokens::Optional), json!({"imdsv2": true, "mend": true}), &[accepted]);
    assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
    let nothing = Settings::default();
    let seen = Instances(vec![instance(Tokens::Optional)]);
    assert_eq!(judged_at::<Instance>(account_in_region(HERE), &seen, &nothing, &[]), []);
    assert_eq!(Instance::required(&nothing), [""; 0]);
    assert_eq!(Instance::needs(&nothing, Home::Member).steps, [""; 0]);
}

/// An instance without a profile.
fn bare(tokens: Tokens) -> Seen {
    Seen { profile: None, ..instance(tokens) }
}

#[test]
fn an_instance_without_a_profile_is_a_matter_of_those_who_run_it() {
    let wanted = json!({"profile": true, "mend": true});
    let with = judged_with(instance(Tokens::Optional), wanted.clone(), &[]);
    assert_eq!((&with.findings[0].verdict, &with.findings[0].observed), (&Verdict::Compliant, &json!(PROFILE)));
    assert_eq!((with.findings.len(), &with.drift), (1, &None));
    let without = judged_with(Seen { state: "stopped".to_owned(), ..bare(Tokens::Optional) }, wanted, &[]);
    let finding = &without.findings[0];
    assert_eq!((finding.requirement, &finding.verdict), ("ec2.instance.profile", &Verdict::Drifted));
    assert_eq!((&finding.observed, finding.reason.as_deref()), (&json!(null), Some("stopped")));
    let Fix::Manual(words) = &drift(&without).fix else { panic!("no step") };
    assert!(words.contains("i-1") && words.contains("AssociateIamInstanceProfile"), "{words}");
}

#[test]
fn a_profile_is_asked_for_beside_tokens_and_calls_mend_only_these() {
    let both = |mend: bool, seen: Seen| {
        let mut wanted = json!({"imdsv2": true, "profile": true});
        if mend {
            wanted["mend"] = json!(true);
        }
        judged_with(seen, wanted, &[])
    };
    let mended = both(true, bare(Tokens::Optional));
    let step = ModifyInstanceMetadataOptions { instance: "i-1".to_owned() };
    assert_eq!(steps(&mended), [Step::ModifyInstanceMetadataOptions(step)]);
    let drifted = drift(&mended);
    let asked = |differences: &[crate::drift::Difference]| -> Vec<String> {
        differences.iter().map(|difference| difference.requirement.clone()).collect()
    };
    assert_eq!(asked(&drifted.differences), ["ec2.instance.imdsv2"]);
    let [left] = &drifted.left[..] else { panic!("{drifted:?}") };
    let Why::Manual(words) = &left.why else { panic!("{left:?}") };
    assert_eq!(left.difference.requirement, "ec2.instance.profile");
    assert!(words.contains("AssociateIamInstanceProfile"), "{words}");

    let told = both(false, bare(Tokens::Optional));
    let Fix::Manual(words) = &drift(&told).fix else { panic!("no step") };
    assert!(words.contains("MetadataNoToken") && words.contains("AssociateIamInstanceProfile"), "{words}");
    assert_eq!(asked(&drift(&told).differences), ["ec2.instance.imdsv2", "ec2.instance.profile"]);

    let tokens = both(true, bare(Tokens::Required));
    let Fix::Manual(words) = &drift(&tokens).fix else { panic!("no step") };
    assert!(!words.contains("MetadataNoToken"), "{words}");
    assert!(both(true, instance(Tokens::Required)).drift.is_none());
}

#[test]
fn an_instance_that_calls_nothing_is_left_alone_by_its_tag_or_by_an_exemption_and_still_asked_for_tokens() {
    let wanted = json!({"imdsv2": true, "profile": true, "profile_exempt_tags": ["calls=nothing"], "mend": true});
    let seen = Seen { profile: None, ..tagged("calls", "nothing") };
    let judged = judged_with(seen, wanted.clone(), &[]);
    assert_eq!(judged.findings[0].verdict, Verdict::Drifted);
    assert!(matches!(judged.findings[1].verdict, Verdict::NotApplicable(_)), "{judged:?}");
    assert!(drift(&judged).left.is_empty() && steps(&judged).len() == 1);

    let other = Seen { profile: None, ..tagged("calls", "s3") };
    assert_eq!(judged_with(other, wanted.clone(), &[]).findings[1].verdict, Verdict::Drifted);

    let accepted = Accepted { objects: vec!["i-1".to_owned()], ..made::exempt("ec2.instance.profile") };
    let judged = judged_with(bare(Tokens::Required), wanted, &[accepted]);
    assert!(matches!(judged.findings[1].verdict, Verdict::Exempt(_)) && judged.drift.is_none(), "{judged:?}");
}

#[test]
fn what_a_service_of_aws_runs_has_the_profile_that_service_gives_it() {
    let operator = Some("eks.amazonaws.com".to_owned());
    let judged = judged_with(Seen { operator, ..bare(Tokens::Required) }, json!({"profile": true}), &[]);
    assert!(matches!(judged.findings[0].verdict, Verdict::OwnedElsewhere { in_force: false, .. }), "{judged:?}");
    assert_eq!(judged.drift, None);
}

#[test]
fn who_asks_only_for_profiles_needs_no_write() {
    let wanted: Settings = serde_json::from_value(json!({"profile": true, "mend": true})).expect("settings");
    assert_eq!(Instance::required(&wanted), ["profile"]);
    assert_eq!(Instance::needs(&wanted, Home::Member).steps, [""; 0]);
}
