//! What one would not guess of SNS.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_topic_made_again_is_the_same",
        "CreateTopic with a name that is taken answers the topic that is there, unless it is sent with other attributes or tags",
        "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
    ),
    row(
        "tags_of_a_topic_take_a_permission_of_their_own",
        "CreateTopic with tags asks for sns:TagResource besides",
        "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
    ),
    seen(
        "a_topic_is_made_with_a_policy_for_its_account",
        "A topic that is made without a policy has one that is for its own account, by AWS:SourceOwner",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
        "https://github.com/airbnb/binaryalert/issues/169",
    ),
    row(
        "a_topic_that_is_gone_can_be_deleted",
        "DeleteTopic of a topic that does not exist is no error",
        "https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html",
    ),
    row(
        "a_mail_waits_to_be_confirmed",
        "A subscription by mail is listed as PendingConfirmation until its token is sent back, and its ARN is answered before only if asked for",
        "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html",
    ),
    row(
        "a_subscription_that_waits_cannot_be_ended_and_is_forgotten_after_two_days",
        "What waits to be confirmed is refused by Unsubscribe, and is gone after 48 hours",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html",
    ),
    row(
        "a_queue_of_the_same_account_is_confirmed_at_once",
        "A queue or a function of the caller's account is subscribed without anybody's agreement, another account's is not",
        "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html",
    ),
    seen(
        "who_subscribes_again_has_the_same_subscription",
        "Subscribe for an endpoint that is subscribed answers the subscription that is there",
        "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html",
        "https://github.com/getmoto/moto/pull/1418",
    ),
    row(
        "sns_refuses_as_an_authorization_error",
        "A caller without the permission is refused by AuthorizationError",
        "https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html",
    ),
];
