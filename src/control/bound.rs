//! Controls whatever their types, with settings and without, as the registry and the engine hold them.

use futures::future::BoxFuture;
use serde::Deserialize as _;
use serde_json::Value;

use super::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement};
use crate::drift::{Drift, Judged, spare_needs};
use crate::observe::{Home, ReadError, Reader, Reads};
use crate::target::AccountId;

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
