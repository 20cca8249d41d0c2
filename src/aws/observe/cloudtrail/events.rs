//! The events of all objects in S3: whether a trail logs them, and what it logs with them added.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::selectors::{AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors, make_room};

/// Events that a trail can be asked to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Events {
    /// All management events.
    Management,
    /// Every read of an object in S3.
    S3Reads,
    /// Every write of an object in S3.
    S3Writes,
}

impl Events {
    /// These calls in the words of basic selectors.
    fn basic(self) -> &'static str {
        match self {
            Self::Management => "All",
            Self::S3Reads => "ReadOnly",
            Self::S3Writes => "WriteOnly",
        }
    }

    /// The same as the field `readOnly` of advanced ones; none: it does not matter.
    pub(super) fn read_only(kind: &str) -> Option<&'static str> {
        match kind {
            "ReadOnly" => Some("true"),
            "WriteOnly" => Some("false"),
            _ => None,
        }
    }
}

/// What counts as all events: what a trail may leave out of them.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// Services whose management events may be left out, such as `kms.amazonaws.com`.
    pub excluded: &'a [String],
    /// The first part of their ARNs: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// The bucket that gets the trail's files: its objects may be left out, because each of the files would be an event
    /// of its own there.
    pub log_bucket: &'a str,
}

/// Objects in S3, as selectors name their type.
const OBJECTS: &str = "AWS::S3::Object";
/// As many [data resources](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html) as
/// the basic selectors of a trail take together.
const MOST_RESOURCES: usize = 250;
/// As many basic selectors as a trail takes.
pub(super) const MOST: usize = 5;
/// As many values as the advanced selectors of a trail take together.
const MOST_VALUES: usize = 500;

impl Whole<'_> {
    fn arn(self) -> String {
        format!("arn:{}:s3", self.partition)
    }

    fn own(self) -> String {
        format!("arn:{}:s3:::{}/", self.partition, self.log_bucket)
    }

    /// Whether this value of a basic selector means all of them.
    fn are(self, value: &str) -> bool {
        value.trim_end_matches(':') == self.arn()
    }

    /// Whether a condition on the ARN leaves out nothing but objects in the trail's own bucket.
    fn but_own(self, field: &FieldSelector) -> bool {
        let narrows = [&field.equals, &field.starts_with, &field.ends_with, &field.not_ends_with];
        let mut left_out = field.not_equals.iter().chain(&field.not_starts_with);
        narrows.iter().all(|values| values.is_empty()) && left_out.all(|value| value.starts_with(&self.own()))
    }

    /// An advanced selector of these calls, in the words of basic ones.
    fn selector(self, kind: &str) -> AdvancedSelector {
        let name = match kind {
            "ReadOnly" => "All reads of S3 objects",
            "WriteOnly" => "All writes of S3 objects",
            _ => "All reads and writes of S3 objects",
        };
        let own = FieldSelector {
            field: "resources.ARN".to_owned(),
            not_starts_with: vec![self.own()],
            ..FieldSelector::default()
        };
        let fields = data_fields(kind, OBJECTS).into_iter().chain([own]).collect();
        AdvancedSelector { name: Some(name.to_owned()), fields }
    }
}

/// What an advanced selector asks of management events of these calls, but for those of some services.
pub(super) fn management_fields(kind: &str, excluded: &[String]) -> Vec<FieldSelector> {
    let read_only = Events::read_only(kind).map(|value| FieldSelector::equal("readOnly", value));
    let sources = (!excluded.is_empty()).then(|| FieldSelector {
        field: "eventSource".to_owned(),
        not_equals: excluded.to_vec(),
        ..FieldSelector::default()
    });
    [FieldSelector::equal("eventCategory", "Management")].into_iter().chain(read_only).chain(sources).collect()
}

