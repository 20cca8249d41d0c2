//! What is taken from the root user of a member, as that root user.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_sts::types::PolicyDescriptorType;
use serde::{Deserialize, Serialize};

use crate::Session;
use crate::observe::iam::{LIST_KEYS, list_keys};
use crate::observe::{Call, ReadError};
use crate::steps::writer::done_on;
use crate::steps::{Atom, Risk, Undo, Writer};
use crate::target::Target;

const ASSUME: Call = Call { service: "STS", operation: "AssumeRoot", action: "sts:AssumeRoot" };
const DELETE: Call = Call { service: "IAM", operation: "DeleteAccessKey", action: "iam:DeleteAccessKey" };

/// AWS's policy for the task: nothing else can be done by the session. It lets keys be deleted, and not be deactivated.
const TASK: &str = "root-task/IAMDeleteRootUserCredentials";

/// The most that AWS gives, in seconds.
const LASTS: i32 = 900;

/// Deletes the access keys of a member's root user. Which those are only the root user itself may ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteRootAccessKeys {}

impl Atom for DeleteRootAccessKeys {
    const CALLS: &'static [Call] = &[ASSUME, LIST_KEYS, DELETE];
    const AS_ROOT: bool = true;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let root = Writer { session: become_root(writer).await?, assuming: None, ..writer.clone() };
        for key in list_keys(&root.session, &root.at, None).await?.unwrap_or_default() {
            let undo = Undo::Never(format!("access key {} of the root user is gone: no call gives it back", key.id));
            let request = root.session.iam().delete_access_key().access_key_id(&key.id);
            done_on(root.write(&root.at, &DELETE, undo, request.send()).await, &["NoSuchEntity"])?;
        }
        Ok(())
    }

    fn says(&self) -> String {
        "DeleteAccessKey of each access key of the root user, by AssumeRoot from the management account".to_owned()
    }

    fn risk(&self) -> Risk {
        Risk::Irreversible
    }

    fn retried(&self) -> &'static [&'static str] {
        &["EntityTemporarilyUnmodifiable", "ConcurrentModification"]
    }

    fn undo(&self) -> String {
        "by no call: a deleted access key cannot be restored; who needs one makes another as the root user".to_owned()
    }
}

/// A session as the root user of the account that is written:
/// [AssumeRoot](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html), which only the STS of a region
/// answers.
async fn become_root(writer: &Writer) -> Result<Session, ReadError> {
    let account = &writer.at.account;
    let Some(management) = &writer.assuming else {
        return Err(ReadError::senseless(&writer.at, &ASSUME, "the management account is not known"));
    };
    let region = Some(management.home_region().clone());
    let at = Target { account: management.account().clone(), region };
    let task = format!("arn:{}:iam::aws:policy/{TASK}", management.partition());
    let request = management
        .sts()
        .assume_root()
        .target_principal(account.as_str())
        .task_policy_arn(PolicyDescriptorType::builder().arn(task).build())
        .duration_seconds(LASTS);
    let witness = Arc::clone(&writer.witness);
    let asking = Writer { at: at.clone(), session: management.clone(), assuming: None, witness };
    // Nothing is left of it, so there is nothing to undo.
    let answer = asking.answered(&at, &ASSUME, Undo::By(vec![]), request.send()).await?;
    let broken = |what: &str| ReadError::senseless(&at, &ASSUME, what);
    let given = answer.credentials().ok_or_else(|| broken("the answer has no credentials"))?;
    let end = (*given.expiration()).try_into().map_err(|_| broken("the answer has no sensible expiry"))?;
    let token = Some(given.session_token().to_owned());
    let keys = Credentials::new(given.access_key_id(), given.secret_access_key(), token, Some(end), "trueup");
    Ok(writer.session.given(keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::{Answer, Asked, Stub, caller, refused, xml};
    use crate::{Base, Entry, Guard, Options};

    const MEMBER: &str = "111122223333";

    fn answer(asked: &Asked) -> Answer {
        match asked.operation.as_str() {
            "AssumeRoot" => xml(
                200,
                "<AssumeRootResponse><AssumeRootResult><Credentials><AccessKeyId>root</AccessKeyId>\
                 <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
                 <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRootResult></AssumeRootResponse>",
            ),
            "ListAccessKeys" => xml(
                200,
                "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><UserName/>\
                 <AccessKeyId>AKIAONE</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata>\
                 <IsTruncated>false</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>",
            ),
            "DeleteAccessKey" => xml(200, "<DeleteAccessKeyResponse/>"),
            other => refused(400, "InvalidAction", other),
        }
    }

    /// Deletes the keys of a member, with a session in the management account or without, and answers what was asked.
    async fn run(above: bool) -> (Stub, Result<(), ReadError>) {
        let stub = Stub::new(answer);
        // AWS's own endpoints are asked.
        let options = Options { endpoint_url: None, region: "us-east-1".parse().ok(), ..stub.options() };
        let base = Base::load(options).await.expect("a base");
        let guard = Arc::new(Guard::new(DeleteRootAccessKeys::CALLS.iter().copied()));
        let session = base.enter(&caller(), &caller().account, Entry::Own, &guard).once();
        let at = Target { account: MEMBER.parse().expect("an id"), region: None };
        let assuming = above.then(|| session.clone());
        let writer = Writer { at, session, assuming, witness: Arc::new(()) };
        let done = DeleteRootAccessKeys {}.run(&writer).await;
        (stub, done)
    }

    #[tokio::test]
    async fn the_sts_of_the_region_is_asked_for_one_task_and_what_it_gives_deletes_the_keys() {
        let (stub, done) = run(true).await;
        assert_eq!(done, Ok(()));
        let asked = stub.asked();
        let by: Vec<_> = asked.iter().map(|asked| (asked.operation.as_str(), asked.access_key.as_str())).collect();
        assert_eq!(by, [("AssumeRoot", "caller"), ("ListAccessKeys", "root"), ("DeleteAccessKey", "root")]);
        // The global endpoint, sts.amazonaws.com, does not know AssumeRoot.
        assert_eq!(asked[0].host, "sts.us-east-1.amazonaws.com");
        let sent = ["TargetPrincipal", "TaskPolicyArn.arn", "DurationSeconds"].map(|name| asked[0].field(name));
        let task = "arn:aws-cn:iam::aws:policy/root-task/IAMDeleteRootUserCredentials";
        assert_eq!(sent, [MEMBER, task, "900"].map(|text| Some(text.to_owned())));
        assert_eq!(["UserName", "AccessKeyId"].map(|name| asked[2].field(name)), [None, Some("AKIAONE".to_owned())]);
    }

    #[tokio::test]
    async fn without_a_session_in_the_management_account_nothing_is_sent() {
        let (stub, done) = run(false).await;
        assert!(done.is_err_and(|error| error.action == "sts:AssumeRoot") && stub.asked().is_empty());
    }
}
