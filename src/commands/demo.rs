//! `trueup demo`: the whole story on a simulated organization. No network, and no file is left behind.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::Timestamp;

use super::enforce::Enforcement;
use super::output::Output;
use super::scene::{Moment, Scene};
use super::{apply, plan};
use crate::assessment::{AccountLine, Row, Status, Summary, VerdictKind};
use crate::aws;
use crate::baseline::Baseline;
use crate::cli::{self, Format, Scoped};
use crate::controls;
use crate::engine::Spool;
use crate::engine::allow::Allow;
use crate::engine::apply::{Carried, PROPAGATION};
use crate::engine::doubt::Doubts;
use crate::engine::stop::Stop;
use crate::engine::tolerance::Tally;
use crate::failure::Failure;
use crate::history::Past;
use crate::plan::{Header, Rollout};
use crate::report::{self, Applied};
use crate::simulator::world::{Credential, World};
use crate::simulator::{ACCESS_ROLE, Options, Simulator};

const ACCOUNTS: usize = 12;
const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-northeast-1"];
const AT_ONCE: usize = 64;
/// In the process there is nobody to spare.
const FIRST_BACKOFF: Duration = Duration::from_millis(1);

pub(super) async fn run(typed: &cli::Demo, output: &Output) -> Result<ExitCode, Failure> {
    if output.format == Format::Json {
        return Err(Failure::usage("the demo tells its story in words, not in JSON")
            .hint("trueup simulate serves the same organization, for trueup plan --format json"));
    }
    let moment = Moment::now();
    let regions = REGIONS.map(str::to_owned).to_vec();
    let world = World::generate(&Options { accounts: ACCOUNTS, regions, seed: typed.seed, start: None });
    let stage = Stage::new(world, moment)?;

    let first = stage.scene().await?;
    let (before, mut spool) = stage.plan(&first).await?;
    output.result(|out| opening(&before, out))?;
    output.result(|out| report::text::plan(&before, &mut spool, false, out))?;

    let trails = stage.trails();
    let file = apply::in_memory(before, &mut spool)?;
    let reached = first.reached.clone().expect("a live scene reached AWS");
    let allow: Vec<Allow> = ["cost", "disruptive"].iter().map(|class| class.parse().expect("a class")).collect();
    let writes_before = stage.writes();
    let enforcement = Enforcement {
        file: &file,
        reached: &reached,
        access: &first.access,
        allow: &allow,
        at_once: AT_ONCE,
        moment: &stage.moment,
        // Nothing is left behind, so nothing is kept.
        scribe: &(),
        stop: &Stop::default(),
        tally: &Tally::default(),
        rollout: &Rollout::default(),
        doubts: &Arc::new(Doubts::of(Timestamp::now, [])),
        begun: &Arc::default(),
        propagation: PROPAGATION,
    };
    let carried = Carried::default();
    enforcement.run(&carried, &()).await;
    let outcomes = carried.outcomes(&file.changes, "");
    let applied = Applied {
        run: &stage.moment.run,
        created: stage.moment.now,
        plan: &file.digest,
        organization: &file.header.organization,
        accounts: &file.accounts,
        complete: file.header.complete,
        changes: &file.changes,
        outcomes: &outcomes,
        waves: &[],
        approvals: &[],
    };
    output.result(|out| {
        heading(out, "2. trueup apply plan.json --allow cost,disruptive")?;
        writeln!(
            out,
            "Just these changes are made, each after a fresh look at what is there, and looked at again until it is in\n\
             force. What bills, or may disturb somebody, waits for --allow; here it is all allowed.\n"
        )?;
        report::text::apply(&applied, out)
    })?;
    let writes = stage.writes() - writes_before;

    let second = stage.scene().await?;
    let (after, mut spool) = stage.plan(&second).await?;
    let noted = noted(&after, &mut spool, &kept(&trails, &stage.trails()))?;
    let told =
        Told { before: &file.header.summary, after: &after.summary, planned_writes: writes_before, writes, noted };
    output.result(|out| told.ending(out))?;
    if told.held() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::failed("the story did not hold: after apply there is drift that apply could have mended"))
}

/// A simulated organization, and the baseline that it is held to.
struct Stage {
    simulator: Arc<Simulator>,
    credential: Credential,
    baseline: Baseline,
    moment: Moment,
}

impl Stage {
    fn new(mut world: World, moment: Moment) -> Result<Self, Failure> {
        let credential = world.administrator();
        let id = world.organization.as_ref().map(|organization| organization.id.clone()).unwrap_or_default();
        let text = format!(
            "version: 1\nname: demo\norganization: {id}\nextends: [foundation]\n\
             access:\n  read_role: {ACCESS_ROLE}\n  write_role: {ACCESS_ROLE}\nmanagement_account: include\n"
        );
        let baseline = Baseline::from_text("demo.yaml", &text, &controls::shapes(), moment.today())?;
        Ok(Self { simulator: Arc::new(Simulator::new(world)), credential, baseline, moment })
    }

    async fn scene(&self) -> Result<Scene, Failure> {
        let Credential { access_key_id, secret_access_key, .. } = &self.credential;
        let credentials = Credentials::new(access_key_id, secret_access_key, None, None, "demo");
        let options = aws::Options {
            region: REGIONS[0].parse().ok(),
            http_client: Some(self.simulator.client()),
            credentials: Some(SharedCredentialsProvider::new(credentials)),
            run_id: self.moment.run.clone(),
            global_cap: AT_ONCE,
            first_backoff: Some(FIRST_BACKOFF),
            ..aws::Options::default()
        };
        Scene::held_to(self.baseline.clone(), &Scoped::default(), options, &self.moment, None).await
    }

