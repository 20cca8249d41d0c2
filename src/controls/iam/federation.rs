//! `iam.federation`: whether people come from an identity provider, and not as users of the account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::references;
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::iam::Federation as Observed;

/// See the module.
pub struct Federation;

/// Where people have to come from.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require a SAML identity provider (Identity Center brings one) where users sign in to the console.
    provider: Option<Yes>,
    /// Users with a password for the console that an account without a provider may have, 0 to 5000. Default 0.
    #[schemars(range(min = 0, max = 5000))]
    max_console_users: Option<u32>,
}

const NAME: &str = "identity providers";

impl Control for Federation {
    const META: Meta = Meta {
        id: "iam.federation",
        title: "People come from an identity provider",
        why: "Users of single accounts are forgotten when people leave. Who comes from the organization's identity \
              provider is shut out of all accounts at once.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "iam.federation.provider",
            title: "There is an identity provider, or nobody signs in to the console without one",
            severity: Severity::Low,
            references: references::FEDERATION,
        }],
        steps: &[],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &[
            "Nothing is written, so there is nothing to undo: which directory people come from is for a person to \
             set up.",
        ],
        traps: &[
            "A provider that nobody trusts in any role lets nobody in: that it is there says only that it was begun.",
            "Providers of OpenID Connect do not count: by them programs sign in, such as those of a cluster or a pipeline, \
             and not people at the console.",
        ],
    };

    type Settings = Settings;
    type Observed = Observed;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.provider.map(|Yes| "provider").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Observed, wanted: &Settings) -> Vec<Judged> {
        if wanted.provider.is_none() {
            return vec![];
        }
        let most = wanted.max_console_users.unwrap_or(0);
        let mut bench = context.object(const { &Self::META }, NAME);
        let few = seen.console_users <= usize::try_from(most).unwrap_or(usize::MAX);
        let observed = if seen.providers > 0 {
            json!(format!("{} SAML providers", seen.providers))
        } else {
            json!(format!("no SAML provider, {} users with a password", seen.console_users))
        };
        let wanted = json!(format!("a SAML provider, or {most} users with a password at most"));
        bench.judge("provider", seen.providers > 0 || few, observed, wanted);
        vec![bench.mend(|| {
            let words = "assign people to this account in Identity Center, or make a SAML provider for it, and then take the \
                         users away";
            Fix::Manual(words.to_owned())
        })]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at};

    fn judged(providers: usize, console_users: usize, most: Option<u32>) -> Judged {
        let wanted = Settings { provider: Some(Yes), max_console_users: most };
        judged_at::<Federation>(account(HERE), &Observed { providers, console_users }, &wanted, &[]).remove(0)
    }

    #[test]
    fn a_provider_or_no_console_users_is_compliant() {
        for judged in [judged(1, 0, None), judged(0, 0, None), judged(0, 2, Some(2))] {
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
        }
    }

    #[test]
    fn console_users_without_a_provider_are_left_to_a_person() {
        for judged in [judged(0, 1, None), judged(0, 3, Some(2))] {
            assert!(matches!(&drift(&judged).fix, Fix::Manual(words) if words.contains("Identity Center")));
        }
    }

    #[test]
    fn an_exempt_account_is_left_alone() {
        let wanted = Settings { provider: Some(Yes), max_console_users: None };
        let seen = Observed { providers: 0, console_users: 1 };
        let judged = judged_at::<Federation>(account(HERE), &seen, &wanted, &[exempt("iam.federation.provider")]);
        assert!(matches!(judged[0].findings[0].verdict, Verdict::Exempt(_)) && judged[0].drift.is_none());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        let seen = Observed { providers: 0, console_users: 1 };
        assert_eq!(judged_at::<Federation>(account(HERE), &seen, &Settings::default(), &[]), []);
    }
}
