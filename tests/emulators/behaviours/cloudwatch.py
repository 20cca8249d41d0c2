"""CloudWatch: what an alarm is, and what becomes of it."""

from stage import equal, refused

TOPIC = "arn:aws:sns:us-east-1:{}:nobody-made-this"


def _alarm(name, **more):
    return {
        "AlarmName": name,
        "MetricName": "root_usage",
        "Namespace": "CISBenchmark",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        **more,
    }


def _only(stage):
    (alarm,) = stage.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return alarm


def an_alarm_is_put_as_a_whole_and_keeps_its_state_and_tags(stage):
    cloudwatch, topic = stage.client("cloudwatch"), TOPIC.format(stage.management)
    first = _alarm("a", AlarmDescription="first", AlarmActions=[topic], OKActions=[topic])
    cloudwatch.put_metric_alarm(**first, Tags=[{"Key": "one", "Value": "1"}])
    made = _only(stage)
    equal((made["AlarmActions"], made["OKActions"], made["ActionsEnabled"]), ([topic], [topic], True))
    equal((made["StateValue"], made["Threshold"], made["Period"]), ("INSUFFICIENT_DATA", 1.0, 300))
    equal(made["AlarmArn"], f"arn:aws:cloudwatch:us-east-1:{stage.management}:alarm:a")
    stage.advance(60)
    cloudwatch.put_metric_alarm(**_alarm("a", TreatMissingData="notBreaching"), Tags=[{"Key": "two", "Value": "2"}])
    again = _only(stage)
    assert "AlarmDescription" not in again, again
    equal((again["AlarmActions"], again["OKActions"]), ([], []))
    equal(again["StateUpdatedTimestamp"], made["StateUpdatedTimestamp"])
    assert again["AlarmConfigurationUpdatedTimestamp"] > made["AlarmConfigurationUpdatedTimestamp"]
    tags = cloudwatch.list_tags_for_resource(ResourceARN=made["AlarmArn"])["Tags"]
    equal(tags, [{"Key": "one", "Value": "1"}])
    refused("ValidationError", cloudwatch.put_metric_alarm, AlarmName="a")
    refused("ValidationError", cloudwatch.put_metric_alarm, **_alarm("a", Period=45))
    refused("ValidationError", cloudwatch.put_metric_alarm, **_alarm("a", AlarmActions=["topic"]))


def an_alarm_takes_an_action_that_is_not_there(stage):
    topic = TOPIC.format(stage.management)
    stage.client("cloudwatch").put_metric_alarm(**_alarm("a", AlarmActions=[topic]))
    equal(_only(stage)["AlarmActions"], [topic])
    refused("NotFound", stage.client("sns").get_topic_attributes, TopicArn=topic)


def alarms_are_described_fifty_at_a_time(stage):
    cloudwatch = stage.client("cloudwatch")
    for number in range(60):
        cloudwatch.put_metric_alarm(**_alarm(f"alarm-{number:02}"))
    first = cloudwatch.describe_alarms()
    equal(len(first["MetricAlarms"]), 50)
    second = cloudwatch.describe_alarms(NextToken=first["NextToken"])
    equal([alarm["AlarmName"] for alarm in second["MetricAlarms"]], [f"alarm-{number}" for number in range(50, 60)])
    assert "NextToken" not in second, second
    equal(len(cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]), 60)
    equal(cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["MetricAlarms"], [])
    refused("ValidationError", cloudwatch.describe_alarms, MaxRecords=101)
    refused("InvalidNextToken", cloudwatch.describe_alarms, NextToken="nonsense")


def names_and_a_prefix_of_alarms_exclude_each_other(stage):
    cloudwatch = stage.client("cloudwatch")
    for name in ["a", "ab", "b"]:
        cloudwatch.put_metric_alarm(**_alarm(name))
    equal([alarm["AlarmName"] for alarm in cloudwatch.describe_alarms(AlarmNames=["b"])["MetricAlarms"]], ["b"])
    named = cloudwatch.describe_alarms(AlarmNamePrefix="a")["MetricAlarms"]
    equal([alarm["AlarmName"] for alarm in named], ["a", "ab"])
    refused("ValidationError", cloudwatch.describe_alarms, AlarmNames=["b"], AlarmNamePrefix="a")


def of_alarms_one_of_which_is_not_there_none_is_deleted(stage):
    cloudwatch = stage.client("cloudwatch")
    cloudwatch.put_metric_alarm(**_alarm("a"))
    refused("ResourceNotFound", cloudwatch.delete_alarms, AlarmNames=["a", "none"])
    equal(_only(stage)["AlarmName"], "a")
    cloudwatch.delete_alarms(AlarmNames=["a"])
    equal(cloudwatch.describe_alarms()["MetricAlarms"], [])


def an_alarm_whose_actions_are_off_keeps_them(stage):
    cloudwatch, topic = stage.client("cloudwatch"), TOPIC.format(stage.management)
    cloudwatch.put_metric_alarm(**_alarm("a", AlarmActions=[topic]))
    cloudwatch.disable_alarm_actions(AlarmNames=["a"])
    equal((_only(stage)["ActionsEnabled"], _only(stage)["AlarmActions"]), (False, [topic]))
    cloudwatch.enable_alarm_actions(AlarmNames=["a"])
    equal((_only(stage)["ActionsEnabled"], _only(stage)["AlarmActions"]), (True, [topic]))


def tags_of_an_alarm_take_a_permission_of_their_own(stage):
    member = stage.member()
    stage.role(member, "alarms", {"Action": "cloudwatch:PutMetricAlarm"})
    cloudwatch = stage.client("cloudwatch", stage.enter(member, "alarms"))
    cloudwatch.put_metric_alarm(**_alarm("a"))
    tagged = _alarm("b", Tags=[{"Key": "one", "Value": "1"}])
    message = refused("AccessDenied", cloudwatch.put_metric_alarm, **tagged)
    assert f"cloudwatch:TagResource on resource: arn:aws:cloudwatch:us-east-1:{member}:alarm:b" in message, message
