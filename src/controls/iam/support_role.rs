//! `iam.support_role`: a role by which cases with AWS Support are handled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::iam::{Entities, SUPPORT_ACCESS, Support, Trust};
use crate::observe::{Home, Reads};
use crate::steps::Step;
use crate::steps::iam::{AttachRolePolicy, CreateRole};
use crate::target::Object;

/// See the module.
pub struct SupportRole;

/// Whether there has to be such a role, and how it is made.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require a role that has AWS's policy `AWSSupportAccess`.
    exists: Option<Yes>,
    /// The name of the role that is made where there is none. Default `aws-support-access`.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z0-9+=,.@_-]+$"))]
    role_name: Option<String>,
    /// Accounts, or ARNs of identities, that the role trusts. Without any, making the role is left to a person.
    #[schemars(inner(regex(pattern = r"^([0-9]{12}|arn:[a-z-]+:iam::[0-9]{12}:[^*]+)$")))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trusted: Vec<String>,
    /// Let the role be assumed with MFA alone.
    require_mfa: Option<Yes>,
}

const NAME: &str = "support role";
const ROLE: &str = "aws-support-access";

impl Settings {
    fn role(&self) -> &str {
        self.role_name.as_deref().unwrap_or(ROLE)
    }

    fn makes(&self) -> bool {
        !self.trusted.is_empty()
    }

    fn trust(&self, context: &Context<'_>) -> Value {
        let arn = |who: &String| {
            let account = who.bytes().all(|byte| byte.is_ascii_digit());
            if account { format!("arn:{}:iam::{who}:root", context.partition) } else { who.clone() }
        };
        let trusted: Vec<String> = self.trusted.iter().map(arn).collect();
        // IAM answers one principal as a text, whatever was sent.
        let trusted = if let [one] = &trusted[..] { json!(one) } else { json!(trusted) };
        let mut statement = json!({"Effect": "Allow", "Principal": { "AWS": trusted }, "Action": "sts:AssumeRole"});
        if self.require_mfa.is_some() {
            statement["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
        }
        json!({"Version": "2012-10-17", "Statement": [statement]})
    }
}

impl Control for SupportRole {
    const META: Meta = Meta {
        id: "iam.support_role",
        title: "Cases with AWS Support have a role of their own",
        why: "Whoever opens a case shows AWS what is in the account. A role for that spares giving people who handle an \
              incident more than they need, in the middle of it.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "iam.support_role.exists",
            title: "A role has AWSSupportAccess",
            severity: Severity::Low,
            references: references::SUPPORT_ROLE,
        }],
        steps: &["CreateRole", "AttachRolePolicy"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["The policy is detached, and a role that was made is deleted."],
        traps: &[
            "A role that nobody may assume helps nobody: `trusted` names who may.",
            "Cases beyond billing need a support plan, whatever the role allows.",
        ],
    };

    type Settings = Settings;
    type Observed = Support;

    fn key(_: &Context<'_>, wanted: &Settings) -> Option<String> {
        wanted.makes().then(|| wanted.role().to_owned())
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.exists.map(|Yes| "exists").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Support, wanted: &Settings) -> Vec<Judged> {
        if wanted.exists.is_none() {
            return vec![];
        }
        let roles = &seen.entities.roles;
        let signs = seen.trust.as_ref().map(|role| &role.signs);
        let mut bench = context.object(const { &Self::META }, NAME).absent(roles.is_empty()).signed(signs);
        let observed = if roles.is_empty() { Value::Null } else { json!(roles) };
        bench.judge("exists", !roles.is_empty(), observed, json!("a role with AWSSupportAccess"));
        vec![bench.mend(|| fix(context, seen, wanted))]
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let entities = Reads::of::<Entities>();
        if wanted.makes() {
            let names = vec![("iam:role", wanted.role().to_owned())];
            return Needs {
                reads: vec![entities, Reads::of::<Trust>()],
                steps: Self::META.steps.to_vec(),
                names,
                ..Needs::default()
            };
        }
        Needs { reads: vec![entities], ..Needs::default() }
    }
}

