//! What a control is: one kind of AWS object that can be held to the baseline.
//!
//! Controls are pure. They get what was observed, the settings and a [`Context`], and answer
//! what they think of each object. The engine between AWS and them knows no control by name.

use std::collections::BTreeSet;
use std::fmt;

use futures::future::BoxFuture;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::baseline::NamePattern;
use crate::drift::{Bench, Drift, Judged, spare_needs};
use crate::frameworks::Reference;
use crate::observe::{Home, Observe, ReadError, Reader, Reads, Tagged};
use crate::target::{AccountId, Object, Partition, Region, Target};

/// How bad it is when a requirement is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good practice.
    Low,
    /// A protection is missing.
    Medium,
    /// An attack or its traces may go unseen.
    High,
    /// An open door.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// One property of an object, with its own severity and references.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The full id, such as `cloudtrail.trail.kms`.
    pub id: &'static str,
    /// True when compliant.
    pub title: &'static str,
    /// How bad it is when it is not met.
    pub severity: Severity,
    /// What it is called elsewhere.
    pub references: &'static [Reference],
}

impl Requirement {
    /// What it is called elsewhere, in full: `CIS AWS 3.0 1.8`, `Security Hub IAM.15`.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.references.iter().flat_map(|reference| reference.names())
    }
}

/// Where a control is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Once in every account.
    EveryAccount,
    /// In every region of every account.
    EveryRegion,
}

/// What a control says of itself.
#[derive(Debug)]
pub struct Meta {
    /// The id, `service.thing`.
    pub id: &'static str,
    /// True when compliant.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Where it is judged.
    pub runs: Runs,
    /// Its requirements, in the order of its page.
    pub requirements: &'static [Requirement],
    /// The names of the steps that it may plan, as [`crate::steps::DECLARED`] has them, in the order of its page.
    pub steps: &'static [&'static str],
}

/// What somebody should know before they ask for a control: its page says it, in whole sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Notes {
    /// What bills from then on.
    pub costs: &'static [&'static str],
    /// Whom it may disturb, and how.
    pub disturbs: &'static [&'static str],
    /// How it is undone, and what stays.
    pub undo: &'static [&'static str],
    /// What can go wrong, and what then.
    pub traps: &'static [&'static str],
}

impl Notes {
    /// Nothing is said.
    pub const NONE: Self = Self { costs: &[], disturbs: &[], undo: &[], traps: &[] };
}

impl Meta {
    /// The requirement with this short name: the id without the control's.
    ///
    /// # Panics
    /// There is none: a mistake in the control, which its tests meet.
    #[must_use]
    pub fn requirement(&self, name: &str) -> &'static Requirement {
        let short = |requirement: &&Requirement| {
            requirement.id.strip_prefix(self.id).and_then(|rest| rest.strip_prefix('.')) == Some(name)
        };
        self.requirements.iter().find(short).unwrap_or_else(|| panic!("{} has no requirement {name}", self.id))
    }
}

/// A deviation that the baseline accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The full id of the requirement.
    pub requirement: String,
    /// Only for objects with such names; empty: for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<String>,
    /// Why, with who approved it and until when.
    pub reason: String,
    /// Which exemption of the baseline it is.
    pub index: usize,
}

impl Accepted {
    fn speaks_of(&self, requirement: &str, object: &str) -> bool {
        let named = |pattern: &String| pattern.parse::<NamePattern>().is_ok_and(|pattern| pattern.matches(object));
        self.requirement == requirement && (self.objects.is_empty() || self.objects.iter().any(named))
    }
}

/// What the baseline asks of other accounts, the same of all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct OfOthers {
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// The settings of the control.
    pub settings: Value,
    /// What is accepted there.
    pub accepted: Vec<Accepted>,
}

impl OfOthers {
    /// Whether the baseline accepts there that an object does not meet a requirement.
    #[must_use]
    pub fn accepts(&self, requirement: &str, object: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted.speaks_of(requirement, object))
    }
}

/// All that a control may know besides what it observed: no clock, no AWS.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The target that is judged.
    pub at: Target,
    /// The home region of the run.
    pub home_region: &'a Region,
    /// The partition, for ARNs.
    pub partition: &'a Partition,
    /// The organization's id, if known.
    pub organization: Option<&'a str>,
    /// The management account, if known.
    pub management: Option<&'a AccountId>,
    /// What the baseline accepts here.
    pub accepted: &'a [Accepted],
    /// What the baseline asks of other accounts whose objects are changed from here, by the id of the control.
    pub others: &'a [(String, OfOthers)],
    /// The date of the run.
    pub today: Date,
    /// What other controls plan to make here, of those that this one follows.
    pub made: &'a [Object],
}

