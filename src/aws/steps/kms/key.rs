//! A key that is made under an alias. Its id is not known before, so every step finds it by the alias,
//! or else by the tag that it got when it was made.

use aws_sdk_kms::types as sdk;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rotation::{ENABLE, STATUS, switch_on};
use crate::Absent;
use crate::observe::{Call, Class, DeniedBy, ReadError};
use crate::ownership::MANAGED;
use crate::steps::document::{document_of, united};
use crate::steps::undo::kms::{DeleteAlias, RestoreKeyPolicy, ScheduleKeyDeletion};
use crate::steps::writer::done_on;
use crate::steps::{Atom, Step, Undo, Writer, anywhere};
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "KMS", operation, action }
}

pub(in crate::steps) const DESCRIBE_KEY: Call = call("DescribeKey", "kms:DescribeKey");
pub(in crate::steps) const LIST_KEYS: Call = call("ListKeys", "kms:ListKeys");
pub(in crate::steps) const LIST_RESOURCE_TAGS: Call = call("ListResourceTags", "kms:ListResourceTags");

/// What was made a moment ago may not be known everywhere.
const YOUNG: &[&str] = &["NotFoundException"];

pub(in crate::steps) fn at(writer: &Writer, region: &Region) -> Target {
    Target { account: writer.at.account.clone(), region: Some(region.clone()) }
}

/// The ARN of the key that an alias, an id or an ARN names.
///
/// # Errors
/// There is no such key, or KMS gave no answer.
pub(in crate::steps) async fn arn_of(writer: &Writer, region: &Region, name: &str) -> Result<String, ReadError> {
    if name.contains(":key/") {
        return Ok(name.to_owned());
    }
    let asked = writer.session.kms(region).describe_key().key_id(name);
    let answer = writer.session.ask(&at(writer, region), &DESCRIBE_KEY, asked.send()).await?;
    let arn = answer.key_metadata.map(|key| key.arn.unwrap_or(key.key_id));
    Ok(arn.unwrap_or_else(|| name.to_owned()))
}

/// The id of the key that the alias means, or else of the one that was made for this address and has no alias yet.
async fn find(writer: &Writer, region: &Region, alias: &str, address: &str) -> Result<Option<String>, ReadError> {
    let asked = writer.session.kms(region).describe_key().key_id(alias);
    let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
    let answer = writer.session.ask(&at(writer, region), &DESCRIBE_KEY, sending).await?;
    match answer.and_then(|answer| answer.key_metadata) {
        Some(key) => Ok(Some(key.key_id)),
        None => find_by_tag(writer, region, address).await,
    }
}

/// The id of the key that bears this address and is enabled.
pub(in crate::steps) async fn find_by_tag(
    writer: &Writer,
    region: &Region,
    address: &str,
) -> Result<Option<String>, ReadError> {
    let (at, client) = (at(writer, region), writer.session.kms(region));
    let mut marker: Option<String> = None;
    loop {
        let asked = client.list_keys().set_marker(marker);
        let page = writer.session.ask(&at, &LIST_KEYS, asked.send()).await?;
        for id in page.keys().iter().filter_map(sdk::KeyListEntry::key_id) {
            if bears(writer, region, id, address).await? && is_enabled(writer, region, id).await? {
                return Ok(Some(id.to_owned()));
            }
        }
        marker = page.next_marker.filter(|marker| page.truncated && !marker.is_empty());
        if marker.is_none() {
            return Ok(None);
        }
    }
}

