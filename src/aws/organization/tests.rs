//! Discovery against canned answers of Organizations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::observe::Class;
use crate::stub::{Answer, Asked, Stub, caller, json};
use crate::{Entry, Guard, Session};

async fn session(stub: &Stub) -> Session {
    let guard = Arc::new(Guard::new(CALLS.iter().copied()));
    stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard)
}

async fn discovered(stub: &Stub, detail: Detail) -> Result<Organization, DiscoverError> {
    discover(&session(stub).await, detail).await
}

const DESCRIBED: &str = r#"{"Organization":{"Id":"o-abc1234567","Arn":"arn:aws:organizations::000000000001:organization/o-abc1234567",
    "FeatureSet":"ALL","MasterAccountId":"000000000001"}}"#;

/// Root with /Sandbox/Dev; `ListAccounts` has an empty page in the middle.
fn ordinary(asked: &Asked) -> Answer {
    let has = |text: &str| asked.body.contains(text);
    json(
        200,
        match asked.operation.as_str() {
            "DescribeOrganization" => DESCRIBED,
            "ListRoots" => r#"{"Roots":[{"Id":"r-1","Name":"Root"}]}"#,
            "ListAccounts" if has("two") => {
                r#"{"Accounts":[{"Id":"000000000001","Name":"management","State":"ACTIVE","Status":"SUSPENDED"},
                    {"Id":"000000000002","Name":"old","Status":"SUSPENDED"}]}"#
            }
            "ListAccounts" if has("one") => r#"{"Accounts":[],"NextToken":"two"}"#,
            "ListAccounts" => {
                r#"{"Accounts":[{"Id":"000000000003","Name":"dev","Email":"dev@acme.example","State":"QUARANTINED"}],
                    "NextToken":"one"}"#
            }
            "ListOrganizationalUnitsForParent" if has("r-1") => {
                r#"{"OrganizationalUnits":[{"Id":"ou-1-sand","Name":"Sandbox"}]}"#
            }
            "ListOrganizationalUnitsForParent" if has("ou-1-sand") => {
                r#"{"OrganizationalUnits":[{"Id":"ou-1-dev","Name":"Dev"}]}"#
            }
            "ListAccountsForParent" if has("ou-1-dev") => r#"{"Accounts":[{"Id":"000000000003"}]}"#,
            "ListAccountsForParent" if has("r-1") => r#"{"Accounts":[{"Id":"000000000001"},{"Id":"000000000002"}]}"#,
            "ListTagsForResource" => r#"{"Tags":[{"Key":"tier","Value":"1"}]}"#,
            _ => "{}",
        },
    )
}

fn denied() -> Answer {
    let words = "You don't have permissions to access this resource.";
    json(400, &format!(r#"{{"__type":"AccessDeniedException","Message":"{words}"}}"#))
}

#[tokio::test]
async fn pages_go_on_after_an_empty_one_and_accounts_are_sorted() {
    let organization = discovered(&Stub::new(ordinary), Detail::default()).await.expect("an organization");
    assert_eq!(organization.id.as_deref(), Some("o-abc1234567"));
    assert_eq!(organization.management_account.as_ref().map(AccountId::as_str), Some("000000000001"));
    let ids: Vec<&str> = organization.accounts.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, ["000000000001", "000000000002", "000000000003"]);
    assert!(organization.unknown.is_empty());
}

/// Every list has an empty page with a token before its only one.
fn empty_first(asked: &Asked) -> Answer {
    let lists = asked.operation.starts_with("List") && !asked.body.contains("NextToken");
    if lists { json(200, r#"{"NextToken":"later"}"#) } else { paged(asked) }
}

/// [`ordinary`], with all accounts on one page.
fn paged(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "ListAccounts" => json(
            200,
            r#"{"Accounts":[{"Id":"000000000001","State":"ACTIVE"},{"Id":"000000000002","State":"ACTIVE"},
                {"Id":"000000000003","State":"ACTIVE"}]}"#,
        ),
        _ => ordinary(asked),
    }
}

#[tokio::test]
async fn an_empty_page_with_a_token_ends_no_list() {
    let stub = Stub::new(empty_first);
    let found = discovered(&stub, Detail { tags: true }).await.expect("an organization");
    let whole = discovered(&Stub::new(paged), Detail { tags: true }).await.expect("an organization");
    assert_eq!(found, whole);
    assert_eq!(found.accounts[2].ou_path.as_deref(), Some("/Sandbox/Dev"));
    assert_eq!(found.units.len(), 3);
    for list in ["ListRoots", "ListAccounts", "ListOrganizationalUnitsForParent", "ListAccountsForParent"] {
        let asked = stub.operations().into_iter().filter(|operation| operation == list).count();
        assert!(asked > 1 && asked % 2 == 0, "{list}: {asked}");
    }
}

