//! Sessions against canned answers: what is sent, what is not, and what errors become.
//!
//! One test for each kind of answer, the canned answer beside it: a list to look things up in, and long for that reason.

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

#[tokio::test]
async fn a_call_that_is_not_declared_is_never_sent() {
    let stub = Stub::new(ordinary);
    let (session, guard) = session(&stub, Entry::Own, &[ALIASES]).await;
    let sending = session.cloudtrail(session.home_region()).list_trails().send();
    let error = session.ask(&at(), &TRAILS, sending).await.expect_err("refused");
    assert_eq!(error.class, Class::NotSent);
    assert_eq!(error.message, "CloudTrail:ListTrails is not declared, so it was not sent");
    assert!(stub.asked().is_empty() && guard.noted().is_empty() && session.calls().is_empty());
}

#[tokio::test]
async fn a_client_alone_is_guarded_too_and_does_not_even_enter() {
    let stub = Stub::new(ordinary);
    let (session, _) = session(&stub, by(&["read"]), &[ALIASES]).await;
    assert!(session.iam().delete_account_password_policy().send().await.is_err());
    assert!(stub.asked().is_empty(), "{:?}", stub.operations());
}

#[tokio::test]
async fn what_is_sent_is_noted_by_guard_session_and_base() {
    let stub = Stub::new(ordinary);
    let guard = Arc::new(Guard::new([ALIASES, TRAILS]));
    let base = stub.base().await;
    let session = base.enter(&caller(), &account(), by(&["read"]), &guard);
    aliases(&session).await.expect("an answer");
    aliases(&session).await.expect("an answer");
    assert_eq!(guard.noted(), [(ALIASES, 2)].into());
    // The stub is an endpoint of our own, so IAM is signed for where the partition has it.
    let signs = "cn-northwest-1".parse().expect("a region");
    assert_eq!(session.calls(), [((signs, ALIASES), 2)].into());
    assert_eq!(base.traffic()["IAM"], Tally { calls: 2, throttles: 0, retries: 0 });
    assert_eq!(base.traffic()["STS"].calls, 1);
}

#[tokio::test]
async fn first_uses_at_once_share_one_assume_role() {
    let stub = Stub::new(ordinary);
    let (session, _) = session(&stub, by(&["read"]), &[ALIASES]).await;
    let all = futures::future::join_all((0..20).map(|_| aliases(&session))).await;
    assert!(all.iter().all(Result::is_ok));
    let assumed = stub.operations().into_iter().filter(|operation| operation == "AssumeRole").count();
    assert_eq!((assumed, stub.asked().len()), (1, 21));
    assert_eq!(session.role(), Some("arn:aws-cn:iam::111122223333:role/read"));
}

#[tokio::test]
async fn nothing_is_sent_before_the_first_use() {
    let stub = Stub::new(ordinary);
    let (session, _) = session(&stub, by(&["read"]), &[ALIASES]).await;
    assert!(stub.asked().is_empty() && session.role().is_none());
}

