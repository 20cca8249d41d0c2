//! What holds for every control, every declared call, every step and every room of the tree.

use std::collections::BTreeSet;
use std::path::Path;

use trueup::controls::{self, CONTROLS};
use trueup::observe::account::Regions;
use trueup::observe::{Call, Home, Reads};
use trueup::{aws, organization, steps};

/// Every declared read.
fn reads() -> BTreeSet<Call> {
    let of_controls = CONTROLS.iter().flat_map(|control| control.reads());
    let all = of_controls.chain([Reads::of::<Regions>()]).flat_map(|reads| reads.calls.iter().copied());
    all.chain(organization::CALLS.iter().chain(organization::STANDING_CALLS).copied()).collect()
}

/// The report of credentials is generated for whoever reads it; IAM lists that among its reads.
fn is_read(operation: &str) -> bool {
    operation == "GenerateCredentialReport"
        || ["Get", "List", "Describe", "Head", "Lookup", "BatchGet"].iter().any(|verb| operation.starts_with(verb))
}

#[test]
fn ids_are_unique_and_requirements_begin_with_their_control() {
    let mut ids = BTreeSet::new();
    for control in CONTROLS {
        let meta = control.meta();
        assert!(ids.insert(meta.id), "{} is there twice", meta.id);
        assert!(!meta.requirements.is_empty(), "{} has no requirement", meta.id);
        for requirement in meta.requirements {
            assert!(ids.insert(requirement.id), "{} is there twice", requirement.id);
            let rest = requirement.id.strip_prefix(meta.id).and_then(|rest| rest.strip_prefix('.'));
            assert!(rest.is_some_and(|rest| !rest.is_empty()), "{} is not of {}", requirement.id, meta.id);
            assert!(!requirement.title.is_empty() && !requirement.title.ends_with('.'), "{}", requirement.id);
        }
        assert!(!meta.title.is_empty() && !meta.title.ends_with('.') && meta.why.ends_with('.'), "{}", meta.id);
    }
}

#[test]
fn every_reference_is_written_as_its_source_writes_it_and_is_there_once() {
    for requirement in CONTROLS.iter().flat_map(|control| control.meta().requirements) {
        for reference in requirement.references {
            assert!(reference.is_sound(), "{}: {reference:?}", requirement.id);
        }
        let names: Vec<String> = requirement.names().collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{}: {names:?}", requirement.id);
    }
}

#[test]
fn every_control_lives_in_the_file_of_its_name() {
    for control in CONTROLS {
        let (service, name) = control.meta().id.split_once('.').expect("a service and a name");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/controls").join(service);
        let places = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
        assert!(places.iter().any(|place| place.exists()), "{service}/{name}.rs is not there");
    }
}

#[test]
fn every_control_says_how_it_is_undone_and_what_can_go_wrong() {
    for control in CONTROLS {
        let (id, notes) = (control.meta().id, control.notes());
        assert!(!notes.undo.is_empty() && !notes.traps.is_empty(), "{id}");
        let all = [notes.costs, notes.disturbs, notes.undo, notes.traps].concat();
        assert!(all.iter().all(|sentence| sentence.ends_with('.')), "{id}: whole sentences");
    }
}

#[test]
fn no_observation_builds_on_itself() {
    for control in CONTROLS {
        for reads in control.reads() {
            assert!(!reads.has_cycle(), "{} builds on itself", reads.name);
        }
    }
}

#[test]
fn one_name_of_an_observation_is_one_declaration() {
    let all: Vec<Reads> = CONTROLS.iter().flat_map(|control| control.reads()).collect();
    for one in &all {
        // What an account reads of itself may be read in a log archive as well.
        let placed = |other: &Reads| other.home == one.home || [one.home, other.home].contains(&Home::LogArchive);
        let mut alike = all.iter().filter(|other| other.name == one.name);
        assert!(alike.all(|other| other.calls == one.calls && placed(other)), "{}", one.name);
    }
}

#[test]
fn declared_reads_read_settings_and_never_content() {
    const CONTENT: [&str; 9] = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "secretsmanager:GetSecretValue",
        "logs:GetLogEvents",
        "dynamodb:GetItem",
        "cloudtrail:LookupEvents",
    ];
    for call in reads() {
        assert!(is_read(call.operation), "{} is not the verb of a read", call.action);
        assert!(!CONTENT.contains(&call.action), "{} reads content", call.action);
    }
}

#[test]
fn every_step_changes_something() {
    for (step, calls, _) in steps::DECLARED.iter().chain(steps::UNDOING) {
        assert!(calls.iter().any(|call| !is_read(call.operation)), "{step} only reads");
    }
}

