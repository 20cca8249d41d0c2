"""How CloudTrail behaves towards log groups: what it checks of them, and when something arrives there."""

import json

from cloudtrail import SERVICE, _arn, _ready
from stage import ABROAD, HOME, document, equal, refused

GROUP = "trails"
TRUST = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
NO_GROUP, NO_ROLE = "InvalidCloudWatchLogsLogGroupArnException", "InvalidCloudWatchLogsRoleArnException"


def _group(account, region=HOME, name=GROUP):
    return f"arn:aws:logs:{region}:{account}:log-group:{name}:*"


def _writing(account, *streams):
    front = _group(account)[:-1]
    resources = [f"{front}log-stream:{stream}" for stream in streams or (f"{account}_CloudTrail_{HOME}*",)]
    return document({"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": resources})


def _role(stage, account, name="delivery", trust=TRUST, policy=None):
    """A role by which CloudTrail may write to the log group; its ARN."""
    wish = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = stage.perform(account, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=wish)
    _allow(stage, account, policy or _writing(account), name)
    return made["Role"]["Arn"]


def _allow(stage, account, policy, name="delivery"):
    stage.perform(account, "iam", "PutRolePolicy", RoleName=name, PolicyName="streams", PolicyDocument=policy)


def _made(stage):
    """An account with a trail that logs, a log group and a role; a client of CloudTrail, and the group with the role."""
    account = stage.member()
    stage.perform(account, "logs", "CreateLogGroup", logGroupName=GROUP)
    client = stage.inside("cloudtrail", account)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    client.start_logging(Name="audit")
    both = {"CloudWatchLogsLogGroupArn": _group(account), "CloudWatchLogsRoleArn": _role(stage, account)}
    return account, client, both


def a_trail_takes_a_log_group_only_with_a_role(stage):
    _, client, both = _made(stage)
    group, role = both["CloudWatchLogsLogGroupArn"], both["CloudWatchLogsRoleArn"]
    refused(NO_ROLE, client.update_trail, Name="audit", CloudWatchLogsLogGroupArn=group)
    refused(NO_GROUP, client.update_trail, Name="audit", CloudWatchLogsRoleArn=role)
    answer = client.update_trail(Name="audit", **both)
    equal((answer["CloudWatchLogsLogGroupArn"], answer["CloudWatchLogsRoleArn"]), (group, role))
    (trail,) = client.describe_trails()["trailList"]
    equal((trail["CloudWatchLogsLogGroupArn"], trail["CloudWatchLogsRoleArn"]), (group, role))


def a_trails_log_group_is_named_with_a_star_at_home(stage):
    account, client, both = _made(stage)
    stage.perform(account, "logs", "CreateLogGroup", region=ABROAD, logGroupName=GROUP)
    wrong = [both["CloudWatchLogsLogGroupArn"][:-2], _group(account, ABROAD), _group(account, name="absent"), "trails"]
    for arn in wrong:
        refused(NO_GROUP, client.update_trail, Name="audit", **{**both, "CloudWatchLogsLogGroupArn": arn})
    client.update_trail(Name="audit", **both)


def the_role_of_a_log_group_is_tried(stage):
    account, client, both = _made(stage)
    absent = f"arn:aws:iam::{account}:role/absent"
    other = _role(stage, account, "other", {**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}})
    for role in [absent, other]:
        refused(NO_ROLE, client.update_trail, Name="audit", **{**both, "CloudWatchLogsRoleArn": role})
    _allow(stage, account, _writing(account, "another_CloudTrail_*"))
    refused(NO_GROUP, client.update_trail, Name="audit", **both)
    refused(NO_GROUP, client.create_trail, Name="new", S3BucketName=_ready(stage, account, HOME, "new"), **both)
    _allow(stage, account, _writing(account))
    client.update_trail(Name="audit", **both)
    equal(client.create_trail(Name="new", S3BucketName=f"new-{account}-{HOME}", **both)["TrailARN"],
          _arn(account, HOME, "new"))


def who_gives_a_trail_a_role_has_to_be_let_pass_it(stage):
    account, client, both = _made(stage)
    narrow = stage.enter(account, Policy=document({"Action": "cloudtrail:*"}))
    said = refused("AccessDeniedException", stage.client("cloudtrail", narrow).update_trail, Name="audit", **both)
    assert "iam:PassRole" in said, said
    passing = document({"Action": "cloudtrail:*"}, {"Action": "iam:PassRole", "Resource": both["CloudWatchLogsRoleArn"]})
    stage.client("cloudtrail", stage.enter(account, Policy=passing)).update_trail(Name="audit", **both)


def an_empty_log_group_and_role_end_delivery(stage):
    _, client, both = _made(stage)
    client.update_trail(Name="audit", **both)
    client.update_trail(Name="audit", EnableLogFileValidation=True)
    assert "CloudWatchLogsLogGroupArn" in client.get_trail(Name="audit")["Trail"], "what is not sent stays"
    client.update_trail(Name="audit", CloudWatchLogsLogGroupArn="", CloudWatchLogsRoleArn="")
    found = client.get_trail(Name="audit")["Trail"]
    assert not {"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"} & found.keys(), found


def the_first_delivery_to_a_log_group_takes_minutes(stage):
    account, client, both = _made(stage)
    logs = stage.inside("logs", account)
    client.update_trail(Name="audit", **both)
    stage.advance(200)
    assert "LatestCloudWatchLogsDeliveryTime" not in client.get_trail_status(Name="audit")
    equal(logs.describe_log_streams(logGroupName=GROUP)["logStreams"], [])
    stage.advance(200)
    first = client.get_trail_status(Name="audit")["LatestCloudWatchLogsDeliveryTime"]
    (stream,) = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    equal(stream["logStreamName"], f"{account}_CloudTrail_{HOME}")
    # A session lasts an hour.
    stage.advance(1500)
    client.stop_logging(Name="audit")
    stage.advance(1500)
    last = client.get_trail_status(Name="audit")["LatestCloudWatchLogsDeliveryTime"]
    assert 1200 <= (last - first).total_seconds() <= 1500, (first, last)


def a_log_group_that_is_gone_shows_as_an_error_of_the_next_delivery(stage):
    account, client, both = _made(stage)
    client.update_trail(Name="audit", **both)
    stage.advance(400)
    before = client.get_trail_status(Name="audit")
    assert "LatestCloudWatchLogsDeliveryError" not in before, before
    stage.perform(account, "logs", "DeleteLogGroup", logGroupName=GROUP)
    assert "LatestCloudWatchLogsDeliveryError" not in client.get_trail_status(Name="audit")
    stage.advance(400)
    after = client.get_trail_status(Name="audit")
    equal(after["LatestCloudWatchLogsDeliveryTime"], before["LatestCloudWatchLogsDeliveryTime"])
    assert after["LatestCloudWatchLogsDeliveryError"] and after["IsLogging"], after
    stage.perform(account, "logs", "CreateLogGroup", logGroupName=GROUP)
    stage.advance(400)
    assert "LatestCloudWatchLogsDeliveryError" not in client.get_trail_status(Name="audit")
