//! Hand-made accounts, refusals and exemptions for the tests of controls and of reports.

use crate::assessment::Verdict;
use crate::control::{Accepted, Context, Control, OfOthers};
use crate::drift::{Drift, Fix, Judged};
use crate::observe::iam::PasswordPolicy;
use crate::observe::{Class, DeniedBy, ReadError};
use crate::steps::Step;
use crate::target::{AccountId, Partition, Region, Target};

/// The account that is judged.
pub(crate) const HERE: &str = "111122223333";
/// The management account of its organization.
pub(crate) const MANAGEMENT: &str = "999900001111";
/// The region that is judged, and the home region of the run.
pub(crate) const REGION: &str = "eu-west-1";

pub(crate) fn id(text: &str) -> AccountId {
    text.parse().expect("an id")
}

pub(crate) fn region(text: &str) -> Region {
    text.parse().expect("a region")
}

/// An account as a whole.
pub(crate) fn account(text: &str) -> Target {
    Target { account: id(text), region: None }
}

/// An account in [`REGION`].
pub(crate) fn account_in_region(text: &str) -> Target {
    Target { account: id(text), region: Some(region(REGION)) }
}

/// What a control says of what was seen there.
pub(crate) fn judged_at<C: Control>(
    at: Target,
    seen: &C::Observed,
    wanted: &C::Settings,
    accepted: &[Accepted],
) -> Vec<Judged> {
    judged_with::<C>(at, seen, wanted, accepted, &[])
}

/// The same where the baseline asks something of other accounts, whose objects are changed from there.
pub(crate) fn judged_with<C: Control>(
    at: Target,
    seen: &C::Observed,
    wanted: &C::Settings,
    accepted: &[Accepted],
    others: &[(String, OfOthers)],
) -> Vec<Judged> {
    let (home_region, management) = (region(REGION), id(MANAGEMENT));
    let partition = Partition::of_arn(concat!("arn:", "aws", ":iam::111122223333:root")).expect("an ARN");
    let context = Context {
        at,
        home_region: &home_region,
        partition: &partition,
        organization: Some("o-abc1234567"),
        management: Some(&management),
        accepted,
        others,
        today: jiff::civil::date(2026, 12, 1),
        made: &[],
    };
    C::evaluate(&context, seen, wanted)
}

/// An exemption from this requirement, of any object.
pub(crate) fn exempt(requirement: &str) -> Accepted {
    Accepted { requirement: requirement.to_owned(), objects: vec![], reason: "agreed".to_owned(), index: 0 }
}

/// The refusal of an action there.
pub(crate) fn denied(action: &str, at: Target) -> ReadError {
    ReadError {
        at,
        action: action.to_owned(),
        class: Class::Denied(DeniedBy::Identity),
        code: Some("AccessDeniedException".to_owned()),
        message: String::new(),
        status: None,
        request_id: None,
    }
}

/// The short names of the requirements of a control with such a verdict.
pub(crate) fn named<C: Control>(judged: &Judged, such: impl Fn(&Verdict) -> bool) -> Vec<&'static str> {
    let short =
        |id: &'static str| id.strip_prefix(C::META.id).and_then(|rest| rest.strip_prefix('.')).expect("its own");
    judged.findings.iter().filter(|finding| such(&finding.verdict)).map(|finding| short(finding.requirement)).collect()
}

/// The drift that was found.
pub(crate) fn drift(judged: &Judged) -> &Drift {
    judged.drift.as_ref().expect("it drifted")
}

/// The steps that mend what drifted.
pub(crate) fn steps(judged: &Judged) -> &[Step] {
    match &drift(judged).fix {
        Fix::Steps { steps, .. } => steps,
        other => panic!("no steps: {other:?}"),
    }
}

/// A baseline that asks for every control, up to and with its `controls:`, so that more may follow.
pub(crate) const EVERY_CONTROL: &str = include_str!("../../tests/every_control.yaml");

/// A password policy that is strong in everything but the age of passwords.
pub(crate) fn strong_policy() -> PasswordPolicy {
    PasswordPolicy {
        minimum_length: 14,
        require_symbols: true,
        require_numbers: true,
        require_uppercase: true,
        require_lowercase: true,
        allow_users_to_change: true,
        max_age_days: None,
        reuse_prevention: Some(24),
        hard_expiry: false,
    }
}
