//! What several controls ask of one object, as one. Pure.

use super::build::requirements;
use crate::drift::{Drift, Fix, Left, Why};
use crate::steps::Step;
use crate::target::Object;

/// Two controls want one part of one object two ways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{one} and {other} ask for {part} of {} in two ways: change one of the two settings", object.address())]
pub struct Conflict {
    /// The object.
    pub object: Object,
    /// The part of it.
    pub part: String,
    /// The requirement that asked first.
    pub one: String,
    /// The requirement that asks otherwise.
    pub other: String,
}

/// Drifts of one object as one: equal parts once, different parts side by side, what adds to what is there together.
/// What a person has to mend is left beside what calls mend. None: there are no drifts.
///
/// # Errors
/// One part is wanted two ways.
pub fn join(drifts: impl IntoIterator<Item = Drift>) -> Result<Option<Drift>, Conflict> {
    let mut joined: Option<Drift> = None;
    for drift in drifts {
        joined = Some(match joined {
            None => by_calls(drift),
            Some(joined) => both(joined, by_calls(drift))?,
        });
    }
    Ok(joined)
}

/// A drift that a person mends, as one of which calls mend nothing.
fn by_calls(mut drift: Drift) -> Drift {
    let Fix::Manual(words) = &drift.fix else { return drift };
    let left = |difference| Left { difference, why: Why::Manual(words.clone()) };
    drift.left.extend(std::mem::take(&mut drift.differences).into_iter().map(left));
    drift.fix = Fix::Steps { steps: vec![], needs: vec![] };
    drift
}

fn both(mut one: Drift, other: Drift) -> Result<Drift, Conflict> {
    match (&mut one.fix, other.fix) {
        (Fix::Steps { steps, needs }, Fix::Steps { steps: more, needs: others }) => {
            for step in more {
                add(steps, step).map_err(|part| Conflict {
                    object: one.object.clone(),
                    part,
                    one: requirements(&one.differences),
                    other: requirements(&other.differences),
                })?;
            }
            take_in(needs, others);
        }
        // What is mended by another object needs no call here.
        (Fix::Through { .. }, fix) => one.fix = fix,
        (Fix::Steps { .. } | Fix::Manual(_), _) => {}
    }
    take_in(&mut one.differences, other.differences);
    take_in(&mut one.left, other.left);
    one.managed_by = one.managed_by.or(other.managed_by);
    one.tags_unread |= other.tags_unread;
    Ok(one)
}

fn take_in<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !known.contains(&item) {
            known.push(item);
        }
    }
}