fn data_fields(kind: &str, resources: &str) -> Vec<FieldSelector> {
    let fields = [FieldSelector::equal("eventCategory", "Data"), FieldSelector::equal("resources.type", resources)];
    let read_only = Events::read_only(kind).map(|value| FieldSelector::equal("readOnly", value));
    fields.into_iter().chain(read_only).collect()
}

impl Selectors {
    /// Whether these events are logged, all of them: of some buckets alone is not enough.
    #[must_use]
    pub fn log(&self, events: Events, whole: Whole<'_>) -> bool {
        match self {
            _ if events == Events::Management => self.log_management_events(whole.excluded),
            Self::Basic(basic) => basic.iter().any(|one| one.logs_all_objects(events, whole)),
            Self::Advanced(advanced) => advanced.iter().any(|one| one.logs_all_objects(events, whole)),
        }
    }

    /// These selectors with these events added. What is logged already stays, and so does the form of the selectors:
    /// advanced ones are taken only where nobody chose any, or where basic ones have no room.
    #[must_use]
    pub fn with(&self, adds: &BTreeSet<Events>, whole: Whole<'_>) -> Self {
        let lacking: Vec<Events> = adds.iter().copied().filter(|events| !self.log(*events, whole)).collect();
        let managed = lacking.contains(&Events::Management);
        let all = if managed { self.with_management_events(whole.excluded) } else { self.clone() };
        let kind = match (lacking.contains(&Events::S3Reads), lacking.contains(&Events::S3Writes)) {
            (false, false) => return all,
            (true, false) => Events::S3Reads.basic(),
            (false, true) => Events::S3Writes.basic(),
            (true, true) => "All",
        };
        let added = |mut advanced: Vec<AdvancedSelector>| {
            advanced.push(whole.selector(kind));
            Self::Advanced(advanced)
        };
        match all {
            Self::Advanced(advanced) => added(advanced),
            Self::Basic(_) if self.are_default() => added(vec![AdvancedSelector::management_events("All", &[])]),
            Self::Basic(basic) => {
                let more = Self::Basic(with_objects(&basic, kind, whole));
                if more.fit() { more } else { added(as_advanced(&basic)) }
            }
        }
    }

    /// Whether a trail takes as many.
    #[must_use]
    pub fn fit(&self) -> bool {
        match self {
            Self::Basic(basic) => {
                let resources = basic.iter().flat_map(|one| &one.resources);
                basic.len() <= MOST && resources.map(|one| one.values.len()).sum::<usize>() <= MOST_RESOURCES
            }
            Self::Advanced(advanced) => {
                let fields = advanced.iter().flat_map(|one| &one.fields);
                fields.map(FieldSelector::count).sum::<usize>() <= MOST_VALUES
            }
        }
    }

    /// Whether they are those of a trail that was given none.
    fn are_default(&self) -> bool {
        let default = |one: &BasicSelector| {
            one.read_write == "All" && one.management && one.excluded.is_empty() && one.resources.is_empty()
        };
        match self {
            Self::Basic(basic) => basic.len() <= 1 && basic.iter().all(default),
            Self::Advanced(_) => false,
        }
    }
}

impl BasicSelector {
    fn logs_all_objects(&self, events: Events, objects: Whole<'_>) -> bool {
        let all = |one: &DataResource| one.kind == OBJECTS && one.values.iter().any(|value| objects.are(value));
        (self.read_write == "All" || self.read_write == events.basic()) && self.resources.iter().any(all)
    }
}

impl AdvancedSelector {
    fn logs_all_objects(&self, events: Events, objects: Whole<'_>) -> bool {
        let is =
            |field: &FieldSelector, value: &str| field.only_equals() && field.equals.iter().any(|one| one == value);
        let holds = |field: &FieldSelector| match field.field.as_str() {
            "eventCategory" => is(field, "Data"),
            "resources.type" => is(field, OBJECTS),
            "readOnly" => Events::read_only(events.basic()).is_some_and(|value| is(field, value)),
            "resources.ARN" => objects.but_own(field),
            // Any other field leaves something out.
            _ => false,
        };
        let asks = |name: &str| self.fields.iter().any(|field| field.field == name);
        asks("eventCategory") && asks("resources.type") && self.fields.iter().all(holds)
    }
}