#[tokio::test]
async fn assume_role_says_who_asks_and_what_for() {
    let stub = Stub::new(ordinary);
    let policy = SessionPolicy {
        inline: Some(r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned()),
        managed: vec!["arn:aws-cn:iam::aws:policy/SecurityAudit".to_owned()],
        wider: None,
    };
    let roles = vec!["arn:aws-cn:iam::111122223333:role/path/read".to_owned()];
    let entry = Entry::Role { roles, external_id: Some("7 wonders".to_owned()), policy: Some(policy) };
    let (session, _) = session(&stub, entry, &[ALIASES]).await;
    aliases(&session).await.expect("an answer");
    let [assume, used] = <[Asked; 2]>::try_from(stub.asked()).expect("two calls");
    let field = |name: &str| assume.field(name).unwrap_or_default();
    assert_eq!(field("RoleArn"), "arn:aws-cn:iam::111122223333:role/path/read");
    assert_eq!(field("RoleSessionName"), "trueup-r1");
    assert_eq!(field("ExternalId"), "7 wonders");
    assert_eq!(field("Policy"), r#"{"Version":"2012-10-17","Statement":[]}"#);
    assert_eq!(field("PolicyArns.member.1.arn"), "arn:aws-cn:iam::aws:policy/SecurityAudit");
    assert_eq!((assume.access_key.as_str(), assume.region.as_str()), ("caller", "eu-west-1"));
    assert_eq!(used.access_key, "111122223333-read");
    assert!(used.user_agent.contains(concat!("app/trueup-", env!("CARGO_PKG_VERSION"))), "{}", used.user_agent);
}

#[tokio::test]
async fn a_session_policy_that_is_too_large_once_packed_gives_way_to_a_wider_one() {
    let stub = Stub::new(|asked| match asked.field("Policy") {
        Some(policy) if policy.contains("narrow") => {
            refused(400, "PackedPolicyTooLarge", "Packed policy consumes 101% of allotted space")
        }
        _ => ordinary(asked),
    });
    let form = |text: &str, wider| SessionPolicy { inline: Some(text.to_owned()), managed: vec![], wider };
    let policy = form("narrow", Some(Box::new(form("narrower still", Some(Box::new(form("wide", None)))))));
    let entry = Entry::Role { roles: vec!["read".to_owned()], external_id: None, policy: Some(policy.clone()) };
    let (session, _) = session(&stub, entry, &[ALIASES]).await;
    aliases(&session).await.expect("an answer");
    let sent: Vec<_> = stub.asked().iter().filter_map(|asked| asked.field("Policy")).collect();
    assert_eq!(sent, ["narrow", "narrower still", "wide"]);
}

#[tokio::test]
async fn a_session_policy_that_never_fits_leaves_the_account_closed() {
    let stub = Stub::new(|_| refused(400, "PackedPolicyTooLarge", "Packed policy consumes 101% of allotted space"));
    let policy = SessionPolicy { inline: Some("narrow".to_owned()), managed: vec![], wider: None };
    let entry = Entry::Role { roles: vec!["read".to_owned()], external_id: None, policy: Some(policy) };
    let (session, _) = session(&stub, entry, &[ALIASES]).await;
    let error = aliases(&session).await.expect_err("it is refused");
    assert_eq!((error.class, error.code.as_deref()), (Class::Failed, Some("PackedPolicyTooLarge")));
    assert!(stub.asked().iter().all(|asked| asked.field("Policy").is_some()), "never without a policy");
}

#[tokio::test]
async fn what_a_throttle_slows_is_what_waits_also_for_services_with_one_endpoint() {
    let stub = Stub::new(ordinary);
    let (session, _) = session(&stub, Entry::Own, &[ALIASES, TRAILS]).await;
    aliases(&session).await.expect("an answer");
    let elsewhere = "eu-north-1".parse().expect("a region");
    let there = Target { region: Some(elsewhere), ..at() };
    let sending = session.cloudtrail(there.region.as_ref().expect("a region")).list_trails().send();
    session.ask(&there, &TRAILS, sending).await.expect("an answer");
    let sent: Vec<_> = session.calls().into_keys().map(|(region, call)| (call, region)).collect();
    assert_eq!(sent.len(), 2);
    for (call, region) in sent {
        let at = if call == ALIASES { at() } else { there.clone() };
        assert_eq!(session.asking_region(call.service, &at), region, "{}", call.service);
    }
}

#[tokio::test]
async fn where_a_role_is_denied_the_next_is_tried() {
    let stub = Stub::new(|asked| match asked.field("RoleArn") {
        Some(arn) if !arn.ends_with("third") => refused(403, "AccessDenied", "not authorized"),
        _ => ordinary(asked),
    });
    let (session, _) = session(&stub, by(&["first", "second", "third", "fourth"]), &[ALIASES]).await;
    aliases(&session).await.expect("an answer");
    assert_eq!(stub.operations(), ["AssumeRole", "AssumeRole", "AssumeRole", "ListAccountAliases"]);
    assert_eq!(stub.asked()[3].access_key, "111122223333-third");
}

#[tokio::test]
async fn an_account_that_refuses_is_asked_once_and_says_why() {
    let stub = Stub::new(|_| {
        refused(403, "AccessDenied", "because no identity-based policy allows the sts:AssumeRole action")
    });
    let (session, _) = session(&stub, by(&["read", "audit"]), &[ALIASES]).await;
    let error = aliases(&session).await.expect_err("denied");
    assert_eq!((error.class, error.action.as_str()), (Class::Denied(DeniedBy::Identity), "sts:AssumeRole"));
    assert_eq!(error.request_id.as_deref(), Some("asked-7"));
    let refused = session.identity().await.expect_err("denied");
    assert_eq!(refused.tried, ["read", "audit"]);
    assert_eq!(refused.refusal, Refusal::Denied(DeniedBy::Identity));
    assert_eq!(stub.operations(), ["AssumeRole", "AssumeRole"]);
}

#[tokio::test]
async fn a_suspended_account_is_told_from_a_missing_role() {
    let stub = Stub::new(|_| refused(403, "AccessDenied", "The account is suspended"));
    let (session, _) = session(&stub, by(&["read"]), &[]).await;
    assert_eq!(session.identity().await.expect_err("suspended").refusal, Refusal::Suspended);
}

#[tokio::test]
async fn credentials_that_run_out_soon_are_fetched_anew() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        // Long past, so every use finds it stale.
        "AssumeRole" => assumed(asked, "2020-01-01T00:00:00Z"),
        _ => ordinary(asked),
    });
    let (session, _) = session(&stub, by(&["read"]), &[]).await;
    session.identity().await.expect("entered");
    session.identity().await.expect("entered again");
    assert_eq!(stub.operations(), ["AssumeRole", "AssumeRole"]);
}

