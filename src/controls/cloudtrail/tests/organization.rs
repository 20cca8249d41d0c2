//! The organization's trail: judged in every account, mended in one.

use serde_json::json;

use super::*;
use crate::ownership::Owner;
use crate::target::Object;

fn organizations(mut trail: Trail) -> Trail {
    facts(&mut trail).organization = true;
    trail.listed.arn = trail.listed.arn.replace(HERE, MANAGEMENT);
    trail
}

fn seen_by_member(trails: Vec<Trail>) -> Coverage {
    Coverage { organizations: trails, ..Coverage::default() }
}

fn by_organization() -> Settings {
    wanted(&json!({ "scope": "organization" }))
}

#[test]
fn a_member_is_judged_by_the_organizations_trail_and_mended_through_it() {
    let poor = organizations(without_validation("acme"));
    let judged = judged(&seen_by_member(vec![poor.clone()]), &by_organization());
    assert_eq!(judged[0].object.name, "acme");
    assert_eq!(drifted(&judged[0]), ["log_file_validation"]);
    let at = account(MANAGEMENT);
    let through = |name: &str| {
        let name = name.to_owned();
        let owner = Owner::OrganizationTrail { account: id(MANAGEMENT), trail: name.clone() };
        Fix::Through { object: Object { at: at.clone(), kind: "cloudtrail.trail".to_owned(), name }, owner }
    };
    assert_eq!(drift(&judged[0]).fix, through("trueup"), "acme is somebody else's, so one of ours is made");
    let mend = wanted(&json!({ "scope": "organization", "existing": "mend" }));
    let judged = super::judged(&seen_by_member(vec![poor]), &mend);
    assert_eq!(drift(&judged[0]).fix, through("acme"));
    assert!(changes(&judged).is_empty(), "a member writes nothing");
}

#[test]
fn a_member_without_an_organization_trail_drifts_on_all_and_is_mended_through_ours() {
    let judged = judged(&seen_by_member(vec![]), &by_organization());
    assert_eq!(drifted(&judged[0]).len(), 5);
    assert!(matches!(&drift(&judged[0]).fix, Fix::Through { object, .. } if object.at.account == id(MANAGEMENT)));
}

#[test]
fn the_management_account_makes_it_with_trusted_access_first() {
    let judged = judged_in(MANAGEMENT, &own(vec![]), &by_organization(), &[]);
    assert_eq!(kinds(steps(&judged[0])), ["enable_service_access", "create_trail", "start_logging"]);
    let Step::CreateTrail(create) = &steps(&judged[0])[1] else { panic!("the trail") };
    assert!(create.organization);
    assert_eq!(create.bucket, "trueup-trail-999900001111-eu-west-1");
    let bucket = judged.iter().find(|judged| judged.object.kind == "s3.bucket").expect("the bucket");
    let Some(Step::PutBucketPolicy(put)) = steps(bucket).last() else { panic!("the policy") };
    let resources: Vec<_> = put.statements.iter().filter_map(|one| one["Resource"].as_str()).collect();
    let bucket = "arn:aws:s3:::trueup-trail-999900001111-eu-west-1";
    assert!(resources.contains(&format!("{bucket}/AWSLogs/o-abc1234567/*").as_str()));
    assert!(resources.contains(&format!("{bucket}/AWSLogs/999900001111/*").as_str()));
}

#[test]
fn trusted_access_that_is_there_is_not_asked_for_again() {
    let mut seen = own(vec![]);
    seen.making.trusted = Some(Readable::Read(true));
    let judged = judged_in(MANAGEMENT, &seen, &by_organization(), &[]);
    assert_eq!(kinds(steps(&judged[0])), ["create_trail", "start_logging"]);
}

#[test]
fn the_management_account_mends_the_named_one() {
    let judged =
        judged_in(MANAGEMENT, &own(vec![organizations(without_validation("trueup"))]), &by_organization(), &[]);
    assert_eq!(kinds(steps(&judged[0])), ["update_trail"]);
}

#[test]
fn a_trail_of_the_management_account_alone_is_not_taken_for_the_organizations() {
    let mut seen = own(vec![]);
    seen.uncounted = vec![trail("trueup").listed];
    let judged = judged_in(MANAGEMENT, &seen, &by_organization(), &[]);
    assert!(manual(&judged[0]).contains("not the organization's"), "{}", manual(&judged[0]));
}

