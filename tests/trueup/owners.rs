//! Owner first. For each kind of owner: what it set is right; is wrong, and mended there; is wrong, and out of reach; and
//! what only looks as if it were the owner's, which the account mends itself.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, kinds, list, organization, outcomes, rows, text, write};
use crate::needs::poor_organization_trail;
use crate::trails::{bucket, trail};

/// What [`poor_organization_trail`] has.
const ENOUGH: &str = "    multi_region: true\n    logging: true\n";
/// And what it lacks.
const MORE: &str = "    log_file_validation: true\n";

fn of(scope: &str, more: &str) -> String {
    format!("controls:\n  cloudtrail.trail:\n    scope: {scope}\n{ENOUGH}{more}")
}

/// What of an account is somebody else's, and not as wanted: requirement, owner, and what to do there.
fn not_in_force<'a>(plan: &'a Value, account: &'a str) -> Vec<(&'a str, &'a str, &'a str)> {
    let owned = rows(plan, account).filter(|row| row["verdict"] == "owned_elsewhere" && row["in_force"] == false);
    owned.map(|row| (text(&row["requirement"]), text(&row["owner"]), text(&row["reason"]))).collect()
}

/// The accounts that the plan changes.
fn changed(plan: &Value) -> Vec<&str> {
    list(&plan["changes"]).iter().map(|change| text(&change["account"])).collect()
}

mod organizations_trail {
    use super::*;

    #[test]
    fn what_it_is_asked_for_and_has_needs_nothing_of_a_member() {
        let (mut world, ids) = organization(&["one"]);
        poor_organization_trail(&mut world, "acme");
        let stage = Stage::held_to(world, &of("organization", ""));
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((kinds(&plan, &ids[0]), changed(&plan), code), (vec!["compliant".to_owned()], vec![], Some(0)));
    }

    #[test]
    fn what_it_lacks_is_planned_where_it_is_kept_and_no_member_is_written() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        poor_organization_trail(&mut world, "acme");
        let stage = Stage::new(world);
        let settings = of("organization", &format!("    existing: mend\n{MORE}"));
        stage.baseline("management_account: include\n", &settings);
        let plan = stage.planned(2);
        assert_eq!(changed(&plan), [&*management]);
        let drifted = rows(&plan, &ids[0]).find(|row| row["verdict"] == "drifted").expect("it falls short");
        assert_eq!(text(&drifted["through"]), format!("{management}/global/cloudtrail.trail/acme"));
        assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
        assert_eq!(stage.writes(), [write(&management, "cloudtrail", "UpdateTrail")]);
    }

    #[test]
    fn what_it_lacks_is_its_owners_where_that_account_is_not_selected() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        poor_organization_trail(&mut world, "acme");
        let stage = Stage::new(world);
        let settings = of("organization", &format!("    existing: mend\n{MORE}"));
        stage.baseline("management_account: include\n", &settings);
        let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let owner = format!("the organization's trail acme of account {management}");
        let mend = format!("in account {management}: mend the organization's trail, or select that account as well");
        let wanted = [("cloudtrail.trail.log_file_validation", &*owner, &*mend)];
        assert_eq!((not_in_force(&plan, &ids[0]), code), (wanted.to_vec(), Some(2)), "{plan:#}");
        assert_eq!(plan["summary"]["requirements"]["drifted"], 0);
        let shown = stage.run(&["show", "plan.json"]).stdout;
        assert!(shown.contains(&format!("cloudtrail.trail by {owner}: not in force")), "{shown}");
        assert_eq!((changed(&plan), stage.apply(&[]).1, stage.writes()), (vec![], Some(0), vec![]));
    }

    #[test]
    fn a_trail_of_the_account_that_is_only_called_as_it_is_the_accounts() {
        let (mut world, ids) = organization(&["one"]);
        trail(&mut world, &ids[0], json!({"IsMultiRegionTrail": true}));
        let stage = Stage::held_to(world, &of("account", &format!("    name: audit\n{MORE}")));
        stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        assert_eq!(stage.apply(&[]).1, Some(0));
        assert_eq!(stage.writes(), [write(&ids[0], "cloudtrail", "UpdateTrail")]);
    }
}

