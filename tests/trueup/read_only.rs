//! A plan cannot write, three times over, each shown alone: the guard, the session policy, and what plan can reach.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::json;
use trueup::aws::{Entry, Guard, Session, SessionPolicy};
use trueup::control::AnyControl;
use trueup::controls::{self, CONTROLS};
use trueup::observe::account::Regions;
use trueup::observe::{Call, Home, Observe as _};
use trueup::simulator::world::{Credential, Principal, World};
use trueup::simulator::{ACCESS_ROLE, Options as Generated, Simulator};
use trueup::{aws, organization, steps};

use crate::harness::{self, HOME, STRONG, Stage, set_policy};

/// Every read that any part of a plan declares.
pub(crate) fn reads() -> BTreeSet<Call> {
    let of = |home| controls::calls(CONTROLS.iter().copied(), home);
    let mut all = of(Home::Member);
    all.extend(of(Home::Management));
    all.extend(Regions::CALLS.iter().copied());
    all
}

#[test]
fn the_guard_refuses_each_declared_call_that_is_left_out() {
    let all: BTreeSet<Call> = reads().into_iter().chain(organization::CALLS.iter().copied()).collect();
    let whole = Guard::new(all.iter().copied());
    for left_out in &all {
        assert_eq!(whole.check(left_out.service, left_out.operation), Ok(*left_out));
        let guard = Guard::new(all.iter().copied().filter(|call| call != left_out));
        let refused = guard.check(left_out.service, left_out.operation).expect_err("it is not declared");
        assert_eq!((&*refused.service, &*refused.operation), (left_out.service, left_out.operation));
    }
}

#[test]
fn the_guard_of_reads_refuses_the_call_of_every_step() {
    let guard = Guard::new(reads());
    for (step, calls, _) in steps::DECLARED {
        let mut writes = calls.iter().filter(|call| guard.check(call.service, call.operation).is_err());
        assert!(writes.next().is_some(), "every call of {step} would pass as a read");
    }
}

/// A session with these credentials, or in a member with this policy, whose guard lets all writes pass.
pub(crate) async fn session(
    simulator: &Arc<Simulator>,
    keys: &Credential,
    member: Option<(&str, SessionPolicy)>,
) -> Session {
    let (base, caller) = harness::base(simulator, keys, HOME).await;
    let writes = steps::DECLARED.iter().flat_map(|(_, calls, _)| calls.iter().copied());
    let create = Call { service: "KMS", operation: "CreateKey", action: "kms:CreateKey" };
    let guard =
        Arc::new(Guard::new(reads().into_iter().chain(aws::CALLS.iter().copied()).chain(writes).chain([create])));
    match member {
        None => base.enter(&caller, &caller.account, Entry::Own, &guard),
        Some((account, policy)) => {
            let entry = Entry::Role { roles: vec![ACCESS_ROLE.to_owned()], external_id: None, policy: Some(policy) };
            base.enter(&caller, &account.parse().expect("an id"), entry, &guard)
        }
    }
}

/// What the simulator answers to two writes with this session.
async fn codes(session: &Session) -> [Option<String>; 2] {
    fn code<T, E: ProvideErrorMetadata>(answer: Result<T, E>) -> Option<String> {
        answer.err().and_then(|error| error.code().map(str::to_owned))
    }
    let (iam, kms) = (session.iam(), session.kms(&HOME.parse().expect("a region")));
    let policy = iam.update_account_password_policy().minimum_password_length(30).send().await;
    let key = kms.create_key().send().await;
    [code(policy), code(key)]
}

