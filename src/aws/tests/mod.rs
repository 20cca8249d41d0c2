//! Sessions against canned answers: what is sent, what is not, and what errors become.

mod calls;
mod entering;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::credential_fn::provide_credentials_fn;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;

use super::stub::{Answer, Asked, Stub, assumed, broken, caller, json, refused, xml};
use super::*;
use crate::observe::{Call, Class, DeniedBy, ReadError};
use crate::target::{AccountId, Target};

const ALIASES: Call = Call { service: "IAM", operation: "ListAccountAliases", action: "iam:ListAccountAliases" };
const TRAILS: Call = Call { service: "CloudTrail", operation: "ListTrails", action: "cloudtrail:ListTrails" };
const POLICY: Call =
    Call { service: "IAM", operation: "GetAccountPasswordPolicy", action: "iam:GetAccountPasswordPolicy" };
const LATER: &str = "2099-01-01T00:00:00Z";

fn account() -> AccountId {
    "111122223333".parse().expect("an id")
}

fn at() -> Target {
    Target { account: account(), region: None }
}

fn by(roles: &[&str]) -> Entry {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Entry::Role { roles, external_id: None, policy: None }
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

fn no_aliases() -> Answer {
    xml(
        200,
        "<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases/><IsTruncated>false</IsTruncated>\
         </ListAccountAliasesResult></ListAccountAliasesResponse>",
    )
}

fn ordinary(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "AssumeRole" => assumed(asked, LATER),
        "ListAccountAliases" => no_aliases(),
        "ListTrails" => json(200, r#"{"Trails":[]}"#),
        other => refused(400, "InvalidAction", other),
    }
}

async fn session(stub: &Stub, entry: Entry, allowed: &[Call]) -> (Session, Arc<Guard>) {
    let guard = Arc::new(Guard::new(allowed.iter().copied()));
    (stub.base().await.enter(&caller(), &account(), entry, &guard), guard)
}

async fn aliases(session: &Session) -> Result<(), ReadError> {
    session.ask(&at(), &ALIASES, session.iam().list_account_aliases().send()).await.map(drop)
}
