//! Owner first. For each kind of owner: what it set is right; is wrong, and mended there; is wrong, and out of reach; and
//! what only looks as if it were the owner's, which the account mends itself.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, write};
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
pub(crate) fn not_in_force<'a>(plan: &'a Value, account: &'a str) -> Vec<(&'a str, &'a str, &'a str)> {
    let owned = rows(plan, account).filter(|row| row["verdict"] == "owned_elsewhere" && row["in_force"] == false);
    owned.map(|row| (text(&row["requirement"]), text(&row["owner"]), text(&row["reason"]))).collect()
}

/// The accounts that the plan changes.
pub(crate) fn changed(plan: &Value) -> Vec<&str> {
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

/// With `scope: account`, as the baselines of CIS have it, an organization trail covers whoever has none of their own.
mod organizations_trail_among_others {
    use super::*;

    fn stage(settings: &str) -> (Stage, String, String) {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        poor_organization_trail(&mut world, "acme");
        let stage = Stage::new(world);
        stage.baseline("management_account: include\n", &of("account", settings));
        (stage, management, ids[0].clone())
    }

    fn mended() -> String {
        format!("    existing: mend\n    kms: true\n{MORE}")
    }

    #[test]
    fn what_it_is_asked_for_and_has_needs_nothing_of_a_member() {
        let (stage, _, one) = stage("    existing: mend\n");
        let (plan, code) = stage.plan(&[]);
        assert_eq!((kinds(&plan, &one), changed(&plan), code), (vec!["compliant".to_owned()], vec![], Some(0)));
    }

    #[test]
    fn what_it_lacks_is_planned_where_it_is_kept_and_no_member_is_written() {
        let (stage, management, one) = stage(&mended());
        let plan = stage.planned(2);
        assert!(changed(&plan).iter().all(|account| *account == management), "{plan:#}");
        let through: Vec<&str> = rows(&plan, &one).filter_map(|row| row["through"].as_str()).collect();
        let acme = format!("{management}/global/cloudtrail.trail/acme");
        assert!(!through.is_empty() && through.iter().all(|object| *object == acme), "{plan:#}");
        assert_eq!(stage.apply(&["--allow", "cost,disruptive"]).1, Some(0));
        assert!(stage.writes().iter().all(|(account, ..)| *account == management), "{:?}", stage.writes());
        assert_eq!(kinds(&stage.planned(0), &one), ["compliant"]);
    }

    #[test]
    fn what_it_lacks_is_its_owners_where_that_account_is_not_selected() {
        let (stage, management, one) = stage(&mended());
        let (plan, code) = stage.plan(&["--account", &one, "--out", "plan.json"]);
        let owner = format!("the organization's trail acme of account {management}");
        let found = not_in_force(&plan, &one);
        let ids: Vec<&str> = found.iter().map(|(requirement, ..)| *requirement).collect();
        assert_eq!(ids, ["cloudtrail.trail.log_file_validation", "cloudtrail.trail.kms"]);
        assert!(found.iter().all(|(_, of, _)| *of == owner), "{found:?}");
        assert_eq!((changed(&plan), code), (vec![], Some(2)));
        assert_eq!((stage.apply(&[]).1, stage.writes()), (Some(0), vec![]));
    }

    #[test]
    fn one_that_the_baseline_leaves_alone_leaves_a_member_to_itself() {
        let (stage, _, one) = stage(MORE);
        let (plan, _) = stage.plan(&["--account", &one, "--out", "plan.json"]);
        assert!(rows(&plan, &one).all(|row| row["through"].is_null()), "{plan:#}");
        assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
        assert!(stage.writes().contains(&write(&one, "cloudtrail", "CreateTrail")), "{:?}", stage.writes());
        assert_eq!(stage.plan(&["--account", &one]).1, Some(0));
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

    const ALARMS: &str = "\
controls:
  cloudwatch.alarm:
    root_usage: true
    topic: aws-controltower-SecurityNotifications
  cloudwatch.topic:
    name: aws-controltower-SecurityNotifications
    subscriptions:
      - { protocol: email, endpoint: security@acme.example }
";

    #[test]
    fn no_filter_is_put_on_its_log_group_and_nobody_is_subscribed_to_its_topic() {
        let (group, topic) = ("aws-controltower/CloudTrailLogs", "aws-controltower-SecurityNotifications");
        let (mut world, ids) = organization(&["governed", "without"]);
        for id in &ids {
            crate::topics::watched(&mut world, id, false);
            let region = world.account(id).expect("it is there").regions.get_mut(HOME).expect("home");
            let trail = region.cloudtrail.trails.get_mut("acme").expect("the trail");
            let arn = format!("arn:aws:logs:{HOME}:{id}:log-group:{group}:*");
            trail.group = Some((arn, format!("arn:aws:iam::{id}:role/logs")));
        }
        world.build(&ids[0], HOME, "logs", "CreateLogGroup", json!({ "logGroupName": group }));
        world.build(&ids[0], HOME, "sns", "CreateTopic", json!({ "Name": topic }));
        let stage = Stage::held_to(world, ALARMS);
        let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
        assert_eq!((code, changed(&plan)), (Some(2), vec![]), "{plan:#}");
        for id in &ids {
            let mut found = not_in_force(&plan, id);
            found.sort_unstable();
            let of = |name: &str| format!("Control Tower (by the name {name})");
            let [(alarm, logs, _), (told, notifications, _)] = &found[..] else { panic!("{plan:#}") };
            assert_eq!((*alarm, *told), ("cloudwatch.alarm.root_usage", "cloudwatch.topic.subscribed"));
            assert_eq!((*logs, *notifications), (&*of(group), &*of(topic)));
        }
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }

    #[test]
    fn alarms_are_on_the_log_group_of_ones_own_trail_where_there_is_one_beside_its() {
        let (mut world, ids) = organization(&["governed"]);
        crate::topics::watched(&mut world, &ids[0], false);
        world.build(&ids[0], HOME, "logs", "CreateLogGroup", json!({ "logGroupName": "acme" }));
        let region = world.account(&ids[0]).expect("it is there").regions.get_mut(HOME).expect("home");
        let mut towers = region.cloudtrail.trails["acme"].clone();
        let arn = format!("arn:aws:logs:{HOME}:{}:log-group:aws-controltower/CloudTrailLogs:*", ids[0]);
        towers.group = Some((arn, format!("arn:aws:iam::{}:role/logs", ids[0])));
        region.cloudtrail.trails.insert("a-first".to_owned(), towers);
        let stage = Stage::held_to(world, "controls:\n  cloudwatch.alarm:\n    root_usage: true\n");
        let (plan, _) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((changed(&plan).len(), not_in_force(&plan, &ids[0])), (1, vec![]), "{plan:#}");
        assert!(plan.to_string().contains("\"group\":\"acme\""), "{plan:#}");
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

mod tools {
    use super::*;

    #[test]
    fn what_a_tool_looks_after_is_mended_and_the_drift_says_who_would_set_it_back() {
        let (mut world, ids) = organization(&["stacked", "coded", "free"]);
        let tags = [
            json!([{"Key": "aws:cloudformation:stack-name", "Value": "logging"}]),
            json!([{"Key": "ManagedBy", "Value": "terraform"}]),
            json!([{"Key": "team", "Value": "payments"}]),
        ];
        for (id, tags) in ids.iter().zip(&tags) {
            trail(&mut world, id, json!({"IsMultiRegionTrail": true, "TagsList": tags}));
        }
        let off = json!({"Enable": false, "Tags": {"terraform": "true"}});
        world.build(&ids[1], HOME, "guardduty", "CreateDetector", off);
        let more = "  guardduty.detector:\n    enabled: true\n";
        let settings = format!("regions: [us-east-1]\n{}{more}", of("account", &format!("    name: audit\n{MORE}")));
        let stage = Stage::held_to(world, &settings);
        let (plan, _) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
        let managed = |id: &str, control: &str| {
            let mut all = list(&plan["changes"]).iter();
            let change = all.find(|change| change["account"] == id && change["control"] == control);
            change.expect("it is planned")["managed_by"].clone()
        };
        assert_eq!(managed(&ids[0], "cloudtrail.trail"), "CloudFormation stack logging");
        assert_eq!(managed(&ids[1], "cloudtrail.trail"), "Terraform, says its tag ManagedBy");
        assert_eq!(managed(&ids[1], "guardduty.detector"), "Terraform, says its tag terraform");
        assert_eq!(managed(&ids[2], "cloudtrail.trail"), Value::Null);
        let shown = stage.run(&["show", "plan.json"]).stdout;
        let says = "managed by CloudFormation stack logging: change it there, or it will come back";
        assert!(shown.contains(says), "{shown}");
        let (applied, code) = stage.apply(&["--allow", "cost"]);
        assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified") && code == Some(0), "{applied:#}");
    }
}

/// Attaches a policy of the organization that manages detectors; answers its id.
pub(crate) fn policy(world: &mut World, target: &str, name: &str, content: &Value) -> String {
    policy_of(world, "GUARDDUTY_POLICY", target, name, content)
}

/// Attaches a policy of the organization of this type; answers its id.
pub(crate) fn policy_of(world: &mut World, sort: &str, target: &str, name: &str, content: &Value) -> String {
    let management = world.management();
    let root = world.organization.as_ref().expect("an organization").root.clone();
    let kind = json!({"RootId": root, "PolicyType": sort});
    // A second policy finds the type enabled.
    let _ = world.perform(&management, HOME, "organizations", "EnablePolicyType", kind);
    let made = json!({"Name": name, "Description": "", "Type": sort, "Content": content.to_string()});
    let made = world.build(&management, HOME, "organizations", "CreatePolicy", made);
    let id = text(&made["Policy"]["PolicySummary"]["Id"]).to_owned();
    let attachment = json!({"PolicyId": id, "TargetId": target});
    world.build(&management, HOME, "organizations", "AttachPolicy", attachment);
    id
}

mod guardduty_policy {
    use super::*;
    use crate::calls::detector;

    const WATCHED: &str = "regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    enabled: true\n    \
                           features: [S3_DATA_EVENTS]\n";
    const ASKED: [&str; 3] = ["ListPolicies", "ListTargetsForPolicy", "DescribeEffectivePolicy"];

    fn everything() -> Value {
        let on = json!({"@@assign": "ENABLED"});
        json!({"guardduty": {"default": {"foundational": on, "s3_data_events": on}}})
    }

    fn switched_off(world: &mut World, account: &str) {
        let off = json!([{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]);
        world.build(account, HOME, "guardduty", "CreateDetector", json!({"Enable": true, "Features": off}));
    }

    fn asked(stage: &Stage, management: &str) -> [usize; 3] {
        ASKED.map(|operation| stage.count(management, operation))
    }

    #[test]
    fn what_a_policy_set_as_wanted_is_in_force_and_the_policy_is_named() {
        let (mut world, ids) = organization(&["one"]);
        detector(&mut world, &ids[0], HOME, true);
        let id = policy(&mut world, &ids[0], "watch", &everything());
        let stage = Stage::held_to(world, WATCHED);
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        let owner = format!("the policy watch ({id}) of the organization (GUARDDUTY_POLICY)");
        let in_force = |row: &Value| row["in_force"] == true && text(&row["owner"]) == owner;
        assert!(rows(&plan, &ids[0]).all(in_force) && rows(&plan, &ids[0]).count() == 2, "{plan:#}");
        assert_eq!(code, Some(0));
    }

    #[test]
    fn what_a_policy_set_otherwise_is_mended_in_that_policy_and_the_account_gets_no_write() {
        let (mut world, ids) = organization(&["one"]);
        switched_off(&mut world, &ids[0]);
        let root = world.organization.as_ref().expect("an organization").root.clone();
        let id = policy(&mut world, &root, "watch", &everything());
        let stage = Stage::held_to(world, WATCHED);
        let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let [(requirement, owner, mend)] = not_in_force(&plan, &ids[0])[..] else { panic!("{plan:#}") };
        assert_eq!(requirement, "guardduty.detector.features.S3_DATA_EVENTS");
        assert_eq!(owner, format!("the policy watch ({id}) of the organization (GUARDDUTY_POLICY)"));
        assert!(mend.contains("change the GUARDDUTY_POLICY that holds for this account"), "{mend}");
        assert_eq!((code, changed(&plan)), (Some(2), vec![]));
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }

    #[test]
    fn a_detector_that_a_policy_is_about_to_make_is_not_made_by_anybody_else() {
        let (mut world, ids) = organization(&["one", "two"]);
        let id = policy(&mut world, &ids[0], "watch", &everything());
        let stage = Stage::held_to(world, WATCHED);
        let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
        let owned = not_in_force(&plan, &ids[0]);
        assert!(owned.len() == 2 && owned.iter().all(|(_, owner, _)| owner.contains(&id)), "{plan:#}");
        assert_eq!((code, changed(&plan)), (Some(2), vec![&*ids[1]]), "no policy reaches the other");
        assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
        assert_eq!(stage.writes(), [write(&ids[1], "guardduty", "CreateDetector")]);
    }

    #[test]
    fn what_a_policy_does_not_say_of_this_feature_or_this_region_is_the_accounts() {
        let on = json!({"@@assign": "ENABLED"});
        for blocks in [
            json!({"default": {"foundational": on, "rds_login_events": on}}),
            json!({"default": {"s3_data_events": on}, HOME: {"foundational": on}}),
            json!({"eu-west-1": {"s3_data_events": on}}),
        ] {
            let (mut world, ids) = organization(&["one"]);
            switched_off(&mut world, &ids[0]);
            policy(&mut world, &ids[0], "watch", &json!({"guardduty": blocks}));
            let stage = Stage::held_to(world, WATCHED);
            stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
            let (applied, code) = stage.apply(&["--allow", "cost"]);
            assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
            assert_eq!(stage.writes(), [write(&ids[0], "guardduty", "UpdateDetector")], "{blocks}");
        }
    }

    #[test]
    fn without_policies_one_call_a_run_says_so_and_what_is_in_line_takes_none() {
        let (mut world, ids) = organization(&["one", "two", "three"]);
        let management = world.management();
        detector(&mut world, &ids[0], HOME, true);
        let stage = Stage::held_to(world, WATCHED);
        stage.plan(&["--account", &ids[0]]);
        assert_eq!(asked(&stage, &management), [0, 0, 0]);
        stage.plan(&["--account", &ids.join(",")]);
        assert_eq!(asked(&stage, &management), [1, 0, 0]);
    }

    #[test]
    fn what_is_in_effect_is_asked_for_once_a_unit_and_once_for_each_account_with_a_policy_of_its_own() {
        let (mut world, outside) = organization(&["outside"]);
        let management = world.management();
        let unit = world.add_unit(None, "Shop");
        let ids: Vec<String> = ["a", "b", "c", "own"].map(|name| world.add_member(Some(&unit), name)).to_vec();
        policy(&mut world, &unit, "shop", &everything());
        let on = json!({"@@assign": "ENABLED"});
        let own = json!({"guardduty": {"default": {"rds_login_events": on}}});
        let id = policy(&mut world, &ids[3], "own", &own);
        let stage = Stage::held_to(world, WATCHED);
        let all = [&ids[..], &outside[..]].concat().join(",");
        let (plan, _) = stage.plan(&["--account", &all]);
        assert_eq!(asked(&stage, &management), [1, 2, 2]);
        assert!(
            not_in_force(&plan, &ids[3])
                .iter()
                .all(|(_, owner, _)| owner.starts_with("the policies ") && owner.contains(&id))
        );
        assert_eq!(
            kinds(&plan, &outside[0]),
            ["drifted"],
            "no policy reaches it, and nobody is asked what it comes to"
        );
    }

    #[test]
    fn where_the_policies_cannot_be_read_a_missing_detector_is_unreadable_and_not_made() {
        let (mut world, ids) = organization(&["one"]);
        let management = world.management();
        policy(&mut world, &ids[0], "watch", &everything());
        let stage = Stage::held_to(world, WATCHED);
        for operation in ASKED {
            stage.world(|world| world.faults.clear());
            stage.inject(strike(&management, operation, error(403, "AccessDeniedException")));
            let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
            assert_eq!((kinds(&plan, &ids[0]), code, changed(&plan)), (vec!["unreadable".to_owned()], Some(3), vec![]));
            assert!(rows(&plan, &ids[0]).all(|row| text(&row["reason"]).contains(operation)), "{plan:#}");
        }
    }

    #[test]
    fn a_type_that_aws_does_not_know_there_has_no_policies() {
        let (world, ids) = organization(&["one"]);
        let management = world.management();
        let stage = Stage::held_to(world, WATCHED);
        stage.inject(strike(&management, "ListPolicies", error(400, "UnsupportedAPIEndpointException")));
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".to_owned()], Some(2)));
    }
}