    async fn plan(&self, scene: &Scene) -> Result<(Header, Spool), Failure> {
        // Among the temporary files, so that nothing is left behind.
        let spool = Spool::new(None).map_err(|error| Failure::failed(format!("could not make room: {error}")))?;
        plan::make(scene, &self.moment, &Past::default(), spool, AT_ONCE, &(), None).await
    }

    /// The trails that members have of their own, each as it is: account, region and name.
    fn trails(&self) -> BTreeMap<[String; 3], String> {
        self.simulator.world(|world| {
            let management = world.management();
            let members: Vec<String> =
                world.accounts().map(|account| account.id.clone()).filter(|id| *id != management).collect();
            let mut trails = BTreeMap::new();
            for id in members {
                let Some(account) = world.account(&id) else { continue };
                for (region, state) in &account.regions {
                    for (name, trail) in &state.cloudtrail.trails {
                        trails.insert([id.clone(), region.clone(), name.clone()], format!("{trail:?}"));
                    }
                }
            }
            trails
        })
    }

    /// Calls that changed something so far.
    fn writes(&self) -> usize {
        self.simulator.world(|world| world.ledger.writes().count())
    }
}

fn heading(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let bold = anstyle::Style::new().bold();
    writeln!(out, "\n{bold}{text}{bold:#}\n")
}

fn opening(header: &Header, out: &mut dyn Write) -> io::Result<()> {
    let Summary { accounts, .. } = &header.summary;
    writeln!(
        out,
        "This is a simulated AWS organization of {} accounts in {} regions, inside this process: no network, no AWS\n\
         account, nothing left behind. trueup talks to it with the AWS SDK, as it would to AWS. The baseline asks for a\n\
         strong password policy, one organization trail, GuardDuty and key rotation (`trueup baseline show`).",
        accounts.in_scope,
        header.regions.len(),
    )?;
    heading(out, "1. trueup plan --out plan.json")?;
    writeln!(
        out,
        "Every account is entered and read, and nothing is written. In what comes out, `+` is made and `~` is changed,\n\
         with the value before and after; the same change in many accounts is told once.\n"
    )
}

/// The trails that are as they were: region and name, by account.
fn kept(before: &BTreeMap<[String; 3], String>, after: &BTreeMap<[String; 3], String>) -> BTreeMap<String, String> {
    let same = before.iter().filter(|(place, trail)| after.get(*place) == Some(trail));
    same.map(|([account, region, name], _)| (account.clone(), format!("`{name}` in {region}"))).collect()
}

/// What is worth a look in the accounts: what was stricter than asked, trails of their own, and regions that are not
/// enabled.
fn noted(header: &Header, spool: &mut Spool, trails: &BTreeMap<String, String>) -> Result<Vec<String>, Failure> {
    let mut noted = vec![];
    let read = spool.read(|found| {
        let AccountLine { id, name, .. } = &found.account;
        let length = found.verdicts.iter().find(|row| row.requirement == "iam.password_policy.minimum_length");
        if let Some(row) = length.filter(|row| row.observed.as_u64() > row.wanted.as_u64()) {
            let Row { observed, wanted, .. } = row;
            noted.push(format!(
                "{id} {name} asks for passwords of {observed} characters where {wanted} are wanted: kept."
            ));
        }
        if let Some(trail) = trails.get(id.as_str()) {
            noted.push(format!("{id} {name} has a trail of its own, {trail}: left as it was."));
        }
        let closed = header.regions.iter().filter(|region| !found.regions.contains(region));
        for region in closed.filter(|_| found.account.status == Status::Read) {
            noted
                .push(format!("{id} {name} has not enabled {region}: it was not asked there, and nothing is missing."));
        }
        Ok(())
    });
    read.map_err(|error| Failure::failed(format!("could not read what was found: {error}")))?;
    Ok(noted)
}

/// What the run showed.
struct Told<'a> {
    before: &'a Summary,
    after: &'a Summary,
    planned_writes: usize,
    writes: usize,
    noted: Vec<String>,
}

impl Told<'_> {
    /// Whether everything that apply could mend is mended, and plan wrote nothing.
    fn held(&self) -> bool {
        let left = self.after.changes.add + self.after.changes.change + self.after.changes.remove;
        left == 0 && self.after.of(VerdictKind::Drifted) == 0 && self.planned_writes == 0
    }

    fn ending(&self, out: &mut dyn Write) -> io::Result<()> {
        heading(out, "3. trueup plan, again")?;
        let (before, after) = (self.before, self.after);
        writeln!(
            out,
            "Drifted requirements: {} before, {} after. Calls that change something: {} while planning, {} while applying.",
            before.of(VerdictKind::Drifted),
            after.of(VerdictKind::Drifted),
            self.planned_writes,
            self.writes,
        )?;
        let unreadable = after.accounts.unreadable;
        if unreadable > 0 {
            let accounts = if unreadable == 1 { "1 account".to_owned() } else { format!("{unreadable} accounts") };
            writeln!(
                out,
                "{accounts} could not be entered before and cannot now: that is said every time, and a plan ends with exit code 3.",
            )?;
        }
        let score = |summary: &Summary| {
            summary.score.map_or("-".to_owned(), |score| format!("{:.1}", (score * 10.0).floor() / 10.0))
        };
        writeln!(out, "Score: {} before, {} after.", score(before), score(after))?;
        for line in &self.noted {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "\nOn your own organization: trueup init, then trueup plan. Planning never writes.")
    }
}