#[tokio::test]
async fn the_session_policy_of_reads_lets_an_administrator_read_and_not_write() {
    let (mut world, ids) = harness::organization(&["member"]);
    let keys = world.administrator();
    let partition = world.partition.clone();
    let simulator = Arc::new(Simulator::new(world));
    let partition = trueup::target::Partition::of_arn(&format!("arn:{partition}:iam::1:root")).expect("an ARN");
    let policy = SessionPolicy::reading(&reads().into_iter().collect::<Vec<_>>(), &partition);
    let narrowed = session(&simulator, &keys, Some((&ids[0], policy))).await;
    assert_eq!(codes(&narrowed).await, [Some("AccessDenied".to_owned()), Some("AccessDeniedException".to_owned())]);
    let read = narrowed.kms(&HOME.parse().expect("a region")).list_keys().send().await;
    assert!(read.is_ok(), "{read:?}");
    let everything =
        SessionPolicy { managed: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()], ..Default::default() };
    let free = session(&simulator, &keys, Some((&ids[0], everything))).await;
    assert_eq!(codes(&free).await, [None, None], "it is the session policy alone that stood in the way");
}

#[test]
fn the_sessions_of_a_plan_cannot_write_whoever_uses_them() {
    let (mut world, ids) = harness::organization(&["member"]);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, STRONG);
    stage.plan(&[]);
    let issued = stage.world(|world| world.issued());
    let sessions: Vec<&Credential> =
        issued.iter().filter(|keys| matches!(keys.caller.principal, Principal::Role(_))).collect();
    assert_eq!(sessions.len(), 1, "one for the member");
    for keys in sessions {
        let refused = harness::block_on(async {
            let session = session(stage.simulator(), keys, None).await;
            codes(&session).await
        });
        assert_eq!(refused, [Some("AccessDenied".to_owned()), Some("AccessDeniedException".to_owned())]);
    }
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
}

#[test]
fn no_plan_over_a_generated_organization_sends_a_write_or_an_undeclared_call() {
    let declared: BTreeSet<&str> =
        reads().iter().chain(organization::CALLS).chain(aws::CALLS).map(|call| call.operation).collect();
    for seed in [1, 2, 3] {
        let stage = Stage::new(World::generate(&Generated { accounts: 30, seed, ..Generated::default() }));
        let done = stage.run(&["plan", "--format", "json", "--out", "plan.json"]);
        assert_eq!(done.code, Some(3), "{}", done.stderr);
        assert_eq!(done.json()["summary"]["accounts"]["in_scope"], 30);
        assert_eq!(stage.writes(), []);
        let sent: BTreeSet<String> = stage.calls().into_iter().map(|call| call.operation).collect();
        let foreign: Vec<&String> = sent.iter().filter(|operation| !declared.contains(operation.as_str())).collect();
        assert!(foreign.is_empty() && !sent.is_empty(), "{foreign:?}");
    }
}

#[test]
fn no_verb_but_apply_sends_a_write() {
    let (world, _) = harness::organization(&["member"]);
    let stage = Stage::held_to(world, STRONG);
    for (arguments, code) in [
        (&["init", "--out", "new.yaml"][..], 0),
        (&["accounts", "-b", "baseline.yaml"], 0),
        (&["plan", "-b", "baseline.yaml", "--out", "plan.json", "--save-evidence", "kept"], 2),
        (&["plan", "-b", "baseline.yaml", "--from-evidence", "kept"], 2),
        (&["show", "plan.json"], 0),
        (&["controls"], 0),
        (&["baseline", "check", "baseline.yaml"], 0),
        (&["baseline", "show", "baseline.yaml"], 0),
    ] {
        let done = stage.run(arguments);
        assert_eq!(done.code, Some(code), "{arguments:?}: {}", done.stderr);
    }
    assert_eq!(stage.writes(), []);
}

#[test]
fn every_call_of_a_run_bears_its_name() {
    let (world, ids) = harness::organization(&["member"]);
    let stage = Stage::held_to(world, STRONG);
    stage.plan(&[]);
    for call in stage.calls() {
        assert!(call.user_agent.contains("app/trueup-"), "{}", call.user_agent);
        assert_eq!(call.session.is_some(), call.account == ids[0]);
        assert!(call.session.is_none_or(|session| session.starts_with("trueup-")));
    }
}

/// The registry decides what a plan can read; a control without reads would judge nothing.
#[test]
fn every_control_declares_what_it_reads() {
    for control in CONTROLS {
        let control: &dyn AnyControl = *control;
        assert!(control.reads().iter().any(|reads| !reads.calls.is_empty()), "{}", control.meta().id);
    }
}
