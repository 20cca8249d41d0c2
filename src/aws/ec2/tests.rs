//! The client against canned answers: what is sent, and what is made of what comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;

use super::*;
use crate::observe::{Call, Class, DeniedBy, ReadError};
use crate::stub::{Answer as Canned, Asked, Stub, assumed, caller, xml};
use crate::target::Target;
use crate::{Entry, Guard, Session, Tally};

const REGIONS: Call = Call { service: "EC2", operation: "DescribeRegions", action: "ec2:DescribeRegions" };
const BLOCK: Call = Call {
    service: "EC2",
    operation: "EnableSnapshotBlockPublicAccess",
    action: "ec2:EnableSnapshotBlockPublicAccess",
};
const ANSWER: &str = "<DescribeRegionsResponse><requestId>said-1</requestId><regionInfo><item>\
                      <regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>";

async fn session(stub: &Stub, entry: Entry) -> (Session, Arc<Guard>) {
    let guard = Arc::new(Guard::new([REGIONS]));
    (stub.base().await.enter(&caller(), &caller().account, entry, &guard), guard)
}

async fn asked(session: &Session) -> Result<Answer, ReadError> {
    let at = Target { account: session.account().clone(), region: None };
    let request = session.ec2(session.home_region()).request("DescribeRegions");
    let request = request.with("AllRegions", true).with_all("RegionName", ["eu-west-1", "a b"]);
    session.ask(&at, &REGIONS, request.with_some("Filter.1.Name", None::<&str>).send()).await
}

async fn answered(answer: impl Fn(&Asked) -> Canned + Send + Sync + 'static) -> Result<Answer, ReadError> {
    let stub = Stub::new(answer);
    let (session, _) = session(&stub, Entry::Own).await;
    asked(&session).await
}

fn refused(status: u16, code: &str, message: &str) -> Canned {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    xml(status, &format!("<Response><Errors>{error}</Errors><RequestID>said-2</RequestID></Response>"))
}

#[tokio::test]
async fn a_request_is_a_signed_form_and_is_counted_as_every_other_call() {
    let stub = Stub::new(|_| xml(200, ANSWER));
    let (session, guard) = session(&stub, Entry::Own).await;
    let answer = asked(&session).await.expect("an answer");
    let names: Vec<_> = answer.items("regionInfo").filter_map(|item| item.text("regionName")).collect();
    assert_eq!(names, ["eu-west-1"]);
    let sent = &stub.asked()[0];
    assert_eq!((sent.service.as_str(), sent.region.as_str(), sent.access_key.as_str()), ("ec2", "eu-west-1", "caller"));
    let form = "Action=DescribeRegions&Version=2016-11-15&AllRegions=true&RegionName.1=eu-west-1&RegionName.2=a%20b";
    assert_eq!(sent.body, form);
    assert!(sent.user_agent.contains("app/trueup-") && sent.user_agent.contains("api/ec2"), "{}", sent.user_agent);
    assert_eq!(guard.noted(), [(REGIONS, 1)].into());
    assert_eq!(session.calls().len(), 1);
}

#[tokio::test]
async fn a_call_that_is_not_declared_is_never_sent() {
    let stub = Stub::new(|_| xml(200, ANSWER));
    let (session, _) = session(&stub, Entry::Own).await;
    let at = Target { account: session.account().clone(), region: None };
    let request = session.ec2(session.home_region()).request(BLOCK.operation).with("State", "block-all-sharing");
    let error = session.ask(&at, &BLOCK, request.send()).await.expect_err("refused");
    assert_eq!(error.message, "EC2:EnableSnapshotBlockPublicAccess is not declared, so it was not sent");
    assert!(stub.asked().is_empty());
}

#[tokio::test]
async fn a_role_session_signs_and_is_renewed_when_it_has_run_out() {
    let left = AtomicUsize::new(1);
    let stub = Stub::new(move |asked| match asked.operation.as_str() {
        "AssumeRole" => assumed(asked, "2099-01-01T00:00:00Z"),
        _ if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() => {
            refused(400, "RequestExpired", "Request has expired.")
        }
        _ => xml(200, ANSWER),
    });
    let role = Entry::Role { roles: vec!["read".to_owned()], external_id: None, policy: None };
    let (session, _) = session(&stub, role).await;
    asked(&session).await.expect("an answer");
    assert_eq!(stub.operations(), ["AssumeRole", "DescribeRegions", "AssumeRole", "DescribeRegions"]);
    assert_eq!(stub.asked()[1].access_key, "999988887777-read");
}

