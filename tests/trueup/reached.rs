//! How accounts are entered, and whose credentials begin it.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};
use trueup::simulator::ACCESS_ROLE;
use trueup::simulator::fault::Effect;
use trueup::simulator::world::World;

use crate::harness::{Done, HOME, STRONG, Stage, all_strong, kinds, line, organization, set_policy, strike, text};

/// A role of an account with all permissions that the management account may assume under these conditions.
fn role(world: &mut World, account: &str, name: &str, condition: &Value) {
    let management = world.management();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{management}:root")}, "Condition": condition}]});
    let made = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    world.build(account, HOME, "iam", "CreateRole", made);
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    world.build(account, HOME, "iam", "AttachRolePolicy", json!({"RoleName": name, "PolicyArn": policy}));
}

fn baseline(stage: &Stage, access: &str) {
    let organization = stage.organization();
    let text = format!("version: 1\nname: test\norganization: {organization}\naccess:\n{access}{STRONG}");
    stage.write("baseline.yaml", &text);
}

/// The role by which an account was read.
fn role_of(stage: &Stage, account: &str) -> String {
    let calls = stage.calls();
    let read = calls.iter().find(|call| call.account == account && call.operation == "GetAccountPasswordPolicy");
    let principal = &read.expect("it was read").principal;
    principal.split('/').nth(1).expect("a role").to_owned()
}

#[test]
fn an_account_may_have_a_role_and_an_external_id_of_its_own_and_roles_are_tried_in_order() {
    let (mut world, ids) = organization(&["special", "second", "ordinary"]);
    all_strong(&mut world);
    role(&mut world, &ids[0], "special", &json!({"StringEquals": {"sts:ExternalId": "seven"}}));
    role(&mut world, &ids[1], "second", &json!({"StringEquals": {"sts:ExternalId": "common"}}));
    let stage = Stage::new(world);
    let own = format!("  accounts:\n    \"{}\": {{ read_role: special, external_id: seven }}\n", ids[0]);
    let access = format!("  read_role: [first, second, {ACCESS_ROLE}]\n  external_id: common\n{own}");
    baseline(&stage, &access);
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    let roles: Vec<String> = ids.iter().map(|id| role_of(&stage, id)).collect();
    assert_eq!(roles, ["special", "second", ACCESS_ROLE]);
    assert_eq!(stage.count(&stage.world(|world| world.management()), "AssumeRole"), 1 + 2 + 3);
    // What is typed wins over the baseline for all but accounts of their own.
    let (plan, code) = stage.plan(&["--read-role", "second", "--exclude-account", "ordinary,management"]);
    assert_eq!(code, Some(0), "{plan:#}");
    let (plan, code) = stage.plan(&["--external-id", "another", "--read-role", "second", "--account", &ids[1]]);
    assert_eq!((kinds(&plan, &ids[1]), code), (vec!["unreadable".to_owned()], Some(3)));
    assert!(text(&line(&plan, &ids[1])["reason"]).contains("external id"), "{}", line(&plan, &ids[1]));
}

