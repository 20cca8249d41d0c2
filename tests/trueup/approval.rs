//! Approvals: who can make one, and what apply refuses before anything is entered.
//!
//! Every refusal stands here with its words, which is what makes it long.

use std::os::unix::fs::PermissionsExt as _;

use aws_smithy_types::base64;
use serde_json::{Value, json};
use trueup::approval::{Algorithm, Approval, FORMAT, Statement, Word};
use trueup::simulator::services::iam::User;
use trueup::simulator::world::{Caller, Credential, Principal, World};

use crate::harness::{
    Done, HOME, STRONG, Stage, all_strong, error, offline, organization, policy_write, set_policy, strike, text,
};

/// An organization with one weak account and a plan for it, approvers in the management account, and their keys.
struct Scene {
    stage: Stage,
    weak: String,
    management: String,
    /// The key of the security team.
    security: String,
    /// The key of the platform team.
    platform: String,
    ada: Credential,
    bob: Credential,
}

fn user(world: &mut World, name: &str) -> Credential {
    let account = world.management();
    world.account(&account).expect("it is there").iam.users.insert(name.to_owned(), User::default());
    let (arn, id) = (format!("arn:aws:iam::{account}:user/{name}"), format!("AIDA{}", name.to_uppercase()));
    world.issue(Caller { account, arn, id, principal: Principal::User(name.to_owned()) }, None)
}

/// A key of the management account whose administrators may do everything but sign; `group` may.
fn key(world: &mut World, spec: &str, group: &Credential) -> String {
    let account = world.management();
    let administers = ["kms:Describe*", "kms:Get*", "kms:Put*", "kms:Verify", "kms:DisableKey"];
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": administers,
         "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": group.caller.arn}, "Action": ["kms:GetPublicKey", "kms:Sign"],
         "Resource": "*"}]});
    let wish = json!({"KeySpec": spec, "KeyUsage": "SIGN_VERIFY", "Policy": policy.to_string()});
    text(&world.build(&account, HOME, "kms", "CreateKey", wish)["KeyMetadata"]["Arn"]).to_owned()
}

impl Scene {
    fn new() -> Self {
        let (mut world, ids) = organization(&["weak"]);
        all_strong(&mut world);
        set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
        let (ada, bob) = (user(&mut world, "ada"), user(&mut world, "bob"));
        let security = key(&mut world, "ECC_NIST_P256", &ada);
        let platform = key(&mut world, "RSA_2048", &bob);
        let management = world.management();
        let stage = Stage::held_to(world, STRONG);
        stage.planned(2);
        Self { stage, weak: ids[0].clone(), management, security, platform, ada, bob }
    }

    /// Runs the binary as somebody else.
    fn run_as(&self, who: &Credential, arguments: &[&str]) -> Done {
        let mut command = self.stage.command(arguments);
        command.env("AWS_ACCESS_KEY_ID", &who.access_key_id).env("AWS_SECRET_ACCESS_KEY", &who.secret_access_key);
        Done::from(command.output().expect("the binary runs"))
    }

    fn approve(&self, who: &Credential, key: &str, more: &[&str]) -> Done {
        self.run_as(who, &[&["approve", "plan.json", "--kms-key", key, "--auto-approve"], more].concat())
    }

    /// Both approve, each into a file of their own.
    fn both_approve(&self) {
        assert_eq!(self.approve(&self.ada, &self.security, &["--out", "ada.approval"]).code, Some(0));
        assert_eq!(self.approve(&self.bob, &self.platform, &["--out", "bob.approval"]).code, Some(0));
    }

    fn apply(&self, more: &[&str]) -> Done {
        self.stage.run(&[&["apply", "plan.json", "--require-approval", &self.security], more].concat())
    }

    /// Applying is refused with these words, and no account was entered.
    #[track_caller]
    fn refused(&self, code: i32, more: &[&str], words: &str) {
        self.apply(more).refused(code, words);
        self.nothing_was_done();
    }

    #[track_caller]
    fn nothing_was_done(&self) {
        assert_eq!(self.stage.writes(), []);
        let entered = self.stage.calls().iter().filter(|call| call.operation == "AssumeRole").count();
        assert_eq!(entered, 1, "no account was entered after the plan was made");
    }