/// Basic selectors with all objects added to the one of these very calls: another would log more than is asked for.
fn with_objects(basic: &[BasicSelector], kind: &str, objects: Whole<'_>) -> Vec<BasicSelector> {
    let mut all = basic.to_vec();
    if !all.iter().any(|one| one.read_write == kind) {
        make_room(&mut all);
        let (read_write, excluded, resources) = (kind.to_owned(), vec![], vec![]);
        all.push(BasicSelector { read_write, management: false, excluded, resources });
    }
    if let Some(one) = all.iter_mut().find(|one| one.read_write == kind) {
        // Those of some buckets are among all.
        one.resources.retain(|resource| resource.kind != OBJECTS);
        one.resources.push(DataResource { kind: OBJECTS.to_owned(), values: vec![objects.arn()] });
    }
    all
}

/// Advanced selectors that log what these basic ones do.
fn as_advanced(basic: &[BasicSelector]) -> Vec<AdvancedSelector> {
    let of_one = |one: &BasicSelector| {
        let management = one.management.then(|| {
            let fields = management_fields(&one.read_write, &one.excluded);
            AdvancedSelector { name: None, fields }
        });
        let of_resource = |resource: &DataResource| {
            let fields = data_fields(&one.read_write, &resource.kind);
            AdvancedSelector { name: None, fields: fields.into_iter().chain(arns(resource)).collect() }
        };
        management.into_iter().chain(one.resources.iter().map(of_resource)).collect::<Vec<_>>()
    };
    basic.iter().flat_map(of_one).collect()
}