mod control_tower {
    use super::*;

    const TOWERS: &str = "aws-controltower-BaselineCloudTrail";

    #[test]
    fn a_trail_that_has_all_that_is_asked_for_covers_everybody() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        poor_organization_trail(&mut world, TOWERS);
        let stage = Stage::new(world);
        stage.baseline("management_account: include\n", &of("organization", ""));
        let plan = stage.planned(0);
        assert_eq!(
            (kinds(&plan, &management), kinds(&plan, &ids[0])),
            (vec!["compliant".to_owned()], vec!["compliant".to_owned()])
        );
        assert_eq!((changed(&plan), stage.apply(&[]).1, stage.writes()), (vec![], Some(0), vec![]));
    }

    #[test]
    fn a_trail_that_falls_short_and_is_not_named_gets_one_of_ours_beside_it() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        poor_organization_trail(&mut world, TOWERS);
        let stage = Stage::new(world);
        stage.baseline("management_account: include\n", &of("organization", MORE));
        let before = stage.trail(&management, TOWERS);
        stage.planned(2);
        assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
        assert_eq!(stage.trail(&management, TOWERS), before);
        assert_eq!(stage.trail(&management, "trueup")["LogFileValidationEnabled"], true);
        assert!(stage.writes().iter().all(|(account, ..)| *account == management), "no member is written");
        assert_eq!(kinds(&stage.plan(&[]).0, &ids[0]), ["compliant"]);
    }

    #[test]
    fn a_trail_that_the_baseline_names_is_control_towers_to_mend_also_in_the_management_account() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        poor_organization_trail(&mut world, TOWERS);
        let stage = Stage::new(world);
        let settings = of("organization", &format!("    name: {TOWERS}\n    existing: mend\n{MORE}"));
        stage.baseline("management_account: include\n", &settings);
        let plan = stage.planned(2);
        for account in [&management, &ids[0]] {
            let [(requirement, owner, mend)] = not_in_force(&plan, account)[..] else { panic!("{plan:#}") };
            assert_eq!(requirement, "cloudtrail.trail.log_file_validation");
            assert_eq!(owner, format!("Control Tower (by the name {TOWERS})"));
            assert!(mend.contains("settings of the landing zone"), "{mend}");
        }
        assert_eq!((changed(&plan), stage.apply(&["--allow", "cost"]).1, stage.writes()), (vec![], Some(0), vec![]));
    }

    #[test]
    fn a_trail_of_its_stack_sets_is_left_alone_and_one_that_is_called_nearly_so_is_mended() {
        let stacked = |world: &mut World, account: &str, name: &str, stack: &str| {
            bucket(world, account, &format!("logs-{account}"));
            let tags = json!([{"Key": "aws:cloudformation:stack-name", "Value": stack}]);
            let made = json!({"Name": name, "S3BucketName": format!("logs-{account}"), "IsMultiRegionTrail": true,
                "TagsList": tags});
            world.build(account, HOME, "cloudtrail", "CreateTrail", made);
            world.build(account, HOME, "cloudtrail", "StartLogging", json!({"Name": name}));
        };
        let (mut world, ids) = organization(&["governed", "free"]);
        stacked(&mut world, &ids[0], "baseline", "StackSet-AWSControlTowerBP-BASELINE-CLOUDTRAIL-1a2b");
        stacked(&mut world, &ids[1], "controltower-audit", "StackSet-acme-AWSControlTower-1a2b");
        let stage = Stage::held_to(world, &of("account", &format!("    existing: mend\n{MORE}")));
        let before = stage.trail(&ids[0], "baseline");
        stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
        let (applied, code) = stage.apply(&["--allow", "cost"]);
        assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified") && code == Some(0), "{applied:#}");
        assert_eq!(stage.trail(&ids[0], "baseline"), before);
        assert_eq!(stage.trail(&ids[0], "trueup")["LogFileValidationEnabled"], true, "ours beside it");
        let updates: Vec<_> = stage.writes().into_iter().filter(|(.., call)| call == "UpdateTrail").collect();
        assert_eq!(updates, [write(&ids[1], "cloudtrail", "UpdateTrail")]);
    }
}

