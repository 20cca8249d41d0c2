//! Which management events the selectors of a trail log, and the same selectors with more of them.

use std::collections::BTreeSet;

use super::events::management_fields;
use super::selectors::{AdvancedSelector, BasicSelector, FieldSelector, Selectors, make_room};

impl Selectors {
    /// Whether all management events are logged, reads and writes, with nothing left out but events of these services.
    #[must_use]
    pub fn log_management_events(&self, excluded: &[String]) -> bool {
        // Without any selector AWS logs all management events.
        *self == Self::Basic(vec![]) || both(&self.whole_of(excluded))
    }

    /// Services of whose management events none is logged, while others are.
    #[must_use]
    pub fn excluded_sources(&self) -> BTreeSet<&str> {
        let each: Vec<BTreeSet<&str>> = match self {
            Self::Basic(basic) => {
                let management = basic.iter().filter(|one| one.management);
                management.map(|one| one.excluded.iter().map(String::as_str).collect()).collect()
            }
            Self::Advanced(advanced) => {
                let management = advanced.iter().filter(|one| one.logs_management_events());
                management.map(AdvancedSelector::excluded_sources).collect()
            }
        };
        each.into_iter().reduce(|one, other| &one & &other).unwrap_or_default()
    }

    /// Of which calls a selector logs every management event, but for these services: `All`, `ReadOnly`, `WriteOnly`.
    fn whole_of(&self, excluded: &[String]) -> BTreeSet<&str> {
        match self {
            Self::Basic(basic) => {
                let whole = |one: &&BasicSelector| {
                    one.management && one.excluded.iter().all(|source| excluded.contains(source))
                };
                basic.iter().filter(whole).map(|one| one.read_write.as_str()).collect()
            }
            Self::Advanced(advanced) => advanced.iter().filter_map(|one| one.whole_of(excluded)).collect(),
        }
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

    /// These selectors with all management events added, but for those of these services where none of them is logged.
    /// What is logged already stays.
    #[must_use]
    pub fn with_management_events(&self, excluded: &[String]) -> Self {
        let all = self.excluding_no_others(excluded);
        let kind = lacking(&all.whole_of(excluded));
        match (kind, all) {
            (None, all) => all,
            (Some(kind), Self::Basic(basic)) => Self::Basic(widened(&basic, kind, excluded)),
            (Some(kind), Self::Advanced(mut all)) => {
                if excluded.is_empty() {
                    // One selector of all management events makes those of some of them idle.
                    all.retain(|one| !one.logs_management_events());
                    all.insert(0, AdvancedSelector::management_events("All", excluded));
                } else {
                    all.insert(0, AdvancedSelector::management_events(kind, excluded));
                }
                Self::Advanced(all)
            }
        }
    }

    /// These selectors, which leave out the management events of no other services any more.
    fn excluding_no_others(&self, excluded: &[String]) -> Self {
        let mut all = self.clone();
        match &mut all {
            Self::Basic(basic) => basic.iter_mut().for_each(|one| one.excluded.retain(|one| excluded.contains(one))),
            Self::Advanced(advanced) => advanced.iter_mut().for_each(|one| one.exclude_no_others(excluded)),
        }
        all
    }
}

/// Whether reads and writes are among these.
fn both(whole: &BTreeSet<&str>) -> bool {
    whole.contains("All") || (whole.contains("ReadOnly") && whole.contains("WriteOnly"))
}

/// The calls that are not among these.
fn lacking(whole: &BTreeSet<&str>) -> Option<&'static str> {
    match (whole.contains("ReadOnly"), whole.contains("WriteOnly")) {
        _ if both(whole) => None,
        (true, _) => Some("WriteOnly"),
        (_, true) => Some("ReadOnly"),
        (false, false) => Some("All"),
    }
}

/// A selector that logs no data events and all kinds of calls is widened; otherwise one is added beside, because
/// widening a selector of read events would also log the write events of its data resources. Where services may be left
/// out, one that logs them for some calls is not widened either: the others of them would be logged as well.
fn widened(basic: &[BasicSelector], kind: &str, excluded: &[String]) -> Vec<BasicSelector> {
    let mut all = basic.to_vec();
    let kind = if excluded.is_empty() { "All" } else { kind };
    let fits = |one: &&mut BasicSelector| match kind {
        "All" => one.resources.is_empty() || one.read_write == "All",
        _ => one.read_write == kind && !one.management,
    };
    if let Some(one) = all.iter_mut().find(fits) {
        kind.clone_into(&mut one.read_write);
        one.management = true;
        one.excluded = excluded.to_vec();
    } else {
        make_room(&mut all);
        let (read_write, excluded, resources) = (kind.to_owned(), excluded.to_vec(), vec![]);
        all.push(BasicSelector { read_write, management: true, excluded, resources });
    }
    all
}

