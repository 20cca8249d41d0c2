//! One region under judgement: what is recorded there, and what mends it.

use serde_json::{Value, json};

use super::bucket;
use super::recorder::META;
use super::settings::Settings;
use super::types::{records_all, shown, with_all, with_global};
use crate::control::Context;
use crate::controls::need::Need;
use crate::drift::{Bench, Drift, Fix, Judged, Why};
use crate::observe::config::{
    Channel, Frequency, PRINCIPAL, Place, ROLE, Recorder, Recording, Status, Types, can_record_global, is_service_role,
};
use crate::observe::s3::Bucket;
use crate::observe::{Readable, Tagged};
use crate::ownership::{self, Owner, Service};
use crate::steps::Step;
use crate::steps::config::{
    PutConfigurationRecorder, PutDeliveryChannel, PutRetentionConfiguration, StartConfigurationRecorder,
};
use crate::steps::iam::CreateServiceLinkedRole;
use crate::target::{Object, Region, Target};

/// The name that AWS gives to what is made without one.
const DEFAULT: &str = "default";

/// One region under judgement.
pub(super) struct Case<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) seen: &'a Recording,
    pub(super) wanted: &'a Settings,
}

/// What a region will have.
#[derive(Default)]
struct Draft {
    recorder: Option<Recorder>,
    channel: Option<Channel>,
    start: bool,
    retention: Option<u32>,
    /// What a person mends: what is recorded does not arrive, is not recorded though the recorder is on, or is recorded in
    /// the home region already.
    failures: Vec<(&'static str, String)>,
}

impl Case<'_> {
    pub(super) fn region(&self) -> &Region {
        self.context.at.region.as_ref().unwrap_or(self.context.home_region)
    }

    /// Below which files are put, as the channel will say.
    pub(super) fn prefix(&self) -> Option<&str> {
        let wanted = self.wanted.delivery.as_ref().and_then(|channel| channel.prefix.as_deref());
        wanted.or_else(|| self.seen.channel.as_ref().and_then(|channel| channel.prefix.as_deref()))
    }

    fn service_role(&self) -> String {
        let Context { partition, at, .. } = self.context;
        format!("arn:{partition}:iam::{}:role/aws-service-role/{PRINCIPAL}/{ROLE}", at.account)
    }

    fn is_home(&self) -> bool {
        self.region() == self.context.home_region
    }

    /// Who sets what is recorded here, if not the account.
    fn owner(&self) -> Option<Owner> {
        if let Some(service) = &self.wanted.linked_to {
            return Some(Owner::Service(service.clone()));
        }
        let recorder = self.seen.recorder.as_ref().and_then(|recorder| ownership::control_tower(&recorder.name, None));
        recorder
            .or_else(|| self.seen.channel.as_ref().and_then(|channel| ownership::control_tower(&channel.name, None)))
    }

    pub(super) fn judge(&self) -> Vec<Judged> {
        let name = self.seen.recorder.as_ref().map_or(DEFAULT, |recorder| &recorder.name);
        let owner = self.owner();
        let is_owned = owner.is_some();
        let bench = self.context.object(&META, name).absent(self.seen.recorder.is_none()).owned_by(owner);
        let mut bench = bench.bears(Tagged::Recorder, self.seen.arn.clone());
        let mut draft = Draft { recorder: self.seen.recorder.clone(), ..Draft::default() };
        self.recording(&mut bench, &mut draft, is_owned);
        self.types(&mut bench, &mut draft);
        self.manner(&mut bench, &mut draft);
        self.delivery(&mut bench, &mut draft);
        self.retention(&mut bench, &mut draft);
        let mut judged = bench.mend(|| Fix::Manual(String::new()));
        let needed = judged.drift.as_mut().map(|drift| self.mend(drift, draft)).unwrap_or_default();
        let is_bucket = |judged: &Judged| judged.object.kind == "s3.bucket";
        let has_bucket = needed.iter().any(is_bucket);
        let kept = if has_bucket { None } else { self.kept(is_owned).or_else(|| self.in_line()) };
        std::iter::once(judged).chain(needed).chain(kept).collect()
    }

