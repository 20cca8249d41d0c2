//! Buckets: names that everyone shares, and settings that are there from the first moment.

use super::{AWAY, HOME, Stage, ask, code};
use serde_json::json;

#[test]
fn a_new_bucket_is_encrypted_blocked_owned_and_not_versioned() {
    let mut stage = Stage::new();
    let bucket = json!({"Bucket": "first"});
    stage.one("s3", "CreateBucket", bucket.clone()).unwrap();
    let encryption = stage.one("s3", "GetBucketEncryption", bucket.clone()).unwrap();
    let rule = &encryption["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"];
    assert_eq!(rule["SSEAlgorithm"], "AES256");
    let block =
        stage.one("s3", "GetPublicAccessBlock", bucket.clone()).unwrap()["PublicAccessBlockConfiguration"].clone();
    assert!(block.as_object().unwrap().values().all(|on| *on == json!(true)));
    let ownership = stage.one("s3", "GetBucketOwnershipControls", bucket.clone()).unwrap();
    assert_eq!(ownership["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerEnforced");
    assert_eq!(stage.one("s3", "GetBucketVersioning", bucket.clone()).unwrap(), json!({}));
    assert_eq!(stage.one("s3", "GetBucketLocation", bucket.clone()).unwrap(), json!({}));
    for (operation, missing) in [
        ("GetBucketPolicy", "NoSuchBucketPolicy"),
        ("GetBucketTagging", "NoSuchTagSet"),
        ("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
        ("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
    ] {
        assert_eq!(code(stage.one("s3", operation, bucket.clone())), missing);
    }
    stage
        .one(
            "s3",
            "PutPublicAccessBlock",
            json!({"Bucket": "first", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}),
        )
        .unwrap();
    let block =
        stage.one("s3", "GetPublicAccessBlock", bucket.clone()).unwrap()["PublicAccessBlockConfiguration"].clone();
    assert_eq!((&block["BlockPublicAcls"], &block["BlockPublicPolicy"]), (&json!(true), &json!(false)));
    stage.one("s3", "DeletePublicAccessBlock", bucket.clone()).unwrap();
    assert_eq!(code(stage.one("s3", "GetPublicAccessBlock", bucket)), "NoSuchPublicAccessBlockConfiguration");
}

#[test]
fn a_name_is_taken_for_everyone_and_the_oldest_region_forgives_its_owner() {
    let mut stage = Stage::new();
    let (one, two) = (stage.one.clone(), stage.two.clone());
    let placed = |name: &str| json!({"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": AWAY}});
    stage.one("s3", "CreateBucket", json!({"Bucket": "taken"})).unwrap();
    assert!(stage.one("s3", "CreateBucket", json!({"Bucket": "taken"})).is_ok());
    assert_eq!(
        code(ask(&mut stage.world, &two, HOME, "s3", "CreateBucket", json!({"Bucket": "taken"}))),
        "BucketAlreadyExists"
    );
    ask(&mut stage.world, &one, AWAY, "s3", "CreateBucket", placed("away")).unwrap();
    assert_eq!(
        code(ask(&mut stage.world, &one, AWAY, "s3", "CreateBucket", placed("away"))),
        "BucketAlreadyOwnedByYou"
    );
    let unsaid = ask(&mut stage.world, &one, AWAY, "s3", "CreateBucket", json!({"Bucket": "other"}));
    assert_eq!(code(unsaid), "IllegalLocationConstraintException");
    let said = json!({"Bucket": "other", "CreateBucketConfiguration": {"LocationConstraint": "us-west-9"}});
    assert_eq!(code(stage.one("s3", "CreateBucket", said)), "InvalidLocationConstraint");
}

#[test]
fn the_wrong_region_is_a_redirect_and_the_wrong_owner_a_denial() {
    let mut stage = Stage::new();
    stage.one("s3", "CreateBucket", json!({"Bucket": "mine"})).unwrap();
    let (one, owner) = (stage.one.clone(), stage.two.account.clone());
    let fault = ask(&mut stage.world, &one, AWAY, "s3", "GetBucketPolicy", json!({"Bucket": "mine"})).unwrap_err();
    assert_eq!((fault.code.as_str(), fault.status), ("PermanentRedirect", 301));
    let expected = stage.one("s3", "GetBucketPolicy", json!({"Bucket": "mine", "ExpectedBucketOwner": owner}));
    assert_eq!(code(expected), "AccessDenied");
    assert_eq!(code(stage.one("s3", "GetBucketPolicy", json!({"Bucket": "absent"}))), "NoSuchBucket");
}

#[test]
fn another_account_needs_the_word_of_the_bucket_policy_which_must_not_be_public() {
    let mut stage = Stage::new();
    stage.one("s3", "CreateBucket", json!({"Bucket": "shared"})).unwrap();
    let two = stage.two.clone();
    let read = json!({"Bucket": "shared"});
    let fault = ask(&mut stage.world, &two, HOME, "s3", "GetBucketAcl", read.clone()).unwrap_err();
    assert!(
        fault.message.contains("on resource: \"arn:aws:s3:::shared\" because no resource-based policy allows"),
        "{}",
        fault.message
    );
    let policy = |principal: &str, resource: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:GetBucketAcl", "Resource": resource});
        json!({"Bucket": "shared", "Policy": json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()})
    };
    let own = "arn:aws:s3:::shared";
    stage.one("s3", "PutBucketPolicy", policy(&two.account, own)).unwrap();
    assert!(ask(&mut stage.world, &two, HOME, "s3", "GetBucketAcl", read).is_ok());
    assert_eq!(code(stage.one("s3", "PutBucketPolicy", policy("*", own))), "AccessDenied");
    assert_eq!(code(stage.one("s3", "PutBucketPolicy", policy(&two.account, "arn:aws:s3:::other"))), "MalformedPolicy");
    let nobody = format!("arn:aws:iam::{}:role/absent", two.account);
    assert_eq!(code(stage.one("s3", "PutBucketPolicy", policy(&nobody, own))), "MalformedPolicy");
}
