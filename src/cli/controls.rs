//! What can be typed about controls and frameworks.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::frameworks::{Framework, Level};

/// `trueup controls`
#[derive(Args, Debug)]
pub struct Controls {
    /// Id of a control
    #[arg(conflicts_with = "framework")]
    pub id: Option<String>,
    /// Show a framework item by item: which requirements cover it, what a person does, what nothing covers
    #[arg(long, value_name = "NAME", value_parser = frameworks())]
    pub framework: Option<Framework>,
    /// Items up to this level alone; level 2 has level 1 in it
    #[arg(long, value_name = "1|2", requires = "framework", default_value_t = Level::Two)]
    pub level: Level,
}

/// The names of frameworks, so that clap lists them and says which is near.
pub(super) fn frameworks() -> impl TypedValueParser<Value = Framework> {
    let find = |name: String| Framework::find(&name).ok_or("there is no such framework");
    PossibleValuesParser::new(Framework::ALL.map(Framework::name)).try_map(find)
}
