//! `ec2.network_acl`: what everybody may reach through the edge of a subnet.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::references;
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::ec2::acls::{Acl, Acls};
use crate::ownership::control_tower;
use crate::steps::ec2::first_few;

/// See the module.
pub struct NetworkAcl;

/// What the network ACLs that the account owns may not let in from everybody.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that no network ACL lets everybody, by `IPv4` or `IPv6`, reach the ports of administrators.
    admin_ports: Option<Yes>,
    /// The ports of administrators. Left out, they are 22 (SSH) and 3389 (RDP).
    #[schemars(length(min = 1, max = 64))]
    ports: Option<Vec<u16>>,
}

const ADMIN_PORTS: [u16; 2] = [22, 3389];

impl Control for NetworkAcl {
    const META: Meta = Meta {
        id: "ec2.network_acl",
        title: "Network ACLs keep everybody from the ports of administrators",
        why: "A network ACL stands before every security group of its subnets. Where it refuses the ports of \
              administrators to the internet, one rule that somebody adds to a group in a hurry opens nothing.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.network_acl.admin_ports",
            title: "The network ACL does not let everybody reach the ports of administrators",
            severity: Severity::Medium,
            references: references::NETWORK_ACLS,
        }],
        steps: &[],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &[
            "Nothing is written, so there is nothing to undo: which of a subnet's packets are answers to its own is \
             not in any setting, so a person decides what an ACL refuses.",
        ],
        traps: &[
            "The ACL that comes with every VPC lets everything through, so most accounts have one finding for each VPC.",
            "Entries count by their numbers: of those that are about everybody and a port, the lowest decides.",
            "Everybody is `0.0.0.0/0` and `::/0`, as the benchmarks have it: two halves of all addresses pass.",
            "ACLs know no connections: what is refused on port 3389 is refused as well where an answer comes to that port.",
        ],
    };
    type Settings = Settings;
    type Observed = Acls;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.admin_ports.map(|Yes| "admin_ports").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Acls, wanted: &Settings) -> Vec<Judged> {
        if wanted.admin_ports.is_none() {
            return vec![];
        }
        let ports = wanted.ports.as_deref().unwrap_or(&ADMIN_PORTS);
        seen.0.iter().map(|acl| judge(context, acl, ports)).collect()
    }
}

