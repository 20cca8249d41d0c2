//! `ec2.default_security_group`: what comes with a VPC, and is had by whatever names no group, lets nothing through.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::references;
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::ec2::groups::{DefaultGroup, DefaultGroups};
use crate::observe::ec2::rule::Rule;
use crate::ownership::control_tower;
use crate::steps::Step;
use crate::steps::ec2::{RevokeSecurityGroupEgress, RevokeSecurityGroupIngress, first_few};

/// See the module.
pub struct DefaultSecurityGroup;

/// What the default security group of each VPC that the account owns may do.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that it has no rules, so that it lets nothing in and nothing out.
    no_rules: Option<Yes>,
    /// Leave the group to a person where a network interface has it: what it belongs to would be cut off. It is so
    /// unless this is `false`.
    skip_if_in_use: Option<bool>,
}

impl Control for DefaultSecurityGroup {
    const META: Meta = Meta {
        id: "ec2.default_security_group",
        title: "Default security groups let nothing through",
        why: "Whatever is launched without a security group gets the default one of its VPC, which lets its members \
              talk to each other and to everybody outside. Where it lets nothing through, nobody uses it by mistake.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.default_security_group.no_rules",
            title: "The default security group of the VPC has no rules",
            severity: Severity::High,
            references: references::DEFAULT_GROUPS,
        }],
        steps: &["RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[
            "What has the group talks to nobody any more, unless another of its groups lets it. The plan names the \
             network interfaces; where there are any, the group is left to a person unless `skip_if_in_use` is `false`.",
            "What is launched later without a group talks to nobody either.",
        ],
        undo: &["The rules that were taken away are made again, with what was written beside them."],
        traps: &[
            "A default group cannot be deleted, and comes with every VPC that is made.",
            "In a VPC that another account shares, the group is that account's to change, and is judged there.",
            "The object is the VPC, so an exemption of one names its id.",
        ],
    };
    type Settings = Settings;
    type Observed = DefaultGroups;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.no_rules.map(|Yes| "no_rules").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &DefaultGroups, wanted: &Settings) -> Vec<Judged> {
        if wanted.no_rules.is_none() {
            return vec![];
        }
        seen.0.iter().map(|group| judge(context, group, wanted.skip_if_in_use != Some(false))).collect()
    }
}

