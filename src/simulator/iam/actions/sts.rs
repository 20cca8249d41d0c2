//! What STS asks for.

use super::{On, Row, asks};

pub(super) const ROWS: &[Row] =
    &[asks("AssumeRole", On::Nothing), asks("AssumeRoot", On::Nothing), asks("GetCallerIdentity", On::Nothing)];
