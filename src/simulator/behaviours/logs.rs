//! What one would not guess of CloudWatch Logs.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_new_log_group_keeps_for_ever",
        "A log group that is made has no retention, and keeps what it gets until it has one",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    row(
        "a_log_groups_name_keeps_to_rules",
        "A name that is taken is ResourceAlreadyExistsException, and none begins with aws/ or has a blank",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    row(
        "a_log_group_with_tags_takes_a_permission_more",
        "CreateLogGroup with tags asks for logs:TagResource besides",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    row(
        "retention_is_one_of_certain_numbers_of_days",
        "PutRetentionPolicy takes 365 or 400 days and nothing in between",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
    ),
    row(
        "retention_ends_by_a_call_of_its_own",
        "DeleteRetentionPolicy lets a log group keep for ever, and does so again where it does already",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html",
    ),
    row(
        "a_log_group_has_two_arns",
        "DescribeLogGroups answers an ARN with :* at its end and one without; tags are asked for by the latter",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html",
    ),
    row(
        "log_groups_are_permitted_by_the_arn_with_the_star",
        "A policy allows what is done to a log group by the ARN that ends with :*, and its tags by the one without",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html",
    ),
    row(
        "log_groups_are_sought_by_the_start_of_their_names",
        "A prefix also finds longer names, and excludes a pattern",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html",
    ),
    row(
        "a_log_group_goes_with_all_that_is_in_it",
        "DeleteLogGroup deletes streams, events and metric filters, and asks nobody",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html",
    ),
    row(
        "a_stream_without_events_has_no_times",
        "DescribeLogStreams tells when events came only of a stream that has some, and never how large it is",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html",
    ),
    row(
        "a_metric_filter_is_replaced_by_its_name",
        "PutMetricFilter with a name that is there replaces that filter whole",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html",
    ),
    row(
        "a_metric_filter_makes_exactly_one_metric",
        "PutMetricFilter takes one transformation, no more and no fewer",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html",
    ),
    row(
        "a_log_group_has_room_for_a_hundred_metric_filters",
        "The 101st metric filter of a log group is LimitExceededException, and replacing one is not",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html",
    ),
    row(
        "a_filter_pattern_keeps_to_its_grammar",
        "A pattern that cannot be read is InvalidParameterException, and an empty one matches everything",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html",
    ),
    row(
        "a_filter_pattern_has_at_most_1024_characters",
        "A longer pattern is InvalidParameterException",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html",
    ),
    row(
        "regular_expressions_in_patterns_are_few",
        "A pattern has two regular expressions at most, and a log group five patterns that have some",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html",
    ),
    row(
        "a_metric_with_dimensions_has_no_default",
        "A metric filter has three dimensions at most, and a default value only without any",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html",
    ),
    row(
        "a_metric_is_sought_by_name_and_namespace",
        "DescribeMetricFilters takes the name of a metric only together with its namespace",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html",
    ),
    row(
        "filters_of_a_log_group_that_is_not_there_are_an_error",
        "DescribeMetricFilters of an absent log group is ResourceNotFoundException and no empty list",
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html",
    ),
    row(
        "a_log_group_of_another_class_makes_no_metrics",
        "Metric filters are of log groups of the standard class alone",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html",
    ),
];
