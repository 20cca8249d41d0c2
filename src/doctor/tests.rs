use super::*;
use crate::target::Target;

const POLICY: &str = "iam:GetAccountPasswordPolicy";

fn id(number: u64) -> AccountId {
    format!("{:012}", 111_122_223_333 + number).parse().expect("an id")
}

fn region(code: &str) -> Region {
    code.parse().expect("a region")
}

fn setting(caller: &str) -> Setting {
    Setting {
        caller: caller.to_owned(),
        account: id(0),
        partition: Partition::of_arn("arn:aws:iam::111122223333:root").expect("an ARN"),
        home_region: region("us-east-1"),
        today: "2026-11-27".parse().expect("a date"),
    }
}

fn session() -> Setting {
    setting("arn:aws:sts::111122223333:assumed-role/Operators/ada")
}

fn error(account: u64, at: Option<&str>, action: &str, class: Class, message: &str) -> ReadError {
    ReadError {
        at: Target { account: id(account), region: at.map(region) },
        action: action.to_owned(),
        class,
        code: Some("AccessDenied".to_owned()),
        message: message.to_owned(),
        status: None,
        request_id: None,
    }
}

fn ways() -> Ways {
    let text = |text: &str| text.to_owned();
    Ways { read: vec![text("first"), text("audit")], write: Some(text("writer")), external_id: Some(text("seven")) }
}

fn entered(account: u64) -> Examined {
    let role = Some(format!("arn:aws:iam::{}:role/team/audit", id(account)));
    Examined { role, regions: vec![region("us-east-1")], ..Examined::new(id(account), Some(format!("a{account}"))) }
}

fn met(account: u64, class: Class, needed: bool, message: &str) -> Examined {
    let met = vec![Met { error: error(account, None, POLICY, class, message), needed }];
    Examined { met, ..entered(account) }
}

fn diagnosis(examined: impl IntoIterator<Item = Examined>) -> Diagnosis {
    let mut found = Diagnosis::default();
    examined.into_iter().for_each(|one| found.add(one, &ways()));
    found
}

/// The copies that are offered for the only problem.
#[track_caller]
fn copies(found: &Diagnosis, setting: &Setting) -> Vec<String> {
    assert_eq!(found.problems.len(), 1, "{found:#?}");
    let (problem, group) = found.problems.first_key_value().expect("there is one");
    mends(problem, group, found, setting).into_iter().map(|mend| mend.copy).collect()
}

const SILENT: Class = Class::Denied(DeniedBy::Unknown);

#[test]
fn the_same_in_many_accounts_is_one_problem_in_whichever_order_they_come() {
    let all = || (0..40).map(|number| met(number, SILENT, true, &format!("refused to {number}")));
    let found = diagnosis(all());
    let (_, group) = found.problems.first_key_value().expect("there is one");
    assert_eq!((found.problems.len(), group.places.len()), (1, 40));
    assert_eq!(group.words.as_deref(), Some("AccessDenied: refused to 0"));
    assert_eq!(found, diagnosis(all().rev()));
}

#[test]
fn an_account_without_a_problem_leaves_its_figures_and_nothing_else() {
    let found = diagnosis((0..1000).map(entered));
    assert_eq!(found.accounts, Accounts { in_scope: 1000, ready: 1000, troubled: 0, skipped: 0 });
    assert!(found.complete() && found.problems.is_empty() && found.names.is_empty());
    let by = Entered { role: Some("audit".to_owned()), refused: vec!["first".to_owned()] };
    assert_eq!(found.entered, BTreeMap::from([(by, 1000)]));
}

#[test]
fn what_a_plan_does_not_need_as_things_are_does_not_make_it_incomplete() {
    let unneeded = || met(0, SILENT, false, "");
    assert!(diagnosis([unneeded()]).complete());
    assert_eq!(diagnosis([unneeded()]).accounts.ready, 1);
    let found = diagnosis([unneeded(), met(1, SILENT, true, "")]);
    assert!(!found.complete(), "what one account needs is a problem");
    assert_eq!(found.accounts, Accounts { in_scope: 2, ready: 1, troubled: 1, skipped: 0 });
}

#[test]
fn what_the_management_account_refuses_is_its_problem_and_not_that_of_each_member() {
    let of_home = |member: u64| {
        let error = error(99, None, "cloudtrail:DescribeTrails", SILENT, "");
        Examined { met: vec![Met { error, needed: true }], ..entered(member) }
    };
    let mut found = Diagnosis { management_roles: vec!["home".to_owned()], ..Diagnosis::default() };
    (0..10).for_each(|member| found.add(of_home(member), &ways()));
    let (problem, group) = found.problems.first_key_value().expect("there is one");
    assert_eq!((group.places.keys().collect::<Vec<_>>(), &problem.roles), (vec![&id(99)], &vec!["home".to_owned()]));
}

