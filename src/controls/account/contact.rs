//! `account.contact`: whom AWS writes to about security, billing and operations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::drift::{Fix, Judged};
use crate::frameworks::{Reference, cis, security_hub};
use crate::observe::account::{Contact as Registered, Contacts, Kind};
use crate::steps::Step;
use crate::steps::account::PutAlternateContact;

/// See the module.
pub struct Contact;

/// Which contacts have to be registered.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// The contact for security: what is given has to be the same, and `{}` is content with any contact.
    security: Option<Wanted>,
    /// The contact for billing, in the same way.
    billing: Option<Wanted>,
    /// The contact for operations, in the same way.
    operations: Option<Wanted>,
}

/// What a contact has to be. All four have to be given for a contact to be registered where there is none.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
struct Wanted {
    /// The name, at most 64 characters.
    #[schemars(length(min = 1, max = 64))]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The title, at most 50 characters.
    #[schemars(length(min = 1, max = 50))]
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The mail address, at most 254 characters.
    #[schemars(length(min = 1, max = 254))]
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The telephone number, at most 25 characters.
    #[schemars(length(min = 1, max = 25))]
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

impl Settings {
    fn of(&self, kind: Kind) -> Option<&Wanted> {
        match kind {
            Kind::Security => self.security.as_ref(),
            Kind::Billing => self.billing.as_ref(),
            Kind::Operations => self.operations.as_ref(),
        }
    }
}

impl Wanted {
    fn fields(&self) -> [(&'static str, &Option<String>); 4] {
        [("name", &self.name), ("title", &self.title), ("email", &self.email), ("phone", &self.phone)]
    }

    /// The contact that is there, or none, with what is wanted in its place; or what is missing for that.
    fn drafted(&self, registered: Option<&Registered>) -> Result<Registered, Vec<&'static str>> {
        let lacking: Vec<_> =
            self.fields().into_iter().filter(|(_, field)| field.is_none()).map(|(name, _)| name).collect();
        if registered.is_none() && !lacking.is_empty() {
            return Err(lacking);
        }
        let Registered { name, title, email, phone } = registered.cloned().unwrap_or_default();
        Ok(Registered {
            name: self.name.clone().unwrap_or(name),
            title: self.title.clone().unwrap_or(title),
            email: self.email.clone().unwrap_or(email),
            phone: self.phone.clone().unwrap_or(phone),
        })
    }