async fn bears(writer: &Writer, region: &Region, id: &str, address: &str) -> Result<bool, ReadError> {
    let asked = writer.session.kms(region).list_resource_tags().key_id(id);
    match writer.session.ask(&at(writer, region), &LIST_RESOURCE_TAGS, asked.send()).await {
        Ok(found) => Ok(found.tags().iter().any(|tag| tag.tag_key() == MANAGED && tag.tag_value() == address)),
        // The policy of a key of ours lets its account in, so a key that does not is none of ours.
        Err(ReadError { class: Class::Denied(DeniedBy::Resource | DeniedBy::Unknown), .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn is_enabled(writer: &Writer, region: &Region, id: &str) -> Result<bool, ReadError> {
    let asked = writer.session.kms(region).describe_key().key_id(id);
    let answer = writer.session.ask(&at(writer, region), &DESCRIBE_KEY, asked.send()).await?;
    Ok(answer.key_metadata.is_some_and(|key| key.enabled))
}

/// Says that a key which an earlier step has made cannot be found yet, so that the step is tried again.
fn not_found(writer: &Writer, region: &Region, alias: &str) -> ReadError {
    ReadError {
        at: at(writer, region),
        action: DESCRIBE_KEY.action.to_owned(),
        class: Class::Failed,
        code: Some("NotFoundException".to_owned()),
        message: format!("the key that was made for {alias} is not there"),
        status: None,
        request_id: None,
    }
}

/// The id of a key that is made on the way is not known before. A condition on its tag or alias would do, were it not
/// that [these take up to five minutes](https://docs.aws.amazon.com/kms/latest/developerguide/abac.html) to have a say.
fn any_key(region: &Region, at: &Target, partition: &Partition) -> String {
    format!("arn:{partition}:kms:{region}:{}:key/*", at.account)
}

/// Makes a key for an alias, unless there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateKey {
    /// The alias that it will get.
    pub alias: String,
    /// Its region.
    pub region: Region,
    /// The address that its tag gets as its value.
    pub address: String,
    /// What it is for.
    pub description: String,
    /// Its policy.
    pub policy: Value,
}

impl Atom for CreateKey {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, LIST_KEYS, LIST_RESOURCE_TAGS, call("CreateKey", "kms:CreateKey")];
    const DEPENDENT: &'static [&'static str] = &["kms:TagResource", "kms:PutKeyPolicy"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if find(writer, &self.region, &self.alias, &self.address).await?.is_some() {
            return Ok(());
        }
        let tag = sdk::Tag::builder().tag_key(MANAGED).tag_value(&self.address).build().ok();
        let request = writer.session.kms(&self.region).create_key().policy(self.policy.to_string());
        let request = request.description(&self.description).set_tags(tag.map(|tag| vec![tag]));
        // Its id is not known before, so what undoes it finds it by its tag.
        let back = ScheduleKeyDeletion {
            alias: self.alias.clone(),
            region: self.region.clone(),
            address: self.address.clone(),
            policy: self.policy.clone(),
        };
        let undo = Undo::by(Step::ScheduleKeyDeletion(back));
        writer.write(&at(writer, &self.region), &Self::CALLS[3], undo, request.send()).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        // AWS knows no resource for what makes a key. Its tags and its policy are those of a key without a name yet.
        if Self::DEPENDENT.contains(&action) { vec![any_key(&self.region, at, partition)] } else { anywhere() }
    }

    fn says(&self) -> String {
        format!("CreateKey for {} in {}", self.alias, self.region)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("a KMS key bills monthly")
    }

    fn undo(&self) -> String {
        "none: what a deleted key has encrypted is lost".to_owned()
    }
}

/// Rotates a key that was made for an alias every year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RotateMadeKey {
    /// The alias that it will get.
    pub alias: String,
    /// Its region.
    pub region: Region,
    /// The value of its tag.
    pub address: String,
}

impl Atom for RotateMadeKey {
    const CALLS: &'static [Call] = &[DESCRIBE_KEY, LIST_KEYS, LIST_RESOURCE_TAGS, STATUS, ENABLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let found = find(writer, &self.region, &self.alias, &self.address).await?;
        let id = found.ok_or_else(|| not_found(writer, &self.region, &self.alias))?;
        switch_on(writer, &at(writer, &self.region), &self.region, &id, None).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![any_key(&self.region, at, partition)]
    }

    fn says(&self) -> String {
        format!("EnableKeyRotation of the key for {}", self.alias)
    }

    fn cost(&self) -> Option<&'static str> {
        Some("each of a key's first two rotations bills monthly")
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "DisableKeyRotation".to_owned()
    }
}

