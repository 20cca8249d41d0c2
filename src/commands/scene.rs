//! Everything that a plan works from: the baseline, the organization, the accounts in scope, and how they are reached.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::reach::{Reached, Reads, access};
use crate::aws::{Options, Traffic};
use crate::baseline::{self, AccountFacts, Baseline, Tone};
use crate::cli::{self, Scoped};
use crate::control::AnyControl;
use crate::controls;
use crate::engine::{KeptRun, Source, Survey, Terms};
use crate::failure::Failure;
use crate::observe::{Evidence, Homes};
use crate::organization::{self, Account, Detail, DiscoverError, Organization, Selection, Wanted};
use crate::permissions::{named_homes, named_menders};
use crate::plan::{Access, OrganizationLine};
use crate::target::{AccountId, Region};

/// When this run takes place, and what it is called.
pub(super) struct Moment {
    pub(super) now: Timestamp,
    pub(super) run: String,
}

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        let now = Timestamp::now();
        let run = format!("{}-{:04x}", now.strftime("%Y%m%dT%H%M%SZ"), std::process::id() & 0xffff);
        Self { now, run }
    }

    /// The date by which exemptions expire.
    pub(super) fn today(&self) -> Date {
        self.now.to_zoned(jiff::tz::TimeZone::UTC).date()
    }
}

/// Everything that a plan works from.
pub(super) struct Scene {
    pub(super) reached: Option<Arc<Reached>>,
    pub(super) baseline: Baseline,
    pub(super) access: Access,
    pub(super) survey: Survey,
    /// Those in scope and those that are skipped, by id.
    pub(super) accounts: Vec<Account>,
    pub(super) warnings: Vec<String>,
    typed: Scoped,
}

impl Scene {
    /// Reads the baseline, reaches AWS and discovers the organization.
    pub(super) async fn live(
        typed: &Scoped,
        options: Options,
        moment: &Moment,
        keeping: Option<Arc<Evidence>>,
    ) -> Result<Self, Failure> {
        Self::held_to(load(typed, moment.today())?, typed, options, moment, keeping).await
    }

    /// Reaches AWS and discovers the organization, which is held to this baseline.
    pub(super) async fn held_to(
        baseline: Baseline,
        typed: &Scoped,
        options: Options,
        moment: &Moment,
        keeping: Option<Arc<Evidence>>,
    ) -> Result<Self, Failure> {
        let chosen = chosen(&baseline, &typed.select.which)?;
        let wanted = wanted(&baseline, &typed.select)?;
        let reached = Arc::new(Reached::new(options).await?);
        let organization = discovered(&reached, &baseline, &typed.select).await?;
        check_id(typed, &organization)?;
        let access = access(&baseline, &typed.reach);
        let management = organization.management_account.clone();
        let reads = Arc::new(Reads::new(&reached, &access, management.as_ref(), &chosen));
        let home = management.as_ref().map(|account| reads.session(account));
        let named: Vec<_> = named_homes(&baseline, &chosen).iter().map(|account| reads.session(account)).collect();
        let listed = if let Wanted::These(regions) = &wanted { regions.clone() } else { vec![] };
        let homes = Homes::live(home.clone(), reached.base.home_region().clone(), keeping)
            .with_named(named.clone())
            .with_regions(listed)
            .with_units(units(&organization));
        let homes_known: Vec<_> = home.into_iter().chain(named).collect();
        let enter = move |account: &AccountId| {
            let home = homes_known.iter().find(|home| home.account() == account);
            home.cloned().unwrap_or_else(|| reads.session(account))
        };
        let home_region = reached.base.home_region().clone();
        let ground = Ground { organization, home_region, source: Source::Live(Box::new(enter)), homes, wanted };
        let mut scene = Self::on(ground, typed, baseline, access, moment)?;
        scene.reached = Some(reached);
        Ok(scene)
    }

    /// Judges what an earlier run kept, without AWS.
    pub(super) fn kept(typed: &Scoped, kept: KeptRun, moment: &Moment) -> Result<Self, Failure> {
        let baseline = load(typed, moment.today())?;
        let wanted = wanted(&baseline, &typed.select)?;
        let controls = chosen(&baseline, &typed.select.which)?;
        let named = named_homes(&baseline, &controls).into_iter().collect();
        check_id(typed, &kept.organization)?;
        let evidence = Arc::new(kept.evidence);
        let management = kept.organization.management_account.clone();
        let ground = Ground {
            homes: Homes::kept(management, named, kept.home_region.clone(), &evidence)
                .with_units(units(&kept.organization)),
            organization: kept.organization,
            home_region: kept.home_region,
            source: Source::Kept(evidence),
            wanted,
        };
        Self::on(ground, typed, baseline, Access::default(), moment)
    }

