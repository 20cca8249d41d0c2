//! What the bucket of a trail says of itself.

use crate::control::{Meta, Notes, Requirement, Runs, Severity};
use crate::frameworks::{cis, nist, security_hub};

pub(super) const META: Meta = Meta {
    id: "cloudtrail.bucket",
    title: "The buckets of trails keep what they are given, from everybody",
    why: "The files of a trail are what is left to find out what happened. Who can read them learns the account, who can \
          delete or replace them covers tracks, and who can write to them makes some up.",
    runs: Runs::EveryAccount,
    requirements: &[
        Requirement {
            id: "cloudtrail.bucket.not_public",
            title: "Nobody reaches the bucket who was not let in",
            severity: Severity::Critical,
            references: &[cis("1.4-2.0", "3.3"), security_hub("CloudTrail.6")],
        },
        Requirement {
            id: "cloudtrail.bucket.policy",
            title: "The bucket's policy lets CloudTrail in for its trails, and for no others",
            severity: Severity::Medium,
            references: &[],
        },
        Requirement {
            id: "cloudtrail.bucket.tls_only",
            title: "The bucket refuses requests without TLS",
            severity: Severity::Medium,
            references: &[
                cis("1.4-1.5", "2.1.2"),
                cis("2.0-5.0", "2.1.1"),
                cis("6.0-7.0", "3.1.1"),
                security_hub("S3.5"),
                nist(
                    "AC-4 AC-4(22) AC-17(2) AC-24(1) AU-9(3) CA-9 CM-6 CM-9 IA-5(1) PM-11 PM-17 SC-7(4) SC-7(5) SC-8 \
                     SC-8(1) SC-8(2) SC-8(3) SC-8(4) SC-8(5) SC-13 SC-16(1) SC-23 SI-1",
                ),
            ],
        },
        Requirement {
            id: "cloudtrail.bucket.access_logging",
            title: "Requests to the bucket are logged",
            severity: Severity::Low,
            references: &[
                cis("1.4-2.0", "3.6"),
                cis("3.0-5.0", "3.4"),
                cis("6.0-7.0", "4.4"),
                security_hub("CloudTrail.7"),
            ],
        },
        Requirement {
            id: "cloudtrail.bucket.versioning",
            title: "The bucket keeps former versions",
            severity: Severity::Low,
            references: &[],
        },
        Requirement {
            id: "cloudtrail.bucket.mfa_delete",
            title: "Versions in the bucket are deleted with a second factor alone",
            severity: Severity::Low,
            references: &[
                cis("1.4-1.5", "2.1.3"),
                cis("2.0-5.0", "2.1.2"),
                cis("6.0-7.0", "3.1.2"),
                security_hub("S3.20"),
            ],
        },
        Requirement {
            id: "cloudtrail.bucket.lifecycle",
            title: "The bucket keeps files for as long as wanted",
            severity: Severity::Low,
            references: &[],
        },
    ],
    steps: &[
        "CreateBucket",
        "PutBucketTagging",
        "PutPublicAccessBlock",
        "PutBucketVersioning",
        "PutBucketPolicy",
        "LengthenBucketLifecycle",
        "PutBucketLogging",
    ],
};

pub(super) static PAGE: Meta = META;

pub(super) const NOTES: Notes = Notes {
    costs: &[
        "Logs of requests bill for what is stored of them, and nothing here deletes old ones.",
        "Files that are kept for longer bill for longer.",
        "Where a lifecycle deletes files, a bucket that keeps versions keeps those files as former versions, which bill \
         until a rule deletes these too.",
    ],
    disturbs: &[
        "Where a policy lets CloudTrail in for any trail, it does so only for the trails that are known here from then \
         on: the files of others arrive no more. Where the policy lets it write for other accounts as well, that is \
         left to a person.",
        "Who reads the bucket without TLS, or as the public, reads nothing from then on.",
    ],
    undo: &[
        "The former policy, switches, days and logging are set again, and versioning is suspended. A bucket for logs \
         that was made is deleted only when it is empty.",
    ],
    traps: &[
        "A bucket that neither trueup made nor the baseline names is left to a person, unless the baseline says \
         `existing: mend`.",
        "The bucket of the organization's trail is judged in the account that keeps it, which `log_account` names, or \
         else in the management account. A bucket of another account is judged there, where that has trails or is \
         named.",
        "Only the root user with its device switches MFA delete on, and a bucket with it takes no lifecycle: it is left \
         to a person.",
        "Where lines of the lifecycle delete former versions, these go as it says, and what is judged is how long the \
         files themselves are kept: CloudTrail writes each file once, so there is a former version only of what the \
         lifecycle deleted after its days, or of what somebody deleted or overwrote, against which `mfa_delete` helps.",
        "A bucket without any lifecycle keeps its files for ever, and complies. Security Hub's S3.13, which asks that \
         there is one, fails there.",
        "The bucket that gets the logs of requests must not have Object Lock with a default retention, nor make \
         requesters pay: S3 delivers nothing then.",
    ],
};