impl AdvancedSelector {
    pub(super) fn management_events(kind: &str, excluded: &[String]) -> Self {
        let calls = match kind {
            "ReadOnly" => "read management events",
            "WriteOnly" => "write management events",
            _ => "management events",
        };
        let but = if excluded.is_empty() { String::new() } else { format!(" but those of {}", excluded.join(", ")) };
        Self { name: Some(format!("All {calls}{but}")), fields: management_fields(kind, excluded) }
    }

    /// Takes away what leaves out other services, where it leaves out nothing but services.
    fn exclude_no_others(&mut self, excluded: &[String]) {
        let sources = |field: &FieldSelector| field.field == "eventSource" && field.only_not_equals();
        let rest = self.fields.iter().filter(|field| !sources(field)).cloned().collect();
        if (Self { name: None, fields: rest }).whole_of(&[]).is_none() {
            return;
        }
        for field in self.fields.iter_mut().filter(|field| sources(field)) {
            field.not_equals.retain(|source| excluded.contains(source));
        }
        self.fields.retain(|field| field.count() > 0);
    }

    /// Services whose events it leaves out by name.
    fn excluded_sources(&self) -> BTreeSet<&str> {
        let fields = self.fields.iter().filter(|field| field.field == "eventSource");
        fields.flat_map(|field| field.not_equals.iter().map(String::as_str)).collect()
    }

    pub(super) fn logs_management_events(&self) -> bool {
        self.fields.iter().any(|one| one.field == "eventCategory" && one.equals.iter().any(|v| v == "Management"))
    }