    fn statement(&self, key: &str) -> Statement {
        let word = |text: &str| Word::try_from(text.to_owned()).expect("plain");
        let plan = self.stage.read_json("plan.json");
        Statement {
            format: word(FORMAT),
            plan: word(text(&plan["digest"])),
            organization: word(&self.stage.organization()),
            key: key.parse().expect("an ARN"),
            approved_by: word(&self.ada.caller.arn),
            expires: jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1),
        }
    }

    /// Whatever statement with a right signature of the key of the security team: a hostile approver can have it.
    fn signed(&self, statement: &Statement) {
        let message = base64::encode(statement.bytes());
        let wish = json!({"KeyId": self.security, "Message": message, "SigningAlgorithm": "ECDSA_SHA_256"});
        let answer = self.stage.world(|world| world.build(&self.management, HOME, "kms", "Sign", wish));
        let signature = base64::decode(text(&answer["Signature"])).expect("base64");
        let approval = Approval::new(statement.clone(), Algorithm::EcdsaSha256, &signature);
        self.stage.write("plan.json.approval", &approval.text());
    }

    /// Changes the approval beside the plan.
    fn alter(&self, pointer: &str, value: Value) {
        let mut approval = self.stage.read_json("plan.json.approval");
        *approval.pointer_mut(pointer).expect("it is there") = value;
        self.stage.write("plan.json.approval", &approval.to_string());
    }

    /// Writes the public key of a key as PEM.
    fn pem(&self, key: &str, name: &str) {
        let wish = json!({"KeyId": key});
        let answer = self.stage.world(|world| world.build(&self.management, HOME, "kms", "GetPublicKey", wish));
        let body = text(&answer["PublicKey"]);
        self.stage.write(name, &format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"));
    }

    fn times(&self, operation: &str) -> usize {
        self.stage.count(&self.management, operation)
    }
}

