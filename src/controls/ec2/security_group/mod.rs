//! `ec2.security_group`: what everybody may reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::ec2::groups::{Everybody, Group, Groups, GroupsAsked, OpenGroups};
use crate::observe::ec2::interfaces::Interfaces;
use crate::observe::ec2::prefix_lists::PrefixList;
use crate::observe::ec2::rule::{Peer, Rule};
use crate::observe::{Home, ReadError, Reads};
use crate::ownership::control_tower;
use crate::steps::Step;
use crate::steps::ec2::{RevokeSecurityGroupIngress, first_few};

/// See the module.
pub struct SecurityGroup;

/// What the security groups that the account owns may not let in from everybody.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that no group lets all of `IPv4` (`0.0.0.0/0`) reach the ports of administrators.
    admin_ports_ipv4: Option<Yes>,
    /// Require the same of all of `IPv6` (`::/0`).
    admin_ports_ipv6: Option<Yes>,
    /// Require that no group lets everybody reach the port of CIFS, 445.
    cifs: Option<Yes>,
    /// The ports of administrators. Left out, they are 22 (SSH) and 3389 (RDP).
    #[schemars(length(min = 1, max = 64))]
    ports: Option<Vec<u16>>,
    /// Let apply take away rules that are about nothing but the ports of administrators. Left out, a person is told:
    /// somebody may be at work by them. Rules that let more in are always left to a person.
    mend: Option<Yes>,
}

const ADMIN_PORTS: [u16; 2] = [22, 3389];
const CIFS_PORT: u16 = 445;

impl Settings {
    fn ports(&self) -> Vec<u16> {
        self.ports.clone().unwrap_or_else(|| ADMIN_PORTS.to_vec())
    }

    fn asks_for_admin_ports(&self) -> bool {
        self.admin_ports_ipv4.is_some() || self.admin_ports_ipv6.is_some()
    }

    /// The ports whose rules may be taken away.
    fn mended(&self) -> Vec<u16> {
        if self.mend.is_some() && self.asks_for_admin_ports() { self.ports() } else { vec![] }
    }
}

