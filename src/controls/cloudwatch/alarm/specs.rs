//! What the alarms are on: the patterns that CIS and Security Hub prescribe.
//!
//! Security Hub takes its patterns to the letter, so they are written as
//! [its documentation](https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html) has them. Where
//! the benchmark asks for something else, no pattern satisfies both: then two filters make one metric. Earlier editions of
//! the benchmark join the exceptions from refused calls with `||`, which matches every event: that one is never written.

use super::pattern::Pattern;

/// One alarm.
#[derive(Debug)]
pub(super) struct Spec {
    /// The short name of its requirement, which is also the name of its metric.
    pub(super) name: &'static str,
    /// The patterns that have to feed its metric: Security Hub's, and the benchmark's where that is another.
    pub(super) patterns: &'static [&'static str],
}

impl Spec {
    /// What the patterns mean, with how they are written.
    pub(super) fn meanings(&self) -> impl Iterator<Item = (Pattern, &'static str)> {
        self.patterns.iter().filter_map(|text| Some((Pattern::parse(text)?, *text)))
    }

    /// The name of the filter with the pattern of this number, and of the alarm, which is the first's.
    pub(super) fn filter(&self, number: usize) -> String {
        let name = format!("trueup-{}", self.name);
        if number == 0 { name } else { format!("{name}-cis") }
    }

    /// The name of the alarm.
    pub(super) fn alarm(&self) -> String {
        self.filter(0)
    }
}

pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "unauthorized_api_calls",
        patterns: &[
            "{($.errorCode=\"*UnauthorizedOperation\") || ($.errorCode=\"AccessDenied*\")}",
            "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") && \
                ($.sourceIPAddress != \"delivery.logs.amazonaws.com\") && ($.eventName != \"HeadBucket\") }",
        ],
    },
    Spec {
        name: "console_signin_without_mfa",
        patterns: &[
            "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") && \
                ($.userIdentity.type = \"IAMUser\") && ($.responseElements.ConsoleLogin = \"Success\") }",
            "{ ($.eventName = \"ConsoleLogin\") && ($.additionalEventData.MFAUsed != \"Yes\") }",
        ],
    },
    Spec {
        name: "root_usage",
        patterns: &["{$.userIdentity.type=\"Root\" && $.userIdentity.invokedBy NOT EXISTS && \
                $.eventType !=\"AwsServiceEvent\"}"],
    },
    Spec {
        name: "iam_policy_changes",
        patterns: &[
            "{($.eventSource=iam.amazonaws.com) && (($.eventName=DeleteGroupPolicy)||\
                ($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||\
                ($.eventName=PutRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||\
                ($.eventName=DeletePolicy)||($.eventName=CreatePolicyVersion)||\
                ($.eventName=DeletePolicyVersion)||($.eventName=AttachRolePolicy)||\
                ($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||($.eventName=DetachUserPolicy)||\
                ($.eventName=AttachGroupPolicy)||($.eventName=DetachGroupPolicy))}",
            "{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||\
                ($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||($.eventName=PutRolePolicy)||\
                ($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||($.eventName=DeletePolicy)||\
                ($.eventName=CreatePolicyVersion)||($.eventName=DeletePolicyVersion)||\
                ($.eventName=AttachRolePolicy)||($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||\
                ($.eventName=DetachUserPolicy)||($.eventName=AttachGroupPolicy)||\
                ($.eventName=DetachGroupPolicy)}",
        ],
    },
    Spec {
        name: "cloudtrail_changes",
        patterns: &["{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || \
                ($.eventName = StartLogging) || ($.eventName = StopLogging) }"],
    },
    Spec {
        name: "console_auth_failures",
        patterns: &["{ ($.eventName = ConsoleLogin) && ($.errorMessage = \"Failed authentication\") }"],
    },
    Spec {
        name: "kms_cmk_disable_delete",
        patterns: &["{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||\
                ($.eventName=ScheduleKeyDeletion)) }"],
    },
    Spec {
        name: "s3_bucket_policy_changes",
        patterns: &["{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || \
                ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || \
                ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || \
                ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || \
                ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }"],
    },
    Spec {
        name: "config_changes",
        patterns: &["{ ($.eventSource = config.amazonaws.com) && (($.eventName=StopConfigurationRecorder)||\
                ($.eventName=DeleteDeliveryChannel)||($.eventName=PutDeliveryChannel)||\
                ($.eventName=PutConfigurationRecorder)) }"],
    },
    Spec {
        name: "security_group_changes",
        patterns: &[
            "{($.eventName=AuthorizeSecurityGroupIngress) || ($.eventName=AuthorizeSecurityGroupEgress) || \
                ($.eventName=RevokeSecurityGroupIngress) || ($.eventName=RevokeSecurityGroupEgress) || \
                ($.eventName=CreateSecurityGroup) || ($.eventName=DeleteSecurityGroup)}",
            "{ ($.eventName = AuthorizeSecurityGroupIngress) || \
                ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || \
                ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || \
                ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }",
        ],
    },
    Spec {
        name: "nacl_changes",
        patterns: &["{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || \
                ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || \
                ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }"],
    },
    Spec {
        name: "network_gateway_changes",
        patterns: &["{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || \
                ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || \
                ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }"],
    },
    Spec {
        name: "route_table_changes",
        patterns: &[
            "{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || \
                ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || \
                ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || \
                ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable)) }",
            "{ ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || \
                ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || \
                ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || \
                ($.eventName = DisassociateRouteTable) }",
        ],
    },
    Spec {
        name: "vpc_changes",
        patterns: &["{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || \
                ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || \
                ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || \
                ($.eventName = RejectVpcPeeringConnection) || ($.eventName = AttachClassicLinkVpc) || \
                ($.eventName = DetachClassicLinkVpc) || ($.eventName = DisableVpcClassicLink) || \
                ($.eventName = EnableVpcClassicLink) }"],
    },
    Spec {
        name: "organizations_changes",
        patterns: &["{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = \"AcceptHandshake\") || \
                ($.eventName = \"AttachPolicy\") || ($.eventName = \"CreateAccount\") || \
                ($.eventName = \"CreateOrganizationalUnit\") || ($.eventName = \"CreatePolicy\") || \
                ($.eventName = \"DeclineHandshake\") || ($.eventName = \"DeleteOrganization\") || \
                ($.eventName = \"DeleteOrganizationalUnit\") || ($.eventName = \"DeletePolicy\") || \
                ($.eventName = \"DetachPolicy\") || ($.eventName = \"DisablePolicyType\") || \
                ($.eventName = \"EnablePolicyType\") || ($.eventName = \"InviteAccountToOrganization\") || \
                ($.eventName = \"LeaveOrganization\") || ($.eventName = \"MoveAccount\") || \
                ($.eventName = \"RemoveAccountFromOrganization\") || ($.eventName = \"UpdatePolicy\") || \
                ($.eventName = \"UpdateOrganizationalUnit\")) }"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_pattern_is_one_and_two_of_one_alarm_mean_different_things() {
        for spec in SPECS {
            let meanings: Vec<Pattern> = spec.meanings().map(|(meaning, _)| meaning).collect();
            assert_eq!(meanings.len(), spec.patterns.len(), "{}", spec.name);
            let different: BTreeSet<&Pattern> = meanings.iter().collect();
            assert_eq!(different.len(), meanings.len(), "{}", spec.name);
            assert!(spec.patterns.iter().all(|text| text.len() <= 1024), "{}", spec.name);
        }
        let two: Vec<&str> = SPECS.iter().filter(|spec| spec.patterns.len() == 2).map(|spec| spec.name).collect();
        let expected = [
            "unauthorized_api_calls",
            "console_signin_without_mfa",
            "iam_policy_changes",
            "security_group_changes",
            "route_table_changes",
        ];
        assert_eq!(two, expected);
    }

    #[test]
    fn the_exceptions_from_refused_calls_do_not_let_every_event_through() {
        let Some(Pattern::Any(parts)) = Pattern::parse(SPECS[0].patterns[1]) else { panic!("alternatives") };
        let exceptions = |part: &Pattern| matches!(part, Pattern::Clause(text) if text.contains("!="));
        assert_eq!(parts.len(), 2);
        assert!(!parts.iter().any(exceptions), "{parts:?}");
    }
}
