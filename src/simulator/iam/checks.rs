//! What an operation asks for: its own action on its resource, and the actions AWS checks on the caller besides.

use super::actions::{self, On};
use super::document::Sort;
use crate::fault::Fault;
use crate::front::Call;
use crate::services;
use crate::world::Principal;
use serde_json::Value;

/// One question of [`super::authorize`].
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) action: String,
    pub(crate) resource: String,
    /// The resource's own policy.
    pub(crate) policy: Option<(String, Sort)>,
    /// That policy must allow, also in the same account.
    pub(crate) decides: bool,
    /// The account that the resource belongs to.
    pub(crate) owner: String,
}

impl Check {
    /// How a refusal shows the resource: S3 puts it in quotes.
    pub(crate) fn shown(&self) -> String {
        if self.action.starts_with("s3:") { format!("\"{}\"", self.resource) } else { self.resource.clone() }
    }
}

/// Every check of a call, in AWS's order: the action itself, then what it depends on.
pub(crate) fn of(call: &mut Call<'_>) -> Result<Vec<Check>, Fault> {
    let Some(row) = actions::row(call.service, call.operation) else {
        let message = format!("{} {} is not in the table of actions", call.service, call.operation);
        return Err(Fault::new(501, "SimulatorGap", message));
    };
    if row.on == On::Nothing {
        return Ok(Vec::new());
    }
    let action = format!("{}:{}", call.vendor(), row.action);
    let mut checks = match row.on {
        On::Arns(member) => {
            let plain = check(call, &action, On::All);
            call.texts(member).into_iter().map(|resource| Check { resource, ..plain.clone() }).collect()
        }
        On::Alarms(member) => {
            let plain = check(call, &action, On::All);
            let names = call.texts(member);
            let alarm = |name: &String| Check { resource: call.arn(&format!("alarm:{name}")), ..plain.clone() };
            if names.is_empty() { vec![alarm(&"*".to_owned())] } else { names.iter().map(alarm).collect() }
        }
        On::Ec2(kind, member) if !call.texts(member).is_empty() => {
            let plain = check(call, &action, On::All);
            let arns: Vec<String> = call.texts(member).iter().map(|id| call.arn(&format!("{kind}/{id}"))).collect();
            arns.into_iter().map(|resource| Check { resource, ..plain.clone() }).collect()
        }
        on => vec![check(call, &action, on)],
    };
    match call.operation {
        "CreateAlias" | "UpdateAlias" => checks.push(check(call, &action, On::Key("TargetKeyId"))),
        "DeleteAlias" => checks.push(check(call, &action, On::Key("AliasName"))),
        _ => {}
    }
    for (action, resource) in dependents(call) {
        checks.push(Check { action, resource, policy: None, decides: false, owner: call.account.to_owned() });
    }
    Ok(checks)
}

/// An action on the bucket that a call names.
pub(super) fn of_bucket(call: &mut Call<'_>, action: &str) -> Check {
    check(call, action, On::Bucket)
}