#[test]
fn an_approved_plan_is_applied_and_who_approved_is_shown_as_claimed() {
    let scene = Scene::new();
    let done = scene.approve(&scene.ada, &scene.security, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("\nPlan: 0 to add, 1 to change"), "who approves sees what: {}", done.stderr);
    let plan = scene.stage.read_json("plan.json");
    let said = format!("Approved {} as {} until ", text(&plan["digest"]), scene.ada.caller.arn);
    assert!(done.stdout.starts_with(&said) && done.stdout.ends_with(": plan.json.approval\n"), "{}", done.stdout);
    let mode = std::fs::metadata(scene.stage.path("plan.json.approval")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let approval = scene.stage.read_json("plan.json.approval");
    assert_eq!(approval["statement"]["plan"], scene.stage.read_json("plan.json")["digest"]);
    assert_eq!(approval["statement"]["organization"], scene.stage.organization());

    let done = scene.apply(&[]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let said = format!("Approved with {} until ", scene.security);
    let by = format!("; as claimed, by {}", scene.ada.caller.arn);
    assert!(done.stderr.contains(&said) && done.stderr.contains(&by), "{}", done.stderr);
    assert_eq!(scene.stage.writes(), [policy_write(&scene.weak)]);
}

#[test]
fn who_approves_asks_kms_for_a_key_and_a_signature_and_nobody_for_anything_else() {
    let scene = Scene::new();
    let before = scene.stage.calls().len();
    let done = scene.approve(&scene.ada, &scene.security, &["--expires", "2h", "--format", "json"]);
    let calls: Vec<String> = scene.stage.calls()[before..].iter().map(|call| call.operation.clone()).collect();
    assert_eq!(calls, ["GetCallerIdentity", "GetPublicKey", "Sign"]);
    assert_eq!(done.json(), scene.stage.read_json("plan.json.approval"));
    let expires: jiff::Timestamp = text(&done.json()["statement"]["expires"]).parse().expect("a time");
    let left = expires.duration_since(jiff::Timestamp::now()).as_mins();
    assert!((110..=120).contains(&left), "{expires}");
}

#[test]
fn the_key_alone_says_where_so_no_region_has_to_be_known() {
    let scene = Scene::new();
    let arguments = ["approve", "plan.json", "--kms-key", &scene.security, "--auto-approve"];
    let mut command = scene.stage.command(&arguments);
    command.env_remove("AWS_REGION").env("AWS_ACCESS_KEY_ID", &scene.ada.access_key_id);
    let done = Done::from(command.env("AWS_SECRET_ACCESS_KEY", &scene.ada.secret_access_key).output().expect("runs"));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[test]
fn a_plan_that_nobody_approved_is_refused() {
    let scene = Scene::new();
    scene.refused(64, &[], "could not read the approval plan.json.approval");
    scene.refused(64, &["--approval", "elsewhere"], "could not read the approval elsewhere");
    let done = scene.apply(&[]);
    assert!(done.stderr.contains("hint: trueup approve PLAN --kms-key"), "{}", done.stderr);
}

#[test]
fn an_approval_of_another_plan_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.stage.planned(2);
    let words = "plan.json.approval approves the plan sha256:";
    scene.apply(&[]).refused(64, words);
    assert_eq!(scene.stage.writes(), []);
}

#[test]
fn an_approval_of_another_organization_is_refused_although_its_signature_is_right() {
    let scene = Scene::new();
    let mut statement = scene.statement(&scene.security);
    statement.organization = Word::try_from("o-zzzzzzzzzz".to_owned()).expect("plain");
    scene.signed(&statement);
    scene.refused(64, &[], "approves a plan of o-zzzzzzzzzz, and this one is of");
    let organization = scene.stage.organization();
    scene.refused(64, &["--organization", &organization], "approves a plan of o-zzzzzzzzzz");
    scene.signed(&scene.statement(&scene.security));
    scene.refused(64, &["--organization", "o-zzzzzzzzzz"], "and this one is of o-zzzzzzzzzz");
    assert_eq!(scene.apply(&[]).code, Some(0), "the same with the right one is applied");
}

#[test]
fn an_approval_that_expired_is_refused_although_its_signature_is_right() {
    let scene = Scene::new();
    let mut statement = scene.statement(&scene.security);
    statement.expires = "2026-01-01T00:00:00Z".parse().expect("a time");
    scene.signed(&statement);
    scene.refused(64, &[], "plan.json.approval expired at 2026-01-01T00:00:00Z: approve the plan again");
}

#[test]
fn an_approval_with_another_key_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.bob, &scene.platform, &[]).code, Some(0));
    scene.refused(64, &[], "which --require-approval does not name");
}

#[test]
fn an_altered_statement_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let altered = "does not bear a signature of";
    scene.alter("/statement/expires", json!("2099-01-01T00:00:00Z"));
    scene.refused(64, &[], altered);
    scene.signed(&scene.statement(&scene.security));
    scene.alter("/statement/approved_by", json!("arn:aws:iam::111122223333:user/chief"));
    scene.refused(64, &[], altered);
    scene.pem(&scene.security, "security.pem");
    scene.refused(64, &["--approval-public-key", "security.pem"], altered);
}

#[test]
fn an_altered_signature_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.pem(&scene.security, "security.pem");
    let other = base64::encode([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]);
    for signature in ["", "AAAA", "%%%", &other] {
        scene.alter("/signature", json!(signature));
        scene.refused(64, &[], "does not bear a signature of");
        scene.refused(64, &["--approval-public-key", "security.pem"], "does not bear a signature of");
    }
    scene.signed(&scene.statement(&scene.security));
    scene.alter("/algorithm", json!("RSASSA_PSS_SHA_256"));
    scene.refused(64, &[], "InvalidKeyUsageException");
    scene.refused(64, &["--approval-public-key", "security.pem"], "does not bear a signature of");
}

#[test]
fn one_key_cannot_stand_in_for_another() {
    let scene = Scene::new();
    // Signed by the security team's key, but claimed to be the platform team's.
    scene.signed(&scene.statement(&scene.platform));
    let wanted = ["apply", "plan.json", "--require-approval", &scene.platform];
    scene.stage.run(&wanted).refused(64, "InvalidKeyUsageException");
    scene.pem(&scene.platform, "platform.pem");
    scene.pem(&scene.security, "security.pem");
    let offline = [&wanted[..], &["--approval-public-key", "platform.pem"]].concat();
    scene.stage.run(&offline).refused(64, "does not bear a signature of");
    let both = format!("{},{}", scene.security, scene.platform);
    let wanted = ["apply", "plan.json", "--require-approval", &both, "--approval-public-key", "security.pem"];
    scene.stage.run(&wanted).refused(64, "no approval by the key");
    scene.nothing_was_done();
}

