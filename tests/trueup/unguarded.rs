//! Surveys in this process, with a guard that a test chooses: what observations send by themselves, and what becomes
//! of a call that is not declared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::civil::date;
use serde_json::{Value, json};
use trueup::aws::{Base, Entry, Guard, Options, Session};
use trueup::baseline::Baseline;
use trueup::engine::{Source, Survey, Terms};
use trueup::observe::{Call, Evidence, Homes};
use trueup::organization::{self, Account, Detail, Wanted};
use trueup::simulator::ledger::Entry as Asked;
use trueup::simulator::world::World;
use trueup::simulator::{ACCESS_ROLE, Options as Generated, Simulator};
use trueup::target::AccountId;
use trueup::{aws, controls, steps};

use crate::calls::{detector, good_organization, make_key, rotating_key};
use crate::ec2_groups::listed_group;
use crate::harness::{self, HOME, error, organization, strike};
use crate::least::identities::{certificate, root_key};
use crate::least::worlds::{close_topic, with_alarm};
use crate::members::administered;
use crate::owners::policy;
use crate::read_only::reads;
use crate::users::{key as access_key, password, user};

/// Everything that is declared anywhere, the writes of all steps among it.
fn everything() -> BTreeSet<Call> {
    let writes = steps::DECLARED.iter().flat_map(|(_, calls, _)| calls.iter().copied());
    reads().into_iter().chain(aws::CALLS.iter().copied()).chain(writes).collect()
}

/// A base whose caller is the administrator of the management account.
async fn base(simulator: &Arc<Simulator>) -> Base {
    let keys = simulator.world(World::administrator);
    let credentials = Credentials::new(keys.access_key_id, keys.secret_access_key, None, None, "test");
    let options = Options {
        region: HOME.parse().ok(),
        http_client: Some(simulator.client()),
        credentials: Some(SharedCredentialsProvider::new(credentials)),
        run_id: "test".to_owned(),
        global_cap: 64,
        first_backoff: Some(std::time::Duration::from_millis(1)),
        ..Options::default()
    };
    Base::load(options).await.expect("a base")
}

/// Every control; with an account that administers Security Hub and GuardDuty for others, where there is one.
fn baseline(today: jiff::civil::Date, administrator: Option<&AccountId>) -> Baseline {
    let every = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_control.yaml");
    let named = administrator.map(|account| {
        format!(
            "controls:\n  securityhub.hub:\n    enabled: true\n    admin_account: \"{account}\"\n  \
                                guardduty.detector:\n    features: [S3_DATA_EVENTS]\n    admin_account: \"{account}\"\n"
        )
    });
    let text = format!("version: 1\nname: asked\nextends: ['{every}']\n{}", named.unwrap_or_default());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("asked.yaml");
    std::fs::write(&path, text).expect("it is written");
    Baseline::load(path.to_str().expect("a path"), &controls::shapes(), today).expect("a baseline")
}

/// Surveys a whole organization under a baseline of every control, in sessions that no session policy narrows and that have
/// no other guard than this. Answers what was found, and what was observed, as JSON.
async fn survey(simulator: &Arc<Simulator>, guard: &Arc<Guard>) -> Value {
    let base = base(simulator).await;
    let caller = base.caller().await.expect("a caller");
    let discovery = Arc::new(Guard::new(organization::CALLS.iter().copied()));
    let discovery = base.enter(&caller, &caller.account, Entry::Own, &discovery);
    let organization = organization::discover(&discovery, Detail::default()).await.expect("an organization");
    let today = date(2026, 11, 1);
    let management = organization.management_account.as_ref();
    let mut members = organization.accounts.iter().map(|account| &account.id);
    let baseline = baseline(today, members.find(|id| Some(*id) != management));
    let enter = {
        let (guard, management) = (Arc::clone(guard), caller.account.clone());
        move |account: &AccountId| -> Session {
            let role = || Entry::Role { roles: vec![ACCESS_ROLE.to_owned()], external_id: None, policy: None };
            let entry = if *account == management { Entry::Own } else { role() };
            base.enter(&caller, account, entry, &guard)
        }
    };
    let home_region: trueup::target::Region = HOME.parse().expect("a region");
    let management = organization.management_account.as_ref().map(&enter);
    let evidence = Arc::new(Evidence::default());
    let homes = Arc::new(Homes::live(management, home_region.clone(), Some(Arc::clone(&evidence))));
    let accounts = organization.accounts.clone();
    let terms = {
        let organization = organization.clone();
        move |account: &Account| {
            let of = |account: &Account| Terms::of(&baseline, &organization, account, today);
            let others = || organization.accounts.iter().filter(|other| other.id != account.id).map(of);
            of(account).with_others(others)
        }
    };
    let survey = Survey {
        terms: Box::new(terms),
        regions: Wanted::All,
        organization,
        home_region,
        today,
        source: Source::Live(Box::new(enter)),
        homes,
        only: vec![],
        without: vec![],
    };
    let mut found = vec![];
    let each = |assessment| {
        found.push(assessment);
        Ok(())
    };
    survey.run(&accounts, 8, &(), each).await.expect("it goes through");
    let observed: Vec<_> = accounts.iter().map(|account| evidence.take(&account.id)).collect();
    json!({"found": found, "observed": observed})
}