    fn recording(&self, bench: &mut Bench<'_>, draft: &mut Draft, is_owned: bool) {
        if self.wanted.recording.is_none() {
            return;
        }
        let status = self.seen.status.as_ref().filter(|_| self.seen.recorder.is_some());
        let on = status.is_some_and(|status| status.recording);
        let last = status.and_then(|status| status.last.as_deref());
        if on && last == Some("PENDING") && !is_owned {
            bench.pending("recording", "the recorder was started and has not recorded yet", json!(true));
            return;
        }
        let failure = if on { self.failure(status) } else { None };
        let observed = self.seen.recorder.as_ref().map_or(Value::Null, |_| json!(on));
        if !bench.judge("recording", on && failure.is_none(), observed, json!(true)) {
            return;
        }
        if let Some(why) = failure {
            bench.because(format!("it is on, and {why}"));
            draft
                .failures
                .push(("recording", format!("the recorder is on and {why}; mend what keeps it from recording")));
            return;
        }
        draft.start = true;
        draft.recorder.get_or_insert_with(|| Recorder {
            name: DEFAULT.to_owned(),
            role: self.service_role(),
            types: Types::All { global: self.is_home() },
            frequency: self.wanted.frequency.unwrap_or(Frequency::Continuous),
            overrides: vec![],
        });
    }

    /// Why a recorder that is on does not record, if it does not. Only `SUCCESS` says that it does; one that is linked to
    /// a service and delivers nowhere has no status to speak of, which AWS says in as many letters.
    fn failure(&self, status: Option<&Status>) -> Option<String> {
        match status.and_then(|status| status.last.as_deref()) {
            // One that was just started is waited for by whoever set it.
            Some("SUCCESS" | "PENDING") => None,
            Some("NOTAPPLICABLE") if self.wanted.linked_to.is_some() => None,
            Some("FAILURE") => {
                let error = status.and_then(|status| status.error.clone());
                Some(format!("fails: {}", error.unwrap_or_else(|| "AWS does not say why".to_owned())))
            }
            Some(other) => Some(format!("AWS says {} of what it recorded last", other.escape_debug())),
            None => Some("AWS does not say that it has recorded anything".to_owned()),
        }
    }

    /// Which types are recorded. What a recorder that is about to be made will record is as wanted already.
    fn types(&self, bench: &mut Bench<'_>, draft: &mut Draft) {
        let seen = self.seen.recorder.as_ref().map(|recorder| &recorder.types);
        if self.wanted.all_types.is_some() {
            let allowed = self.wanted.excluded_types.clone().unwrap_or_default();
            let met = seen.is_some_and(|types| records_all(types, &allowed));
            if bench.judge("all_types", met, shown(seen), json!(true))
                && let Some(recorder) = draft.recorder.as_mut().filter(|_| seen.is_some())
            {
                recorder.types = with_all(&recorder.types, &allowed);
            }
        }
        if self.wanted.global_types.is_none() {
            return;
        }
        if !self.is_home() {
            self.global_abroad(bench, draft);
            return;
        }
        let observed = seen.map_or(Value::Null, |types| json!(types.record_global()));
        let drifted = bench.judge("global_types", seen.is_some_and(Types::record_global), observed, json!(true));
        if let Some(recorder) = draft.recorder.as_mut().filter(|_| drifted) {
            recorder.types = with_global(&recorder.types);
        }
    }

    /// The types of IAM outside the home region: what is the same everywhere is recorded once. Whether the home region
    /// has them is not seen from here, so a person takes them out.
    fn global_abroad(&self, bench: &mut Bench<'_>, draft: &mut Draft) {
        let home = self.context.home_region;
        let able = can_record_global(self.region()) && self.wanted.linked_to.is_none();
        let twice =
            self.seen.recorder.as_ref().map(|seen| seen.types.global()).filter(|types| able && !types.is_empty());
        let Some(twice) = twice else {
            let reason = format!("what is of no region is recorded in {home}, and once is enough");
            bench.not_applicable("global_types", reason, json!(true));
            return;
        };
        if bench.judge("global_types", false, json!(twice), json!([])) {
            bench.because(format!("what is of no region is recorded here besides {home}, and billed again"));
            let words = format!(
                "have the recorder leave out {}, once that of {home} records them: with `includeGlobalResourceTypes` off, or \
                 by its list of types",
                twice.join(", ")
            );
            draft.failures.push(("global_types", words));
        }
    }

    /// By which role, and how often.
    fn manner(&self, bench: &mut Bench<'_>, draft: &mut Draft) {
        let seen = self.seen.recorder.as_ref();
        if self.wanted.role.is_some() {
            let (observed, own) = (seen.map_or(Value::Null, |seen| json!(seen.role)), self.service_role());
            let met = seen.is_some_and(|seen| is_service_role(&seen.role));
            if bench.judge("role", met, observed, json!(own))
                && let Some(recorder) = &mut draft.recorder
            {
                recorder.role = own;
            }
        }
        let Some(wanted) = self.wanted.frequency else { return };
        let less = |seen: &Recorder| seen.overrides.iter().any(|one| one.frequency < wanted);
        let met = seen.is_some_and(|seen| seen.frequency >= wanted && !less(seen));
        let observed = seen.map_or(Value::Null, |seen| {
            if less(seen) { json!("less often for some types") } else { json!(seen.frequency) }
        });
        if bench.judge("frequency", met, observed, json!(wanted))
            && let Some(recorder) = &mut draft.recorder
        {
            recorder.frequency = recorder.frequency.max(wanted);
            recorder.overrides.retain(|one| one.frequency >= wanted);
        }
    }

