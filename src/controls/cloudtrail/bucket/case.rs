//! One bucket under judgement.

use serde_json::{Value, json};

use super::logs::{self, Logs};
use super::meta::PAGE;
use super::{Settings, statements};
use crate::control::Context;
use crate::controls::log_bucket::{LONGEST_POLICY, obstacle};
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::cloudtrail::{BucketAsked, BucketPart, Delivering, PRINCIPAL, TrailBucket};
use crate::observe::s3::{Bucket, BucketSettings, Expiry};
use crate::observe::{ReadError, Readable};
use crate::ownership::{self, Signs};
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::s3::{
    LengthenBucketLifecycle, OnlyFor, PutBucketLogging, PutBucketPolicy, PutBucketVersioning, PutPublicAccessBlock,
};
use crate::target::{Object, Target};

/// One bucket under judgement.
pub(super) struct Case<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) bucket: &'a TrailBucket,
    pub(super) asked: &'a BucketAsked,
    pub(super) wanted: &'a Settings,
}

/// What mends a bucket, as far as calls can.
#[derive(Default)]
struct Mend {
    steps: Vec<Step>,
    needs: Vec<Object>,
    statements: Vec<Value>,
    /// The parts that statements mend.
    stated: Vec<BucketPart>,
    narrows: bool,
    /// What has to change besides.
    needed: Vec<Judged>,
    /// What is left alone: the part, and why.
    left: Vec<(BucketPart, Why)>,
}

impl Mend {
    fn by_hand(&mut self, part: BucketPart, words: impl Into<String>) {
        self.left.push((part, Why::Manual(words.into())));
    }

    /// No statement can be added.
    fn all_stated_by_hand(&mut self, words: &str) {
        for part in std::mem::take(&mut self.stated) {
            self.by_hand(part, words);
        }
    }
}

