//! What policies of the organization set in EC2 and S3: right; wrong, and mended in that policy; of which nobody knows the
//! name; and what only looks as if a policy set it, which the account mends itself.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, organization, rows, strike, text, write};
use crate::owners::{changed, not_in_force, policy_of};

mod declarative_policy_of_ec2 {
    use super::*;

    const SORT: &str = "DECLARATIVE_POLICY_EC2";
    const CLOSED: &str = "regions: [us-east-1]\ncontrols:\n  ec2.serial_console:\n    disabled: true\n";

    fn set(world: &mut World, target: &str, status: &str) -> String {
        let content = json!({"ec2_attributes": {"serial_console_access": {"status": {"@@assign": status}}}});
        policy_of(world, SORT, target, "consoles", &content)
    }

    #[test]
    fn what_a_policy_set_as_wanted_is_in_force_and_the_policy_is_named() {
        let (mut world, ids) = organization(&["one"]);
        let id = set(&mut world, &ids[0], "disabled");
        let stage = Stage::held_to(world, CLOSED);
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        let owner = format!("the policy consoles ({id}) of the organization ({SORT})");
        let in_force = |row: &Value| row["in_force"] == true && text(&row["owner"]) == owner;
        assert!(rows(&plan, &ids[0]).all(in_force) && rows(&plan, &ids[0]).count() == 1, "{plan:#}");
        assert_eq!(code, Some(0));
    }

    #[test]
    fn what_a_policy_set_otherwise_is_mended_in_that_policy_and_the_account_gets_no_write() {
        let (mut world, ids) = organization(&["one"]);
        let (management, root) = (world.management(), world.organization.as_ref().expect("one").root.clone());
        let id = set(&mut world, &root, "enabled");
        let stage = Stage::held_to(world, CLOSED);
        let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let [(requirement, owner, mend)] = not_in_force(&plan, &ids[0])[..] else { panic!("{plan:#}") };
        assert_eq!(requirement, "ec2.serial_console.disabled");
        assert_eq!(owner, format!("the policy consoles ({id}) of the organization ({SORT})"));
        assert!(mend.contains(&format!("change the {SORT} that holds for this account")), "{mend}");
        assert_eq!((code, changed(&plan)), (Some(2), vec![]));
        assert_eq!((stage.apply(&[]).1, stage.writes()), (Some(0), vec![]));
        assert!(stage.count(&management, "DescribeEffectivePolicy") > 0);
    }

    #[test]
    fn where_the_organization_cannot_be_asked_it_is_a_policys_all_the_same_and_says_why_it_has_no_name() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        set(&mut world, &ids[0], "enabled");
        let stage = Stage::held_to(world, CLOSED);
        stage.inject(strike(&management, "ListPolicies", error(400, "AccessDeniedException")));
        let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let [(_, owner, why)] = not_in_force(&plan, &ids[0])[..] else { panic!("{plan:#}") };
        assert_eq!(owner, format!("a policy of the organization ({SORT})"));
        assert!(why.contains("organizations:ListPolicies") && why.contains(&management), "{why}");
        assert_eq!((code, changed(&plan)), (Some(2), vec![]));
    }

    #[test]
    fn what_no_policy_sets_is_the_accounts_also_where_there_are_policies() {
        let (mut world, ids) = organization(&["one", "two"]);
        let management = world.management();
        set(&mut world, &ids[1], "enabled");
        world.build(&ids[0], HOME, "ec2", "EnableSerialConsoleAccess", json!({}));
        let stage = Stage::held_to(world, CLOSED);
        stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        assert_eq!(stage.apply(&[]).1, Some(0));
        assert_eq!(stage.writes(), [write(&ids[0], "ec2", "DisableSerialConsoleAccess")]);
        assert_eq!(stage.count(&management, "ListPolicies"), 0, "EC2 says that no policy sets it");
    }
}

mod s3_policy {
    use super::*;

    const SORT: &str = "S3_POLICY";
    const SHUT: &str = "controls:\n  s3.account_public_access_block:\n    block_public_acls: true\n    \
                        ignore_public_acls: true\n    block_public_policy: true\n    restrict_public_buckets: true\n";

    fn set(world: &mut World, target: &str, said: &str) -> String {
        let content = json!({"s3_attributes": {"public_access_block_configuration": {"@@assign": said}}});
        policy_of(world, SORT, target, "blocks", &content)
    }

    #[test]
    fn what_a_policy_set_as_wanted_is_in_force_and_asked_nobody() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        set(&mut world, &ids[0], "all");
        let stage = Stage::held_to(world, SHUT);
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
        assert_eq!(stage.count(&management, "ListPolicies"), 0);
    }

    #[test]
    fn what_a_policy_set_otherwise_is_mended_in_that_policy_and_the_account_gets_no_write() {
        let (mut world, ids) = organization(&["one"]);
        let root = world.organization.as_ref().expect("one").root.clone();
        let id = set(&mut world, &root, "none");
        let stage = Stage::held_to(world, SHUT);
        let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let found = not_in_force(&plan, &ids[0]);
        let owner = format!("the policy blocks ({id}) of the organization ({SORT})");
        let mends = |mend: &str| mend.contains(&format!("change the {SORT} that holds for this account"));
        assert!(found.iter().all(|(_, of, mend)| *of == owner && mends(mend)), "{found:?}");
        assert_eq!((found.len(), code, changed(&plan)), (4, Some(2), vec![]));
        assert_eq!((stage.apply(&["--allow", "disruptive"]).1, stage.writes()), (Some(0), vec![]));
    }

    #[test]
    fn where_the_organization_cannot_be_asked_nothing_is_written() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        set(&mut world, &ids[0], "none");
        let stage = Stage::held_to(world, SHUT);
        stage.inject(strike(&management, "ListPolicies", error(400, "AccessDeniedException")));
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((kinds(&plan, &ids[0]), changed(&plan), code), (vec!["unreadable".to_owned()], vec![], Some(3)));
    }

    #[test]
    fn what_no_policy_sets_is_the_accounts_also_where_there_are_policies() {
        let (mut world, ids) = organization(&["one", "two"]);
        set(&mut world, &ids[1], "none");
        let stage = Stage::held_to(world, SHUT);
        stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        assert_eq!(stage.apply(&["--allow", "disruptive"]).1, Some(0));
        assert_eq!(stage.writes(), [write(&ids[0], "s3control", "PutPublicAccessBlock")]);
    }
}