#[tokio::test]
async fn a_session_that_runs_out_before_its_call_leaves_is_renewed_although_nothing_more_may_be_in_flight() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "AssumeRole" => assumed(asked, "2020-01-01T00:00:00Z"),
        _ => ordinary(asked),
    });
    let base = Base::load(Options { global_cap: 1, ..stub.options() }).await.expect("a base");
    let session = base.enter(&caller(), &account(), by(&["read"]), &Arc::new(Guard::new([ALIASES])));
    // A call that waited for itself would wait for ever.
    let all = futures::future::join_all((0..3).map(|_| aliases(&session)));
    let all = tokio::time::timeout(std::time::Duration::from_secs(30), all).await.expect("an end");
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}

#[tokio::test]
async fn throttles_are_waited_out_and_counted() {
    let left = AtomicUsize::new(2);
    let stub = Stub::new(
        move |asked| {
            if take_one(&left) { refused(400, "Throttling", "Rate exceeded") } else { ordinary(asked) }
        },
    );
    let guard = Arc::new(Guard::new([ALIASES]));
    let base = stub.base().await;
    let session = base.enter(&caller(), &account(), Entry::Own, &guard);
    aliases(&session).await.expect("an answer in the end");
    assert_eq!(base.traffic()["IAM"], Tally { calls: 3, throttles: 2, retries: 2 });
}

#[tokio::test]
async fn throttles_without_end_are_throttled_and_not_failed() {
    let stub = Stub::new(|_| refused(400, "Throttling", "Rate exceeded"));
    let (session, _) = session(&stub, Entry::Own, &[ALIASES]).await;
    let error = aliases(&session).await.expect_err("throttled");
    assert_eq!((error.class, stub.asked().len()), (Class::Throttled, 6));
}

#[tokio::test]
async fn what_throttles_one_account_spends_no_retries_of_another() {
    let left = AtomicUsize::new(2);
    let stub = Stub::new(move |asked| {
        let of_other = asked.access_key == "111122223333-read";
        match asked.operation.as_str() {
            "ListAccountAliases" if !of_other || take_one(&left) => refused(400, "Throttling", "Rate exceeded"),
            _ => ordinary(asked),
        }
    });
    let guard = Arc::new(Guard::new([ALIASES]));
    let base = stub.base().await;
    let throttled = base.enter(&caller(), &"444455556666".parse().expect("an id"), by(&["read"]), &guard);
    // A call that fails for good costs four retries of the hundred in a budget and gives back the fifth: these leave
    // one retry in a budget that is shared, and the other account needs two.
    futures::future::join_all((0..40).map(|_| aliases(&throttled))).await;
    for _ in 0..4 {
        aliases(&throttled).await.expect_err("throttled");
    }
    let other = base.enter(&caller(), &account(), by(&["read"]), &guard);
    aliases(&other).await.expect("the other account has retries left");
}