#[test]
fn no_step_empties_a_bucket_or_ends_the_organization() {
    const NEVER: [&str; 7] = [
        "logs:DeleteLogStream",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "kms:DisableKey",
        "organizations:LeaveOrganization",
        "organizations:DeleteOrganization",
        "organizations:CloseAccount",
    ];
    let calls = steps::DECLARED.iter().chain(steps::UNDOING).flat_map(|(_, calls, _)| calls.iter());
    let found: Vec<&str> = calls.map(|call| call.action).filter(|action| NEVER.contains(action)).collect();
    assert_eq!(found, [""; 0]);
    // A lifecycle empties a bucket as well: one step has its rules wait for longer, and one puts back what that changed.
    let declared = steps::DECLARED.iter().chain(steps::UNDOING);
    let sends = |calls: &[Call]| calls.iter().any(|call| call.action == "s3:PutLifecycleConfiguration");
    let lifecycle: Vec<&str> = declared.filter(|(_, calls, _)| sends(calls)).map(|(step, ..)| *step).collect();
    assert_eq!(lifecycle, ["LengthenBucketLifecycle", "RestoreBucketLifecycle"]);
}

#[test]
fn no_step_asks_aws_to_leave_out_a_check_against_shutting_oneself_out() {
    // By the first a key, by the others a bucket could be left with a policy that lets nobody change it any more.
    let checks = ["bypass_policy_lockout", "confirm_remove_self_bucket_access", "bypass_governance_retention"];
    assert_eq!(found(&["aws"], &checks.map(str::to_owned)), [""; 0]);
}

#[test]
fn what_is_followed_is_judged_before_and_follows_nobody() {
    let follows = |id: &str| {
        let control = controls::find(id).unwrap_or_else(|| panic!("there is no control {id}"));
        control.bind(&serde_json::json!({})).unwrap_or_else(|error| panic!("{id}: {error}")).follows()
    };
    for id in CONTROLS.iter().map(|control| control.meta().id) {
        for followed in follows(id) {
            assert!(controls::position(followed) < controls::position(id), "{id} comes before {followed}");
            assert!(follows(followed).is_empty(), "{followed} follows others itself");
        }
    }
}

#[test]
fn steps_of_controls_are_declared_and_every_declared_step_is_of_a_control() {
    let named: BTreeSet<&str> = CONTROLS.iter().flat_map(|control| control.meta().steps).copied().collect();
    let declared: BTreeSet<&str> = steps::DECLARED.iter().map(|(step, ..)| *step).collect();
    assert_eq!(named, declared);
}

#[test]
fn a_control_names_the_steps_that_its_source_makes() {
    let services: BTreeSet<&str> = CONTROLS.iter().filter_map(|control| control.meta().id.split('.').next()).collect();
    for service in services {
        let of_service = CONTROLS.iter().map(|control| control.meta()).filter(|meta| meta.id.starts_with(service));
        let named: BTreeSet<String> = of_service.flat_map(|meta| meta.steps).map(|step| (*step).to_owned()).collect();
        let own = format!("controls/{service}");
        // A bucket for logs is set up in one place, for all that deliver into one.
        let shares = !found(&[&own], &["LogBucket {".to_owned()]).is_empty();
        let places = if shares { vec![own.as_str(), "controls/log_bucket.rs"] } else { vec![own.as_str()] };
        let lines = found(&places, &["Step::".to_owned()]);
        let after = lines.iter().flat_map(|line| line.split("Step::").skip(1));
        let made: BTreeSet<String> = after
            .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>())
            .filter(|step| step.starts_with(|first: char| first.is_ascii_uppercase()))
            .collect();
        assert_eq!(named, made, "{service}");
    }
}

#[test]
fn actions_are_named_in_full() {
    let all = || steps::DECLARED.iter().chain(steps::UNDOING);
    let steps = all().flat_map(|(_, calls, _)| calls.iter());
    let signing = aws::APPROVING.iter().chain(aws::PROVING);
    let declared: Vec<&str> =
        reads().iter().chain(steps).chain(aws::CALLS).chain(signing).map(|call| call.action).collect();
    let dependent = all().flat_map(|(_, _, dependent)| dependent.iter().copied());
    for action in declared.into_iter().chain(dependent) {
        let (service, operation) = action.split_once(':').expect("a service and an action");
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let service_is_plain = plain(&service.replace('-', "")) && service == service.to_ascii_lowercase();
        let begins_large = operation.starts_with(|first: char| first.is_ascii_uppercase());
        assert!(service_is_plain && plain(operation) && begins_large, "{action}");
    }
}

/// The lines under a folder or of a file of `src` that say one of these words, outside of comments.
fn lines_with(place: &str, words: &[String], found: &mut Vec<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(place);
    if path.is_dir() {
        for entry in std::fs::read_dir(&path).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            lines_with(Path::new(place).join(name).to_str().expect("a name"), words, found);
        }
    } else {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
        let says = |line: &&str| !line.trim_start().starts_with("//") && words.iter().any(|word| line.contains(word));
        found.extend(text.lines().filter(says).map(|line| format!("{place}: {}", line.trim())));
    }
}

