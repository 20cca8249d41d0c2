//! Where alarms and their topic belong, and what it takes there: the account that has the log group of the trail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::Context;
use crate::observe::cloudtrail::{SelectorsOf, StatusOf, Trails, VisibleTrails, Whose};
use crate::observe::cloudwatch::Ground;
use crate::observe::{Home, Reads};
use crate::target::{Region, Target};

/// The name of the topic that alarms tell, unless the baseline says otherwise.
pub(super) const TOPIC: &str = "security-alarms";

/// The kind of an object that is complete and waits for a person: an object of its own, so that an apply, which has done
/// all it can, does not wait for him.
pub(super) const CONFIRMATION: &str = "sns.confirmation";

/// Whose trail the alarms are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Scope {
    /// The organization's.
    Organization,
    /// That of each account, or the organization's.
    Account,
}

/// Whose trails count.
pub(super) fn whose(scope: Option<Scope>) -> Whose {
    match scope {
        Some(Scope::Organization) => Whose::Organization,
        Some(Scope::Account) | None => Whose::Account,
    }
}

/// Where the account itself has alarms to have, and why it has not, where others have them.
pub(super) fn place(context: &Context<'_>, ground: &Ground) -> Result<Target, String> {
    let here = |region: &Region| Target { account: context.at.account.clone(), region: Some(region.clone()) };
    match ground {
        Ground::Here(group) => Ok(here(&group.region)),
        Ground::Missing => Ok(here(context.home_region)),
        Ground::Elsewhere(group) => Err(format!(
            "what is done here is in the log group of trail {} in account {}, and so are its alarms",
            group.trail, group.account
        )),
        Ground::Organizations(management) => {
            Err(format!("the alarms are on the organization's trail, which is made in account {management}"))
        }
    }
}

/// What is read, in an account of this kind, to find the place: and what besides where the management account does
/// not answer.
pub(super) fn reads(whose: Whose, home: Home) -> (Vec<Reads>, Vec<Reads>) {
    let of_management =
        vec![Reads::of::<Trails<true>>(), Reads::of::<StatusOf<true>>(), Reads::of::<SelectorsOf<true>>()];
    if home == Home::Management {
        return (of_management, vec![]);
    }
    let (mut reads, mut fallbacks) = (of_management, vec![Reads::of::<VisibleTrails>()]);
    if whose == Whose::Account {
        reads.append(&mut fallbacks);
        reads.extend([Reads::of::<Trails<false>>(), Reads::of::<StatusOf<false>>(), Reads::of::<SelectorsOf<false>>()]);
    } else {
        fallbacks.push(Reads::of::<StatusOf<false>>());
    }
    (reads, fallbacks)
}

/// Whether an account of this kind may have to have alarms of its own.
pub(super) fn is_mended(whose: Whose, home: Home) -> bool {
    whose == Whose::Account || home == Home::Management
}
