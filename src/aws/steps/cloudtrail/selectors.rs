//! What a trail logs.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types as sdk;
use serde::{Deserialize, Serialize};

use super::{at, call, resources};
use crate::observe::cloudtrail::{
    AdvancedSelector, BasicSelector, Events, FieldSelector, GET_SELECTORS, Selectors, selectors_of,
};
use crate::observe::{Call, Class, ReadError};
use crate::steps::undo::cloudtrail::RestoreEventSelectors;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Region, Target};

pub(in crate::steps) const PUT_SELECTORS: Call = call("PutEventSelectors", "cloudtrail:PutEventSelectors");

/// Sets all selectors of a trail.
pub(in crate::steps) async fn put_selectors(
    writer: &Writer,
    region: &Region,
    trail: &str,
    selectors: &Selectors,
    undo: Undo,
) -> Result<(), ReadError> {
    let at = at(writer, region);
    let invalid = |error: &dyn std::fmt::Display| ReadError {
        at: at.clone(),
        action: PUT_SELECTORS.action.to_owned(),
        class: Class::Failed,
        code: Some("InvalidEventSelectorsException".to_owned()),
        message: error.to_string(),
        status: None,
        request_id: None,
    };
    let request = writer.session.cloudtrail(region).put_event_selectors().trail_name(trail);
    let request = match selectors {
        Selectors::Basic(all) => request.set_event_selectors(Some(all.iter().map(basic).collect())),
        Selectors::Advanced(all) => {
            let selectors = all.iter().map(advanced).collect::<Result<Vec<_>, _>>();
            request.set_advanced_event_selectors(Some(selectors.map_err(|error| invalid(&error))?))
        }
    };
    writer.write(&at, &PUT_SELECTORS, undo, request.send()).await
}

/// Sets the event selectors of a trail.
/// [PutEventSelectors](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html)
/// replaces all of them, so what was logged before is sent with what is added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutEventSelectors {
    /// The trail's ARN.
    pub trail: String,
    /// Its home region.
    pub region: Region,
    /// The selectors afterwards.
    pub selectors: Selectors,
    /// The events that they log besides what was logged.
    #[serde(default = "management", skip_serializing_if = "is_management")]
    pub adds: BTreeSet<Events>,
}

/// What a plan adds that does not say it.
fn management() -> BTreeSet<Events> {
    BTreeSet::from([Events::Management])
}

fn is_management(adds: &BTreeSet<Events>) -> bool {
    *adds == management()
}

const MORE_MANAGEMENT: &str = "more management events: every copy but the first bills by event";
/// What [CloudTrail asks](https://aws.amazon.com/cloudtrail/pricing/) for data events.
const DATA: &str = "S3 data events bill USD 0.10 per 100,000, which can be very much";
const MORE_MANAGEMENT_AND_DATA: &str = "S3 data events bill USD 0.10 per 100,000, which can be very much, and of \
                                        management events every copy but the first bills by event";

impl Atom for PutEventSelectors {
    const CALLS: &'static [Call] = &[GET_SELECTORS, PUT_SELECTORS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Self { trail, region, selectors, .. } = self;
        let before = selectors_of(&writer.session, &at(writer, region), region, trail).await?;
        let (set, back) = (selectors.clone(), (trail.clone(), region.clone()));
        let back = RestoreEventSelectors { trail: back.0, region: back.1, set, before };
        put_selectors(writer, region, trail, selectors, Undo::by(Step::RestoreEventSelectors(back))).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(&self.trail, None, action, at, partition)
    }

    fn says(&self) -> String {
        let excluded: Vec<&str> = self.selectors.excluded_sources().into_iter().collect();
        let words = |events: &Events| match events {
            Events::Management if excluded.is_empty() => "all management events".to_owned(),
            Events::Management => format!("all management events but those of {}", excluded.join(" and ")),
            Events::S3Reads => "all reads of S3 objects".to_owned(),
            Events::S3Writes => "all writes of S3 objects".to_owned(),
        };
        let adds: Vec<String> = self.adds.iter().map(words).collect();
        format!("PutEventSelectors {}: {} beside what it logs", self.trail, adds.join(", "))
    }

    fn cost(&self) -> Option<&'static str> {
        let data = self.adds.iter().any(|events| *events != Events::Management);
        Some(match (self.adds.contains(&Events::Management), data) {
            (true, true) => MORE_MANAGEMENT_AND_DATA,
            (false, true) => DATA,
            (_, false) => MORE_MANAGEMENT,
        })
    }

    fn retried(&self) -> &'static [&'static str] {
        &["ConflictException"]
    }

    fn undo(&self) -> String {
        "PutEventSelectors with the former selectors".to_owned()
    }
}

fn basic(selector: &BasicSelector) -> sdk::EventSelector {
    let resources = selector.resources.iter().map(|resource| {
        let values = Some(resource.values.clone());
        sdk::DataResource::builder().r#type(&resource.kind).set_values(values).build()
    });
    sdk::EventSelector::builder()
        .read_write_type(sdk::ReadWriteType::from(selector.read_write.as_str()))
        .include_management_events(selector.management)
        .set_exclude_management_event_sources(Some(selector.excluded.clone()))
        .set_data_resources(Some(resources.collect()))
        .build()
}

fn advanced(
    selector: &AdvancedSelector,
) -> Result<sdk::AdvancedEventSelector, aws_smithy_types::error::operation::BuildError> {
    let fields = selector.fields.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    sdk::AdvancedEventSelector::builder().set_name(selector.name.clone()).set_field_selectors(Some(fields)).build()
}

fn field(
    selector: &FieldSelector,
) -> Result<sdk::AdvancedFieldSelector, aws_smithy_types::error::operation::BuildError> {
    // An empty list is refused; what is not asked of the field is left out.
    let some = |values: &Vec<String>| (!values.is_empty()).then(|| values.clone());
    sdk::AdvancedFieldSelector::builder()
        .field(&selector.field)
        .set_equals(some(&selector.equals))
        .set_starts_with(some(&selector.starts_with))
        .set_ends_with(some(&selector.ends_with))
        .set_not_equals(some(&selector.not_equals))
        .set_not_starts_with(some(&selector.not_starts_with))
        .set_not_ends_with(some(&selector.not_ends_with))
        .build()
}