#[test]
fn who_refuses_decides_where_it_is_mended() {
    let allow = r#"{"Action":["iam:GetAccountPasswordPolicy"],"Effect":"Allow","Resource":"*"}"#;
    let through = r#"{"Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/team/audit"]}}}"#;
    let resource = concat!(
        r#"{"Action":"iam:GetAccountPasswordPolicy","Condition":{"ArnLike":{"aws:PrincipalArn":"#,
        r#"["arn:aws:iam::111122223333:role/team/audit"]}},"Effect":"Allow","#,
        r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Resource":"*"}"#
    );
    for (class, copy) in [
        (Class::Denied(DeniedBy::Identity), allow),
        (Class::Denied(DeniedBy::Unknown), allow),
        (Class::Denied(DeniedBy::Scp), through),
        (Class::Denied(DeniedBy::Rcp), through),
        (Class::Denied(DeniedBy::Endpoint), allow),
        (Class::Denied(DeniedBy::Resource), resource),
        (Class::NotRead, "access:\n  management_role: NAME"),
        (Class::Throttled, "--concurrency 16"),
        (Class::RegionDisabled, "aws sts get-caller-identity"),
        (Class::Failed, "trueup doctor -v"),
        (Class::NotSent, "trueup doctor -v"),
    ] {
        assert_eq!(copies(&diagnosis([met(0, class, true, "")]), &session()), [copy], "{class}");
    }
}

#[test]
fn a_service_that_is_not_offered_is_left_out_by_the_regions_that_remain() {
    let error = error(0, Some("mx-central-1"), "guardduty:ListDetectors", Class::ServiceUnavailable, "");
    let regions = ["eu-west-1", "mx-central-1", "us-east-1"].map(region).to_vec();
    let found = diagnosis([Examined { met: vec![Met { error, needed: true }], regions, ..entered(0) }]);
    assert_eq!(copies(&found, &session()), ["regions: [eu-west-1, us-east-1]"]);
}

#[test]
fn a_read_that_a_region_refuses_which_is_not_enabled_is_mended_by_the_region() {
    let error = error(0, Some("mx-central-1"), "guardduty:ListDetectors", Class::RegionDisabled, "");
    let regions = ["eu-west-1", "mx-central-1", "us-east-1"].map(region).to_vec();
    let account = error.at.account.clone();
    let found = diagnosis([Examined { met: vec![Met { error, needed: true }], regions, ..entered(0) }]);
    let enable = format!("aws account enable-region --account-id {account} --region-name mx-central-1");
    assert_eq!(copies(&found, &session()), ["regions: [eu-west-1, us-east-1]".to_owned(), enable]);
}

fn refused(number: u64, class: Class) -> Examined {
    let refused = Some(error(number, None, "sts:AssumeRole", class, "as first, audit: no"));
    Examined { refused, role: None, ..Examined::new(id(number), None) }
}

