//! `config.recorder`: AWS Config records what is in a region, and delivers it.

use super::case::Case;
use super::settings::Settings;
use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::drift::Judged;
use crate::frameworks::{cis, security_hub};
use crate::observe::config::{
    Asked, Channels, Delivery, Linked, Recorders, Recording, Retention, ServiceRole, Statuses,
};
use crate::observe::s3::Bucket;
use crate::observe::{Home, Reads, Tagged};
use crate::target::AccountId;

/// See the module.
pub struct Recorder;

pub(super) static META: Meta = Meta {
    id: "config.recorder",
    title: "AWS Config records what is in the region",
    why: "What a resource was yesterday, nobody can say afterwards unless it was written down. AWS Config writes it down \
          in each region, and what checks resources, such as the standards of Security Hub, reads it there.",
    runs: Runs::EveryRegion,
    requirements: &[
        Requirement {
            id: "config.recorder.recording",
            title: "A recorder is on, and records",
            severity: Severity::Critical,
            references: &[
                cis("1.4-2.0", "3.5"),
                cis("3.0-5.0", "3.3"),
                cis("6.0-7.0", "4.3"),
                security_hub("Config.1"),
            ],
        },
        Requirement {
            id: "config.recorder.all_types",
            title: "It records all types of resources, but those that may be left out",
            severity: Severity::High,
            references: &[
                cis("1.4-2.0", "3.5"),
                cis("3.0-5.0", "3.3"),
                cis("6.0-7.0", "4.3"),
                security_hub("Config.1"),
            ],
        },
        Requirement {
            id: "config.recorder.global_types",
            title: "It records users, groups, roles and policies of IAM in the home region, and nowhere else",
            severity: Severity::High,
            references: &[cis("1.4-2.0", "3.5"), cis("3.0-5.0", "3.3"), cis("6.0-7.0", "4.3")],
        },
        Requirement {
            id: "config.recorder.role",
            title: "It works by the role that AWS keeps for it",
            severity: Severity::Medium,
            references: &[security_hub("Config.1")],
        },
        Requirement {
            id: "config.recorder.frequency",
            title: "It records changes as often as wanted",
            severity: Severity::Low,
            references: &[],
        },
        Requirement {
            id: "config.recorder.delivery",
            title: "It delivers where it has to",
            severity: Severity::Medium,
            references: &[],
        },
        Requirement {
            id: "config.recorder.delivered",
            title: "Its last delivery did not fail",
            severity: Severity::Medium,
            references: &[],
        },
        Requirement {
            id: "config.recorder.retention",
            title: "What it recorded is kept for as long as wanted",
            severity: Severity::Low,
            references: &[],
        },
    ],
    steps: &[
        "CreateServiceLinkedRole",
        "CreateBucket",
        "PutBucketTagging",
        "PutPublicAccessBlock",
        "PutBucketEncryption",
        "PutBucketVersioning",
        "PutBucketPolicy",
        "PutConfigurationRecorder",
        "PutDeliveryChannel",
        "StartConfigurationRecorder",
        "PutRetentionConfiguration",
    ],
};

impl Control for Recorder {
    const META: Meta = Meta { ..META };
    const NOTES: Notes = Notes {
        costs: &[
            "AWS Config bills by each change that it records, which is often the most costly of all controls: \
             `frequency: DAILY` bills once a day for each resource that changed, at a higher price.",
            "The bucket bills for what is stored in it, and nothing here deletes old files.",
        ],
        disturbs: &[],
        undo: &[
            "A recorder that was made is stopped and deleted with its channel, and former values are set again where there \
             was one. What was recorded stays.",
            "A bucket is deleted only when it is empty. The role of the service stays.",
            "Items are kept for as short as before only with `--allow irreversible`, because those that are older go.",
        ],
        traps: &[
            "A region has one recorder of the account, whose name cannot be changed: that which is there is mended.",
            "Recorders that are linked to a service are the service's. They do not count unless `linked_to` names it.",
            "A recorder of Control Tower is never written.",
            "Outside the home region, a recorder that records the types of IAM is left to a person: taking them out there \
             before the home region has them would lose them. In regions that AWS Config came to after February 2022 it \
             records none of them.",
            "A recorder that is on counts only while AWS says `SUCCESS` of what it recorded last. `PENDING`, which it says \
             of one that was just started, is `pending`.",
            "AWS Config says that a bucket lets it in when it is told of it, not later: `delivered` asks for how the last \
             delivery went.",
        ],
    };
    const TAGGED: &'static [Tagged] = &[Tagged::Recorder];
    type Settings = Settings;
    type Observed = Recording;

    fn key(context: &Context<'_>, wanted: &Settings) -> Asked {
        wanted.asked(context)
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.named()
    }

    fn evaluate(context: &Context<'_>, seen: &Recording, wanted: &Settings) -> Vec<Judged> {
        if wanted.named().is_empty() { vec![] } else { Case { context, seen, wanted }.judge() }
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        if wanted.linked_to.is_some() {
            return Needs { reads: vec![Reads::of::<Linked>()], ..Needs::default() };
        }
        let kept = if wanted.log_account.is_some() { Home::LogArchive } else { home };
        let made_here = kept == home;
        let there = if made_here { Home::Member } else { Home::LogArchive };
        let records = wanted.recording.is_some();
        let asked = [
            (true, Reads::of::<Recorders>()),
            (true, Tagged::Recorder.reads()),
            (records, Reads::of::<Statuses>()),
            (wanted.deliver(), Reads::of::<Channels>()),
            (wanted.delivered.is_some(), Reads::of::<Delivery>()),
            (wanted.retention.is_some(), Reads::of::<Retention>()),
            (records || wanted.role.is_some(), Reads::of::<ServiceRole>()),
        ];
        let bucket = wanted.deliver().then(|| Reads::of::<Bucket>().there(there).closure());
        let may = |step: &&str| match *step {
            "CreateServiceLinkedRole" => records || wanted.role.is_some(),
            "PutConfigurationRecorder" => wanted.ask_of_recorder(),
            "PutDeliveryChannel" => records || wanted.delivery.is_some(),
            "StartConfigurationRecorder" => records,
            "PutRetentionConfiguration" => wanted.retention.is_some(),
            _ => wanted.deliver() && made_here,
        };
        let reads = asked.into_iter().filter_map(|(asked, reads)| asked.then_some(reads));
        Needs {
            reads: reads.chain(bucket.into_iter().flatten()).collect(),
            steps: META.steps.iter().copied().filter(may).collect(),
            names: vec![("s3:bucket", wanted.bucket().to_owned())],
            ..Needs::default()
        }
    }

    fn log_archive(wanted: &Settings) -> Option<&AccountId> {
        wanted.log_account.as_ref()
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        wanted.contradiction()
    }
}
