//! What AWS weighs an action on: its Service Authorization Reference, as data. `cut.py` beside this writes the data.
//!
//! The simulator has a table of its own, so that what is printed by this one can be proven against that one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

const CUT: &str = include_str!("reference.json");

static REFERENCE: LazyLock<BTreeMap<String, Service>> = LazyLock::new(read);

/// What an action does, as AWS groups them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Shows which there are.
    List,
    /// Shows what they are.
    Read,
    /// Changes something.
    Write,
    /// Changes tags.
    Tagging,
    /// Changes who may do what.
    Permissions,
}

/// What an action is weighed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// AWS defines no resource for it.
    Nothing,
    /// Each of these, as patterns of ARNs by the type.
    All(BTreeMap<String, String>),
    /// One of these, as patterns of ARNs by the type.
    One(BTreeMap<String, String>),
}

/// What the reference says of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it does.
    pub level: Level,
    /// What it is weighed on.
    pub on: On,
}

#[derive(Debug, Default)]
struct Service {
    arns: BTreeMap<String, String>,
    /// By the name of the action.
    actions: BTreeMap<String, (Level, String)>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Types(BTreeMap<String, String>),
    Group(Level, String, String),
}

fn read() -> BTreeMap<String, Service> {
    let services: BTreeMap<String, Vec<Row>> =
        serde_json::from_str(CUT).expect("the reference is as its script writes it: a test reads it");
    let service = |rows: Vec<Row>| {
        let mut service = Service::default();
        for row in rows {
            match row {
                Row::Types(arns) => service.arns = arns,
                Row::Group(level, on, actions) => {
                    let group = actions.split(' ').map(|action| (action.to_owned(), (level, on.clone())));
                    service.actions.extend(group);
                }
            }
        }
        service
    };
    services.into_iter().map(|(name, rows)| (name, service(rows))).collect()
}

/// What the reference says of an action; none: it does not know it.
#[must_use]
pub fn look_up(action: &str) -> Option<Known> {
    let (service, name) = action.split_once(':')?;
    let service = REFERENCE.get(service)?;
    let (level, on) = service.actions.get(name)?;
    let one = on.contains('|');
    let types = on.split([' ', '|']).filter_map(|kind| Some((kind.to_owned(), pattern(service.arns.get(kind)?))));
    let types: BTreeMap<String, String> = types.collect();
    let on = match (types.is_empty(), one) {
        (true, _) => On::Nothing,
        (false, true) => On::One(types),
        (false, false) => On::All(types),
    };
    Some(Known { level: *level, on })
}

/// What an action may be weighed on in an account, as examples that no object has: the least that a policy has to
/// allow for it, where it allows resources by their pattern.
#[must_use]
pub fn examples(action: &str, partition: &str, account: &str, region: &str) -> Vec<String> {
    let types = match look_up(action).map(|known| known.on) {
        Some(On::All(types) | On::One(types)) => types,
        Some(On::Nothing) | None => return vec!["*".to_owned()],
    };
    types.into_values().map(|pattern| example(&pattern, partition, account, region)).collect()
}

/// What a pattern of ARNs with blanks stands for in an account, as an example that no object has.
#[must_use]
pub fn example(pattern: &str, partition: &str, account: &str, region: &str) -> String {
    let pattern = pattern.replace("{partition}", partition).replace("{account}", account);
    // The service whose role it is follows: one may be made for that alone.
    let pattern = pattern.replace("role/aws-service-role/*", "role/aws-service-role/");
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, partition, service, place, account, name] = parts[..] else { return pattern };
    let place = if place == "*" { region } else { place };
    let account = if account == "*" { "111122223333" } else { account };
    format!("{arn}:{partition}:{service}:{place}:{account}:{}", name.replace('*', "example"))
}

/// The types that these actions are always weighed on, as `service:type`: where another action may be weighed on one
/// of several types, these are meant.
pub fn certain<'a>(actions: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut certain = BTreeSet::new();
    for action in actions {
        let (Some((service, _)), Some(Known { on: On::All(types), .. })) = (action.split_once(':'), look_up(action))
        else {
            continue;
        };
        certain.extend(types.into_keys().map(|kind| format!("{service}:{kind}")));
    }
    certain
}

/// The form of an ARN with blanks for partition and account. Whatever else it leaves open may be anything.
fn pattern(form: &str) -> String {
    let mut pattern = String::with_capacity(form.len());
    let mut rest = form;
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, behind) = after.split_once('}').unwrap_or((after, ""));
        pattern.push_str(before);
        pattern.push_str(match variable {
            "Partition" => "{partition}",
            "Account" => "{account}",
            _ => "*",
        });
        rest = behind;
    }
    pattern.push_str(rest);
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(action: &str) -> Vec<String> {
        match look_up(action).expect("it is known").on {
            On::Nothing => vec![],
            On::All(types) | On::One(types) => types.into_values().collect(),
        }
    }

    #[test]
    fn every_service_of_the_reference_has_actions_and_every_form_begins_as_an_arn() {
        assert!(REFERENCE.len() > 30);
        for (name, service) in &*REFERENCE {
            assert!(!service.actions.is_empty(), "{name}");
            assert!(service.arns.values().all(|arn| pattern(arn).starts_with("arn:{partition}:")), "{name}");
        }
    }

    #[test]
    fn what_a_form_leaves_open_may_be_anything() {
        assert_eq!(types("kms:DescribeKey"), ["arn:{partition}:kms:*:{account}:key/*"]);
        assert_eq!(types("organizations:ListParents").len(), 2);
        assert_eq!(types("iam:UpdateAccountPasswordPolicy"), [""; 0]);
        assert_eq!(look_up("kms:DescribeKeys"), None);
        assert_eq!(look_up("nothing:DescribeKey"), None);
    }

    #[test]
    fn an_example_has_no_blank_and_no_star() {
        let examples = |action| examples(action, "aws", "111122223333", "eu-west-1");
        assert_eq!(examples("kms:DescribeKey"), ["arn:aws:kms:eu-west-1:111122223333:key/example"]);
        assert!(examples("s3:GetBucketAcl").contains(&"arn:aws:s3:::example".to_owned()));
        assert_eq!(examples("kms:ListKeys"), ["*"]);
        assert_eq!(examples("nothing:DescribeKey"), ["*"]);
        assert!(examples("cloudtrail:ListTags").len() > 1, "one of several");
        let of = |pattern| example(pattern, "aws", "111122223333", "eu-west-1");
        assert_eq!(of("arn:{partition}:s3:::logs-of-*"), "arn:aws:s3:::logs-of-example");
        let linked = "arn:{partition}:iam::{account}:role/aws-service-role/*config.amazonaws.com/*";
        assert_eq!(of(linked), "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/example");
        assert_eq!(of("*"), "*");
    }

    #[test]
    fn an_alias_is_made_on_the_alias_and_on_the_key_and_tags_are_those_of_one_thing() {
        assert!(matches!(look_up("kms:CreateAlias").expect("known").on, On::All(types) if types.len() == 2));
        assert!(matches!(look_up("cloudtrail:ListTags").expect("known").on, On::One(_)));
        assert_eq!(look_up("kms:CreateAlias").expect("known").level, Level::Write);
        assert!(certain(["cloudtrail:GetTrailStatus"]).contains("cloudtrail:trail"));
    }
}
