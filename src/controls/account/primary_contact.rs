//! `account.primary_contact`: who the owner of an account is to AWS.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::cis;
use crate::observe::account::ContactInformation;
use crate::observe::{Home, Reads};
use crate::steps::Step;
use crate::steps::account::PutContactInformation;

/// See the module.
pub struct PrimaryContact;

/// Whom the account has to name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// The primary contact: what is given has to be the same, and `{}` is content with any.
    details: Option<ContactInformation>,
    /// Let apply write what differs. Left out, a person is told: it is data of contracts and bills.
    mend: Option<Yes>,
}

const NAME: &str = "primary contact";

impl Control for PrimaryContact {
    const META: Meta = Meta {
        id: "account.primary_contact",
        title: "The account's primary contact is kept up to date",
        why: "AWS turns to the primary contact when it suspects that an account was taken over, or when a bill is not \
              paid. Where nobody answers, it may suspend the account.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "account.primary_contact.details",
            title: "The primary contact is as wanted",
            severity: Severity::Low,
            references: &[cis("1.4-5.0", "1.1"), cis("6.0", "2.1"), cis("7.0", "2.2")],
        }],
        steps: &["PutContactInformation"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["The former details are set again."],
        traps: &[
            "Details are replaced as a whole, so what the baseline leaves out is read and sent along.",
            "For accounts that AWS bills through a seller of its services, the details may belong into somebody \
             else's hands: that is why nothing is written without `mend: true`.",
        ],
    };

    type Settings = Settings;
    type Observed = Option<ContactInformation>;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.details.as_ref().map(|_| "details").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Self::Observed, wanted: &Settings) -> Vec<Judged> {
        let Some(asked) = &wanted.details else { return vec![] };
        let mut bench = context.object(const { &Self::META }, NAME).absent(seen.is_none());
        let contact = seen.clone().unwrap_or_default().with(asked);
        let any = *asked == ContactInformation::default();
        let shown = if any { json!("any contact") } else { json!(asked) };
        let observed = seen.as_ref().map_or(Value::Null, |seen| json!(seen.as_far_as(asked)));
        bench.judge("details", seen.as_ref() == Some(&contact), observed, shown);
        vec![bench.mend(|| {
            let lacks: Vec<&str> = contact.lacks().collect();
            if !lacks.is_empty() {
                let words = format!("AWS takes no primary contact without {}: give that as well", lacks.join(", "));
                return Fix::Manual(words);
            }
            if wanted.mend.is_none() {
                let words = "change the primary contact in the account's settings, or let apply do it by \
                             `account.primary_contact.mend`";
                return Fix::Manual(words.to_owned());
            }
            let step = PutContactInformation { contact, before: seen.clone() };
            Fix::Steps { steps: vec![Step::PutContactInformation(step)], needs: vec![] }
        })]
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.mend.is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: vec![Reads::of::<Self::Observed>()], steps, ..Needs::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at, steps};

    fn contact(value: Value) -> ContactInformation {
        serde_json::from_value(value).expect("a contact")
    }

    fn acme() -> ContactInformation {
        contact(json!({
            "full_name": "Acme", "address_line_1": "1 Main Street", "address_line_2": "Floor 2", "city": "Springfield",
            "postal_code": "12345", "country_code": "US", "state_or_region": "IL", "phone_number": "+15550100",
        }))
    }

    fn asking(details: Value, mend: bool) -> Settings {
        Settings { details: Some(contact(details)), mend: mend.then_some(Yes) }
    }

    fn judged(seen: Option<&ContactInformation>, wanted: &Settings) -> Judged {
        judged_at::<PrimaryContact>(account(HERE), &seen.cloned(), wanted, &[]).remove(0)
    }

    #[test]
    fn a_contact_as_wanted_is_compliant_and_any_is_where_nothing_is_said() {
        for details in [json!({}), json!({"full_name": "Acme"}), json!(acme())] {
            let judged = judged(Some(&acme()), &asking(details, true));
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
        }
    }

    #[test]
    fn what_differs_is_written_with_everything_else_as_it_was() {
        for (field, _) in acme().fields() {
            let judged = judged(Some(&acme()), &asking(json!({ field: "other" }), true));
            let contact = acme().with(&contact(json!({ field: "other" })));
            let step = PutContactInformation { contact, before: Some(acme()) };
            assert_eq!(steps(&judged), [Step::PutContactInformation(step)], "{field}");
        }
    }

    #[test]
    fn nothing_is_written_unless_the_baseline_lets_it_be() {
        let judged = judged(Some(&acme()), &asking(json!({"city": "Shelbyville"}), false));
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
        assert!(words.contains("account.primary_contact.mend"), "{words}");
        let wanted = asking(json!({"city": "Shelbyville"}), false);
        assert!(PrimaryContact::needs(&wanted, Home::Member).steps.is_empty());
    }

    #[test]
    fn an_absent_contact_is_made_where_enough_of_it_is_known() {
        let made = judged(None, &asking(json!(acme()), true));
        let step = PutContactInformation { contact: acme(), before: None };
        assert_eq!(steps(&made), [Step::PutContactInformation(step)]);
        let judged = judged(None, &asking(json!({"full_name": "Acme", "city": "Springfield"}), true));
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
        assert!(words.contains("without address_line_1, postal_code, country_code, phone_number"), "{words}");
    }

    #[test]
    fn an_exempt_contact_is_left_alone() {
        let exempt = exempt("account.primary_contact.details");
        let wanted = asking(json!({"city": "Shelbyville"}), true);
        let judged = judged_at::<PrimaryContact>(account(HERE), &Some(acme()), &wanted, &[exempt]).remove(0);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(PrimaryContact::required(&Settings::default()), Vec::<&str>::new());
        assert_eq!(judged_at::<PrimaryContact>(account(HERE), &Some(acme()), &Settings::default(), &[]), []);
    }
}
