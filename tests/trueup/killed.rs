//! An apply that is killed, at each of its writes and at any other moment, and run again: nothing is lost, nothing is
//! made twice, and the organization ends as after an undisturbed run.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::Value;
use trueup::engine::doubt::SEEN;
use trueup::simulator::fault::{Effect, Injection, Moment, Only};
use trueup::simulator::world::World;

use crate::dumped::{dump, ends_the_same, generated};
use crate::earlier;
use crate::harness::{HOME, Stage, list, organization, outcomes, strike};
use crate::trails::{ORGANIZATION, whole};

const ALLOWED: [&str; 2] = ["--allow", "cost,disruptive"];

/// Accounts in which there is something of everything to do.
fn stage() -> Stage {
    let stage = Stage::new(generated(5, 11));
    stage.baseline("extends: [foundation]\nmanagement_account: include\n", "");
    stage
}

/// An apply of a plan for these accounts that nobody disturbed.
pub(crate) struct Calm {
    stage: fn() -> Stage,
    plan: String,
    end: Value,
    pub(crate) writes: usize,
    calls: usize,
}

impl Calm {
    /// Of what is made the same each time, with answers to writes that are so late.
    pub(crate) fn run(made: fn() -> Stage, milliseconds: u64) -> Self {
        let stage = made();
        let (plan, code) = stage.plan(&["--out", "plan.json"]);
        assert!(matches!(code, Some(2 | 3)), "{plan:#}");
        late(&stage, milliseconds);
        let before = sent(&stage);
        let (applied, code) = stage.apply(&ALLOWED);
        let calls = sent(&stage) - before;
        assert!(matches!(code, Some(0 | 3)), "{applied:#}");
        let (plan, writes) = (stage.read("plan.json"), stage.writes().len());
        Self { stage: made, plan, end: dump(&stage), writes, calls }
    }

    /// The same accounts once more, and the plan.
    fn again(&self) -> Stage {
        let stage = (self.stage)();
        stage.write("plan.json", &self.plan);
        stage
    }

    /// The same accounts after an apply that was killed at this write: before that had an effect, or after it and before
    /// its answer.
    pub(crate) fn killed_at(&self, number: usize, moment: Moment) -> Stage {
        let stage = self.again();
        hang(&stage, number, moment);
        killed_after(&stage, number + 1, applying(&stage, &["--concurrency", "1"]));
        stage.world(|world| world.faults.clear());
        stage
    }

    /// Runs the plan again, when what the killed run may have made would be seen, and holds the end against that of the
    /// undisturbed run.
    pub(crate) fn goes_on(&self, stage: &Stage, when: &str) {
        earlier::in_folder(stage, SEEN);
        let (applied, code) = stage.apply(&ALLOWED);
        let plan = stage.read_json("plan.json");
        let (told, planned) = (list(&applied["outcomes"]).len(), list(&plan["changes"]).len());
        assert_eq!(told, planned, "{when}: the report has the whole plan");
        let done = outcomes(&applied).iter().all(|(_, outcome)| ["verified", "already"].contains(outcome));
        assert!(done && matches!(code, Some(0 | 3)), "{when}: {applied:#}");
        ends_the_same(&dump(stage), &self.end, when);
        let verified = stage.run(&["history", "verify"]);
        assert_eq!(verified.code, Some(0), "{when}: {}", verified.stderr);
    }
}

/// How many calls there were.
fn sent(stage: &Stage) -> usize {
    stage.world(|world| world.ledger.entries().len())
}

fn late(stage: &Stage, milliseconds: u64) {
    let effect = Effect::Latency { milliseconds };
    stage.inject(Injection { only: Only::Writes, ..Injection::new(effect) });
}

fn applying(stage: &Stage, more: &[&str]) -> Child {
    let arguments = [&["apply", "plan.json", "--format", "json"][..], &ALLOWED, more].concat();
    started(stage, &arguments)
}

/// A run that nobody listens to.
pub(crate) fn started(stage: &Stage, arguments: &[&str]) -> Child {
    let mut command = stage.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
}

