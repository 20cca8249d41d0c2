//! `cloudtrail.trail`: one trail that records what is done in the account.

use serde_json::{Value, json};

use super::keeping;
use super::making::Making;
use super::mending::Mending;
use super::needs::needs;
use super::references;
use super::settings::{Settings, owner};
use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::drift::{Bench, Drift, Fix, Judged};
use crate::frameworks::{cis, security_hub};
use crate::observe::cloudtrail::{
    Asked, Choice, Coverage, Insights, Met, Part, Selectors, Trail as Seen, Whose, best_known, choose,
};
use crate::observe::{Home, ReadError};
use crate::ownership::{MANAGED, Owner};
use crate::target::{AccountId, Object, Region, Target};

/// See the module.
pub struct Trail;

pub(super) const META: Meta = Meta {
    id: "cloudtrail.trail",
    title: "What is done in the account is recorded by a trail",
    why: "Without a trail nobody can say afterwards who did what. A trail of one region, one that leaves events out, \
          or one whose files do not arrive, hides just what an attacker does elsewhere.",
    runs: Runs::EveryAccount,
    requirements: &[
        Requirement {
            id: "cloudtrail.trail.multi_region",
            title: "The trail logs every region, and the services that have none",
            severity: Severity::High,
            references: references::MULTI_REGION,
        },
        Requirement {
            id: "cloudtrail.trail.logging",
            title: "The trail is logging, and what it logs arrives",
            severity: Severity::High,
            references: references::LOGGING,
        },
        Requirement {
            id: "cloudtrail.trail.management_events",
            title: "The trail logs all management events, reads and writes",
            severity: Severity::High,
            references: &[cis("1.4-5.0", "3.1"), cis("6.0-7.0", "4.1"), security_hub("CloudTrail.1")],
        },
        Requirement {
            id: "cloudtrail.trail.log_file_validation",
            title: "The trail signs its files with digests",
            severity: Severity::Low,
            references: references::LOG_FILE_VALIDATION,
        },
        Requirement {
            id: "cloudtrail.trail.kms",
            title: "The trail encrypts its files with a key that is enabled, and with the wanted one if one is named",
            severity: Severity::Medium,
            references: references::KMS,
        },
        Requirement {
            id: "cloudtrail.trail.cloudwatch_logs",
            title: "The trail delivers to CloudWatch Logs, and something arrived there within a day",
            severity: Severity::Low,
            references: references::CLOUDWATCH_LOGS,
        },
        Requirement {
            id: "cloudtrail.trail.s3_data_events_write",
            title: "The trail logs every write of an object in S3, in every region",
            severity: Severity::Medium,
            references: references::S3_DATA_EVENTS_WRITE,
        },
        Requirement {
            id: "cloudtrail.trail.s3_data_events_read",
            title: "The trail logs every read of an object in S3, in every region",
            severity: Severity::Medium,
            references: references::S3_DATA_EVENTS_READ,
        },
        Requirement {
            id: "cloudtrail.trail.insights",
            title: "CloudTrail Insights looks at how many calls the trail logs, and how many of them fail",
            severity: Severity::Low,
            references: &[],
        },
    ],
    steps: &[
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
        "CreateLogGroup",
        "PutRetentionPolicy",
        "CreateRole",
        "PutRolePolicy",
        "EnableServiceAccess",
        "CreateTrail",
        "UpdateTrail",
        "PutEventSelectors",
        "PutInsightSelectors",
        "StartLogging",
    ],
};

pub(super) static PAGE: Meta = META;

