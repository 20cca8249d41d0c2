//! The instances of a region, as far as their metadata and the role behind them go.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::instances::Tokens;
use super::{PAGE, call, known, list, tags};
use crate::Session;
use crate::ec2::{Element, Missing, Request};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;

/// An instance that runs, or that may run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// Whether its metadata are answered only to who holds a session token.
    pub tokens: Tokens,
    /// Whether they are answered at all.
    pub answers: bool,
    /// The service of AWS that runs it for the account, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How far the answer to who asks for a token goes: 1 does not reach into a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hops: Option<u32>,
    /// The ARN of the instance profile by which its programs get the credentials of a role, where it has one.
    #[serde(deserialize_with = "stated")]
    pub profile: Option<String>,
    /// Whether it runs or stands still, as EC2 calls it.
    pub state: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What does not say whether there is a profile, such as evidence that was kept before it was asked, does not say that
/// there is none.
fn stated<'de, D: Deserializer<'de>>(profile: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(profile)
}

impl Instance {
    fn of(element: &Element) -> Result<Self, Missing> {
        let options = element.child("metadataOptions").ok_or_else(|| Missing("metadataOptions".to_owned()))?;
        let tokens = match options.need("httpTokens")? {
            "required" => Tokens::Required,
            "optional" => Tokens::Optional,
            _ => return Err(Missing("httpTokens that is known".to_owned())),
        };
        let operator = element.child("operator").filter(|operator| operator.text("managed") == Some("true"));
        let operator = operator.map(|operator| operator.text("principal").unwrap_or("a service of AWS").to_owned());
        let profile = element.child("iamInstanceProfile").map(|profile| profile.need("arn")).transpose()?;
        let tags = tags(element).map(|(key, value)| (key.to_owned(), value.unwrap_or_default().to_owned()));
        Ok(Self {
            id: element.need("instanceId")?.to_owned(),
            tokens,
            answers: options.text("httpEndpoint") != Some("disabled"),
            operator,
            profile: profile.map(str::to_owned),
            hops: options.text("httpPutResponseHopLimit").and_then(|hops| hops.parse().ok()),
            state: element.child("instanceState").and_then(|state| state.text("name")).unwrap_or_default().to_owned(),
            tags: tags.collect(),
        })
    }
}

/// The instances of a region but those that are terminated, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instances(pub Vec<Instance>);

pub(crate) const LIST_INSTANCES: Call = call("DescribeInstances", "ec2:DescribeInstances");

/// States in which an instance is there; of those that end nothing is asked any more.
const THERE: [&str; 4] = ["pending", "running", "stopping", "stopped"];

impl Observe for Instances {
    const NAME: &'static str = "ec2.instances";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_INSTANCES];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let there = |asked: Request| {
            let asked = asked.with("Filter.1.Name", "instance-state-name").with_all("Filter.1.Value", THERE);
            asked.with("MaxResults", PAGE)
        };
        instances(reader.session()?, reader.at(), there).await.map(Self)
    }
}