#[test]
fn a_session_of_a_role_is_trusted_whatever_the_path_of_its_role_and_with_the_external_id() {
    let copies = copies(&diagnosis([refused(7, SILENT)]), &session());
    let trust: serde_json::Value = serde_json::from_str(&copies[0]).expect("JSON");
    let wanted = serde_json::json!({
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Condition": {"ArnLike": {"aws:PrincipalArn": [
            "arn:aws:iam::111122223333:role/Operators", "arn:aws:iam::111122223333:role/*/Operators"]},
            "StringEquals": {"sts:ExternalId": "seven"}}});
    assert_eq!(trust, wanted);
    assert!(copies[1].contains(r#"["arn:aws:iam::*:role/first","arn:aws:iam::*:role/audit"]"#), "{}", copies[1]);
    assert_eq!(copies[2], "access:\n  accounts:\n    \"111122223340\": { read_role: NAME }");
    assert_eq!(copies[3], "unreachable:\n  - { accounts: [\"111122223340\"], reason: WHY, expires: 2026-12-27 }");
}

#[test]
fn an_entry_that_the_caller_itself_may_not_make_is_mended_at_the_caller() {
    let user = setting("arn:aws:iam::111122223333:user/ada");
    let of = |class| copies(&diagnosis([refused(7, class)]), &user).swap_remove(0);
    assert!(of(Class::Denied(DeniedBy::Identity)).starts_with(r#"{"Action":["sts:AssumeRole"]"#));
    for organizations in [DeniedBy::Scp, DeniedBy::Rcp] {
        assert!(of(Class::Denied(organizations)).contains("user/ada"));
    }
    assert!(of(Class::Denied(DeniedBy::Endpoint)).starts_with(r#"{"Action":["sts:AssumeRole"]"#));
    assert!(of(SILENT).contains(r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/ada"}"#));
    assert_eq!(of(Class::Throttled), "--concurrency 16");
}

/// What is met in so many accounts, in one region that is the only one of the run.
fn everything_met(many: u64) -> Vec<Examined> {
    let refusals = [DeniedBy::Identity, DeniedBy::Scp, DeniedBy::Rcp, DeniedBy::Resource, DeniedBy::Endpoint];
    let classes = refusals.into_iter().chain([DeniedBy::Unknown]).map(Class::Denied);
    let others = [Class::RegionDisabled, Class::ServiceUnavailable, Class::Throttled, Class::Failed, Class::NotRead];
    let classes: Vec<Class> = classes.chain(others).chain([Class::NotSent, Class::InDoubt]).collect();
    let one = |number: u64, class: Class| {
        let there = |at| error(number, at, POLICY, class, "no");
        let read = |at| Met { error: there(at), needed: true };
        Examined {
            met: vec![read(None), read(Some("us-east-1"))],
            write_role: Some(format!("arn:aws:iam::{}:role/writer", id(number))),
            foreseen: vec![there(None)],
            foreseen_writes: vec![there(None)],
            closed: [Closed::NotEnabled, Closed::ByPolicy].map(|closed| (region("us-east-1"), closed)).to_vec(),
            write_refused: Some(there(None)),
            ..entered(number)
        }
    };
    let each = |class: Class| (0..many).flat_map(move |number| [one(number, class), refused(number, class)]);
    classes.into_iter().flat_map(each).collect()
}

#[test]
fn every_problem_of_every_kind_has_something_to_copy() {
    for many in [1, 100] {
        let mut found = diagnosis(everything_met(many));
        for kind in [Kind::Organization, Kind::Clock, Kind::State, Kind::Lock] {
            found.note(kind, "noted", false, None, Mends::new("do this", "this"));
        }
        let mut seen = BTreeSet::new();
        for (problem, group) in &found.problems {
            let mends = mends(problem, group, &found, &session());
            assert!(!mends.is_empty(), "{problem:?}");
            for mend in mends {
                assert!(!mend.how.trim().is_empty() && !mend.copy.trim().is_empty(), "{problem:?}: {mend:?}");
            }
            seen.insert(problem.kind);
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), Kind::ALL);
    }
}

#[test]
fn all_that_a_write_role_lacks_is_one_problem_with_one_statement() {
    let lacks = |number: u64, actions: &[&str]| Examined {
        write_role: Some(format!("arn:aws:iam::{}:role/team/writer", id(number))),
        foreseen_writes: actions
            .iter()
            .map(|action| error(number, None, action, Class::Denied(DeniedBy::Identity), ""))
            .collect(),
        ..entered(number)
    };
    let all = ["iam:A", "iam:B", "iam:C", "iam:D", "iam:E"];
    let found = diagnosis((0..3).map(|number| lacks(number, &all)));
    let (problem, group) = found.problems.first_key_value().expect("there is one");
    assert_eq!((found.problems.len(), group.places.len(), found.complete()), (1, 3, true));
    let says = "iam:A, iam:B, iam:C and 2 more, as team/writer: denied: no policy of the role allows it, says IAM";
    assert!(problem.says().starts_with(says) && problem.says().contains("indicative"), "{}", problem.says());
    let allow = r#"{"Action":["iam:A","iam:B","iam:C","iam:D","iam:E"],"Effect":"Allow","Resource":"*"}"#;
    assert_eq!(copies(&found, &session())[0], allow);
}

#[test]
fn lines_for_more_accounts_than_anybody_copies_are_not_offered() {
    let offered = |many: u64| copies(&diagnosis((0..many).map(|number| refused(number, SILENT))), &session()).len();
    assert_eq!((offered(20), offered(21)), (4, 2));
}

#[test]
fn a_problem_that_is_noted_concerns_no_account_and_brings_its_mend() {
    let mut found = Diagnosis::default();
    found.note(
        Kind::Lock,
        "it is held",
        false,
        Some("by ada".to_owned()),
        Mends::new("free it", "unlock").or("or wait", "sleep"),
    );
    assert!(found.complete());
    assert_eq!(copies(&found, &session()), ["unlock", "sleep"]);
    found.note(Kind::State, "it cannot be written", true, None, Mends::new("name another", "--state"));
    assert!(!found.complete() && found.accounts == Accounts::default());
}