fn fix(context: &Context<'_>, seen: &Support, wanted: &Settings) -> Fix {
    let role = wanted.role().to_owned();
    if !wanted.makes() {
        let words = format!(
            "give a role AWS's policy {SUPPORT_ACCESS}, or say in `iam.support_role.trusted` whom a role that is made \
             here shall trust"
        );
        return Fix::Manual(words);
    }
    let trust = wanted.trust(context);
    let policy = format!("arn:{}:iam::aws:policy/{SUPPORT_ACCESS}", context.partition);
    let attach = Step::AttachRolePolicy(AttachRolePolicy { role: role.clone(), policy });
    let steps = match &seen.trust {
        None => {
            let object =
                Object { at: context.at.clone(), kind: SupportRole::META.id.to_owned(), name: NAME.to_owned() };
            vec![Step::CreateRole(CreateRole { role, trust, address: object.address() }), attach]
        }
        Some(found) if serde_json::from_str::<Value>(&found.document).is_ok_and(|found| found == trust) => vec![attach],
        Some(_) => {
            let words = format!(
                "there is a role {role} that trusts others than `iam.support_role.trusted` says: change its trust policy, \
                 or name another role in `role_name`"
            );
            return Fix::Manual(words);
        }
    };
    Fix::Steps { steps, needs: vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at, steps};
    use crate::observe::iam::Trusting;
    use crate::ownership::Signs;

    fn settings(value: Value) -> Settings {
        serde_json::from_value(value).expect("settings")
    }

    fn making() -> Settings {
        settings(json!({"exists": true, "trusted": ["999900001111"], "require_mfa": true}))
    }

    fn seen(roles: &[&str], trust: Option<&Value>) -> Support {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let entities = Entities { roles, users: vec!["alice".to_owned()], ..Entities::default() };
        let trusting = |document: String| Trusting { document, signs: Signs::of([("iac", "terraform")]) };
        Support { entities, trust: trust.map(Value::to_string).map(trusting) }
    }

    fn judged(seen: &Support, wanted: &Settings) -> Judged {
        judged_at::<SupportRole>(account(HERE), seen, wanted, &[]).remove(0)
    }

    fn trust() -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::999900001111:root"}, "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]})
    }

    fn attach() -> Step {
        let policy = "arn:aws:iam::aws:policy/AWSSupportAccess".to_owned();
        Step::AttachRolePolicy(AttachRolePolicy { role: ROLE.to_owned(), policy })
    }

    #[test]
    fn any_role_with_the_policy_will_do_and_a_user_will_not() {
        let good = judged(&seen(&["helpdesk"], None), &making());
        assert_eq!((&good.findings[0].verdict, &good.drift), (&Verdict::Compliant, &None));
        assert_eq!(judged(&seen(&[], None), &making()).findings[0].verdict, Verdict::Drifted);
    }

    #[test]
    fn a_role_is_made_that_trusts_whom_the_baseline_names() {
        let judged = judged(&seen(&[], None), &making());
        let address = judged.drift.as_ref().expect("it drifted").object.address();
        let make = Step::CreateRole(CreateRole { role: ROLE.to_owned(), trust: trust(), address });
        assert_eq!(steps(&judged), [make, attach()]);
        assert!(drift(&judged).absent);
    }

    #[test]
    fn a_role_that_is_there_and_trusts_the_same_gets_the_policy_and_another_is_left_to_a_person() {
        let drifted = judged(&seen(&[], Some(&trust())), &making());
        assert_eq!(steps(&drifted), [attach()]);
        assert_eq!(drift(&drifted).managed_by.as_deref(), Some("Terraform, says its tag iac"));
        let judged = judged(&seen(&[], Some(&json!({"Version": "2012-10-17", "Statement": []}))), &making());
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
        assert!(words.contains("trusts others"), "{words}");
    }

    #[test]
    fn without_somebody_to_trust_no_role_is_made_and_none_is_looked_for() {
        let wanted = settings(json!({"exists": true}));
        let judged = judged(&seen(&[], None), &wanted);
        assert!(matches!(&drift(&judged).fix, Fix::Manual(words) if words.contains("`iam.support_role.trusted`")));
        let needs = SupportRole::needs(&wanted, Home::Member);
        assert_eq!((needs.reads.len(), needs.steps.len()), (1, 0));
    }

    #[test]
    fn several_may_be_trusted_and_without_mfa() {
        let wanted = settings(json!({"exists": true, "trusted": ["999900001111", "arn:aws:iam::111122223333:role/a"]}));
        let judged = judged(&seen(&[], None), &wanted);
        let Step::CreateRole(step) = &steps(&judged)[0] else { panic!("a role is made") };
        let statement = &step.trust["Statement"][0];
        let both = json!(["arn:aws:iam::999900001111:root", "arn:aws:iam::111122223333:role/a"]);
        assert_eq!((&statement["Principal"]["AWS"], &statement["Condition"]), (&both, &Value::Null));
    }

    #[test]
    fn an_exempt_account_makes_none() {
        let accepted = [exempt("iam.support_role.exists")];
        let judged = judged_at::<SupportRole>(account(HERE), &seen(&[], None), &making(), &accepted).remove(0);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(judged_at::<SupportRole>(account(HERE), &seen(&[], None), &Settings::default(), &[]), []);
    }
}
