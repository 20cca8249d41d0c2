//! What CloudWatch asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("DeleteAlarms", On::Alarms("AlarmNames")),
    asks("DescribeAlarms", On::Alarms("AlarmNames")),
    asks("DisableAlarmActions", On::Alarms("AlarmNames")),
    asks("EnableAlarmActions", On::Alarms("AlarmNames")),
    asks("ListTagsForResource", On::Arn("ResourceARN")),
    asks("PutMetricAlarm", On::Alarm("AlarmName")),
    asks("TagResource", On::Arn("ResourceARN")),
    asks("UntagResource", On::Arn("ResourceARN")),
];
