//! Buckets under judgement, without AWS.

use super::meta::PAGE;
use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, MANAGEMENT, account, denied, drift, exempt, judged_at, region, steps};
use crate::drift::{Fix, Why};
use crate::observe::Readable;
use crate::observe::cloudtrail::{Delivering, LogTarget, TrailBucket};
use crate::observe::s3::{Bucket as Seen, BucketSettings, Expiry, LoggedTo};
use crate::ownership::MANAGED;
use crate::steps::s3::{OnlyFor, PutBucketPolicy};
use crate::steps::{Risk, Step};

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup";
const LOGS: &str = "arn:aws:s3:::logs";

fn everything() -> Settings {
    Settings {
        not_public: Some(Yes),
        policy: Some(Yes),
        tls_only: Some(Yes),
        access_logging: Some(Yes),
        versioning: Some(Yes),
        lifecycle: Some(Yes),
        existing: Some(Existing::Mend),
        ..Settings::default()
    }
}

fn only(asks: fn(&mut Settings)) -> Settings {
    let mut settings = Settings { existing: Some(Existing::Mend), ..Settings::default() };
    asks(&mut settings);
    settings
}

fn document(statements: &[serde_json::Value]) -> String {
    serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn good_policy() -> String {
    let files = format!("{LOGS}/AWSLogs/");
    let all =
        [statements::looks(LOGS, TRAIL), statements::writes(&files, HERE, true, TRAIL), statements::tls_only(LOGS)];
    document(&all)
}

/// A bucket that has all that can be asked of it.
fn settings() -> BucketSettings {
    BucketSettings {
        blocks_public_access: true,
        encrypts: true,
        bucket_key: false,
        keeps_versions: Readable::Read(true),
        mfa_delete: true,
        policy: Some(good_policy()),
        tags: vec![],
    }
}

fn bucket(settings: BucketSettings) -> TrailBucket {
    TrailBucket {
        name: "logs".to_owned(),
        region: region("eu-west-1"),
        trails: vec![Delivering { arn: TRAIL.to_owned(), prefix: None, organization: false }],
        is: Readable::Read(Seen::Own(settings)),
        open: None,
        logging: Some(Readable::Read(Some(LoggedTo { bucket: "access".to_owned(), prefix: "logs/".to_owned() }))),
        expiries: Some(Readable::Read(vec![])),
        log_to: None,
    }
}

fn judged_with(seen: TrailBucket, wanted: &Settings, accepted: &[Accepted]) -> Vec<Judged> {
    judged_at::<Bucket>(account(HERE), &TrailBuckets(vec![seen]), wanted, accepted)
}

fn judged(seen: TrailBucket, wanted: &Settings) -> Judged {
    judged_with(seen, wanted, &[]).remove(0)
}

fn drifted(judged: &Judged) -> Vec<&'static str> {
    crate::controls::made::named::<Bucket>(judged, |verdict| *verdict == Verdict::Drifted)
}

fn kinds(judged: &Judged) -> Vec<String> {
    let kind = |step: &Step| serde_json::to_value(step).expect("plain data")["do"].as_str().expect("a kind").to_owned();
    steps(judged).iter().map(kind).collect()
}

fn manual(judged: &Judged) -> &str {
    match (&drift(judged).fix, drift(judged).left.first()) {
        (Fix::Manual(words), _) => words,
        (_, Some(left)) => match &left.why {
            Why::Manual(words) => words,
            Why::Unread(object) => panic!("not by hand: {object:?}"),
        },
        other => panic!("not by hand: {other:?}"),
    }
}

#[test]
fn a_bucket_that_has_everything_is_compliant_in_each() {
    let wanted = Settings { mfa_delete: Some(Yes), ..everything() };
    let judged = judged(bucket(settings()), &wanted);
    assert!(judged.findings.iter().all(|finding| finding.verdict == Verdict::Compliant), "{judged:#?}");
    assert_eq!((judged.findings.len(), judged.object.kind.as_str()), (7, "s3.bucket"));
}