#[tokio::test]
async fn a_refusal_keeps_its_code_its_words_and_its_request_id() {
    let words = "You are not authorized to perform this operation. User: x is not authorized to perform: \
                 ec2:DescribeRegions with an explicit deny in a service control policy";
    let error = answered(move |_| refused(403, "UnauthorizedOperation", words)).await.expect_err("refused");
    assert_eq!((error.class, error.code.as_deref()), (Class::Denied(DeniedBy::Scp), Some("UnauthorizedOperation")));
    assert_eq!((error.message.as_str(), error.action.as_str()), (words, "ec2:DescribeRegions"));
    // The stub sends a header as well, which wins.
    assert_eq!(error.request_id.as_deref(), Some("asked-7"));
    let alone = Refused::read(b"<Response><RequestID>said-2</RequestID></Response>", None);
    assert_eq!(alone.meta().extra("aws_request_id"), Some("said-2"));
    let closed = answered(|_| refused(401, "AuthFailure", "not validated")).await.expect_err("refused");
    assert_eq!(closed.class, Class::RegionDisabled);
}

#[tokio::test]
async fn throttles_and_failures_of_the_service_are_sent_again() {
    for (status, code) in [(503, "RequestLimitExceeded"), (500, "InternalError"), (503, "Unavailable")] {
        let left = AtomicUsize::new(2);
        let stub = Stub::new(move |_| {
            let again = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            if again { refused(status, code, "slow down") } else { xml(200, ANSWER) }
        });
        let base = stub.base().await;
        let guard = Arc::new(Guard::new([REGIONS]));
        let session = base.enter(&caller(), &caller().account, Entry::Own, &guard);
        asked(&session).await.expect("an answer");
        let throttles = if code == "RequestLimitExceeded" { 2 } else { 0 };
        assert_eq!(base.traffic()["EC2"], Tally { calls: 3, throttles, retries: 2 }, "{code}");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_of_ec2_is_a_failure_without_a_code() {
    let html = "<html><body>Proxy</body></html>";
    for (status, kind, body, words) in [
        (200, "text/html", html, "the answer is an HTML page"),
        (500, "text/html", html, "the answer is an HTML page"),
        (404, "text/xml", "<Response></Response>", "the answer has no error code (HTTP 404)"),
        (400, "text/xml", "", "the answer is empty (HTTP 400)"),
        (200, "text/xml", "<DescribeVpcsResponse/>", "the answer makes no sense (HTTP 200)"),
        (200, "text/xml", "", "the answer was cut off"),
        (200, "text/xml", &ANSWER[..ANSWER.len() - 9], "the answer was cut off"),
    ] {
        let canned = Canned { status, kind, body: body.to_owned() };
        let error = answered(move |_| canned.clone()).await.expect_err("no answer");
        assert_eq!((error.class, error.code), (Class::Failed, None), "{status} {body}");
        assert!(error.message.contains(words), "{status} {body}: {}", error.message);
    }
}

#[tokio::test]
async fn a_write_is_sent_once_where_each_is() {
    let stub = Stub::new(|_| refused(503, "Unavailable", "later"));
    let guard = Arc::new(Guard::new([BLOCK]));
    let session = stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard).once();
    let at = Target { account: session.account().clone(), region: None };
    let request = session.ec2(session.home_region()).request(BLOCK.operation);
    let error = session.ask(&at, &BLOCK, request.send()).await.expect_err("refused");
    assert_eq!((error.code.as_deref(), error.status, stub.asked().len()), (Some("Unavailable"), Some(503), 1));
}

#[tokio::test]
async fn what_could_not_be_done_is_a_refusal_although_the_answer_is_one_of_success() {
    let with = |inside: &str| {
        let body = ANSWER.replace("</DescribeRegionsResponse>", &format!("{inside}</DescribeRegionsResponse>"));
        move |_: &Asked| xml(200, &body)
    };
    answered(with("<unsuccessful/>")).await.expect("nothing failed");
    let item = "<unsuccessful><item><resourceId>vpc-1</resourceId><error><code>FlowLogAlreadyExists</code>\
                <message>there is one</message></error></item></unsuccessful>";
    let error = answered(with(item)).await.expect_err("refused");
    assert_eq!((error.class, error.code.as_deref()), (Class::Failed, Some("FlowLogAlreadyExists")));
    assert_eq!((error.message.as_str(), error.request_id.as_deref()), ("there is one", Some("asked-7")));
}
