//! What is read of IAM Access Analyzer: the analyzers of external access of a region, and those of the whole
//! organization in the account that has them.

use aws_sdk_accessanalyzer::types::{AnalyzerStatus, Type};
use serde::{Deserialize, Serialize};

use crate::Session;
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::Signs;
use crate::target::{AccountId, Target};

/// Whose resources an analyzer looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Zone {
    /// Those of its account.
    Account,
    /// Those of every account of the organization.
    Organization,
}

impl Zone {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Account => "ACCOUNT",
            Self::Organization => "ORGANIZATION",
        }
    }

    /// The zone of an analyzer of external access; none: it analyses something else, which bills.
    fn of(kind: &Type) -> Option<Self> {
        match kind {
            Type::Account => Some(Self::Account),
            Type::Organization => Some(Self::Organization),
            _ => None,
        }
    }
}

/// What an analyzer does at the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It finds.
    Active,
    /// It is being made.
    Creating,
    /// It does nothing; AWS's word for that, and its reason if there is one.
    Idle(String),
}

/// An analyzer of external access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyzer {
    /// Its name.
    pub name: String,
    /// Whose resources it looks at.
    pub zone: Zone,
    /// What it does at the moment.
    pub state: State,
    /// The service that manages it, such as Security Hub; none for most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// The tags that say who made it and who looks after it.
    #[serde(default)]
    pub signs: Signs,
}

/// The analyzers of external access of a region, as AWS lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analyzers(pub Vec<Analyzer>);

impl Analyzers {
    /// One that finds.
    #[must_use]
    pub fn active(&self) -> Option<&Analyzer> {
        self.0.iter().find(|analyzer| analyzer.state == State::Active)
    }

    /// One of this zone that finds.
    #[must_use]
    pub fn active_in(&self, zone: Zone) -> Option<&Analyzer> {
        self.0.iter().find(|analyzer| analyzer.zone == zone && analyzer.state == State::Active)
    }
}

pub(crate) const LIST: Call =
    Call { service: "AccessAnalyzer", operation: "ListAnalyzers", action: "access-analyzer:ListAnalyzers" };

impl Observe for Analyzers {
    const NAME: &'static str = "accessanalyzer.analyzers";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        analyzers(reader.session()?, reader.at()).await
    }
}

/// The analyzers of a region. AWS lists all types at once, so one call is enough for the two that matter.
pub(crate) async fn analyzers(session: &Session, at: &Target) -> Result<Analyzers, ReadError> {
    let client = session.access_analyzer(at.region.as_ref().unwrap_or(session.home_region()));
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let page = session.ask(at, &LIST, client.list_analyzers().set_next_token(next).send()).await?;
        for listed in page.analyzers() {
            let Some(zone) = Zone::of(listed.r#type()) else { continue };
            let state = match listed.status() {
                AnalyzerStatus::Active => State::Active,
                AnalyzerStatus::Creating => State::Creating,
                other => {
                    let reason = listed.status_reason().map(|reason| format!(" ({})", reason.code().as_str()));
                    State::Idle(format!("{}{}", other.as_str(), reason.unwrap_or_default()))
                }
            };
            let tags = listed.tags().into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
            found.push(Analyzer {
                name: listed.name().to_owned(),
                zone,
                state,
                managed_by: listed.managed_by().map(str::to_owned),
                signs: Signs::of(tags),
            });
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(Analyzers(found));
        }
    }
}

/// The analyzers that cover a region of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covering {
    /// Its own.
    pub own: Analyzers,
    /// Those of the account that is to have one of the whole organization. It is asked only where none of the account's
    /// own finds.
    pub organizations: Option<Readable<Analyzers>>,
}

impl Observe for Covering {
    const NAME: &'static str = "accessanalyzer.covering";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[];
    /// The account that is to have an analyzer of the whole organization.
    type Key = Option<AccountId>;

    async fn observe(reader: &Reader, administrator: &Option<AccountId>) -> Result<Self, ReadError> {
        let own = Analyzers::clone(&*reader.get::<Analyzers>().await?);
        let elsewhere = administrator.as_ref().filter(|account| **account != reader.at().account);
        let organizations = match elsewhere.filter(|_| own.active().is_none()) {
            None => None,
            Some(account) => Some(read_there(reader, account).await.into()),
        };
        Ok(Self { own, organizations })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Analyzers>()]
    }
}

async fn read_there(reader: &Reader, account: &AccountId) -> Result<Analyzers, ReadError> {
    Ok(Analyzers::clone(&*reader.named(account)?.get::<Analyzers>().await?))
}
