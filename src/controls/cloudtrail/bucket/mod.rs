//! `cloudtrail.bucket`: the buckets that get the files of trails, in the account that keeps them.

mod case;
mod logs;
mod meta;
pub(super) mod needed;
mod statements;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::{BUCKET, Existing, Scope, in_account, owner};
use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes};
use crate::controls::Yes;
use crate::drift::Judged;
use crate::observe::cloudtrail::{BucketAsked, BucketPart, TrailBuckets, Whose};
use crate::observe::{Home, Reads};
use crate::target::AccountId;
use case::Case;

/// See the module.
pub struct Bucket;

/// What the buckets of trails have to be.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Whose trail the bucket that is named is for, as `cloudtrail.trail` has it: one of the `organization`, or one of
    /// each `account`. Left out: `account`.
    #[schemars(extend("default" = "account"))]
    scope: Option<Scope>,
    /// The account that keeps the bucket of the organization's trail, such as the log archive. Only with
    /// `scope: organization`. Left out: the management account.
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{12}$"))]
    log_account: Option<AccountId>,
    /// The bucket that the baseline names besides those of the trails that there are, as `cloudtrail.trail` has it;
    /// `trueup-trail-{account}-{region}` if left out, with the id of the account that keeps it.
    #[schemars(regex(
        pattern = r"^([a-z0-9]|\{account\}|\{region\})(([a-z0-9.-]|\{account\}|\{region\}){1,61}([a-z0-9]|\{account\}|\{region\}))?$"
    ))]
    #[schemars(extend("default" = "trueup-trail-{account}-{region}"))]
    bucket: Option<String>,
    /// What is done with a bucket that falls short, and that neither the baseline names nor trueup made. `leave`: a person
    /// is told. `mend`: it is mended. Left out: `leave`.
    #[schemars(extend("default" = "leave"))]
    existing: Option<Existing>,
    /// Require that nobody reaches it who was not let in: its own block or that of the account is complete, or neither
    /// its policy nor its ACL opens it.
    not_public: Option<Yes>,
    /// Require that its policy lets CloudTrail in for each of its trails, and for no others.
    policy: Option<Yes>,
    /// Require that its policy refuses requests without TLS.
    tls_only: Option<Yes>,
    /// Require that requests to it are logged, wherever to.
    access_logging: Option<Yes>,
    /// The bucket for logs of requests, in the account and region of the bucket, where they are logged nowhere: it is made
    /// where it is missing, and lets S3 in. `trueup-access-{account}-{region}` if left out.
    #[schemars(regex(
        pattern = r"^([a-z0-9]|\{account\}|\{region\})(([a-z0-9.-]|\{account\}|\{region\}){1,61}([a-z0-9]|\{account\}|\{region\}))?$"
    ))]
    #[schemars(extend("default" = "trueup-access-{account}-{region}"))]
    log_to: Option<String>,
    /// Require that it keeps former versions.
    versioning: Option<Yes>,
    /// Require that versions are deleted with a second factor alone, which only the root user can switch on.
    mfa_delete: Option<Yes>,
    /// Require that no rule of its lifecycle deletes files of trails before they are `minimum_days` old.
    lifecycle: Option<Yes>,
    /// For so many days files stay at least, where `lifecycle` is asked for. Files that stay for longer do so. Left out:
    /// 365.
    #[schemars(range(min = 1, max = 36500), extend("default" = 365))]
    minimum_days: Option<u16>,
}

const A_YEAR: u16 = 365;

impl Settings {
    fn parts(&self) -> impl Iterator<Item = BucketPart> {
        let named = [
            (BucketPart::NotPublic, self.not_public),
            (BucketPart::Policy, self.policy),
            (BucketPart::TlsOnly, self.tls_only),
            (BucketPart::AccessLogging, self.access_logging),
            (BucketPart::Versioning, self.versioning),
            (BucketPart::MfaDelete, self.mfa_delete),
            (BucketPart::Lifecycle, self.lifecycle),
        ];
        named.into_iter().filter_map(|(part, named)| named.map(|Yes| part))
    }

