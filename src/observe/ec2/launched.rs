//! The instances of a region, as far as their metadata go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::instances::Tokens;
use super::{PAGE, call, known, list, tags};
use crate::aws::Session;
use crate::aws::ec2::{Element, Missing, Request};
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
    /// Its tags.
    pub tags: BTreeMap<String, String>,
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
        let tags = tags(element).map(|(key, value)| (key.to_owned(), value.unwrap_or_default().to_owned()));
        Ok(Self {
            id: element.need("instanceId")?.to_owned(),
            tokens,
            answers: options.text("httpEndpoint") != Some("disabled"),
            operator,
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
