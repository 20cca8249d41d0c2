//! The log group that a trail is to deliver to, and the role by which it does: whether they are there and let it in.

use serde_json::{Value, json};

use super::trail::{Case, requirement};
use crate::controls::log_bucket::control_towers;
use crate::controls::need::Need;
use crate::drift::Difference;
use crate::observe::cloudtrail::{DELIVERY_POLICY, PRINCIPAL, Part, Whose};
use crate::observe::iam::RoleState;
use crate::observe::logs::GroupState;
use crate::ownership::{self, MANAGED, Signs, is_control_towers};
use crate::steps::Step;
use crate::steps::cloudtrail::Logs;
use crate::steps::document::Document;
use crate::steps::iam::{CreateRole, PutRolePolicy};
use crate::steps::logs::{CreateLogGroup, PutRetentionPolicy};
use crate::target::{Object, Region, Target};

/// Where a trail of this region delivers to.
pub(super) fn sent(case: &Case<'_>, region: &Region) -> Logs {
    let role = case.seen.making.log_role.as_ref().and_then(|role| role.as_result().ok()).and_then(Option::as_ref);
    let made = || format!("arn:{}:iam::{}:role/{}", case.context.partition, case.owner(), case.asked.delivery.role);
    Logs { group: format!("{}:*", group_arn(case, region)), role: role.map_or_else(made, |role| role.arn.clone()) }
}

fn group_arn(case: &Case<'_>, region: &Region) -> String {
    let (partition, account) = (case.context.partition, case.owner());
    format!("arn:{partition}:logs:{region}:{account}:log-group:{}", case.asked.delivery.group)
}

fn difference(observed: Value, wanted: &str) -> Difference {
    Difference { requirement: requirement(Part::CloudwatchLogs).to_owned(), observed, wanted: json!(wanted) }
}

/// What the trail with this ARN, of this region, needs before it can deliver to a log group.
pub(super) fn needed(case: &Case<'_>, region: &Region, trail: &str) -> [Need; 2] {
    [group(case, region), role(case, region, trail)]
}

fn group(case: &Case<'_>, region: &Region) -> Need {
    let name = &case.asked.delivery.group;
    let Some(group) = &case.seen.making.log_group else { return Need::Nothing };
    let at = Target { account: case.owner().clone(), region: Some(region.clone()) };
    let object = Object { at, kind: "logs.log_group".to_owned(), name: name.clone() };
    let stuck = |absent, words| Need::stuck(object.clone(), absent, difference(Value::Null, name), words);
    match group.as_result() {
        Err(error) => Need::unread(object, requirement(Part::CloudwatchLogs), json!(name), error),
        Ok(None) if is_control_towers(name) => stuck(true, control_towers(name, "log_group")),
        Ok(None) => {
            let create = CreateLogGroup { group: name.clone(), region: region.clone(), address: object.address() };
            let steps = vec![Step::CreateLogGroup(create), retention(case, region, true)];
            Need::steps(object, true, difference(Value::Null, name), steps)
        }
        Ok(Some(there)) => {
            let Some(young) = keeps_too_little(there, case.asked.delivery.retention_days) else { return Need::Nothing };
            let signs = Signs::of(there.tags.iter().cloned());
            if ownership::control_tower(name, Some(&signs)).is_some() {
                return stuck(false, control_towers(name, "log_group"));
            }
            let observed = json!(there.retention_days);
            Need::steps(object, false, difference(observed, name), vec![retention(case, region, young)]).signed(&signs)
        }
    }
}

/// Whether a log group keeps what it gets for too little; within, whether it was made by us a moment ago, and keeps for
/// ever because nobody has said how long. Anybody else's that keeps for ever is left to do so.
fn keeps_too_little(group: &GroupState, days: i32) -> Option<bool> {
    let ours = group.tags.iter().any(|(key, _)| key == MANAGED);
    match group.retention_days {
        Some(kept) if kept < days => Some(false),
        None if ours && group.empty => Some(true),
        Some(_) | None => None,
    }
}

