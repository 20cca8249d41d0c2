//! `iam.cloudshell_full_access`: who may move files in and out of the account by a shell of AWS.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::iam::Entities;
use crate::observe::{Home, Reads};
use crate::ownership::is_control_towers;
use crate::steps::Step;
use crate::steps::iam::{DetachGroupPolicy, DetachUserPolicy, TakeRolePolicy, Who};

/// See the module.
pub struct CloudshellFullAccess;

/// Whether anybody may have the policy.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that nobody has AWS's policy `AWSCloudShellFullAccess`.
    not_attached: Option<Yes>,
    /// Let apply take the policy away. Left out, a person is told: somebody may be at work in the shell.
    mend: Option<Yes>,
}

const POLICY: &str = "AWSCloudShellFullAccess";

impl Control for CloudshellFullAccess {
    const META: Meta = Meta {
        id: "iam.cloudshell_full_access",
        title: "Nobody has full access to CloudShell",
        why: "CloudShell with full access lets people carry files out of an account past every proxy, from a machine with \
              root rights and a way to the internet.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "iam.cloudshell_full_access.not_attached",
            title: "No user, group or role has AWSCloudShellFullAccess",
            severity: Severity::Medium,
            references: references::CLOUDSHELL_FULL_ACCESS,
        }],
        steps: &["DetachUserPolicy", "DetachGroupPolicy", "TakeRolePolicy"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["Who worked in CloudShell by this policy cannot open it any more."],
        undo: &["The policy is attached again to whom it was taken from."],
        traps: &[
            "Roles of IAM Identity Center and of Control Tower are left alone: what they have is set where they \
             are made.",
            "Administrators have CloudShell by what else they may.",
        ],
    };

    type Settings = Settings;
    type Observed = Entities;

    fn key(_: &Context<'_>, _: &Settings) -> String {
        POLICY.to_owned()
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.not_attached.map(|Yes| "not_attached").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Entities, wanted: &Settings) -> Vec<Judged> {
        if wanted.not_attached.is_none() {
            return vec![];
        }
        let mut bench = context.object(const { &Self::META }, POLICY);
        let holders = seen.named();
        // Who has it stands in the reason: the difference stays the same while it is taken from one after another.
        let observed = if holders.is_empty() { "not attached" } else { "attached" };
        bench.judge("not_attached", holders.is_empty(), json!(observed), json!("not attached"));
        if !holders.is_empty() {
            bench.because(holders.join(", "));
        }
        vec![bench.mend(|| fix(context, seen, wanted))]
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.mend.is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: vec![Reads::of::<Entities>()], steps, ..Needs::default() }
    }
}

/// Roles that others own: a permission set of Identity Center makes them anew, and Control Tower's are its own.
fn is_owned(role: &str) -> bool {
    role.starts_with("AWSReservedSSO_") || is_control_towers(role)
}

fn fix(context: &Context<'_>, seen: &Entities, wanted: &Settings) -> Fix {
    if let Some(role) = seen.roles.iter().find(|role| is_owned(role)) {
        let words = format!(
            "role {role} is owned elsewhere: take {POLICY} out of the permission set or blueprint it comes from"
        );
        return Fix::Manual(words);
    }
    if wanted.mend.is_none() {
        let words = format!("see what they use it for, and take {POLICY} from {}", seen.named().join(", "));
        return Fix::Manual(words);
    }
    let policy = format!("arn:{}:iam::aws:policy/{POLICY}", context.partition);
    let groups = seen
        .groups
        .iter()
        .map(|group| Step::DetachGroupPolicy(DetachGroupPolicy { group: group.clone(), policy: policy.clone() }));
    let roles = seen
        .roles
        .iter()
        .map(|role| Step::TakeRolePolicy(TakeRolePolicy { role: role.clone(), policy: policy.clone() }));
    let users = seen.users.iter().map(|user| {
        // The list does not say in which path a user is.
        let user = Who { name: user.clone(), path: "/*".to_owned() };
        Step::DetachUserPolicy(DetachUserPolicy { user, policy: policy.clone() })
    });
    Fix::Steps { steps: groups.chain(roles).chain(users).collect(), needs: vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at, steps};
    use crate::steps::Risk;

    fn entities(groups: &[&str], roles: &[&str], users: &[&str]) -> Entities {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Entities { groups: owned(groups), roles: owned(roles), users: owned(users) }
    }

    fn judged(seen: &Entities, mend: bool, accepted: &[Accepted]) -> Judged {
        let wanted = Settings { not_attached: Some(Yes), mend: mend.then_some(Yes) };
        judged_at::<CloudshellFullAccess>(account(HERE), seen, &wanted, accepted).remove(0)
    }

    #[test]
    fn a_policy_that_nobody_has_is_compliant() {
        let judged = judged(&Entities::default(), true, &[]);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
    }

    #[test]
    fn it_is_taken_from_everybody_where_the_baseline_lets_it_be() {
        let judged = judged(&entities(&["ops"], &["dev"], &["alice"]), true, &[]);
        let says: Vec<String> = steps(&judged).iter().map(Step::says).collect();
        let arn = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";
        let each = [
            format!("DetachGroupPolicy of {arn} from ops"),
            format!("DetachRolePolicy of {arn} from dev"),
            format!("DetachUserPolicy of {arn} from alice"),
        ];
        assert_eq!(says, each);
        assert!(steps(&judged).iter().all(|step| step.risk() == Risk::Disruptive));
    }

    #[test]
    fn otherwise_a_person_is_told_who_has_it() {
        let judged = judged(&entities(&["ops"], &[], &["alice"]), false, &[]);
        assert!(matches!(&drift(&judged).fix, Fix::Manual(words) if words.ends_with("from group/ops, user/alice")));
    }

    #[test]
    fn a_role_that_others_own_is_never_written() {
        for role in ["AWSReservedSSO_Admin_1234", "aws-controltower-Admin"] {
            let judged = judged(&entities(&[], &[role], &["alice"]), true, &[]);
            assert!(matches!(&drift(&judged).fix, Fix::Manual(words) if words.contains(role)), "{role}");
        }
    }

    #[test]
    fn an_exempt_account_keeps_it() {
        let accepted = [exempt("iam.cloudshell_full_access.not_attached")];
        let judged = judged(&entities(&["ops"], &[], &[]), true, &accepted);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        let seen = entities(&["ops"], &[], &[]);
        assert_eq!(judged_at::<CloudshellFullAccess>(account(HERE), &seen, &Settings::default(), &[]), []);
    }
}
