//! `cloudwatch.topic`: who is told when an alarm goes off.

mod key;
mod settings;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use self::settings::Endpoint;
use self::settings::Settings;
use super::place;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::drift::{Bench, Difference, Drift, Fix, Judged};
use crate::observe::cloudwatch::{Asked, Told};
use crate::observe::kms::named::{KeyPolicy, NamedKey};
use crate::observe::sns::{Subscription, Topic as Seen, TopicOf};
use crate::observe::{Home, Reads, Tagged};
use crate::ownership::{control_tower, is_control_towers};
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::refusal::Request;
use crate::steps::sns::{CreateTopic, SetTopicPolicy, Subscribe};
use crate::target::{Object, Target};

/// See the module.
pub struct Topic;

/// CloudWatch as policies name it.
const PRINCIPAL: &str = "cloudwatch.amazonaws.com";

/// The longest policy of a topic, in bytes.
const LONGEST_POLICY: usize = 30 * 1024;

const META: Meta = Meta {
    id: "cloudwatch.topic",
    title: "Somebody is told when an alarm goes off",
    why: "An alarm that tells nobody is a light in an empty room. Mail that nobody confirmed, a topic that CloudWatch may \
          not send to, or one with a key that it may not use, are just that, and look as if all were well.",
    runs: Runs::EveryAccount,
    requirements: &[
        Requirement {
            id: "cloudwatch.topic.publish",
            title: "CloudWatch may publish to the topic of the alarms",
            severity: Severity::Low,
            references: &[],
        },
        Requirement {
            id: "cloudwatch.topic.usable_key",
            title: "The topic encrypts with no key that CloudWatch may not use, as it may not use AWS's own for SNS",
            severity: Severity::Low,
            references: &[],
        },
        Requirement {
            id: "cloudwatch.topic.subscribed",
            title: "Whoever has to be told is subscribed, and has confirmed it",
            severity: Severity::Low,
            references: &[],
        },
    ],
    steps: &["CreateTopic", "SetTopicPolicy", "Subscribe"],
};

static PAGE: Meta = META;

impl Control for Topic {
    const META: Meta = META;
    const MAKES: &'static [(&'static str, &'static str)] = &[("sns.topic", META.id)];
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &[
            "A topic that was made is deleted unless somebody else subscribed to it, the former policy is set again, and \
             subscriptions are ended. One that nobody confirmed lapses by itself after two days.",
        ],
        traps: &[
            "Mail has to be confirmed by whoever gets it: until then it is `pending`, and after two days SNS forgets it, \
             and it is asked for again.",
            "The key `alias/aws/sns` cannot be used by CloudWatch, and its policy cannot be changed: a key of your own \
             takes its place by hand, with a policy that lets CloudWatch decrypt and make data keys.",
            "The policy of a key is never written for a topic: what it lacks is said. Who may use a key of another account \
             only that account knows, and it is not judged.",
            "A topic of Control Tower, such as `aws-controltower-SecurityNotifications`, is judged and never written: \
             nobody is subscribed to it, and none is made under such a name.",
            "In an organization with one trail for all, only the account that has its log group has a topic.",
        ],
    };
    const SAME_AS: &'static [(&'static str, &'static str)] =
        &[("scope", "cloudtrail.trail"), ("scope", "cloudwatch.alarm")];
    const TAGGED: &'static [Tagged] = &[Tagged::Topic];
    type Settings = Settings;
    type Observed = Told;

    fn key(context: &Context<'_>, wanted: &Settings) -> Asked {
        let (whose, topic) = (wanted.whose(), wanted.name().to_owned());
        Asked { whose, partition: context.partition.clone(), topic, key: wanted.usable_key.is_some() }
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            (wanted.publish.is_some(), "publish"),
            (wanted.usable_key.is_some(), "usable_key"),
            (wanted.subscribed(), "subscribed"),
        ];
        named.into_iter().filter_map(|(named, name)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Told, wanted: &Settings) -> Vec<Judged> {
        if wanted.asks_nothing() {
            return vec![];
        }
        match place::place(context, &seen.ground) {
            Ok(at) => {
                let region = at.region.as_ref().unwrap_or(context.home_region);
                let endpoints = wanted.endpoints(context, region);
                Case { context, wanted, endpoints, at }.judge(seen)
            }
            Err(why) => vec![elsewhere(context, wanted, &why)],
        }
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        if wanted.asks_nothing() {
            return Needs::default();
        }
        let whose = wanted.whose();
        let (mut reads, fallbacks) = place::reads(whose, home);
        if !place::is_mended(whose, home) {
            return Needs { reads, fallbacks, ..Needs::default() };
        }
        let of_management = home == Home::Management;
        reads.push(if of_management { Reads::of::<TopicOf<true>>() } else { Reads::of::<TopicOf<false>>() });
        if wanted.publish.is_some() || wanted.usable_key.is_some() {
            reads.push(Tagged::Topic.reads());
        }
        if wanted.usable_key.is_some() {
            // No call mends a key, so no write depends on it.
            reads.extend([Reads::of::<NamedKey<false>>().only_told(), Reads::of::<KeyPolicy>().only_told()]);
        }
        let may = |step: &&&str| match **step {
            "SetTopicPolicy" => wanted.publish.is_some(),
            "Subscribe" => wanted.subscriptions.is_some(),
            _ => true,
        };
        let steps = META.steps.iter().filter(may).copied().collect();
        Needs { reads, fallbacks, steps, names: vec![("sns:topic", wanted.name().to_owned())], ..Needs::default() }
    }
}

