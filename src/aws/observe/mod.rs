//! The room that reads AWS. One file per service; each thing that is read knows how to read itself.
//!
//! A cell (account, region, name, key) is read once per run and shared. Absent is an answer
//! (`Option`), a refusal or a failure is a [`ReadError`]: never one in place of the other.

pub mod accessanalyzer;
pub mod account;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
pub mod ec2;
mod error;
mod evidence;
pub mod guardduty;
pub mod iam;
pub mod kms;
mod list;
pub mod logs;
pub mod organizations;
mod reader;
pub mod s3;
pub mod securityhub;
pub mod sns;
pub mod sts;
mod tags;

use std::any::Any;
use std::future::Future;

use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use error::PAGE;
pub(crate) use error::mend_of_code;
pub use error::{Class, DeniedBy, ReadError};
pub use evidence::{Evidence, Kept};
pub use list::Observation;
pub use reader::{Homes, Reader, Shelf};
pub use tags::Tagged;

/// One declared call: the one declaration that feeds the guard, the session policy and the printed permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Call {
    /// The SDK's service id as the guard sees it, such as `CloudTrail`.
    pub service: &'static str,
    /// The operation, such as `DescribeTrails`.
    pub operation: &'static str,
    /// The IAM action, such as `cloudtrail:DescribeTrails`.
    pub action: &'static str,
}

impl Call {
    /// Whether it only reads, as the verbs of AWS's operations say.
    ///
    /// `GenerateCredentialReport` is one: it changes nothing of the account, IAM lists it among the reads, and without it
    /// there is no report to be read.
    #[must_use]
    pub fn reads(&self) -> bool {
        const VERBS: [&str; 7] = ["BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Simulate"];
        self.operation == "GenerateCredentialReport" || VERBS.iter().any(|verb| self.operation.starts_with(verb))
    }
}

/// In which account a thing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Home {
    /// In the account that is judged.
    Member,
    /// In the management account, for all its members.
    Management,
    /// In the account that keeps the logs of others. Which one that is, the settings say.
    LogArchive,
}

/// Whether an account has one of a thing, or each of its regions has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One an account.
    Account,
    /// One a region.
    Region,
}

/// A thing of AWS that knows how to read itself.
pub trait Observe: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name; one name has one type.
    const NAME: &'static str;
    /// In which account it is read.
    const HOME: Home;
    /// Whether it is read once an account or once a region.
    const SCOPE: Scope;
    /// Every call that [`Observe::observe`] makes by itself; those of what it builds on are declared there.
    const CALLS: &'static [Call];
    /// Those of [`Observe::CALLS`] whose answers are only told beside what is judged: who looks again before a write does
    /// not ask, see [`Reader::tells`].
    const TOLD: &'static [Call] = &[];
    /// Which one, where an account has several (a bucket, a key); `()` for most.
    type Key: Clone + Serialize + Send + Sync + 'static;

    /// Reads it.
    ///
    /// # Errors
    /// AWS refused or failed. That a thing is not there is an answer, not an error.
    fn observe(reader: &Reader, key: &Self::Key) -> impl Future<Output = Result<Self, ReadError>> + Send;

    /// What it asks the reader for.
    fn builds_on() -> Vec<Reads> {
        vec![]
    }
}

/// A read whose answer matters only in whether there is one.
pub type Asking = BoxFuture<'static, Result<(), ReadError>>;

/// What a type of observation declares, as data.
#[derive(Clone, Copy)]
pub struct Reads {
    /// The name of the observation.
    pub name: &'static str,
    /// In which account it is read.
    pub home: Home,
    /// What it calls itself.
    pub calls: &'static [Call],
    /// Those that are not asked again before a write.
    pub told: &'static [Call],
    builds_on: fn() -> Vec<Reads>,
    ask: fn(Reader) -> Option<Asking>,
}

impl Reads {
    /// The declaration of `T`.
    #[must_use]
    pub fn of<T: Observation>() -> Self {
        Self { name: T::NAME, home: T::HOME, calls: T::CALLS, told: T::TOLD, builds_on: T::builds_on, ask: ask::<T> }
    }

    /// The same thing, read in such an account in place of the one that is judged; so is what it builds on there.
    #[must_use]
    pub fn there(self, home: Home) -> Self {
        Self { home, ..self }
    }

    /// The same where its answers are only told beside what is judged, though others judge by them.
    #[must_use]
    pub fn only_told(self) -> Self {
        Self { told: self.calls, ..self }
    }