fn killed(mut running: Child) {
    running.kill().expect("it runs");
    running.wait().expect("it ends");
}

/// One write is never answered, after so many that are.
pub(crate) fn hang(stage: &Stage, after: usize, moment: Moment) {
    let effect = Injection::new(Effect::Hang);
    stage.inject(Injection { only: Only::Writes, moment, after: after as u64, times: Some(1), ..effect });
}

/// Kills a run once there were so many writes in all.
pub(crate) fn killed_after(stage: &Stage, writes: usize, running: Child) {
    while stage.writes().len() < writes {
        std::thread::yield_now();
    }
    killed(running);
}

/// Kills an apply at each of its writes.
fn at_each_write(moment: Moment) {
    let calm = Calm::run(stage, 0);
    assert!(calm.writes >= 15, "{} writes", calm.writes);
    for number in 0..calm.writes {
        let stage = calm.killed_at(number, moment);
        calm.goes_on(&stage, &format!("killed at write {number}, {moment:?}"));
    }
}

#[test]
fn killed_before_each_write_has_an_effect_it_goes_on_and_ends_the_same() {
    at_each_write(Moment::Before);
}

#[test]
fn killed_after_each_write_and_before_its_answer_it_goes_on_and_ends_the_same() {
    at_each_write(Moment::After);
}

