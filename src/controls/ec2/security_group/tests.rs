//! What is said of security groups that let everybody in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, judged_at, named, steps};
use crate::observe::Readable;
use crate::observe::ec2::interfaces::Interface;
use crate::ownership::Signs;
use crate::steps::Risk;

fn rule(protocol: &str, ports: Option<(i32, i32)>, peer: &str) -> Rule {
    let (from, to) = (ports.map(|(from, _)| from), ports.map(|(_, to)| to));
    let peer = match peer {
        _ if peer.contains(':') => Peer::Ipv6(peer.to_owned()),
        _ if peer.starts_with("pl-") => Peer::PrefixList(peer.to_owned()),
        _ if peer.starts_with("sg-") => Peer::Group { id: peer.to_owned(), account: None },
        _ => Peer::Ipv4(peer.to_owned()),
    };
    Rule { protocol: protocol.to_owned(), from, to, peer, description: None }
}

fn ssh(peer: &str) -> Rule {
    rule("tcp", Some((22, 22)), peer)
}

fn seen(inbound: Vec<Rule>) -> OpenGroups {
    let (id, vpc, name) = ("sg-1".to_owned(), "vpc-1".to_owned(), "web".to_owned());
    let group = Group { id, name, vpc, owner: HERE.to_owned(), inbound, outbound: vec![], signs: Signs::default() };
    OpenGroups { groups: vec![group], prefix_lists: BTreeMap::new(), users: vec![] }
}

fn settings(more: Value) -> Settings {
    let mut all = json!({"admin_ports_ipv4": true, "admin_ports_ipv6": true, "cifs": true});
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    serde_json::from_value(all).expect("settings")
}

fn judged_with(seen: &OpenGroups, more: Value, accepted: &[Accepted]) -> Vec<Judged> {
    judged_at::<SecurityGroup>(account_in_region(HERE), seen, &settings(more), accepted)
}

fn judged(seen: &OpenGroups, more: Value) -> Judged {
    judged_with(seen, more, &[]).remove(0)
}

fn drifted(judged: &Judged) -> Vec<&'static str> {
    named::<SecurityGroup>(judged, |verdict| *verdict == Verdict::Drifted)
}

fn words(judged: &Judged) -> &str {
    match &drift(judged).fix {
        Fix::Manual(words) => words,
        other => panic!("no person: {other:?}"),
    }
}

#[test]
fn a_group_that_lets_nobody_or_somebody_in_is_compliant() {
    let somebody = vec![
        ssh("10.0.0.0/8"),
        ssh("fd00::/8"),
        ssh("sg-2"),
        rule("tcp", Some((443, 443)), "0.0.0.0/0"),
        rule("icmp", Some((-1, -1)), "0.0.0.0/0"),
        rule("tcp", Some((23, 444)), "0.0.0.0/0"),
        rule("50", None, "::/0"),
    ];
    for rules in [vec![], somebody] {
        let judged = judged(&seen(rules), json!({"mend": true}));
        assert_eq!((drifted(&judged).len(), judged.findings.len(), &judged.drift), (0, 3, &None));
    }
}

#[test]
fn each_way_of_everybody_is_a_drift_of_its_own() {
    let cifs = |peer: &str| rule("tcp", Some((445, 445)), peer);
    for (rules, wanted) in [
        (vec![ssh("0.0.0.0/0")], vec!["admin_ports_ipv4"]),
        (vec![rule("udp", Some((3389, 3389)), "0.0.0.0/0")], vec!["admin_ports_ipv4"]),
        (vec![rule("6", Some((0, 1024)), "0.0.0.0/0")], vec!["admin_ports_ipv4", "cifs"]),
        (vec![ssh("::/0")], vec!["admin_ports_ipv6"]),
        (vec![cifs("0.0.0.0/0")], vec!["cifs"]),
        (vec![cifs("::/0")], vec!["cifs"]),
        (vec![rule("-1", None, "::/0")], vec!["admin_ports_ipv6", "cifs"]),
    ] {
        assert_eq!(drifted(&judged(&seen(rules.clone()), json!({}))), wanted, "{rules:?}");
    }
}

#[test]
fn without_mend_a_person_is_told_which_rules_there_are() {
    let judged = judged(&seen(vec![ssh("0.0.0.0/0"), rule("-1", None, "::/0")]), json!({}));
    let all = "narrow in sg-1 to those who need it: everything for ::/0";
    assert_eq!(words(&judged), format!("narrow in sg-1 to those who need it: tcp 22 for 0.0.0.0/0; {all}"));
    assert_eq!(judged.findings[0].reason.as_deref(), Some("web of vpc-1 lets in tcp 22 for 0.0.0.0/0"));
}

#[test]
fn with_mend_a_rule_of_just_these_ports_is_taken_away_and_who_has_the_group_is_named() {
    let mut open = seen(vec![ssh("0.0.0.0/0"), ssh("10.0.0.0/8"), ssh("::/0")]);
    let user = |id: &str, group: &str| Interface {
        id: id.to_owned(),
        instance: None,
        description: Some("NAT".to_owned()),
        groups: vec![group.to_owned()],
    };
    open.users = vec![user("eni-1", "sg-1"), user("eni-2", "sg-2")];
    let judged = judged(&open, json!({"mend": true}));
    let step = RevokeSecurityGroupIngress {
        group: "sg-1".to_owned(),
        rules: vec![ssh("0.0.0.0/0"), ssh("::/0")],
        users: vec!["eni-1 (NAT)".to_owned()],
    };
    let step = Step::RevokeSecurityGroupIngress(step);
    assert_eq!(step.risk(), Risk::Disruptive);
    assert_eq!(steps(&judged), [step]);
}

