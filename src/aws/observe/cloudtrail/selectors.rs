//! The event selectors of a trail: typed enough to judge, and to write back with everything kept.

use serde::{Deserialize, Serialize};

use super::events::MOST;

/// The event selectors of a trail. Basic and advanced ones exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selectors {
    /// As [EventSelector](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html).
    Basic(Vec<BasicSelector>),
    /// As [AdvancedEventSelector](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedEventSelector.html).
    Advanced(Vec<AdvancedSelector>),
}

/// A basic selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write: String,
    /// Whether management events are logged.
    pub management: bool,
    /// Services whose management events are left out.
    pub excluded: Vec<String>,
    /// Which data events are logged.
    pub resources: Vec<DataResource>,
}

/// Resources whose data events a basic selector logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataResource {
    /// Their type.
    pub kind: String,
    /// Their ARNs, or beginnings of them.
    pub values: Vec<String>,
}

/// An advanced selector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    /// Its name.
    pub name: Option<String>,
    /// All of these have to hold.
    pub fields: Vec<FieldSelector>,
}

/// What one field of an event has to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldSelector {
    /// The field.
    pub field: String,
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equals: Vec<String>,
    /// Begins with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub starts_with: Vec<String>,
    /// Ends with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ends_with: Vec<String>,
    /// None of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_equals: Vec<String>,
    /// Does not begin with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_starts_with: Vec<String>,
    /// Does not end with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_ends_with: Vec<String>,
}

impl Selectors {
    /// Whether all management events are logged, reads and writes, with nothing left out.
    #[must_use]
    pub fn log_all_management_events(&self) -> bool {
        let whole = |kind: &str| match self {
            // Without any selector AWS logs all management events.
            Self::Basic(basic) if basic.is_empty() => true,
            Self::Basic(basic) => {
                basic.iter().any(|one| one.management && one.excluded.is_empty() && one.read_write == kind)
            }
            Self::Advanced(advanced) => advanced.iter().any(|one| one.whole_of() == Some(kind)),
        };
        whole("All") || (whole("ReadOnly") && whole("WriteOnly"))
    }

    /// Whether write management events are logged, or some of them.
    #[must_use]
    pub fn log_writes(&self) -> bool {
        match self {
            Self::Basic(basic) => {
                basic.is_empty() || basic.iter().any(|one| one.management && one.read_write != "ReadOnly")
            }
            Self::Advanced(advanced) => {
                let reads = |one: &FieldSelector| one.field == "readOnly" && one.equals == ["true"];
                advanced.iter().any(|one| one.logs_management_events() && !one.fields.iter().any(reads))
            }
        }
    }

    /// These selectors with all management events added. What is logged already stays.
    #[must_use]
    pub fn with_management_events(&self) -> Self {
        match self {
            Self::Basic(basic) => Self::Basic(widened(basic)),
            Self::Advanced(advanced) => {
                let narrow = |one: &&AdvancedSelector| !one.logs_management_events();
                // One selector of all management events makes those of some of them idle.
                let mut all: Vec<AdvancedSelector> = advanced.iter().filter(narrow).cloned().collect();
                all.insert(0, AdvancedSelector::management_events());
                Self::Advanced(all)
            }
        }
    }
}

/// A selector that logs no data events and all kinds of calls is widened; otherwise one is added beside, because
/// widening a selector of read events would also log the write events of its data resources.
fn widened(basic: &[BasicSelector]) -> Vec<BasicSelector> {
    let mut all = basic.to_vec();
    let fits = |one: &&mut BasicSelector| one.resources.is_empty() || one.read_write == "All";
    if let Some(one) = all.iter_mut().find(fits) {
        "All".clone_into(&mut one.read_write);
        one.management = true;
        one.excluded.clear();
    } else {
        make_room(&mut all);
        let (read_write, excluded, resources) = ("All".to_owned(), vec![], vec![]);
        all.push(BasicSelector { read_write, management: true, excluded, resources });
    }
    all
}

