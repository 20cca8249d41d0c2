"""How CloudWatch Logs behaves: log groups, retention, streams, metric filters and their patterns."""

from stage import HOME, document, equal, refused

GROUP = "/aws/cloudtrail/baseline"
METRIC = {"metricName": "changes", "metricNamespace": "CISBenchmark", "metricValue": "1"}
PATTERN = "{ ($.eventName = CreateTrail) || ($.eventName = \"UpdateTrail\") }"


def _made(stage, name=GROUP, **more):
    """The id of an account with a log group, and a client in it."""
    account = stage.member()
    client = stage.inside("logs", account)
    client.create_log_group(logGroupName=name, **more)
    return account, client


def _group(client, name=GROUP):
    found = client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next(group for group in found if group["logGroupName"] == name)


def _filter(name="changes", pattern=PATTERN, **more):
    wish = {"logGroupName": GROUP, "filterName": name, "filterPattern": pattern, "metricTransformations": [METRIC]}
    return {**wish, **more}


def _arn(account, name=GROUP):
    return f"arn:aws:logs:{HOME}:{account}:log-group:{name}"


def a_new_log_group_keeps_for_ever(stage):
    _, client = _made(stage)
    found = _group(client)
    assert "retentionInDays" not in found, found
    equal((found["metricFilterCount"], found["storedBytes"], found["logGroupClass"]), (0, 0, "STANDARD"))


def a_log_groups_name_keeps_to_rules(stage):
    _, client = _made(stage)
    refused("ResourceAlreadyExistsException", client.create_log_group, logGroupName=GROUP)
    for name in ["aws/cloudtrail", "a b", "a:b", "a*", ""]:
        refused("InvalidParameterException", client.create_log_group, logGroupName=name)
    client.create_log_group(logGroupName="/aws/A-z_0.9#")


def a_log_group_with_tags_takes_a_permission_more(stage):
    account = stage.member()
    narrow = stage.enter(account, Policy=document({"Action": "logs:CreateLogGroup"}))
    client = stage.client("logs", narrow)
    said = refused("AccessDeniedException", client.create_log_group, logGroupName=GROUP, tags={"a": "b"})
    assert "logs:TagResource" in said, said
    client.create_log_group(logGroupName=GROUP)


def retention_is_one_of_certain_numbers_of_days(stage):
    _, client = _made(stage)
    for days in [0, 2, 366, 399, 3654]:
        refused("InvalidParameterException", client.put_retention_policy, logGroupName=GROUP, retentionInDays=days)
    for days in [365, 400, 3653, 1]:
        client.put_retention_policy(logGroupName=GROUP, retentionInDays=days)
        equal(_group(client)["retentionInDays"], days)
    wish = {"logGroupName": "absent", "retentionInDays": 365}
    refused("ResourceNotFoundException", client.put_retention_policy, **wish)


def retention_ends_by_a_call_of_its_own(stage):
    _, client = _made(stage)
    client.put_retention_policy(logGroupName=GROUP, retentionInDays=30)
    for _ in range(2):
        client.delete_retention_policy(logGroupName=GROUP)
        assert "retentionInDays" not in _group(client)
    refused("ResourceNotFoundException", client.delete_retention_policy, logGroupName="absent")


