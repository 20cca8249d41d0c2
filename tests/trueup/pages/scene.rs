//! Where each page is followed: by default the organization that `trueup simulate` serves, with the administrator's
//! keys and a `baseline.yaml` as `trueup init` writes it, which may write by the role that Organizations makes.

use serde_json::json;
use trueup::simulator::fault::{Effect, Injection, Moment, Only};
use trueup::simulator::world::World;
use trueup::simulator::{ACCESS_ROLE, Options};

use super::deployed;
use crate::harness::Stage;

/// The home region of the simulated organization.
const HOME: &str = "eu-west-1";

/// The accounts in which a write is disturbed where a page is about that.
const LATE: &str = "210756932042";
const SILENT: &str = "471919293514";

/// What cannot be followed here: the page, the command, and why.
pub(super) const NOT_RUN: &[(&str, &str, &str)] = &[
    (
        "docs/try.md",
        "trueup simulate --port 4566 --quiet > simulated.json &",
        "it serves until it is interrupted; the page is followed on an organization that is served already",
    ),
    ("docs/try.md", "export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=eu-west-1", "the same"),
    ("docs/try.md", "export AWS_ACCESS_KEY_ID=$(jq -r .access_key_id simulated.json)", "the same"),
    ("docs/try.md", "export AWS_SECRET_ACCESS_KEY=$(jq -r .secret_access_key simulated.json)", "the same"),
    (
        "README.md",
        "trueup apply plan.json",
        "the reader has put the role to write with into the baseline by hand; try.md applies",
    ),
    (
        "docs/plan-and-apply.md",
        "trueup apply -b baseline.yaml                         # plans, shows, asks, and does it on `yes`",
        "it asks a person; asked.rs answers",
    ),
    (
        "docs/roles.md",
        "aws cloudformation deploy --stack-name trueup-roles --template-file roles.json \\\n  \
         --capabilities CAPABILITY_NAMED_IAM --parameter-overrides OrganizationalUnits=r-ab12",
        "the simulator has no CloudFormation; templates.rs reads the template",
    ),
    (
        "docs/team.md",
        "aws cloudformation deploy --stack-name trueup-roles --template-file roles.json \\\n  \
         --capabilities CAPABILITY_NAMED_IAM --parameter-overrides OrganizationalUnits=r-ab12",
        "the simulator has no CloudFormation; deployed.rs makes the roles of the template, and templates.rs reads it",
    ),
    (
        "docs/approval.md",
        "trueup apply plan.json --require-approval \
         arn:aws:kms:eu-west-1:177753968712:key/1234abcd-12ab-34cd-56ef-1234567890ab,\
         arn:aws:kms:eu-west-1:177753968712:key/5678efab-12ab-34cd-56ef-1234567890ab \
         --approval security.approval --approval platform.approval",
        "the page makes one key; approval/ has two",
    ),
];

/// The stage of a page.
pub(super) fn of(page: &str) -> Stage {
    let regions = [HOME, "us-east-1", "ap-northeast-1"].map(str::to_owned).to_vec();
    let mut world = World::generate(&Options { accounts: 12, regions, seed: 1, start: None });
    furnish(&mut world, page);
    let stage = Stage::new(world).at(HOME);
    if ["README.md", "docs/try.md"].contains(&page) {
        return stage;
    }
    let made = stage.run(&["init"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let baseline = stage.read("baseline.yaml");
    if page == "docs/team.md" {
        let baseline = baseline.replace(ACCESS_ROLE, "trueup-read").replace("# write_role", "write_role");
        stage.write("baseline.yaml", &baseline.replace("# management_role", "management_role"));
        deployed::jobs(&stage, &JOBS);
    } else {
        let role = format!("write_role: {ACCESS_ROLE}");
        stage.write("baseline.yaml", &baseline.replace("# write_role: trueup-write", &role));
    }
    profiles(&stage);
    stage
}

/// The roles of the management account that a pipeline plans and applies by, and what is asked about their permissions.
const JOBS: [(&str, &[&str]); 2] = [
    ("trueup-plan", &[]),
    (
        "trueup-apply",
        &["--apply", "--lock", "s3://acme-trueup-locks/apply", "--state", "s3://acme-trueup-runs/production"],
    ),
];

/// What is done in place of a command that cannot be run.
pub(super) fn instead(page: &str, stage: &Stage) {
    if page == "docs/team.md" {
        deployed::roles(stage);
    }
}

/// Roles of the management account that pages name as profiles.
const ROLES: [(&str, &str); 3] = [
    ("trueup-pipeline", r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#),
    ("security-approver", r#"{"Effect": "Allow", "Action": "organizations:Describe*", "Resource": "*"}"#),
    ("key-administrator", r#"{"Effect": "Allow", "Action": ["kms:CreateKey", "kms:TagResource"], "Resource": "*"}"#),
];

/// Profiles that assume those roles with the keys of the environment.
fn profiles(stage: &Stage) {
    let management = stage.world(|world| world.management());
    let profile = |(name, _): (&str, &str)| {
        format!(
            "[profile {name}]\nrole_arn = arn:aws:iam::{management}:role/{name}\nrole_session_name = ada\ncredential_source = Environment\n"
        )
    };
    std::fs::create_dir(stage.path(".aws")).expect("a folder");
    let jobs = JOBS.map(|(name, _)| profile((name, "")));
    stage.write(".aws/config", &[ROLES.map(profile).concat(), jobs.concat()].concat());
}

/// A bucket of the management account.
fn bucket(world: &mut World, name: &str) {
    let management = world.management();
    let bucket = json!({"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": HOME}});
    world.build(&management, HOME, "s3", "CreateBucket", bucket);
}

/// What there is besides, and what happens.
fn furnish(world: &mut World, page: &str) {
    let management = world.management();
    for (name, statement) in ROLES {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{management}:root")}, "Action": "sts:AssumeRole",
        }]});
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
        world.build(&management, HOME, "iam", "CreateRole", role);
        let document = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
        let policy = json!({"RoleName": name, "PolicyName": "own", "PolicyDocument": document});
        world.build(&management, HOME, "iam", "PutRolePolicy", policy);
    }
    match page {
        "docs/doctor.md" => bucket(world, "team-locks"),
        "docs/plan-and-apply.md" => bucket(world, "team-trueup"),
        "docs/interrupted.md" => {
            // Both writes take effect; the answer to the second never comes.
            for (account, effect) in [(LATE, Effect::Latency { milliseconds: 16_000 }), (SILENT, Effect::Hang)] {
                world.faults.inject(Injection {
                    account: Some(account.to_owned()),
                    only: Only::Writes,
                    times: Some(1),
                    moment: Moment::After,
                    ..Injection::new(effect)
                });
            }
        }
        _ => {}
    }
}
