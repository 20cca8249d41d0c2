//! What SNS asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("ConfirmSubscription", On::Topic("TopicArn")),
    asks("CreateTopic", On::Topic("Name")),
    asks("DeleteTopic", On::Topic("TopicArn")),
    asks("GetTopicAttributes", On::Topic("TopicArn")),
    asks("ListSubscriptionsByTopic", On::Topic("TopicArn")),
    asks("ListTagsForResource", On::Topic("ResourceArn")),
    asks("ListTopics", On::All),
    asks("SetTopicAttributes", On::Topic("TopicArn")),
    asks("Subscribe", On::Topic("TopicArn")),
    asks("TagResource", On::Topic("ResourceArn")),
    asks("Unsubscribe", On::All),
    asks("UntagResource", On::Topic("ResourceArn")),
];