/// The ARNs that a basic selector names: beginnings of them for objects, whole ones for all else. None, where one of
/// them is no more than a service.
fn arns(resource: &DataResource) -> Option<FieldSelector> {
    if resource.values.iter().any(|value| value.trim_end_matches(':').split(':').count() <= 3) {
        return None;
    }
    let (field, values) = ("resources.ARN".to_owned(), resource.values.clone());
    Some(if resource.kind == OBJECTS {
        FieldSelector { field, starts_with: values, ..FieldSelector::default() }
    } else {
        FieldSelector { field, equals: values, ..FieldSelector::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Whole<'_> = Whole { excluded: &[], partition: "aws", log_bucket: "logs" };
    const BOTH: [Events; 2] = [Events::S3Reads, Events::S3Writes];

    fn objects(values: &[&str]) -> DataResource {
        DataResource { kind: OBJECTS.to_owned(), values: values.iter().map(|&value| value.to_owned()).collect() }
    }

    fn basic(read_write: &str, management: bool, resources: Vec<DataResource>) -> BasicSelector {
        BasicSelector { read_write: read_write.to_owned(), management, excluded: vec![], resources }
    }

    fn logged(selectors: &Selectors) -> [bool; 3] {
        [Events::Management, Events::S3Reads, Events::S3Writes].map(|events| selectors.log(events, ALL))
    }

    fn with(selectors: &Selectors, adds: &[Events]) -> Selectors {
        selectors.with(&adds.iter().copied().collect(), ALL)
    }

    fn advanced(more: Vec<FieldSelector>) -> Selectors {
        let fields = data_fields("All", OBJECTS).into_iter().chain(more).collect();
        Selectors::Advanced(vec![AdvancedSelector { name: None, fields }])
    }

    fn arn(change: impl Fn(&mut FieldSelector)) -> FieldSelector {
        let mut field = FieldSelector { field: "resources.ARN".to_owned(), ..FieldSelector::default() };
        change(&mut field);
        field
    }

    #[test]
    fn the_default_logs_no_objects() {
        assert_eq!(logged(&Selectors::Basic(vec![])), [true, false, false]);
    }

    #[test]
    fn a_basic_selector_of_some_buckets_logs_not_all() {
        let of = |value: &str| logged(&Selectors::Basic(vec![basic("All", false, vec![objects(&[value])])]));
        assert_eq!(of("arn:aws:s3:::payroll/"), [false; 3]);
        assert_eq!(of("arn:aws:s3:::"), [false, true, true]);
        assert_eq!(of("arn:aws:s3"), [false, true, true]);
        assert_eq!(of("arn:aws-us-gov:s3"), [false; 3], "of another partition");
        let lambda = DataResource { kind: "AWS::Lambda::Function".to_owned(), values: vec!["arn:aws:s3".to_owned()] };
        assert_eq!(logged(&Selectors::Basic(vec![basic("All", false, vec![lambda])])), [false; 3]);
    }

    #[test]
    fn a_selector_of_reads_and_one_of_writes_log_all_objects_together() {
        let of = |kind: &str| basic(kind, false, vec![objects(&["arn:aws:s3"])]);
        assert_eq!(logged(&Selectors::Basic(vec![of("ReadOnly")])), [false, true, false]);
        assert_eq!(logged(&Selectors::Basic(vec![of("ReadOnly"), of("WriteOnly")])), [false, true, true]);
        let reads = FieldSelector::equal("readOnly", "true");
        assert_eq!(logged(&advanced(vec![reads])), [false, true, false]);
        assert_eq!(logged(&advanced(vec![FieldSelector::equal("readOnly", "false")])), [false, false, true]);
    }

    #[test]
    fn an_advanced_selector_leaves_out_no_bucket_but_that_of_the_logs() {
        let without = |value: &str| logged(&advanced(vec![arn(|one| one.not_starts_with = vec![value.to_owned()])]));
        assert_eq!(without("arn:aws:s3:::logs/"), [false, true, true]);
        assert_eq!(without("arn:aws:s3:::logs/AWSLogs/"), [false, true, true]);
        assert_eq!(without("arn:aws:s3:::logs"), [false; 3], "buckets whose names begin so are left out too");
        assert_eq!(without("arn:aws:s3:::payroll/"), [false; 3]);
        let only = arn(|one| one.starts_with = vec!["arn:aws:s3:::logs/".to_owned()]);
        assert_eq!(logged(&advanced(vec![only])), [false; 3]);
        assert_eq!(logged(&advanced(vec![FieldSelector::equal("eventName", "PutObject")])), [false; 3]);
        assert_eq!(logged(&advanced(vec![])), [false, true, true]);
    }

    #[test]
    fn basic_selectors_stay_basic_and_each_kind_of_calls_gets_its_own() {
        let writes = basic("WriteOnly", true, vec![objects(&["arn:aws:s3:::payroll/"])]);
        let before = Selectors::Basic(vec![writes.clone()]);
        let all = vec![objects(&["arn:aws:s3"])];
        let more = with(&before, &[Events::S3Writes]);
        assert_eq!(more, Selectors::Basic(vec![basic("WriteOnly", true, all.clone())]));
        let more = with(&before, &[Events::S3Reads]);
        assert_eq!(more, Selectors::Basic(vec![writes, basic("ReadOnly", false, all.clone())]), "no writes are added");
        let more = with(&before, &[Events::Management, Events::S3Reads, Events::S3Writes]);
        assert!(matches!(more, Selectors::Basic(_)), "{more:?}");
        assert_eq!(logged(&more), [true; 3]);
        assert_eq!(with(&more, &BOTH), more, "what is logged is not added again");
    }

    #[test]
    fn where_nobody_chose_selectors_the_bucket_of_the_logs_is_left_out() {
        let chosen = basic("All", true, vec![]);
        for default in [vec![], vec![chosen]] {
            let Selectors::Advanced(all) = with(&Selectors::Basic(default), &BOTH) else { panic!("advanced ones") };
            assert_eq!(all.len(), 2, "management events go on: {all:?}");
            assert!(all[1].fields.contains(&arn(|one| one.not_starts_with = vec!["arn:aws:s3:::logs/".to_owned()])));
            assert_eq!(logged(&Selectors::Advanced(all)), [true; 3]);
        }
    }

    #[test]
    fn advanced_selectors_keep_what_they_log() {
        let narrow = arn(|one| one.starts_with = vec!["arn:aws:s3:::logs/".to_owned()]);
        let before = advanced(vec![narrow]);
        let Selectors::Advanced(all) = with(&before, &[Events::S3Writes]) else { panic!("the form is kept") };
        assert_eq!(Selectors::Advanced(all[..1].to_vec()), before);
        assert_eq!(logged(&Selectors::Advanced(all)), [false, false, true]);
    }

    #[test]
    fn five_basic_selectors_are_joined_and_log_what_they_did() {
        let named = |n: usize| vec![objects(&[&format!("arn:aws:s3:::bucket-{n}/")])];
        let mut five: Vec<BasicSelector> =
            (0..5).map(|n| basic(if n % 2 == 0 { "ReadOnly" } else { "WriteOnly" }, n == 0, named(n))).collect();
        five[2].excluded = vec!["kms.amazonaws.com".to_owned()];
        let more = with(&Selectors::Basic(five), &BOTH);
        assert_eq!(logged(&more), [false, true, true]);
        let Selectors::Basic(all) = &more else { panic!("there is room: {more:?}") };
        assert_eq!(all.len(), MOST);
        let reads = all.iter().find(|one| one.management).expect("management events are logged as before");
        assert_eq!((&*reads.read_write, reads.excluded.len()), ("ReadOnly", 0));
        let text = serde_json::to_string(&more).expect("plain data");
        assert!((0..5).all(|n| text.contains(&format!("bucket-{n}/"))), "{text}");
    }

    #[test]
    fn basic_selectors_without_room_become_advanced_ones_that_log_the_same() {
        let tables: Vec<String> =
            (0..249).map(|n| format!("arn:aws:dynamodb:eu-west-1:111122223333:table/{n}")).collect();
        let tables = DataResource { kind: "AWS::DynamoDB::Table".to_owned(), values: tables };
        let functions =
            DataResource { kind: "AWS::Lambda::Function".to_owned(), values: vec!["arn:aws:lambda".to_owned()] };
        let mut full = basic("WriteOnly", true, vec![tables.clone(), functions]);
        full.excluded = vec!["kms.amazonaws.com".to_owned()];
        let more = with(&Selectors::Basic(vec![full]), &[Events::S3Writes]);
        assert!(more.fit());
        assert_eq!(logged(&more), [false, false, true]);
        let Selectors::Advanced(all) = more else { panic!("basic ones have no room") };
        let writes = FieldSelector::equal("readOnly", "false");
        let fields: Vec<Vec<&str>> =
            all.iter().map(|one| one.fields.iter().map(|field| &*field.field).collect()).collect();
        let data = ["eventCategory", "resources.type", "readOnly"];
        let with_arn: Vec<&str> = data.iter().copied().chain(["resources.ARN"]).collect();
        assert_eq!(
            fields,
            [vec!["eventCategory", "readOnly", "eventSource"], with_arn.clone(), data.to_vec(), with_arn]
        );
        assert!(all.iter().all(|one| one.fields.contains(&writes)));
        assert_eq!(all[1].fields[3].equals, tables.values);
        assert_eq!(all[0].fields[2].not_equals, ["kms.amazonaws.com"]);
    }

    #[test]
    fn more_values_than_a_trail_takes_do_not_fit() {
        let many = arn(|one| one.starts_with = (0..496).map(|n| format!("arn:aws:s3:::bucket-{n}/")).collect());
        let before = advanced(vec![many]);
        assert!(before.fit());
        assert!(!with(&before, &BOTH).fit());
    }
}