impl Control for SecurityGroup {
    const META: Meta = Meta {
        id: "ec2.security_group",
        title: "Security groups keep everybody from the ports of administrators",
        why: "Whatever answers the whole internet on the port of SSH, of remote desktops or of shared files is found \
              within minutes, and its passwords are tried from then on.",
        runs: Runs::EveryRegion,
        requirements: &[
            Requirement {
                id: "ec2.security_group.admin_ports_ipv4",
                title: "The group does not let all of IPv4 reach the ports of administrators",
                severity: Severity::High,
                references: references::ADMIN_PORTS_IPV4,
            },
            Requirement {
                id: "ec2.security_group.admin_ports_ipv6",
                title: "The group does not let all of IPv6 reach the ports of administrators",
                severity: Severity::High,
                references: references::ADMIN_PORTS_IPV6,
            },
            Requirement {
                id: "ec2.security_group.cifs",
                title: "The group does not let everybody reach the port of CIFS",
                severity: Severity::Medium,
                references: references::CIFS,
            },
        ],
        steps: &["RevokeSecurityGroupIngress"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[
            "With `mend`, who comes in by such a rule is shut out: the plan names the network interfaces that \
             have the group.",
        ],
        undo: &["The rules that were taken away are made again, with what was written beside them."],
        traps: &[
            "A rule that is about more than these ports (all protocols, a wide range) and a list of addresses that \
             holds everybody are left to a person: taking them away would cut off more than was asked.",
            "Everybody is `0.0.0.0/0` and `::/0`, as the benchmarks have it: two halves of all addresses pass.",
            "Groups that nothing has are judged as well: what is launched next may get them.",
            "Groups that another account shares are that account's to change, and are judged there.",
        ],
    };
    type Settings = Settings;
    type Observed = OpenGroups;

    fn key(_: &Context<'_>, wanted: &Settings) -> GroupsAsked {
        let mut ports = if wanted.asks_for_admin_ports() { wanted.ports() } else { vec![] };
        ports.extend(wanted.cifs.map(|Yes| CIFS_PORT));
        GroupsAsked { ports, mended: wanted.mended() }
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            ("admin_ports_ipv4", wanted.admin_ports_ipv4.is_some()),
            ("admin_ports_ipv6", wanted.admin_ports_ipv6.is_some()),
            ("cifs", wanted.cifs.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &OpenGroups, wanted: &Settings) -> Vec<Judged> {
        if Self::required(wanted).is_empty() {
            return vec![];
        }
        seen.groups.iter().map(|group| Case::new(context, seen, group, wanted).judged()).collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let mends = !wanted.mended().is_empty();
        let reads = [Reads::of::<Groups>(), Reads::of::<PrefixList>(), Reads::of::<Interfaces>()];
        let reads = reads.into_iter().take(if mends { 3 } else { 2 }).collect();
        Needs { reads, steps: if mends { Self::META.steps.to_vec() } else { vec![] }, ..Needs::default() }
    }
}

/// One group under judgement.
struct Case<'a> {
    seen: &'a OpenGroups,
    group: &'a Group,
    wanted: &'a Settings,
    bench: Bench<'a>,
    taken: Vec<Rule>,
    /// What a person has to mend: the requirement, and how.
    left: Vec<(&'static str, String)>,
}

impl<'a> Case<'a> {
    fn new(context: &'a Context<'a>, seen: &'a OpenGroups, group: &'a Group, wanted: &'a Settings) -> Self {
        let bench = context.object(const { &SecurityGroup::META }, &group.id);
        let bench = bench.owned_by(control_tower(&group.name, Some(&group.signs))).signed(Some(&group.signs));
        Self { seen, group, wanted, bench, taken: vec![], left: vec![] }
    }

    fn judged(mut self) -> Judged {
        let ports = self.wanted.ports();
        if self.wanted.admin_ports_ipv4.is_some() {
            self.judge("admin_ports_ipv4", &ports, |all| all.ipv4);
        }
        if self.wanted.admin_ports_ipv6.is_some() {
            self.judge("admin_ports_ipv6", &ports, |all| all.ipv6);
        }
        if self.wanted.cifs.is_some() {
            self.judge("cifs", &[CIFS_PORT], |all| all.ipv4 || all.ipv6);
        }
        self.mended()
    }

    /// The rules that let everybody in.
    fn open(&self, ports: &[u16], meant: fn(&Everybody) -> bool) -> Result<Vec<Rule>, &'a ReadError> {
        let covering = self.group.inbound.iter().filter(|rule| ports.iter().any(|port| rule.covers(*port)));
        let mut open = vec![];
        for rule in covering {
            if meant(&self.seen.everybody(rule)?) {
                open.push(rule.clone());
            }
        }
        Ok(open)
    }

    fn judge(&mut self, name: &'static str, ports: &[u16], meant: fn(&Everybody) -> bool) {
        let said = |closed: bool| json!(if closed { "closed to everybody" } else { "open to everybody" });
        let open = match self.open(ports, meant) {
            Ok(open) => open,
            Err(error) => return self.bench.unreadable(name, error, said(true)),
        };
        let drifted = self.bench.judge(name, open.is_empty(), said(open.is_empty()), said(true));
        if !open.is_empty() {
            let rules: Vec<String> = open.iter().map(ToString::to_string).collect();
            self.bench.because(format!("{} of {} lets in {}", self.group.name, self.group.vpc, first_few(&rules)));
        }
        if !drifted {
            return;
        }
        let mended = self.wanted.mended();
        let narrow = |rule: &&Rule| rule.is_only_of(&mended) && !matches!(rule.peer, Peer::PrefixList(_));
        if name != "cifs" && open.iter().all(|rule| narrow(&rule)) {
            self.taken.extend(open);
        } else {
            self.left.push((SecurityGroup::META.requirement(name).id, by_hand(&self.group.id, &open)));
        }
    }

    fn mended(self) -> Judged {
        let Self { bench, taken, left, seen, group, .. } = self;
        if taken.is_empty() {
            let mut words: Vec<String> = left.into_iter().map(|(_, words)| words).collect();
            words.dedup();
            return bench.mend(|| Fix::Manual(words.join("; ")));
        }
        let users = seen.users_of(&group.id).iter().map(ToString::to_string).collect();
        let step = RevokeSecurityGroupIngress { group: group.id.clone(), rules: taken, users };
        let fix = Fix::Steps { steps: vec![Step::RevokeSecurityGroupIngress(step)], needs: vec![] };
        let mut judged = bench.mend(|| fix);
        for (requirement, words) in left {
            if let Some(drift) = &mut judged.drift {
                drift.leave(requirement, Why::Manual(words));
            }
        }
        judged
    }
}

fn by_hand(group: &str, open: &[Rule]) -> String {
    let rules: Vec<String> = open.iter().map(ToString::to_string).collect();
    format!("narrow in {group} to those who need it: {}", first_few(&rules))
}

#[cfg(test)]
mod tests;
