//! What is made of the answers of EC2.

use std::sync::Arc;

use super::ebs::{DefaultKeyId, EbsEncryption};
use super::instances::{InstanceMetadata, MetadataDefaults, SerialConsole, Tokens};
use super::sharing::{ImageSharing, PublicSnapshots, Sharing, SnapshotSharing};
use super::*;
use crate::aws::stub::{Answer as Canned, Asked, Stub, caller, json, xml};
use crate::aws::{Entry, Guard};
use crate::observe::kms::named::NamedKey;
use crate::observe::{Homes, Observe, Readable, Reader};

/// What is observed where EC2 answers so, and which operations were asked.
async fn seen<T: Observe>(
    key: T::Key,
    answer: impl Fn(&Asked) -> Canned + Send + Sync + 'static,
) -> (Result<T, ReadError>, Vec<Asked>) {
    let stub = Stub::new(answer);
    let below = NamedKey::<false>::CALLS.iter().chain(DefaultKeyId::CALLS).chain(PublicSnapshots::CALLS);
    let guard = Arc::new(Guard::new(T::CALLS.iter().chain(below).copied()));
    let session = stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard);
    let region = "eu-west-1".parse().expect("a region");
    let homes = Arc::new(Homes::live(None, session.home_region().clone(), None));
    let seen = T::observe(&Reader::live(session, &homes).in_region(&region), &key).await;
    (seen, stub.asked())
}

fn answered(operation: &str, inside: &str) -> Canned {
    xml(200, &format!("<{operation}Response><requestId>r</requestId>{inside}</{operation}Response>"))
}

async fn one<T: Observe<Key = ()>>(inside: &'static str) -> Result<T, ReadError> {
    seen::<T>((), move |asked| answered(&asked.operation, inside)).await.0
}

#[tokio::test]
async fn a_state_that_is_missing_or_not_known_is_no_answer() {
    let state = |inside: &'static str| async move {
        let seen = seen::<SnapshotSharing>(false, move |asked| answered(&asked.operation, inside)).await.0;
        seen.map(|seen| (seen.state, seen.declared)).map_err(|error| (error.class, error.message))
    };
    assert_eq!(state("<state>unblocked</state>").await, Ok((Sharing::Unblocked, false)));
    let declared = "<state>block-all-sharing</state><managedBy>declarative-policy</managedBy>";
    assert_eq!(state(declared).await, Ok((Sharing::BlockAllSharing, true)));
    assert_eq!(state("").await, Err((Class::Failed, "the answer has no state".to_owned())));
    assert_eq!(state("<state>half</state>").await, Err((Class::Failed, "the state half is not known".to_owned())));
}

#[tokio::test]
async fn images_and_consoles_are_what_they_are_said_to_be() {
    let blocked =
        "<imageBlockPublicAccessState>block-new-sharing</imageBlockPublicAccessState><managedBy>account</managedBy>";
    assert_eq!(one::<ImageSharing>(blocked).await, Ok(ImageSharing { blocked: true, declared: false }));
    let open = "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState>";
    assert_eq!(one::<ImageSharing>(open).await, Ok(ImageSharing { blocked: false, declared: false }));
    let other = "<imageBlockPublicAccessState>block-all</imageBlockPublicAccessState>";
    assert_eq!(one::<ImageSharing>(other).await.expect_err("not known").class, Class::Failed);
    let on = "<serialConsoleAccessEnabled>true</serialConsoleAccessEnabled><managedBy>declarative-policy</managedBy>";
    assert_eq!(one::<SerialConsole>(on).await, Ok(SerialConsole { enabled: true, declared: true }));
    assert_eq!(one::<SerialConsole>("").await.expect_err("missing").class, Class::Failed);
}

