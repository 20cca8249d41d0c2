//! Bucket policies: what is accepted, and what is public.

use super::s3::{Bucket, bucket, fault};
use super::s3_control;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Document, Named, Sort, Statement};
use serde_json::{Value, json};

/// Policies are the owner's alone, whatever the policy itself says.
fn own_bucket<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Bucket, Fault> {
    let account = call.account;
    let bucket = bucket(call)?;
    if bucket.owner == account {
        Ok(bucket)
    } else {
        Err(fault(405, "MethodNotAllowed", "The specified method is not allowed against this resource."))
    }
}

fn no_policy(call: &Call<'_>) -> Fault {
    let name = call.text("Bucket").unwrap_or_default();
    fault(404, "NoSuchBucketPolicy", "The bucket policy does not exist").with("BucketName", name)
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(policy) = own_bucket(call)?.policy.clone() else { return Err(no_policy(call)) };
    Ok(json!({ "Policy": policy }))
}

pub(super) fn get_status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(policy) = own_bucket(call)?.policy.clone() else { return Err(no_policy(call)) };
    let public = Document::parse(&policy, Sort::Resource).is_ok_and(|document| is_public(&document));
    Ok(json!({"PolicyStatus": {"IsPublic": public}}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    own_bucket(call)?.policy = None;
    Ok(json!({}))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, text) = (call.need("Bucket")?.to_owned(), call.need("Policy")?.to_owned());
    let blocks = own_bucket(call)?.public_access_block.clone().unwrap_or_default()["BlockPublicPolicy"] == json!(true)
        || s3_control::blocks(call.world, call.account, "BlockPublicPolicy");
    let malformed = |why: &str| fault(400, "MalformedPolicy", why);
    let document = Document::parse(&text, Sort::Resource).map_err(|why| malformed(&why))?;
    let own = format!("arn:{}:s3:::{name}", call.world.partition);
    for statement in document.statements() {
        let ours = |resource: &String| *resource == own || resource.starts_with(&format!("{own}/"));
        if !statement.resources().iter().all(ours) {
            return Err(malformed("Policy has invalid resource"));
        }
        let named: Vec<Named> = statement.principals().unwrap_or_default().to_vec();
        for principal in named {
            if let Named::Aws(arn) = principal
                && !super::iam::exists(call.world, &arn)
            {
                return Err(malformed("Invalid principal in policy"));
            }
        }
    }
    if blocks && is_public(&document) {
        let message = format!(
            "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{own}\" because public policies are \
             prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            call.caller.arn
        );
        return Err(Fault::denied(message));
    }
    own_bucket(call)?.policy = Some(text);
    Ok(json!({}))
}

/// Keys that narrow a statement for everyone to somebody, when they are pinned to fixed values.
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// What S3 calls public: some statement allows everyone, and no condition narrows it to somebody.
fn is_public(document: &Document) -> bool {
    document
        .statements()
        .iter()
        .filter(|statement| statement.allow)
        .any(|statement| everyone(statement) && !narrowed(statement))
}

fn everyone(statement: &Statement) -> bool {
    statement.principals().is_none_or(|principals| principals.contains(&Named::Anyone))
}

fn narrowed(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        let fixed = |value: &String| !matches!(value.as_str(), "*" | "0.0.0.0/0" | "::/0") && !value.contains("${");
        condition.pins()
            && NARROWING.contains(&condition.key().to_lowercase().as_str())
            && condition.wanted().iter().all(fixed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(rest: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":"s3:*","Resource":"arn:aws:s3:::b",{rest}}}]}}"#
        );
        is_public(&Document::parse(&text, Sort::Resource).unwrap())
    }

    #[test]
    fn public_is_what_everyone_may_without_a_narrowing_condition() {
        assert!(public(r#""Effect":"Allow","Principal":"*""#));
        assert!(public(
            r#""Effect":"Allow","Principal":{"AWS":"*"},"Condition":{"Bool":{"aws:SecureTransport":"true"}}"#
        ));
        assert!(public(r#""Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#));
        assert!(!public(r#""Effect":"Deny","Principal":"*""#));
        assert!(!public(r#""Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"}"#));
        assert!(!public(
            r#""Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}}"#
        ));
    }
}
