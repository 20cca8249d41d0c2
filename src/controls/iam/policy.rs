//! `iam.policy`: policies that allow everything to whoever has them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::references;
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::Tagged;
use crate::observe::iam::{Details, Managed};

/// See the module.
pub struct Policy;

/// What policies may not allow.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that no policy of the account that somebody has, inline ones among them, allows every action on every
    /// resource, whatever its conditions.
    no_full_admin: Option<Yes>,
    /// Ask the same of AWS's own `AdministratorAccess`, which most organizations need for the roles that enter accounts.
    administrator_access: Option<Yes>,
}

impl Control for Policy {
    const META: Meta = Meta {
        id: "iam.policy",
        title: "No policy of the account allows everything",
        why: "Who has a policy that allows every action on every resource can do what the root user can. Such policies \
              are written in a hurry, and found by whoever takes over a user or a role.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "iam.policy.no_full_admin",
            title: "The policy does not allow everything, or nobody has it",
            severity: Severity::High,
            references: references::NO_FULL_ADMIN_POLICIES,
        }],
        steps: &[],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["Nothing is written, so there is nothing to undo: a person decides what the holders of such a policy \
             need in its place."],
        traps: &["Only what is written as every action on every resource is found: a policy that lists all services \
             one by one says as much, and passes."],
    };

    const TAGGED: &'static [Tagged] = &[Tagged::Policy];
    type Settings = Settings;
    type Observed = Details;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.no_full_admin.map(|Yes| "no_full_admin").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Details, wanted: &Settings) -> Vec<Judged> {
        if wanted.no_full_admin.is_none() {
            return vec![];
        }
        let own = format!(":{}:policy/", context.at.account);
        let counts = |policy: &&Managed| {
            policy.arn.contains(&own) || (wanted.administrator_access.is_some() && policy.full_admin)
        };
        let managed = seen.managed.iter().filter(counts).map(|policy| {
            let name = policy.arn.split_once(":policy/").map_or(policy.arn.as_str(), |(_, name)| name);
            // Those of AWS have no tags.
            let which = policy.arn.contains(&own).then(|| policy.arn.clone());
            judge(context, name, which, policy.full_admin, &policy.holders)
        });
        let inline = seen.inline.iter().map(|policy| {
            let name = format!("{} of {}", policy.name, policy.holder);
            judge(context, &name, None, true, std::slice::from_ref(&policy.holder))
        });
        managed.chain(inline).collect()
    }
}

fn judge(context: &Context<'_>, name: &str, which: Option<String>, full_admin: bool, holders: &[String]) -> Judged {
    let mut bench = context.object(const { &Policy::META }, name).bears(Tagged::Policy, which);
    let open = full_admin && !holders.is_empty();
    let observed = if open { json!(format!("everything to {}", holders.join(", "))) } else { json!("less") };
    bench.judge("no_full_admin", !open, observed, Value::from("less than everything"));
    bench.mend(|| {
        let words =
            format!("give {} a policy that allows what they need, and take {name} from them", holders.join(", "));
        Fix::Manual(words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account, drift, exempt, judged_at};
    use crate::observe::iam::InlineAdmin;

    fn managed(name: &str, full_admin: bool, holders: &[&str]) -> Managed {
        let holders = holders.iter().map(|holder| (*holder).to_owned()).collect();
        Managed { arn: format!("arn:aws-cn:iam::{HERE}:policy/{name}"), full_admin, holders }
    }

    fn administrator() -> Managed {
        let arn = "arn:aws-cn:iam::aws:policy/AdministratorAccess".to_owned();
        Managed { arn, full_admin: true, holders: vec!["role/admin".to_owned()] }
    }

    fn judged(managed: Vec<Managed>, administrator_access: bool, accepted: &[Accepted]) -> Vec<Judged> {
        let seen = Details { managed, ..Details::default() };
        let administrator_access = administrator_access.then_some(Yes);
        let wanted = Settings { no_full_admin: Some(Yes), administrator_access };
        judged_at::<Policy>(account(HERE), &seen, &wanted, accepted)
    }

    #[test]
    fn a_policy_that_allows_less_or_that_nobody_has_is_compliant() {
        let judged = judged(vec![managed("less", false, &["user/a"]), managed("unused", true, &[])], false, &[]);
        assert!(judged.iter().all(|one| one.findings[0].verdict == Verdict::Compliant && one.drift.is_none()));
        assert_eq!(judged.len(), 2);
    }

    #[test]
    fn a_policy_that_allows_everything_to_somebody_is_left_to_a_person_who_is_told_to_whom() {
        let judged = judged(vec![managed("path/all", true, &["role/b", "user/a"])], false, &[]);
        let Fix::Manual(words) = &drift(&judged[0]).fix else { panic!("a person mends it") };
        assert!(words.starts_with("give role/b, user/a a policy"), "{words}");
        assert_eq!(judged[0].object.name, "path/all");
    }

    #[test]
    fn administrator_access_counts_only_where_it_is_asked() {
        assert_eq!(judged(vec![administrator()], false, &[]), []);
        assert_eq!(judged(vec![administrator()], true, &[])[0].findings[0].verdict, Verdict::Drifted);
    }

    #[test]
    fn an_inline_policy_that_allows_everything_counts() {
        let inline = vec![InlineAdmin { holder: "group/ops".to_owned(), name: "all".to_owned() }];
        let seen = Details { inline, ..Details::default() };
        let wanted = Settings { no_full_admin: Some(Yes), administrator_access: None };
        let judged = judged_at::<Policy>(account(HERE), &seen, &wanted, &[]);
        assert_eq!(judged[0].object.name, "all of group/ops");
        assert!(judged[0].drift.is_some());
    }

    #[test]
    fn an_exempt_policy_is_left_alone_beside_a_drifted_one() {
        let accepted = Accepted { objects: vec!["known".to_owned()], ..exempt("iam.policy.no_full_admin") };
        let both = vec![managed("known", true, &["user/a"]), managed("other", true, &["user/a"])];
        let judged = judged(both, false, &[accepted]);
        assert!(judged[0].drift.is_none() && judged[1].drift.is_some());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        let seen = Details { managed: vec![administrator()], ..Details::default() };
        assert_eq!(judged_at::<Policy>(account(HERE), &seen, &Settings::default(), &[]), []);
        assert_eq!(Policy::required(&Settings::default()), [""; 0]);
    }
}