#[test]
fn a_bucket_is_closed_only_where_its_own_block_has_a_gap_and_something_opens_it() {
    let gap = || BucketSettings { blocks_public_access: false, ..settings() };
    let asked = only(|settings| settings.not_public = Some(Yes));
    for (open, found) in [(false, vec![]), (true, vec!["not_public"])] {
        let seen = TrailBucket { open: Some(Readable::Read(open)), ..bucket(gap()) };
        let judged = judged(seen, &asked);
        assert_eq!(drifted(&judged), found, "{open}");
        assert_eq!(
            judged.drift.is_some().then(|| kinds(&judged)),
            open.then(|| vec!["put_public_access_block".to_owned()])
        );
    }
    let error = denied("s3:GetBucketAcl", account(HERE));
    let unread = judged(TrailBucket { open: Some(Readable::Unreadable(error.clone())), ..bucket(gap()) }, &asked);
    assert_eq!((&unread.findings[0].verdict, &unread.drift), (&Verdict::Unreadable(error), &None));
}

#[test]
fn what_a_policy_lacks_is_added_by_one_call() {
    let empty = judged(bucket(BucketSettings { policy: None, ..settings() }), &everything());
    assert_eq!((drifted(&empty), kinds(&empty)), (vec!["policy", "tls_only"], vec!["put_bucket_policy".to_owned()]));
    let Step::PutBucketPolicy(step) = &steps(&empty)[0] else { panic!("a policy") };
    assert_eq!(step.statements.len(), 3);
    let exempted = [exempt("cloudtrail.bucket.policy")];
    let tls = judged_with(bucket(BucketSettings { policy: None, ..settings() }), &everything(), &exempted).remove(0);
    let Step::PutBucketPolicy(step) = &steps(&tls)[0] else { panic!("a policy") };
    assert_eq!(step.statements, [statements::tls_only(LOGS)], "what is exempt is left alone");
}

fn any_trail(resource: &str) -> String {
    let mut write = statements::writes(&format!("{LOGS}/AWSLogs/"), HERE, true, TRAIL);
    write["Resource"] = serde_json::json!(resource);
    write["Condition"]["StringEquals"].as_object_mut().expect("conditions").remove("aws:SourceArn");
    document(&[statements::looks(LOGS, TRAIL), write])
}

#[test]
fn a_policy_that_lets_cloudtrail_in_for_any_trail_is_narrowed_where_that_hits_nobody_else() {
    let asked = only(|settings| settings.policy = Some(Yes));
    let own = any_trail(&format!("{LOGS}/AWSLogs/{HERE}/*"));
    let judged_own = judged(bucket(BucketSettings { policy: Some(own), ..settings() }), &asked);
    assert_eq!(kinds(&judged_own), ["put_bucket_policy"]);
    let Step::PutBucketPolicy(step) = &steps(&judged_own)[0] else { panic!("a policy") };
    let only = OnlyFor { service: "cloudtrail.amazonaws.com".to_owned(), sources: vec![TRAIL.to_owned()] };
    assert_eq!((&step.narrowed, steps(&judged_own)[0].risk()), (&vec![only], Risk::Disruptive));
    // One call widens and narrows: two would each be made of what was there before.
    let adds = Step::PutBucketPolicy(PutBucketPolicy::with("logs", &step.region, vec![statements::tls_only(LOGS)]));
    let Some(Step::PutBucketPolicy(both)) = adds.beside(&steps(&judged_own)[0]) else { panic!("one call") };
    assert_eq!((both.narrowed, both.statements.len()), (step.narrowed.clone(), 1 + step.statements.len()));
    let all = any_trail(&format!("{LOGS}/AWSLogs/*"));
    let judged_all = judged(bucket(BucketSettings { policy: Some(all), ..settings() }), &asked);
    assert!(manual(&judged_all).contains("lets CloudTrail in for other accounts"), "{judged_all:#?}");
}