fn check(call: &mut Call<'_>, action: &str, on: On) -> Check {
    let account = call.account.to_owned();
    let mut check = Check {
        action: action.to_owned(),
        resource: "*".to_owned(),
        policy: None,
        decides: false,
        owner: account.clone(),
    };
    let member = |call: &Call<'_>, name: &str| call.text(name).unwrap_or_default().to_owned();
    match on {
        On::Analyzer(name) => check.resource = call.arn(&format!("analyzer/{}", member(call, name))),
        On::Recorder => check.resource = call.arn(&format!("configuration-recorder/default/{}", "0".repeat(16))),
        On::Hub => check.resource = call.arn("hub/default"),
        On::All | On::Alarms(_) | On::Arns(_) | On::Nothing => {}
        On::Alarm(name) => check.resource = call.arn(&format!("alarm:{}", member(call, name))),
        On::Topic(name) => {
            let name = member(call, name);
            check.resource = if name.starts_with("arn:") { name } else { call.arn(&name) };
            topic(call, &mut check);
        }
        On::Trail(name) => {
            let name = member(call, name);
            check.resource = if name.starts_with("arn:") { name } else { call.arn(&format!("trail/{name}")) };
        }
        On::Detector(name) => check.resource = call.arn(&format!("detector/{}", member(call, name))),
        On::Snapshot(name) => {
            let id = Some(member(call, name)).filter(|id| !id.is_empty()).unwrap_or_else(|| "*".to_owned());
            check.resource = format!("arn:{}:ec2:{}::snapshot/{id}", call.world.partition, call.region);
        }
        On::Volume => check.resource = call.arn("volume/*"),
        On::Ec2(kind, name) => {
            let id = Some(member(call, name)).filter(|id| !id.is_empty()).unwrap_or_else(|| "*".to_owned());
            check.resource = call.arn(&format!("{kind}/{id}"));
        }
        On::Alias(name) => check.resource = call.arn(&member(call, name)),
        On::Arn(name) => check.resource = member(call, name),
        // The resource of every action on a log group is its streams, also where none is meant.
        On::LogGroup(name) => {
            let stream = member(call, "logStreamName");
            check.resource = call.arn(&format!("log-group:{}:log-stream:{stream}", member(call, name)));
        }
        On::Key(name) => key(call, &member(call, name), &mut check),
        On::Bucket | On::Object => {
            let name = member(call, "Bucket");
            let below = if on == On::Object { format!("/{}", member(call, "Key")) } else { String::new() };
            check.resource = format!("arn:{}:s3:::{name}{below}", call.world.partition);
            // Who asks for a name that is taken asks for a bucket of its own all the same.
            let known = call.world.buckets.get(&name).filter(|_| call.operation != "CreateBucket");
            if let Some(bucket) = known {
                check.owner.clone_from(&bucket.owner);
                check.policy = bucket.policy.clone().map(|text| (text, Sort::Resource));
            }
        }
        On::Role(name) => check.resource = services::iam::role_arn(call.world, &account, &member(call, name)),
        On::ServiceRole => {
            let service = member(call, "AWSServiceName");
            check.resource = format!("arn:{}:iam::{account}:role/aws-service-role/{service}/*", call.world.partition);
        }
        On::User => {
            let (own, is_root) = match &call.caller.principal {
                Principal::User(name) => (name.clone(), false),
                Principal::Root | Principal::RootTask(_) => (String::new(), true),
                Principal::Role(_) => (String::new(), false),
            };
            let named = call.text("UserName").map(str::to_owned);
            check.resource = if is_root && named.is_none() {
                format!("arn:{}:iam::{account}:root", call.world.partition)
            } else {
                services::iam::user_arn(call.world, &account, &named.unwrap_or(own))
            };
        }
        On::OwnerOfKey => {
            let owner = services::iam::owner_of_key(call.world, &account, &member(call, "AccessKeyId"));
            check.resource = services::iam::user_arn(call.world, &account, &owner.unwrap_or_default());
        }
        On::Group => check.resource = services::iam::group_arn(call.world, &account, &member(call, "GroupName")),
        On::NewPolicy => {
            let path = call.text("Path").unwrap_or("/").to_owned();
            let name = member(call, "PolicyName");
            check.resource = format!("arn:{}:iam::{account}:policy{path}{name}", call.world.partition);
        }
        On::Named(sort, name) => {
            let name = member(call, name);
            let name = name.trim_start_matches("https://");
            check.resource = format!("arn:{}:iam::{account}:{sort}/{name}", call.world.partition);
        }
        On::Account => check.resource = services::account::arn(call),
        On::Organization(name) => check.resource = services::organizations::arn(call.world, &member(call, name)),
    }
    check
}

/// A topic belongs to the account in its ARN, and has a policy if it is there.
fn topic(call: &mut Call<'_>, check: &mut Check) {
    if let Some(owner) = check.resource.split(':').nth(4).filter(|owner| !owner.is_empty()) {
        owner.clone_into(&mut check.owner);
    }
    check.policy = services::sns::policy(call.world, &check.resource).map(|text| (text, Sort::Resource));
}

