//! What S3 Control asks for.

use super::{On, Row, asks, named};

pub(super) const ROWS: &[Row] = &[
    named(asks("DeletePublicAccessBlock", On::All), "PutAccountPublicAccessBlock"),
    named(asks("GetPublicAccessBlock", On::All), "GetAccountPublicAccessBlock"),
    named(asks("PutPublicAccessBlock", On::All), "PutAccountPublicAccessBlock"),
];