mod guardduty_administrator {
    use super::*;

    const WATCHED: &str = "regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    enabled: true\n    \
                           features: [S3_DATA_EVENTS]\n";

    /// An organization whose account `security` administers GuardDuty, and takes these members in.
    fn administered(members: &[&str], taken_in: &[usize]) -> (World, Vec<String>) {
        let (mut world, ids) = organization(&[&["security"], members].concat());
        let management = world.management();
        let admin = json!({"AdminAccountId": ids[0]});
        world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", admin);
        let detector = world.build(&ids[0], HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
        let details: Vec<Value> =
            taken_in.iter().map(|number| json!({"AccountId": ids[*number], "Email": "m@example.com"})).collect();
        if !details.is_empty() {
            let members = json!({"DetectorId": detector, "AccountDetails": details});
            world.build(&ids[0], HOME, "guardduty", "CreateMembers", members);
        }
        (world, ids)
    }

    fn switch(world: &mut World, admin: &str, member: &str, on: bool) {
        let detector = world.build(admin, HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
        let features = json!([{"Name": "S3_DATA_EVENTS", "Status": if on { "ENABLED" } else { "DISABLED" }}]);
        let told = json!({"DetectorId": detector, "AccountIds": [member], "Features": features});
        world.build(admin, HOME, "guardduty", "UpdateMemberDetectors", told);
    }

    #[test]
    fn what_the_administrator_set_as_wanted_is_in_force() {
        let (mut world, ids) = administered(&["one"], &[1]);
        switch(&mut world, &ids[0], &ids[1], true);
        let stage = Stage::held_to(world, WATCHED);
        let (plan, code) = stage.plan(&["--account", &ids[1]]);
        let owner = format!("the GuardDuty administrator account {}", ids[0]);
        let in_force = |row: &Value| row["in_force"] == true && text(&row["owner"]) == owner;
        assert!(rows(&plan, &ids[1]).all(in_force) && rows(&plan, &ids[1]).count() == 2, "{plan:#}");
        assert_eq!(code, Some(0));
    }

    #[test]
    fn what_the_administrator_set_otherwise_is_its_own_to_mend_whether_it_is_selected_or_not() {
        let (mut world, ids) = administered(&["one"], &[1]);
        switch(&mut world, &ids[0], &ids[1], false);
        let stage = Stage::held_to(world, WATCHED);
        let both = ids.join(",");
        for selected in [&ids[1], &both] {
            let (plan, code) = stage.plan(&["--account", selected, "--out", "plan.json"]);
            let [(requirement, owner, mend)] = not_in_force(&plan, &ids[1])[..] else { panic!("{plan:#}") };
            assert_eq!(requirement, "guardduty.detector.features.S3_DATA_EVENTS");
            assert_eq!(owner, format!("the GuardDuty administrator account {}", ids[0]));
            assert!(mend.starts_with(&format!("in account {} in us-east-1: ", ids[0])), "{mend}");
            assert_eq!((code, changed(&plan)), (Some(2), vec![]));
            assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
        }
    }

    #[test]
    fn the_administrators_own_detector_is_mended_by_itself() {
        let (mut world, ids) = administered(&[], &[]);
        let detector = world.build(&ids[0], HOME, "guardduty", "ListDetectors", json!({}))["DetectorIds"][0].clone();
        let off = json!({"DetectorId": detector, "Enable": false});
        world.build(&ids[0], HOME, "guardduty", "UpdateDetector", off);
        let stage = Stage::held_to(world, WATCHED);
        stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let (applied, code) = stage.apply(&["--allow", "cost"]);
        assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)));
        assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "UpdateDetector")]);
    }
}
