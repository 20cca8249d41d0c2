//! `cloudwatch.alarm`: what an attacker does, or a slip, is told to somebody.

mod chain;
mod meta;
mod pattern;
mod settings;
mod specs;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::settings::Settings;

use self::chain::{Chain, On, Standing, acts, metric_of};
use self::meta::{META, PAGE};
use self::specs::Spec;
use super::place;
use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes};
use crate::drift::{Bench, Fix, Judged};
use crate::observe::cloudwatch::{Alarm as Seen, Ground, MetricAlarms, MetricFilters, There, Wanted, Watch, topics_of};
use crate::observe::sns::TopicOf;
use crate::observe::{Home, Readable, Reads, Tagged};
use crate::ownership::{Owner, control_tower};
use crate::steps::Step;
use crate::steps::cloudwatch::{EnableAlarmActions, PutMetricAlarm, PutMetricFilter};
use crate::target::{AccountId, Object, Region, Target};

/// See the module.
pub struct Alarm;

impl Control for Alarm {
    const META: Meta = META;
    const NOTES: Notes = Notes {
        costs: &[
            "An alarm bills about USD 0.10 a month, and its metric about USD 0.30: for all fifteen, up to USD 6 in each \
             account that has alarms.",
        ],
        disturbs: &[],
        undo: &[
            "Alarms and metric filters that were made are deleted; of those that were there the former ones are put.",
        ],
        traps: &[
            "Where the benchmark and Security Hub ask for different patterns, two filters make one metric: no pattern \
             satisfies both.",
            "An alarm of somebody else is left alone: where it falls short, one of ours, named `trueup-…`, is made beside it.",
            "An alarm is complete once somebody has confirmed that he wants to be told; until then it is `pending`.",
            "An alarm may tell a topic of another account, such as a central one in the same region. That of the management \
             account is read there; any other has to let the account of the alarms read it, by a topic policy that allows \
             `sns:GetTopicAttributes` and `sns:ListSubscriptionsByTopic`. One that does not is `unreadable`, with its ARN, \
             and nothing is made beside it.",
            "A log group has room for 100 metric filters.",
            "Nothing is written into a log group of Control Tower, such as `aws-controltower/CloudTrailLogs`: where a metric \
             filter is missing there, the alarm is `owned_elsewhere`. What a filter there feeds already gets its alarm.",
            "Where one trail of the organization records for all, the alarms are in the account that has its log group, and \
             its members are judged by them.",
        ],
    };
    const SAME_AS: &'static [(&'static str, &'static str)] = &[("scope", "cloudtrail.trail")];
    const TAGGED: &'static [Tagged] = &[Tagged::Alarm];
    type Settings = Settings;
    type Observed = Watch;

    fn key(context: &Context<'_>, wanted: &Settings) -> Wanted {
        wanted.wanted(context)
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.specs().map(|spec| spec.name).chain(wanted.actions.map(|_| "actions")).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Watch, wanted: &Settings) -> Vec<Judged> {
        let at = match (&seen.ground, place::place(context, &seen.ground)) {
            (_, Ok(at)) => at,
            (Ground::Elsewhere(group), Err(why)) if seen.there.is_none() => {
                let at = Target { account: context.at.account.clone(), region: Some(group.region.clone()) };
                return wanted.specs().map(|spec| not_here(context, wanted, &at, spec, &why)).collect();
            }
            (Ground::Elsewhere(group), Err(_)) => {
                Target { account: context.at.account.clone(), region: Some(group.region.clone()) }
            }
            (_, Err(_)) => Target { account: context.at.account.clone(), region: Some(context.home_region.clone()) },
        };
        let case = Case { context, wanted, ground: &seen.ground, at: &at };
        let chain = seen.there.as_ref().map(|there| case.chain(there));
        wanted.specs().map(|spec| case.judge(chain.as_ref(), spec)).collect()
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        if wanted.specs().next().is_none() {
            return Needs::default();
        }
        let whose = wanted.whose();
        let (mut reads, fallbacks) = place::reads(whose, home);
        // Members are judged by what is in the management account, where the organization's trail delivers there.
        reads.extend([
            Reads::of::<MetricFilters<true>>(),
            Reads::of::<MetricAlarms<true>>(),
            Reads::of::<TopicOf<true>>(),
        ]);
        if !place::is_mended(whose, home) {
            return Needs { reads, fallbacks, ..Needs::default() };
        }
        if home != Home::Management {
            reads.extend([
                Reads::of::<MetricFilters<false>>(),
                Reads::of::<MetricAlarms<false>>(),
                Reads::of::<TopicOf<false>>(),
            ]);
        }
        reads.push(Tagged::Alarm.reads());
        // All alarms are read, whatever they are called, so no name narrows what is allowed.
        Needs { reads, fallbacks, steps: META.steps.to_vec(), ..Needs::default() }
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        let alone = wanted.actions.is_some() && wanted.specs().next().is_none();
        alone.then_some(Contradiction {
            setting: "actions",
            words: "`actions` is about the alarms that are asked for, and there are none",
            mend: "name the alarms beside it, such as `root_usage: true`",
        })
    }
}