#[tokio::test]
async fn a_default_that_is_left_out_is_no_preference() {
    let defaults = |inside: &'static str| async move {
        one::<InstanceMetadata>(inside).await.map(|seen| seen.defaults).map_err(|error| error.message)
    };
    assert_eq!(defaults("<accountLevel/>").await, Ok(MetadataDefaults::default()));
    let none = "<accountLevel><httpTokens>no-preference</httpTokens><httpPutResponseHopLimit>-1</httpPutResponseHopLimit>\
                <httpTokensEnforced>no-preference</httpTokensEnforced></accountLevel>";
    assert_eq!(defaults(none).await, Ok(MetadataDefaults::default()));
    let set = "<accountLevel><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>\
               <httpTokensEnforced>disabled</httpTokensEnforced></accountLevel>";
    let wanted = MetadataDefaults { http_tokens: Some(Tokens::Required), hop_limit: Some(2), enforced: Some(false) };
    assert_eq!(defaults(set).await, Ok(wanted));
    for (inside, words) in [
        ("", "the answer has no accountLevel"),
        ("<accountLevel><httpTokens>maybe</httpTokens></accountLevel>", "httpTokens maybe is not known"),
        (
            "<accountLevel><httpPutResponseHopLimit>far</httpPutResponseHopLimit></accountLevel>",
            "httpPutResponseHopLimit far is not known",
        ),
        (
            "<accountLevel><httpTokensEnforced>sure</httpTokensEnforced></accountLevel>",
            "httpTokensEnforced sure is not known",
        ),
    ] {
        assert_eq!(defaults(inside).await, Err(words.to_owned()));
    }
}

#[tokio::test]
async fn public_snapshots_are_listed_page_by_page_and_only_where_they_would_be_hit() {
    let answer = |asked: &Asked| match asked.operation.as_str() {
        "DescribeSnapshots" if asked.field("NextToken").is_none() => answered(
            "DescribeSnapshots",
            "<snapshotSet><item><snapshotId>snap-b</snapshotId></item></snapshotSet><nextToken>more</nextToken>",
        ),
        "DescribeSnapshots" => {
            answered("DescribeSnapshots", "<snapshotSet><item><snapshotId>snap-a</snapshotId></item></snapshotSet>")
        }
        other => answered(other, "<state>block-new-sharing</state>"),
    };
    let (sharing, asked) = seen::<SnapshotSharing>(true, answer).await;
    assert_eq!(sharing.expect("an answer").public, ["snap-a", "snap-b"]);
    let list = "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&RestorableBy.1=all&MaxResults=1000";
    assert_eq!((asked[1].body.as_str(), asked[2].field("NextToken").as_deref()), (list, Some("more")));
    let (sharing, asked) = seen::<SnapshotSharing>(false, answer).await;
    assert_eq!((sharing.expect("an answer").public.len(), asked.len()), (0, 1));
    let shut = |asked: &Asked| answered(&asked.operation, "<state>block-all-sharing</state>");
    let (sharing, asked) = seen::<SnapshotSharing>(true, shut).await;
    assert_eq!((sharing.expect("an answer").public.len(), asked.len()), (0, 1));
}

#[tokio::test]
async fn who_would_be_hit_has_to_be_known() {
    let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
    let answer = move |asked: &Asked| match asked.operation.as_str() {
        "DescribeSnapshots" => xml(403, denied),
        other => answered(other, "<state>unblocked</state>"),
    };
    let error = seen::<SnapshotSharing>(true, answer).await.0.expect_err("nobody knows");
    assert_eq!(error.action, "ec2:DescribeSnapshots");
    assert!(seen::<SnapshotSharing>(false, answer).await.0.is_ok(), "nobody would be hit");
}

#[tokio::test]
async fn the_key_is_asked_for_only_where_one_is_wanted() {
    let answer = |asked: &Asked| match asked.operation.as_str() {
        "GetEbsEncryptionByDefault" => {
            answered("GetEbsEncryptionByDefault", "<ebsEncryptionByDefault>true</ebsEncryptionByDefault>")
        }
        "GetEbsDefaultKmsKeyId" => answered("GetEbsDefaultKmsKeyId", "<kmsKeyId>alias/aws/ebs</kmsKeyId>"),
        _ => json(400, r#"{"__type": "NotFoundException"}"#),
    };
    let (encryption, asked) = seen::<EbsEncryption>(None, answer).await;
    assert_eq!(encryption, Ok(EbsEncryption { enabled: true, key: None }));
    assert_eq!(asked.len(), 1);
    let (encryption, asked) = seen::<EbsEncryption>(Some("alias/volumes".to_owned()), answer).await;
    let key = encryption.expect("an answer").key.expect("one is wanted");
    assert_eq!((key.now.as_str(), key.wanted), ("alias/aws/ebs", Readable::Read(None)));
    assert_eq!(asked.len(), 3);
}
