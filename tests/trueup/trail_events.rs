//! Trails that log what is done with objects in S3: mended by one call, made with it, and what they logged stays.

use serde_json::{Value, json};

use crate::harness::{HOME, Stage, kinds, list, organization, outcomes, rows, text, write};
use crate::trails::trail;

const CONTROLS: &str = "\
controls:
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    management_events: true
    s3_data_events_write: true
    s3_data_events_read: true
";

/// An account with a trail that has these selectors, held to the baseline.
fn stage(selectors: &Value) -> (Stage, String) {
    let (mut world, ids) = organization(&["one"]);
    trail(&mut world, &ids[0], json!({"IsMultiRegionTrail": true}));
    let mut input = selectors.clone();
    input["TrailName"] = json!("audit");
    world.build(&ids[0], HOME, "cloudtrail", "PutEventSelectors", input);
    (Stage::held_to(world, CONTROLS), ids[0].clone())
}

fn planned(stage: &Stage, id: &str) -> (Value, Option<i32>) {
    stage.plan(&["--account", id, "--out", "plan.json"])
}

/// The requirements on which an account drifts.
fn drifted<'a>(plan: &'a Value, id: &'a str) -> Vec<&'a str> {
    let rows = rows(plan, id).filter(|row| row["verdict"] == "drifted");
    rows.map(|row| text(&row["requirement"]).trim_start_matches("cloudtrail.trail.")).collect()
}

/// The last selectors that were sent.
fn sent(stage: &Stage, id: &str) -> Value {
    let trail = stage.trail(id, "audit");
    json!([trail["EventSelectors"], trail["AdvancedEventSelectors"]])
}