    fn delivery(&self, bench: &mut Bench<'_>, draft: &mut Draft) {
        let seen = self.seen.channel.as_ref();
        if self.wanted.delivery.is_some() {
            let wanted = self.channel();
            let observed = seen.map_or(Value::Null, |seen| json!(seen));
            if bench.judge("delivery", seen == Some(&wanted), observed, json!(wanted)) {
                draft.channel = Some(wanted);
            }
        }
        // A recorder that is to start needs a channel, whatever else is asked for.
        if draft.start && seen.is_none() && draft.channel.is_none() {
            draft.channel = Some(self.channel());
        }
        if self.wanted.delivered.is_none() {
            return;
        }
        match self.seen.failure.as_ref().map(Readable::as_result) {
            Some(Err(error)) => bench.unreadable("delivered", error, json!(true)),
            Some(Ok(None)) => drop(bench.judge("delivered", true, json!(true), json!(true))),
            Some(Ok(Some(why))) => {
                if bench.judge("delivered", false, json!(why), json!(true)) {
                    let words =
                        format!("what is recorded does not arrive: {why}; mend the bucket, its policy or the key");
                    draft.failures.push(("delivered", words));
                }
            }
            None => {
                if bench.judge("delivered", false, Value::Null, json!(true)) && draft.channel.is_none() {
                    let words = "there is no delivery channel: ask for `recording` or `delivery` as well";
                    draft.failures.push(("delivered", words.to_owned()));
                }
            }
        }
    }

    /// The channel as it will be: what is not asked for stays.
    fn channel(&self) -> Channel {
        let place = self.wanted.place(self.context);
        let mut channel = self.seen.channel.clone().unwrap_or_else(|| Channel {
            name: DEFAULT.to_owned(),
            bucket: place.name.clone(),
            prefix: None,
            kms_key: None,
            sns_topic: None,
            snapshots: None,
        });
        if place.named {
            channel.bucket = place.name;
        }
        let Some(wanted) = &self.wanted.delivery else { return channel };
        channel.prefix = wanted.prefix.clone().or(channel.prefix);
        channel.kms_key = wanted.kms_key.clone().or(channel.kms_key);
        let topic = wanted.sns_topic.as_ref().map(|topic| self.context.named(topic, self.region()));
        channel.sns_topic = topic.or(channel.sns_topic);
        channel.snapshots = channel.snapshots.max(wanted.snapshots);
        channel
    }

    fn retention(&self, bench: &mut Bench<'_>, draft: &mut Draft) {
        let Some(wanted) = self.wanted.retention else { return };
        match self.seen.retention.as_ref().map(Readable::as_result) {
            Some(Err(error)) => bench.unreadable("retention", error, json!(wanted)),
            Some(Ok(days)) => {
                // Where nothing is set, AWS keeps items for as long as it can.
                let observed = days.map_or(Value::Null, |days| json!(days));
                if bench.judge("retention", days.is_none_or(|days| days >= wanted), observed, json!(wanted)) {
                    draft.retention = Some(wanted);
                }
            }
            None => {}
        }
    }