    fn on(
        ground: Ground,
        typed: &Scoped,
        baseline: Baseline,
        access: Access,
        moment: &Moment,
    ) -> Result<Self, Failure> {
        let Ground { organization, home_region, source, homes, wanted } = ground;
        check_names(&baseline, &organization)?;
        check_named_homes(&baseline, &organization)?;
        let scope = selection(&typed.select).select(&organization)?;
        let mut accounts = scope.in_scope;
        accounts.extend(scope.skipped);
        accounts.sort_by(|a, b| a.id.cmp(&b.id));
        check_known(&baseline, &organization, &accounts)?;
        let mut warnings: Vec<String> = baseline.warnings.iter().map(|warning| warning.render(Tone::Warning)).collect();
        warnings.extend(organization.unknown.iter().map(|unknown| format!("not known: {unknown}")));
        if let (Some(said), Some(found)) = (&baseline.organization, &organization.id)
            && said.as_str() != found
        {
            warnings.push(format!("the baseline is for {said}, and this is {found}: apply will refuse it"));
        }
        let today = moment.today();
        let terms = {
            let (baseline, organization, scope) = (baseline.clone(), organization.clone(), accounts.clone());
            move |account: &Account| {
                let of = |account: &Account| Terms::of(&baseline, &organization, account, today);
                let others = || scope.iter().filter(|other| other.id != account.id && other.state.is_active()).map(of);
                of(account).with_others(others)
            }
        };
        let survey = Survey {
            terms: Box::new(terms),
            regions: wanted,
            organization,
            home_region,
            today,
            source,
            homes: Arc::new(homes),
            only: typed.select.which.control.clone(),
            without: typed.select.which.exclude_control.clone(),
        };
        Ok(Self { reached: None, baseline, access, survey, accounts, warnings, typed: typed.clone() })
    }

    /// What was sent so far, whenever it is asked.
    pub(super) fn traffic(&self) -> impl Fn() -> Traffic + Send + Sync + use<> {
        let reached = self.reached.clone();
        move || reached.as_ref().map(|reached| reached.base.traffic()).unwrap_or_default()
    }

    /// Whether nothing was left out by an option: then what is not used anywhere is not used at all.
    pub(super) fn everything(&self) -> bool {
        !self.typed.select.any()
    }

    /// The organization that the baseline, or an option, says may be written.
    pub(super) fn pinned(&self) -> Option<String> {
        let said = self.baseline.organization.as_ref().map(ToString::to_string);
        self.typed.reach.organization.clone().or(said)
    }

    /// The accounts that others may be mended at.
    pub(super) fn menders(&self) -> BTreeSet<AccountId> {
        let named = named_menders(&self.baseline, controls::CONTROLS);
        named.into_iter().chain(self.survey.organization.management_account.clone()).collect()
    }

    /// The organization as a plan names it.
    pub(super) fn organization(&self) -> OrganizationLine {
        let Organization { id, management_account, .. } = &self.survey.organization;
        OrganizationLine { id: id.clone(), management_account: management_account.clone() }
    }
}

struct Ground {
    organization: Organization,
    home_region: Region,
    source: Source,
    homes: Homes,
    wanted: Wanted,
}

/// Where the accounts are.
fn units(organization: &Organization) -> impl Iterator<Item = (AccountId, Vec<String>)> {
    organization.accounts.iter().map(|account| (account.id.clone(), account.ou_ids.clone()))
}

/// The baseline that was typed.
pub(super) fn load(typed: &Scoped, today: Date) -> Result<Baseline, Failure> {
    let source = typed.from.baseline.as_deref().unwrap_or("foundation");
    Baseline::load(source, &controls::shapes(), today)
}

/// The controls that the baseline wants anywhere and the options leave.
pub(super) fn chosen(baseline: &Baseline, which: &cli::Which) -> Result<Vec<&'static dyn AnyControl>, Failure> {
    let wanted = baseline.control_ids();
    for typed in which.control.iter().chain(&which.exclude_control) {
        if controls::find(typed).is_none() {
            let ids = controls::CONTROLS.iter().map(|control| control.meta().id);
            let failure = Failure::usage(format!("there is no control `{typed}`"));
            return Err(match baseline::nearest(typed, ids) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`trueup controls` lists them"),
            });
        }
        if !wanted.contains(typed.as_str()) {
            return Err(Failure::usage(format!("the baseline does not name the control `{typed}`"))
                .hint("`trueup baseline show` shows what it names"));
        }
    }
    let left = |id: &&str| {
        (which.control.is_empty() || which.control.iter().any(|only| only == id))
            && !which.exclude_control.iter().any(|without| without == id)
    };
    let chosen: Vec<_> = wanted.into_iter().filter(left).filter_map(controls::find).collect();
    if chosen.is_empty() {
        return Err(Failure::usage("no control is left to judge").hint("leave out fewer with --exclude-control"));
    }
    Ok(chosen)
}

