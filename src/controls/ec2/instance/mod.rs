//! `ec2.instance`: whoever asks an instance for its metadata holds a session token, and its programs have a role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{by, references};
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::ec2::instances::Tokens;
use crate::observe::ec2::launched::{Instance as Seen, Instances};
use crate::observe::{Home, Reads};
use crate::ownership::{Owner, Signs, control_tower};
use crate::steps::Step;
use crate::steps::ec2::ModifyInstanceMetadataOptions;

/// See the module.
pub struct Instance;

/// How instances give out their metadata, and the credentials of a role among them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require a session token of who asks for metadata (`IMDSv2`), or that nobody is answered.
    imdsv2: Option<Yes>,
    /// Require an instance profile, by which the programs of the instance have a role and need no keys of users.
    profile: Option<Yes>,
    /// Tags by which instances may answer without a token: `key`, or `key=value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    exempt_tags: Vec<String>,
    /// Tags of instances that call nothing of AWS, and need no profile: `key`, or `key=value`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    profile_exempt_tags: Vec<String>,
    /// Let apply require tokens of the instances that do not. Left out, a person is told: what asks without a token
    /// gets no answer any more.
    mend: Option<Yes>,
}

impl Control for Instance {
    const META: Meta = Meta {
        id: "ec2.instance",
        title: "Instances have a role, and give out its credentials by IMDSv2 alone",
        why: "The metadata of an instance hold the credentials of its role. Without session tokens, whoever makes a \
              program on it fetch an address of theirs gets hold of them. Without a role, its programs call AWS with \
              keys of a user that lie on its disk, and last until somebody thinks of them.",
        runs: Runs::EveryRegion,
        requirements: &[
            Requirement {
                id: "ec2.instance.imdsv2",
                title: "The instance answers who asks for metadata only with a session token, or not at all",
                severity: Severity::High,
                references: references::INSTANCES_IMDSV2,
            },
            Requirement {
                id: "ec2.instance.profile",
                title: "The instance has an instance profile, by which its programs get the credentials of a role",
                severity: Severity::Medium,
                references: references::INSTANCES_PROFILE,
            },
        ],
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
            "That an instance has a profile does not say that its role is narrow, or that no keys lie on its disk. A \
             profile that was deleted since counts as well: EC2 goes on showing it.",
            "What is launched next is as its template and `ec2.imds_defaults` say.",
        ],
    };
    type Settings = Settings;
    type Observed = Instances;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let asked = [(wanted.imdsv2, "imdsv2"), (wanted.profile, "profile")];
        asked.into_iter().filter_map(|(wanted, name)| wanted.map(|Yes| name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Instances, wanted: &Settings) -> Vec<Judged> {
        if Self::required(wanted).is_empty() {
            return vec![];
        }
        seen.0.iter().map(|instance| judge(context, instance, wanted)).collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.imdsv2.and(wanted.mend).is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: vec![Reads::of::<Instances>()], steps, ..Needs::default() }
    }
}

/// Of these tags, the one that an instance bears.
fn borne<'a>(instance: &Seen, tags: &'a [String]) -> Option<&'a str> {
    let bears = |tag: &&String| match tag.split_once('=') {
        Some((key, value)) => instance.tags.get(key).is_some_and(|found| found == value),
        None => instance.tags.contains_key(*tag),
    };
    tags.iter().find(bears).map(String::as_str)
}

/// Which instance it is to those who know it: what it is called, and whether it runs.
fn which(instance: &Seen) -> String {
    let name = instance.tags.get("Name").map(|name| format!("{name}, "));
    format!("{}{}", name.unwrap_or_default(), instance.state)
}

fn judge(context: &Context<'_>, instance: &Seen, wanted: &Settings) -> Judged {
    let signs = Signs::of(&instance.tags);
    let operator = instance.operator.clone().map(Owner::Operator);
    let owner = operator.or_else(|| control_tower(&instance.id, Some(&signs)));
    let bench = context.object(const { &Instance::META }, &instance.id);
    let mut bench = bench.owned_by(owner).signed(Some(&signs));
    let answers = wanted.imdsv2.is_some() && judge_tokens(&mut bench, instance, wanted);
    let bare = wanted.profile.is_some() && judge_profile(&mut bench, instance, wanted);
    match (answers, bare) {
        (true, true) if wanted.mend.is_some() => {
            let mut judged = bench.mend(|| require_tokens(instance, wanted));
            if let Some(drift) = &mut judged.drift {
                drift.leave(Instance::META.requirement("profile").id, Why::Manual(attach_profile(instance)));
            }
            judged
        }
        (true, true) => {
            bench.mend(|| Fix::Manual(format!("{}; {}", tokens_by_hand(instance), attach_profile(instance))))
        }
        (true, false) => bench.mend(|| require_tokens(instance, wanted)),
        (false, _) => bench.mend(|| Fix::Manual(attach_profile(instance))),
    }
}

/// Whether it drifted: it answers who holds no token, and nobody accepts that.
fn judge_tokens(bench: &mut Bench<'_>, instance: &Seen, wanted: &Settings) -> bool {
    if let Some(tag) = borne(instance, &wanted.exempt_tags) {
        bench.not_applicable("imdsv2", format!("it bears the tag {tag}"), json!(Tokens::Required.word()));
        return false;
    }
    let observed = if instance.answers { instance.tokens.word() } else { "not answered" };
    let met = !instance.answers || instance.tokens == Tokens::Required;
    let drifted = bench.judge("imdsv2", met, json!(observed), json!(Tokens::Required.word()));
    if !met {
        let near = instance.hops == Some(1);
        let hops = if near { "; with a hop limit of 1 no token reaches a container" } else { "" };
        bench.because(which(instance) + hops);
    }
    drifted
}

/// Whether it drifted: it has no profile, and nobody accepts that.
fn judge_profile(bench: &mut Bench<'_>, instance: &Seen, wanted: &Settings) -> bool {
    let asked = json!("an instance profile");
    if let Some(tag) = borne(instance, &wanted.profile_exempt_tags) {
        bench.not_applicable("profile", format!("it bears the tag {tag}"), asked);
        return false;
    }
    let drifted = bench.judge("profile", instance.profile.is_some(), json!(instance.profile), asked);
    if instance.profile.is_none() {
        bench.because(which(instance));
    }
    drifted
}

fn require_tokens(instance: &Seen, wanted: &Settings) -> Fix {
    if wanted.mend.is_none() {
        return Fix::Manual(tokens_by_hand(instance));
    }
    by(Step::ModifyInstanceMetadataOptions(ModifyInstanceMetadataOptions { instance: instance.id.clone() }))
}

fn tokens_by_hand(instance: &Seen) -> String {
    format!(
        "see in the metric MetadataNoToken of CloudWatch that nothing on {} asks without a token, then require them \
         (ModifyInstanceMetadataOptions with HttpTokens required)",
        instance.id
    )
}

fn attach_profile(instance: &Seen) -> String {
    format!(
        "ask those who run {} what it calls of AWS: give it an instance profile with a role for that \
         (AssociateIamInstanceProfile) and delete the keys that it had, or exempt it if it calls nothing",
        instance.id
    )
}

#[cfg(test)]
mod tests;
