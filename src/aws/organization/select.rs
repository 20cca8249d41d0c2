//! Which accounts of the organization are meant.

use super::selector::Selector;
use super::{Account, Organization};
use crate::failure::Failure;
use crate::target::AccountId;

/// Which accounts are meant.
///
/// Selectors of one kind add up; of several kinds an account has to meet each: `--ou /Prod --tag tier=1` means those
/// accounts in `/Prod` that bear the tag. Without a selector all are meant. What any exclusion names is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ids, or globs over names.
    pub accounts: Vec<String>,
    /// Paths or ids of units, with everything below.
    pub ous: Vec<String>,
    /// `key` or `key=value`.
    pub tags: Vec<String>,
    /// Ids, or globs over names, that are left out.
    pub exclude_accounts: Vec<String>,
    /// Paths or ids of units that are left out.
    pub exclude_ous: Vec<String>,
    /// Tags whose accounts are left out.
    pub exclude_tags: Vec<String>,
}

/// The accounts that are meant, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// To be worked with.
    pub in_scope: Vec<Account>,
    /// Meant, but not active: listed with their state.
    pub skipped: Vec<Account>,
}

impl Selection {
    /// Whether tags have to be asked for.
    #[must_use]
    pub fn needs_tags(&self) -> bool {
        !self.tags.is_empty() || !self.exclude_tags.is_empty()
    }

    /// The ids, where accounts are selected by nothing else: then Organizations need not be asked. Those that are left
    /// out are among them, so that [`Selection::select`] finds them.
    #[must_use]
    pub fn explicit_ids(&self) -> Option<Vec<AccountId>> {
        let more = !self.ous.is_empty() || !self.exclude_ous.is_empty() || self.needs_tags();
        if more || self.accounts.is_empty() {
            return None;
        }
        // An exclusion by a name needs the names; by an id it does not.
        self.accounts.iter().chain(&self.exclude_accounts).map(|text| text.parse().ok()).collect()
    }

    /// The accounts that are meant.
    ///
    /// # Errors
    /// A selector matches nothing, or nothing is in scope: both usage.
    pub fn select(&self, organization: &Organization) -> Result<Scope, Failure> {
        let kinds = [
            parse(&self.accounts, Selector::account)?,
            parse(&self.ous, |text| Ok(Selector::unit(text)))?,
            parse(&self.tags, |text| Ok(Selector::tag(text)))?,
        ];
        let mut excluded = parse(&self.exclude_accounts, Selector::account)?;
        excluded.extend(parse(&self.exclude_ous, |text| Ok(Selector::unit(text)))?);
        excluded.extend(parse(&self.exclude_tags, |text| Ok(Selector::tag(text)))?);
        for selector in kinds.iter().flatten().chain(&excluded) {
            selector.must_match(organization)?;
        }
        let any = |selectors: &[Selector], account: &Account| selectors.iter().any(|one| one.matches(account));
        let meant = |account: &&Account| {
            kinds.iter().all(|kind| kind.is_empty() || any(kind, account)) && !any(&excluded, account)
        };
        let meant = organization.accounts.iter().filter(meant).cloned();
        let (in_scope, skipped): (Vec<_>, Vec<_>) = meant.partition(|account| account.state.is_active());
        if in_scope.is_empty() {
            return Err(nothing_in_scope(&skipped));
        }
        Ok(Scope { in_scope, skipped })
    }
}

fn nothing_in_scope(skipped: &[Account]) -> Failure {
    let failure = Failure::usage("no account is in scope");
    if skipped.is_empty() {
        return failure.hint("the selectors and exclusions leave none: `trueup accounts` lists what there is");
    }
    let states: Vec<String> = skipped.iter().map(|account| format!("{} is {}", account.id, account.state)).collect();
    failure.hint(format!("those that are selected are not active: {}", states.join(", ")))
}