impl Context<'_> {
    /// Puts an object of this target under judgement.
    #[must_use]
    pub fn object(&self, meta: &'static Meta, name: &str) -> Bench<'_> {
        Bench::new(self, meta, Object { at: self.at.clone(), kind: meta.id.to_owned(), name: name.to_owned() })
    }

    /// What the baseline accepts of this requirement and object.
    #[must_use]
    pub fn exemption(&self, requirement: &str, object: &str) -> Option<&Accepted> {
        self.accepted.iter().find(|accepted| accepted.speaks_of(requirement, object))
    }

    /// What the baseline asks of other accounts by this control, where their objects are changed from here.
    pub fn others(&self, meta: &'static Meta) -> impl Iterator<Item = &OfOthers> {
        self.others.iter().filter(|(id, _)| id == meta.id).map(|(_, asked)| asked)
    }

    /// A name of the baseline with `{account}` and `{region}` put in, the region being `region`.
    #[must_use]
    pub fn named(&self, template: &str, region: &Region) -> String {
        template.replace("{account}", self.at.account.as_str()).replace("{region}", region.as_str())
    }

    /// Whether this is the management account.
    #[must_use]
    pub fn is_management(&self) -> bool {
        self.management == Some(&self.at.account)
    }
}

/// Why settings make no sense together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The setting that does not fit.
    pub setting: &'static str,
    /// What is wrong.
    pub words: &'static str,
    /// What mends it.
    pub mend: &'static str,
}

/// What it takes to hold accounts of one kind to some settings.
#[derive(Clone, Default)]
pub struct Needs {
    /// What is observed to judge such an account, there and in the homes that it depends on.
    pub reads: Vec<Reads>,
    /// What is observed besides where a home that they depend on does not answer: nothing is written by that.
    pub fallbacks: Vec<Reads>,
    /// The names of the steps that may be planned there.
    pub steps: Vec<&'static str>,
    /// Names that the settings give to what is read and written, after the type of resource as IAM has it, such as
    /// `s3:bucket`. They may hold `{account}` and `{region}`. A type that is not here may have any name.
    pub names: Vec<(&'static str, String)>,
    /// Types among them of which others are read as well, such as the bucket that a trail delivers into already. What
    /// is written stays named.
    pub read_by_any_name: Vec<&'static str>,
    /// Whether the steps act for the whole organization.
    pub organization: bool,
    /// Actions that steps declare and never take with these settings.
    pub spared: Vec<&'static str>,
}

/// One kind of AWS object that can be held to the baseline.
pub trait Control: Send + Sync + 'static {
    /// What it says of itself.
    const META: Meta;
    /// What somebody should know before they ask for it.
    const NOTES: Notes = Notes::NONE;
    /// Kinds of objects, besides those that are called like it, that others need it to make; each with what asks for one.
    const MAKES: &'static [(&'static str, &'static str)] = &[];
    /// The controls, by id, that may plan to make what this one judges: it is judged after them.
    const FOLLOWS: &'static [&'static str] = &[];
    /// Settings that have to be as another control has them, each with the id of that control.
    const SAME_AS: &'static [(&'static str, &'static str)] = &[];
    /// What of it is asked for its tags where it drifts, see [`Bench::bears`].
    const TAGGED: &'static [Tagged] = &[];
    /// What the baseline may ask of it. A setting left out is not required and never touched.
    type Settings: DeserializeOwned + Serialize + JsonSchema + Send + Sync + 'static;
    /// What it has to see.
    type Observed: Observe;

    /// Which one it has to see, where there are several.
    fn key(context: &Context<'_>, wanted: &Self::Settings) -> <Self::Observed as Observe>::Key;

    /// The short names of the requirements that these settings name.
    fn required(wanted: &Self::Settings) -> Vec<&'static str>;

    /// Judges every object of the target.
    fn evaluate(context: &Context<'_>, seen: &Self::Observed, wanted: &Self::Settings) -> Vec<Judged>;

    /// What it takes in accounts of this kind with these settings: everything, unless the control knows better.
    fn needs(_wanted: &Self::Settings, _home: Home) -> Needs {
        let reads = reads::<Self>();
        Needs { reads, steps: Self::META.steps.to_vec(), ..Needs::default() }
    }

    /// The account that the settings name because it keeps the logs of others.
    fn log_archive(_wanted: &Self::Settings) -> Option<&AccountId> {
        None
    }

    /// The account that the settings name because it administers the service for others.
    fn administrator(_wanted: &Self::Settings) -> Option<&AccountId> {
        None
    }

    /// The account from which the objects of others are changed, where the settings name it: what they are to be is what
    /// the baseline asks of them, and not of it.
    fn changed_from(_wanted: &Self::Settings) -> Option<&AccountId> {
        None
    }

    /// Why these settings make no sense together, where each by itself does.
    fn contradiction(_wanted: &Self::Settings) -> Option<Contradiction> {
        None
    }
}

/// A control with its settings, ready to judge targets.
pub trait Bound: Send + Sync {
    /// What the control says of itself.
    fn meta(&self) -> &'static Meta;
    /// The requirements that the settings name, in the order of [`Meta::requirements`].
    fn required(&self) -> Vec<&'static Requirement>;
    /// What it takes in accounts of this kind.
    fn needs(&self, home: Home) -> Needs;
    /// The account that the settings name because it keeps the logs of others.
    fn log_archive(&self) -> Option<&AccountId>;
    /// The account that the settings name because it administers the service for others.
    fn administrator(&self) -> Option<&AccountId>;
    /// The account from which the objects of others are changed.
    fn changed_from(&self) -> Option<&AccountId>;
    /// The controls that it is judged after.
    fn follows(&self) -> &'static [&'static str];
    /// Reads a target and judges it.
    fn judge<'a>(
        &'a self,
        reader: &'a Reader,
        context: &'a Context<'a>,
    ) -> BoxFuture<'a, Result<Vec<Judged>, ReadError>>;
}

