//! What was judged of an account, put together: its rows, its changes, and how much of it was read.

use super::closed::Answers;
use super::rows::Scope;
use super::survey::{BoundControl, Found, Survey, whole};
use super::{Terms, lost, rows};
use crate::assessment::{AccountLine, Assessment, Row, Status, Verdict, VerdictKind};
use crate::control::{Meta, Runs};
use crate::controls;
use crate::drift::Judged;
use crate::failure::Failure;
use crate::observe::ReadError;
use crate::organization::{Account, OptStatus, Wanted};
use crate::plan::{self, Elsewhere};
use crate::target::{Region, Target};

impl Survey {
    pub(super) fn assessment(
        &self,
        (account, scope): (&Account, &Scope<'_>),
        terms: Terms,
        bound: &[BoundControl],
        found: Found,
        elsewhere: &Elsewhere,
    ) -> Result<Assessment, Failure> {
        let Found { regions, between, parts, regions_error } = found;
        let answers = Answers::of(&parts, &self.home_region);
        let mut verdicts = vec![];
        let mut judged = vec![];
        for part in parts {
            let closed = answers.closed(&part);
            for (meta, found) in part.judged {
                verdicts.extend(rows_of(&part.at, meta, bound, closed.as_ref(), &found, scope));
                judged.extend(found.into_iter().flatten().map(|object| (meta, object)));
            }
        }
        for (region, status) in &between {
            verdicts.extend(in_regions(account, bound, std::slice::from_ref(region), &unsettled(region, status)));
        }
        let mut changes = plan::build(&judged, terms.read_only.as_deref(), elsewhere).map_err(Failure::usage)?;
        changes.sort_by_cached_key(|change| {
            (change.region.clone(), controls::position(&change.control), change.kind.clone(), change.object.clone())
        });
        let mut line = line(account, Status::Read);
        if let Some(error) = regions_error {
            line.status = Status::Partial;
            let mend = "allow account:ListRegions or ec2:DescribeRegions, or list the regions in the baseline";
            let mend = if lost::is_lost(&error) { String::new() } else { format!("; {mend}") };
            line.reason = Some(format!(
                "only {} was read, because the account's regions are not known: {}{mend}",
                self.home_region,
                rows::reason(&error)
            ));
        } else if verdicts.iter().any(is_unreadable) {
            line.status = Status::Partial;
            line.reason = verdicts.iter().find(|row| is_unreadable(row)).and_then(|row| row.reason.clone());
        }
        let terms = (!changes.is_empty()).then_some(terms);
        Ok(Assessment { account: line, regions, verdicts, changes, terms })
    }

    /// An account that could not be entered: every requirement is unreadable.
    pub(super) fn unreadable(&self, account: &Account, error: &ReadError) -> Result<Assessment, Failure> {
        let bound = self.bind(&(self.terms)(account))?;
        let regions = match &self.regions {
            Wanted::These(_) => self.regions.of(&[]),
            Wanted::All => vec![],
        };
        let verdict = Verdict::Unreadable(error.clone());
        let whole = whole(account);
        let mut verdicts = vec![];
        for control in bound.iter().filter(|c| c.meta().runs == Runs::EveryAccount || regions.is_empty()) {
            verdicts.extend(rows::of_all(&whole, control.meta(), &control.required(), &verdict));
        }
        verdicts.extend(in_regions(account, &bound, &regions, &verdict));
        let mut line = line(account, Status::Unreadable);
        line.reason = Some(rows::reason(error));
        Ok(Assessment { account: line, regions, verdicts, changes: vec![], terms: None })
    }
}

/// One verdict for everything that is wanted in these regions.
fn in_regions(account: &Account, bound: &[BoundControl], regions: &[Region], verdict: &Verdict) -> Vec<Row> {
    let mut all = vec![];
    for region in regions {
        let at = Target { region: Some(region.clone()), ..whole(account) };
        for control in bound.iter().filter(|control| control.meta().runs == Runs::EveryRegion) {
            all.extend(rows::of_all(&at, control.meta(), &control.required(), verdict));
        }
    }
    all
}

/// What is said of a region that is being switched on or off, which
/// [takes minutes, sometimes hours](https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html).
fn unsettled(region: &Region, status: &OptStatus) -> Verdict {
    if *status == OptStatus::Disabling {
        return Verdict::NotApplicable(format!("{region} is being disabled in this account"));
    }
    Verdict::Pending(format!("{region} is being enabled in this account, which takes some time: plan again later"))
}

fn rows_of(
    at: &Target,
    meta: &'static Meta,
    bound: &[BoundControl],
    closed: Option<&Verdict>,
    found: &Result<Vec<Judged>, ReadError>,
    scope: &Scope<'_>,
) -> Vec<Row> {
    let required = || {
        let control = bound.iter().find(|control| control.meta().id == meta.id);
        control.map(|control| control.required()).unwrap_or_default()
    };
    match (closed, found) {
        (Some(verdict), _) => rows::of_all(at, meta, &required(), verdict),
        (None, Err(error)) => rows::of_all(at, meta, &required(), &Verdict::Unreadable(error.clone())),
        (None, Ok(judged)) => {
            let rows: Vec<Row> = judged.iter().flat_map(|object| rows::of_judged(at, meta, object, scope)).collect();
            if rows.is_empty() {
                let nothing = Verdict::NotApplicable("there is nothing of the kind here".to_owned());
                return rows::of_all(at, meta, &required(), &nothing);
            }
            rows
        }
    }
}

fn is_unreadable(row: &Row) -> bool {
    row.verdict == VerdictKind::Unreadable
}

fn line(account: &Account, status: Status) -> AccountLine {
    AccountLine {
        id: account.id.clone(),
        name: account.name.clone().unwrap_or_default(),
        ou_path: account.ou_path.clone(),
        state: account.state.to_string(),
        status,
        reason: None,
    }
}

pub(super) fn skipped(account: &Account, reason: String) -> Assessment {
    let line = AccountLine { reason: Some(reason), ..line(account, Status::Skipped) };
    Assessment { account: line, regions: vec![], verdicts: vec![], changes: vec![], terms: None }
}