fn judge(context: &Context<'_>, DefaultGroup { group, users }: &DefaultGroup, skip: bool) -> Judged {
    let bench = context.object(const { &DefaultSecurityGroup::META }, &group.vpc);
    let mut bench = bench.owned_by(control_tower(&group.name, Some(&group.signs))).signed(Some(&group.signs));
    let closed = group.inbound.is_empty() && group.outbound.is_empty();
    // Which rules there are stands in the reason: the difference stays the same while they are taken away.
    let said = |closed: bool| json!(if closed { "no rules" } else { "rules" });
    bench.judge("no_rules", closed, said(closed), said(true));
    let users: Vec<String> = users.iter().map(ToString::to_string).collect();
    if !closed {
        let rules = |way: &str, rules: &[Rule]| {
            let named: Vec<String> = rules.iter().map(ToString::to_string).collect();
            (!named.is_empty()).then(|| format!("{way} {}", first_few(&named)))
        };
        let rules = [rules("in", &group.inbound), rules("out", &group.outbound)];
        let rules = rules.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let used = if users.is_empty() { String::new() } else { format!("; in use by {}", first_few(&users)) };
        bench.because(format!("{} lets {rules}{used}", group.id));
    }
    bench.mend(|| {
        if skip && !users.is_empty() {
            let words = "give them a group of their own, then take its rules away";
            return Fix::Manual(format!("{} is the group of {}: {words}", group.id, first_few(&users)));
        }
        let (id, inbound, outbound) = (group.id.clone(), group.inbound.clone(), group.outbound.clone());
        let mut steps = vec![];
        if !inbound.is_empty() {
            let step = RevokeSecurityGroupIngress { group: id.clone(), rules: inbound, users: users.clone() };
            steps.push(Step::RevokeSecurityGroupIngress(step));
        }
        if !outbound.is_empty() {
            let step = RevokeSecurityGroupEgress { group: id, rules: outbound, users };
            steps.push(Step::RevokeSecurityGroupEgress(step));
        }
        Fix::Steps { steps, needs: vec![] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, drift, exempt, judged_at, steps};
    use crate::observe::ec2::groups::Group;
    use crate::observe::ec2::interfaces::Interface;
    use crate::observe::ec2::rule::Peer;
    use crate::ownership::Signs;
    use crate::steps::Risk;

    fn all(peer: Peer) -> Rule {
        Rule { protocol: "-1".to_owned(), from: None, to: None, peer, description: None }
    }

    fn inbound() -> Vec<Rule> {
        vec![all(Peer::Group { id: "sg-1".to_owned(), account: Some(HERE.to_owned()) })]
    }

    fn outbound() -> Vec<Rule> {
        vec![all(Peer::Ipv4("0.0.0.0/0".to_owned()))]
    }

    fn seen(inbound: Vec<Rule>, outbound: Vec<Rule>, used: bool) -> DefaultGroup {
        let (id, vpc, name) = ("sg-1".to_owned(), "vpc-1".to_owned(), "default".to_owned());
        let group = Group { id, name, vpc, owner: HERE.to_owned(), inbound, outbound, signs: Signs::default() };
        let instance = Some("i-1".to_owned());
        let groups = vec!["sg-1".to_owned()];
        let interface = Interface { id: "eni-1".to_owned(), instance, description: None, groups };
        DefaultGroup { group, users: if used { vec![interface] } else { vec![] } }
    }

    fn judged_with(groups: Vec<DefaultGroup>, skip: Option<bool>, accepted: &[Accepted]) -> Vec<Judged> {
        let wanted = Settings { no_rules: Some(Yes), skip_if_in_use: skip };
        judged_at::<DefaultSecurityGroup>(account_in_region(HERE), &DefaultGroups(groups), &wanted, accepted)
    }

    fn judged(group: DefaultGroup, skip: Option<bool>) -> Judged {
        judged_with(vec![group], skip, &[]).remove(0)
    }

    #[test]
    fn a_group_without_rules_is_compliant_whoever_has_it() {
        for used in [false, true] {
            let judged = judged(seen(vec![], vec![], used), None);
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
        }
    }

    #[test]
    fn rules_of_either_way_alone_are_drift_and_are_taken_away_as_they_were_read() {
        let revoke_in = |users: Vec<String>| {
            Step::RevokeSecurityGroupIngress(RevokeSecurityGroupIngress {
                group: "sg-1".to_owned(),
                rules: inbound(),
                users,
            })
        };
        let revoke_out = |users: Vec<String>| {
            Step::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress {
                group: "sg-1".to_owned(),
                rules: outbound(),
                users,
            })
        };
        assert_eq!(steps(&judged(seen(inbound(), vec![], false), None)), [revoke_in(vec![])]);
        assert_eq!(steps(&judged(seen(vec![], outbound(), false), None)), [revoke_out(vec![])]);
        let judged = judged(seen(inbound(), outbound(), true), Some(false));
        let users = vec!["eni-1 of i-1".to_owned()];
        assert_eq!(steps(&judged), [revoke_in(users.clone()), revoke_out(users)]);
        assert!(steps(&judged).iter().all(|step| step.risk() == Risk::Disruptive));
        assert!(steps(&judged)[0].says().ends_with("it is the group of eni-1 of i-1"), "{}", steps(&judged)[0].says());
        assert_eq!(drift(&judged).object.address(), "111122223333/eu-west-1/ec2.default_security_group/vpc-1");
    }

    #[test]
    fn a_group_in_use_is_left_to_a_person_unless_the_baseline_says_otherwise() {
        for skip in [None, Some(true)] {
            let judged = judged(seen(inbound(), outbound(), true), skip);
            let Fix::Manual(words) = &drift(&judged).fix else { panic!("no step") };
            assert!(words.starts_with("sg-1 is the group of eni-1 of i-1: "), "{words}");
            let wanted = "sg-1 lets in everything for sg-1; out everything for 0.0.0.0/0; in use by eni-1 of i-1";
            assert_eq!(judged.findings[0].reason.as_deref(), Some(wanted));
        }
    }

    #[test]
    fn the_difference_stays_the_same_while_rules_are_taken_away() {
        let of = |group: DefaultGroup| drift(&judged(group, None)).differences.clone();
        assert_eq!(of(seen(inbound(), outbound(), false)), of(seen(vec![], outbound(), false)));
    }

    #[test]
    fn an_exempt_vpc_is_left_alone_beside_a_drifted_one() {
        let mut other = seen(inbound(), vec![], false);
        other.group.vpc = "vpc-2".to_owned();
        let accepted = Accepted { objects: vec!["vpc-2".to_owned()], ..exempt("ec2.default_security_group.no_rules") };
        let judged = judged_with(vec![seen(inbound(), vec![], false), other], None, &[accepted]);
        assert!(judged[0].drift.is_some() && judged[1].drift.is_none());
        assert!(matches!(judged[1].findings[0].verdict, Verdict::Exempt(_)));
    }

    #[test]
    fn what_control_tower_has_made_is_never_written() {
        let mut group = seen(inbound(), outbound(), false);
        group.group.signs = Signs::of([("aws-control-tower", "managed-by-control-tower")]);
        let judged = judged(group, Some(false));
        assert!(matches!(judged.findings[0].verdict, Verdict::OwnedElsewhere { in_force: false, .. }));
        assert_eq!(judged.drift, None);
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        let groups = DefaultGroups(vec![seen(inbound(), vec![], false)]);
        let nothing = Settings::default();
        assert_eq!(judged_at::<DefaultSecurityGroup>(account_in_region(HERE), &groups, &nothing, &[]), []);
        assert_eq!(DefaultSecurityGroup::required(&nothing), [""; 0]);
    }
}