/// Adds a step to those of an object. Err: the part that one of them writes otherwise.
fn add(steps: &mut Vec<Step>, step: Step) -> Result<(), String> {
    let same_part = |known: &&mut Step| {
        std::mem::discriminant(*known) == std::mem::discriminant(&step)
            && (known.part() == step.part() || known.part().is_none() || step.part().is_none())
    };
    let Some(known) = steps.iter_mut().find(same_part) else {
        steps.push(step);
        return Ok(());
    };
    if *known != step {
        *known = known.beside(&step).ok_or_else(|| step.part().unwrap_or("the whole").to_owned())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::drift::Difference;
    use crate::steps::s3::{PutBucketPolicy, PutBucketVersioning};
    use crate::target::Target;

    const ACCOUNT: &str = "111122223333";

    fn object() -> Object {
        let at = Target { account: ACCOUNT.parse().expect("an id"), region: "eu-west-1".parse().ok() };
        Object { at, kind: "s3.bucket".to_owned(), name: "logs".to_owned() }
    }

    fn difference(requirement: &str) -> Difference {
        Difference { requirement: requirement.to_owned(), observed: json!(false), wanted: json!(true) }
    }

    fn drift(requirement: &str, fix: Fix) -> Drift {
        Drift::needed(object(), false, difference(requirement), fix)
    }

    fn policy(bucket: &str, sids: &[&str]) -> Step {
        let statements = sids.iter().map(|sid| json!({"Sid": sid, "Effect": "Allow"})).collect::<Vec<Value>>();
        let region = "eu-west-1".parse().expect("a region");
        Step::PutBucketPolicy(PutBucketPolicy::with(bucket, &region, statements))
    }

    fn versioning() -> Step {
        let region = "eu-west-1".parse().expect("a region");
        Step::PutBucketVersioning(PutBucketVersioning { bucket: "logs".to_owned(), region, bills: false })
    }

    fn steps(steps: Vec<Step>) -> Fix {
        Fix::Steps { steps, needs: vec![] }
    }

    #[test]
    fn a_step_covers_what_is_left_of_it_and_no_more() {
        let both = policy("logs", &["a", "b"]);
        assert!(both.covers(&both) && both.covers(&policy("logs", &["b"])));
        assert!(!policy("logs", &["b"]).covers(&both) && !both.covers(&policy("other", &["b"])));
        assert!(versioning().covers(&versioning()) && !versioning().covers(&both));
    }

    fn joined(drifts: [Drift; 2]) -> Drift {
        join(drifts).expect("no conflict").expect("a drift")
    }

    #[test]
    fn what_two_controls_add_to_one_policy_is_one_call_and_the_rest_stands_side_by_side() {
        let trail = drift("cloudtrail.trail.logging", steps(vec![versioning(), policy("logs", &["Tls", "Trail"])]));
        let config = drift("config.recorder.delivery", steps(vec![policy("logs", &["Tls", "Config"]), versioning()]));
        let both = joined([trail, config]);
        assert_eq!(both.fix, steps(vec![versioning(), policy("logs", &["Tls", "Trail", "Config"])]));
        assert_eq!(both.differences, [difference("cloudtrail.trail.logging"), difference("config.recorder.delivery")]);
    }

    #[test]
    fn versions_that_bill_by_what_one_control_knows_bill_and_are_no_second_call() {
        let Step::PutBucketVersioning(free) = versioning() else { panic!("versions") };
        let billed = Step::PutBucketVersioning(PutBucketVersioning { bills: true, ..free });
        let free = || drift("cloudtrail.trail.logging", steps(vec![versioning()]));
        let bills = || drift("cloudtrail.bucket.versioning", steps(vec![billed.clone()]));
        for both in [joined([free(), bills()]), joined([bills(), free()])] {
            assert_eq!(both.fix, steps(vec![billed.clone()]));
        }
        assert!(billed.covers(&versioning()) && !versioning().covers(&billed), "no bill comes unannounced");
    }

    #[test]
    fn one_part_two_ways_names_the_part_and_both_requirements() {
        let one = drift("cloudtrail.trail.logging", steps(vec![policy("logs", &["Tls"])]));
        let other = drift("config.recorder.delivery", steps(vec![policy("others", &["Tls"])]));
        let conflict = join([one, other]).expect_err("two ways").to_string();
        assert_eq!(
            conflict,
            "cloudtrail.trail.logging and config.recorder.delivery ask for the whole of \
             111122223333/eu-west-1/s3.bucket/logs in two ways: change one of the two settings"
        );
    }

    #[test]
    fn what_a_person_mends_stands_beside_what_calls_mend_whichever_is_first() {
        let calls = || drift("cloudtrail.trail.logging", steps(vec![versioning()]));
        let person = || drift("cloudtrail.bucket.mfa_delete", Fix::Manual("as root".to_owned()));
        for both in [joined([calls(), person()]), joined([person(), calls()])] {
            assert_eq!(
                (both.fix, both.differences),
                (steps(vec![versioning()]), vec![difference("cloudtrail.trail.logging")])
            );
            let why = Why::Manual("as root".to_owned());
            assert_eq!(both.left, [Left { difference: difference("cloudtrail.bucket.mfa_delete"), why }]);
        }
    }

    #[test]
    fn nothing_drifts_without_a_drift() {
        assert_eq!(join([]), Ok(None));
    }
}
