//! Bucket and key of the organization's trail in the account that keeps them, which is not the trail's.

use super::making::Making;
use super::mending::Mending;
use super::trail::{Case, drifted};
use crate::controls::need::Need;
use crate::drift::Judged;
use crate::observe::cloudtrail::{Choice, Part};

/// What this account has to make or change for the trail: decided as the management account decides what to do about
/// the trail itself, by the same observations.
pub(super) fn needed(case: &Case<'_>, judged: &Judged, mended: &Choice<'_>) -> Vec<Judged> {
    let Some(drift) = &judged.drift else { return vec![] };
    let parts = drifted(drift, case.asked);
    let needs = match mended {
        Choice::Make => Making { case }.needed(&parts),
        Choice::Mend(trail) if parts.contains(&Part::Kms) => vec![Mending { case, trail }.key_needed()],
        Choice::Mend(_) | Choice::Owned(..) | Choice::Unclear(_) => vec![],
    };
    needs.into_iter().filter_map(Need::into_judged).collect()
}
