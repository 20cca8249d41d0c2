//! What the trail takes with some settings: which of its reads and steps, in which kind of account.

use super::trail::{META, Settings};
use crate::control::Needs;
use crate::observe::cloudtrail::{Part, SelectorsOf, StatusOf, TagsOf, Trails, VisibleTrails, Whose};
use crate::observe::kms::named::{KeyPolicy, NamedKey};
use crate::observe::organizations::TrustedServices;
use crate::observe::s3::Bucket;
use crate::observe::{Home, Reads};

/// The trails of an account and what is asked about them, there or in the management account.
fn trails<const M: bool>(wanted: &Settings, reads: &mut Vec<Reads>) {
    reads.extend([Reads::of::<Trails<M>>(), Reads::of::<TagsOf<M>>()]);
    if wanted.asks(Part::Logging) {
        reads.push(Reads::of::<StatusOf<M>>());
    }
    if wanted.asks(Part::ManagementEvents) || wanted.mends() {
        reads.push(Reads::of::<SelectorsOf<M>>());
    }
    if wanted.asks(Part::Kms) {
        reads.push(Reads::of::<NamedKey<M>>());
    }
}

/// What is read of the bucket and the key of a trail that has to be made or mended.
fn making(wanted: &Settings, reads: &mut Vec<Reads>) {
    reads.push(Reads::of::<Bucket>());
    if wanted.asks(Part::Kms) {
        reads.push(Reads::of::<KeyPolicy>());
    }
}

pub(super) fn needs(wanted: &Settings, home: Home) -> Needs {
    let organization = wanted.whose() == Whose::Organization;
    let mut reads = vec![];
    // The organization's trails are the management account's; where it cannot be asked, a member says what it sees.
    trails::<true>(wanted, &mut reads);
    if home == Home::Member {
        reads.push(Reads::of::<VisibleTrails>());
        if organization {
            if wanted.asks(Part::Logging) {
                reads.push(Reads::of::<StatusOf<false>>());
            }
            return Needs { reads, ..Needs::default() };
        }
        trails::<false>(wanted, &mut reads);
    }
    making(wanted, &mut reads);
    if organization {
        reads.push(Reads::of::<TrustedServices>());
    }
    let steps = META.steps.iter().copied().filter(|step| may(wanted, organization, step));
    let (bucket, key) = wanted.named();
    let mut names = vec![("s3:bucket", bucket.to_owned())];
    names.extend(key.filter(|key| key.starts_with("alias/")).map(|alias| ("kms:alias", alias.to_owned())));
    Needs { reads, steps: steps.collect(), names, organization }
}

/// Whether a step can come of these settings.
fn may(wanted: &Settings, organization: bool, step: &str) -> bool {
    match step {
        "EnableServiceAccess" => organization,
        "PutEventSelectors" => wanted.asks(Part::ManagementEvents),
        "CreateKey" | "RotateMadeKey" | "CreateAlias" => wanted.named().1.is_some_and(|key| key.starts_with("alias/")),
        "PutKeyPolicy" => wanted.asks(Part::Kms),
        _ => true,
    }
}