    /// Says what mends the drift, and answers what that needs.
    fn mend(&self, drift: &mut Drift, planned: Draft) -> Vec<Judged> {
        let mut needed = vec![];
        let mut steps = vec![];
        let first = drift.differences.first().map_or("recording", |one| short(&one.requirement));
        if planned.recorder.is_none() {
            Self::leave(
                drift,
                "there is no recorder, and the baseline does not ask for one here: ask for \
                               config.recorder.recording as well, or exempt this too",
            );
        }
        if let Some(recorder) = planned.recorder.filter(|recorder| self.seen.recorder.as_ref() != Some(recorder)) {
            needed.push(self.role(&recorder, first));
            let more = self.seen.recorder.as_ref().is_none_or(|seen| {
                (&seen.types, seen.frequency, &seen.overrides)
                    != (&recorder.types, recorder.frequency, &recorder.overrides)
            });
            steps.push(Step::PutConfigurationRecorder(PutConfigurationRecorder { recorder, more }));
        }
        // There is no channel without a recorder.
        let has_recorder = self.seen.recorder.is_some() || !steps.is_empty();
        let place = self.wanted.place(self.context);
        let fails = planned.failures.iter().any(|(name, _)| *name == "delivered");
        let into = planned.channel.as_ref().or(self.seen.channel.as_ref().filter(|_| fails));
        let delivers = has_recorder && into.is_some_and(|channel| channel.bucket == place.name);
        let bucket = if delivers { bucket::needed(self, &place, META.requirement(first).id) } else { Need::Nothing };
        let bucket_changes = matches!(bucket, Need::Change(_) | Need::Unread(_));
        needed.push(bucket);
        if let Some(channel) = planned.channel.filter(|_| has_recorder) {
            steps.push(Step::PutDeliveryChannel(PutDeliveryChannel { channel }));
        }
        if planned.start {
            let recorder = drift.object.name.clone();
            steps.push(Step::StartConfigurationRecorder(StartConfigurationRecorder { recorder }));
        }
        let retention =
            planned.retention.map(|days| Step::PutRetentionConfiguration(PutRetentionConfiguration { days }));
        steps.extend(retention);
        for (name, words) in planned.failures {
            // What the change of the bucket mends shows only at the next delivery.
            if name != "delivered" || !bucket_changes || !steps.is_empty() {
                drift.leave(META.requirement(name).id, Why::Manual(words));
            }
        }
        let needed: Vec<Judged> = needed.into_iter().filter_map(Need::into_judged).collect();
        let needs: Vec<Object> = needed.iter().map(|judged| judged.object.clone()).collect();
        drift.fix = match needs.as_slice() {
            // The bucket alone is wrong: its change mends this.
            [object] if steps.is_empty() && bucket_changes => Self::through(object),
            _ => Fix::Steps { steps, needs },
        };
        // What another account keeps is planned there; that it could not be read is said here as well.
        let here =
            |judged: &Judged| judged.object.at.account == self.context.at.account || judged.why_unread().is_some();
        needed.into_iter().filter(here).collect()
    }

    fn through(object: &Object) -> Fix {
        let (service, account) = (Service::Config, object.at.account.clone());
        let owner = Owner::Administrator { service, account, region: object.at.region.clone() };
        Fix::Through { object: object.clone(), owner }
    }

    /// Leaves what is asked of a recorder that nobody makes to a person.
    fn leave(drift: &mut Drift, words: &str) {
        for name in ["recording", "all_types", "global_types", "role", "frequency", "delivery", "delivered"] {
            drift.leave(META.requirement(name).id, Why::Manual(words.to_owned()));
        }
    }

    /// What the role needs that the recorder will have.
    fn role(&self, recorder: &Recorder, because: &str) -> Need {
        let Some(there) = self.seen.role.as_ref().filter(|_| is_service_role(&recorder.role)) else {
            return Need::Nothing;
        };
        let requirement = META.requirement(because).id;
        let at = Target { account: self.context.at.account.clone(), region: None };
        let object = Object { at, kind: "iam.role".to_owned(), name: ROLE.to_owned() };
        match there.as_result() {
            Ok(true) => Need::Nothing,
            Ok(false) => {
                let step = CreateServiceLinkedRole { service: PRINCIPAL.to_owned(), role: ROLE.to_owned() };
                let requirement = requirement.to_owned();
                let difference = crate::drift::Difference { requirement, observed: Value::Null, wanted: json!(ROLE) };
                Need::steps(object, true, difference, vec![Step::CreateServiceLinkedRole(step)])
            }
            Err(error) => Need::unread(object, requirement, json!(ROLE), error),
        }
    }

    /// The bucket that this account keeps for others, where it is not as they need it.
    /// The bucket of the account where it lacks nothing: it was looked at in its region, so no other has to be asked.
    fn in_line(&self) -> Option<Judged> {
        let place: Place = self.wanted.place(self.context);
        let is_ours = self.is_home() && place.keeper.is_none();
        let is_there = matches!(self.seen.bucket.as_ref().map(Readable::as_result), Some(Ok(Bucket::Own(_))));
        let needed = || bucket::needed(self, &place, META.requirement("delivery").id);
        (is_ours && is_there && matches!(needed(), Need::Nothing)).then(|| Judged {
            object: bucket::object(self, &place),
            findings: vec![],
            drift: None,
            bears: None,
        })
    }

    fn kept(&self, is_owned: bool) -> Option<Judged> {
        let place: Place = self.wanted.place(self.context);
        let keeps = place.keeper.as_ref() == Some(&self.context.at.account) && !is_owned;
        let need = keeps.then(|| bucket::needed(self, &place, META.requirement("delivery").id));
        need.and_then(Need::into_judged)
    }
}

/// The short name of a requirement of this control.
fn short(id: &str) -> &'static str {
    let known = META.requirements.iter().find(|requirement| requirement.id == id);
    known.and_then(|known| known.id.strip_prefix(META.id)).map_or("recording", |rest| rest.trim_start_matches('.'))
}
