//! Tags of users, customer managed policies and server certificates. Those of roles come with the role.

use std::collections::BTreeMap;

use super::iam::{listed, missing, tags};
use super::{iam_policies as policies, iam_users as users};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};

type Tags = BTreeMap<String, String>;

/// Where a call finds the tags of what it names.
type Of = for<'a> fn(&'a mut Call<'_>) -> Result<&'a mut Tags, Fault>;

/// As many as anything of IAM has.
const MOST: usize = 50;

pub(super) fn of_user<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Tags, Fault> {
    Ok(&mut users::user(call)?.1.tags)
}

pub(super) fn of_policy<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Tags, Fault> {
    Ok(&mut policies::policy(call)?.1.tags)
}

pub(super) fn of_certificate<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Tags, Fault> {
    let name = call.need("ServerCertificateName")?.to_owned();
    match call.mine().iam.certificates.get_mut(&name) {
        Some(certificate) => Ok(&mut certificate.tags),
        None => Err(missing(format!("The Server Certificate with name {name} cannot be found."))),
    }
}

/// The tags that a call sends, as IAM takes them.
pub(super) fn sent(call: &Call<'_>) -> Result<Tags, Fault> {
    let sent = tags(call.list("Tags"));
    if sent.keys().any(|key| key.starts_with("aws:")) {
        return Err(Fault::new(400, "InvalidInput", "Tag keys that begin with aws: are reserved for AWS"));
    }
    Ok(sent)
}

/// Tags as IAM answers them, by key.
pub(super) fn shown(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

pub(super) fn list(call: &mut Call<'_>, of: Of) -> Result<Value, Fault> {
    let all = shown(of(call)?);
    listed(call, "Tags", all)
}

pub(super) fn tag(call: &mut Call<'_>, of: Of) -> Result<Value, Fault> {
    let sent = sent(call)?;
    let known = of(call)?;
    let mut all = known.clone();
    all.extend(sent);
    if all.len() > MOST {
        return Err(Fault::new(409, "LimitExceeded", format!("It may have {MOST} tags")));
    }
    *known = all;
    Ok(json!({}))
}

pub(super) fn untag(call: &mut Call<'_>, of: Of) -> Result<Value, Fault> {
    let keys = call.texts("TagKeys");
    of(call)?.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
