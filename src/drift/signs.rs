//! What the tags of an object that drifts say of who looks after it.

use super::{Drift, Fix, Judged};
use crate::assessment::{Finding, Verdict};
use crate::observe::ReadError;
use crate::ownership::{Signs, control_tower};
use crate::target::Object;

impl Judged {
    /// Takes in what the tags of an object that drifts say of who looks after it. Control Tower's is left to it: what was
    /// to be done about it is answered, and will not be done.
    pub fn take_signs(&mut self, signs: &Signs) -> Option<Drift> {
        let Some(owner) = control_tower(&self.object.name, Some(signs)) else {
            if let Some(drift) = &mut self.drift {
                drift.managed_by = signs.tool();
            }
            return None;
        };
        for finding in self.drifted() {
            finding.verdict = Verdict::owned_elsewhere(&owner, false);
        }
        self.drift.take()
    }

    /// Takes in that they could not be read: it drifts all the same, and what looks after it is not known.
    pub fn miss_signs(&mut self, error: &ReadError) {
        let words =
            format!("its tags could not be read, so that no tool is known to look after it: {}", error.explained());
        for finding in self.drifted() {
            let known = finding.reason.take().map(|known| format!("{known}; ")).unwrap_or_default();
            finding.reason = Some(format!("{known}{words}"));
        }
        if let Some(drift) = &mut self.drift {
            drift.tags_unread = true;
        }
    }

    fn drifted(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.findings.iter_mut().filter(|finding| finding.verdict == Verdict::Drifted)
    }
}

/// Takes away what was to be made or changed for these alone, which are left to their owner.
pub fn spare_needs(judged: &mut Vec<Judged>, left: &[Drift]) {
    let needed: Vec<Object> = judged.iter().filter_map(|one| one.drift.as_ref()).flat_map(needs).cloned().collect();
    let spared = |object: &Object| left.iter().flat_map(needs).any(|need| need == object) && !needed.contains(object);
    judged.retain(|one| !one.findings.is_empty() || !spared(&one.object));
}

fn needs(drift: &Drift) -> &[Object] {
    match &drift.fix {
        Fix::Steps { needs, .. } => needs,
        Fix::Through { .. } | Fix::Manual(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls::kms::KeyRotation;
    use crate::controls::made::{HERE, account_in_region, denied, drift, judged_at};
    use crate::observe::Readable;
    use crate::observe::kms::{Key, Keys};

    fn drifted() -> Judged {
        let keys = Keys(vec![Key { id: "a".to_owned(), rotates: Readable::Read(false), period: Readable::Read(None) }]);
        let wanted = serde_json::from_value(serde_json::json!({ "enabled": true })).expect("settings");
        judged_at::<KeyRotation>(account_in_region(HERE), &keys, &wanted, &[]).remove(0)
    }

    fn towers() -> Signs {
        Signs::of([("aws-control-tower", "managed-by-control-tower")])
    }

    #[test]
    fn what_is_needed_for_it_alone_is_not_made_and_what_something_else_needs_is() {
        let made = |name: &str| {
            let object = Object { name: name.to_owned(), ..drifted().object };
            Judged::needed(Drift { object, ..drifted().drift.expect("it drifted") })
        };
        let needing = |names: &[&str]| {
            let fix = Fix::Steps { steps: vec![], needs: names.iter().map(|name| made(name).object).collect() };
            let drift = drifted().drift.map(|drift| Drift { fix, ..drift });
            Judged { drift, ..drifted() }
        };
        let mut towers_own = needing(&["alone", "both"]);
        let left: Vec<Drift> = towers_own.take_signs(&towers()).into_iter().collect();
        let mut judged = vec![towers_own, made("alone"), made("both"), needing(&["both"])];
        spare_needs(&mut judged, &left);
        let names: Vec<&str> = judged.iter().map(|one| one.object.name.as_str()).collect();
        assert_eq!(names, ["a", "both", "a"]);
    }

    #[test]
    fn a_tool_is_named_beside_the_drift() {
        let mut judged = drifted();
        assert_eq!(judged.take_signs(&Signs::of([("aws:cloudformation:stack-name", "data")])), None);
        assert_eq!(drift(&judged).managed_by.as_deref(), Some("CloudFormation stack data"));
        assert_eq!((&judged.findings[0].reason, drift(&judged).tags_unread), (&None, false));
    }

    #[test]
    fn what_is_control_tower_s_by_its_tags_is_left_to_it() {
        let mut judged = drifted();
        let planned = judged.drift.clone();
        assert_eq!(judged.take_signs(&towers()), planned);
        let Verdict::OwnedElsewhere { in_force, .. } = judged.findings[0].verdict else { panic!("{judged:?}") };
        assert!(!in_force && judged.drift.is_none());
    }

    #[test]
    fn tags_that_cannot_be_read_change_no_verdict_and_are_told_after_what_was_said() {
        let mut judged = drifted();
        judged.findings[0].reason = Some("it is old".to_owned());
        judged.miss_signs(&denied("kms:ListResourceTags", account_in_region(HERE)));
        assert_eq!((&judged.findings[0].verdict, &drift(&judged).managed_by), (&Verdict::Drifted, &None));
        let reason = judged.findings[0].reason.as_deref().expect("it is said");
        assert!(reason.starts_with("it is old; its tags could not be read"), "{reason}");
        assert!(reason.contains("kms:ListResourceTags") && drift(&judged).tags_unread, "{reason}");
    }
}
