//! EC2's networks: what does not depend on who looks first.

use super::{AWAY, HOME, Stage, ask};
use crate::world::Caller;
use serde_json::json;

#[test]
fn what_aws_puts_into_a_region_is_the_same_whoever_looks_first_and_nowhere_the_same_twice() {
    let default_vpc = |stage: &mut Stage, caller: &Caller, region: &str| {
        let vpcs = ask(&mut stage.world, caller, region, "ec2", "DescribeVpcs", json!({})).unwrap();
        vpcs["Vpcs"][0]["VpcId"].clone()
    };
    let (mut first, mut second) = (Stage::new(), Stage::new());
    let (one, two) = (first.one.clone(), first.two.clone());
    let forth = [(&one, HOME), (&one, AWAY), (&two, HOME)].map(|(who, at)| default_vpc(&mut first, who, at));
    let mut back = [(&two, HOME), (&one, AWAY), (&one, HOME)].map(|(who, at)| default_vpc(&mut second, who, at));
    back.reverse();
    assert_eq!(forth, back);
    assert!(forth[0] != forth[1] && forth[1] != forth[2] && forth[0] != forth[2]);
}
