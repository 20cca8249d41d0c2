//! What Config asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("DeleteConfigurationRecorder", On::Recorder),
    asks("DeleteDeliveryChannel", On::All),
    asks("DeleteRetentionConfiguration", On::All),
    asks("DescribeConfigurationRecorderStatus", On::Recorder),
    asks("DescribeConfigurationRecorders", On::Recorder),
    asks("DescribeDeliveryChannelStatus", On::All),
    asks("DescribeDeliveryChannels", On::All),
    asks("DescribeRetentionConfigurations", On::All),
    asks("ListTagsForResource", On::Arn("ResourceArn")),
    asks("PutConfigurationRecorder", On::Recorder),
    asks("PutDeliveryChannel", On::All),
    asks("PutRetentionConfiguration", On::All),
    asks("PutServiceLinkedConfigurationRecorder", On::All),
    asks("StartConfigurationRecorder", On::Recorder),
    asks("StopConfigurationRecorder", On::Recorder),
    asks("TagResource", On::Arn("ResourceArn")),
    asks("UntagResource", On::Arn("ResourceArn")),
];
