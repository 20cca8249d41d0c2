//! Everything of an account's IAM in one answer, and its figures.

use super::iam::{encoded, listed};
use super::{iam_attachments as attachments, iam_policies as policies, iam_tags as tagging};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn inline(policies: &BTreeMap<String, String>) -> Value {
    policies.iter().map(|(name, text)| json!({"PolicyName": name, "PolicyDocument": encoded(text)})).collect()
}

/// The lists of the answer, by what the filter calls their elements.
const LISTS: [(&str, &str); 4] = [
    ("User", "UserDetailList"),
    ("Group", "GroupDetailList"),
    ("Role", "RoleDetailList"),
    ("LocalManagedPolicy", "Policies"),
];

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let filter = call.texts("Filter");
    let wanted = |sort: &str| filter.is_empty() || filter.iter().any(|one| one == sort);
    if filter.iter().any(|one| one == "AWSManagedPolicy") {
        return Err(Fault::new(501, "SimulatorGap", "the policies of AWS are not listed"));
    }
    let mut all = vec![];
    for (sort, list) in LISTS.into_iter().filter(|(sort, _)| wanted(sort)) {
        all.extend(elements(call, sort).into_iter().map(|element| json!({ "list": list, "element": element })));
    }
    let page = listed(call, "all", all)?;
    let mut answer = json!({"IsTruncated": page["IsTruncated"]});
    if let Some(marker) = page.get("Marker") {
        answer["Marker"] = marker.clone();
    }
    for (_, list) in LISTS {
        let found = page["all"].as_array().into_iter().flatten().filter(|one| one["list"] == list);
        answer[list] = found.map(|one| one["element"].clone()).collect();
    }
    Ok(answer)
}

fn elements(call: &mut Call<'_>, sort: &str) -> Vec<Value> {
    let (partition, account) = (call.world.partition.clone(), call.account.to_owned());
    let iam = call.mine().iam.clone();
    match sort {
        "User" => {
            let groups = |name: &String| -> Vec<&String> {
                iam.groups.iter().filter(|(_, group)| group.users.contains(name)).map(|(group, _)| group).collect()
            };
            let shown = iam.users.iter().map(|(name, user)| {
                json!({
                    "Path": user.path(), "UserName": name, "UserId": user.id, "CreateDate": user.created,
                    "Arn": user.arn(&partition, &account, name), "UserPolicyList": inline(&user.inline),
                    "GroupList": groups(name), "AttachedManagedPolicies": attachments::attached(&user.attached),
                    "Tags": tagging::shown(&user.tags),
                })
            });
            shown.collect()
        }
        "Group" => {
            let shown = iam.groups.iter().map(|(name, group)| {
                json!({
                    "Path": group.path, "GroupName": name, "GroupId": group.id, "CreateDate": group.created,
                    "Arn": group.arn(&partition, &account, name), "GroupPolicyList": inline(&group.inline),
                    "AttachedManagedPolicies": attachments::attached(&group.attached),
                })
            });
            shown.collect()
        }
        "Role" => {
            let shown = iam.roles.iter().map(|(name, role)| {
                json!({
                    "Path": role.path, "RoleName": name, "RoleId": role.id, "CreateDate": role.created,
                    "Arn": format!("arn:{partition}:iam::{account}:role{}{name}", role.path),
                    "AssumeRolePolicyDocument": encoded(&role.trust), "InstanceProfileList": [],
                    "RolePolicyList": inline(&role.inline),
                    "AttachedManagedPolicies": attachments::attached(&role.attached), "Tags": tagging::shown(&role.tags),
                })
            });
            shown.collect()
        }
        _ => {
            let shown = iam.policies.iter().map(|(arn, policy)| {
                let mut shown = policies::shown(&iam, arn, policy);
                shown.insert("PolicyVersionList".to_owned(), policy.shown_versions().into());
                Value::Object(shown)
            });
            shown.collect()
        }
    }
}

pub(super) fn summary(call: &mut Call<'_>) -> Result<Value, Fault> {
    let iam = &call.mine().iam;
    let in_use = iam.users.values().map(|user| user.mfa.len()).sum::<usize>() + iam.root.mfa.len();
    let devices = iam.devices.len();
    Ok(json!({"SummaryMap": {
        "Users": iam.users.len(), "UsersQuota": 5000, "Roles": iam.roles.len(), "RolesQuota": 1000,
        "Groups": iam.groups.len(), "GroupsQuota": 300, "Policies": iam.policies.len(), "PoliciesQuota": 1500,
        "MFADevices": devices, "MFADevicesInUse": in_use,
        // These four are of the root user alone.
        "AccountMFAEnabled": u8::from(!iam.root.mfa.is_empty()),
        "AccountAccessKeysPresent": u8::from(!iam.root.keys.is_empty()),
        "AccountPasswordPresent": u8::from(iam.root.password), "AccountSigningCertificatesPresent": 0,
        "ServerCertificates": iam.certificates.len(), "ServerCertificatesQuota": 20,
        "Providers": iam.saml.len() + iam.oidc.len(),
    }}))
}
