//! What CloudTrail asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("AddTags", On::Arn("ResourceId")),
    asks("CreateTrail", On::Trail("Name")),
    asks("DeleteTrail", On::Trail("Name")),
    asks("DescribeTrails", On::All),
    asks("GetEventSelectors", On::Trail("TrailName")),
    asks("GetInsightSelectors", On::Trail("TrailName")),
    asks("GetTrail", On::Trail("Name")),
    asks("GetTrailStatus", On::Trail("Name")),
    asks("ListTags", On::Arns("ResourceIdList")),
    asks("ListTrails", On::All),
    asks("PutEventSelectors", On::Trail("TrailName")),
    asks("PutInsightSelectors", On::Trail("TrailName")),
    asks("RemoveTags", On::Arn("ResourceId")),
    asks("StartLogging", On::Trail("Name")),
    asks("StopLogging", On::Trail("Name")),
    asks("UpdateTrail", On::Trail("Name")),
];
