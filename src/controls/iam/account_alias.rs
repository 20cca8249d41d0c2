//! `iam.account_alias`: the name in an account's sign-in address.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::iam::Alias;
use crate::observe::{Home, Reads};
use crate::steps::Step;
use crate::steps::iam::CreateAccountAlias;

/// See the module.
pub struct AccountAlias;

/// Which alias the account has to have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// The alias, in which `{account}` may stand: 3 to 63 small letters, digits and hyphens. It is unique among all accounts
    /// of AWS.
    #[schemars(length(min = 3, max = 63), regex(pattern = r"^([a-z0-9]|\{account\})(-?([a-z0-9]|\{account\}))*$"))]
    alias: Option<String>,
    /// Be content with any alias.
    any: Option<Yes>,
}

const NAME: &str = "account alias";

impl Control for AccountAlias {
    const META: Meta = Meta {
        id: "iam.account_alias",
        title: "The account has the wanted alias",
        why: "People who see a name in place of twelve digits notice when they are about to sign in to the wrong account.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "iam.account_alias.alias",
            title: "The account has the wanted alias, or any where any will do",
            severity: Severity::Low,
            references: &[],
        }],
        steps: &["CreateAccountAlias"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["Another alias in the place of the former breaks bookmarks of the sign-in page."],
        undo: &["The former alias is set again, or the alias is deleted where there was none."],
        traps: &[
            "An alias is one for all of AWS: if somebody else has it, AWS refuses it.",
            "An account has one alias, so a new one takes the place of the former, which anybody may then take.",
        ],
    };

    type Settings = Settings;
    type Observed = Alias;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        if wanted.alias.is_some() || wanted.any.is_some() { vec!["alias"] } else { vec![] }
    }

    fn evaluate(context: &Context<'_>, seen: &Alias, wanted: &Settings) -> Vec<Judged> {
        if Self::required(wanted).is_empty() {
            return vec![];
        }
        let alias = wanted.alias.as_ref().map(|alias| context.named(alias, context.home_region));
        let mut bench = context.object(const { &Self::META }, NAME).absent(seen.0.is_none());
        let met = seen.0.is_some() && (wanted.any.is_some() || seen.0 == alias);
        let shown = if wanted.any.is_some() { "any alias" } else { alias.as_deref().unwrap_or_default() };
        bench.judge("alias", met, seen.0.as_ref().map_or(Value::Null, |alias| json!(alias)), json!(shown));
        vec![bench.mend(|| match alias {
            Some(alias) => {
                let step = CreateAccountAlias { alias, before: seen.0.clone() };
                Fix::Steps { steps: vec![Step::CreateAccountAlias(step)], needs: vec![] }
            }
            None => Fix::Manual("give the account an alias, or name one in `iam.account_alias.alias`".to_owned()),
        })]
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.alias.is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: vec![Reads::of::<Alias>()], steps, ..Needs::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at, steps};
    use crate::steps::Risk;

    fn settings(value: Value) -> Settings {
        serde_json::from_value(value).expect("settings")
    }

    fn judged(seen: Option<&str>, wanted: Value) -> Judged {
        let seen = Alias(seen.map(str::to_owned));
        judged_at::<AccountAlias>(account(HERE), &seen, &settings(wanted), &[]).remove(0)
    }

    #[test]
    fn the_wanted_alias_is_compliant_and_any_is_where_any_will_do() {
        for wanted in [json!({"alias": "acme-{account}"}), json!({"any": true}), json!({"any": true, "alias": "acme"})]
        {
            let judged = judged(Some("acme-111122223333"), wanted);
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
        }
    }

    #[test]
    fn another_alias_is_replaced_which_breaks_bookmarks_and_an_absent_one_is_made() {
        for (before, risk) in [(Some("old"), Risk::Disruptive), (None, Risk::Safe)] {
            let judged = judged(before, json!({"alias": "acme-{account}"}));
            let step = CreateAccountAlias { alias: "acme-111122223333".to_owned(), before: before.map(str::to_owned) };
            assert_eq!(steps(&judged), [Step::CreateAccountAlias(step)]);
            assert_eq!((steps(&judged)[0].risk(), drift(&judged).absent), (risk, before.is_none()));
        }
    }

    #[test]
    fn where_any_will_do_and_none_is_named_a_person_chooses_one() {
        assert!(matches!(&drift(&judged(None, json!({"any": true}))).fix, Fix::Manual(_)));
        assert!(AccountAlias::needs(&settings(json!({"any": true})), Home::Member).steps.is_empty());
    }

    #[test]
    fn an_exempt_account_keeps_its_alias() {
        let wanted = settings(json!({"alias": "acme"}));
        let accepted = [exempt("iam.account_alias.alias")];
        let judged = judged_at::<AccountAlias>(account(HERE), &Alias(None), &wanted, &accepted).remove(0);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(judged_at::<AccountAlias>(account(HERE), &Alias(None), &Settings::default(), &[]), []);
    }
}
