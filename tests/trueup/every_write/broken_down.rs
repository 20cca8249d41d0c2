//! One apply in which each kind of write breaks down twice: once before it has an effect, and once after it and before
//! its answer.

use std::collections::BTreeSet;

use trueup::simulator::fault::{BREAKDOWNS, Effect, Injection, Moment};

use super::{ALLOWED, Calm, OF_ACCOUNTS, OF_ORGANIZATION, Sent, created, sent};

/// A key that AWS broke down over is made again only when five minutes have passed: `src/commands/faults`, where nobody
/// waits, has that.
const WAITED_FOR: &str = "CreateKey";

/// What S3 does by itself to a bucket that is made: who finds one after its making broke down has no need to.
const NEEDLESS: &str = "PutBucketEncryption";

/// A service breaks down over an operation, in its own words.
fn breakdown(service: &str) -> Effect {
    let signed = if service == "s3control" { "s3" } else { service };
    let (_, code, status) = BREAKDOWNS.iter().find(|(of, ..)| *of == signed).expect("it has words for it");
    Effect::Error { code: (*code).to_owned(), status: *status, message: "it broke down".to_owned() }
}

/// How many calls were sent again, by what is said at the end.
fn sent_again(talk: &str) -> usize {
    let said = talk.lines().find_map(|line| line.strip_prefix("Of ")?.split_once(" calls ")).expect("it is said").1;
    said.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// Each kind of write breaks down, and all of them are done in the end as if none had.
fn breaks_down(calm: &Calm) {
    let stage = calm.again();
    let mut broken = BTreeSet::new();
    for (service, operation) in &calm.kinds {
        let once = |moment, after, effect| Injection {
            service: Some(service.clone()),
            operation: Some(operation.clone()),
            moment,
            after,
            times: Some(1),
            ..Injection::new(effect)
        };
        let before = operation != WAITED_FOR;
        if before {
            stage.inject(once(Moment::Before, 0, breakdown(service)));
            broken.insert(operation.clone());
        }
        stage.inject(once(Moment::After, u64::from(before), Effect::Reset));
    }
    let done = stage.run(&[&["apply", "plan.json", "--format", "json"], ALLOWED].concat());
    let (sent, made) = (sent(&stage), created(&stage));
    let calls = stage.calls().into_iter().filter(|call| call.write && !call.carried_out);
    let mut met: BTreeSet<String> = calls.map(|call| call.operation).collect();
    calm.ended_alike(&stage, &done.json(), "each kind of write broke down twice");
    met.insert(NEEDLESS.to_owned());
    assert_eq!(met, broken, "each broke down before it had an effect");
    assert_eq!(made, calm.created, "nothing is made twice");
    let more = |(write, times): (&Sent, &usize)| times.saturating_sub(calm.sent.get(write).copied().unwrap_or(1));
    let again: usize = sent.iter().map(more).sum();
    assert!(again > 0, "something was sent again");
    assert_eq!(sent_again(&done.stderr), again, "each is counted: {}", done.stderr);
}

#[test]
fn each_kind_of_write_to_accounts_breaks_down_before_and_after_its_effect_and_all_ends_the_same() {
    breaks_down(&OF_ACCOUNTS);
}

#[test]
fn each_kind_of_write_for_the_organization_breaks_down_before_and_after_its_effect_and_all_ends_the_same() {
    breaks_down(&OF_ORGANIZATION);
}
