//! What CloudWatch Logs asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("CreateLogGroup", On::LogGroup("logGroupName")),
    asks("CreateLogStream", On::LogGroup("logGroupName")),
    asks("DeleteLogGroup", On::LogGroup("logGroupName")),
    asks("DeleteMetricFilter", On::LogGroup("logGroupName")),
    asks("DeleteRetentionPolicy", On::LogGroup("logGroupName")),
    asks("DescribeLogGroups", On::LogGroup("")),
    asks("DescribeLogStreams", On::LogGroup("logGroupName")),
    asks("DescribeMetricFilters", On::LogGroup("logGroupName")),
    asks("ListTagsForResource", On::Arn("resourceArn")),
    asks("PutLogEvents", On::LogGroup("logGroupName")),
    asks("PutMetricFilter", On::LogGroup("logGroupName")),
    asks("PutRetentionPolicy", On::LogGroup("logGroupName")),
    asks("TagResource", On::Arn("resourceArn")),
    asks("UntagResource", On::Arn("resourceArn")),
];
