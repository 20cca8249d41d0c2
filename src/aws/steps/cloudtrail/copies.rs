//! What a trail costs that logs more from now on.

use serde::{Deserialize, Serialize};

/// What a copy of management events costs that is not the first: what
/// [CloudTrail asks for it](https://aws.amazon.com/cloudtrail/pricing/).
const SECOND_COPY: &str = "a second copy of management events bills by event";

/// What members pay for a trail of the organization: what they have of their own is not looked at from outside.
const COPY_OF_MEMBERS: &str = "members with trails of their own pay for a second copy of management events";

/// What [CloudWatch Logs asks](https://aws.amazon.com/cloudwatch/pricing/) for what it takes in and keeps.
const INTAKE: &str = "CloudWatch Logs bills for what it takes in and keeps";
const SECOND_COPY_AND_INTAKE: &str =
    "a second copy of management events bills by event, and CloudWatch Logs for what it takes in and keeps";
const COPY_OF_MEMBERS_AND_INTAKE: &str = "members with trails of their own pay for a second copy of management events, \
                                          and CloudWatch Logs bills for what it takes in and keeps";

/// Whom a trail that logs more from now on gives a copy that is not the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Copies {
    /// Nobody, as far as is known.
    #[default]
    First,
    /// The account: another trail shows in it.
    Second,
    /// Members of the organization that have trails of their own.
    OfMembers,
}

impl Copies {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
    pub(super) fn are_first(&self) -> bool {
        *self == Self::First
    }

    pub(super) fn cost(self) -> Option<&'static str> {
        self.cost_with(false)
    }

    /// What it costs, with what a log group costs that gets its events.
    pub(super) fn cost_with(self, log_group: bool) -> Option<&'static str> {
        match (self, log_group) {
            (Self::First, false) => None,
            (Self::First, true) => Some(INTAKE),
            (Self::Second, false) => Some(SECOND_COPY),
            (Self::Second, true) => Some(SECOND_COPY_AND_INTAKE),
            (Self::OfMembers, false) => Some(COPY_OF_MEMBERS),
            (Self::OfMembers, true) => Some(COPY_OF_MEMBERS_AND_INTAKE),
        }
    }
}