fn parse<'a>(
    texts: &'a [String],
    one: impl Fn(&'a str) -> Result<Selector<'a>, Failure>,
) -> Result<Vec<Selector<'a>>, Failure> {
    texts.iter().map(|text| one(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::State;
    use crate::target::Partition;

    fn organization() -> Organization {
        let account = |id: &str, name: &str, path: &str, ids: &[&str], tier: &str, state: State| Account {
            id: id.parse().expect("an id"),
            name: Some(name.to_owned()),
            state,
            ou_path: Some(path.to_owned()),
            ou_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            tags: Some([("tier".to_owned(), tier.to_owned())].into()),
            joined: None,
        };
        let partition = Partition::of_arn("arn:aws:iam::1:root").expect("an ARN");
        Organization {
            accounts: vec![
                account("000000000001", "management", "/", &["r-1"], "0", State::Active),
                account("000000000002", "prod-web", "/Prod", &["r-1", "ou-prod"], "1", State::Active),
                account("000000000003", "prod-db", "/Prod/Data", &["r-1", "ou-prod", "ou-data"], "2", State::Active),
                account("000000000004", "old", "/Products", &["r-1", "ou-products"], "9", State::Suspended),
            ],
            units: vec![],
            unknown: vec![],
            ..Organization::named(&[], &partition)
        }
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    fn ends(accounts: &[Account]) -> String {
        accounts.iter().filter_map(|account| account.id.as_str().chars().last()).collect()
    }

    fn selected(selection: &Selection) -> String {
        let scope = selection.select(&organization()).expect("a scope");
        format!("{}|{}", ends(&scope.in_scope), ends(&scope.skipped))
    }

    #[test]
    fn without_a_selector_all_are_meant_and_the_inactive_are_skipped() {
        assert_eq!(selected(&Selection::default()), "123|4");
    }

    #[test]
    fn accounts_are_selected_by_id_and_by_a_glob_over_names() {
        let by = |accounts: &[&str]| selected(&Selection { accounts: texts(accounts), ..Selection::default() });
        assert_eq!(by(&["000000000001"]), "1|");
        assert_eq!(by(&["prod-*"]), "23|");
        assert_eq!(by(&["prod-db", "000000000001"]), "13|");
    }

    #[test]
    fn a_unit_means_everything_below_and_no_namesake() {
        let by = |ous: &[&str]| selected(&Selection { ous: texts(ous), ..Selection::default() });
        assert_eq!(by(&["/Prod"]), "23|");
        assert_eq!(by(&["Prod/Data/"]), "3|");
        assert_eq!(by(&["ou-prod"]), "23|");
        assert_eq!(by(&["/"]), "123|4");
    }

    #[test]
    fn selectors_of_several_kinds_have_all_to_be_met() {
        let selection = Selection { ous: texts(&["/Prod"]), tags: texts(&["tier=2"]), ..Selection::default() };
        assert_eq!(selected(&selection), "3|");
    }

    #[test]
    fn what_any_exclusion_names_is_left_out() {
        let selection = Selection {
            exclude_accounts: texts(&["management"]),
            exclude_ous: texts(&["/Prod/Data"]),
            exclude_tags: texts(&["tier=9"]),
            ..Selection::default()
        };
        assert_eq!(selected(&selection), "2|");
    }

    #[test]
    fn a_selector_that_matches_nothing_is_wrong_usage_and_names_the_nearest() {
        for (selection, wrong, nearest) in [
            (Selection { accounts: texts(&["prod-wbe"]), ..Selection::default() }, "name `prod-wbe`", "prod-web"),
            (Selection { ous: texts(&["/Prod/Dat"]), ..Selection::default() }, "unit `/Prod/Dat`", "/Prod/Data"),
            (Selection { exclude_tags: texts(&["teir=1"]), ..Selection::default() }, "tag `teir=1`", "tier=1"),
            (Selection { accounts: texts(&["000000000009"]), ..Selection::default() }, "account `000000000009`", "0"),
        ] {
            let failure = selection.select(&organization()).expect_err("nothing matches");
            assert_eq!(failure.kind, crate::failure::Kind::Usage);
            assert_eq!(failure.message, format!("no account matches the {wrong}"));
            assert!(failure.hints[0].contains(nearest), "{failure}");
        }
    }

    #[test]
    fn a_tag_that_is_like_no_other_is_answered_by_those_that_there_are() {
        let hint = |organization: &Organization| {
            let selection = Selection { tags: texts(&["cost-centre=4711"]), ..Selection::default() };
            selection.select(organization).expect_err("nothing matches").hints.remove(0)
        };
        let mut organization = organization();
        assert_eq!(hint(&organization), "there are `tier=0`, `tier=1`, `tier=2`, `tier=9`");
        for (number, account) in organization.accounts.iter_mut().enumerate() {
            account.tags = Some((0..4).map(|tag| (format!("t{number}{tag}"), String::new())).collect());
        }
        assert!(hint(&organization).ends_with("`t21=`, `t22=`, `t23=` and 4 more"), "{}", hint(&organization));
        organization.accounts.iter_mut().for_each(|account| account.tags = Some([].into()));
        assert_eq!(hint(&organization), "no account has a tag");
    }

    #[test]
    fn nothing_in_scope_is_wrong_usage_and_says_why() {
        let old = Selection { accounts: texts(&["old"]), ..Selection::default() };
        let failure = old.select(&organization()).expect_err("suspended");
        assert_eq!(failure.message, "no account is in scope");
        assert!(failure.hints[0].contains("000000000004 is SUSPENDED"), "{failure}");
        let none = Selection { accounts: texts(&["prod-*"]), exclude_ous: texts(&["/Prod"]), ..Selection::default() };
        assert!(none.select(&organization()).is_err());
    }

    #[test]
    fn what_is_not_known_cannot_be_selected_by() {
        let mut organization = organization();
        organization.accounts[1].ou_path = None;
        organization.unknown = texts(&["in which units the accounts are: denied"]);
        let selection = Selection { exclude_ous: texts(&["/Prod/Data"]), ..Selection::default() };
        let failure = selection.select(&organization).expect_err("unknown");
        assert_eq!(failure.kind, crate::failure::Kind::Failed);
        assert!(failure.hints[0].contains("in which units"), "{failure}");
    }

    #[test]
    fn ids_alone_need_no_organization() {
        let ids = |selection: Selection| selection.explicit_ids().map(|ids| ids.len());
        let two = texts(&["000000000001", "000000000002"]);
        assert_eq!(ids(Selection { accounts: two.clone(), ..Selection::default() }), Some(2));
        let without =
            Selection { accounts: two.clone(), exclude_accounts: texts(&["000000000001"]), ..Selection::default() };
        assert_eq!(ids(without), Some(3), "also those that are left out, whom `select` looks for");
        assert_eq!(ids(Selection { accounts: texts(&["prod-*"]), ..Selection::default() }), None);
        assert_eq!(ids(Selection { accounts: two, ous: texts(&["/"]), ..Selection::default() }), None);
        assert_eq!(ids(Selection::default()), None);
    }
}