    fn whose(&self) -> Whose {
        if self.scope == Some(Scope::Organization) { Whose::Organization } else { Whose::Account }
    }

    fn keeper(&self) -> Option<&AccountId> {
        self.log_account.as_ref().filter(|_| self.whose() == Whose::Organization)
    }

    fn log_to(&self) -> &str {
        self.log_to.as_deref().unwrap_or("trueup-access-{account}-{region}")
    }

    fn minimum_days(&self) -> i32 {
        self.minimum_days.unwrap_or(A_YEAR).into()
    }

    fn mends(&self) -> bool {
        self.existing == Some(Existing::Mend)
    }

    fn asked(&self, context: &Context<'_>) -> BucketAsked {
        let keeper = self.keeper().unwrap_or_else(|| owner(self.whose(), context));
        let keeps = *keeper == context.at.account;
        let name = in_account(self.bucket.as_deref().unwrap_or(BUCKET), keeper, context);
        BucketAsked {
            parts: self.parts().collect(),
            named: keeps.then_some(name),
            keeps_organizations: keeps && self.whose() == Whose::Organization,
            log_to: self.log_to().to_owned(),
        }
    }
}

impl Control for Bucket {
    const META: Meta = meta::META;
    const NOTES: Notes = meta::NOTES;
    const FOLLOWS: &'static [&'static str] = &["cloudtrail.trail"];
    const SAME_AS: &'static [(&'static str, &'static str)] =
        &[("scope", "cloudtrail.trail"), ("log_account", "cloudtrail.trail")];
    type Settings = Settings;
    type Observed = TrailBuckets;

    fn key(context: &Context<'_>, wanted: &Settings) -> BucketAsked {
        wanted.asked(context)
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.parts().map(BucketPart::name).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &TrailBuckets, wanted: &Settings) -> Vec<Judged> {
        let asked = wanted.asked(context);
        if asked.parts.is_empty() {
            return vec![];
        }
        seen.0.iter().flat_map(|bucket| Case { context, bucket, asked: &asked, wanted }.judge()).collect()
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        let asks = |part: BucketPart| wanted.parts().any(|asked| asked == part);
        let organizations = wanted.whose() == Whose::Organization && home != Home::Member;
        let read = |reads: &Reads| match reads.name {
            "s3.doors_of_bucket" | "s3.account_switches" => asks(BucketPart::NotPublic),
            "s3.access_logging" => asks(BucketPart::AccessLogging),
            "s3.expiries" => asks(BucketPart::Lifecycle) || asks(BucketPart::Versioning),
            "cloudtrail.trails" => home != Home::Management,
            "cloudtrail.management.trails" => home == Home::Management || organizations,
            _ => true,
        };
        let reads = Reads::of::<TrailBuckets>().closure().into_iter().filter(read).collect();
        let may = |step: &&&str| match **step {
            "CreateBucket" | "PutBucketTagging" | "PutBucketLogging" => asks(BucketPart::AccessLogging),
            "PutPublicAccessBlock" => asks(BucketPart::NotPublic) || asks(BucketPart::AccessLogging),
            "PutBucketVersioning" => asks(BucketPart::Versioning),
            "PutBucketPolicy" => {
                [BucketPart::Policy, BucketPart::TlsOnly, BucketPart::AccessLogging].into_iter().any(asks)
            }
            "LengthenBucketLifecycle" => asks(BucketPart::Lifecycle),
            _ => true,
        };
        let steps = Self::META.steps.iter().filter(may).copied().collect();
        Needs { reads, steps, ..Needs::default() }
    }

    fn log_archive(wanted: &Settings) -> Option<&AccountId> {
        wanted.keeper()
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        if wanted.log_account.is_some() && wanted.keeper().is_none() {
            return Some(Contradiction {
                setting: "log_account",
                words: "`log_account` is for the bucket of the organization's trail",
                mend: "add `scope: organization`, or leave `log_account` out",
            });
        }
        let same = wanted.bucket.as_deref().unwrap_or(BUCKET) == wanted.log_to();
        same.then_some(Contradiction {
            setting: "log_to",
            words: "a bucket that logs requests into itself logs its own logs, without end",
            mend: "name another bucket",
        })
    }
}