#[tokio::test]
async fn absent_is_an_answer_and_denied_is_not() {
    let stub = Stub::new(|_| refused(404, "NoSuchEntity", "there is none"));
    let (session, _) = session(&stub, Entry::Own, &[POLICY]).await;
    let read = async |codes: &'static [&'static str]| {
        let sending = async { session.iam().get_account_password_policy().send().await.absent_on(codes) };
        session.ask(&at(), &POLICY, sending).await
    };
    assert!(read(&["NoSuchEntity"]).await.expect("an answer").is_none());
    let error = read(&["Other"]).await.expect_err("not that code");
    assert_eq!((error.class, error.code.as_deref()), (Class::Failed, Some("NoSuchEntity")));
}

#[tokio::test]
async fn an_answer_that_is_not_of_aws_is_failed_and_never_absent() {
    let html = "<html><head><title>Blocked</title></head><body>Access denied</body></html>";
    for (status, kind, body, says) in [
        (200, "text/html", html, "HTML"),
        (403, "text/html", html, "see to the proxy"),
        (407, "text/html", html, "see to the proxy"),
        (200, "text/xml", "<GetAccountPasswordPolicyResponse><GetAccountPasswordPolicyRes", "cut off"),
        (200, "text/xml", "<GetAccountPasswordPolicyResponse></Other></GetAccountPasswordPolicyResponse>", "no sense"),
        (403, "text/xml", "", "empty"),
        (404, "text/xml", "<ErrorResponse><Error><Message>gone</Message></Error></ErrorResponse>", "no error code"),
    ] {
        let stub = Stub::new(move |_| Answer { status, kind, body: body.to_owned() });
        let (session, _) = session(&stub, Entry::Own, &[POLICY]).await;
        let sending = async { session.iam().get_account_password_policy().send().await.absent_on(&["NoSuchEntity"]) };
        let error = session.ask(&at(), &POLICY, sending).await.expect_err(body);
        assert_eq!(error.class, Class::Failed, "{body}");
        assert!(error.explained().contains(says), "{status} {body}: {}", error.explained());
    }
}

