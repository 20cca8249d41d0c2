//! What the trail takes with some settings: which of its reads and steps, in which kind of account.

use super::settings::Settings;
use super::trail::META;
use crate::control::Needs;
use crate::observe::cloudtrail::{InsightsOf, Part, SelectorsOf, StatusOf, TagsOf, Trails, VisibleTrails, Whose};
use crate::observe::iam::Role;
use crate::observe::kms::named::{KeyPolicy, NamedKey};
use crate::observe::logs::LogGroup;
use crate::observe::organizations::TrustedServices;
use crate::observe::s3::Bucket;
use crate::observe::{Home, Reads};

/// The trails of an account and what is asked about them, there or in the management account.
fn trails<const M: bool>(wanted: &Settings, reads: &mut Vec<Reads>) {
    reads.extend([Reads::of::<Trails<M>>(), Reads::of::<TagsOf<M>>()]);
    if wanted.asks_for_status() {
        reads.push(Reads::of::<StatusOf<M>>());
    }
    if wanted.asks_for_events() || wanted.mends() {
        reads.push(Reads::of::<SelectorsOf<M>>());
    }
    if wanted.asks(Part::Insights) {
        reads.push(Reads::of::<InsightsOf<M>>());
    }
    if wanted.asks(Part::Kms) && (wanted.keeper().is_none() || wanted.keeps_own_key()) {
        reads.push(Reads::of::<NamedKey<M>>());
    }
}

/// The key of a trail where another account keeps it.
fn kept_key(wanted: &Settings, home: Home, reads: &mut Vec<Reads>) {
    if wanted.asks(Part::Kms) && wanted.keeper().is_some() {
        reads.push(Reads::of::<NamedKey<false>>().there(home));
    }
}

/// What is read, in such an account, of the bucket and the key of a trail that has to be made or mended.
fn making(wanted: &Settings, home: Home, reads: &mut Vec<Reads>) {
    reads.extend(Reads::of::<Bucket>().there(home).closure());
    if wanted.asks(Part::Kms) {
        reads.push(Reads::of::<KeyPolicy>().there(home));
    }
}

pub(super) fn needs(wanted: &Settings, home: Home) -> Needs {
    let organization = wanted.whose() == Whose::Organization;
    let (mut reads, mut fallbacks) = (vec![], vec![]);
    // The organization's trails are the management account's; where it cannot be asked, a member says what it sees.
    trails::<true>(wanted, &mut reads);
    if home != Home::Management {
        fallbacks.push(Reads::of::<VisibleTrails>());
        if wanted.asks_for_status() {
            fallbacks.push(Reads::of::<StatusOf<false>>());
        }
        if !organization {
            trails::<false>(wanted, &mut reads);
            // What makes up for the organization's trails goes on to the account's own.
            reads.append(&mut fallbacks);
        }
    }
    if organization && home == Home::Member {
        kept_key(wanted, Home::LogArchive, &mut reads);
        return Needs { reads, fallbacks, ..Needs::default() };
    }
    // What is kept elsewhere is read there, by the account that keeps it as by the one of the trail.
    let kept = if home == Home::Management && wanted.keeper().is_some() { Home::LogArchive } else { Home::Member };
    kept_key(wanted, kept, &mut reads);
    making(wanted, kept, &mut reads);
    if organization {
        reads.push(Reads::of::<TrustedServices>());
    }
    // Log group and role are the trail's account's, whoever keeps its bucket.
    let delivers = wanted.asks(Part::CloudwatchLogs) && home != Home::LogArchive;
    if delivers {
        reads.extend([Reads::of::<LogGroup>(), Reads::of::<Role>()]);
    }
    let made_here = |step: &&str| match wanted.keeper() {
        None => true,
        Some(_) => KEPT.contains(step) == (home == Home::LogArchive),
    };
    let steps = META.steps.iter().copied().filter(|step| may(wanted, organization, step)).filter(made_here);
    let (bucket, key) = wanted.named();
    let mut names = vec![("s3:bucket", bucket.to_owned())];
    names.extend(key.filter(|key| key.starts_with("alias/")).map(|alias| ("kms:alias", alias.to_owned())));
    if delivers {
        let (group, role) = wanted.delivery();
        // What is done to a log group is allowed by its ARN with a star, and its tags by the one without.
        names.extend([("logs:log-group", group.to_owned()), ("logs:log-group", format!("{group}:*"))]);
        names.push(("iam:role", role.to_owned()));
    }
    // A key is looked up where one is given to the trail, and a role passed where one is.
    let asked = [(Part::Kms, "kms:DescribeKey"), (Part::CloudwatchLogs, "iam:PassRole")];
    let spared = asked.into_iter().filter_map(|(part, action)| (!wanted.asks(part)).then_some(action)).collect();
    let organization = organization && home == Home::Management;
    // Before a trail that is there gets a key, the bucket is read that it delivers into, whatever that is called: also
    // where others' trails are left alone, because one of ours may have been given another bucket.
    let read_by_any_name = if wanted.asks(Part::Kms) { vec!["s3:bucket"] } else { vec![] };
    Needs { reads, fallbacks, steps: steps.collect(), names, read_by_any_name, organization, spared }
}

/// The steps for what a log archive keeps.
const KEPT: &[&str] = &[
    "CreateKey",
    "RotateMadeKey",
    "CreateAlias",
    "PutKeyPolicy",
    "CreateBucket",
    "PutBucketTagging",
    "PutPublicAccessBlock",
    "PutBucketEncryption",
    "PutBucketVersioning",
    "PutBucketPolicy",
];

/// Whether a step can come of these settings.
fn may(wanted: &Settings, organization: bool, step: &str) -> bool {
    match step {
        "EnableServiceAccess" => organization,
        "PutEventSelectors" => wanted.parts().any(|part| part.events().is_some()),
        "PutInsightSelectors" => wanted.asks(Part::Insights),
        "CreateKey" | "RotateMadeKey" | "CreateAlias" => wanted.named().1.is_some_and(|key| key.starts_with("alias/")),
        "PutKeyPolicy" => wanted.asks(Part::Kms),
        "CreateLogGroup" | "PutRetentionPolicy" | "CreateRole" | "PutRolePolicy" => wanted.asks(Part::CloudwatchLogs),
        _ => true,
    }
}
