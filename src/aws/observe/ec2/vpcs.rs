//! The VPCs of a region, and what they record of their traffic.

use serde::{Deserialize, Serialize};

use super::{PAGE, call, known, list, signs, tags};
use crate::Session;
use crate::ec2::{Element, Missing};
use crate::observe::iam::RoleExists;
use crate::observe::s3::{BucketExists, BucketKey};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::{MANAGED, Signs};
use crate::target::Target;

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its id.
    pub id: String,
    /// Whether AWS made it, for whoever names none.
    pub is_default: bool,
    /// What its tags say of who looks after it.
    pub signs: Signs,
}

/// The VPCs that an account owns in a region, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpcs(pub Vec<Vpc>);

const LIST_VPCS: Call = call("DescribeVpcs", "ec2:DescribeVpcs");

impl Observe for Vpcs {
    const NAME: &'static str = "ec2.vpcs";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_VPCS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let found = list(session, at, &LIST_VPCS, "vpcSet", |asked| asked.with("MaxResults", PAGE)).await?;
        let vpc = |element: &Element| -> Result<(String, Vpc), Missing> {
            let (id, is_default) = (element.need("vpcId")?.to_owned(), element.flag("isDefault")?);
            Ok((element.need("ownerId")?.to_owned(), Vpc { id, is_default, signs: signs(element) }))
        };
        let vpcs = known(at, &LIST_VPCS, found.iter().map(vpc).collect::<Result<Vec<_>, _>>())?;
        // What another account shares is recorded there.
        let own = vpcs.into_iter().filter(|(owner, _)| owner == at.account.as_str());
        let mut own: Vec<Vpc> = own.map(|(_, vpc)| vpc).collect();
        own.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self(own))
    }
}

/// A flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// Its id.
    pub id: String,
    /// What it records: a VPC, a subnet, a network interface.
    pub resource: String,
    /// Whether it records.
    pub active: bool,
    /// Of which traffic: `ACCEPT`, `REJECT`, or `ALL`.
    pub traffic: String,
    /// Why what it records does not arrive, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
    /// The address that trueup gave it, where trueup made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl FlowLog {
    fn of(element: &Element) -> Result<Self, Missing> {
        let failed = element.text("deliverLogsStatus") == Some("FAILED");
        let why = element.text("deliverLogsErrorMessage").unwrap_or("AWS does not say why");
        let address = tags(element).find(|(key, _)| *key == MANAGED).and_then(|(_, value)| value);
        Ok(Self {
            id: element.need("flowLogId")?.to_owned(),
            resource: element.need("resourceId")?.to_owned(),
            active: element.text("flowLogStatus") == Some("ACTIVE"),
            traffic: element.text("trafficType").unwrap_or_default().to_owned(),
            fails: failed.then(|| why.to_owned()),
            address: address.map(str::to_owned),
        })
    }
}

/// The flow logs of a region, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogs(pub Vec<FlowLog>);

pub(crate) const LIST_FLOW_LOGS: Call = call("DescribeFlowLogs", "ec2:DescribeFlowLogs");

impl Observe for FlowLogs {
    const NAME: &'static str = "ec2.flow_logs";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_FLOW_LOGS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        flow_logs(reader.session()?, reader.at(), None).await.map(Self)
    }
}

/// The flow logs of a region, or those of one VPC.
pub(crate) async fn flow_logs(session: &Session, at: &Target, vpc: Option<&str>) -> Result<Vec<FlowLog>, ReadError> {
    let told = |asked: crate::ec2::Request| {
        let asked = asked.with("MaxResults", PAGE);
        let asked = asked.with_some("Filter.1.Name", vpc.map(|_| "resource-id"));
        asked.with_some("Filter.1.Value.1", vpc)
    };
    let found = list(session, at, &LIST_FLOW_LOGS, "flowLogSet", told).await?;
    let mut logs = known(at, &LIST_FLOW_LOGS, found.iter().map(FlowLog::of).collect::<Result<Vec<_>, _>>())?;
    logs.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(logs)
}

/// What has to be there before a flow log can deliver: a log group is made by AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A bucket, whoever has it.
    Bucket(String),
    /// The role of the account by which it delivers, by its name without the path.
    Role(String),
}

/// What is asked of the flow logs of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAsked {
    /// The traffic that has to be recorded.
    pub traffic: String,
    /// Where flow logs that are made deliver, or by what; none: a person makes them.
    pub destination: Option<Destination>,
}

/// The VPCs of a region, and all that is recorded there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The VPCs.
    pub vpcs: Vec<Vpc>,
    /// The flow logs.
    pub flow_logs: Vec<FlowLog>,
    /// Whether the destination is there; asked only where a VPC records too little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Readable<bool>>,
}

impl Observe for Recorded {
    const NAME: &'static str = "ec2.recorded";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[];
    type Key = RecordedAsked;

    async fn observe(reader: &Reader, asked: &RecordedAsked) -> Result<Self, ReadError> {
        let vpcs = reader.get::<Vpcs>().await?.0.clone();
        let flow_logs = if vpcs.is_empty() { vec![] } else { reader.get::<FlowLogs>().await?.0.clone() };
        let destination = match &asked.destination {
            Some(place) if vpcs.iter().any(|vpc| !flow_logs.iter().any(|log| log.records(&vpc.id, &asked.traffic))) => {
                Some(place.exists(reader).await.into())
            }
            Some(_) | None => None,
        };
        Ok(Self { vpcs, flow_logs, destination })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Vpcs>(), Reads::of::<FlowLogs>(), Reads::of::<BucketExists>(), Reads::of::<RoleExists>()]
    }
}

impl FlowLog {
    /// Whether it records such traffic of a VPC, wherever that goes.
    #[must_use]
    pub fn records(&self, vpc: &str, traffic: &str) -> bool {
        self.active && self.resource == vpc && [traffic, "ALL"].contains(&self.traffic.as_str())
    }
}

impl Destination {
    async fn exists(&self, reader: &Reader) -> Result<bool, ReadError> {
        match self {
            Self::Bucket(name) => {
                let key = BucketKey { name: name.clone(), region: reader.home_region().clone() };
                Ok(reader.of::<BucketExists>(&key).await?.0)
            }
            Self::Role(name) => Ok(reader.of::<RoleExists>(name).await?.0),
        }
    }
}