#[tokio::test]
async fn a_json_answer_that_is_not_of_aws_is_failed_too() {
    for (status, body) in [(200, "<html>x</html>"), (502, "<html>x</html>"), (200, r#"{"Trails":[{"Na"#), (400, "{}")] {
        let stub = Stub::new(move |_| json(status, body));
        let (session, _) = session(&stub, Entry::Own, &[TRAILS]).await;
        let sending = session.cloudtrail(session.home_region()).list_trails().send();
        let error = session.ask(&at(), &TRAILS, sending).await.expect_err(body);
        assert_eq!((error.class, error.code), (Class::Failed, None), "{status} {body}");
    }
}

#[tokio::test]
async fn the_caller_is_asked_once_and_tells_the_partition() {
    let stub = Stub::new(|_| {
        xml(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-us-gov:iam::999988887777:user/ci</Arn>\
             <UserId>x</UserId><Account>999988887777</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        )
    });
    let base = stub.base().await;
    let caller = base.caller().await.expect("a caller");
    assert_eq!(caller.partition.as_str(), "aws-us-gov");
    assert_eq!(caller.account.as_str(), "999988887777");
    base.caller().await.expect("a caller");
    assert_eq!(stub.operations(), ["GetCallerIdentity"]);
}

#[tokio::test]
async fn expired_credentials_come_with_a_hint() {
    let stub = Stub::new(|_| refused(403, "ExpiredToken", "The security token included in the request is expired"));
    let failure = stub.base().await.caller().await.expect_err("expired");
    assert_eq!(failure.kind, crate::failure::Kind::Failed);
    assert!(failure.hints[0].contains("sign in again"), "{failure}");
}

#[tokio::test]
async fn a_bucket_is_in_the_path_where_an_endpoint_was_given() {
    let head = Call { service: "S3", operation: "HeadBucket", action: "s3:ListBucket" };
    let stub = Stub::new(|_| Answer { status: 403, kind: "application/xml", body: String::new() });
    let (session, _) = session(&stub, Entry::Own, &[head]).await;
    let sending = session.s3(session.home_region()).head_bucket().bucket("logs").send();
    let error = session.ask(&at(), &head, sending).await.expect_err("refused");
    assert_eq!(stub.operations(), ["HEAD /logs/"]);
    assert_eq!(error.class, Class::Denied(DeniedBy::Unknown), "HEAD has no body to carry a code");
}

#[tokio::test]
async fn only_a_name_that_does_not_resolve_is_a_service_that_is_not_there() {
    for (words, class) in [
        ("dns error: failed to lookup address information: Name or service not known", Class::ServiceUnavailable),
        ("tcp connect error: Connection refused (os error 111)", Class::Failed),
    ] {
        let stub = Stub::new(|_| broken(words));
        let (session, _) = session(&stub, Entry::Own, &[ALIASES]).await;
        let error = aliases(&session).await.expect_err(words);
        assert_eq!(error.class, class, "{words}");
        assert!(error.message.contains(words), "{}", error.message);
    }
}

#[tokio::test]
async fn an_sts_out_of_reach_is_not_taken_for_missing_credentials() {
    let failure = Stub::new(|_| broken("Connection refused")).base().await.caller().await.expect_err("out of reach");
    assert!(failure.hints[0].contains("could not be reached"), "{failure}");
    let mut options = Stub::new(|_| broken("never asked")).options();
    options.credentials = Some(SharedCredentialsProvider::new(provide_credentials_fn(async || {
        Err(CredentialsError::not_loaded("no credentials in the chain"))
    })));
    let failure = Base::load(options).await.expect("a base").caller().await.expect_err("no credentials");
    assert!(failure.hints[0].contains("--profile"), "{failure}");
}

#[tokio::test]
async fn an_error_says_how_often_the_call_was_sent_and_when_the_retries_are_used_up() {
    let stub = Stub::new(|_| refused(400, "Throttling", "Rate exceeded"));
    let (session, _) = session(&stub, Entry::Own, &[ALIASES]).await;
    let first = aliases(&session).await.expect_err("throttled").to_string();
    assert_eq!(first, "iam:ListAccountAliases in 111122223333: throttled (Throttling: Rate exceeded; sent 6 times)");
    // Two hundred retries are more than the budget of an account allows.
    futures::future::join_all((0..40).map(|_| aliases(&session))).await;
    let mut last = String::new();
    for _ in 0..40 {
        last = aliases(&session).await.expect_err("throttled").to_string();
    }
    assert!(last.contains("and the retries that its account has at once are used up"), "{last}");
    assert!(stub.asked().len() < 81 * 6, "{} requests are as many as without a budget", stub.asked().len());
}

#[tokio::test]
async fn a_session_that_ends_early_is_assumed_again_and_the_call_sent_again() {
    let entered = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&entered);
    let stub = Stub::new(move |asked| match asked.operation.as_str() {
        "AssumeRole" => {
            let number = counting.fetch_add(1, Ordering::SeqCst);
            let answer = assumed(asked, LATER);
            Answer { body: answer.body.replace("-read<", &format!("-read{number}<")), ..answer }
        }
        _ if asked.access_key.ends_with("-read0") => refused(403, "ExpiredToken", "it is expired"),
        _ => ordinary(asked),
    });
    let (session, _) = session(&stub, by(&["read"]), &[ALIASES]).await;
    let (one, other) = futures::join!(aliases(&session), aliases(&session));
    one.and(other).expect("the second session is good");
    assert_eq!(entered.load(Ordering::SeqCst), 2, "{:?}", stub.operations());
    aliases(&session.once()).await.expect("the session is kept");
    assert_eq!(entered.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_callers_own_credentials_are_not_ours_to_renew() {
    let stub = Stub::new(|_| refused(403, "ExpiredToken", "it is expired"));
    let (session, _) = session(&stub, Entry::Own, &[ALIASES]).await;
    let error = aliases(&session).await.expect_err("expired");
    assert_eq!((error.code.as_deref(), stub.asked().len()), (Some("ExpiredToken"), 1));
}

#[tokio::test]
async fn where_each_write_is_sent_once_reads_are_sent_again_all_the_same() {
    const DELETE: Call =
        Call { service: "IAM", operation: "DeleteAccountPasswordPolicy", action: "iam:DeleteAccountPasswordPolicy" };
    for answer in [refused(400, "Throttling", "Rate exceeded"), refused(500, "ServiceFailure", ""), broken("reset")] {
        let left = AtomicUsize::new(2);
        let stub = Stub::new(move |asked| if take_one(&left) { answer.clone() } else { ordinary(asked) });
        let (session, _) = session(&stub, Entry::Own, &[ALIASES, DELETE]).await;
        let once = session.once();
        // Even one that is declared as a read by mistake.
        for call in [&DELETE, &ALIASES] {
            let sending = once.iam().delete_account_password_policy().send();
            once.ask(&at(), call, sending).await.expect_err("it is not sent again");
        }
        assert_eq!(stub.operations(), ["DeleteAccountPasswordPolicy"; 2]);
    }
    let left = AtomicUsize::new(2);
    let throttle = || refused(400, "Throttling", "Rate exceeded");
    let stub = Stub::new(move |asked| if take_one(&left) { throttle() } else { ordinary(asked) });
    let (session, _) = session(&stub, Entry::Own, &[ALIASES]).await;
    aliases(&session.once()).await.expect("the third is answered");
    assert_eq!(stub.operations(), ["ListAccountAliases"; 3]);
}

#[tokio::test]
async fn a_page_of_a_proxy_is_asked_for_again_where_it_may_be_another_the_next_time() {
    for (status, times) in [(200, 3), (429, 3), (403, 1), (407, 1), (451, 1)] {
        let left = AtomicUsize::new(2);
        let stub = Stub::new(move |asked| {
            if take_one(&left) {
                Answer { status, kind: "text/html", body: "<html>".to_owned() }
            } else {
                ordinary(asked)
            }
        });
        let (session, _) = session(&stub, Entry::Own, &[ALIASES]).await;
        let answered = aliases(&session).await;
        assert_eq!((answered.is_ok(), stub.asked().len()), (times == 3, times), "{status}: {answered:?}");
    }
}

/// The SDK itself reads these as an answer in which fields are missing.
#[tokio::test]
async fn an_answer_that_was_cut_off_where_the_sdk_does_not_notice_is_asked_for_again_and_never_absent() {
    let policy = "<GetAccountPasswordPolicyResponse><GetAccountPasswordPolicyResult><PasswordPolicy>\
                  <MinimumPasswordLength>14</MinimumPasswordLength><RequireSymbols>true</Requ";
    let stub = Stub::new(move |_| xml(200, policy));
    let (reading, _) = session(&stub, Entry::Own, &[POLICY]).await;
    let sending = async { reading.iam().get_account_password_policy().send().await.absent_on(&["NoSuchEntity"]) };
    let error = reading.ask(&at(), &POLICY, sending).await.expect_err("cut off");
    assert_eq!((error.class, error.code, stub.asked().len()), (Class::Failed, None, 6));
    assert_eq!(error.message, "the answer was cut off; sent 6 times");

    let left = AtomicUsize::new(2);
    let stub = Stub::new(move |asked| if take_one(&left) { json(200, "") } else { ordinary(asked) });
    let (session, _) = session(&stub, Entry::Own, &[TRAILS]).await;
    let sending = session.cloudtrail(session.home_region()).list_trails().send();
    session.ask(&at(), &TRAILS, sending).await.expect("the third is whole");
    assert_eq!(stub.asked().len(), 3);
}