    /// What is built on by something that is read in such an account: it is read beside that, unless it has another home.
    fn beside(self, home: Home) -> Self {
        match self.home {
            Home::Member => self.there(home),
            Home::Management | Home::LogArchive => self,
        }
    }

    /// This and all it builds on, each once in each home, in the order of the walk.
    #[must_use]
    pub fn closure(self) -> Vec<Self> {
        let mut all: Vec<Self> = vec![];
        let mut open = vec![self];
        while let Some(next) = open.pop() {
            if all.iter().all(|known| (known.name, known.home) != (next.name, next.home)) {
                open.extend((next.builds_on)().into_iter().map(|below| below.beside(next.home)));
                all.push(next);
            }
        }
        all
    }

    /// Reads it, where a target has one of the kind; none where a key says which one is meant.
    #[must_use]
    pub fn ask(&self, reader: &Reader) -> Option<Asking> {
        (self.ask)(reader.clone())
    }

    /// Whether it builds on itself, over however many others.
    #[must_use]
    pub fn has_cycle(self) -> bool {
        (self.builds_on)().into_iter().flat_map(Self::closure).any(|below| below.name == self.name)
    }
}

fn ask<T: Observation>(reader: Reader) -> Option<Asking> {
    let key = (&() as &dyn Any).downcast_ref::<T::Key>()?.clone();
    let regional = T::SCOPE == Scope::Region && reader.at().region.is_none();
    let reader = if regional { reader.in_region(reader.home_region()) } else { reader };
    Some(Box::pin(async move { reader.of::<T>(&key).await.map(drop) }))
}

/// An element of a list that could be read, or why it could not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readable<T> {
    /// What was read.
    Read(T),
    /// Why it could not be read.
    Unreadable(ReadError),
}

impl<T> From<Result<T, ReadError>> for Readable<T> {
    fn from(result: Result<T, ReadError>) -> Self {
        match result {
            Ok(seen) => Self::Read(seen),
            Err(error) => Self::Unreadable(error),
        }
    }
}

impl<T> Readable<T> {
    /// What was read.
    ///
    /// # Errors
    /// Why it could not be read.
    pub fn as_result(&self) -> Result<&T, &ReadError> {
        match self {
            Self::Read(seen) => Ok(seen),
            Self::Unreadable(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::list::observations;
    use super::*;

    #[derive(Serialize, serde::Deserialize)]
    struct Leaf;

    impl Observe for Leaf {
        const NAME: &'static str = "test.leaf";
        const HOME: Home = Home::Member;
        const SCOPE: Scope = Scope::Account;
        const CALLS: &'static [Call] = &[];
        type Key = ();

        async fn observe(_: &Reader, (): &()) -> Result<Self, ReadError> {
            Ok(Self)
        }
    }

    #[derive(Serialize, serde::Deserialize)]
    struct AtHome;

    impl Observe for AtHome {
        const NAME: &'static str = "test.at_home";
        const HOME: Home = Home::Management;
        const SCOPE: Scope = Scope::Account;
        const CALLS: &'static [Call] = &[];
        type Key = ();

        async fn observe(_: &Reader, (): &()) -> Result<Self, ReadError> {
            Ok(Self)
        }
    }

    #[derive(Serialize, serde::Deserialize)]
    struct Both;

    impl Observe for Both {
        const NAME: &'static str = "test.both";
        const HOME: Home = Home::Member;
        const SCOPE: Scope = Scope::Account;
        const CALLS: &'static [Call] = &[];
        type Key = ();

        async fn observe(_: &Reader, (): &()) -> Result<Self, ReadError> {
            Ok(Self)
        }

        fn builds_on() -> Vec<Reads> {
            vec![Reads::of::<Leaf>(), Reads::of::<AtHome>()]
        }
    }

    observations!(all [] Leaf, AtHome, Both,);

    #[test]
    fn what_a_thing_builds_on_is_read_where_the_thing_is_unless_it_has_a_home_of_its_own() {
        let closure = |reads: Reads| {
            let mut all: Vec<_> = reads.closure().iter().map(|reads| (reads.name, reads.home)).collect();
            all.sort_unstable();
            all
        };
        let management = ("test.at_home", Home::Management);
        for home in [Home::Member, Home::LogArchive, Home::Management] {
            let there = closure(Reads::of::<Both>().there(home));
            assert_eq!(there, [management, ("test.both", home), ("test.leaf", home)]);
        }
        assert_eq!(closure(Reads::of::<Leaf>()), [("test.leaf", Home::Member)]);
    }
}