/// Joins two selectors of the same calls where there are as many as a trail takes. Together they log what they did.
pub(super) fn make_room(all: &mut Vec<BasicSelector>) {
    let same = |one: usize, other: usize, all: &[BasicSelector]| all[one].read_write == all[other].read_write;
    let pairs = (0..all.len()).flat_map(|one| (one + 1..all.len()).map(move |other| (one, other)));
    let pair = pairs.into_iter().find(|(one, other)| all.len() >= MOST && same(*one, *other, all));
    let Some((one, other)) = pair else { return };
    let BasicSelector { management, excluded, resources, .. } = all.remove(other);
    let kept = &mut all[one];
    match (kept.management, management) {
        // What one of them leaves out the other may log.
        (true, true) => kept.excluded.retain(|source| excluded.contains(source)),
        (false, true) => (kept.management, kept.excluded) = (true, excluded),
        (_, false) => {}
    }
    for resource in resources {
        match kept.resources.iter_mut().find(|known| known.kind == resource.kind) {
            Some(known) => known.values.extend(resource.values),
            None => kept.resources.push(resource),
        }
    }
}

impl AdvancedSelector {
    pub(super) fn management_events() -> Self {
        let fields = vec![FieldSelector::equal("eventCategory", "Management")];
        Self { name: Some("All management events".to_owned()), fields }
    }

    pub(super) fn logs_management_events(&self) -> bool {
        self.fields.iter().any(|one| one.field == "eventCategory" && one.equals.iter().any(|v| v == "Management"))
    }

    /// Of which calls it logs every management event, in the words of basic selectors; none: it leaves some out, or
    /// logs other events.
    fn whole_of(&self) -> Option<&'static str> {
        let others: Vec<&FieldSelector> = self.fields.iter().filter(|one| one.field != "eventCategory").collect();
        match others.as_slice() {
            _ if !self.logs_management_events() => None,
            [] => Some("All"),
            [one] if one.field == "readOnly" && one.only_equals() => match one.equals.as_slice() {
                [value] if value == "true" => Some("ReadOnly"),
                [value] if value == "false" => Some("WriteOnly"),
                _ => None,
            },
            // Any other field leaves something out.
            _ => None,
        }
    }
}

impl FieldSelector {
    pub(super) fn equal(field: &str, value: &str) -> Self {
        Self { field: field.to_owned(), equals: vec![value.to_owned()], ..Self::default() }
    }

    /// How many values it has.
    pub(super) fn count(&self) -> usize {
        self.equals.len() + self.others().map(Vec::len).sum::<usize>()
    }

    pub(super) fn only_equals(&self) -> bool {
        self.others().all(Vec::is_empty)
    }