#[test]
fn events_of_some_buckets_grow_to_all_by_one_call_that_bills() {
    let payroll = json!([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::payroll/"]}]);
    let function = json!([{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]);
    let (stage, id) = stage(&json!({"EventSelectors": [
        {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "DataResources": payroll},
        {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": false, "DataResources": function},
    ]}));
    let (plan, code) = planned(&stage, &id);
    assert_eq!(code, Some(2));
    assert_eq!(drifted(&plan, &id), ["management_events", "s3_data_events_write", "s3_data_events_read"]);
    let change = &list(&plan["changes"])[0];
    assert!(text(&change["cost"]).contains("USD 0.10 per 100,000"), "{change:#}");
    let (held, code) = stage.apply(&[]);
    assert_eq!((outcomes(&held), code), (vec![(&*id, "held")], Some(2)));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(&id, "cloudtrail", "PutEventSelectors")]);
    let now = sent(&stage, &id).to_string();
    for kept in ["arn:aws:s3:::payroll/", "arn:aws:lambda", "\"arn:aws:s3\""] {
        assert!(now.contains(kept), "{kept}: {now}");
    }
    let (plan, code) = planned(&stage, &id);
    assert_eq!((kinds(&plan, &id), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
}

#[test]
fn advanced_selectors_stay_so_and_leave_out_the_bucket_of_the_files_alone() {
    let (stage, id) = stage(&json!({"AdvancedEventSelectors": [
        {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        {"Name": "writes", "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "readOnly", "Equals": ["false"]}]},
    ]}));
    let (plan, code) = planned(&stage, &id);
    assert_eq!((drifted(&plan, &id), code), (vec!["s3_data_events_read"], Some(2)));
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let now = sent(&stage, &id);
    let [management, writes, reads] = list(&now[1]) else { panic!("three: {now:#}") };
    assert_eq!((text(&management["Name"]), text(&writes["Name"])), ("management", "writes"));
    assert_eq!(text(&reads["Name"]), "All reads of S3 objects");
    let left_out = json!([format!("arn:aws:s3:::audit-{id}/")]);
    assert!(list(&reads["FieldSelectors"]).iter().any(|field| field["NotStartsWith"] == left_out), "{reads:#}");
    assert_eq!(planned(&stage, &id).1, Some(0));
}

#[test]
fn a_service_that_may_be_left_out_goes_on_to_be() {
    let payroll = json!([{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::payroll/"]}]);
    let both = json!(["kms.amazonaws.com", "rdsdata.amazonaws.com"]);
    let (mut world, ids) = organization(&["one", "two"]);
    for id in &ids {
        trail(&mut world, id, json!({}));
    }
    let [one, two] = &*ids else { panic!("two") };
    let selectors = json!([{
        "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": payroll,
        "ExcludeManagementEventSources": both,
    }]);
    let input = json!({"TrailName": "audit", "EventSelectors": selectors});
    world.build(one, HOME, "cloudtrail", "PutEventSelectors", input);
    let without = json!([{"Name": "theirs", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
    ]}]);
    let input = json!({"TrailName": "audit", "AdvancedEventSelectors": without});
    world.build(two, HOME, "cloudtrail", "PutEventSelectors", input);
    let controls = "controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    management_events: true\n    \
                    excluded_sources: [kms.amazonaws.com]\n";
    let stage = Stage::held_to(world, controls);
    let both = ids.join(",");
    let plan = planned(&stage, &both).0;
    assert_eq!((drifted(&plan, one), drifted(&plan, two)), (vec!["management_events"], vec![]), "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(stage.writes(), [write(one, "cloudtrail", "PutEventSelectors")]);
    let mut after = selectors.clone();
    after[0]["ExcludeManagementEventSources"] = json!(["kms.amazonaws.com"]);
    assert_eq!(sent(&stage, one)[0], after);
    assert_eq!(planned(&stage, &both).1, Some(0));
}

#[test]
fn a_trail_that_is_made_logs_all_objects_before_it_starts() {
    let (world, ids) = organization(&["bare"]);
    let id = &ids[0];
    let stage = Stage::held_to(world, &format!("{CONTROLS}    logging: true\n"));
    assert_eq!(planned(&stage, id).1, Some(2));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let order: Vec<String> = stage.world(|world| {
        let of_trail = world.ledger.writes().filter(|entry| entry.service == "cloudtrail");
        of_trail.map(|entry| entry.operation.clone()).collect()
    });
    assert_eq!(order, ["CreateTrail", "PutEventSelectors", "StartLogging"]);
    assert!(sent(&stage, id).to_string().contains(&format!("arn:aws:s3:::trueup-trail-{id}-{HOME}/")));
    assert_eq!(planned(&stage, id).1, Some(0));
}

#[test]
fn members_are_mended_through_the_organizations_trail() {
    let (world, ids) = organization(&["one"]);
    let management = world.management();
    let stage = Stage::new(world);
    let controls = CONTROLS.replace("scope: account", "scope: organization");
    stage.baseline("management_account: include\n", &controls);
    let plan = stage.planned(2);
    assert!(rows(&plan, &ids[0]).all(|row| text(&row["through"]).contains("cloudtrail.trail")), "{plan:#}");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert!(stage.writes().iter().all(|(account, ..)| *account == management));
    let (after, code) = stage.plan(&[]);
    assert_eq!((kinds(&after, &ids[0]), code), (vec!["compliant".to_owned()], Some(0)), "{after:#}");
}

const LOOKED_AT: &str = "controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    insights: true\n";

#[test]
fn insights_are_switched_on_by_one_call_and_asked_for_only_where_there_are_some() {
    let (mut world, ids) = organization(&["one"]);
    let id = &ids[0];
    trail(&mut world, id, json!({}));
    let stage = Stage::held_to(world, LOOKED_AT);
    let (plan, code) = planned(&stage, id);
    assert_eq!((drifted(&plan, id), code), (vec!["insights"], Some(2)));
    assert_eq!(stage.count(id, "GetInsightSelectors"), 0, "the trail says that it has none");
    assert!(text(&list(&plan["changes"])[0]["cost"]).contains("USD 0.35 per 100,000"), "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&**id, "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [write(id, "cloudtrail", "PutInsightSelectors")]);
    let (plan, code) = planned(&stage, id);
    assert_eq!((kinds(&plan, id), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
}