impl Control for Trail {
    const META: Meta = META;
    const MAKES: &'static [(&'static str, &'static str)] = &[("logs.log_group", "cloudtrail.trail.cloudwatch_logs")];
    const NOTES: Notes = Notes {
        costs: &[
            "A second copy of management events bills by event: beside a trail that is there, or in members \
             with trails of their own when one of the organization is made.",
            "A KMS key that is made bills monthly, and so does each of its first two rotations.",
            "The bucket bills for what is stored in it, and nothing here deletes old files.",
            "Data events bill by event, USD 0.10 per 100,000: with busy buckets that can be more than all else here.",
            "CloudTrail Insights bills by management event that it looks at, USD 0.35 per 100,000 for each of its two kinds.",
            "CloudWatch Logs bills for every event that it takes in, which can be more than all else here, and for what \
             it keeps.",
        ],
        disturbs: &["Who reads the files of a trail without `kms:Decrypt` on a key that it gets reads nothing from \
             then on."],
        undo: &[
            "A trail that was made is deleted, and former values are set again. A bucket is deleted only when \
             it is empty.",
            "A key is deleted only with `--delete-keys`, in 30 days, because what it has encrypted is lost \
             with it.",
            "A log group that was made is deleted only while there is nothing in it, and the role by which a trail wrote \
             there is deleted once no trail has it.",
        ],
        traps: &[
            "A bucket or a key whose policy denies CloudTrail stops the files, though the trail says that it \
             is logging: the plan looks for that, and leaves it to a person.",
            "A log group that a trail has is never replaced: where nothing arrives in it, a person mends it.",
            "What a trail delivers to a log group that it has just got arrives minutes later; until then the requirement \
             is pending.",
            "A trail of the organization is made, mended and deleted in the management account alone, and \
             needs `management_account: include`.",
            "The bucket of a trail that logs all objects would get an event for each of its own files. It is left out \
             where the trail has advanced event selectors or none of its own; with basic ones, which stay, it cannot be.",
            "Insights looks at management events that the trail logs: one that logs no writes is left to a person, unless \
             `management_events` is asked for as well. It takes up to 36 hours to find something.",
            "Alarms take only a trail that leaves no service out, whatever `excluded_sources` names: what is left out sets \
             none off.",
            "Basic event selectors become advanced ones only where a trail has no room for more.",
            "An account has room for five trails in a region, trails of other regions and of the organization \
             among them.",
            "The name of the bucket is one for all of AWS: if somebody else has it, the plan says so, and \
             `bucket` names another.",
        ],
    };
    type Settings = Settings;
    type Observed = Coverage;

    fn key(context: &Context<'_>, wanted: &Settings) -> Asked {
        wanted.asked(context)
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.parts().map(Part::name).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Coverage, wanted: &Settings) -> Vec<Judged> {
        let asked = wanted.asked(context);
        if asked.parts.is_empty() { vec![] } else { Case { context, seen, asked: &asked }.judge() }
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        needs(wanted, home)
    }

    fn log_archive(wanted: &Settings) -> Option<&AccountId> {
        wanted.keeper()
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        wanted.contradiction()
    }
}

/// One account under judgement.
pub(super) struct Case<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) seen: &'a Coverage,
    pub(super) asked: &'a Asked,
}

impl<'a> Case<'a> {
    /// The account of a trail that is made or mended.
    pub(super) fn owner(&self) -> &AccountId {
        owner(self.asked.whose, self.context)
    }

    /// The account that keeps its bucket and its key.
    pub(super) fn keeper(&self) -> &AccountId {
        self.asked.log_account.as_ref().unwrap_or_else(|| self.owner())
    }

    /// Whether bucket and key are made and mended here.
    pub(super) fn is_kept_here(&self) -> bool {
        *self.keeper() == self.context.at.account
    }

    /// The wanted key as the account of the trail calls it, in this region: what another account keeps is named by ARN.
    pub(super) fn key_to_send(&self, region: &Region) -> Option<String> {
        let name = self.asked.kms_key.clone()?;
        let keeper = self.keeper();
        if keeper == self.owner() || name.starts_with("arn:") {
            return Some(name);
        }
        let resource = if name.starts_with("alias/") { name } else { format!("key/{name}") };
        Some(format!("arn:{}:kms:{region}:{keeper}:{resource}", self.context.partition))
    }