    fn others(&self) -> impl Iterator<Item = &Vec<String>> {
        [&self.starts_with, &self.ends_with, &self.not_equals, &self.not_starts_with, &self.not_ends_with].into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(read_write: &str, management: bool, excluded: &[&str], bucket: Option<&str>) -> BasicSelector {
        let resource = |arn: &str| DataResource { kind: "AWS::S3::Object".to_owned(), values: vec![arn.to_owned()] };
        BasicSelector {
            read_write: read_write.to_owned(),
            management,
            excluded: excluded.iter().map(|&source| source.to_owned()).collect(),
            resources: bucket.map(resource).into_iter().collect(),
        }
    }

    fn field(field: &str, value: &str) -> FieldSelector {
        FieldSelector { field: field.to_owned(), equals: vec![value.to_owned()], ..FieldSelector::default() }
    }

    fn advanced(fields: Vec<FieldSelector>) -> AdvancedSelector {
        AdvancedSelector { name: None, fields }
    }

    #[test]
    fn no_selectors_are_the_default_which_logs_all_management_events() {
        assert!(Selectors::Basic(vec![]).log_all_management_events());
    }

    #[test]
    fn a_read_and_a_write_selector_log_all_management_events_together() {
        let read = basic("ReadOnly", true, &[], None);
        let write = basic("WriteOnly", true, &[], None);
        assert!(!Selectors::Basic(vec![read.clone()]).log_all_management_events());
        assert!(Selectors::Basic(vec![read, write]).log_all_management_events());
    }

    #[test]
    fn what_leaves_a_service_out_does_not_log_all() {
        let selectors = Selectors::Basic(vec![basic("All", true, &["kms.amazonaws.com"], None)]);
        assert!(!selectors.log_all_management_events());
        let mended = selectors.with_management_events();
        assert_eq!(mended, Selectors::Basic(vec![basic("All", true, &[], None)]));
    }

    #[test]
    fn an_advanced_selector_of_writes_alone_does_not_log_all() {
        let category = field("eventCategory", "Management");
        let all = Selectors::Advanced(vec![advanced(vec![category.clone()])]);
        assert!(all.log_all_management_events());
        let writes = Selectors::Advanced(vec![advanced(vec![category.clone(), field("readOnly", "false")])]);
        assert!(!writes.log_all_management_events());
        let without = FieldSelector {
            field: "eventSource".to_owned(),
            not_equals: vec!["kms.amazonaws.com".to_owned()],
            ..FieldSelector::default()
        };
        assert!(!Selectors::Advanced(vec![advanced(vec![category, without])]).log_all_management_events());
    }

    #[test]
    fn an_advanced_selector_of_reads_and_one_of_writes_log_all_together() {
        let of = |kind: &str, more: Option<FieldSelector>| {
            let fields = [field("eventCategory", "Management"), field("readOnly", kind)];
            advanced(fields.into_iter().chain(more).collect())
        };
        let all = |selectors: [AdvancedSelector; 2]| Selectors::Advanced(selectors.into()).log_all_management_events();
        assert!(all([of("true", None), of("false", None)]));
        assert!(!all([of("true", None), of("true", None)]));
        let without = FieldSelector {
            field: "eventSource".to_owned(),
            not_equals: vec!["rdsdata.amazonaws.com".to_owned()],
            ..FieldSelector::default()
        };
        assert!(!all([of("true", None), of("false", Some(without))]));
        let data = [field("eventCategory", "Data"), field("readOnly", "false")];
        assert!(!all([of("true", None), advanced(data.into())]));
        let odd = FieldSelector { not_equals: vec!["x".to_owned()], ..field("readOnly", "false") };
        assert!(!all([of("true", None), advanced(vec![field("eventCategory", "Management"), odd])]));
    }

    #[test]
    fn a_trail_that_has_as_many_selectors_as_it_takes_keeps_their_data_events() {
        let five: Vec<BasicSelector> = (0..5)
            .map(|n| basic(if n % 2 == 0 { "ReadOnly" } else { "WriteOnly" }, false, &[], Some(&format!("arn:{n}"))))
            .collect();
        let mended = Selectors::Basic(five.clone()).with_management_events();
        assert!(mended.log_all_management_events());
        let Selectors::Basic(mended) = mended else { panic!("the form is kept") };
        assert_eq!(mended.len(), MOST);
        let logged = |all: &[BasicSelector]| {
            let values = |one: &BasicSelector| -> Vec<(String, String)> {
                let all = one.resources.iter().flat_map(|resource| resource.values.clone());
                all.map(|value| (one.read_write.clone(), value)).collect()
            };
            let mut logged: Vec<_> = all.iter().flat_map(values).collect();
            logged.sort();
            logged
        };
        assert_eq!(logged(&mended), logged(&five));
        assert!(mended.iter().all(|one| one.resources.len() <= 1), "one list for each kind: {mended:?}");
    }

    #[test]
    fn data_events_survive_when_management_events_are_added() {
        let reads_of_a_bucket = basic("ReadOnly", false, &[], Some("arn:aws:s3:::logs/"));
        let mended = Selectors::Basic(vec![reads_of_a_bucket.clone()]).with_management_events();
        assert!(mended.log_all_management_events());
        assert_eq!(mended, Selectors::Basic(vec![reads_of_a_bucket, basic("All", true, &[], None)]));

        let data = advanced(vec![field("eventCategory", "Data"), field("resources.type", "AWS::Lambda::Function")]);
        let mended = Selectors::Advanced(vec![data.clone()]).with_management_events();
        assert!(mended.log_all_management_events());
        let Selectors::Advanced(kept) = mended else { panic!("the form is kept") };
        assert!(kept.contains(&data));
    }
}
