//! What a baseline may ask of the alarms on a trail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::specs::{SPECS, Spec};
use crate::control::Context;
use crate::controls::Yes;
use crate::controls::cloudwatch::place::{Scope, TOPIC, whose};
use crate::observe::cloudtrail::Whose;
use crate::observe::cloudwatch::Wanted;

/// The alarms on what a trail records: metric filters on its log group, and alarms that tell a topic. They are judged and
/// made in the account that has the log group, in the home region of the trail.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// `organization`: the alarms are on the organization's trail, in the account that has its log group. `account`: each
    /// account of which no such trail records has alarms of its own. Left out: `account`. As in `cloudtrail.trail`.
    #[schemars(extend("default" = "account"))]
    pub(super) scope: Option<Scope>,
    /// The topic that alarms which are made tell, `security-alarms` if left out. As in `cloudwatch.topic`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,256}$"))]
    #[schemars(extend("default" = "security-alarms"))]
    pub(super) topic: Option<String>,
    /// The namespace of metrics that are made, `CISBenchmark` if left out.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._/#-]{1,255}$"))]
    #[schemars(extend("default" = "CISBenchmark"))]
    pub(super) namespace: Option<String>,
    /// The trail that `cloudtrail.trail` makes or mends where none delivers into a log group yet, `trueup` if left out. It
    /// may hold `{account}` and `{region}`.
    #[schemars(extend("default" = "trueup"))]
    pub(super) trail: Option<String>,
    /// The log group that it gets, `/aws/cloudtrail/trueup` if left out. It may hold `{account}` and `{region}`.
    #[schemars(extend("default" = "/aws/cloudtrail/trueup"))]
    pub(super) log_group: Option<String>,
    /// Require an alarm when calls are refused.
    pub(super) unauthorized_api_calls: Option<Yes>,
    /// Require an alarm when somebody signs in to the console without MFA.
    pub(super) console_signin_without_mfa: Option<Yes>,
    /// Require an alarm when the root user is used.
    pub(super) root_usage: Option<Yes>,
    /// Require an alarm when policies of IAM are changed.
    pub(super) iam_policy_changes: Option<Yes>,
    /// Require an alarm when a trail is changed or stopped.
    pub(super) cloudtrail_changes: Option<Yes>,
    /// Require an alarm when somebody fails to sign in to the console.
    pub(super) console_auth_failures: Option<Yes>,
    /// Require an alarm when a KMS key is disabled, or is to be deleted.
    pub(super) kms_cmk_disable_delete: Option<Yes>,
    /// Require an alarm when it is changed who may use a bucket.
    pub(super) s3_bucket_policy_changes: Option<Yes>,
    /// Require an alarm when AWS Config is changed or stopped.
    pub(super) config_changes: Option<Yes>,
    /// Require an alarm when security groups are changed.
    pub(super) security_group_changes: Option<Yes>,
    /// Require an alarm when network ACLs are changed.
    pub(super) nacl_changes: Option<Yes>,
    /// Require an alarm when gateways are changed.
    pub(super) network_gateway_changes: Option<Yes>,
    /// Require an alarm when routes are changed.
    pub(super) route_table_changes: Option<Yes>,
    /// Require an alarm when VPCs are changed.
    pub(super) vpc_changes: Option<Yes>,
    /// Require an alarm when the organization is changed. Its events are in trails of the management account.
    pub(super) organizations_changes: Option<Yes>,
    /// Require that these alarms do what they are there for: they have actions, and the actions are switched on.
    pub(super) actions: Option<Yes>,
}

impl Settings {
    /// The alarms that are asked for.
    pub(super) fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        let asked = self.asked();
        SPECS.iter().filter(move |spec| asked.iter().any(|(yes, name)| yes.is_some() && *name == spec.name))
    }

    fn asked(&self) -> [(Option<Yes>, &'static str); 15] {
        [
            (self.unauthorized_api_calls, "unauthorized_api_calls"),
            (self.console_signin_without_mfa, "console_signin_without_mfa"),
            (self.root_usage, "root_usage"),
            (self.iam_policy_changes, "iam_policy_changes"),
            (self.cloudtrail_changes, "cloudtrail_changes"),
            (self.console_auth_failures, "console_auth_failures"),
            (self.kms_cmk_disable_delete, "kms_cmk_disable_delete"),
            (self.s3_bucket_policy_changes, "s3_bucket_policy_changes"),
            (self.config_changes, "config_changes"),
            (self.security_group_changes, "security_group_changes"),
            (self.nacl_changes, "nacl_changes"),
            (self.network_gateway_changes, "network_gateway_changes"),
            (self.route_table_changes, "route_table_changes"),
            (self.vpc_changes, "vpc_changes"),
            (self.organizations_changes, "organizations_changes"),
        ]
    }

    pub(super) fn whose(&self) -> Whose {
        whose(self.scope)
    }

    pub(super) fn topic(&self) -> &str {
        self.topic.as_deref().unwrap_or(TOPIC)
    }

    pub(super) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("CISBenchmark")
    }

    /// The trail that is made or mended where none delivers yet.
    pub(super) fn trail(&self, context: &Context<'_>) -> String {
        context.named(self.trail.as_deref().unwrap_or("trueup"), context.home_region)
    }

    /// The log group that it gets.
    pub(super) fn group(&self, context: &Context<'_>) -> String {
        context.named(self.log_group.as_deref().unwrap_or("/aws/cloudtrail/trueup"), context.home_region)
    }

    pub(super) fn wanted(&self, context: &Context<'_>) -> Wanted {
        Wanted {
            whose: self.whose(),
            partition: context.partition.clone(),
            topic: self.topic().to_owned(),
            group: self.group(context),
        }
    }
}