    fn shown(&self) -> Value {
        if self.fields().iter().all(|(_, field)| field.is_none()) { json!("any contact") } else { json!(self) }
    }
}

const fn requirement(
    id: &'static str,
    title: &'static str,
    severity: Severity,
    references: &'static [Reference],
) -> Requirement {
    Requirement { id, title, severity, references }
}

impl Control for Contact {
    const META: Meta = Meta {
        id: "account.contact",
        title: "AWS knows whom to write to",
        why: "AWS writes to the root user's address, which few people read, unless an account names who is responsible. \
              A notice of abuse or of a leaked key that nobody reads can cost the account.",
        runs: Runs::EveryAccount,
        requirements: &[
            requirement(
                "account.contact.security",
                "The contact for security is registered as wanted",
                Severity::Medium,
                &[cis("1.4-5.0", "1.2"), cis("6.0", "2.2"), cis("7.0", "2.3"), security_hub("Account.1")],
            ),
            requirement(
                "account.contact.billing",
                "The contact for billing is registered as wanted",
                Severity::Low,
                &[],
            ),
            requirement(
                "account.contact.operations",
                "The contact for operations is registered as wanted",
                Severity::Low,
                &[],
            ),
        ],
        steps: &["PutAlternateContact"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["The former contact is registered again, or the contact is deleted where there was none."],
        traps: &[
            "AWS checks neither the address nor the number: write to the mailbox once, and see who answers.",
            "A contact is replaced as a whole, so what the baseline leaves out is read and sent along.",
        ],
    };

    type Settings = Settings;
    type Observed = Contacts;

    fn key(_: &Context<'_>, wanted: &Settings) -> Vec<Kind> {
        Kind::ALL.into_iter().filter(|kind| wanted.of(*kind).is_some()).collect()
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        Kind::ALL.into_iter().filter(|kind| wanted.of(*kind).is_some()).map(Kind::name).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Contacts, wanted: &Settings) -> Vec<Judged> {
        let asked = seen.0.iter().filter_map(|(kind, contact)| Some((*kind, contact, wanted.of(*kind)?)));
        let judged = asked.map(|(kind, contact, wanted)| {
            let bench = context.object(const { &Self::META }, &format!("{kind} contact"));
            match contact.as_result() {
                Ok(contact) => judge(bench.absent(contact.is_none()), kind, contact.as_ref(), wanted),
                Err(error) => {
                    let mut bench = bench;
                    bench.unreadable(kind.name(), error, wanted.shown());
                    bench.mend(|| Fix::Manual(String::new()))
                }
            }
        });
        judged.collect()
    }
}

fn judge(mut bench: crate::drift::Bench<'_>, kind: Kind, before: Option<&Registered>, wanted: &Wanted) -> Judged {
    let draft = wanted.drafted(before);
    let met = before.is_some_and(|before| draft.as_ref() == Ok(before));
    bench.judge(kind.name(), met, before.map_or(Value::Null, |before| json!(before)), wanted.shown());
    bench.mend(|| match draft {
        Ok(contact) => {
            let step = PutAlternateContact { kind, contact, before: before.cloned() };
            Fix::Steps { steps: vec![Step::PutAlternateContact(step)], needs: vec![] }
        }
        Err(lacking) => Fix::Manual(format!(
            "no contact is registered and the baseline does not say whom to register: give {} of account.contact.{kind}, or \
             register one in the account",
            lacking.join(", ")
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::controls::made::{HERE, account, denied, drift, exempt, judged_at, steps};
    use crate::observe::Readable;

    fn registered() -> Registered {
        let [name, title, email, phone] = ["Ada", "CISO", "sec@acme.example", "+1 555 0100"].map(str::to_owned);
        Registered { name, title, email, phone }
    }

    fn wanted(value: &Value) -> Settings {
        serde_json::from_value(json!({ "security": value })).expect("settings")
    }

    fn exact() -> Value {
        json!({"name": "Ada", "title": "CISO", "email": "sec@acme.example", "phone": "+1 555 0100"})
    }

    fn judged(seen: Option<Registered>, wanted: &Settings) -> Judged {
        let seen = Contacts(vec![(Kind::Security, Readable::Read(seen))]);
        judged_at::<Contact>(account(HERE), &seen, wanted, &[]).remove(0)
    }

    fn put(contact: Registered, before: Option<Registered>) -> Step {
        Step::PutAlternateContact(PutAlternateContact { kind: Kind::Security, contact, before })
    }

    #[test]
    fn a_contact_as_wanted_is_compliant_and_any_is_where_nothing_is_said() {
        for wanted in [wanted(&exact()), wanted(&json!({})), wanted(&json!({"name": "Ada"}))] {
            let judged = judged(Some(registered()), &wanted);
            assert_eq!(judged.findings[0].verdict, Verdict::Compliant);
            assert_eq!(judged.drift, None);
        }
    }

    #[test]
    fn each_field_that_differs_is_written_and_the_others_stay() {
        for field in ["name", "title", "email", "phone"] {
            let judged = judged(Some(registered()), &wanted(&json!({ field: "other" })));
            let mut after = json!(registered());
            after[field] = json!("other");
            let after = serde_json::from_value(after).expect("a contact");
            assert_eq!(steps(&judged), [put(after, Some(registered()))]);
            assert!(!drift(&judged).absent);
        }
    }

    #[test]
    fn an_absent_contact_is_registered_where_all_of_it_is_known() {
        let judged = judged(None, &wanted(&exact()));
        assert_eq!(steps(&judged), [put(registered(), None)]);
        assert!(drift(&judged).absent);
    }

    #[test]
    fn an_absent_contact_is_left_to_a_person_who_is_told_what_is_missing() {
        let judged = judged(None, &wanted(&json!({"name": "Ada", "email": "sec@acme.example"})));
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
        assert!(words.contains("give title, phone of account.contact.security"), "{words}");
    }

    #[test]
    fn a_contact_that_could_not_be_read_is_unreadable_and_the_others_are_judged() {
        let error = denied("account:GetAlternateContact", account(HERE));
        let seen = Contacts(vec![
            (Kind::Security, Readable::Unreadable(error.clone())),
            (Kind::Billing, Readable::Read(None)),
        ]);
        let both: Settings = serde_json::from_value(json!({"security": {}, "billing": exact()})).expect("settings");
        let judged = judged_at::<Contact>(account(HERE), &seen, &both, &[]);
        assert_eq!(judged[0].findings[0].verdict, Verdict::Unreadable(error));
        assert_eq!(judged[1].findings[0].verdict, Verdict::Drifted);
    }

    #[test]
    fn an_exempt_contact_is_left_alone_beside_a_drifted_one() {
        let seen = Contacts(vec![(Kind::Security, Readable::Read(None)), (Kind::Operations, Readable::Read(None))]);
        let both: Settings =
            serde_json::from_value(json!({"security": exact(), "operations": exact()})).expect("settings");
        let judged = judged_at::<Contact>(account(HERE), &seen, &both, &[exempt("account.contact.operations")]);
        assert!(judged[0].drift.is_some() && judged[1].drift.is_none());
        assert!(matches!(judged[1].findings[0].verdict, Verdict::Exempt(_)));
    }

    #[test]
    fn only_what_is_asked_is_judged_and_read() {
        let one: Settings = serde_json::from_value(json!({"billing": {}})).expect("settings");
        assert_eq!(Contact::required(&one), ["billing"]);
        let seen = Contacts(vec![]);
        assert_eq!(judged_at::<Contact>(account(HERE), &seen, &one, &[]), []);
    }
}
