//! Approvals: who can make one, and what apply refuses before anything is entered.

mod making;
mod proof;
mod refused;

use aws_smithy_types::base64;
use serde_json::{Value, json};
use trueup::approval::{Algorithm, Approval, FORMAT, Statement, Word};
use trueup::simulator::services::iam::User;
use trueup::simulator::world::{Caller, Credential, Principal, World};

use crate::harness::{Done, HOME, STRONG, Stage, all_strong, organization, set_policy, text};

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