fn elsewhere(context: &Context<'_>, wanted: &Settings, why: &str) -> Judged {
    let mut bench = context.object(&PAGE, wanted.name());
    for name in Topic::required(wanted) {
        bench.not_applicable(name, why, json!(true));
    }
    bench.mend(|| Fix::Manual(String::new()))
}

/// The topic of one account under judgement.
struct Case<'a> {
    context: &'a Context<'a>,
    wanted: &'a Settings,
    endpoints: Vec<Endpoint>,
    at: Target,
}

impl Case<'_> {
    fn object(&self, kind: &str) -> Object {
        Object { at: self.at.clone(), kind: kind.to_owned(), name: self.wanted.name().to_owned() }
    }

    fn bench(&self, kind: &str) -> Bench<'_> {
        Bench::new(self.context, &PAGE, self.object(kind)).owned_by(control_tower(self.wanted.name(), None))
    }

    /// The topic itself, of which somebody may look after what is set on it; who subscribes is nothing of that.
    fn topic(&self, seen: Option<&Seen>) -> Bench<'_> {
        self.bench("sns.topic").absent(seen.is_none()).bears(Tagged::Topic, seen.map(|_| self.arn()))
    }

    fn arn(&self) -> String {
        let region = self.at.region.as_ref().unwrap_or(self.context.home_region);
        format!("arn:{}:sns:{region}:{}:{}", self.context.partition, self.at.account, self.wanted.name())
    }

    fn judge(&self, seen: &Told) -> Vec<Judged> {
        let topic = match seen.topic.as_result() {
            Ok(topic) => topic.as_ref(),
            Err(error) => {
                let mut bench = self.bench("sns.topic");
                for name in Topic::required(self.wanted) {
                    bench.unreadable(name, error, json!(true));
                }
                return vec![bench.mend(|| Fix::Manual(String::new()))];
            }
        };
        let judged =
            [self.judge_publish(topic), self.judge_key(topic, seen.key.as_ref()), self.judge_subscriptions(topic)];
        let mut judged: Vec<Judged> = judged.into_iter().flatten().collect();
        let apart = self.wanted.publish.is_none() && self.wanted.usable_key.is_none();
        if topic.is_none() && apart && !is_control_towers(self.wanted.name()) {
            judged.insert(0, self.needed());
        }
        judged
    }

    /// Whether CloudWatch may publish to it.
    fn judge_publish(&self, topic: Option<&Seen>) -> Option<Judged> {
        self.wanted.publish?;
        let mut bench = self.topic(topic);
        let obstacle = topic.and_then(|topic| self.obstacle(topic));
        let met = topic.is_some_and(|topic| obstacle.is_none() && self.may_publish(topic));
        let observed = topic.map_or(Value::Null, |_| json!(met));
        bench.judge("publish", met, observed, json!(true));
        Some(bench.mend(|| obstacle.map_or_else(|| self.steps(topic), Fix::Manual)))
    }

    /// A topic that has to be made for somebody to subscribe to it.
    fn needed(&self) -> Judged {
        let requirement = PAGE.requirement("subscribed").id.to_owned();
        let difference = Difference { requirement, observed: Value::Null, wanted: json!(self.wanted.name()) };
        Judged::needed(Drift::needed(self.object("sns.topic"), true, difference, self.steps(None)))
    }

    /// SNS makes a topic with a policy by which the services of AWS may publish for the account.
    fn steps(&self, topic: Option<&Seen>) -> Fix {
        let name = || self.wanted.name().to_owned();
        let step = match topic {
            None => Step::CreateTopic(CreateTopic { topic: name(), address: self.object("sns.topic").address() }),
            Some(_) => Step::SetTopicPolicy(SetTopicPolicy { topic: name(), statements: vec![self.statement()] }),
        };
        Fix::Steps { steps: vec![step], needs: vec![] }
    }

    /// [What CloudWatch needs](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html)
    /// of the topic's policy, for alarms of this account alone.
    fn statement(&self) -> Value {
        json!({
            "Sid": "CloudWatchAlarms",
            "Effect": "Allow",
            "Principal": { "Service": PRINCIPAL },
            "Action": "sns:Publish",
            "Resource": self.arn(),
            "Condition": { "StringEquals": { "aws:SourceAccount": self.at.account } },
        })
    }

    /// Whether the policy lets alarms of this account through: by such a statement, or by the one that SNS gives to a
    /// topic that is made, which speaks of the owner of the source.
    fn may_publish(&self, topic: &Seen) -> bool {
        let Ok(policy) = Document::parse(Some(&topic.policy)) else { return false };
        let mut known = self.statement();
        known["Condition"]["StringEquals"]["AWS:SourceOwner"] = json!(self.at.account);
        known["Condition"]["ArnLike"] = json!({ "aws:SourceArn": self.alarms() });
        policy.covers(&[known])
    }

    fn alarms(&self) -> String {
        let region = self.at.region.as_ref().unwrap_or(self.context.home_region);
        format!("arn:{}:cloudwatch:{region}:{}:alarm:any", self.context.partition, self.at.account)
    }

    /// Why adding a statement does not let CloudWatch publish, in words that say what to do.
    fn obstacle(&self, topic: &Seen) -> Option<String> {
        let name = self.wanted.name();
        let policy = match Document::parse(Some(&topic.policy)) {
            Ok(policy) => policy,
            Err(error) => return Some(format!("the policy of topic {name} makes no sense: {error}")),
        };
        let context = vec![
            ("aws:sourceaccount", self.at.account.to_string()),
            ("aws:sourceowner", self.at.account.to_string()),
            ("aws:sourcearn", self.alarms()),
            ("aws:securetransport", "true".to_owned()),
        ];
        let request = Request { service: PRINCIPAL, action: "sns:Publish", resource: self.arn(), context };
        if let Some(statement) = policy.refuses(&request) {
            return Some(format!("{statement} in the policy of topic {name} denies CloudWatch: leave it out of it"));
        }
        if self.may_publish(topic) {
            return None;
        }
        if let Some(id) = policy.names_deleted() {
            return Some(format!("the policy of topic {name} names {id}, which was deleted: take that out first"));
        }
        let length = policy.with(&[self.statement()]).to_string().len();
        (length > LONGEST_POLICY).then(|| {
            format!("the policy of topic {name} would have {length} bytes, and SNS takes {LONGEST_POLICY}: shorten it")
        })
    }

    /// Who is told.
    fn judge_subscriptions(&self, topic: Option<&Seen>) -> Option<Judged> {
        if !self.wanted.subscribed() {
            return None;
        }
        let subscriptions = topic.map_or(&[][..], |topic| &topic.subscriptions);
        let standing = standing(subscriptions, &self.endpoints);
        let waits = matches!(standing, Standing::Waiting(_));
        let kind = if waits { place::CONFIRMATION } else { "sns.subscriptions" };
        let mut bench = self.bench(kind).absent(subscriptions.is_empty());
        let wanted = if self.endpoints.is_empty() {
            json!("somebody")
        } else {
            json!(self.endpoints.iter().map(Endpoint::words).collect::<Vec<_>>())
        };
        let observed = json!(subscriptions.iter().map(said).collect::<Vec<_>>());
        match standing {
            Standing::Told => drop(bench.judge("subscribed", true, observed, wanted)),
            Standing::Waiting(who) => {
                let why = format!("{} has to confirm the subscription, by the link in the mail", who.join(", "));
                bench.pending("subscribed", why, wanted);
            }
            Standing::Missing => drop(bench.judge("subscribed", false, observed, wanted)),
        }
        Some(bench.mend(|| self.subscribe(topic)))
    }

    fn subscribe(&self, topic: Option<&Seen>) -> Fix {
        let name = self.wanted.name();
        let there = topic.map_or(&[][..], |topic| &topic.subscriptions);
        let missing = self.endpoints.iter().filter(|wanted| !there.iter().any(|one| wanted.is(one)));
        let step = |wanted: &Endpoint| {
            let (topic, protocol) = (name.to_owned(), wanted.protocol.name().to_owned());
            Step::Subscribe(Subscribe { topic, protocol, endpoint: wanted.endpoint.clone() })
        };
        let steps: Vec<Step> = missing.map(step).collect();
        if steps.is_empty() {
            return Fix::Manual(format!("nobody is told by topic {name}: say who is by the setting `subscriptions`"));
        }
        let needs = if topic.is_none() { vec![self.object("sns.topic")] } else { vec![] };
        Fix::Steps { steps, needs }
    }
}

/// How it stands with who has to be told.
enum Standing {
    /// Everybody is.
    Told,
    /// These have to confirm it.
    Waiting(Vec<String>),
    /// Somebody was not asked.
    Missing,
}

fn standing(there: &[Subscription], wanted: &[Endpoint]) -> Standing {
    let meant: Vec<&Subscription> = there.iter().filter(|one| wanted.iter().any(|wanted| wanted.is(one))).collect();
    let everybody = wanted.iter().all(|wanted| there.iter().any(|one| wanted.is(one)));
    let waiting = |all: &[&Subscription]| all.iter().filter(|one| !one.confirmed).map(|one| said(one)).collect();
    if wanted.is_empty() {
        let all: Vec<&Subscription> = there.iter().collect();
        return match () {
            () if all.iter().any(|one| one.confirmed) => Standing::Told,
            () if all.is_empty() => Standing::Missing,
            () => Standing::Waiting(waiting(&all)),
        };
    }
    match () {
        () if !everybody => Standing::Missing,
        () if meant.iter().all(|one| one.confirmed) => Standing::Told,
        () => Standing::Waiting(waiting(&meant)),
    }
}

fn said(one: &Subscription) -> String {
    format!("{} {}", one.protocol, one.endpoint)
}