fn found(places: &[&str], words: &[String]) -> Vec<String> {
    let mut found = vec![];
    for place in places {
        lines_with(place, words, &mut found);
    }
    found
}

/// That the other two crates do not know it, and it does not know them, is the compiler's to say.
#[test]
fn what_judges_and_plans_does_not_know_the_simulator() {
    let tool = ["approval", "baseline", "control.rs", "controls", "plan", "engine", "drift.rs"];
    // In their own unit tests they may use it; no other line of theirs may.
    let known = found(&tool, &["crate::simulator".to_owned()]);
    let in_tests = |line: &String| line.split(": ").next().is_some_and(uses_only_in_tests);
    let outside: Vec<&String> = known.iter().filter(|line| !in_tests(line)).collect();
    assert!(outside.is_empty(), "{outside:#?}");
}

/// Whether every use of the simulator in a file is behind `#[cfg(test)]`, or the file itself is.
fn uses_only_in_tests(file: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let text = std::fs::read_to_string(path).expect("it was just read");
    let first = text.find("crate::simulator").unwrap_or(text.len());
    let of_tests = text.find("#[cfg(test)]").is_some_and(|tests| tests < first);
    of_tests || file.ends_with("/tests.rs") || file.contains("/tests/")
}

/// Its crates are not among those that `trueup` is built from; its unit tests could name them.
#[test]
fn only_the_rooms_that_reach_aws_speak_the_sdk() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let names: Vec<String> = names.map(|name| name.into_string().expect("a name")).collect();
    let rooms: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "aws").collect();
    assert_eq!(found(&rooms, &["aws_sdk_".to_owned()]), [""; 0]);
    assert!(!found(&["aws"], &["aws_sdk_".to_owned()]).is_empty(), "they do");
}

/// What is read is read by operations whose names begin with the verb of a read; the SDK names its builders after them.
#[test]
fn the_rooms_that_read_name_no_write_of_the_sdk() {
    let verbs = [
        "accept",
        "add",
        "associate",
        "attach",
        "cancel",
        "create",
        "delete",
        "deregister",
        "detach",
        "disable",
        "disassociate",
        "enable",
        "invite",
        "leave",
        "modify",
        "move",
        "put",
        "register",
        "remove",
        "replicate",
        "reset",
        "restore",
        "rotate",
        "schedule",
        "start",
        "stop",
        "update",
    ];
    let mut builders: Vec<String> = verbs.iter().map(|verb| format!(".{verb}_")).collect();
    builders.extend([".tag_resource".to_owned(), ".untag_resource".to_owned()]);
    assert_eq!(found(&["aws/observe", "aws/organization"], &builders), [""; 0]);
    assert!(!found(&["aws/steps"], &builders).is_empty(), "the steps name them");
}

#[test]
fn steps_are_run_in_one_place() {
    let made = found(&[""], &["Writer { at".to_owned()]);
    let outside: BTreeSet<&str> = made.iter().filter_map(|line| line.split(": ").next()).collect();
    let outside: Vec<&str> =
        outside.into_iter().filter(|file| !file.trim_start_matches('/').starts_with("aws/steps/")).collect();
    assert_eq!(outside, ["engine/apply/carry.rs"]);
}

#[test]
fn controls_are_pure() {
    let impure = [
        "async ",
        ".await",
        "std::fs",
        "std::env",
        "SystemTime",
        "Timestamp::now",
        "aws_sdk_",
        "aws_smithy_",
        "crate::aws",
    ];
    assert_eq!(found(&["controls"], &impure.map(str::to_owned)), [""; 0]);
}

#[test]
fn no_line_takes_the_partition_for_granted() {
    let rooms = ["baseline", "commands", "control.rs", "controls", "engine", "plan", "aws"];
    let found = found(&rooms, &["arn:aws:".to_owned(), ".amazonaws.com/".to_owned()]);
    let in_tests = |line: &String| {
        let (file, code) = line.split_once(": ").expect("a file and a line");
        let text =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)).expect("it was read");
        let tests = text.find("#[cfg(test)]").unwrap_or(text.len());
        file.contains("/tests") || text.rfind(code).is_some_and(|place| place > tests)
    };
    let outside: Vec<&String> = found.iter().filter(|line| !in_tests(line)).collect();
    assert!(outside.is_empty(), "{outside:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    // Put together, so that they do not stand here.
    let words = [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("]].map(|halves| halves.concat());
    assert_eq!(found(&[""], &words), [""; 0]);
}

#[test]
fn what_others_need_is_asked_for_by_words_that_a_baseline_knows() {
    for (kind, asks) in CONTROLS.iter().flat_map(|control| control.makes()) {
        assert!(controls::find(asks).is_some() || controls::requirement(asks).is_some(), "{kind}: {asks}");
        assert_eq!(controls::maker(kind), Some(*asks), "{kind} has one maker");
    }
    assert_eq!(controls::maker("guardduty.detector"), Some("guardduty.detector"));
    assert_eq!(controls::maker("nobody.makes"), None);
}