#[test]
fn a_name_is_taken_where_its_trail_shows() {
    let planned = |home: &str, multi_region: bool| {
        let mut other = trail("trueup");
        other.listed.home_region = region(home);
        facts(&mut other).multi_region = multi_region;
        let seen = Coverage { uncounted: vec![other.listed], ..own(vec![]) };
        judged_in(MANAGEMENT, &seen, &by_organization(), &[]).remove(0)
    };
    assert!(manual(&planned("us-east-1", true)).contains("a trail trueup"), "it shows in every region");
    assert!(manual(&planned("eu-west-1", false)).contains("a trail trueup"));
    let elsewhere = planned("us-east-1", false);
    let Some(create @ Step::CreateTrail(_)) = steps(&elsewhere).get(1) else { panic!("it is made: {elsewhere:?}") };
    assert!(create.cost().is_some(), "one of the management account's own logs the same");
}

#[test]
fn members_with_trails_of_their_own_may_pay_for_the_organizations() {
    let judged = judged_in(MANAGEMENT, &own(vec![]), &by_organization(), &[]);
    assert!(steps(&judged[0])[1].cost().is_some());
    let alone = super::judged(&own(vec![]), &wanted(&json!({})));
    assert!(steps(&alone[0])[0].cost().is_none(), "the first copy of management events is free");
}

#[test]
fn a_member_whose_own_trail_would_be_called_as_the_organizations_is_told_so() {
    let mut seen = own(vec![]);
    seen.organizations = vec![organizations(without_validation("trueup"))];
    let judged = judged(&seen, &wanted(&json!({})));
    assert!(manual(&judged[0]).contains("trueup that is the organization's"), "{}", manual(&judged[0]));
}

#[test]
fn where_a_region_shows_five_trails_none_is_made() {
    let five = |region_of_last: &str| {
        let mut five: Vec<Trail> = (0..5).map(|n| without_validation(&format!("t{n}"))).collect();
        five[4].listed.home_region = region(region_of_last);
        facts(&mut five[4]).multi_region = false;
        own(five)
    };
    let full = judged(&five("eu-west-1"), &wanted(&json!({})));
    assert!(manual(&full[0]).contains("eu-west-1 shows 5 trails"), "{}", manual(&full[0]));
    let abroad = judged(&five("us-east-1"), &wanted(&json!({})));
    assert!(manual(&abroad[0]).contains("us-east-1 shows 5 trails"), "one of every region takes room there as well");
    let mut four = five("eu-west-1");
    four.own.pop();
    assert!(matches!(drift(&judged(&four, &wanted(&json!({})))[0]).fix, Fix::Steps { .. }));
}

#[test]
fn a_drifted_trail_of_a_management_account_that_may_only_be_read_is_left_to_a_person() {
    let poor = organizations(without_validation("trueup"));
    let judged = judged_in(MANAGEMENT, &own(vec![poor]), &by_organization(), &[]);
    let all: Vec<_> = judged.into_iter().map(|judged| (&super::super::trail::PAGE, judged)).collect();
    let changes = plan::build(&all, Some("it may only be read"), &plan::Elsewhere::default()).expect("no conflict");
    assert_eq!(changes[0].manual.as_deref(), Some("it may only be read"));
}

#[test]
fn where_the_management_account_cannot_be_read_the_rest_is_unreadable_and_names_it() {
    let error = denied("cloudtrail:ListTrails", MANAGEMENT);
    let mut shadow = organizations(trail("acme"));
    shadow.selectors = Some(Readable::Unreadable(error.clone()));
    shadow.wanted_key = Some(Readable::Unreadable(error.clone()));
    let mut seen = seen_by_member(vec![shadow.clone()]);
    let first = judged(&seen, &by_organization());
    assert_eq!(
        named(&first[0], |verdict| *verdict == Verdict::Compliant),
        ["multi_region", "logging", "log_file_validation"]
    );
    assert!(first[0].findings.iter().all(|finding| match &finding.verdict {
        Verdict::Unreadable(error) => error.at.account == id(MANAGEMENT),
        _ => true,
    }));
    assert!(first[0].drift.is_none());

    shadow.status = Some(status(false, None));
    seen.organizations = vec![shadow];
    let second = judged(&seen, &by_organization());
    assert_eq!(drifted(&second[0]), ["logging"]);
    assert_eq!(named(&second[0], |verdict| matches!(verdict, Verdict::Unreadable(_))), ["management_events", "kms"]);
    assert!(matches!(drift(&second[0]).fix, Fix::Through { .. }));
}

#[test]
fn an_account_is_covered_by_the_organizations_trail_too() {
    let mut seen = own(vec![without_validation("theirs")]);
    seen.organizations = vec![organizations(trail("acme"))];
    let judged = judged(&seen, &wanted(&json!({})));
    assert_eq!(judged[0].object.name, "acme");
    assert!(judged[0].drift.is_none());
}

