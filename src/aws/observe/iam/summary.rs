//! The figures of an account's IAM.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// What [GetAccountSummary](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html) counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary(pub BTreeMap<String, i64>);

impl Observe for Summary {
    const NAME: &'static str = "iam.summary";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "IAM", operation: "GetAccountSummary", action: "iam:GetAccountSummary" }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().get_account_summary();
        let answer = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
        let counts = answer.summary_map.unwrap_or_default().into_iter();
        Ok(Self(counts.map(|(name, count)| (name.as_str().to_owned(), count.into())).collect()))
    }
}

impl Summary {
    /// A figure by its name; none where the answer lacks it.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<i64> {
        self.0.get(name).copied()
    }
}