async fn instances(
    session: &Session,
    at: &Target,
    told: impl Fn(Request) -> Request,
) -> Result<Vec<Instance>, ReadError> {
    let reservations = list(session, at, &LIST_INSTANCES, "reservationSet", told).await?;
    let mut found = vec![];
    for reservation in &reservations {
        if reservation.child("instancesSet").is_none() {
            return Err(ReadError::senseless(at, &LIST_INSTANCES, Missing("instancesSet".to_owned())));
        }
        let of_each = reservation.items("instancesSet").map(Instance::of).collect::<Result<Vec<_>, _>>();
        found.extend(known(at, &LIST_INSTANCES, of_each)?);
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(found)
}

/// An instance as it is now; none: there is none of this id, or it ends.
pub(crate) async fn instance(session: &Session, at: &Target, id: &str) -> Result<Option<Instance>, ReadError> {
    let named = |asked: Request| {
        let asked = asked.with_all("InstanceId", [id]);
        asked.with("Filter.1.Name", "instance-state-name").with_all("Filter.1.Value", THERE)
    };
    match instances(session, at, named).await {
        Err(error) if error.code.as_deref() == Some("InvalidInstanceID.NotFound") => Ok(None),
        other => other.map(|found| found.into_iter().next()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answered, seen};
    use super::*;
    use crate::observe::Class;
    use crate::stub::xml;

    const PROFILE: &str = "arn:aws:iam::111122223333:instance-profile/web";

    /// A page of reservations, each with these instances.
    fn page(reservations: &[&str], next: &str) -> String {
        let sets = reservations.iter().map(|set| format!("<item><instancesSet>{set}</instancesSet></item>"));
        format!("<reservationSet>{}</reservationSet>{next}", sets.collect::<String>())
    }

    fn instance(id: &str, options: &str, more: &str) -> String {
        format!(
            "<item><instanceId>{id}</instanceId><instanceState><name>stopped</name></instanceState>\
             <metadataOptions>{options}</metadataOptions>{more}</item>"
        )
    }

    #[tokio::test]
    async fn instances_that_are_there_are_listed_page_by_page_by_id() {
        let tags = "<tagSet><item><key>Name</key><value>web</value></item><item><key>old</key></item></tagSet>";
        let options = "<httpTokens>optional</httpTokens><httpPutResponseHopLimit>1</httpPutResponseHopLimit>\
                       <httpEndpoint>enabled</httpEndpoint>";
        let silent = "<httpTokens>optional</httpTokens><httpEndpoint>disabled</httpEndpoint>";
        let run = "<operator><managed>true</managed><principal>eks.amazonaws.com</principal></operator>";
        let role = format!("<iamInstanceProfile><arn>{PROFILE}</arn><id>AIPA1</id></iamInstanceProfile>");
        let own = "<operator><managed>false</managed></operator>";
        let first =
            page(&[&(instance("i-c", options, tags) + &instance("i-b", silent, own))], "<nextToken>t</nextToken>");
        let second = page(&[&instance("i-a", "<httpTokens>required</httpTokens>", &(role + run))], "");
        let (found, asked) = seen::<Instances>((), move |asked| {
            answered("DescribeInstances", if asked.field("NextToken").is_none() { &first } else { &second })
        })
        .await;
        let plain = Instance {
            id: "i-a".to_owned(),
            tokens: Tokens::Required,
            answers: true,
            operator: Some("eks.amazonaws.com".to_owned()),
            hops: None,
            profile: Some(PROFILE.to_owned()),
            state: "stopped".to_owned(),
            tags: BTreeMap::new(),
        };
        let silent = Instance {
            id: "i-b".to_owned(),
            tokens: Tokens::Optional,
            answers: false,
            operator: None,
            profile: None,
            ..plain.clone()
        };
        let tags = BTreeMap::from([("Name".to_owned(), "web".to_owned()), ("old".to_owned(), String::new())]);
        let open = Instance { id: "i-c".to_owned(), answers: true, hops: Some(1), tags, ..silent.clone() };
        assert_eq!(found, Ok(Instances(vec![plain, silent, open])));
        let there = "Filter.1.Name=instance-state-name&Filter.1.Value.1=pending&Filter.1.Value.2=running&\
                     Filter.1.Value.3=stopping&Filter.1.Value.4=stopped&MaxResults=1000";
        assert_eq!(asked[0].body, format!("Action=DescribeInstances&Version=2016-11-15&{there}"));
        assert_eq!((asked.len(), asked[1].field("NextToken").as_deref()), (2, Some("t")));
    }

    #[tokio::test]
    async fn a_region_without_instances_has_none_and_what_is_not_said_of_one_is_no_answer() {
        let of = |inside: String| async move {
            seen::<Instances>((), move |_| answered("DescribeInstances", &inside)).await.0
        };
        assert_eq!(of("<reservationSet/>".to_owned()).await, Ok(Instances(vec![])));
        for (inside, words) in [
            (String::new(), "the answer has no reservationSet"),
            ("<reservationSet><item/></reservationSet>".to_owned(), "the answer has no instancesSet"),
            (page(&["<item><instanceId>i-a</instanceId></item>"], ""), "the answer has no metadataOptions"),
            (page(&[&instance("i-a", "", "")], ""), "the answer has no httpTokens"),
            (
                page(&[&instance("i-a", "<httpTokens>maybe</httpTokens>", "")], ""),
                "the answer has no httpTokens that is known",
            ),
            (
                page(&[&instance("i-a", "<httpTokens>required</httpTokens>", "<iamInstanceProfile/>")], ""),
                "the answer has no arn",
            ),
        ] {
            let error = of(inside).await.expect_err(words);
            assert_eq!((error.class, error.message.as_str()), (Class::Failed, words));
        }
    }

    #[tokio::test]
    async fn who_may_not_list_instances_does_not_know_that_there_are_none() {
        let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
        let error = seen::<Instances>((), |_| xml(403, denied)).await.0.expect_err("denied");
        assert!(matches!(error.class, Class::Denied { .. }), "{error:?}");
    }

    #[test]
    fn what_was_kept_before_profiles_were_asked_about_does_not_say_that_there_is_none() {
        let kept = |profile: &str| {
            let text =
                format!(r#"{{"id":"i-a","tokens":"required","answers":true,{profile}"state":"running","tags":{{}}}}"#);
            serde_json::from_str::<Instance>(&text).map(|instance| instance.profile).map_err(|error| error.to_string())
        };
        assert_eq!(kept(r#""profile":null,"#), Ok(None));
        let error = kept("").expect_err("it does not say");
        assert!(error.contains("missing field `profile`"), "{error}");
    }
}