#[test]
fn every_group_that_is_named_has_to_approve() {
    let scene = Scene::new();
    scene.both_approve();
    let both = format!("{},{}", scene.security, scene.platform);
    let apply = |more: &[&str]| {
        let approvals = more.iter().flat_map(|file| ["--approval", file]);
        let arguments: Vec<&str> =
            ["apply", "plan.json", "--require-approval", &both].into_iter().chain(approvals).collect();
        scene.stage.run(&arguments)
    };
    apply(&["ada.approval"]).refused(64, &format!("no approval by the key {}", scene.platform));
    apply(&["ada.approval", "ada.approval"]).refused(64, "no approval by the key");
    apply(&["bob.approval"]).refused(64, &format!("no approval by the key {}", scene.security));
    scene.nothing_was_done();
    assert_eq!(apply(&["bob.approval", "ada.approval"]).code, Some(0));
    assert_eq!(scene.times("Verify"), 2);
}

#[test]
fn one_bad_approval_among_good_ones_is_refused() {
    let scene = Scene::new();
    scene.both_approve();
    scene.refused(64, &["--approval", "ada.approval", "--approval", "bob.approval"], "which --require-approval does");
    let other = scene.statement(&scene.security);
    scene.signed(&Statement { expires: "2026-01-01T00:00:00Z".parse().expect("a time"), ..other });
    let files = ["--approval", "ada.approval", "--approval", "plan.json.approval"];
    scene.refused(64, &files, "plan.json.approval expired at");
}

#[test]
fn with_public_keys_kms_is_not_asked() {
    let scene = Scene::new();
    scene.both_approve();
    scene.pem(&scene.security, "security.pem");
    scene.pem(&scene.platform, "platform.pem");
    let both = format!("{},{}", scene.security, scene.platform);
    let (security, platform) = (format!("{}=security.pem", scene.security), format!("{}=platform.pem", scene.platform));
    let known = ["apply", "plan.json", "--require-approval", &both, "--approval", "ada.approval", "--approval"];
    let apply = |more: &[&str]| scene.stage.run(&[&known[..], &["bob.approval"], more].concat());
    let keys = |one, other| apply(&["--approval-public-key", one, "--approval-public-key", other]);
    apply(&["--approval-public-key", "security.pem"]).refused(64, "it is not clear of which key security.pem is");
    keys(&security, &security).refused(64, "has two files of --approval-public-key");
    let swapped = (format!("{}=platform.pem", scene.security), format!("{}=security.pem", scene.platform));
    keys(&swapped.0, &swapped.1).refused(64, "does not bear a signature of");
    scene.nothing_was_done();
    assert_eq!(keys(&security, &platform).code, Some(0));
    assert_eq!(scene.times("Verify"), 0);
}

#[test]
fn a_public_key_that_is_none_or_of_another_key_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.stage.write("none.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    scene.refused(64, &["--approval-public-key", "none.pem"], "none.pem is not a public key on P-256 or of RSA");
    scene.refused(64, &["--approval-public-key", "gone.pem"], "could not read the public key gone.pem");
    let other = format!("{}=none.pem", scene.platform);
    scene.refused(64, &["--approval-public-key", &other], "which --require-approval does not name");
    scene.pem(&scene.platform, "platform.pem");
    scene.refused(64, &["--approval-public-key", "platform.pem"], "does not bear a signature of");
}

#[test]
fn a_key_that_is_disabled_takes_its_approvals_with_it() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let key = json!({"KeyId": scene.security.rsplit('/').next()});
    scene.stage.world(|world| world.build(&scene.management, HOME, "kms", "DisableKey", key));
    scene.refused(64, &[], "could not verify the approval: kms:Verify in");
}

