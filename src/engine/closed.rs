//! Regions that have nothing to judge, told from credentials that are no good and from services that are denied.

use super::survey::Part;
use crate::assessment::Verdict;
use crate::observe::{Class, ReadError};
use crate::target::Region;

/// What the answers of an account say about its session and its home region.
pub(super) struct Answers {
    /// The session is good: AWS knew it somewhere, or nothing was asked at home, where it was made.
    session_works: bool,
    /// All that was asked in the home region was denied by service control policies: then these deny services and close
    /// no region, unless another region answers.
    denies_services: bool,
}

impl Answers {
    pub(super) fn of(parts: &[Part], home: &Region) -> Self {
        let asked = || parts.iter().filter(|part| !part.judged.is_empty());
        let known = asked().flat_map(|part| &part.judged).any(|(_, found)| found.as_ref().err().is_none_or(was_known));
        let at_home = |part: &&Part| part.at.region.as_ref().is_none_or(|region| region == home);
        let in_home_region = asked().find(|part| part.at.region.as_ref() == Some(home));
        let mut others = asked().filter(|part| part.at.region.as_ref().is_some_and(|region| region != home));
        Self {
            session_works: known || !asked().any(|part| at_home(&part)),
            denies_services: in_home_region.is_some_and(is_denied_by_scp) && others.all(is_denied_by_scp),
        }
    }

    /// Why a whole region has nothing to judge: it is not enabled, or service control policies close it.
    pub(super) fn closed(&self, part: &Part) -> Option<Verdict> {
        let region = part.at.region.as_ref()?;
        if self.session_works && all(part, |error| error.class == Class::RegionDisabled) {
            return Some(Verdict::NotApplicable(format!("{region} is not enabled in this account")));
        }
        let closed = !self.denies_services && is_denied_by_scp(part);
        closed.then(|| Verdict::NotApplicable(format!("{region} is closed by SCP")))
    }
}

/// Whether AWS knew who asked: a refusal by a policy comes after that, and has a code.
fn was_known(error: &ReadError) -> bool {
    matches!(error.class, Class::Denied(_)) && error.code.is_some()
}

/// An SCP that merely does not allow something does not close a region.
fn is_denied_by_scp(part: &Part) -> bool {
    all(part, |error| {
        matches!(error.class, Class::Denied(_)) && error.message.contains("explicit deny in a service control policy")
    })
}

/// Whether every control met such an error in this very account: what a home refuses says nothing of the account.
fn all(part: &Part, such: impl Fn(&ReadError) -> bool) -> bool {
    let met = |error: &ReadError| error.at.account == part.at.account && such(error);
    !part.judged.is_empty() && part.judged.iter().all(|(_, found)| found.as_ref().is_err_and(met))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::CONTROLS;
    use crate::observe::DeniedBy;
    use crate::target::Target;

    const SCP: Class = Class::Denied(DeniedBy::Scp);
    const EXPLICIT: &str = "with an explicit deny in a service control policy";

    /// What a region answered: nothing wrong, or this error.
    fn part(region: Option<&str>, met: Option<(Class, &str)>) -> Part {
        let at = Target {
            account: "111122223333".parse().expect("an id"),
            region: region.map(|region| region.parse().expect("a region")),
        };
        let found = match met {
            None => Ok(vec![]),
            Some((class, message)) => Err(ReadError {
                at: at.clone(),
                action: "kms:ListKeys".to_owned(),
                class,
                code: Some("AccessDeniedException".to_owned()),
                message: message.to_owned(),
                status: None,
                request_id: None,
            }),
        };
        Part { at, judged: vec![(CONTROLS[0].meta(), found)] }
    }

    /// Why each part is closed.
    fn closed(parts: &[Part]) -> Vec<Option<String>> {
        let answers = Answers::of(parts, &"us-east-1".parse().expect("a region"));
        let why = |part| match answers.closed(part) {
            Some(Verdict::NotApplicable(why)) => Some(why),
            _ => None,
        };
        parts.iter().map(why).collect()
    }

    #[test]
    fn a_region_is_not_enabled_only_where_the_session_works() {
        let disabled = Some((Class::RegionDisabled, ""));
        let not_enabled = Some("eu-west-1 is not enabled in this account".to_owned());
        let home = |met| part(Some("us-east-1"), met);
        let other = || part(Some("eu-west-1"), disabled);
        assert_eq!(closed(&[home(None), other()]), [None, not_enabled.clone()]);
        assert_eq!(closed(&[home(disabled), other()]), [None, None], "the credentials are no good");
        assert_eq!(closed(&[other()]), std::slice::from_ref(&not_enabled), "nothing was asked at home");
        let denied = Some((Class::Denied(DeniedBy::Identity), ""));
        assert_eq!(closed(&[home(denied), other()]), [None, not_enabled], "who is denied is known");
        let failed = Some((Class::Failed, ""));
        assert_eq!(closed(&[home(failed), other()]), [None, None]);
    }

    #[test]
    fn the_account_as_a_whole_is_never_closed() {
        assert_eq!(closed(&[part(None, Some((SCP, EXPLICIT))), part(Some("eu-west-1"), None)]), [None, None]);
    }

    #[test]
    fn an_explicit_deny_of_everything_closes_a_region_and_a_missing_allow_does_not() {
        let open = || part(Some("us-east-1"), None);
        let region = |message| part(Some("eu-west-1"), Some((SCP, message)));
        let by_scp = Some("eu-west-1 is closed by SCP".to_owned());
        assert_eq!(closed(&[open(), region(EXPLICIT)]), [None, by_scp.clone()]);
        let silent = "because no service control policy allows the kms:ListKeys action";
        assert_eq!(closed(&[open(), region(silent)]), [None, None]);
        assert_eq!(closed(&[region(EXPLICIT)]), [by_scp], "the home region was not asked");
    }

    #[test]
    fn what_is_denied_at_home_and_everywhere_is_a_service_and_not_a_region() {
        let denied = |region| part(Some(region), Some((SCP, EXPLICIT)));
        assert_eq!(closed(&[denied("us-east-1")]), [None]);
        assert_eq!(closed(&[denied("us-east-1"), denied("eu-west-1")]), [None, None]);
        let home = Some("us-east-1 is closed by SCP".to_owned());
        assert_eq!(closed(&[denied("us-east-1"), part(Some("eu-west-1"), None)]), [home, None]);
    }

    #[test]
    fn one_control_that_is_answered_keeps_a_region_open() {
        let mut both = part(Some("eu-west-1"), Some((SCP, EXPLICIT)));
        both.judged.extend(part(Some("eu-west-1"), None).judged);
        assert_eq!(closed(&[part(Some("us-east-1"), None), both]), [None, None]);
    }

    #[test]
    fn what_a_home_refuses_closes_no_region_of_a_member() {
        let mut of_home = part(Some("eu-west-1"), Some((Class::RegionDisabled, "")));
        if let Some((_, Err(error))) = of_home.judged.first_mut() {
            error.at.account = "999988887777".parse().expect("an id");
        }
        assert_eq!(closed(&[part(Some("us-east-1"), None), of_home]), [None, None]);
    }
}
