//! To come.

use crate::simulator::front::Handler;
use serde::Serialize;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[];

/// To come.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {}