/// The organization's trail with its key, and an apply that was killed over the key.
fn killed_over_its_key(faults: impl Fn(&str) -> Vec<Injection>) -> (Stage, String) {
    let (world, _) = organization(&[]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    stage.planned(2);
    for fault in faults(&management) {
        stage.inject(fault);
    }
    let running = applying(&stage, &["--concurrency", "1"]);
    while stage.count(&management, "CreateKey") == 0 {
        std::thread::yield_now();
    }
    killed(running);
    stage.world(|world| world.faults.clear());
    (stage, management)
}

/// A key is made, and neither its maker nor the run after it, which starts at once, sees it yet.
#[test]
fn a_key_that_a_killed_apply_made_and_the_next_does_not_see_yet_is_waited_for_and_not_made_again() {
    let (stage, management) = killed_over_its_key(|management| {
        let create = |effect| Injection { moment: Moment::After, ..strike(management, "CreateKey", effect) };
        vec![create(Effect::Hang), create(Effect::Lag { calls: SEEN_AFTER })]
    });
    let looks = stage.count(&management, "ListKeys");
    let (applied, code) = stage.apply(&ALLOWED);
    let done = |(_, outcome): &(&str, &str)| ["verified", "already"].contains(outcome);
    assert!(outcomes(&applied).iter().all(done), "{applied:#}");
    assert_eq!((stage.count(&management, "CreateKey"), code), (1, Some(0)));
    assert!(stage.count(&management, "ListKeys") > looks + 3, "it was looked for more than once");
    whole(&stage, &management);
}

fn never_made(management: &str) -> Vec<Injection> {
    vec![strike(management, "CreateKey", Effect::Hang)]
}

#[test]
fn a_key_that_a_killed_apply_did_not_make_is_waited_for_and_then_made_with_the_same_plan_and_state() {
    let (stage, management) = killed_over_its_key(never_made);
    // As long as a slow machine may need to come to the key.
    earlier::in_folder(&stage, SEEN - SignedDuration::from_secs(15));
    let done = stage.run(&[&["apply", "plan.json"], &ALLOWED[..]].concat());
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let waits = |line: &&str| {
        line.starts_with("waiting until ") && line.contains("kms.key/alias/trueup-trail: it was sent at ")
    };
    assert_eq!(done.stderr.lines().filter(waits).count(), 1, "{}", done.stderr);
    assert_eq!(stage.count(&management, "CreateKey"), 2, "one had no effect");
    whole(&stage, &management);
}

#[test]
fn an_interrupt_ends_the_waiting_for_a_key() {
    let (stage, management) = killed_over_its_key(never_made);
    let mut command = stage.command(&[&["apply", "plan.json", "--format", "json"], &ALLOWED[..]].concat());
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let talk = BufReader::new(running.stderr.take().expect("it is piped"));
    let mut lines = talk.lines().map(|line| line.expect("text"));
    assert!(lines.any(|line| line.starts_with("waiting until ")));
    let sent = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let mut out = String::new();
    running.stdout.take().expect("it is piped").read_to_string(&mut out).expect("text");
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
    let applied: Value = serde_json::from_str(&out).expect("JSON");
    assert!(outcomes(&applied).iter().any(|(_, outcome)| *outcome == "unknown"), "{applied:#}");
    assert_eq!(stage.count(&management, "CreateKey"), 1, "it was not sent again");
}

/// Calls of the account until the key is seen: those of the next run until it comes to the key, and some more.
const SEEN_AFTER: u32 = 25;

/// The moments of a run are drawn from this.
const SEED: u64 = 20_261_127;
/// How often a run of the tests kills. `TRUEUP_KILLS` asks for more, see docs/design/kills.md.
const KILLS: usize = 20;
/// How late the answers to writes are, so that most of a run lies between its first write and its last.
const LATE: u64 = 50;

/// Kills by where they struck.
#[derive(Debug, Default)]
struct Struck {
    before: usize,
    between: usize,
    after: usize,
    /// The run had ended by itself.
    never: usize,
}

impl Struck {
    fn kills(&self) -> usize {
        self.before + self.between + self.after
    }

    fn count(&mut self, done: usize, of: usize) {
        match done {
            0 => self.before += 1,
            _ if done < of => self.between += 1,
            _ => self.after += 1,
        }
    }
}

/// A moment of a run: some time after so many of its calls.
#[derive(Clone, Copy, Debug)]
struct When {
    calls: usize,
    then: Duration,
}

impl When {
    /// Anywhere among the calls of an undisturbed run, so that no machine is too slow or too fast for it, and between two
    /// of them.
    fn drawn(chance: &mut World, calm: &Calm) -> Self {
        let mut below = |limit: usize| chance.random() % u64::try_from(limit).expect("a number");
        let calls = usize::try_from(below(calm.calls)).expect("it is below a number of calls");
        Self { calls, then: Duration::from_micros(below(1000 * usize::try_from(LATE).expect("a number"))) }
    }

    /// Waits until then, or until a run before which there were so many calls ends by itself; whether it is still at work.
    fn comes(self, stage: &Stage, before: usize, running: &mut Child) -> bool {
        let mut reached = None;
        loop {
            if running.try_wait().expect("it is ours").is_some() {
                return false;
            }
            if sent(stage) - before >= self.calls {
                let since: &mut Instant = reached.get_or_insert_with(Instant::now);
                if since.elapsed() >= self.then {
                    return true;
                }
            }
            std::thread::yield_now();
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "whoever asks for more kills wants to read what came of them")]
fn killed_at_random_times_it_goes_on_and_ends_the_same() {
    let asked = std::env::var_os("TRUEUP_KILLS").and_then(|kills| kills.to_str()?.parse().ok());
    let wanted: usize = asked.unwrap_or(KILLS);
    let calm = Calm::run(stage, LATE);
    let mut chance = World::bare(&[HOME], SEED);
    let mut struck = Struck::default();
    while struck.kills() < wanted || 2 * struck.between < struck.kills() {
        assert!(struck.kills() + struck.never < 3 * wanted, "seed {SEED}: {struck:?}");
        let when = When::drawn(&mut chance, &calm);
        let stage = calm.again();
        late(&stage, LATE);
        let before = sent(&stage);
        let mut running = applying(&stage, &[]);
        let at_work = when.comes(&stage, before, &mut running);
        killed(running);
        stage.world(|world| world.faults.clear());
        let done = stage.writes().len();
        if at_work {
            struck.count(done, calm.writes);
        } else {
            struck.never += 1;
        }
        let number = struck.kills();
        calm.goes_on(&stage, &format!("seed {SEED}, kill {number}, {when:?}, after {done} of {} writes", calm.writes));
    }
    let Calm { writes, calls, .. } = &calm;
    println!(
        "seed {SEED}: {writes} writes among {calls} calls; {} kills, {struck:?}: each ended the same",
        struck.kills()
    );
}
