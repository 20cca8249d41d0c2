//! To come.

use crate::simulator::front::Handler;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[];