fn judge(context: &Context<'_>, acl: &Acl, ports: &[u16]) -> Judged {
    let bench = context.object(const { &NetworkAcl::META }, &acl.id);
    let mut bench = bench.owned_by(control_tower(&acl.id, Some(&acl.signs))).signed(Some(&acl.signs));
    let open = acl.open(ports);
    let said = |closed: bool| json!(if closed { "closed to everybody" } else { "open to everybody" });
    bench.judge("admin_ports", open.is_empty(), said(open.is_empty()), said(true));
    let entries: Vec<String> =
        open.iter().map(|entry| format!("entry {} for {}", entry.number, entry.source)).collect();
    let subnets =
        if acl.subnets.is_empty() { "no subnet has it".to_owned() } else { format!("of {}", first_few(&acl.subnets)) };
    if !open.is_empty() {
        bench.because(format!("{} in {}, {subnets}", first_few(&entries), acl.vpc));
    }
    bench.mend(|| {
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        let before = open.iter().map(|entry| entry.number).min().unwrap_or_default();
        Fix::Manual(format!(
            "in {} ({subnets}): refuse the ports {} from everybody by entries with a number below {before}, or narrow {}",
            acl.id,
            ports.join(" and "),
            first_few(&entries)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, drift, exempt, judged_at};
    use crate::observe::ec2::acls::Entry;
    use crate::ownership::Signs;

    const ALL: &str = "0.0.0.0/0";
    const ALL_6: &str = "::/0";

    fn entry(number: u32, allows: bool, protocol: &str, ports: Option<(u16, u16)>, source: &str) -> Entry {
        Entry { number, allows, protocol: protocol.to_owned(), ports, source: source.to_owned() }
    }

    fn acl(inbound: Vec<Entry>) -> Acl {
        let (id, vpc, subnets) = ("acl-1".to_owned(), "vpc-1".to_owned(), vec!["subnet-1".to_owned()]);
        Acl { id, vpc, owner: HERE.to_owned(), subnets, inbound, signs: Signs::default() }
    }

    fn judged_with(acl: Acl, ports: Option<Vec<u16>>, accepted: &[Accepted]) -> Judged {
        let wanted = Settings { admin_ports: Some(Yes), ports };
        judged_at::<NetworkAcl>(account_in_region(HERE), &Acls(vec![acl]), &wanted, accepted).remove(0)
    }

    fn judged(inbound: Vec<Entry>) -> Judged {
        judged_with(acl(inbound), None, &[])
    }

    #[test]
    fn the_lowest_entry_that_is_about_everybody_and_a_port_decides() {
        let last = entry(32_767, false, "-1", None, ALL);
        let all = entry(100, true, "-1", None, ALL);
        let ssh = |number: u32, allows: bool| entry(number, allows, "6", Some((22, 22)), ALL);
        let refused = |protocol: &str| entry(90, false, protocol, Some((20, 4000)), ALL);
        for (entries, open) in [
            (vec![last.clone()], false),
            (vec![all.clone(), last.clone()], true),
            (vec![ssh(50, false), all.clone()], true),
            (vec![refused("6"), all.clone()], true),
            (vec![refused("6"), refused("17"), all.clone()], false),
            (vec![entry(90, false, "-1", None, ALL), all.clone()], false),
            (vec![ssh(110, true), entry(90, false, "-1", None, ALL)], false),
            (vec![ssh(80, true), entry(90, false, "-1", None, ALL)], true),
            (vec![entry(90, true, "6", Some((23, 3388)), ALL), last.clone()], false),
            (vec![entry(90, true, "17", Some((3389, 3389)), ALL)], true),
            (vec![entry(90, true, "1", None, ALL)], false),
            (vec![entry(90, true, "6", Some((22, 22)), "10.0.0.0/8")], false),
            (vec![entry(90, true, "6", Some((22, 22)), ALL_6)], true),
            (vec![entry(80, false, "-1", None, ALL_6), entry(90, true, "-1", None, ALL)], true),
            (vec![entry(80, false, "-1", None, "10.0.0.0/8"), all], true),
        ] {
            let mut sorted = entries.clone();
            sorted.sort();
            assert_eq!(judged(sorted).drift.is_some(), open, "{entries:?}");
        }
    }

    #[test]
    fn a_person_is_told_which_entry_and_which_subnets() {
        let judged = judged(vec![entry(100, true, "-1", None, ALL), entry(101, true, "-1", None, ALL_6)]);
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("no step") };
        let wanted = "in acl-1 (of subnet-1): refuse the ports 22 and 3389 from everybody by entries with a number below \
                      100, or narrow entry 100 for 0.0.0.0/0, entry 101 for ::/0";
        assert_eq!(words, wanted);
        let reason = "entry 100 for 0.0.0.0/0, entry 101 for ::/0 in vpc-1, of subnet-1";
        assert_eq!(judged.findings[0].reason.as_deref(), Some(reason));
    }

    #[test]
    fn the_ports_are_those_of_the_baseline() {
        let web = vec![entry(100, true, "6", Some((443, 443)), ALL)];
        assert_eq!(judged(web.clone()).drift, None);
        assert!(judged_with(acl(web), Some(vec![443]), &[]).drift.is_some());
    }

    #[test]
    fn an_exempt_acl_is_left_alone_and_what_is_not_asked_is_not_judged() {
        let open = acl(vec![entry(100, true, "-1", None, ALL)]);
        let accepted = Accepted { objects: vec!["acl-1".to_owned()], ..exempt("ec2.network_acl.admin_ports") };
        let judged = judged_with(open.clone(), None, &[accepted]);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
        let nothing = Settings::default();
        assert_eq!(judged_at::<NetworkAcl>(account_in_region(HERE), &Acls(vec![open]), &nothing, &[]), []);
        assert_eq!(NetworkAcl::required(&nothing), [""; 0]);
    }
}