/// Nothing stands in the way of a write here: no guard, no session policy. It is the observations that have none.
#[test]
fn observations_alone_send_no_write_where_nothing_would_refuse_one() {
    for seed in [1, 2, 3] {
        let world = World::generate(&Generated { accounts: 20, seed, ..Generated::default() });
        let simulator = Arc::new(Simulator::new(world));
        let guard = Arc::new(Guard::new(everything()));
        let found = harness::block_on(survey(&simulator, &guard));
        assert_eq!(harness::list(&found["found"]).len(), 20, "every account is judged");
        simulator.world(|world| {
            let writes: Vec<_> = world.ledger.writes().collect();
            assert!(writes.is_empty(), "{writes:?}");
            assert!(!found.to_string().contains("is not declared"), "and none was tried that no step declares");
            assert!(world.ledger.entries().len() > 200, "it has read");
        });
    }
}

/// Organizations in which each declared call is made by somebody.
fn scenes() -> Vec<World> {
    let (mut drifted, ids) = good_organization(&["one"]);
    let management = drifted.management();
    // Abroad it has none, and whether one may be made there depends on who administers them.
    detector(&mut drifted, &ids[0], HOME, true);
    rotating_key(&mut drifted, &ids[0], json!({}));
    listed_group(&mut drifted, &ids[0], "10.0.0.0/8");
    // Where the organization's trail falls short, it matters whose it is, which its tags say.
    let short = json!({"Name": "audit", "EnableLogFileValidation": false});
    drifted.build(&management, HOME, "cloudtrail", "UpdateTrail", short);
    let insights = json!({"TrailName": "audit", "InsightSelectors": [{"InsightType": "ApiErrorRateInsight"}]});
    drifted.build(&management, HOME, "cloudtrail", "PutInsightSelectors", insights);

    let (mut begun, _) = organization(&[]);
    let management = begun.management();
    let bucket = json!({"Bucket": format!("trueup-trail-{management}-{HOME}")});
    begun.build(&management, HOME, "s3", "CreateBucket", bucket);
    let key = make_key(&mut begun, &management, json!({}));
    let alias = json!({"AliasName": "alias/trueup-trail", "TargetKeyId": key["KeyId"]});
    begun.build(&management, HOME, "kms", "CreateAlias", alias);

    // What a trail is to deliver to is there, and has to be looked at.
    begun.build(&management, HOME, "logs", "CreateLogGroup", json!({"logGroupName": "/aws/cloudtrail/trueup"}));
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "cloudtrail.amazonaws.com"}}]});
    let role = json!({"RoleName": "trueup-trail-logs", "AssumeRolePolicyDocument": trust.to_string()});
    begun.build(&management, HOME, "iam", "CreateRole", role);
    begun.build(&management, HOME, "sns", "CreateTopic", json!({"Name": "security-alarms"}));

    // Whose a detector is matters where it falls short, and here only its own account can tell.
    let (mut closed, ids) = good_organization(&["one"]);
    detector(&mut closed, &ids[0], HOME, false);
    let management = closed.management();
    closed.faults.inject(strike(&management, "ListOrganizationAdminAccounts", error(403, "AccessDeniedException")));
    closed.faults.inject(strike(&ids[0], "ListRegions", error(403, "AccessDeniedException")));

    // The name of the bucket that a trail would get is another account's.
    let (mut taken, ids) = organization(&["one"]);
    let bucket = json!({"Bucket": format!("trueup-trail-{}-{HOME}", taken.management())});
    taken.build(&ids[0], HOME, "s3", "CreateBucket", bucket);

    // Somebody left, somebody has no MFA, somebody an old key; and the root user's MFA may be virtual.
    let (mut people, ids) = organization(&["one"]);
    for name in ["left", "open", "old"] {
        user(&mut people, &ids[0], name, 200);
    }
    password(&mut people, &ids[0], "left", 200, None);
    password(&mut people, &ids[0], "open", 200, Some(40));
    access_key(&mut people, &ids[0], "old", 200, Some(40));
    people.account(&ids[0]).expect("it is there").iam.root.mfa.push("GAHT12345678".to_owned());
    // Where it has a key, it matters who may delete it.
    root_key(&mut people, &ids[0]);
    // What falls short is asked whose it is; and people come from a provider, or programs do.
    certificate(&mut people, &ids[0]);
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let everything = json!({"PolicyName": "everything", "PolicyDocument": document});
    let made = people.build(&ids[0], HOME, "iam", "CreatePolicy", everything);
    let attach = json!({"UserName": "old", "PolicyArn": made["Policy"]["Arn"]});
    people.build(&ids[0], HOME, "iam", "AttachUserPolicy", attach);
    let saml = json!({"Name": "sso", "SAMLMetadataDocument": "<x/>".repeat(250)});
    people.build(&ids[0], HOME, "iam", "CreateSAMLProvider", saml);

    // Who makes a detector where there is none may be a policy of the organization.
    let (mut governed, ids) = organization(&["one"]);
    let content = json!({"guardduty": {"default": {"foundational": {"@@assign": "ENABLED"}}}});
    policy(&mut governed, &ids[0], "watch", &content);

    crate::recorders::bucket(&mut people, &ids[0], "theirs");
    crate::recorders::recorder(&mut people, &ids[0], HOME, "theirs", "theirs");

    // Security Hub is configured by an account that is configured itself, and that administers the detector of another.
    let (mut central, ids) = administered(&["one"], &[1]);
    crate::hubs::central(&mut central, &ids[0], &json!({ "AccountId": ids[0] }), false);

    // The trail of the organization is watched by an alarm that is off, and that tells a topic which is closed to it.
    let (mut watched, _) = organization(&[]);
    let management = watched.management();
    with_alarm(&mut watched, &management, false);
    close_topic(&mut watched, &management);
    crate::topics::watched(&mut watched, &management, true);
    vec![drifted, begun, closed, taken, governed, people, central, watched]
}