    /// Of which calls it logs every management event but those of these services, in the words of basic selectors; none:
    /// it leaves some out, or logs other events.
    fn whole_of(&self, excluded: &[String]) -> Option<&'static str> {
        let may_be_left_out = |field: &FieldSelector| {
            let sources = field.field == "eventSource" && field.only_not_equals();
            sources && field.not_equals.iter().all(|source| excluded.contains(source))
        };
        let others = self.fields.iter().filter(|one| one.field != "eventCategory" && !may_be_left_out(one));
        match others.collect::<Vec<_>>().as_slice() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::cloudtrail::events::MOST;
    use crate::observe::cloudtrail::selectors::DataResource;

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
        assert!(Selectors::Basic(vec![]).log_management_events(&[]));
    }

    #[test]
    fn a_read_and_a_write_selector_log_all_management_events_together() {
        let read = basic("ReadOnly", true, &[], None);
        let write = basic("WriteOnly", true, &[], None);
        assert!(!Selectors::Basic(vec![read.clone()]).log_management_events(&[]));
        assert!(Selectors::Basic(vec![read, write]).log_management_events(&[]));
    }

    #[test]
    fn what_leaves_a_service_out_does_not_log_all() {
        let selectors = Selectors::Basic(vec![basic("All", true, &["kms.amazonaws.com"], None)]);
        assert!(!selectors.log_management_events(&[]));
        let mended = selectors.with_management_events(&[]);
        assert_eq!(mended, Selectors::Basic(vec![basic("All", true, &[], None)]));
    }

    #[test]
    fn an_advanced_selector_of_writes_alone_does_not_log_all() {
        let category = field("eventCategory", "Management");
        let all = Selectors::Advanced(vec![advanced(vec![category.clone()])]);
        assert!(all.log_management_events(&[]));
        let writes = Selectors::Advanced(vec![advanced(vec![category.clone(), field("readOnly", "false")])]);
        assert!(!writes.log_management_events(&[]));
        let without = FieldSelector {
            field: "eventSource".to_owned(),
            not_equals: vec!["kms.amazonaws.com".to_owned()],
            ..FieldSelector::default()
        };
        assert!(!Selectors::Advanced(vec![advanced(vec![category, without])]).log_management_events(&[]));
    }

    #[test]
    fn an_advanced_selector_of_reads_and_one_of_writes_log_all_together() {
        let of = |kind: &str, more: Option<FieldSelector>| {
            let fields = [field("eventCategory", "Management"), field("readOnly", kind)];
            advanced(fields.into_iter().chain(more).collect())
        };
        let all = |selectors: [AdvancedSelector; 2]| Selectors::Advanced(selectors.into()).log_management_events(&[]);
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
        let mended = Selectors::Basic(five.clone()).with_management_events(&[]);
        assert!(mended.log_management_events(&[]));
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
        let mended = Selectors::Basic(vec![reads_of_a_bucket.clone()]).with_management_events(&[]);
        assert!(mended.log_management_events(&[]));
        assert_eq!(mended, Selectors::Basic(vec![reads_of_a_bucket, basic("All", true, &[], None)]));

        let data = advanced(vec![field("eventCategory", "Data"), field("resources.type", "AWS::Lambda::Function")]);
        let mended = Selectors::Advanced(vec![data.clone()]).with_management_events(&[]);
        assert!(mended.log_management_events(&[]));
        let Selectors::Advanced(kept) = mended else { panic!("the form is kept") };
        assert!(kept.contains(&data));
    }

    const KMS: &str = "kms.amazonaws.com";
    const RDS: &str = "rdsdata.amazonaws.com";

    fn without(sources: &[&str]) -> FieldSelector {
        let not_equals = sources.iter().map(|&source| source.to_owned()).collect();
        FieldSelector { field: "eventSource".to_owned(), not_equals, ..FieldSelector::default() }
    }

    fn management(more: Vec<FieldSelector>) -> AdvancedSelector {
        advanced([field("eventCategory", "Management")].into_iter().chain(more).collect())
    }

    #[test]
    fn services_that_may_be_left_out_are_enough_and_no_others() {
        let of_basic = |excluded: &[&str]| Selectors::Basic(vec![basic("All", true, excluded, None)]);
        let of_advanced = |sources: &[&str]| Selectors::Advanced(vec![management(vec![without(sources)])]);
        let kms = [KMS.to_owned()];
        for all in [of_basic(&[KMS]), of_advanced(&[KMS]), of_basic(&[])] {
            assert!(all.log_management_events(&kms), "{all:?}");
        }
        for some in [of_basic(&[RDS]), of_basic(&[KMS, RDS]), of_advanced(&[RDS]), of_advanced(&[KMS, RDS])] {
            assert!(!some.log_management_events(&kms), "{some:?}");
        }
        let only = FieldSelector { equals: vec![KMS.to_owned()], ..without(&[KMS]) };
        assert!(!Selectors::Advanced(vec![management(vec![only])]).log_management_events(&kms));
        let writes = Selectors::Basic(vec![basic("WriteOnly", true, &[KMS], None)]);
        assert!(!writes.log_management_events(&kms));
    }

    #[test]
    fn only_services_that_may_not_be_left_out_are_logged_again() {
        let kms = [KMS.to_owned()];
        let bucket = Some("arn:aws:s3:::payroll/");
        let before = vec![basic("ReadOnly", true, &[KMS, RDS], bucket), basic("WriteOnly", true, &[RDS], None)];
        let mended = Selectors::Basic(before).with_management_events(&kms);
        let after = vec![basic("ReadOnly", true, &[KMS], bucket), basic("WriteOnly", true, &[], None)];
        assert_eq!(mended, Selectors::Basic(after));

        let named = |sources: &[&str]| AdvancedSelector {
            name: Some("theirs".to_owned()),
            ..management(vec![field("readOnly", "true"), without(sources)])
        };
        let writes = management(vec![field("readOnly", "false"), without(&[RDS])]);
        let mended = Selectors::Advanced(vec![named(&[RDS, KMS]), writes]).with_management_events(&kms);
        let writes = management(vec![field("readOnly", "false")]);
        assert_eq!(mended, Selectors::Advanced(vec![named(&[KMS]), writes]));
        assert!(mended.excluded_sources().is_empty(), "writes of it are logged");
        let both = Selectors::Advanced(vec![named(&[KMS]), management(vec![without(&[KMS, RDS])])]);
        assert_eq!(both.excluded_sources(), BTreeSet::from([KMS]));
    }

    #[test]
    fn what_is_added_leaves_out_what_may_be() {
        let (kms, both) = ([KMS.to_owned()], [KMS.to_owned(), RDS.to_owned()]);
        let none = Selectors::Basic(vec![basic("All", false, &[], Some("arn:aws:s3"))]);
        let after = vec![basic("All", true, &[KMS, RDS], Some("arn:aws:s3"))];
        assert_eq!(none.with_management_events(&both), Selectors::Basic(after));

        // Reads of KMS are many, its writes are few: who logs those alone is not made to pay for the others.
        let writes = basic("WriteOnly", true, &[], None);
        let mended = Selectors::Basic(vec![writes.clone()]).with_management_events(&kms);
        assert_eq!(mended, Selectors::Basic(vec![writes, basic("ReadOnly", true, &[KMS], None)]));

        let writes = management(vec![field("readOnly", "false")]);
        let of_kms = management(vec![field("eventSource", KMS)]);
        let mended = Selectors::Advanced(vec![writes.clone(), of_kms.clone()]).with_management_events(&kms);
        let Selectors::Advanced(all) = &mended else { panic!("the form is kept") };
        assert_eq!(all[0].name.as_deref(), Some("All read management events but those of kms.amazonaws.com"));
        assert_eq!(all[0].fields[1..], [field("readOnly", "true"), without(&[KMS])]);
        assert_eq!(all[1..], [writes, of_kms], "what is logged stays");
        assert!(mended.log_management_events(&kms));
    }
}
