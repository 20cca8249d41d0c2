//! What becomes of a call: sent or not, once or again, an answer or an error.

use super::*;

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
async fn a_page_of_a_proxy_is_no_policy_of_a_bucket() {
    let policy = Call { service: "S3", operation: "GetBucketPolicy", action: "s3:GetBucketPolicy" };
    let stub = Stub::new(|_| Answer { status: 200, kind: "text/html", body: "<html>Sign in</html>".to_owned() });
    let (session, _) = session(&stub, Entry::Own, &[policy]).await;
    let sending = session.s3(session.home_region()).get_bucket_policy().bucket("logs").send();
    let error = session.ask(&at(), &policy, sending).await.expect_err("a page");
    assert!(error.message.contains("HTML page") && stub.operations().len() == 6, "it is asked again: {error:?}");
}

#[tokio::test]
async fn a_refusal_that_was_cut_off_is_asked_for_again() {
    let (whole, half) = (r#"{"__type":"TrailNotFoundException","message":"none"}"#, r#"{"__type":"TrailNotFou"#);
    for (body, times) in [(whole, 1), (half, 6)] {
        let stub = Stub::new(move |_| json(400, body));
        let (session, _) = session(&stub, Entry::Own, &[TRAILS]).await;
        let sending = session.cloudtrail(session.home_region()).list_trails().send();
        session.ask(&at(), &TRAILS, sending).await.expect_err(body);
        assert_eq!(stub.operations().len(), times, "{body}");
    }
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