#[test]
fn an_approval_that_cannot_be_verified_ends_the_run() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.stage.inject(strike(&scene.management, "Verify", error(400, "AccessDeniedException")));
    scene.refused(1, &[], "could not verify the approval: kms:Verify in");
    let done = scene.apply(&[]);
    assert!(done.stderr.contains("hint: the caller needs kms:Verify on the key"), "{}", done.stderr);
    scene.stage.world(|world| world.faults.clear());
    scene.stage.inject(strike(&scene.management, "Verify", error(500, "KMSInternalException")));
    scene.refused(1, &[], "KMSInternalException");
}

#[test]
fn a_caller_that_could_have_signed_is_no_other() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let policy = |action: &str| {
        let root = format!("arn:aws:iam::{}:root", scene.management);
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": action, "Resource": "*"}]});
        let wish = json!({"KeyId": scene.security, "Policy": policy.to_string(), "PolicyName": "default",
            "BypassPolicyLockoutSafetyCheck": true});
        scene.stage.world(|world| world.build(&scene.management, HOME, "kms", "PutKeyPolicy", wish));
    };
    policy("kms:*");
    let could = format!("user/administrator could have signed with {} itself", scene.security);
    scene.refused(64, &["--require-other"], &could);
    scene.pem(&scene.security, "security.pem");
    scene.refused(64, &["--require-other", "--approval-public-key", "security.pem"], &could);
    policy("kms:Verify");
    assert_eq!(scene.apply(&["--require-other"]).code, Some(0));
    let signs: Vec<_> = scene.stage.calls().into_iter().filter(|call| call.operation == "Sign").collect();
    let dry: Vec<_> = signs.iter().filter(|call| call.input["DryRun"] == true).collect();
    assert_eq!((signs.len(), dry.len()), (4, 3), "apply never asks for a signature: {signs:#?}");
    let message = |call: &Value| base64::decode(text(&call["Message"])).expect("base64");
    assert!(dry.iter().all(|call| !message(&call.input).starts_with(b"{")), "nor over anything that could approve");
}

#[test]
fn a_proof_that_fails_is_no_proof() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let unknown = "could not find out whether the caller could have signed itself";
    for code in ["KMSInternalException", "ExpiredTokenException", "UnrecognizedClientException", "NotFoundException"] {
        scene.stage.inject(strike(&scene.management, "Sign", error(400, code)));
        scene.refused(1, &["--require-other"], unknown);
        scene.stage.world(|world| world.faults.clear());
    }
}

#[test]
fn a_digest_that_is_expected_has_to_be_the_one() {
    let scene = Scene::new();
    let plan = scene.stage.read_json("plan.json");
    let right = text(&plan["digest"]);
    let shown = scene.stage.run(&["show", "plan.json"]);
    assert!(shown.stderr.contains(&format!("The plan has the digest {right}")), "{}", shown.stderr);
    let wrong = format!("sha256:{:064}", 7);
    let words = format!("plan.json has the digest {right}, and --expect-digest says {wrong}");
    scene.stage.run(&["apply", "plan.json", "--expect-digest", &wrong]).refused(64, &words);
    scene.approve(&scene.ada, &scene.security, &["--expect-digest", &wrong]).refused(64, &words);
    assert!(!scene.stage.path("plan.json.approval").exists());
    scene.nothing_was_done();
    assert_eq!(scene.stage.apply(&["--expect-digest", right]).1, Some(0));
}

#[test]
fn what_cannot_approve_is_refused() {
    let scene = Scene::new();
    let make = |wish: Value| {
        let made = scene.stage.world(|world| world.build(&scene.management, HOME, "kms", "CreateKey", wish));
        text(&made["KeyMetadata"]["Arn"]).to_owned()
    };
    let administrator = scene.stage.world(World::administrator);
    for wish in [
        json!({}),
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}),
        json!({"KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY"}),
        json!({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY"}),
    ] {
        let key = make(wish);
        scene.approve(&administrator, &key, &[]).refused(64, &format!("{key} is not a key that approves"));
    }
    scene.approve(&scene.bob, &scene.security, &[]).refused(1, "could not read the public key: kms:GetPublicKey in");
    scene.approve(&administrator, &scene.security, &[]).refused(1, "who may approve is who the key policy allows");
    let absent = format!("arn:aws:kms:{HOME}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab", scene.management);
    scene.approve(&administrator, &absent, &[]).refused(1, "NotFoundException");
    assert!(!scene.stage.path("plan.json.approval").exists());
}

