//! `ec2.instance`: whoever asks an instance for its metadata holds a session token.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{by, references};
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::ec2::instances::Tokens;
use crate::observe::ec2::launched::{Instance as Seen, Instances};
use crate::observe::{Home, Reads};
use crate::ownership::{Owner, Signs, control_tower};
use crate::steps::Step;
use crate::steps::ec2::ModifyInstanceMetadataOptions;

/// See the module.
pub struct Instance;

/// How instances give out their metadata.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require a session token of who asks for metadata (`IMDSv2`), or that nobody is answered.
    imdsv2: Option<Yes>,
    /// Tags by which instances are left alone: `key`, or `key=value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    exempt_tags: Vec<String>,
    /// Let apply require tokens of the instances that do not. Left out, a person is told: what asks without a token
    /// gets no answer any more.
    mend: Option<Yes>,
}

impl Control for Instance {
    const META: Meta = Meta {
        id: "ec2.instance",
        title: "Instances give out credentials by IMDSv2 alone",
        why: "The metadata of an instance hold the credentials of its role. Without session tokens, whoever makes a \
              program on it fetch an address of theirs gets hold of them.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.instance.imdsv2",
            title: "The instance answers who asks for metadata only with a session token, or not at all",
            severity: Severity::High,
            references: references::INSTANCES_IMDSV2,
        }],
        steps: &["ModifyInstanceMetadataOptions"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["With `mend`, what asks for metadata without a token gets none any more, credentials among them. \
             The metric `MetadataNoToken` of CloudWatch counts such requests: see that it is zero before."],
        undo: &["Tokens are optional again."],
        traps: &[
            "Old SDKs and agents know no tokens. In containers an answer has a hop more to go: raise \
             `HttpPutResponseHopLimit` first where it is 1.",
            "Instances that stand still are judged as well, and those that end are not. One that starts or stops takes no \
             change until it has: that is waited for, for two minutes.",
            "Instances that a service of AWS runs for the account are that service's to change.",
            "What is launched next is as its template and `ec2.imds_defaults` say.",
        ],
    };
    type Settings = Settings;
    type Observed = Instances;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.imdsv2.map(|Yes| "imdsv2").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Instances, wanted: &Settings) -> Vec<Judged> {
        if wanted.imdsv2.is_none() {
            return vec![];
        }
        seen.0.iter().map(|instance| judge(context, instance, wanted)).collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.mend.is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: vec![Reads::of::<Instances>()], steps, ..Needs::default() }
    }
}

/// The tag by which an instance is left alone.
fn exempt<'a>(instance: &Seen, wanted: &'a Settings) -> Option<&'a str> {
    let bears = |tag: &&String| match tag.split_once('=') {
        Some((key, value)) => instance.tags.get(key).is_some_and(|found| found == value),
        None => instance.tags.contains_key(*tag),
    };
    wanted.exempt_tags.iter().find(bears).map(String::as_str)
}

/// Whom it would hit: what the instance is called, whether it runs, and how far its answers go.
fn whom(instance: &Seen) -> String {
    let name = instance.tags.get("Name").map(|name| format!("{name}, "));
    let hops = if instance.hops == Some(1) { "; with a hop limit of 1 no token reaches a container" } else { "" };
    format!("{}{}{hops}", name.unwrap_or_default(), instance.state)
}