    fn judge(&self) -> Vec<Judged> {
        let drifts = |trail: &Seen, part: Part| {
            let requirement = PAGE.requirement(part.name()).id;
            self.context.exemption(requirement, &trail.listed.name).is_none()
        };
        let best = best_known(self.seen.trails(), self.asked, drifts);
        let is_mended = |best: &Seen| self.mended().is_some_and(|mended| mended.listed.arn == best.listed.arn);
        let left = best.filter(|best| self.is_mended_here() && !is_mended(best));
        let note = left.map(|_| format!("this trail is left alone; {} is to cover the account", self.name()));
        let bench = self.compared(best, note.as_deref());
        if !bench.drifts() {
            return vec![bench.mend(not_yet)];
        }
        let mended = self.choice();
        if let Choice::Owned(trail, owner) = mended {
            return vec![self.judged_by(Some(trail), None, Some(owner)).mend(not_yet)];
        }
        if let Some(for_all) = self.for_all() {
            return vec![match for_all {
                Choice::Owned(trail, owner) => self.judged_by(Some(trail), None, Some(owner)).mend(not_yet),
                Choice::Unclear(error) => self.unknown(best, error),
                Choice::Mend(_) | Choice::Make => bench.mend(|| self.elsewhere(&for_all)),
            }];
        }
        if !self.is_mended_here() {
            let judged = bench.mend(|| self.elsewhere(&mended));
            let kept = if self.is_kept_here() { keeping::needed(self, &judged, &mended) } else { vec![] };
            return std::iter::once(judged).chain(kept).collect();
        }
        let own = match (best, &mended) {
            (Some(best), Choice::Mend(trail)) if best == *trail => None,
            (None, _) | (_, Choice::Unclear(_)) => None,
            (_, Choice::Mend(trail)) => Some(self.compared(Some(*trail), None)),
            _ => Some(self.compared(None, None)),
        };
        // The verdicts are those of the best trail; what is mended may be another, or one that has to be made.
        match own {
            None => self.mend(bench, &mended),
            Some(own) => {
                let Judged { object, findings, .. } = bench.mend(not_yet);
                let mut all = self.mend(own, &mended);
                if let Some(first) = all.first_mut() {
                    first.object = object;
                    first.findings = findings;
                }
                all
            }
        }
    }

    /// The organization's trail is changed in the management account alone.
    fn is_mended_here(&self) -> bool {
        self.asked.whose == Whose::Account || self.context.is_management()
    }