#[test]
fn a_plan_that_was_changed_is_not_approved() {
    let scene = Scene::new();
    let mut plan = scene.stage.read_json("plan.json");
    plan["changes"][0]["steps"][0]["policy"]["minimum_length"] = json!(6);
    scene.stage.write("plan.json", &plan.to_string());
    scene.approve(&scene.ada, &scene.security, &[]).refused(64, "plan.json was changed after it was made");
}

#[test]
fn without_a_terminal_nobody_approves_by_accident() {
    let scene = Scene::new();
    let before = scene.stage.calls().len();
    let arguments = ["approve", "plan.json", "--kms-key", &scene.security];
    scene.run_as(&scene.ada, &arguments).refused(64, "without a terminal approve takes --auto-approve");
    assert_eq!(scene.stage.calls().len(), before);
}

#[test]
fn hostile_files_are_refused_and_cannot_steer_the_terminal() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let good = scene.stage.read("plan.json.approval");
    let hostile = ["", "{}", "\u{1b}[2J", "[[[[", &good[..60], &good.replace("sha256:", "\u{1b}]0;x\u{7}")];
    for text in hostile.into_iter().chain([&*"x".repeat(200_000)]) {
        scene.stage.write("plan.json.approval", text);
        let done = scene.apply(&[]);
        done.refused(64, "plan.json.approval is not an approval of trueup");
        assert!(!done.stderr.contains(['\u{1b}', '\u{7}']), "{:?}", done.stderr);
    }
    scene.nothing_was_done();
}

#[test]
fn options_of_approvals_stand_with_what_they_are_about() {
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let alias = KEY.replace("key/", "alias/");
    for arguments in [
        &["apply", "--require-approval", KEY][..],
        &["apply", "--expect-digest", "sha256:00"],
        &["apply", "plan.json", "--expect-digest", "abc"],
        &["apply", "plan.json", "--approval", "a.approval"],
        &["apply", "plan.json", "--approval-public-key", "a.pem"],
        &["apply", "plan.json", "--require-other"],
        &["apply", "plan.json", "--require-approval", "alias/security"],
        &["apply", "plan.json", "--require-approval", &alias],
        &["apply", "plan.json", "--require-approval", ""],
        &["approve", "plan.json"],
        &["approve", "plan.json", "--kms-key", &alias],
        &["approve", "plan.json", "--kms-key", KEY, "--expires", "0s"],
        &["approve", "plan.json", "--kms-key", KEY, "--expires=-1h"],
        &["approve", "plan.json", "--kms-key", KEY, "--read-role", "audit"],
    ] {
        let done = offline(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(64), ""), "{arguments:?}: {}", done.stderr);
        assert!(!done.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn markdown_is_of_plans_and_says_the_digest() {
    let scene = Scene::new();
    let plan = scene.stage.read_json("plan.json");
    let shown = scene.stage.run(&["show", "plan.json", "--format", "markdown"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("### Plan: 0 to add, 1 to change, 0 to remove in 1 account.\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains(&format!("Digest `{}`", text(&plan["digest"]))), "{}", shown.stdout);
    let arguments = ["plan", "-b", "baseline.yaml", "--out", "plan.json", "--report", "markdown=plan.md"];
    let planned = scene.stage.run(&[&arguments[..], &["--format", "markdown"]].concat());
    let shown = scene.stage.run(&["show", "plan.json", "--format", "markdown"]);
    assert_eq!((&planned.stdout, &scene.stage.read("plan.md")), (&shown.stdout, &shown.stdout));
    let other = "--format markdown is for `plan` and `show`";
    for arguments in [&["apply", "plan.json"][..], &["accounts"], &["controls"], &["baseline", "check"]] {
        scene.stage.run(&[arguments, &["--format", "markdown"]].concat()).refused(64, other);
    }
    let report = ["apply", "plan.json", "--report", "markdown=applied.md"];
    scene.stage.run(&report).refused(64, "there is no Markdown report of an apply");
    assert_eq!(scene.stage.writes(), []);
}