#[test]
fn requests_are_logged_into_a_bucket_that_is_made_or_let_in_first() {
    let asked = only(|settings| settings.access_logging = Some(Yes));
    let with = |is: Readable<Seen>| {
        let log_to = Some(LogTarget { name: "access".to_owned(), is });
        judged_with(TrailBucket { logging: Some(Readable::Read(None)), log_to, ..bucket(settings()) }, &asked, &[])
    };
    let made = with(Readable::Read(Seen::Absent));
    assert_eq!(kinds(&made[0]), ["put_bucket_logging"]);
    assert_eq!(
        kinds(&made[1]),
        ["create_bucket", "put_bucket_tagging", "put_public_access_block", "put_bucket_policy"]
    );
    let Fix::Steps { needs, .. } = &drift(&made[0]).fix else { panic!("steps") };
    assert_eq!((needs, steps(&made[0])[0].cost().is_some()), (&vec![made[1].object.clone()], true));
    let tagged =
        |key: &str| BucketSettings { policy: None, tags: vec![(key.to_owned(), "x".to_owned())], ..settings() };
    let (theirs, half_made) = (tagged("team"), BucketSettings { blocks_public_access: false, ..tagged(MANAGED) });
    let there = with(Readable::Read(Seen::Own(theirs)));
    assert_eq!(kinds(&there[1]), ["put_bucket_policy"], "what is theirs is opened and no more");
    let left = with(Readable::Read(Seen::Own(half_made)));
    assert_eq!(steps(&left[1]), &steps(&made[1])[2..], "what was left half made is gone on with as it was planned");
    let young = BucketSettings { tags: vec![], policy: None, blocks_public_access: false, ..settings() };
    let untagged = with(Readable::Read(Seen::Own(young)));
    assert_eq!(steps(&untagged[1]), &steps(&made[1])[1..]);
    let open = document(&[statements::logs("arn:aws:s3:::access/logs/", LOGS, HERE)]);
    let ready = with(Readable::Read(Seen::Own(BucketSettings { policy: Some(open), ..settings() })));
    assert_eq!((ready.len(), kinds(&ready[0])), (1, vec!["put_bucket_logging".to_owned()]));
    let closed = with(Readable::Read(Seen::Closed));
    assert!(manual(&closed[0]).contains("belongs to another account"), "{closed:#?}");
    let error = denied("s3:ListBucket", account(HERE));
    let unread = with(Readable::Unreadable(error.clone()));
    assert_eq!(unread[1].why_unread(), Some(&error));
    assert!(matches!(drift(&unread[0]).left[0].why, Why::Unread(_)), "{unread:#?}");
}

#[test]
fn a_bucket_never_logs_into_itself() {
    let asked = only(|settings| settings.access_logging = Some(Yes));
    let log_to = Some(LogTarget { name: "logs".to_owned(), is: Readable::Read(Seen::Own(settings())) });
    let seen = TrailBucket { logging: Some(Readable::Read(None)), log_to, ..bucket(settings()) };
    assert!(manual(&judged(seen, &asked)).contains("without end"));
    let named = Settings { bucket: Some("same".to_owned()), log_to: Some("same".to_owned()), ..everything() };
    assert_eq!(Bucket::contradiction(&named).map(|found| found.setting), Some("log_to"));
    assert!(Bucket::contradiction(&everything()).is_none());
}

fn expiry(prefix: &str, days: i32) -> Expiry {
    Expiry { id: "r".to_owned(), prefix: prefix.to_owned(), days: Some(days), date: None }
}