    /// What happens to the trails of the account that keeps the one that is asked for.
    fn choice(&self) -> Choice<'a> {
        choose(if self.is_mended_here() { &self.seen.own } else { &self.seen.organizations }, self.asked)
    }

    /// What happens to the organization's trail, where it covers this account as well and no trail of its own is mended.
    fn for_all(&self) -> Option<Choice<'a>> {
        let alone = matches!(choose(&self.seen.own, self.asked), Choice::Make);
        self.seen.for_all(self.asked).filter(|_| alone)
    }

    fn mended(&self) -> Option<&'a Seen> {
        match self.for_all().unwrap_or_else(|| choose(&self.seen.own, self.asked)) {
            Choice::Mend(trail) => Some(trail),
            Choice::Owned(..) | Choice::Make | Choice::Unclear(_) => None,
        }
    }

    fn name(&self) -> &str {
        self.mended().map_or(&self.asked.name, |trail| &trail.listed.name)
    }

    fn compared(&self, trail: Option<&Seen>, note: Option<&str>) -> Bench<'a> {
        self.judged_by(trail, note, None)
    }

    /// A trail with a verdict for each requirement; without a trail, one that is not there.
    fn judged_by(&self, trail: Option<&Seen>, note: Option<&str>, owner: Option<Owner>) -> Bench<'a> {
        let name = trail.map_or(&self.asked.name, |trail| &trail.listed.name);
        let mut bench = self.context.object(&PAGE, name).absent(trail.is_none()).owned_by(owner);
        bench = bench.signed(trail.and_then(Seen::known_signs));
        for part in self.asked.parts.iter().copied() {
            let wanted = self.wanted(part);
            let Some(trail) = trail else {
                bench.judge(part.name(), false, Value::Null, wanted);
                continue;
            };
            match trail.met(part, self.asked) {
                Met::Unknown(error) => bench.unreadable(part.name(), &error, wanted),
                Met::Later(why) => bench.pending(part.name(), why, wanted),
                Met::Yes => drop(bench.judge(part.name(), true, self.observed(trail, part), wanted)),
                Met::No(why) => {
                    let drifted = bench.judge(part.name(), false, self.observed(trail, part), wanted);
                    let note = note.filter(|_| drifted).map(str::to_owned);
                    let reasons: Vec<String> = why.into_iter().filter(|_| drifted).chain(note).collect();
                    if !reasons.is_empty() {
                        bench.because(reasons.join("; "));
                    }
                }
            }
        }
        bench
    }

    pub(super) fn wanted(&self, part: Part) -> Value {
        match part {
            Part::Kms if !self.asked.any_key => json!(self.asked.kms_key),
            Part::Insights => json!(Insights::default().with_all().0.keys().collect::<Vec<_>>()),
            _ => json!(true),
        }
    }

    fn observed(&self, trail: &Seen, part: Part) -> Value {
        let Ok(facts) = &trail.listed.facts else { return Value::Null };
        match part {
            Part::MultiRegion => json!(facts.multi_region),
            Part::LogFileValidation => json!(facts.validation),
            Part::Kms => json!(facts.kms_key),
            Part::CloudwatchLogs => json!(facts.log_group),
            Part::Insights => {
                let insights = trail.insights.as_ref().and_then(|insights| insights.as_result().ok());
                let kinds = insights.map(|insights| insights.0.keys().cloned().collect::<Vec<String>>());
                json!(kinds.unwrap_or_default())
            }
            Part::Logging => {
                let status = trail.status.as_ref().and_then(|status| status.as_result().ok());
                json!(status.is_some_and(|status| status.logging && status.error().is_none()))
            }
            Part::ManagementEvents | Part::S3DataEventsWrite | Part::S3DataEventsRead => {
                let default = Selectors::Basic(vec![]);
                let selectors = trail.selectors.as_ref().and_then(|selectors| selectors.as_result().ok());
                let log = |events| selectors.unwrap_or(&default).log(events, trail.listed.whole(self.asked));
                json!(part.events().is_some_and(log) && (!part.is_everywhere() || facts.multi_region))
            }
        }
    }

    fn mend(&self, bench: Bench<'a>, choice: &Choice<'_>) -> Vec<Judged> {
        match choice {
            Choice::Mend(trail) => Mending { case: self, trail }.judged(bench),
            Choice::Make | Choice::Owned(..) => Making { case: self }.judged(bench),
            Choice::Unclear(error) => self.unclear(bench, error),
        }
    }

    /// Whether the organization's trail is mended, which would cover this account too, cannot be told.
    fn unknown(&self, best: Option<&Seen>, error: &ReadError) -> Judged {
        let name = best.map_or(&self.asked.name, |trail| &trail.listed.name);
        let mut bench = self.context.object(&PAGE, name);
        for part in self.asked.parts.iter().copied() {
            let met = best.filter(|trail| trail.met(part, self.asked) == Met::Yes);
            match met {
                Some(trail) => drop(bench.judge(part.name(), true, self.observed(trail, part), self.wanted(part))),
                None => bench.unreadable(part.name(), error, self.wanted(part)),
            }
        }
        bench.mend(not_yet)
    }

    /// Which trail may be mended cannot be told, because the tags of one could not be read, or what it logs.
    fn unclear(&self, bench: Bench<'a>, error: &ReadError) -> Vec<Judged> {
        let mut trail = bench.mend(not_yet);
        let Some(drift) = &mut trail.drift else { return vec![trail] };
        let (kind, name, wanted) = match error.action.as_str() {
            "cloudtrail:ListTags" => ("cloudtrail.tags", "tags of trails", MANAGED),
            _ => ("cloudtrail.events", "events of trails", "management events"),
        };
        let unread = Object { at: error.at.clone(), kind: kind.to_owned(), name: name.to_owned() };
        drift.fix = Fix::Steps { steps: vec![], needs: vec![unread.clone()] };
        let parts = drifted(drift, self.asked);
        let unknown = |part: Part| Judged::unknown(unread.clone(), requirement(part), json!(wanted), error);
        let unknown = parts.first().copied().map(unknown);
        std::iter::once(trail).chain(unknown).collect()
    }

    fn elsewhere(&self, mended: &Choice<'_>) -> Fix {
        let Some(management) = self.context.management else {
            let words = "mend the organization's trail in its management account, which is not known here";
            return Fix::Manual(words.to_owned());
        };
        let name = match mended {
            Choice::Mend(trail) => &trail.listed.name,
            Choice::Owned(..) | Choice::Make | Choice::Unclear(_) => &self.asked.name,
        };
        let owner = Owner::OrganizationTrail { account: management.clone(), trail: name.clone() };
        let at = Target { account: management.clone(), region: None };
        Fix::Through { object: Object { at, kind: PAGE.id.to_owned(), name: name.clone() }, owner }
    }
}

/// A drift gets its fix once its differences are known.
pub(super) fn not_yet() -> Fix {
    Fix::Manual(String::new())
}

/// The parts that a drift names.
pub(super) fn drifted(drift: &Drift, asked: &Asked) -> Vec<Part> {
    let named = |part: &Part| {
        let requirement = PAGE.requirement(part.name()).id;
        drift.differences.iter().any(|difference| difference.requirement == requirement)
    };
    asked.parts.iter().copied().filter(named).collect()
}

/// The full id of a part's requirement.
pub(super) fn requirement(part: Part) -> &'static str {
    PAGE.requirement(part.name()).id
}