#[test]
fn an_account_is_entered_once_by_a_plan_and_once_by_an_apply_and_only_where_something_is_done() {
    let (mut world, ids) = organization(&["weak", "good"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let controls = format!("{STRONG}  kms.key_rotation:\n    enabled: true\n");
    let stage = Stage::held_to(world, &controls);
    let management = stage.world(|world| world.management());
    stage.planned(2);
    assert_eq!(stage.count(&management, "AssumeRole"), 2, "both members, for two controls in two regions");
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(0));
    assert_eq!(stage.count(&management, "AssumeRole"), 3, "and the one that is written");
    let written = stage.calls().into_iter().find(|call| call.operation == "UpdateAccountPasswordPolicy");
    let session = written.expect("a write").session.expect("it is a role's");
    assert_eq!(session, format!("trueup-{}", text(&applied["run"])), "the session bears the run's name");
    let entered: Vec<_> = stage.calls().into_iter().filter(|call| call.operation == "AssumeRole").collect();
    assert!(entered.iter().all(|call| call.region == HOME), "STS is asked in the home region");
}

/// Members and a baseline, and the binary with a configuration of its own and keys in the environment that are wrong.
struct Configured(Stage);

impl Configured {
    fn new(config: &str) -> Self {
        let (mut world, ids) = organization(&["one"]);
        all_strong(&mut world);
        let management = world.management();
        role(&mut world, &management, "operator", &json!({}));
        assert_eq!(ids.len(), 1);
        let stage = Stage::held_to(world, STRONG);
        let keys = stage.world(World::administrator);
        let config = config
            .replace("KEYS", "aws_access_key_id = KEY\naws_secret_access_key = SECRET")
            .replace("KEY\n", &format!("{}\n", keys.access_key_id))
            .replace("SECRET", &keys.secret_access_key)
            .replace("MANAGEMENT", &management)
            .replace("FOLDER", stage.path("").to_str().expect("text").trim_end_matches('/'));
        stage.write("config", &config);
        let answer =
            json!({"Version": 1, "AccessKeyId": keys.access_key_id, "SecretAccessKey": keys.secret_access_key});
        stage.write("answer.sh", &format!("#!/bin/sh\necho '{answer}'\n"));
        stage.write("refuse.sh", "#!/bin/sh\necho 'the vault is closed' >&2\nexit 3\n");
        for script in ["answer.sh", "refuse.sh"] {
            let all = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(stage.path(script), all).expect("it is there");
        }
        Self(stage)
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = self.0.command(&[&["plan", "-b", "baseline.yaml", "--format", "json"], more].concat());
        command.env("AWS_CONFIG_FILE", self.0.path("config"));
        command
    }

    /// With keys in the environment that AWS does not know.
    fn run(&self, more: &[&str]) -> Done {
        let mut command = self.command(more);
        command.env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNUNKNOWN00").env("AWS_SECRET_ACCESS_KEY", "wrong");
        Done::from(command.output().expect("the binary runs"))
    }

    /// Without keys in the environment.
    fn bare(&self, more: &[&str], environment: &[(&str, &str)]) -> Done {
        let mut command = self.command(more);
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").envs(environment.iter().copied());
        Done::from(command.output().expect("the binary runs"))
    }
}

#[track_caller]
fn done(done: &Done) {
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[test]
fn a_profile_that_is_typed_wins_over_keys_of_the_environment() {
    let configured = Configured::new("[profile admin]\nKEYS\n");
    done(&configured.run(&["--profile", "admin"]));
    configured.run(&[]).refused(1, "the keys are not valid");
    done(&configured.bare(&[], &[("AWS_PROFILE", "admin")]));
}

#[test]
fn a_profile_may_get_its_credentials_from_a_process() {
    let configured = Configured::new(
        "[profile vault]\ncredential_process = FOLDER/answer.sh\n\
         [profile closed]\ncredential_process = FOLDER/refuse.sh\n",
    );
    done(&configured.run(&["--profile", "vault"]));
    done(&configured.bare(&[], &[("AWS_PROFILE", "vault")]));
    let refused = configured.run(&["--profile", "closed"]);
    refused.refused(1, "the vault is closed");
    assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
}

#[test]
fn a_profile_may_be_a_role_of_another_one() {
    let configured = Configured::new(
        "[profile base]\nKEYS\n\
         [profile operator]\nsource_profile = base\nrole_arn = arn:aws:iam::MANAGEMENT:role/operator\n",
    );
    done(&configured.run(&["--profile", "operator"]));
    let calls = configured.0.calls();
    let discovery = calls.iter().find(|call| call.operation == "ListAccounts").expect("it was asked");
    assert!(discovery.principal.contains(":assumed-role/operator/"), "{}", discovery.principal);
}

#[test]
fn a_profile_whose_sign_in_has_run_out_says_how_to_sign_in() {
    let configured = Configured::new(
        "[sso-session acme]\nsso_region = us-east-1\nsso_start_url = https://acme.awsapps.com/start\n\
         [profile people]\nsso_session = acme\nsso_account_id = MANAGEMENT\nsso_role_name = operator\n",
    );
    configured.run(&["--profile", "people"]).refused(1, "aws sso login");
}

#[test]
fn a_profile_that_is_not_there_and_a_file_that_makes_no_sense_are_told() {
    let configured = Configured::new("[profile admin]\nKEYS\n");
    configured.run(&["--profile", "admni"]).refused(64, "did you mean `admin`?");
    configured.bare(&[], &[("AWS_PROFILE", "nobody")]).refused(1, "AWS_PROFILE names the profile `nobody`");
    let broken = Configured::new("[profile admin\nregion = x\n");
    broken.run(&["--profile", "admin"]).refused(1, "could not read the AWS configuration");
    broken.bare(&[], &[]).refused(1, "could not read the AWS configuration");
    assert!(broken.0.calls().is_empty() && configured.0.calls().is_empty(), "AWS is not asked");
}

/// What is said where STS answers the first question so.
fn answered(status: u16, code: &str, message: &str, says: &str) {
    let (world, _) = organization(&[]);
    let management = world.management();
    let stage = Stage::held_to(world, STRONG);
    let effect = Effect::Error { code: code.to_owned(), status, message: message.to_owned() };
    stage.inject(strike(&management, "GetCallerIdentity", effect));
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    done.refused(1, says);
    assert!(done.stderr.contains(code) && done.stderr.contains("request id"), "{}", done.stderr);
}

#[test]
fn a_wrong_clock_is_told_from_a_wrong_secret_and_from_credentials_that_ran_out() {
    let late = "Signature expired: 20180101T000000Z is now earlier than 20180101T001500Z";
    answered(403, "SignatureDoesNotMatch", late, "the clock of this machine is wrong");
    answered(403, "RequestTimeTooSkewed", "The difference is too large.", "the clock of this machine is wrong");
    let other = "The request signature we calculated does not match the signature you provided.";
    answered(403, "SignatureDoesNotMatch", other, "the secret key is not that of the access key");
    answered(400, "ExpiredToken", "The security token included in the request is expired", "sign in again");
}

#[test]
fn organizations_that_throttles_without_end_ends_the_run_with_the_mend() {
    let (world, _) = organization(&[]);
    let management = world.management();
    let stage = Stage::held_to(world, STRONG);
    stage.inject(strike(&management, "ListAccounts", crate::harness::error(400, "TooManyRequestsException")));
    stage.run(&["plan", "-b", "baseline.yaml"]).refused(1, "lower --concurrency");
    assert_eq!(stage.count(&management, "ListAccounts"), 2, "no more often than said");
}
