//! What Account Management asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] = &[
    asks("DeleteAlternateContact", On::Account),
    asks("DisableRegion", On::Account),
    asks("EnableRegion", On::Account),
    asks("GetAlternateContact", On::Account),
    asks("GetContactInformation", On::Account),
    asks("GetRegionOptStatus", On::Account),
    asks("ListRegions", On::Account),
    asks("PutAlternateContact", On::Account),
    asks("PutContactInformation", On::Account),
];
