//! How an account is entered, and how long that lasts.

use super::*;

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