#[tokio::test]
async fn organizations_is_asked_one_call_after_the_other() {
    let stub = Stub::new(ordinary);
    discovered(&stub, Detail { tags: true }).await.expect("an organization");
    assert_eq!((stub.most_in_flight(), stub.asked().len() > 10), (1, true));
}

#[tokio::test]
async fn what_is_read_of_organizations_in_a_home_shares_the_pace_of_discovery() {
    let session = session(&Stub::new(ordinary)).await;
    let at = |region: &str| crate::target::Target {
        account: session.account().clone(),
        region: Some(region.parse().expect("a region")),
    };
    let regions = ["eu-west-1", "us-east-1"].map(|region| session.asking_region("Organizations", &at(region)));
    assert_eq!(regions[0], regions[1], "it has one endpoint, so one lane");
}

#[tokio::test]
async fn throttles_without_end_end_the_run_and_say_what_to_do() {
    let slow = r#"{"__type":"TooManyRequestsException","Type":"ListRoots","Message":"slow down"}"#;
    let stub = Stub::new(move |asked| if asked.operation == "ListRoots" { json(400, slow) } else { ordinary(asked) });
    let error = discovered(&stub, Detail::default()).await.expect_err("throttled");
    assert!(matches!(&error, DiscoverError::Failed(error) if error.class == Class::Throttled), "{error}");
    let asked = stub.operations().into_iter().filter(|operation| operation == "ListRoots").count();
    assert_eq!(asked, 6, "as often as any call is sent");
    assert!(error.to_string().contains("request id asked-7; run again"), "{error}");
}

#[tokio::test]
async fn state_goes_before_status_and_an_unknown_one_is_reported() {
    let organization = discovered(&Stub::new(ordinary), Detail::default()).await.expect("an organization");
    let states: Vec<State> = organization.accounts.into_iter().map(|account| account.state).collect();
    assert_eq!(states, [State::Active, State::Suspended, State::Other("QUARANTINED".to_owned())]);
}

#[tokio::test]
async fn the_tree_is_walked_for_names_and_places() {
    let stub = Stub::new(ordinary);
    let organization = discovered(&stub, Detail::default()).await.expect("an organization");
    let paths: Vec<&str> = organization.accounts.iter().filter_map(|account| account.ou_path.as_deref()).collect();
    assert_eq!(paths, ["/", "/", "/Sandbox/Dev"]);
    assert_eq!(organization.accounts[2].ou_ids, ["r-1", "ou-1-sand", "ou-1-dev"]);
    assert!(!stub.operations().contains(&"ListTagsForResource".to_owned()), "tags were not asked for");
}

#[tokio::test]
async fn paths_that_are_sent_save_looking_for_accounts() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "ListAccounts" => json(
            200,
            r#"{"Accounts":[{"Id":"000000000003","State":"ACTIVE","Paths":["o-abc1234567/r-1/ou-1-sand/ou-1-dev/"]}]}"#,
        ),
        _ => ordinary(asked),
    });
    let organization = discovered(&stub, Detail::default()).await.expect("an organization");
    assert_eq!(organization.accounts[0].ou_path.as_deref(), Some("/Sandbox/Dev"));
    assert!(!stub.operations().contains(&"ListAccountsForParent".to_owned()));
}

#[tokio::test]
async fn tags_are_read_where_they_are_needed() {
    let stub = Stub::new(ordinary);
    let organization = discovered(&stub, Detail { tags: true }).await.expect("an organization");
    for account in &organization.accounts {
        assert_eq!(account.tags, Some([("tier".to_owned(), "1".to_owned())].into()));
    }
    let asked = stub.operations().into_iter().filter(|operation| operation == "ListTagsForResource").count();
    assert_eq!(asked, organization.accounts.len());
}