/// The regions: the options win over the baseline.
fn wanted(baseline: &Baseline, select: &cli::Select) -> Result<Wanted, Failure> {
    if select.regions.is_empty() {
        return Ok(match &baseline.regions {
            baseline::Regions::All => Wanted::All,
            baseline::Regions::Only(regions) => Wanted::These(regions.clone()),
        });
    }
    if select.regions == ["all"] {
        return Ok(Wanted::All);
    }
    if select.regions.iter().any(|text| text == "all") {
        return Err(Failure::usage("--regions: `all` stands alone, or the regions are listed"));
    }
    let regions = select.regions.iter().map(|text| text.parse());
    Ok(Wanted::These(regions.collect::<Result<_, _>>().map_err(|error| Failure::usage(format!("--regions: {error}")))?))
}

fn selection(select: &cli::Select) -> Selection {
    Selection {
        accounts: select.account.clone(),
        ous: select.ou.clone(),
        tags: select.tag.clone(),
        exclude_accounts: select.exclude_account.clone(),
        exclude_ous: select.exclude_ou.clone(),
        exclude_tags: select.exclude_tag.clone(),
    }
}

/// The organization; where the caller may not ask for it, the accounts that were named.
async fn discovered(reached: &Reached, baseline: &Baseline, select: &cli::Select) -> Result<Organization, Failure> {
    let selection = selection(select);
    let session = reached.organizations();
    let detail = Detail { tags: selection.needs_tags() || baseline.needs_tags() };
    match organization::discover(&session, detail).await {
        Err(DiscoverError::NotAllowed(error)) => {
            let Some(ids) = selection.explicit_ids() else { return Err(DiscoverError::NotAllowed(error).into()) };
            let mut named = Organization::named(&ids, &reached.caller.partition);
            if let Ok((id, management)) = organization::identify(&session).await {
                named.id = id;
                named.management_account = management;
            }
            Ok(named)
        }
        found => found.map_err(Failure::from),
    }
}

fn check_id(typed: &Scoped, organization: &Organization) -> Result<(), Failure> {
    match (&typed.reach.organization, &organization.id) {
        (Some(wanted), Some(found)) if wanted != found => {
            Err(Failure::usage(format!("--organization says {wanted}, and this is {found}")))
        }
        (Some(wanted), None) => Err(Failure::usage(format!(
            "--organization says {wanted}, and which organization this is could not be found out"
        ))),
        _ => Ok(()),
    }
}

/// Accounts and units that the baseline names have to exist, where the organization is known.
fn check_names(baseline: &Baseline, organization: &Organization) -> Result<(), Failure> {
    if !organization.unknown.is_empty() {
        return Ok(());
    }
    let facts: Vec<AccountFacts> = organization.accounts.iter().map(AccountFacts::from).collect();
    let units: Vec<_> = organization
        .units
        .iter()
        .map(|unit| baseline::UnitFacts { id: unit.id.clone(), path: unit.path.clone() })
        .collect();
    let mistakes = baseline.check_organization(&facts, &units);
    if mistakes.is_empty() { Ok(()) } else { Err(baseline::refuse(mistakes)) }
}

/// An account that others depend on is one of the organization, where that is known.
fn check_named_homes(baseline: &Baseline, organization: &Organization) -> Result<(), Failure> {
    if !organization.unknown.is_empty() {
        return Ok(());
    }
    let known = |id: &AccountId| organization.accounts.iter().any(|account| account.id == *id);
    for control in baseline.control_ids().into_iter().filter_map(controls::find) {
        if let Some(id) = named_homes(baseline, &[control]).iter().find(|id| !known(id)) {
            let control = control.meta().id;
            let setting = naming(baseline, control, id);
            let words = format!("{setting} of {control} names {id}, which the organization does not have");
            return Err(Failure::usage(words).hint("`trueup accounts` lists those that it has"));
        }
    }
    Ok(())
}

/// The setting of a control that names an account.
fn naming(baseline: &Baseline, control: &str, account: &AccountId) -> String {
    let variants = baseline.variants(control);
    let mut settings = variants.iter().filter_map(Value::as_object).flatten();
    let found = settings.find(|(_, value)| value.as_str() == Some(account.as_str()));
    found.map_or_else(|| "a setting".to_owned(), |(name, _)| format!("`{name}`"))
}

/// Where the baseline says one thing for some units or tags, it has to be known what an account has: otherwise an
/// exemption could be passed over in silence, and what it is for be mended.
fn check_known(baseline: &Baseline, organization: &Organization, accounts: &[Account]) -> Result<(), Failure> {
    let lacks = |account: &&Account| {
        account.state.is_active()
            && (baseline.needs_units() && account.ou_path.is_none() || baseline.needs_tags() && account.tags.is_none())
    };
    let Some(account) = accounts.iter().find(lacks) else { return Ok(()) };
    let what = if account.ou_path.is_none() && baseline.needs_units() { "units" } else { "tags" };
    let failure = Failure::failed(format!(
        "could not tell what the baseline asks of {}: it has overrides, exemptions or waves for {what}, and those of the \
         account are not known",
        account.id
    ));
    let unknown = organization.unknown.iter();
    Err(unknown.fold(failure, |failure, unknown| failure.hint(format!("not known: {unknown}"))))
}