#[test]
fn rules_that_delete_too_early_are_lengthened_and_none_is_made_or_shortened() {
    let asked = Settings { minimum_days: Some(400), ..only(|settings| settings.lifecycle = Some(Yes)) };
    let with = |rules: Vec<Expiry>| {
        judged(TrailBucket { expiries: Some(Readable::Read(rules)), ..bucket(settings()) }, &asked)
    };
    for kept in [vec![], vec![expiry("", 400)], vec![expiry("AWSLogs/", 4000)], vec![expiry("tmp/", 1)]] {
        let judged = with(kept.clone());
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None), "{kept:?}");
    }
    let short = with(vec![expiry("AWSLogs/", 90), expiry("", 4000)]);
    assert_eq!(short.findings[0].observed, 90);
    let Step::LengthenBucketLifecycle(step) = &steps(&short)[0] else { panic!("a lifecycle") };
    assert_eq!(
        (step.days, step.prefixes.as_slice(), steps(&short)[0].risk()),
        (400, &["AWSLogs/".to_owned()][..], Risk::Safe)
    );
    let at_once = Expiry { days: None, date: Some("2027-01-01".to_owned()), ..expiry("", 0) };
    assert!(manual(&with(vec![at_once])).contains("deletes everything on 2027-01-01"));
    assert_eq!(Settings::default().minimum_days(), 365);
}

#[test]
fn versions_are_kept_from_then_on_and_a_second_factor_is_for_the_root_user() {
    let bare = BucketSettings { keeps_versions: Readable::Read(false), mfa_delete: false, ..settings() };
    let both = only(|settings| (settings.versioning, settings.mfa_delete) = (Some(Yes), Some(Yes)));
    let found = judged(bucket(bare), &both);
    assert_eq!(kinds(&found), ["put_bucket_versioning"]);
    assert!(manual(&found).contains("as the root user with its device"), "{found:#?}");
    assert_eq!(drift(&found).differences.len(), 1, "what calls mend is apart from what a person mends");
}

#[test]
fn keeping_versions_bills_where_a_lifecycle_deletes_files() {
    let bare = || BucketSettings { keeps_versions: Readable::Read(false), ..settings() };
    let asked = only(|settings| settings.versioning = Some(Yes));
    let bills = |expiries| {
        let judged = judged(TrailBucket { expiries: Some(expiries), ..bucket(bare()) }, &asked);
        steps(&judged)[0].cost().is_some()
    };
    assert!(!bills(Readable::Read(vec![])));
    assert!(bills(Readable::Read(vec![expiry("tmp/", 1)])));
    assert!(bills(Readable::Unreadable(denied("s3:GetLifecycleConfiguration", account(HERE)))));
}

#[test]
fn a_bucket_of_somebody_else_is_left_to_a_person_unless_it_is_named_tagged_or_asked_for() {
    let bare = || BucketSettings { policy: None, ..settings() };
    let leave = Settings { existing: None, ..everything() };
    assert!(manual(&judged(bucket(bare()), &leave)).contains("was made by somebody else"));
    let named = Settings { bucket: Some("logs".to_owned()), ..leave.clone() };
    assert_eq!(kinds(&judged(bucket(bare()), &named)), ["put_bucket_policy"]);
    let tagged = BucketSettings { tags: vec![(MANAGED.to_owned(), "x".to_owned())], ..bare() };
    assert_eq!(kinds(&judged(bucket(tagged), &leave)), ["put_bucket_policy"]);
    let tower = BucketSettings {
        tags: vec![("aws-control-tower".to_owned(), "managed-by-control-tower".to_owned())],
        ..bare()
    };
    let owned = judged(bucket(tower), &everything());
    assert!(owned.drift.is_none() && matches!(owned.findings[1].verdict, Verdict::OwnedElsewhere { .. }));
}