/// A control whatever its types: what the registry holds.
pub trait AnyControl: Send + Sync {
    /// What it says of itself.
    fn meta(&self) -> &'static Meta;
    /// What somebody should know before they ask for it.
    fn notes(&self) -> Notes;
    /// What it makes for others, see [`Control::MAKES`].
    fn makes(&self) -> &'static [(&'static str, &'static str)];
    /// The JSON Schema of its settings.
    fn schema(&self) -> Value;
    /// Everything it reads, and all that builds on.
    fn reads(&self) -> Vec<Reads>;
    /// Binds it to settings.
    ///
    /// # Errors
    /// The settings do not fit its schema.
    fn bind(&self, settings: &Value) -> Result<Box<dyn Bound>, serde_json::Error>;
    /// Why settings make no sense together, where each by itself does.
    fn contradiction(&self) -> fn(&Value) -> Option<Contradiction>;
    /// Settings that have to be as another control has them, each with the id of that control.
    fn same_as(&self) -> &'static [(&'static str, &'static str)];
}

struct With<C: Control>(C::Settings);

/// Everything that a control reads, and all that builds on.
#[must_use]
pub fn reads<C: Control + ?Sized>() -> Vec<Reads> {
    let tags = C::TAGGED.iter().map(|kind| kind.reads());
    Reads::of::<C::Observed>().closure().into_iter().chain(tags).collect()
}

/// Asks what drifts for its tags, where somebody is told.
async fn ask_for_tags(reader: &Reader, judged: &mut Vec<Judged>) {
    if !reader.tells() {
        return;
    }
    let asking = judged.iter_mut().map(|judged| async {
        let (kind, which) = judged.bears.as_ref()?;
        match kind.signs(reader, which).await {
            Ok(signs) => judged.take_signs(&signs),
            Err(error) => {
                judged.miss_signs(&error);
                None
            }
        }
    });
    let left: Vec<Drift> = futures::future::join_all(asking).await.into_iter().flatten().collect();
    spare_needs(judged, &left);
}

impl<C: Control> AnyControl for C {
    fn meta(&self) -> &'static Meta {
        const { &C::META }
    }

    fn notes(&self) -> Notes {
        C::NOTES
    }

    fn makes(&self) -> &'static [(&'static str, &'static str)] {
        C::MAKES
    }

    fn schema(&self) -> Value {
        let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
        settings.into_generator().into_root_schema_for::<C::Settings>().to_value()
    }

    fn reads(&self) -> Vec<Reads> {
        reads::<C>()
    }

    fn bind(&self, settings: &Value) -> Result<Box<dyn Bound>, serde_json::Error> {
        let settings = C::Settings::deserialize(settings)?;
        Ok(Box::new(With::<C>(settings)))
    }

    fn contradiction(&self) -> fn(&Value) -> Option<Contradiction> {
        |settings| C::Settings::deserialize(settings).ok().and_then(|settings| C::contradiction(&settings))
    }

    fn same_as(&self) -> &'static [(&'static str, &'static str)] {
        C::SAME_AS
    }
}

impl<C: Control> Bound for With<C> {
    fn meta(&self) -> &'static Meta {
        const { &C::META }
    }

    fn required(&self) -> Vec<&'static Requirement> {
        let named = C::required(&self.0);
        let meta = self.meta();
        meta.requirements.iter().filter(|r| named.iter().any(|name| std::ptr::eq(meta.requirement(name), *r))).collect()
    }

    fn needs(&self, home: Home) -> Needs {
        C::needs(&self.0, home)
    }

    fn log_archive(&self) -> Option<&AccountId> {
        C::log_archive(&self.0)
    }

    fn administrator(&self) -> Option<&AccountId> {
        C::administrator(&self.0)
    }

    fn changed_from(&self) -> Option<&AccountId> {
        C::changed_from(&self.0)
    }

    fn follows(&self) -> &'static [&'static str] {
        C::FOLLOWS
    }

    fn judge<'a>(
        &'a self,
        reader: &'a Reader,
        context: &'a Context<'a>,
    ) -> BoxFuture<'a, Result<Vec<Judged>, ReadError>> {
        Box::pin(async move {
            let seen = reader.of::<C::Observed>(&C::key(context, &self.0)).await?;
            let mut judged = C::evaluate(context, &seen, &self.0);
            ask_for_tags(reader, &mut judged).await;
            Ok(judged)
        })
    }
}