fn retention(case: &Case<'_>, region: &Region, young: bool) -> Step {
    let (group, days) = (case.asked.delivery.group.clone(), case.asked.delivery.retention_days);
    Step::PutRetentionPolicy(PutRetentionPolicy { group, region: region.clone(), days, young })
}

fn role(case: &Case<'_>, region: &Region, trail: &str) -> Need {
    let name = &case.asked.delivery.role;
    let Some(role) = &case.seen.making.log_role else { return Need::Nothing };
    let at = Target { account: case.owner().clone(), region: None };
    let object = Object { at, kind: "iam.role".to_owned(), name: name.clone() };
    let stuck = |absent, words| Need::stuck(object.clone(), absent, difference(Value::Null, name), words);
    let document = json!({ "Version": "2012-10-17", "Statement": [writes(case, region)] });
    let put = PutRolePolicy { role: name.clone(), policy: DELIVERY_POLICY.to_owned(), document };
    let put = Step::PutRolePolicy(put);
    match role.as_result() {
        Err(error) => Need::unread(object, requirement(Part::CloudwatchLogs), json!(name), error),
        Ok(None) if is_control_towers(name) => stuck(true, control_towers(name, "log_role")),
        Ok(None) => {
            let trust = json!({ "Version": "2012-10-17", "Statement": [trust()] });
            let create = CreateRole { role: name.clone(), trust, address: object.address() };
            Need::steps(object, true, difference(Value::Null, name), vec![Step::CreateRole(create), put])
        }
        Ok(Some(there)) => match lacking(case, region, trail, there) {
            Err(words) => stuck(false, words),
            Ok(false) => Need::Nothing,
            Ok(true) => {
                let signs = Signs::of(there.tags.iter().cloned());
                if ownership::control_tower(name, Some(&signs)).is_some() {
                    return stuck(false, control_towers(name, "log_role"));
                }
                let observed = json!("it may not write to the log group");
                Need::steps(object, false, difference(observed, name), vec![put]).signed(&signs)
            }
        },
    }
}

/// Whether a role of that name lacks the policy by which it writes.
///
/// # Errors
/// It cannot be made to fit, in words that say what to do.
fn lacking(case: &Case<'_>, region: &Region, trail: &str, there: &RoleState) -> Result<bool, String> {
    let name = &case.asked.delivery.role;
    // A trust that is narrowed to this trail is as good.
    let mut wanted = trust();
    wanted["Condition"] =
        json!({ "StringEquals": { "aws:SourceArn": trail, "aws:SourceAccount": case.owner().as_str() } });
    if !Document::parse(Some(&there.trust)).is_ok_and(|trust| trust.covers(&[wanted])) {
        return Err(format!(
            "there is a role {name} that does not trust {PRINCIPAL}: change its trust policy, or name another role by \
             the setting `log_role`"
        ));
    }
    let own = there.policy.as_deref().map(|policy| Document::parse(Some(policy)));
    Ok(!own.is_some_and(|policy| policy.is_ok_and(|policy| policy.covers(&[writes(case, region)]))))
}

fn trust() -> Value {
    json!({ "Effect": "Allow", "Principal": { "Service": PRINCIPAL }, "Action": "sts:AssumeRole" })
}

/// What CloudTrail writes, by
/// [AWS's documentation](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html).
fn writes(case: &Case<'_>, region: &Region) -> Value {
    let streams = format!("{}:log-stream:", group_arn(case, region));
    let own = format!("{streams}{}_CloudTrail_{region}*", case.owner());
    let organization = case.context.organization.filter(|_| case.asked.whose == Whose::Organization);
    let members = organization.map(|id| format!("{streams}{id}_*"));
    let resources: Vec<String> = std::iter::once(own).chain(members).collect();
    json!({
        "Sid": "WriteLogStreams",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": resources,
    })
}