impl Case<'_> {
    fn object(&self) -> Object {
        let at = Target { account: self.context.at.account.clone(), region: Some(self.bucket.region.clone()) };
        Object { at, kind: "s3.bucket".to_owned(), name: self.bucket.name.clone() }
    }

    fn bench(&self) -> Bench<'_> {
        Bench::new(self.context, &PAGE, self.object())
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.context.partition, self.bucket.name)
    }

    fn parts(&self) -> impl Iterator<Item = BucketPart> {
        self.asked.parts.iter().copied()
    }

    pub(super) fn judge(&self) -> Vec<Judged> {
        let name = &self.bucket.name;
        match &self.bucket.is {
            Readable::Unreadable(error) => vec![self.unread(error)],
            Readable::Read(Bucket::Own(settings)) => self.judge_own(settings),
            Readable::Read(Bucket::Absent) if self.context.made.contains(&self.object()) => self.judge_made(),
            // A name that no trail uses is nobody's concern until a bucket has it.
            Readable::Read(_) if self.bucket.trails.is_empty() => vec![],
            Readable::Read(Bucket::Absent) => vec![self.absent()],
            Readable::Read(Bucket::Closed) => {
                vec![self.elsewhere(&format!("bucket {name} belongs to another account, and is judged there"))]
            }
            Readable::Read(Bucket::Elsewhere(region)) => {
                vec![
                    self.elsewhere(&format!("bucket {name} is in {region}, and AWS does not say which region that is")),
                ]
            }
        }
    }

    fn unread(&self, error: &ReadError) -> Judged {
        let mut object = self.bench();
        for part in self.parts() {
            object.unreadable(part.name(), error, self.wish(part));
        }
        object.mend(|| Fix::Manual(String::new()))
    }

    fn elsewhere(&self, why: &str) -> Judged {
        let mut object = self.bench();
        for part in self.parts() {
            object.not_applicable(part.name(), why, self.wish(part));
        }
        object.mend(|| Fix::Manual(String::new()))
    }

    /// Trails deliver into a bucket that was deleted.
    fn absent(&self) -> Judged {
        let mut object = self.bench().absent(true);
        for part in self.parts() {
            object.judge(part.name(), false, Value::Null, self.wish(part));
        }
        let trails: Vec<&str> = self.bucket.trails.iter().map(|trail| trail.arn.as_str()).collect();
        let words = format!(
            "there is no bucket {}: make it again, before somebody else takes the name, or give another to {}",
            self.bucket.name,
            trails.join(", ")
        );
        object.mend(|| Fix::Manual(words))
    }

    /// A bucket that another control makes: what that does not do besides is done with it. Whoever makes it lets its
    /// trail in, and what is new deletes nothing.
    fn judge_made(&self) -> Vec<Judged> {
        let (bucket, region) = (|| self.bucket.name.clone(), || self.bucket.region.clone());
        let mut object = self.bench().absent(true);
        let mut mend = Mend::default();
        for part in self.parts() {
            if !object.judge(part.name(), false, Value::Null, self.wish(part)) {
                continue;
            }
            match part {
                BucketPart::Policy | BucketPart::Lifecycle => {}
                BucketPart::NotPublic => {
                    let step = PutPublicAccessBlock { bucket: bucket(), region: region() };
                    mend.steps.push(Step::PutPublicAccessBlock(step));
                }
                BucketPart::TlsOnly => {
                    let statements = vec![statements::tls_only(&self.arn())];
                    let step = PutBucketPolicy::with(&self.bucket.name, &self.bucket.region, statements);
                    mend.steps.push(Step::PutBucketPolicy(step));
                }
                BucketPart::Versioning => {
                    let step = PutBucketVersioning { bucket: bucket(), region: region(), bills: false };
                    mend.steps.push(Step::PutBucketVersioning(step));
                }
                BucketPart::AccessLogging => self.log_requests(&mut mend),
                BucketPart::MfaDelete => mend.by_hand(part, self.switch_on_mfa_delete()),
            }
        }
        Self::mended(object, mend)
    }

    fn switch_on_mfa_delete(&self) -> String {
        format!(
            "as the root user with its device: aws s3api put-bucket-versioning --bucket {} --versioning-configuration \
             Status=Enabled,MFADelete=Enabled --mfa 'SERIAL CODE'",
            self.bucket.name
        )
    }

    /// What is wanted, in short.
    fn wish(&self, part: BucketPart) -> Value {
        match part {
            BucketPart::Lifecycle => json!(self.wanted.minimum_days()),
            _ => json!(true),
        }
    }

    fn judge_own(&self, settings: &BucketSettings) -> Vec<Judged> {
        let signs = settings.signs();
        let owner = ownership::control_tower(&self.bucket.name, Some(&signs));
        let mut object = self.bench().owned_by(owner).signed(Some(&signs));
        let mut mend = Mend::default();
        for part in self.parts() {
            self.compare(part, settings, &mut object, &mut mend);
        }
        self.add_statements(settings, &mut mend);
        if !self.may_mend(&signs) {
            let words = format!(
                "bucket {} was made by somebody else: mend it by hand, name it by the setting `bucket`, or let apply mend \
                 it by `existing: mend`",
                self.bucket.name
            );
            return vec![object.mend(|| Fix::Manual(words))];
        }
        Self::mended(object, mend)
    }

    fn mended(object: Bench<'_>, mend: Mend) -> Vec<Judged> {
        let mut judged = object.mend(|| Fix::Manual(String::new()));
        let Some(drift) = &mut judged.drift else { return vec![judged] };
        let Mend { steps, needs, needed, left, .. } = mend;
        drift.fix = Fix::Steps { steps, needs };
        for (part, why) in left {
            drift.leave(PAGE.requirement(part.name()).id, why);
        }
        std::iter::once(judged).chain(needed).collect()
    }

    /// What the baseline names, or trueup made, is mended; anything else where the baseline says so.
    fn may_mend(&self, signs: &Signs) -> bool {
        self.asked.named.as_ref() == Some(&self.bucket.name) || signs.are_ours() || self.wanted.mends()
    }

    fn compare(&self, part: BucketPart, settings: &BucketSettings, object: &mut Bench<'_>, mend: &mut Mend) {
        let (name, bucket, region) = (part.name(), self.bucket.name.clone(), self.bucket.region.clone());
        match part {
            BucketPart::NotPublic => {
                let open = match &self.bucket.open {
                    Some(Readable::Unreadable(error)) => return object.unreadable(name, error, true.into()),
                    Some(Readable::Read(open)) => *open,
                    None => !settings.blocks_public_access,
                };
                if object.judge(name, !open, json!(!open), json!(true)) {
                    mend.steps.push(Step::PutPublicAccessBlock(PutPublicAccessBlock { bucket, region }));
                }
            }
            BucketPart::Policy => self.compare_policy(settings, object, mend),
            BucketPart::TlsOnly => {
                let wanted = [statements::tls_only(&self.arn())];
                let met = Document::parse(settings.policy.as_deref()).is_ok_and(|policy| policy.covers(&wanted));
                if object.judge(name, met, json!(met), json!(true)) {
                    mend.statements.extend(wanted);
                    mend.stated.push(part);
                }
            }
            BucketPart::AccessLogging => self.compare_logging(object, mend),
            BucketPart::Versioning => match settings.keeps_versions.as_result() {
                Err(error) => object.unreadable(name, error, true.into()),
                Ok(keeps) => {
                    if object.judge(name, *keeps, json!(keeps), json!(true)) {
                        // What could not be read may delete files.
                        let bills = self.bucket.expiries != Some(Readable::Read(vec![]));
                        mend.steps.push(Step::PutBucketVersioning(PutBucketVersioning { bucket, region, bills }));
                    }
                }
            },
            BucketPart::MfaDelete => {
                if object.judge(name, settings.mfa_delete, json!(settings.mfa_delete), json!(true)) {
                    mend.by_hand(part, self.switch_on_mfa_delete());
                }
            }
            BucketPart::Lifecycle => self.compare_lifecycle(object, mend),
        }
    }

    fn compare_policy(&self, settings: &BucketSettings, object: &mut Bench<'_>, mend: &mut Mend) {
        let (part, name) = (BucketPart::Policy, BucketPart::Policy.name());
        if self.bucket.trails.is_empty() {
            return object.not_applicable(name, "no trail delivers into it yet", true.into());
        }
        let wanted = self.let_in();
        let Ok(policy) = Document::parse(settings.policy.as_deref()) else {
            if object.judge(name, false, json!(settings.policy), json!(true)) {
                mend.by_hand(part, format!("the policy of bucket {} makes no sense: replace it", self.bucket.name));
            }
            return;
        };
        let (covers, any) = (policy.covers(&wanted), policy.lets_in_for_any(PRINCIPAL));
        if !object.judge(name, covers && !any, json!(covers && !any), json!(true)) {
            return;
        }
        if any {
            object.because("it lets CloudTrail in for any trail");
        }
        if let Some(statement) = policy.too_wide(PRINCIPAL, &ACTIONS.map(str::to_owned), &self.places()) {
            let words = format!(
                "{statement} in the policy of bucket {} lets CloudTrail in for other accounts or folders as well, or \
                 lets others in: say in it for which trails, by aws:SourceArn",
                self.bucket.name
            );
            mend.by_hand(part, words);
        } else {
            mend.narrows = any;
            mend.stated.push(part);
            mend.statements.extend(wanted);
        }
    }

    /// What lets each of its trails in.
    fn let_in(&self) -> Vec<Value> {
        let bucket = self.arn();
        let mut all = vec![];
        for trail in &self.bucket.trails {
            let files = format!("{bucket}/{}", trail.files());
            all.push(statements::looks(&bucket, &trail.arn));
            all.push(statements::writes(&files, trail.owner(), true, &trail.arn));
            let organization = self.context.organization.filter(|_| trail.organization);
            all.extend(organization.map(|id| statements::writes(&files, id, false, &trail.arn)));
        }
        all
    }

    /// Where its trails may be let in: the bucket, and the folders of those who own them.
    fn places(&self) -> Vec<String> {
        let bucket = self.arn();
        let mut places = vec![bucket.clone()];
        for trail in &self.bucket.trails {
            let organization = self.context.organization.filter(|_| trail.organization);
            let folders = std::iter::once(trail.owner()).chain(organization);
            places.extend(folders.map(|folder| format!("{bucket}/{}{folder}/*", trail.files())));
        }
        places
    }

    /// One call adds all statements, where nothing stands in the way.
    fn add_statements(&self, settings: &BucketSettings, mend: &mut Mend) {
        let bucket = &self.bucket.name;
        let Ok(policy) = Document::parse(settings.policy.as_deref()) else {
            let words = format!("the policy of bucket {bucket} makes no sense: replace it");
            return mend.all_stated_by_hand(&words);
        };
        let statements = std::mem::take(&mut mend.statements);
        let whose = format!("the bucket {bucket}");
        let obstacle = obstacle(&policy, "CloudTrail", &statements, &[], &whose, LONGEST_POLICY);
        // A bucket that blocks public access takes no policy that lets everybody in, whatever else it says.
        let opens = || policy.opens().filter(|_| settings.blocks_public_access && !policy.covers(&statements));
        let obstacle = obstacle.or_else(|| {
            opens().map(|statement| format!("{statement} in the policy of {whose} lets everybody in: take it out"))
        });
        if let Some(words) = obstacle {
            return mend.all_stated_by_hand(&words);
        }
        if policy.covers(&statements) && !mend.narrows {
            return;
        }
        let only = || {
            let sources = self.bucket.trails.iter().map(|trail| trail.arn.clone()).collect();
            OnlyFor { service: PRINCIPAL.to_owned(), sources }
        };
        let narrowed = mend.narrows.then(only).into_iter().collect();
        let step = PutBucketPolicy { narrowed, ..PutBucketPolicy::with(bucket, &self.bucket.region, statements) };
        mend.steps.push(Step::PutBucketPolicy(step));
    }

    fn compare_logging(&self, object: &mut Bench<'_>, mend: &mut Mend) {
        let name = BucketPart::AccessLogging.name();
        let logging = match &self.bucket.logging {
            None => return,
            Some(Readable::Unreadable(error)) => return object.unreadable(name, error, true.into()),
            Some(Readable::Read(logging)) => logging,
        };
        if !object.judge(name, logging.is_some(), json!(logging.is_some()), json!(true)) {
            return;
        }
        self.log_requests(mend);
    }

    /// Has requests logged, once the bucket for that is ready.
    fn log_requests(&self, mend: &mut Mend) {
        let part = BucketPart::AccessLogging;
        let Some(target) = &self.bucket.log_to else { return };
        match logs::needed(self, target) {
            Logs::Stuck(words) => return mend.by_hand(part, words),
            Logs::Unread(judged) => {
                mend.left.push((part, Why::Unread(judged.object.clone())));
                return mend.needed.push(*judged);
            }
            Logs::Change(judged) => {
                mend.needs.push(judged.object.clone());
                mend.needed.push(*judged);
            }
            Logs::Ready => {}
        }
        let (bucket, region) = (self.bucket.name.clone(), self.bucket.region.clone());
        let to = logs::place(&self.bucket.name, target);
        mend.steps.push(Step::PutBucketLogging(PutBucketLogging { bucket, region, to }));
    }

    fn compare_lifecycle(&self, object: &mut Bench<'_>, mend: &mut Mend) {
        let (part, name, days) = (BucketPart::Lifecycle, BucketPart::Lifecycle.name(), self.wanted.minimum_days());
        let rules = match &self.bucket.expiries {
            None => return,
            Some(Readable::Unreadable(error)) => return object.unreadable(name, error, days.into()),
            Some(Readable::Read(rules)) => rules,
        };
        let mut prefixes: Vec<String> = self.bucket.trails.iter().map(Delivering::files).collect();
        if prefixes.is_empty() {
            prefixes.push("AWSLogs/".to_owned());
        }
        prefixes.dedup();
        let of_logs = || rules.iter().filter(|rule| prefixes.iter().any(|prefix| rule.touches(prefix)));
        let at_once: Vec<&Expiry> = of_logs().filter(|rule| rule.date.is_some()).collect();
        let shortest = of_logs().filter_map(|rule| rule.days).min();
        let met = at_once.is_empty() && shortest.is_none_or(|shortest| shortest >= days);
        if !object.judge(name, met, json!(shortest), json!(days)) {
            return;
        }
        if let Some(rule) = at_once.first() {
            let (rule, date) = (&rule.id, rule.date.as_deref().unwrap_or_default());
            let words = format!(
                "rule {rule} of the lifecycle of bucket {} deletes everything on {date}: take it out, or let it wait for \
                 {days} days",
                self.bucket.name
            );
            return mend.by_hand(part, words);
        }
        let (bucket, region) = (self.bucket.name.clone(), self.bucket.region.clone());
        let step = LengthenBucketLifecycle { bucket, region, prefixes, days };
        mend.steps.push(Step::LengthenBucketLifecycle(step));
    }
}

/// What CloudTrail does to a bucket, in lower case.
const ACTIONS: [&str; 2] = ["s3:getbucketacl", "s3:putobject"];