#[test]
fn what_is_wider_and_what_is_not_of_administrators_is_left_to_a_person_beside_what_is_taken_away() {
    let wide = rule("tcp", Some((20, 25)), "0.0.0.0/0");
    let cifs = rule("tcp", Some((445, 445)), "0.0.0.0/0");
    let judged = judged(&seen(vec![ssh("0.0.0.0/0"), ssh("::/0"), wide, cifs]), json!({"mend": true}));
    assert_eq!(drifted(&judged), ["admin_ports_ipv4", "admin_ports_ipv6", "cifs"]);
    let Step::RevokeSecurityGroupIngress(step) = &steps(&judged)[0] else { panic!("one step") };
    assert_eq!(step.rules, [ssh("::/0")], "with the wide rule the narrow one would be taken away for nothing");
    let promised: Vec<&str> = drift(&judged).differences.iter().map(|one| one.requirement.as_str()).collect();
    assert_eq!(promised, ["ec2.security_group.admin_ports_ipv6"]);
    let left: Vec<&str> = drift(&judged).left.iter().map(|left| left.difference.requirement.as_str()).collect();
    assert_eq!(left, ["ec2.security_group.admin_ports_ipv4", "ec2.security_group.cifs"]);
}

#[test]
fn the_ports_of_administrators_are_those_of_the_baseline() {
    let open = seen(vec![ssh("0.0.0.0/0"), rule("tcp", Some((5900, 5901)), "0.0.0.0/0")]);
    let judged = judged(&open, json!({"ports": [5900, 5901], "mend": true}));
    let Step::RevokeSecurityGroupIngress(step) = &steps(&judged)[0] else { panic!("one step") };
    assert_eq!(step.rules, [rule("tcp", Some((5900, 5901)), "0.0.0.0/0")]);
}

#[test]
fn a_list_of_addresses_that_holds_everybody_counts_and_is_left_to_a_person() {
    let mut open = seen(vec![ssh("pl-1")]);
    let all = Everybody { ipv4: true, ipv6: false };
    open.prefix_lists.insert("pl-1".to_owned(), Readable::Read(all));
    let judged = judged(&open, json!({"mend": true}));
    assert_eq!(drifted(&judged), ["admin_ports_ipv4"]);
    assert_eq!(words(&judged), "narrow in sg-1 to those who need it: tcp 22 for pl-1");
    open.prefix_lists.insert("pl-1".to_owned(), Readable::Read(Everybody::default()));
    assert_eq!(drifted(&self::judged(&open, json!({}))), [""; 0]);
}

#[test]
fn a_list_that_could_not_be_read_is_unreadable_where_it_matters() {
    let error = denied("ec2:GetManagedPrefixListEntries", account_in_region(HERE));
    let mut open = seen(vec![ssh("pl-1"), rule("tcp", Some((445, 445)), "0.0.0.0/0")]);
    open.prefix_lists.insert("pl-1".to_owned(), Readable::Unreadable(error.clone()));
    let judged = judged(&open, json!({}));
    let unreadable = named::<SecurityGroup>(&judged, |verdict| *verdict == Verdict::Unreadable(error.clone()));
    assert_eq!((unreadable, drifted(&judged)), (vec!["admin_ports_ipv4", "admin_ports_ipv6"], vec!["cifs"]));
}

#[test]
fn an_exempt_requirement_is_left_alone_beside_a_drifted_one() {
    let accepted = [exempt("ec2.security_group.admin_ports_ipv4")];
    let judged = judged_with(&seen(vec![ssh("0.0.0.0/0"), ssh("::/0")]), json!({"mend": true}), &accepted).remove(0);
    assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)));
    let Step::RevokeSecurityGroupIngress(step) = &steps(&judged)[0] else { panic!("one step") };
    assert_eq!(step.rules, [ssh("::/0")]);
}

#[test]
fn only_what_is_asked_is_judged_read_and_planned() {
    let of = |wanted: Value| {
        let needs = SecurityGroup::needs(&serde_json::from_value(wanted).expect("settings"), Home::Member);
        (needs.reads.len(), needs.steps)
    };
    assert_eq!(of(json!({"admin_ports_ipv4": true})), (2, vec![]));
    assert_eq!(of(json!({"cifs": true, "mend": true})), (2, vec![]), "nothing of CIFS is mended");
    assert_eq!(of(json!({"admin_ports_ipv6": true, "mend": true})), (3, vec!["RevokeSecurityGroupIngress"]));
    let nothing = Settings::default();
    assert_eq!(SecurityGroup::required(&nothing), [""; 0]);
    let open = seen(vec![ssh("0.0.0.0/0")]);
    assert_eq!(judged_at::<SecurityGroup>(account_in_region(HERE), &open, &nothing, &[]), []);
}
