//! What is logged, found and told.

use super::{ask, unknown};
use crate::Outcome;
use crate::calls::Entry;

pub(super) async fn access_analyzer(
    client: &aws_sdk_accessanalyzer::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "ListAnalyzers" => ask!(client, input, list_analyzers, set_next_token = "nextToken"),
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn cloudtrail(
    client: &aws_sdk_cloudtrail::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "ListTrails" => ask!(client, input, list_trails, set_next_token = "NextToken"),
        "DescribeTrails" => ask!(
            client,
            input,
            describe_trails,
            set_trail_name_list = "trailNameList" as texts,
            set_include_shadow_trails = "includeShadowTrails" as flag
        ),
        "GetTrailStatus" => ask!(client, input, get_trail_status, set_name = "Name"),
        "GetEventSelectors" => ask!(client, input, get_event_selectors, set_trail_name = "TrailName"),
        "ListTags" => ask!(
            client,
            input,
            list_tags,
            set_resource_id_list = "ResourceIdList" as texts,
            set_next_token = "NextToken"
        ),
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn cloudwatch(
    client: &aws_sdk_cloudwatch::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "DescribeAlarms" => {
            ask!(
                client,
                input,
                describe_alarms,
                set_max_records = "MaxRecords" as number,
                set_next_token = "NextToken"
            );
        }
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn config(client: &aws_sdk_config::Client, Entry { operation, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "DescribeConfigurationRecorders" => drop(client.describe_configuration_recorders().send().await),
        "DescribeConfigurationRecorderStatus" => drop(client.describe_configuration_recorder_status().send().await),
        "DescribeDeliveryChannels" => drop(client.describe_delivery_channels().send().await),
        "DescribeDeliveryChannelStatus" => drop(client.describe_delivery_channel_status().send().await),
        "DescribeRetentionConfigurations" => drop(client.describe_retention_configurations().send().await),
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn guardduty(
    client: &aws_sdk_guardduty::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "ListDetectors" => ask!(client, input, list_detectors, set_next_token = "NextToken"),
        "GetDetector" => ask!(client, input, get_detector, set_detector_id = "DetectorId"),
        "GetAdministratorAccount" => {
            ask!(client, input, get_administrator_account, set_detector_id = "DetectorId");
        }
        "ListOrganizationAdminAccounts" => {
            ask!(client, input, list_organization_admin_accounts, set_next_token = "NextToken");
        }
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn logs(
    client: &aws_sdk_cloudwatchlogs::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "DescribeLogGroups" => ask!(
            client,
            input,
            describe_log_groups,
            set_log_group_name_prefix = "logGroupNamePrefix",
            set_next_token = "nextToken"
        ),
        "DescribeMetricFilters" => {
            ask!(
                client,
                input,
                describe_metric_filters,
                set_log_group_name = "logGroupName",
                set_next_token = "nextToken"
            );
        }
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn security_hub(client: &aws_sdk_securityhub::Client, Entry { operation, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "DescribeHub" => drop(client.describe_hub().send().await),
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn sns(client: &aws_sdk_sns::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "GetTopicAttributes" => ask!(client, input, get_topic_attributes, set_topic_arn = "TopicArn"),
        other => return unknown(other),
    }
    Ok(())
}