#[test]
fn a_member_never_writes_the_organizations_trail() {
    let mut seen = own(vec![]);
    seen.organizations = vec![organizations(without_validation("trueup"))];
    let judged = judged(&seen, &wanted(&json!({ "existing": "mend", "name": "mine" })));
    assert_eq!(judged[0].object.name, "trueup");
    assert_eq!(drift(&judged[0]).object.name, "mine");
    assert_eq!(kinds(steps(&judged[0])), ["create_trail", "start_logging"]);
}

/// A member without a trail of its own, which an organization trail covers that falls short.
fn covered(more: impl FnOnce(&mut Vec<Trail>)) -> Coverage {
    let poor = organizations(without_validation("acme"));
    let mut management = vec![poor.clone()];
    more(&mut management);
    Coverage { organizations: vec![poor], management, making: nothing_made(), ..Coverage::default() }
}

fn by_account(existing: &str) -> Settings {
    wanted(&json!({ "scope": "account", "existing": existing }))
}

#[test]
fn with_trails_of_each_account_a_member_is_mended_through_the_organizations_where_that_is_mended() {
    let owner = |name: &str| Owner::OrganizationTrail { account: id(MANAGEMENT), trail: name.to_owned() };
    let through = |judged: &Judged, trail: &str| match &drift(judged).fix {
        Fix::Through { object, owner: of } => (object.at.account.clone(), of) == (id(MANAGEMENT), &owner(trail)),
        _ => false,
    };
    let mended = judged(&covered(|_| {}), &by_account("mend"));
    assert!(mended.len() == 1 && through(&mended[0], "acme"), "{mended:?}");
    assert!(mended[0].findings.iter().all(|finding| finding.reason.is_none()), "it is not left alone: {mended:?}");
    let ours = judged(&covered(|trails| trails[0].signs = Some(our_signs())), &by_account("leave"));
    assert!(through(&ours[0], "acme"), "what trueup made is mended: {ours:?}");
    let named = wanted(&json!({ "scope": "account", "name": "acme" }));
    assert!(through(&judged(&covered(|_| {}), &named)[0], "acme"), "so is what the baseline names");
}

#[test]
fn with_trails_of_each_account_a_member_gets_its_own_where_the_organizations_stays_as_it_is() {
    let makes = |seen: &Coverage, wanted: &Settings| kinds(steps(&judged(seen, wanted)[0]))[0] == "create_trail";
    assert!(makes(&covered(|_| {}), &by_account("leave")), "it is left alone");
    let fine = covered(|trails| trails.push(trail("fine")));
    assert!(makes(&fine, &by_account("mend")), "another trail covers the management account");
    let other = covered(|trails| trails.push(without_validation("trueup")));
    assert!(makes(&other, &by_account("mend")), "another one is mended there");
}

#[test]
fn with_trails_of_each_account_one_of_its_own_that_is_mended_goes_before_the_organizations() {
    let mut seen = covered(|_| {});
    seen.own = vec![without_validation("own")];
    assert_eq!(kinds(steps(&judged(&seen, &by_account("mend"))[0])), ["update_trail"]);
}

#[test]
fn a_member_is_unreadable_where_it_cannot_be_told_whether_the_organizations_trail_is_mended() {
    let error = denied("cloudtrail:ListTags", MANAGEMENT);
    let seen = covered(|trails| trails[0].signs = Some(Readable::Unreadable(error)));
    let judged = judged(&seen, &by_account("mend"));
    let unread = named(&judged[0], |verdict| matches!(verdict, Verdict::Unreadable(_)));
    assert_eq!((judged.len(), &judged[0].drift, unread), (1, &None, vec!["log_file_validation"]));
    assert_eq!(named(&judged[0], |verdict| *verdict == Verdict::Compliant).len(), 4);
}

#[test]
fn control_towers_trail_that_the_baseline_names_is_control_towers_for_members_too() {
    let towers = || organizations(without_validation("aws-controltower-trail"));
    let seen = Coverage { organizations: vec![towers()], management: vec![towers()], ..Coverage::default() };
    let judged = judged(&seen, &wanted(&json!({ "name": "aws-controltower-trail" })));
    let owned = named(&judged[0], |verdict| matches!(verdict, Verdict::OwnedElsewhere { in_force: false, .. }));
    assert_eq!((owned, &judged[0].drift), (vec!["log_file_validation"], &None));
}
