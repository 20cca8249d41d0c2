//! What one would not guess of `CloudWatch`.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "an_alarm_is_put_as_a_whole_and_keeps_its_state_and_tags",
        "PutMetricAlarm replaces everything that an alarm says, also its actions; its state stays, and tags of an alarm that is there are ignored",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    ),
    row(
        "an_alarm_takes_an_action_that_is_not_there",
        "An alarm is not refused for the ARN of a topic that does not exist",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html",
    ),
    row(
        "alarms_are_described_fifty_at_a_time",
        "DescribeAlarms answers 50 alarms unless MaxRecords says otherwise, and those on metrics alone",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
    ),
    row(
        "names_and_a_prefix_of_alarms_exclude_each_other",
        "DescribeAlarms takes names of alarms or the beginning of their names, not both",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
    ),
    row(
        "of_alarms_one_of_which_is_not_there_none_is_deleted",
        "DeleteAlarms with a name that is none deletes nothing",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html",
    ),
    row(
        "an_alarm_whose_actions_are_off_keeps_them",
        "DisableAlarmActions leaves the list of actions as it is, and EnableAlarmActions brings them back",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html",
    ),
    row(
        "tags_of_an_alarm_take_a_permission_of_their_own",
        "PutMetricAlarm with tags asks for cloudwatch:TagResource besides",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    ),
];