#[test]
fn a_bucket_of_another_account_is_judged_there_and_one_that_is_refused_is_unreadable() {
    let closed = judged(TrailBucket { is: Readable::Read(Seen::Closed), ..bucket(settings()) }, &everything());
    assert!(closed.findings.iter().all(|finding| matches!(finding.verdict, Verdict::NotApplicable(_))));
    let error = denied("s3:ListBucket", account(HERE));
    let seen = TrailBucket { is: Readable::Unreadable(error.clone()), ..bucket(settings()) };
    let refused = judged(seen, &everything());
    assert!(refused.findings.iter().all(|finding| finding.verdict == Verdict::Unreadable(error.clone())));
    let gone = judged(TrailBucket { is: Readable::Read(Seen::Absent), ..bucket(settings()) }, &everything());
    assert!(manual(&gone).contains("there is no bucket logs"), "{gone:#?}");
    let nobodys = TrailBucket { is: Readable::Read(Seen::Absent), trails: vec![], ..bucket(settings()) };
    assert!(judged_with(nobodys, &everything(), &[]).is_empty());
}

#[test]
fn the_bucket_of_the_organizations_trail_is_that_of_the_account_that_keeps_it() {
    let archive = "444455556666";
    let wanted = |log_account: Option<&str>| Settings {
        scope: Some(Scope::Organization),
        log_account: log_account.map(crate::controls::made::id),
        ..everything()
    };
    let home_region = region("eu-west-1");
    let management = crate::controls::made::id(MANAGEMENT);
    let partition =
        crate::target::Partition::of_arn(concat!("arn:", "aws", ":iam::111122223333:root")).expect("an ARN");
    let asked = |of: &str, settings: &Settings| {
        let context = Context {
            at: account(of),
            home_region: &home_region,
            partition: &partition,
            organization: Some("o-abc1234567"),
            management: Some(&management),
            accepted: &[],
            others: &[],
            today: jiff::civil::date(2026, 12, 1),
            made: &[],
        };
        let BucketAsked { named, keeps_organizations, .. } = Bucket::key(&context, settings);
        (named, keeps_organizations)
    };
    let named = |id: &str| Some(format!("trueup-trail-{id}-eu-west-1"));
    assert_eq!(asked(archive, &wanted(Some(archive))), (named(archive), true));
    assert_eq!(asked(HERE, &wanted(Some(archive))), (None, false));
    assert_eq!(asked(MANAGEMENT, &wanted(None)), (named(MANAGEMENT), true));
    assert_eq!(asked(HERE, &everything()), (named(HERE), false));
    assert_eq!(Bucket::log_archive(&wanted(Some(archive))).map(ToString::to_string).as_deref(), Some(archive));
}

#[test]
fn a_trail_with_a_prefix_and_one_of_the_organization_write_into_their_own_folders() {
    let mut seen = bucket(BucketSettings { policy: None, ..settings() });
    seen.trails[0] = Delivering { prefix: Some("audit".to_owned()), organization: true, ..seen.trails[0].clone() };
    let found = judged(seen, &only(|settings| settings.policy = Some(Yes)));
    let Step::PutBucketPolicy(step) = &steps(&found)[0] else { panic!("a policy") };
    let resources: Vec<&str> = step.statements.iter().filter_map(|one| one["Resource"].as_str()).collect();
    let own = format!("{LOGS}/audit/AWSLogs/{HERE}/*");
    assert_eq!(resources, [LOGS, &own, &format!("{LOGS}/audit/AWSLogs/o-abc1234567/*")]);
}

#[test]
fn what_is_not_asked_is_neither_judged_nor_read() {
    assert!(Bucket::required(&Settings::default()).is_empty());
    assert!(judged_with(bucket(settings()), &Settings::default(), &[]).is_empty());
    let names = |wanted: &Settings| -> Vec<&'static str> {
        Bucket::needs(wanted, Home::Member).reads.iter().map(|reads| reads.name).collect()
    };
    let tls = names(&only(|settings| settings.tls_only = Some(Yes)));
    for spared in ["s3.doors_of_bucket", "s3.access_logging", "s3.expiries", "cloudtrail.management.trails"] {
        assert!(!tls.contains(&spared), "{spared}");
    }
    assert_eq!(PAGE.requirements.len(), 7);
}