/// Gives a key that was made for an alias that alias.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateAlias {
    /// The alias.
    pub alias: String,
    /// The region of the key.
    pub region: Region,
    /// The value of the key's tag.
    pub address: String,
}

impl Atom for CreateAlias {
    const CALLS: &'static [Call] =
        &[LIST_KEYS, LIST_RESOURCE_TAGS, DESCRIBE_KEY, call("CreateAlias", "kms:CreateAlias")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let found = find(writer, &self.region, &self.alias, &self.address).await?;
        let id = found.ok_or_else(|| not_found(writer, &self.region, &self.alias))?;
        let back = DeleteAlias { alias: self.alias.clone(), region: self.region.clone(), key_id: id.clone() };
        let undo = Undo::by(Step::DeleteAlias(back));
        let request = writer.session.kms(&self.region).create_alias().alias_name(&self.alias).target_key_id(id);
        // An alias that is there already was found by its name, and so means the key that was found.
        let written = writer.write(&at(writer, &self.region), &Self::CALLS[3], undo, request.send()).await;
        done_on(written, &["AlreadyExistsException"])
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        let alias = format!("arn:{partition}:kms:{}:{}:{}", self.region, at.account, self.alias);
        vec![alias, any_key(&self.region, at, partition)]
    }

    fn says(&self) -> String {
        format!("CreateAlias {}", self.alias)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        format!("DeleteAlias {}", self.alias)
    }
}

/// Adds statements to the policy of a key; those of others stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutKeyPolicy {
    /// An alias, an id or an ARN.
    pub key: String,
    /// The ARN of the key that this names.
    pub arn: String,
    /// Its region.
    pub region: Region,
    /// What the policy has to cover.
    pub statements: Vec<Value>,
}

impl Atom for PutKeyPolicy {
    const CALLS: &'static [Call] =
        &[call("GetKeyPolicy", "kms:GetKeyPolicy"), call("PutKeyPolicy", "kms:PutKeyPolicy")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (at, client) = (at(writer, &self.region), writer.session.kms(&self.region));
        let asked = client.get_key_policy().key_id(&self.arn).policy_name("default");
        let found = writer.session.ask(&at, &Self::CALLS[0], asked.send()).await?;
        let document = document_of(&at, &Self::CALLS[0], found.policy.as_deref())?;
        if document.covers(&self.statements) {
            return Ok(());
        }
        let merged = document.with(&self.statements).to_string();
        let undo = match found.policy {
            Some(before) => {
                let (key, region, set) = (self.arn.clone(), self.region.clone(), merged.clone());
                Undo::by(Step::RestoreKeyPolicy(RestoreKeyPolicy { key, region, set, before }))
            }
            None => Undo::Never("KMS did not say what the policy of the key was: set it by hand".to_owned()),
        };
        let request = client.put_key_policy().key_id(&self.arn).policy_name("default").policy(merged);
        writer.write(&at, &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, _: &str, _: &Target, _: &Partition) -> Vec<String> {
        vec![self.arn.clone()]
    }

    fn says(&self) -> String {
        let sids: Vec<&str> = self.statements.iter().filter_map(|one| one["Sid"].as_str()).collect();
        format!("PutKeyPolicy of {} with \"{}\" beside what it holds", self.key, sids.join("\", \""))
    }

    fn beside(&self, other: &Self) -> Option<Self> {
        let is_same = self.arn == other.arn && self.region == other.region;
        is_same.then(|| Self { statements: united(&self.statements, &other.statements), ..self.clone() })
    }

    fn undo(&self) -> String {
        "PutKeyPolicy with the former policy".to_owned()
    }
}