fn judge(context: &Context<'_>, instance: &Seen, wanted: &Settings) -> Judged {
    let signs = Signs::of(&instance.tags);
    let operator = instance.operator.clone().map(Owner::Operator);
    let owner = operator.or_else(|| control_tower(&instance.id, Some(&signs)));
    let bench = context.object(const { &Instance::META }, &instance.id);
    let mut bench = bench.owned_by(owner).signed(Some(&signs));
    if let Some(tag) = exempt(instance, wanted) {
        bench.not_applicable("imdsv2", format!("it bears the tag {tag}"), json!("required"));
        return bench.mend(|| unreachable!("nothing drifts that is not applicable"));
    }
    let observed = if instance.answers { instance.tokens.word() } else { "not answered" };
    let met = !instance.answers || instance.tokens == Tokens::Required;
    bench.judge("imdsv2", met, json!(observed), json!(Tokens::Required.word()));
    if !met {
        bench.because(whom(instance));
    }
    bench.mend(|| {
        if wanted.mend.is_some() {
            let instance = instance.id.clone();
            return by(Step::ModifyInstanceMetadataOptions(ModifyInstanceMetadataOptions { instance }));
        }
        Fix::Manual(format!(
            "see in the metric MetadataNoToken of CloudWatch that nothing on {} asks without a token, then require them \
             (ModifyInstanceMetadataOptions with HttpTokens required)",
            instance.id
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{self, HERE, account_in_region, drift, judged_at, steps};
    use crate::steps::Risk;

    fn instance(tokens: Tokens) -> Seen {
        Seen {
            id: "i-1".to_owned(),
            tokens,
            answers: true,
            operator: None,
            hops: Some(1),
            state: "running".to_owned(),
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn who_would_be_hit_is_named() {
        let seen = tagged("Name", "web");
        let told = judged(seen.clone());
        let words = "web, running; with a hop limit of 1 no token reaches a container";
        assert_eq!(told.findings[0].reason.as_deref(), Some(words));
        let far = judged(Seen { hops: Some(2), state: "stopped".to_owned(), ..seen });
        assert_eq!(far.findings[0].reason.as_deref(), Some("web, stopped"));
    }

    fn tagged(key: &str, value: &str) -> Seen {
        Seen { tags: BTreeMap::from([(key.to_owned(), value.to_owned())]), ..instance(Tokens::Optional) }
    }

    fn judged_with(instance: Seen, wanted: serde_json::Value, accepted: &[Accepted]) -> Judged {
        let wanted: Settings = serde_json::from_value(wanted).expect("settings");
        judged_at::<Instance>(account_in_region(HERE), &Instances(vec![instance]), &wanted, accepted).remove(0)
    }

    fn judged(instance: Seen) -> Judged {
        judged_with(instance, json!({"imdsv2": true}), &[])
    }

    #[test]
    fn tokens_that_are_required_or_no_answers_at_all_are_compliant() {
        for seen in [instance(Tokens::Required), Seen { answers: false, ..instance(Tokens::Optional) }] {
            let judged = judged(seen);
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
        }
    }

    #[test]
    fn optional_tokens_are_a_persons_matter_unless_the_baseline_lets_them_be_required() {
        let told = judged(instance(Tokens::Optional));
        let Fix::Manual(words) = &drift(&told).fix else { panic!("no step") };
        assert!(words.contains("MetadataNoToken") && words.contains("i-1"), "{words}");
        let mended = judged_with(instance(Tokens::Optional), json!({"imdsv2": true, "mend": true}), &[]);
        let step = ModifyInstanceMetadataOptions { instance: "i-1".to_owned() };
        let step = Step::ModifyInstanceMetadataOptions(step);
        assert_eq!((step.risk(), step.cost()), (Risk::Disruptive, None));
        assert_eq!(steps(&mended), [step]);
    }

    #[test]
    fn an_instance_with_a_tag_that_is_named_is_left_alone() {
        let wanted = json!({"imdsv2": true, "mend": true, "exempt_tags": ["legacy", "imds=v1"]});
        for (seen, exempt) in [
            (tagged("legacy", "yes"), true),
            (tagged("imds", "v1"), true),
            (tagged("imds", "v2"), false),
            (tagged("Legacy", "yes"), false),
        ] {
            let judged = judged_with(seen.clone(), wanted.clone(), &[]);
            assert_eq!(matches!(judged.findings[0].verdict, Verdict::NotApplicable(_)), exempt, "{seen:?}");
            assert_eq!(judged.drift.is_none(), exempt);
        }
    }

    #[test]
    fn what_a_service_of_aws_runs_is_that_services_to_change() {
        let operator = Some("eks.amazonaws.com".to_owned());
        let judged =
            judged_with(Seen { operator, ..instance(Tokens::Optional) }, json!({"imdsv2": true, "mend": true}), &[]);
        let Verdict::OwnedElsewhere { owner, in_force, .. } = &judged.findings[0].verdict else { panic!("owned") };
        assert!(owner.contains("eks.amazonaws.com") && !in_force, "{owner}");
        assert_eq!(judged.drift, None);
    }

    #[test]
    fn an_exempt_instance_is_left_alone_and_only_what_is_asked_is_judged_and_planned() {
        let accepted = Accepted { objects: vec!["i-1".to_owned()], ..made::exempt("ec2.instance.imdsv2") };
        let judged = judged_with(instance(Tokens::Optional), json!({"imdsv2": true, "mend": true}), &[accepted]);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
        let nothing = Settings::default();
        let seen = Instances(vec![instance(Tokens::Optional)]);
        assert_eq!(judged_at::<Instance>(account_in_region(HERE), &seen, &nothing, &[]), []);
        assert_eq!(Instance::required(&nothing), [""; 0]);
        assert_eq!(Instance::needs(&nothing, Home::Member).steps, [""; 0]);
    }
}
