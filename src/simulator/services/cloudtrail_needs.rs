//! What `CloudTrail` checks before it makes or changes a trail: its name, the organization, the bucket, the key.

use super::cloudtrail::{Place, Trail, fault, seen_in};
use super::{iam, kms, organizations};
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Context, Document, Sort, service_may};
use crate::world::World;

/// `CloudTrail` as policies and Organizations name it.
pub(super) const SERVICE: &str = "cloudtrail.amazonaws.com";
/// Trails a region may show, shadows included.
const QUOTA: usize = 5;

pub(super) fn name(name: &str) -> Result<(), Fault> {
    let well = (3..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().last().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && !name.as_bytes().windows(2).any(|pair| pair.iter().all(|byte| b"._-".contains(byte)))
        && name.parse::<std::net::Ipv4Addr>().is_err();
    if well { Ok(()) } else { Err(fault("InvalidTrailNameException", format!("Trail name {name} is not valid."))) }
}

/// Whether the caller may make an organization trail; answers the account that will own it: always the management
/// account, also when a delegate makes it.
pub(super) fn organization(call: &mut Call<'_>) -> Result<String, Fault> {
    let Some(organization) = organizations::of(call.world, call.account) else {
        return Err(fault("OrganizationsNotInUseException", "The account is not a member of an organization."));
    };
    let (management, trusted) = (organization.management.clone(), organization.state.trusts(SERVICE));
    if !organizations::leads(call.world, call.account, SERVICE) {
        let message = "The account is not the management account of the organization.";
        return Err(fault("NotOrganizationMasterAccountException", message));
    }
    if !trusted {
        let message = "CloudTrail is not enabled as a trusted service in the organization.";
        return Err(fault("CloudTrailAccessNotEnabledException", message));
    }
    let role = "AWSServiceRoleForCloudTrail";
    if management != call.account && !iam::has_role(call.world, &management, role) {
        let message = "The management account has no service-linked role for CloudTrail.";
        return Err(fault("NoManagementAccountSLRExistsException", message));
    }
    iam::ensure_linked_role(call.world, &management, SERVICE, role);
    Ok(management)
}

/// Whether the caller may say of a trail that it is the organization's, or that it is not: who changes that must be
/// the management account itself, also where a delegate may change everything else.
pub(super) fn conversion(call: &mut Call<'_>, before: bool, wanted: bool) -> Result<(), Fault> {
    if wanted {
        organization(call)?;
    }
    let managed = organizations::of(call.world, call.account);
    if before == wanted || managed.is_some_and(|organization| organization.management == call.account) {
        return Ok(());
    }
    let message = "Only the management account can convert a trail to or from an organization trail.";
    Err(fault("NotOrganizationMasterAccountException", message))
}

/// Whether there is room for one more trail: in this region, and for a multi-Region trail in every one.
pub(super) fn room(call: &mut Call<'_>, account: &str) -> Result<(), Fault> {
    let multi = call.flag("IsMultiRegionTrail").unwrap_or(false);
    let regions = if multi { call.world.regions.clone() } else { vec![call.region.to_owned()] };
    for region in regions {
        if seen_in(call.world, account, &region).len() >= QUOTA {
            let message = format!("User: {account} already has {QUOTA} trails in {region}.");
            return Err(fault("MaximumNumberOfTrailsExceededException", message));
        }
    }
    Ok(())
}

/// The ARN of the key that an id, an alias or an ARN means.
pub(super) fn key(call: &mut Call<'_>, id: &str) -> Result<String, Fault> {
    let (account, region) = (call.account, call.region);
    match kms::find(call.world, account, region, id) {
        Some(found) => Ok(found.arn),
        None => Err(fault("KmsKeyNotFoundException", format!("KMS key {id} is not found."))),
    }
}

/// Everything a trail's bucket and key must allow.
pub(super) fn check(world: &mut World, place: &Place, trail: &Trail) -> Result<(), Fault> {
    let Some(region) = world.buckets.get(&trail.bucket).map(|bucket| bucket.region.clone()) else {
        return Err(fault("S3BucketDoesNotExistException", format!("S3 bucket {} does not exist!", trail.bucket)));
    };
    if !bucket_allows(world, place, trail) {
        let message = format!("Incorrect S3 bucket policy is detected for bucket: {}", trail.bucket);
        return Err(fault("InsufficientS3BucketPolicyException", message));
    }
    let Some(arn) = &trail.key else { return Ok(()) };
    let found = kms::find(world, &place.account, &region, arn).filter(|found| found.region == region);
    let Some(found) = found else {
        let message = format!("KMS key {arn} is not found in the region of the S3 bucket, {region}.");
        return Err(fault("KmsKeyNotFoundException", message));
    };
    let state = found.key(world).state.clone();
    if state != "Enabled" {
        return Err(fault("KmsException", format!("KMS key {arn} is in state {state}.")));
    }
    let through = bucket_key(world, trail);
    if key_allows(world, place, &found.arn, &found.policy, through) {
        return Ok(());
    }
    let message = format!("Insufficient permissions to access S3 bucket {} or KMS key {arn}.", trail.bucket);
    Err(fault("InsufficientEncryptionPolicyException", message))
}

/// What `CloudTrail` says of itself when it calls S3 and KMS.
fn context(world: &World, place: &Place) -> Context {
    Context::default()
        .with("aws:SourceArn", place.arn(world))
        .with("aws:SourceAccount", place.account.clone())
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", SERVICE)
}

fn bucket_allows(world: &World, place: &Place, trail: &Trail) -> bool {
    let policy = world.buckets.get(&trail.bucket).and_then(|bucket| bucket.policy.as_deref());
    let Some(policy) = policy.and_then(|text| Document::parse(text, Sort::Resource).ok()) else { return false };
    let bucket = format!("arn:{}:s3:::{}", world.partition, trail.bucket);
    let prefix = trail.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let mut owners = vec![place.account.clone()];
    if trail.organization {
        owners.extend(world.organization.as_ref().map(|organization| organization.id.clone()));
    }
    let reading = context(world, place);
    let writing = reading.clone().with("s3:x-amz-acl", "bucket-owner-full-control");
    let writes = |owner: &String| {
        let object = format!("{bucket}/{prefix}AWSLogs/{owner}/CloudTrail/{}/2026/01/01/log.json.gz", place.home);
        service_may(&policy, SERVICE, "s3:PutObject", &object, &writing)
    };
    service_may(&policy, SERVICE, "s3:GetBucketAcl", &bucket, &reading) && owners.iter().all(writes)
}

/// Whether the bucket encrypts by an S3 Bucket Key, which `CloudTrail` has to decrypt each time it writes.
fn bucket_key(world: &World, trail: &Trail) -> bool {
    let rules = world.buckets.get(&trail.bucket).and_then(|bucket| bucket.encryption.as_array());
    rules.into_iter().flatten().any(|rule| rule["BucketKeyEnabled"] == true)
}

fn key_allows(world: &World, place: &Place, arn: &str, policy: &str, decrypting: bool) -> bool {
    let Ok(policy) = Document::parse(policy, Sort::Key) else { return false };
    let describing = context(world, place);
    let encrypting = describing.clone().with("kms:EncryptionContext:aws:cloudtrail:arn", place.arn(world));
    service_may(&policy, SERVICE, "kms:GenerateDataKey", arn, &encrypting)
        && service_may(&policy, SERVICE, "kms:DescribeKey", arn, &describing)
        && (!decrypting || service_may(&policy, SERVICE, "kms:Decrypt", arn, &encrypting))
}

/// What stands in the way of delivery now, as the status shows it.
pub(super) fn delivery(world: &mut World, place: &Place, trail: &Trail) -> Option<String> {
    match check(world, place, trail).err()?.code.as_str() {
        "S3BucketDoesNotExistException" => Some("NoSuchBucket".to_owned()),
        "KmsKeyNotFoundException" => Some("KMS.NotFoundException".to_owned()),
        "KmsException" => Some("KMS.DisabledException".to_owned()),
        _ => Some("AccessDenied".to_owned()),
    }
}