/// Services with operations that others have by the same name: what they sign as, and what the SDK calls them.
const NAMESAKES: [(&str, &str); 5] = [
    ("config", "Config Service"),
    ("logs", "CloudWatch Logs"),
    ("monitoring", "CloudWatch"),
    ("s3control", "S3 Control"),
    ("sns", "SNS"),
];

/// Whether what signs so is this service of the SDK, as far as their operations have to be told apart.
fn is_of(signs: &str, service: &str) -> bool {
    NAMESAKES.iter().all(|(name, known)| (*name == signs) == (*known == service))
}

#[test]
fn each_declared_read_is_made_somewhere_and_refused_unsent_once_it_is_not_declared() {
    let mut made: BTreeMap<Call, usize> = BTreeMap::new();
    for (number, world) in scenes().into_iter().enumerate() {
        let guard = Arc::new(Guard::new(reads()));
        let found = harness::block_on(survey(&Arc::new(Simulator::new(world)), &guard)).to_string();
        assert!(!found.contains("is not declared"), "scene {number} calls what no observation declares: {found}");
        for call in guard.noted().into_keys() {
            made.entry(call).or_insert(number);
        }
    }
    assert_eq!(made.keys().copied().collect::<BTreeSet<_>>(), reads(), "what nobody calls need not be declared");
    for (left_out, number) in made {
        let simulator = Arc::new(Simulator::new(scenes().swap_remove(number)));
        let guard = Arc::new(Guard::new(reads().into_iter().filter(|call| *call != left_out)));
        let found = harness::block_on(survey(&simulator, &guard)).to_string();
        let Call { service, operation, .. } = left_out;
        let refusal = format!("{service}:{operation} is not declared, so it was not sent");
        assert!(found.contains(&refusal), "{refusal}: nobody says so in {found}");
        let is_it = |entry: &Asked| entry.operation == operation && is_of(&entry.service, service);
        let sent = simulator.world(|world| world.ledger.entries().iter().filter(|entry| is_it(entry)).count());
        assert_eq!(sent, 0, "{operation} was sent");
    }
}

#[test]
fn each_declared_call_of_discovery_is_refused_unsent_once_it_is_not_declared() {
    for left_out in organization::CALLS {
        let (mut world, _) = organization(&["one"]);
        // Without `Paths`, which older answers lack, the tree is walked down to the accounts.
        world.organization.as_mut().expect("an organization").state.hidden.paths = true;
        let simulator = Arc::new(Simulator::new(world));
        let guard = Guard::new(organization::CALLS.iter().copied().filter(|call| call != left_out));
        let refused = harness::block_on(async {
            let base = base(&simulator).await;
            let caller = base.caller().await.expect("a caller");
            let session = base.enter(&caller, &caller.account, Entry::Own, &Arc::new(guard));
            organization::discover(&session, Detail { tags: true }).await
        });
        let refusal = format!("{}:{} is not declared, so it was not sent", left_out.service, left_out.operation);
        let said = refused.expect_err("a call was refused").to_string();
        assert!(said.contains(&refusal), "{refusal}: {said}");
        let sent = simulator.world(|world| world.ledger.entries().iter().any(|e| e.operation == left_out.operation));
        assert!(!sent, "{} was sent", left_out.operation);
    }
}