/// A key that does not exist has no policy to ask; the handler then says that it is not there.
fn key(call: &mut Call<'_>, id: &str, check: &mut Check) {
    let (account, region) = (call.account.to_owned(), call.region.to_owned());
    if let Some(key) = services::kms::find(call.world, &account, &region, id) {
        check.resource = key.arn;
        check.owner = key.account;
        check.policy = Some((key.policy, Sort::Key));
        check.decides = true;
    } else {
        check.resource = if id.starts_with("arn:") { id.to_owned() } else { call.arn(&format!("key/{id}")) };
    }
}

/// What AWS checks on the caller besides the operation's own action.
fn dependents(call: &mut Call<'_>) -> Vec<(String, String)> {
    let sent = |call: &Call<'_>, member: &str| match call.input.get(member) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    let all = |action: &str| (action.to_owned(), "*".to_owned());
    let mut asked = Vec::new();
    match (call.service, call.operation) {
        ("access-analyzer", "CreateAnalyzer") => {
            if sent(call, "tags") {
                let name = call.text("analyzerName").unwrap_or_default();
                asked.push(("access-analyzer:TagResource".to_owned(), call.arn(&format!("analyzer/{name}"))));
            }
            let role = services::access_analyzer::ROLE;
            if !services::iam::has_role(call.world, call.account, role) {
                asked.push(("iam:CreateServiceLinkedRole".to_owned(), linked_role(call, "access-analyzer", role)));
            }
        }
        ("config", "PutConfigurationRecorder") => {
            let role = call.input["ConfigurationRecorder"]["roleARN"].as_str().unwrap_or_default().to_owned();
            asked.push(("iam:PassRole".to_owned(), role));
        }
        ("cloudtrail", "CreateTrail" | "UpdateTrail") => {
            if call.operation == "CreateTrail" && sent(call, "TagsList") {
                asked.push((
                    "cloudtrail:AddTags".to_owned(),
                    call.arn(&format!("trail/{}", call.text("Name").unwrap_or_default())),
                ));
            }
            if let Some(role) = call.text("CloudWatchLogsRoleArn").filter(|role| !role.is_empty()) {
                asked.push(("iam:PassRole".to_owned(), role.to_owned()));
            }
            if sent(call, "IsOrganizationTrail") {
                asked.push(all("organizations:DescribeOrganization"));
                asked.push(all("organizations:ListAWSServiceAccessForOrganization"));
                asked.push(("iam:GetRole".to_owned(), linked_role(call, "cloudtrail", "AWSServiceRoleForCloudTrail")));
                asked.push((
                    "iam:CreateServiceLinkedRole".to_owned(),
                    linked_role(call, "cloudtrail", "AWSServiceRoleForCloudTrail"),
                ));
            }
        }
        ("guardduty", "CreateDetector") => {
            if sent(call, "Tags") {
                asked.push(("guardduty:TagResource".to_owned(), call.arn("detector/*")));
            }
            if !services::iam::has_role(call.world, call.account, "AWSServiceRoleForAmazonGuardDuty") {
                let role = linked_role(call, "guardduty", "AWSServiceRoleForAmazonGuardDuty");
                asked.push(("iam:CreateServiceLinkedRole".to_owned(), role));
            }
        }
        ("guardduty", "EnableOrganizationAdminAccount") => {
            for action in ["DescribeOrganization", "EnableAWSServiceAccess", "RegisterDelegatedAdministrator"] {
                asked.push(all(&format!("organizations:{action}")));
            }
        }
        ("logs", "CreateLogGroup") if sent(call, "tags") => {
            let group = call.arn(&format!("log-group:{}", call.text("logGroupName").unwrap_or_default()));
            asked.push(("logs:TagResource".to_owned(), group));
        }
        ("monitoring", "PutMetricAlarm") if sent(call, "Tags") => {
            let name = call.text("AlarmName").unwrap_or_default();
            asked.push(("cloudwatch:TagResource".to_owned(), call.arn(&format!("alarm:{name}"))));
        }
        ("sns", "CreateTopic") if sent(call, "Tags") => {
            asked.push(("sns:TagResource".to_owned(), call.arn(call.text("Name").unwrap_or_default())));
        }
        ("ec2", "CreateFlowLogs") => {
            if sent(call, "TagSpecifications") {
                asked.push(("ec2:CreateTags".to_owned(), call.arn("vpc-flow-log/*")));
            }
            if let Some(role) = call.text("DeliverLogsPermissionArn") {
                asked.push(("iam:PassRole".to_owned(), role.to_owned()));
            }
            if call.text("LogDestinationType") == Some("s3") {
                asked.extend([all("logs:CreateLogDelivery"), all("logs:DeleteLogDelivery")]);
            }
        }
        ("ec2", "DeleteFlowLogs") => asked.push(all("logs:DeleteLogDelivery")),
        ("kms", "CreateKey") if sent(call, "Tags") => {
            asked.push(("kms:TagResource".to_owned(), call.arn("key/*")));
        }
        ("iam", "CreateUser") if sent(call, "Tags") => {
            let (path, name) = (call.text("Path").unwrap_or("/"), call.text("UserName").unwrap_or_default());
            let user = format!("arn:{}:iam::{}:user{path}{name}", call.world.partition, call.account);
            asked.push(("iam:TagUser".to_owned(), user));
        }
        ("iam", "CreatePolicy") if sent(call, "Tags") => {
            let (path, name) = (call.text("Path").unwrap_or("/"), call.text("PolicyName").unwrap_or_default());
            let policy = format!("arn:{}:iam::{}:policy{path}{name}", call.world.partition, call.account);
            asked.push(("iam:TagPolicy".to_owned(), policy));
        }
        ("iam", "UploadServerCertificate") if sent(call, "Tags") => {
            let (path, name) =
                (call.text("Path").unwrap_or("/"), call.text("ServerCertificateName").unwrap_or_default());
            let partition = &call.world.partition;
            let certificate = format!("arn:{partition}:iam::{}:server-certificate{path}{name}", call.account);
            asked.push(("iam:TagServerCertificate".to_owned(), certificate));
        }
        ("iam", "CreateRole") if sent(call, "Tags") => {
            let name = call.text("RoleName").unwrap_or_default().to_owned();
            let role = services::iam::role_arn(call.world, call.account, &name);
            asked.push(("iam:TagRole".to_owned(), role));
        }
        ("organizations", "CreateAccount" | "CreateOrganizationalUnit" | "CreatePolicy") if sent(call, "Tags") => {
            asked.push(all("organizations:TagResource"));
        }
        ("securityhub", "EnableSecurityHub") => {
            if sent(call, "Tags") {
                asked.push(("securityhub:TagResource".to_owned(), call.arn("hub/default")));
            }
            let role = services::securityhub::ROLE;
            if !services::iam::has_role(call.world, call.account, role) {
                asked.push(("iam:CreateServiceLinkedRole".to_owned(), linked_role(call, "securityhub", role)));
            }
        }
        ("s3", "PutObject") if sent(call, "IfMatch") => {
            let (bucket, key) = (call.text("Bucket").unwrap_or_default(), call.text("Key").unwrap_or_default());
            let object = format!("arn:{}:s3:::{bucket}/{key}", call.world.partition);
            asked.push(("s3:GetObject".to_owned(), object));
        }
        ("s3", "CreateBucket") => {
            let bucket = format!("arn:{}:s3:::{}", call.world.partition, call.text("Bucket").unwrap_or_default());
            let sent = [
                ("ACL", "s3:PutBucketAcl"),
                ("ObjectOwnership", "s3:PutBucketOwnershipControls"),
                ("ObjectLockEnabledForBucket", "s3:PutBucketVersioning"),
                ("ObjectLockEnabledForBucket", "s3:PutBucketObjectLockConfiguration"),
            ]
            .into_iter()
            .filter(|(member, _)| sent(call, member));
            asked.extend(sent.map(|(_, action)| (action.to_owned(), bucket.clone())));
        }
        _ => {}
    }
    asked
}

fn linked_role(call: &Call<'_>, service: &str, role: &str) -> String {
    format!("arn:{}:iam::{}:role/aws-service-role/{service}.amazonaws.com/{role}", call.world.partition, call.account)
}