/// An alarm that belongs into an account of which nothing is known here.
fn not_here(context: &Context<'_>, wanted: &Settings, at: &Target, spec: &Spec, why: &str) -> Judged {
    let object = Object { at: at.clone(), kind: META.id.to_owned(), name: spec.name.to_owned() };
    let mut bench = Bench::new(context, &PAGE, object);
    for name in asked(wanted, spec) {
        bench.not_applicable(name, why, WANTED.into());
    }
    bench.mend(not_yet)
}

/// What is asked of one alarm.
fn asked(wanted: &Settings, spec: &Spec) -> impl Iterator<Item = &'static str> {
    std::iter::once(spec.name).chain(wanted.actions.map(|_| "actions"))
}

const WANTED: &str = "an alarm that tells somebody";

/// Nothing drifted, so nothing is mended.
fn not_yet() -> Fix {
    Fix::Manual(String::new())
}

/// The alarms of one account under judgement.
struct Case<'a> {
    context: &'a Context<'a>,
    wanted: &'a Settings,
    ground: &'a Ground,
    at: &'a Target,
}

impl Case<'_> {
    /// The account that has the alarms.
    fn account(&self) -> &AccountId {
        match self.ground {
            Ground::Elsewhere(group) => &group.account,
            Ground::Organizations(management) => management,
            Ground::Here(_) | Ground::Missing => &self.at.account,
        }
    }

    fn region(&self) -> &Region {
        self.at.region.as_ref().unwrap_or(self.context.home_region)
    }

    /// Who has to see to an alarm, if not the account: who has the organization's trail, or Control Tower, where a metric
    /// filter is missing on its log group. An alarm on what a filter there feeds already is nobody else's.
    fn owner(&self, chain: Option<&Chain<'_>>, spec: &Spec) -> Option<Owner> {
        let trail = match self.ground {
            Ground::Elsewhere(group) => group.trail.clone(),
            Ground::Organizations(_) => self.wanted.trail(self.context),
            Ground::Here(_) | Ground::Missing => {
                let lacks = chain.is_some_and(|chain| chain.fed(spec).is_ok_and(|fed| fed.is_empty()));
                return control_tower(&self.group(), None).filter(|_| lacks);
            }
        };
        Some(Owner::OrganizationTrail { account: self.account().clone(), trail })
    }

    fn object(&self, kind: &str, name: &str) -> Object {
        Object { at: self.at.clone(), kind: kind.to_owned(), name: name.to_owned() }
    }

    /// An alarm that is written where it falls short: what a tool sets on it would come back. Filters are only added.
    fn arn(&self, alarm: &Seen) -> String {
        let (partition, region) = (self.context.partition, self.region());
        format!("arn:{partition}:cloudwatch:{region}:{}:alarm:{}", self.account(), alarm.name)
    }

    fn chain<'a>(&self, there: &'a There) -> Chain<'a> {
        Chain::new(there, topics_of(self.context.partition, self.region(), self.account()))
    }

    fn judge(&self, chain: Option<&Chain<'_>>, spec: &Spec) -> Judged {
        let owner = self.owner(chain, spec);
        let bench = |kind: &str| Bench::new(self.context, &PAGE, self.object(kind, spec.name)).owned_by(owner.clone());
        let Some(chain) = chain else {
            let mut bench = bench(META.id);
            for name in asked(self.wanted, spec) {
                bench.judge(name, false, Value::Null, WANTED.into());
            }
            return bench.mend(not_yet);
        };
        let found = chain.alarms_of(spec);
        let standing = chain.standing(found.as_deref().map_err(|error| *error));
        let alarms = found.as_deref().unwrap_or_default();
        let waits = matches!(standing, Standing::Waiting(_));
        let mut bench = bench(if waits { place::CONFIRMATION } else { META.id });
        bench = bench.absent(standing == Standing::Missing && alarms.is_empty());
        bench = bench.bears(Tagged::Alarm, chain.named(&spec.alarm()).map(|alarm| self.arn(alarm)));
        let observed = if alarms.is_empty() { Value::Null } else { json!("an alarm that tells nobody") };
        match standing {
            Standing::Told => drop(bench.judge(spec.name, true, WANTED.into(), WANTED.into())),
            Standing::Missing => drop(bench.judge(spec.name, false, observed, WANTED.into())),
            Standing::Unread(error) => bench.unreadable(spec.name, &error, WANTED.into()),
            Standing::Waiting(topic) => {
                let why = format!("nobody has confirmed a subscription to topic {topic}");
                bench.pending(spec.name, why, WANTED.into());
            }
        }
        if self.wanted.actions.is_some() {
            match &found {
                Ok(alarms) => drop(bench.judge("actions", acts(alarms), json!(acts(alarms)), json!(true))),
                Err(error) => bench.unreadable("actions", error, json!(true)),
            }
        }
        bench.mend(|| self.fix(chain, spec))
    }

    /// What makes the chain whole. What others made is left alone, and used as far as it is fine.
    fn fix(&self, chain: &Chain<'_>, spec: &Spec) -> Fix {
        let (Ok(fed), Ok(_)) = (chain.fed(spec), chain.alarms()) else { return not_yet() };
        let own: On<'_> = (self.wanted.namespace(), spec.name);
        let on = if fed.contains(&own) { own } else { fed.first().copied().unwrap_or(own) };
        let existing = chain.named(&spec.alarm());
        if let Some(other) = existing.filter(|alarm| metric_of(alarm).is_none()) {
            return Fix::Manual(format!(
                "alarm {} is on several metrics: give it another name, or delete it",
                other.name
            ));
        }
        let mut steps = vec![];
        if fed.is_empty() {
            for (number, (meaning, pattern)) in spec.meanings().enumerate() {
                if !chain.fed_by(&meaning).contains(&own) {
                    steps.push(self.filter(spec, number, pattern));
                }
            }
        }
        let topic = format!("{}{}", chain.topics, self.wanted.topic());
        steps.push(self.alarm(spec, on, existing, &topic));
        Fix::Steps { steps, needs: self.unmet(chain, &topic) }
    }

    fn filter(&self, spec: &Spec, number: usize, pattern: &str) -> Step {
        Step::PutMetricFilter(PutMetricFilter {
            group: self.group(),
            filter: spec.filter(number),
            pattern: pattern.to_owned(),
            namespace: self.wanted.namespace().to_owned(),
            metric: spec.name.to_owned(),
        })
    }

    fn alarm(&self, spec: &Spec, on: On<'_>, existing: Option<&Seen>, topic: &String) -> Step {
        let is_fine = |alarm: &&Seen| {
            metric_of(alarm) == Some(on) && alarm.at_once && !alarm.split && alarm.actions.contains(topic)
        };
        if existing.filter(is_fine).is_some_and(|alarm| !alarm.enabled) {
            return Step::EnableAlarmActions(EnableAlarmActions { alarm: spec.alarm() });
        }
        Step::PutMetricAlarm(PutMetricAlarm {
            alarm: spec.alarm(),
            namespace: on.0.to_owned(),
            metric: on.1.to_owned(),
            topic: self.wanted.topic().to_owned(),
            address: self.object(META.id, spec.name).address(),
        })
    }

    /// The log group into which the trail delivers, or will.
    fn group(&self) -> String {
        match self.ground {
            Ground::Here(group) => group.name.clone(),
            _ => self.wanted.group(self.context),
        }
    }

    /// What has to be there first, and is not: the log group, the trail that delivers into it, the topic.
    fn unmet(&self, chain: &Chain<'_>, topic: &str) -> Vec<Object> {
        let mut needs = vec![];
        let missing: BTreeSet<&str> = match (self.ground, &chain.there.filters) {
            (Ground::Missing, Readable::Read(None)) => ["group", "trail"].into(),
            (Ground::Missing, _) => ["trail"].into(),
            (_, Readable::Read(None)) => ["group"].into(),
            _ => BTreeSet::new(),
        };
        if missing.contains("trail") {
            let at = Target { account: self.at.account.clone(), region: None };
            let name = self.wanted.trail(self.context);
            needs.push(Object { at, kind: "cloudtrail.trail".to_owned(), name });
        }
        if missing.contains("group") {
            needs.push(self.object("logs.log_group", &self.group()));
        }
        if matches!(chain.there.topics.get(topic), Some(Readable::Read(None))) {
            needs.push(self.object("sns.topic", self.wanted.topic()));
        }
        needs
    }
}