def a_log_group_has_two_arns(stage):
    account, client = _made(stage, tags={"team": "security"})
    found = _group(client)
    equal((found["arn"], found["logGroupArn"]), (f"{_arn(account)}:*", _arn(account)))
    equal(client.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"], {"team": "security"})
    refused("InvalidParameterException", client.list_tags_for_resource, resourceArn=found["arn"])
    client.tag_resource(resourceArn=found["logGroupArn"], tags={"stage": "production"})
    client.untag_resource(resourceArn=found["logGroupArn"], tagKeys=["team"])
    equal(client.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"], {"stage": "production"})
    refused("ResourceNotFoundException", client.list_tags_for_resource, resourceArn=_arn(account, "absent"))


def log_groups_are_permitted_by_the_arn_with_the_star(stage):
    account, _ = _made(stage)
    entered = {}
    for name, resource in [("plain", _arn(account)), ("star", f"{_arn(account)}:*")]:
        narrow = stage.enter(account, Policy=document({"Action": "logs:*", "Resource": resource}))
        entered[name] = stage.client("logs", narrow)
    wish = {"logGroupName": GROUP, "retentionInDays": 365}
    refused("AccessDeniedException", entered["plain"].put_retention_policy, **wish)
    entered["star"].put_retention_policy(**wish)
    entered["plain"].list_tags_for_resource(resourceArn=_arn(account))
    refused("AccessDeniedException", entered["star"].list_tags_for_resource, resourceArn=_arn(account))


def log_groups_are_sought_by_the_start_of_their_names(stage):
    _, client = _made(stage)
    for name in [f"{GROUP}-old", "other"]:
        client.create_log_group(logGroupName=name)
    found = client.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    equal([group["logGroupName"] for group in found], [GROUP, f"{GROUP}-old"])
    found = client.describe_log_groups(logGroupNamePattern="trail/base")["logGroups"]
    equal([group["logGroupName"] for group in found], [GROUP, f"{GROUP}-old"])
    refused("InvalidParameterException", client.describe_log_groups, logGroupNamePrefix="a", logGroupNamePattern="abc")
    first = client.describe_log_groups(limit=2)
    rest = client.describe_log_groups(limit=2, nextToken=first["nextToken"])
    equal([group["logGroupName"] for group in first["logGroups"] + rest["logGroups"]], [GROUP, f"{GROUP}-old", "other"])
    assert "nextToken" not in rest


def a_log_group_goes_with_all_that_is_in_it(stage):
    _, client = _made(stage)
    stream = {"logGroupName": GROUP, "logStreamName": "one"}
    client.create_log_stream(**stream)
    client.put_log_events(logEvents=[{"timestamp": 1_600_000_000_000, "message": "what happened"}], **stream)
    client.put_metric_filter(**_filter())
    assert _group(client)["storedBytes"] > 0
    client.delete_log_group(logGroupName=GROUP)
    refused("ResourceNotFoundException", client.delete_log_group, logGroupName=GROUP)
    client.create_log_group(logGroupName=GROUP)
    equal(client.describe_log_streams(logGroupName=GROUP)["logStreams"], [])
    equal(client.describe_metric_filters(logGroupName=GROUP)["metricFilters"], [])


def a_stream_without_events_has_no_times(stage):
    _, client = _made(stage)
    for name in ["one", "two"]:
        client.create_log_stream(logGroupName=GROUP, logStreamName=name)
    refused("ResourceAlreadyExistsException", client.create_log_stream, logGroupName=GROUP, logStreamName="one")
    events = [{"timestamp": 1_600_000_000_000 + number, "message": "what happened"} for number in range(2)]
    client.put_log_events(logGroupName=GROUP, logStreamName="two", logEvents=events)
    one, two = client.describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert not {"firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime"} & one.keys(), one
    equal((two["firstEventTimestamp"], two["lastEventTimestamp"]), tuple(event["timestamp"] for event in events))
    equal(two["storedBytes"], 0)
    latest = client.describe_log_streams(logGroupName=GROUP, orderBy="LastEventTime", descending=True, limit=1)
    equal([stream["logStreamName"] for stream in latest["logStreams"]], ["two"])
    wish = {"logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "o"}
    refused("InvalidParameterException", client.describe_log_streams, **wish)
    refused("ResourceNotFoundException", client.describe_log_streams, logGroupName="absent")


def a_metric_filter_is_replaced_by_its_name(stage):
    _, client = _made(stage)
    client.put_metric_filter(**_filter())
    other = {**METRIC, "metricName": "other"}
    client.put_metric_filter(**_filter(pattern="{ $.eventName = StopLogging }", metricTransformations=[other]))
    (found,) = client.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    equal((found["filterPattern"], found["metricTransformations"]), ("{ $.eventName = StopLogging }", [other]))
    client.delete_metric_filter(logGroupName=GROUP, filterName="changes")
    refused("ResourceNotFoundException", client.delete_metric_filter, logGroupName=GROUP, filterName="changes")


def a_metric_filter_makes_exactly_one_metric(stage):
    _, client = _made(stage)
    for metrics in [[], [METRIC, METRIC]]:
        refused("InvalidParameterException", client.put_metric_filter, **_filter(metricTransformations=metrics))
    for lacking in [{**METRIC, "metricName": "a:b"}, {**METRIC, "metricNamespace": "a*"}, {**METRIC, "metricValue": "one"}]:
        refused("InvalidParameterException", client.put_metric_filter, **_filter(metricTransformations=[lacking]))
    refused("ResourceNotFoundException", client.put_metric_filter, **_filter(logGroupName="absent"))


def a_log_group_has_room_for_a_hundred_metric_filters(stage):
    _, client = _made(stage)
    for number in range(100):
        client.put_metric_filter(**_filter(f"filter-{number}"))
    refused("LimitExceededException", client.put_metric_filter, **_filter("one-more"))
    client.put_metric_filter(**_filter("filter-7", pattern=""))
    equal(_group(client)["metricFilterCount"], 100)
    first = client.describe_metric_filters(logGroupName=GROUP)
    equal((len(first["metricFilters"]), "nextToken" in first), (50, True))


def a_filter_pattern_keeps_to_its_grammar(stage):
    _, client = _made(stage)
    for pattern in [
        "{ $.eventName = CreateTrail", "{ eventName = CreateTrail }", "{ ($.eventName = CreateTrail }",
        "{ $.eventName = \"CreateTrail }", "{ $.eventName == CreateTrail }", "{ $.eventName = CreateTrail || }",
        "[ip, user", "\"unending",
    ]:
        refused("InvalidParameterException", client.put_metric_filter, **_filter(pattern=pattern))
    for pattern in [
        "", "ERROR", "[ip, user, status_code = 4*]", PATTERN, "{ $.size >= 10 && $.user IS NULL }",
        "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS }",
    ]:
        client.put_metric_filter(**_filter(pattern=pattern))


def a_filter_pattern_has_at_most_1024_characters(stage):
    _, client = _made(stage)
    refused("InvalidParameterException", client.put_metric_filter, **_filter(pattern="a" * 1025))
    client.put_metric_filter(**_filter(pattern="a" * 1024))


def regular_expressions_in_patterns_are_few(stage):
    _, client = _made(stage)
    three = "{ $.a = %one% && $.b = %two% && $.c = %three% }"
    refused("InvalidParameterException", client.put_metric_filter, **_filter(pattern=three))
    for number in range(5):
        client.put_metric_filter(**_filter(f"filter-{number}", pattern="{ $.a = %one% && $.b = %two% }"))
    refused("LimitExceededException", client.put_metric_filter, **_filter("one-more", pattern="%one%"))
    client.put_metric_filter(**_filter("one-more"))


def a_metric_with_dimensions_has_no_default(stage):
    _, client = _made(stage)
    both = {**METRIC, "dimensions": {"user": "$.user"}, "defaultValue": 0}
    four = {**METRIC, "dimensions": {name: f"$.{name}" for name in ["a", "b", "c", "d"]}}
    for metric in [both, four]:
        refused("InvalidParameterException", client.put_metric_filter, **_filter(metricTransformations=[metric]))
    three = {**METRIC, "dimensions": {name: f"$.{name}" for name in ["a", "b", "c"]}}
    for metric in [three, {**METRIC, "defaultValue": 0}]:
        client.put_metric_filter(**_filter(metricTransformations=[metric]))
        (found,) = client.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
        equal(found["metricTransformations"], [metric])


def a_metric_is_sought_by_name_and_namespace(stage):
    _, client = _made(stage)
    client.put_metric_filter(**_filter("one"))
    client.put_metric_filter(**_filter("two", metricTransformations=[{**METRIC, "metricName": "other"}]))
    wish = {"metricName": "changes", "metricNamespace": "CISBenchmark"}
    found = client.describe_metric_filters(**wish)["metricFilters"]
    equal([(one["filterName"], one["logGroupName"]) for one in found], [("one", GROUP)])
    for name, value in wish.items():
        refused("InvalidParameterException", client.describe_metric_filters, **{name: value})
    equal(len(client.describe_metric_filters(logGroupName=GROUP, filterNamePrefix="t")["metricFilters"]), 1)


def filters_of_a_log_group_that_is_not_there_are_an_error(stage):
    _, client = _made(stage)
    equal(client.describe_metric_filters(logGroupName=GROUP)["metricFilters"], [])
    refused("ResourceNotFoundException", client.describe_metric_filters, logGroupName="absent")


def a_log_group_of_another_class_makes_no_metrics(stage):
    _, client = _made(stage, logGroupClass="INFREQUENT_ACCESS")
    refused("InvalidOperationException", client.put_metric_filter, **_filter())
