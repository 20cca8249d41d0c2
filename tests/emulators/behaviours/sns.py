"""SNS: topics, and who is told."""

import json

from stage import equal, refused

TAGS = [{"Key": "one", "Value": "1"}]


def _topic(stage, name="alarms", **more):
    return stage.client("sns").create_topic(Name=name, **more)["TopicArn"]


def _subscriptions(stage, topic):
    return stage.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]


def _kept(stage, topic):
    """The topic as the simulator keeps it."""
    _, _, _, region, account, name = topic.split(":")
    return stage.state()["accounts"][account]["regions"][region]["sns"]["topics"][name]


def a_topic_made_again_is_the_same(stage):
    sns, topic = stage.client("sns"), _topic(stage, Tags=TAGS, Attributes={"DisplayName": "Alarms"})
    equal(topic, f"arn:aws:sns:us-east-1:{stage.management}:alarms")
    equal(_topic(stage), topic)
    equal(_topic(stage, Tags=TAGS, Attributes={"DisplayName": "Alarms"}), topic)
    refused("InvalidParameter", sns.create_topic, Name="alarms", Attributes={"DisplayName": "Others"})
    refused("InvalidParameter", sns.create_topic, Name="alarms", Tags=[{"Key": "one", "Value": "2"}])
    refused("InvalidParameter", sns.create_topic, Name="al arms")
    equal(sns.list_topics()["Topics"], [{"TopicArn": topic}])
    equal(sns.list_tags_for_resource(ResourceArn=topic)["Tags"], TAGS)


def tags_of_a_topic_take_a_permission_of_their_own(stage):
    member = stage.member()
    stage.role(member, "topics", {"Action": "sns:CreateTopic"})
    sns = stage.client("sns", stage.enter(member, "topics"))
    sns.create_topic(Name="one")
    message = refused("AuthorizationError", sns.create_topic, Name="two", Tags=TAGS)
    assert f"sns:TagResource on resource: arn:aws:sns:us-east-1:{member}:two" in message, message


def a_topic_is_made_with_a_policy_for_its_account(stage):
    topic = _topic(stage)
    (statement,) = json.loads(_attributes(stage, topic)["Policy"])["Statement"]
    equal(statement["Principal"], {"AWS": "*"})
    equal(statement["Condition"], {"StringEquals": {"AWS:SourceOwner": stage.management}})
    stranger = stage.inside("sns", stage.member())
    refused("AuthorizationError", stranger.get_topic_attributes, TopicArn=topic)


def _attributes(stage, topic):
    return stage.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]


def a_topic_that_is_gone_can_be_deleted(stage):
    sns, topic = stage.client("sns"), _topic(stage)
    sns.delete_topic(TopicArn=topic)
    sns.delete_topic(TopicArn=topic)
    refused("NotFound", sns.get_topic_attributes, TopicArn=topic)
    refused("ResourceNotFound", sns.list_tags_for_resource, ResourceArn=topic)


def a_mail_waits_to_be_confirmed(stage):
    sns, topic = stage.client("sns"), _topic(stage)
    asked = {"TopicArn": topic, "Protocol": "email", "Endpoint": "security@example.com"}
    equal(sns.subscribe(**asked)["SubscriptionArn"], "pending confirmation")
    arn = sns.subscribe(**asked, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:"), arn
    (waiting,) = _subscriptions(stage, topic)
    equal(waiting["SubscriptionArn"], "PendingConfirmation")
    equal((_attributes(stage, topic)["SubscriptionsPending"], _attributes(stage, topic)["SubscriptionsConfirmed"]),
          ("1", "0"))
    refused("InvalidParameter", sns.confirm_subscription, TopicArn=topic, Token="nonsense")
    token = _kept(stage, topic)["subscriptions"][0]["token"]
    equal(sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"], arn)
    equal(_subscriptions(stage, topic)[0]["SubscriptionArn"], arn)
    sns.unsubscribe(SubscriptionArn=arn)
    equal(_subscriptions(stage, topic), [])
    refused("InvalidParameter", sns.subscribe, **{**asked, "Endpoint": "nobody"})


def a_subscription_that_waits_cannot_be_ended_and_is_forgotten_after_two_days(stage):
    sns, topic = stage.client("sns"), _topic(stage)
    asked = {"TopicArn": topic, "Protocol": "email", "Endpoint": "security@example.com"}
    arn = sns.subscribe(**asked, ReturnSubscriptionArn=True)["SubscriptionArn"]
    refused("InvalidParameter", sns.unsubscribe, SubscriptionArn=arn)
    refused("InvalidParameter", sns.unsubscribe, SubscriptionArn="PendingConfirmation")
    stage.advance(47 * 3600)
    equal(len(_subscriptions(stage, topic)), 1)
    stage.advance(2 * 3600)
    equal(_subscriptions(stage, topic), [])


def a_queue_of_the_same_account_is_confirmed_at_once(stage):
    sns, topic = stage.client("sns"), _topic(stage)
    own, other = (f"arn:aws:sqs:us-east-1:{account}:queue" for account in [stage.management, "999999999999"])
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=own)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:"), arn
    equal(sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=other)["SubscriptionArn"], "pending confirmation")


def who_subscribes_again_has_the_same_subscription(stage):
    sns, topic = stage.client("sns"), _topic(stage)
    queue = f"arn:aws:sqs:us-east-1:{stage.management}:queue"
    arns = {sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"] for _ in range(2)}
    equal(len(arns), 1)
    equal(len(_subscriptions(stage, topic)), 1)


def sns_refuses_as_an_authorization_error(stage):
    member = stage.member()
    stage.role(member, "nothing", {"Action": "sns:ListTopics"})
    sns = stage.client("sns", stage.enter(member, "nothing"))
    equal(sns.list_topics()["Topics"], [])
    topic = f"arn:aws:sns:us-east-1:{member}:alarms"
    message = refused("AuthorizationError", sns.get_topic_attributes, TopicArn=topic)
    assert f"sns:GetTopicAttributes on resource: {topic}" in message, message
