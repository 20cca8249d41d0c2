//! What a plan costs beside what the AWS SDK alone costs for the same calls, and whether memory grows with accounts.
//!
//! `cargo bench` prints a small table and fails where a bound is exceeded. Both sides of every ratio are measured in
//! the same run, one after the other, as processes of their own: no figure depends on how fast the machine is.

mod calls;
mod measured;
mod replay;
mod sdk;
mod simulated;

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, ExitCode};
use std::time::Duration;

use calls::Recording;
use measured::{Cost, measure, median};
use replay::Runtime;
use simulated::Simulated;
use tempfile::NamedTempFile;

/// The one of the binary, so that neither side has an easier time of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// At most this many times the CPU of the bare SDK.
const CPU_BOUND: f64 = 1.5;
/// At most this many times the memory for ten times the accounts.
const MEMORY_BOUND: f64 = 1.3;

const FEW: u32 = 200;
const MANY: u32 = 2_000;
const ROUNDS: usize = 5;

/// The first word of the arguments by which this binary runs itself as the bare SDK.
const REPLAY: &str = "replay";

#[expect(clippy::print_stderr, reason = "this is where the bench says why it failed")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some(REPLAY) => replay::run(&arguments[1..]).map(|()| true),
        _ if arguments.iter().any(|argument| argument == "--bench") => bench(),
        // Somebody tests all targets; nothing that is measured beside other work is worth anything.
        _ => Ok(true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything; says whether all bounds hold.
fn bench() -> Outcome<bool> {
    let (cpu, few) = compare(&Baseline::default())?;
    let (cpu_of_every, _) = compare(&Baseline::every_control()?)?;
    let many = Simulated::start(MANY)?;
    let most = measure(&mut Baseline::default().plan(&many), simulated::PLANNED)?;
    drop(many);
    let memory = show_memory(few, most.peak);
    Ok(cpu && cpu_of_every && memory)
}

/// Measures a plan of a baseline and the bare SDK; says whether the bound holds, and the plan's peak memory.
fn compare(baseline: &Baseline) -> Outcome<(bool, u64)> {
    let simulated = Simulated::start(FEW)?;
    // The first plan has credential reports made, which the following ones find.
    measure(&mut baseline.plan(&simulated), simulated::PLANNED)?;
    let recording = Recording::of(simulated.ledger_of(&mut baseline.plan(&simulated))?)?;
    let file = recording.save()?;
    let replaying = |runtime| replay::command(&simulated, file.path(), runtime);
    // Both sides send the same requests, or comparing them says nothing.
    for runtime in [Runtime::OneThread, Runtime::SeveralThreads] {
        recording.expect(&simulated.ledger_of(&mut replaying(runtime)?)?)?;
    }
    let mut rounds = vec![];
    for number in 0..ROUNDS {
        rounds.push(Round::measure(&simulated, baseline, number % 2 == 0, replaying)?);
    }
    let peak = median(rounds.iter().map(|round| round.plan.peak));
    Ok((show_cpu(baseline.title, recording.len(), &rounds), peak))
}

/// What is asked of the organization.
struct Baseline {
    title: &'static str,
    /// Its file; none: the default one.
    file: Option<NamedTempFile>,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { title: "the default baseline", file: None }
    }
}

impl Baseline {
    /// Every control, but for those of EC2, which the SDK has no crate of here.
    fn every_control() -> Outcome<Self> {
        let every = include_str!("../../tests/every_control.yaml");
        let begins = |line: &str| line.strip_prefix("  ").is_some_and(|name| !name.starts_with(' '));
        let mut of_ec2 = false;
        let mut file = tempfile::Builder::new().suffix(".yaml").tempfile()?;
        for line in every.lines() {
            if begins(line) {
                of_ec2 = line.trim_start().starts_with("ec2.");
            }
            if !of_ec2 {
                writeln!(file, "{line}")?;
            }
        }
        Ok(Self { title: "every control but those of EC2", file: Some(file) })
    }

    /// What a user does: the whole binary, its text thrown away.
    fn plan(&self, simulated: &Simulated) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(["plan", "--quiet"]);
        if let Some(file) = &self.file {
            command.arg("--baseline").arg(file.path());
        }
        simulated.furnish(&mut command);
        command
    }
}

/// The costs of the two sides, and of the bare SDK on several threads, right after one another.
struct Round {
    plan: Cost,
    bare: Cost,
    several: Cost,
}

impl Round {
    fn measure(
        simulated: &Simulated,
        baseline: &Baseline,
        plan_first: bool,
        replaying: impl Fn(Runtime) -> Outcome<Command>,
    ) -> Outcome<Self> {
        let of_plan = || {
            simulated.forget()?;
            measure(&mut baseline.plan(simulated), simulated::PLANNED)
        };
        let of_replay = |runtime| {
            simulated.forget()?;
            replay::measure(&mut replaying(runtime)?)
        };
        let early = if plan_first { Some(of_plan()?) } else { None };
        let bare = of_replay(Runtime::OneThread)?;
        let plan = early.map_or_else(of_plan, Ok)?;
        Ok(Self { plan, bare, several: of_replay(Runtime::SeveralThreads)? })
    }

    fn ratio(&self) -> f64 {
        self.plan.cpu.div_duration_f64(self.bare.cpu)
    }

    fn ratio_of_threads(&self) -> f64 {
        self.several.cpu.div_duration_f64(self.bare.cpu)
    }
}

#[expect(clippy::print_stdout, reason = "the table is the result")]
fn show_cpu(title: &str, calls: u32, rounds: &[Round]) -> bool {
    println!(
        "A plan of {title} over {FEW} accounts and {} regions: {calls} calls, {ROUNDS} rounds",
        simulated::REGIONS.len()
    );
    println!("{:34}{:>9}{:>12}{:>12}", "", "CPU", "a call", "peak memory");
    let line = |name: &str, cost: fn(&Round) -> Cost| {
        let cpu: Duration = median(rounds.iter().map(|round| cost(round).cpu));
        let peak = mebibytes(median(rounds.iter().map(|round| cost(round).peak)));
        println!("{name:34}{:>7.2} s{:>9} µs{peak:>8.1} MiB", cpu.as_secs_f64(), (cpu / calls).as_micros());
    };
    line("trueup plan", |round| round.plan);
    line("the bare SDK", |round| round.bare);
    line("the bare SDK on several threads", |round| round.several);
    let ratio = median(rounds.iter().map(Round::ratio));
    let each: Vec<String> = rounds.iter().map(|round| format!("{:.2}", round.ratio())).collect();
    println!("trueup / bare SDK          {ratio:.2}, at most {CPU_BOUND:.1}   (by round: {})", each.join(" "));
    println!("several threads / one      {:.2}", median(rounds.iter().map(Round::ratio_of_threads)));
    ratio <= CPU_BOUND
}

#[expect(clippy::print_stdout, reason = "the table is the result")]
fn show_memory(few: u64, many: u64) -> bool {
    let ratio = mebibytes(many) / mebibytes(few);
    println!("Peak memory: {:.1} MiB over {FEW} accounts, {:.1} MiB over {MANY}", mebibytes(few), mebibytes(many));
    println!("many / few accounts        {ratio:.2}, at most {MEMORY_BOUND:.1}");
    ratio <= MEMORY_BOUND
}

fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
