//! What Security Hub asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("CreateConfigurationPolicy", On::All),
    asks("DescribeHub", On::Hub),
    asks("DescribeOrganizationConfiguration", On::Hub),
    asks("DisableSecurityHub", On::Hub),
    asks("EnableOrganizationAdminAccount", On::All),
    asks("EnableSecurityHub", On::Hub),
    asks("GetConfigurationPolicyAssociation", On::All),
    asks("ListTagsForResource", On::Hub),
    asks("StartConfigurationPolicyAssociation", On::All),
    asks("UpdateOrganizationConfiguration", On::Hub),
];
