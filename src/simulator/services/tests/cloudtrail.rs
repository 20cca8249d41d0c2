//! Trails: what they need, where they are seen, who may change them.

use super::{AWAY, HOME, Stage, ask, code};
use serde_json::{Value, json};

/// A bucket of the management account that lets `CloudTrail` deliver, for the organization too.
fn bucket(stage: &mut Stage, name: &str, trail: &str) {
    stage.manage("s3", "CreateBucket", json!({ "Bucket": name })).unwrap();
    let (account, organization) =
        (stage.management.account.clone(), stage.world.organization.as_ref().unwrap().id.clone());
    let source = format!("arn:aws:cloudtrail:{HOME}:{account}:trail/{trail}");
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{name}"),
         "Condition": {"StringEquals": {"aws:SourceArn": source}}},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": [format!("arn:aws:s3:::{name}/AWSLogs/{account}/*"), format!("arn:aws:s3:::{name}/AWSLogs/{organization}/*")],
         "Condition": {"StringEquals": {"aws:SourceArn": source, "s3:x-amz-acl": "bucket-owner-full-control"}}},
    ]});
    stage.manage("s3", "PutBucketPolicy", json!({"Bucket": name, "Policy": policy.to_string()})).unwrap();
}

fn trail(stage: &mut Stage, name: &str, more: Value) -> Result<Value, crate::fault::Fault> {
    let mut input = json!({"Name": name, "S3BucketName": "logs"});
    if let Value::Object(more) = more {
        more.into_iter().for_each(|(member, value)| input[member] = value);
    }
    stage.manage("cloudtrail", "CreateTrail", input)
}

#[test]
fn a_trail_needs_a_bucket_that_names_it() {
    let mut stage = Stage::new();
    assert_eq!(code(trail(&mut stage, "main", json!({}))), "S3BucketDoesNotExistException");
    stage.manage("s3", "CreateBucket", json!({"Bucket": "logs"})).unwrap();
    assert_eq!(code(trail(&mut stage, "main", json!({}))), "InsufficientS3BucketPolicyException");
    bucket(&mut stage, "logs", "another");
    assert_eq!(code(trail(&mut stage, "main", json!({}))), "InsufficientS3BucketPolicyException");
    bucket(&mut stage, "logs", "main");
    let made = trail(&mut stage, "main", json!({})).unwrap();
    let status = stage.manage("cloudtrail", "GetTrailStatus", json!({"Name": made["TrailARN"]})).unwrap();
    assert_eq!(status["IsLogging"], false);
    assert_eq!(code(trail(&mut stage, "main", json!({}))), "TrailAlreadyExistsException");
    let broken = json!({"IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": false});
    assert_eq!(code(trail(&mut stage, "other", broken)), "InvalidParameterCombinationException");
}

#[test]
fn a_trails_key_must_be_there_enabled_and_open_to_cloudtrail() {
    let mut stage = Stage::new();
    bucket(&mut stage, "logs", "main");
    assert_eq!(code(trail(&mut stage, "main", json!({"KmsKeyId": "alias/none"}))), "KmsKeyNotFoundException");
    let key = stage.manage("kms", "CreateKey", json!({})).unwrap()["KeyMetadata"].clone();
    stage.manage("kms", "CreateAlias", json!({"AliasName": "alias/trail", "TargetKeyId": key["KeyId"]})).unwrap();
    let with = || json!({"KmsKeyId": "alias/trail", "EnableLogFileValidation": true});
    assert_eq!(code(trail(&mut stage, "main", with())), "InsufficientEncryptionPolicyException");
    let account = stage.management.account.clone();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["kms:GenerateDataKey*"], "Resource": "*",
         "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": format!("arn:aws:cloudtrail:*:{account}:trail/*")}}},
        {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey", "Resource": "*"}]});
    let key = json!({"KeyId": key["KeyId"], "Arn": key["Arn"]});
    stage.manage("kms", "PutKeyPolicy", json!({"KeyId": key["KeyId"], "Policy": policy.to_string()})).unwrap();
    stage.manage("kms", "DisableKey", json!({"KeyId": key["KeyId"]})).unwrap();
    assert_eq!(code(trail(&mut stage, "main", with())), "KmsException");
    stage.manage("kms", "EnableKey", json!({"KeyId": key["KeyId"]})).unwrap();
    assert_eq!(trail(&mut stage, "main", with()).unwrap()["KmsKeyId"], key["Arn"]);
    let only = json!({"Name": "main", "IsMultiRegionTrail": true});
    let kept = stage.manage("cloudtrail", "UpdateTrail", only).unwrap();
    assert_eq!((&kept["KmsKeyId"], &kept["LogFileValidationEnabled"]), (&key["Arn"], &json!(true)));
    let bare = stage.manage("cloudtrail", "UpdateTrail", json!({"Name": "main", "KmsKeyId": ""})).unwrap();
    assert!(bare.get("KmsKeyId").is_none());
}

#[test]
fn a_multi_region_trail_casts_a_shadow_and_is_changed_at_home() {
    let mut stage = Stage::new();
    bucket(&mut stage, "logs", "main");
    let arn = trail(&mut stage, "main", json!({"IsMultiRegionTrail": true})).unwrap()["TrailARN"].clone();
    let management = stage.management.clone();
    let mut away =
        |operation: &str, input: Value| ask(&mut stage.world, &management, AWAY, "cloudtrail", operation, input);
    assert_eq!(away("DescribeTrails", json!({})).unwrap()["trailList"][0]["HomeRegion"], HOME);
    assert_eq!(away("DescribeTrails", json!({"includeShadowTrails": false})).unwrap()["trailList"], json!([]));
    assert_eq!(code(away("GetTrailStatus", json!({"Name": "main"}))), "TrailNotFoundException");
    assert!(away("GetTrailStatus", json!({ "Name": arn })).is_ok());
    assert_eq!(code(away("StopLogging", json!({ "Name": arn }))), "InvalidHomeRegionException");
    stage.manage("cloudtrail", "UpdateTrail", json!({"Name": arn, "IsMultiRegionTrail": false})).unwrap();
    let mut away = |operation: &str| ask(&mut stage.world, &management, AWAY, "cloudtrail", operation, json!({}));
    assert_eq!(away("DescribeTrails").unwrap()["trailList"], json!([]));
    assert_eq!(away("ListTrails").unwrap()["Trails"][0]["HomeRegion"], HOME);
}

#[test]
fn an_organization_trail_is_seen_by_members_who_can_do_nothing_to_it() {
    let mut stage = Stage::new();
    bucket(&mut stage, "logs", "main");
    let wanted = json!({"IsMultiRegionTrail": true, "IsOrganizationTrail": true});
    assert_eq!(code(trail(&mut stage, "main", wanted.clone())), "CloudTrailAccessNotEnabledException");
    let own = json!({"Name": "main", "S3BucketName": "logs", "IsOrganizationTrail": true});
    assert_eq!(code(stage.one("cloudtrail", "CreateTrail", own)), "NotOrganizationMasterAccountException");
    let service = json!({"ServicePrincipal": "cloudtrail.amazonaws.com"});
    stage.manage("organizations", "EnableAWSServiceAccess", service).unwrap();
    let arn = trail(&mut stage, "main", wanted).unwrap()["TrailARN"].clone();
    let seen = stage.one("cloudtrail", "DescribeTrails", json!({})).unwrap()["trailList"][0].clone();
    assert_eq!((&seen["TrailARN"], &seen["Name"], &seen["IsOrganizationTrail"]), (&arn, &json!("main"), &json!(true)));
    assert!(stage.one("cloudtrail", "GetTrailStatus", json!({ "Name": arn })).is_ok());
    assert_eq!(code(stage.one("cloudtrail", "GetTrailStatus", json!({"Name": "main"}))), "TrailNotFoundException");
    assert_eq!(code(stage.one("cloudtrail", "GetEventSelectors", json!({ "TrailName": arn }))), "AccessDenied");
    assert_eq!(
        code(stage.one("cloudtrail", "ListTags", json!({ "ResourceIdList": [arn] }))),
        "CloudTrailARNInvalidException"
    );
    for operation in ["StopLogging", "DeleteTrail", "UpdateTrail"] {
        assert_eq!(
            code(stage.one("cloudtrail", operation, json!({ "Name": arn }))),
            "NotOrganizationMasterAccountException"
        );
    }
}

#[test]
fn selectors_are_replaced_whole_and_a_new_trail_has_one() {
    let mut stage = Stage::new();
    bucket(&mut stage, "logs", "main");
    trail(&mut stage, "main", json!({})).unwrap();
    let named = json!({"TrailName": "main"});
    let first = stage.manage("cloudtrail", "GetEventSelectors", named.clone()).unwrap();
    assert_eq!(first["EventSelectors"][0]["IncludeManagementEvents"], true);
    let custom = |stage: &mut Stage| {
        stage.manage("cloudtrail", "GetTrail", json!({"Name": "main"})).unwrap()["Trail"]["HasCustomEventSelectors"]
            .clone()
    };
    assert_eq!(custom(&mut stage), false);
    let advanced = json!([{"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]);
    let both =
        json!({"TrailName": "main", "EventSelectors": first["EventSelectors"], "AdvancedEventSelectors": advanced});
    assert_eq!(code(stage.manage("cloudtrail", "PutEventSelectors", both)), "InvalidEventSelectorsException");
    stage
        .manage("cloudtrail", "PutEventSelectors", json!({"TrailName": "main", "AdvancedEventSelectors": advanced}))
        .unwrap();
    assert!(stage.manage("cloudtrail", "GetEventSelectors", named).unwrap().get("EventSelectors").is_none());
    assert_eq!(custom(&mut stage), true);
}

#[test]
fn a_trail_whose_bucket_vanished_still_says_that_it_records() {
    let mut stage = Stage::new();
    bucket(&mut stage, "logs", "main");
    trail(&mut stage, "main", json!({})).unwrap();
    stage.manage("cloudtrail", "StartLogging", json!({"Name": "main"})).unwrap();
    stage.manage("s3", "DeleteBucket", json!({"Bucket": "logs"})).unwrap();
    let status = stage.manage("cloudtrail", "GetTrailStatus", json!({"Name": "main"})).unwrap();
    assert_eq!((&status["IsLogging"], &status["LatestDeliveryError"]), (&json!(true), &json!("NoSuchBucket")));
}

#[test]
fn a_region_has_room_for_five_trails_shadows_included() {
    let mut stage = Stage::new();
    for number in 0..5 {
        bucket(&mut stage, "logs", &format!("trail-{number}"));
        trail(&mut stage, &format!("trail-{number}"), json!({"IsMultiRegionTrail": true})).unwrap();
    }
    assert_eq!(code(trail(&mut stage, "sixth", json!({}))), "MaximumNumberOfTrailsExceededException");
}
