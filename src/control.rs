//! What a control is: one kind of AWS object that can be held to the baseline.
//!
//! Controls are pure. They get what was observed, the settings and a [`Context`], and answer
//! what they think of each object. The engine between AWS and them knows no control by name.

mod bound;
mod context;
mod meta;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use bound::{AnyControl, Bound, reads};
pub use context::{Accepted, Context, OfOthers};
pub use meta::{Meta, Notes, Requirement, Runs, Severity};

pub use crate::baseline::Contradiction;

use crate::drift::Judged;
use crate::observe::{Home, Observation, Observe, Reads, Tagged};
use crate::target::AccountId;

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
    /// What of it is asked for its tags where it drifts, see [`crate::drift::Bench::bears`].
    const TAGGED: &'static [Tagged] = &[];
    /// What the baseline may ask of it. A setting left out is not required and never touched.
    type Settings: DeserializeOwned + Serialize + JsonSchema + Send + Sync + 'static;
    /// What it has to see.
    type Observed: Observation;

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