#[tokio::test]
async fn too_many_requests_with_http_400_is_asked_again() {
    let first = AtomicBool::new(true);
    let stub = Stub::new(move |asked| {
        if asked.operation == "ListAccounts" && first.swap(false, Ordering::SeqCst) {
            return json(400, r#"{"__type":"TooManyRequestsException","Type":"ListAccounts","Message":"slow down"}"#);
        }
        ordinary(asked)
    });
    assert_eq!(discovered(&stub, Detail::default()).await.expect("an organization").accounts.len(), 3);
    let asked = stub.operations().into_iter().filter(|operation| operation == "ListAccounts").count();
    assert_eq!(asked, 4, "three pages, and one of them twice");
}

#[tokio::test]
async fn who_may_not_ask_is_told_so_and_may_name_accounts() {
    let stub = Stub::new(|asked| if asked.operation == "ListAccounts" { denied() } else { ordinary(asked) });
    let error = discovered(&stub, Detail::default()).await.expect_err("denied");
    assert!(matches!(error, DiscoverError::NotAllowed(_)), "{error}");
    let failure = crate::failure::Failure::from(error);
    assert!(failure.hints.iter().any(|hint| hint.contains("--account")), "{failure}");
    let alone = Stub::new(|_| {
        json(400, r#"{"__type":"AWSOrganizationsNotInUseException","Message":"Your account is not a member"}"#)
    });
    let error = discovered(&alone, Detail::default()).await.expect_err("in no organization");
    assert!(matches!(error, DiscoverError::NotAllowed(_)), "{error}");
}

#[tokio::test]
async fn where_the_tree_is_denied_the_places_are_unknown_and_it_says_so() {
    let stub = Stub::new(|asked| if asked.operation == "ListRoots" { denied() } else { ordinary(asked) });
    let organization = discovered(&stub, Detail::default()).await.expect("an organization");
    assert!(organization.accounts.iter().all(|account| account.ou_path.is_none()));
    assert!(organization.unknown[0].starts_with("in which units the accounts are"), "{:?}", organization.unknown);
}

#[tokio::test]
async fn where_nobody_says_which_accounts_a_unit_holds_that_is_named() {
    let stub = Stub::new(|asked| if asked.operation == "ListAccountsForParent" { denied() } else { ordinary(asked) });
    let organization = discovered(&stub, Detail::default()).await.expect("an organization");
    assert!(organization.accounts.iter().all(|account| account.ou_path.is_none()));
    assert!(organization.unknown[0].contains("organizations:ListAccountsForParent"), "{:?}", organization.unknown);
}

#[tokio::test]
async fn pages_that_go_round_in_a_circle_are_an_error() {
    let stub = Stub::new(|asked| match asked.operation.as_str() {
        "ListAccounts" => json(200, r#"{"Accounts":[],"NextToken":"one"}"#),
        _ => ordinary(asked),
    });
    let error = discovered(&stub, Detail::default()).await.expect_err("a circle");
    assert!(error.to_string().contains("circle"), "{error}");
}

#[tokio::test]
async fn discovery_can_run_in_a_task_of_its_own() {
    let session = session(&Stub::new(ordinary)).await;
    let found = tokio::spawn(async move { discover(&session, Detail::default()).await }).await.expect("it ends");
    assert_eq!(found.expect("an organization").accounts.len(), 3);
}

#[test]
fn a_state_that_is_not_known_is_reported_as_it_is_and_not_worked_with() {
    let state = State::from("QUARANTINED".to_owned());
    assert_eq!(state.to_string(), "QUARANTINED");
    assert!(!state.is_active());
    for word in ["ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "CLOSED", "PENDING_ACTIVATION"] {
        let state = State::from(word.to_owned());
        assert!(!matches!(state, State::Other(_)), "{word}");
        assert_eq!(state.as_str(), word);
    }
}

#[test]
fn named_accounts_say_what_is_not_known() {
    let ids = ["444455556666", "111122223333", "444455556666"].map(|id| id.parse().expect("an id"));
    let organization = Organization::named(&ids, &Partition::of_arn("arn:aws:iam::1:root").expect("an ARN"));
    assert_eq!(organization.accounts.len(), 2);
    assert_eq!(organization.accounts[0].id.as_str(), "111122223333");
    assert!(organization.accounts[0].state.is_active());
    assert_eq!(organization.unknown.len(), 2);
}

#[tokio::test]
async fn an_account_stands_within_the_organization_or_outside_and_a_refusal_says_neither() {
    let stub = Stub::new(|asked| match asked {
        _ if asked.body.contains("000000000002") => json(200, r#"{"Account":{"Id":"000000000002","State":"CLOSED"}}"#),
        _ if asked.body.contains("000000000003") => json(
            400,
            r#"{"__type":"AccountNotFoundException","Message":"You specified an account that doesn't exist."}"#,
        ),
        _ => denied(),
    });
    let guard = Arc::new(Guard::new(STANDING_CALLS.iter().copied()));
    let session = stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard);
    let stands = |id: &str| {
        let (session, id) = (session.clone(), id.parse::<AccountId>().expect("an id"));
        async move { standing(&session, &id).await }
    };
    assert_eq!(stands("000000000002").await, Ok(Standing::Within(State::Closed)));
    assert_eq!(stands("000000000003").await, Ok(Standing::Outside));
    let refused = stands("000000000004").await.expect_err("denied");
    assert!(matches!(refused.class, Class::Denied(_)), "{refused}");
}
