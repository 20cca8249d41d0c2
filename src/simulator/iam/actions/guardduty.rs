//! What GuardDuty asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("AcceptAdministratorInvitation", On::Detector("DetectorId")),
    asks("CreateDetector", On::All),
    asks("CreateMembers", On::Detector("DetectorId")),
    asks("DeleteDetector", On::Detector("DetectorId")),
    asks("DeleteMembers", On::Detector("DetectorId")),
    asks("DescribeOrganizationConfiguration", On::Detector("DetectorId")),
    asks("DisableOrganizationAdminAccount", On::All),
    asks("EnableOrganizationAdminAccount", On::All),
    asks("GetAdministratorAccount", On::Detector("DetectorId")),
    asks("GetDetector", On::Detector("DetectorId")),
    asks("GetMemberDetectors", On::Detector("DetectorId")),
    asks("GetMembers", On::Detector("DetectorId")),
    asks("InviteMembers", On::Detector("DetectorId")),
    asks("ListDetectors", On::All),
    asks("ListInvitations", On::All),
    asks("ListMembers", On::Detector("DetectorId")),
    asks("ListOrganizationAdminAccounts", On::All),
    asks("ListTagsForResource", On::Arn("ResourceArn")),
    asks("TagResource", On::Arn("ResourceArn")),
    asks("UntagResource", On::Arn("ResourceArn")),
    asks("UpdateDetector", On::Detector("DetectorId")),
    asks("UpdateMemberDetectors", On::Detector("DetectorId")),
    asks("UpdateOrganizationConfiguration", On::Detector("DetectorId")),
];
