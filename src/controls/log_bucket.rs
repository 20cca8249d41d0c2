//! A bucket that a service of AWS delivers logs into: whether it is ours to set up, closed to others, and open to the
//! service. A trail has one and AWS Config has one, and the two may be the same.

use serde_json::{Value, json};

use crate::observe::Readable;
use crate::observe::s3::BucketSettings;
use crate::ownership::MANAGED;
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::refusal::Request;
use crate::steps::s3::{
    CreateBucket, PutBucketEncryption, PutBucketPolicy, PutBucketTagging, PutBucketVersioning, PutPublicAccessBlock,
};
use crate::target::{Object, Region};

/// The longest policy of a bucket, in bytes.
pub(super) const LONGEST_POLICY: usize = 20 * 1024;

/// What a bucket has to be for a service.
pub(super) struct LogBucket<'a> {
    /// The bucket.
    pub(super) object: &'a Object,
    /// Its region.
    pub(super) region: &'a Region,
    /// The service that delivers, in words.
    pub(super) service: &'static str,
    /// What its policy has to say.
    pub(super) statements: Vec<Value>,
    /// What the service asks of it.
    pub(super) requests: Vec<Request<'static>>,
}

impl LogBucket<'_> {
    /// What makes it.
    pub(super) fn creation(&self) -> Vec<Step> {
        self.steps(None)
    }

    /// What a bucket that is there lacks.
    ///
    /// # Errors
    /// No call makes it fit, in words that say what to do.
    pub(super) fn lacking(&self, there: &BucketSettings) -> Result<Vec<Step>, String> {
        let whose = format!("the bucket {}", self.object.name);
        let policy = Document::parse(there.policy.as_deref())
            .map_err(|error| format!("the policy of {whose} makes no sense: {error}"))?;
        let obstacle = obstacle(&policy, self.service, &self.statements, &self.requests, &whose, LONGEST_POLICY);
        if let Some(words) = obstacle {
            return Err(words);
        }
        // A bucket that blocks public access takes no policy that lets everybody in, whatever else it says.
        if let Some(statement) = policy.opens().filter(|_| !policy.covers(&self.statements)) {
            return Err(format!("{statement} in the policy of {whose} lets everybody in: take it out"));
        }
        Ok(self.steps(Some(there)))
    }

    /// A bucket that is made gets its tag at once, so that it is known again if the rest fails.
    fn steps(&self, there: Option<&BucketSettings>) -> Vec<Step> {
        let bucket = || self.object.name.clone();
        let region = || self.region.clone();
        let lacks = |has: fn(&BucketSettings) -> bool| !there.is_some_and(has);
        let mut steps = vec![];
        if lacks(|there| there.blocks_public_access) {
            steps.push(Step::PutPublicAccessBlock(PutPublicAccessBlock { bucket: bucket(), region: region() }));
        }
        if lacks(|there| there.encrypts) {
            steps.push(Step::PutBucketEncryption(PutBucketEncryption { bucket: bucket(), region: region() }));
        }
        // What could not be read is not known to be missing.
        if lacks(|there| there.keeps_versions != Readable::Read(false)) {
            let step = PutBucketVersioning { bucket: bucket(), region: region(), bills: false };
            steps.push(Step::PutBucketVersioning(step));
        }
        let policy = there.and_then(|there| there.policy.as_deref());
        if !Document::parse(policy).is_ok_and(|document| document.covers(&self.statements)) {
            let statements = self.statements.clone();
            steps.push(Step::PutBucketPolicy(PutBucketPolicy::with(&self.object.name, self.region, statements)));
        }
        if !steps.is_empty() && lacks(|there| there.tags.iter().any(|(key, _)| key == MANAGED)) {
            let tagging = PutBucketTagging { bucket: bucket(), region: region(), address: self.object.address() };
            steps.insert(0, Step::PutBucketTagging(tagging));
        }
        if there.is_none() {
            steps.insert(0, Step::CreateBucket(CreateBucket { bucket: bucket(), region: region() }));
        }
        steps
    }
}

/// Why something of Control Tower's is not made or changed; `setting` gives it another name.
pub(super) fn control_towers(name: &str, setting: &str) -> String {
    format!("{name} is Control Tower's: give another by the setting `{setting}`")
}

/// Refuses everybody who comes to the bucket with this ARN without TLS.
pub(super) fn tls_alone(bucket: &str) -> Value {
    json!({
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, format!("{bucket}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

/// Why adding statements to the policy of a resource, which is named by `whose`, does not let a service in, in words
/// that say what to do.
pub(super) fn obstacle(
    policy: &Document,
    service: &str,
    statements: &[Value],
    requests: &[Request<'_>],
    whose: &str,
    longest: usize,
) -> Option<String> {
    let refused = requests.iter().find_map(|request| policy.refuses(request).map(|statement| (statement, request)));
    if let Some((statement, Request { action, .. })) = refused {
        return Some(format!(
            "{statement} in the policy of {whose} denies {service} {action}: leave {service} out of it, such as by \
             a condition on aws:PrincipalIsAWSService"
        ));
    }
    if policy.covers(statements) {
        return None;
    }
    if let Some(id) = policy.names_deleted() {
        return Some(format!(
            "the policy of {whose} names {id}, which was deleted, and AWS takes no change of it before that is taken out"
        ));
    }
    let length = policy.clone().with(statements).to_string().len();
    (length > longest).then(|| {
        format!("the policy of {whose} would have {length} bytes, and AWS takes {longest}: take out what is not needed")
    })
}
