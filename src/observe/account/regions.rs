//! The regions of an account.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::organization::OptStatus;
use crate::target::Region;

/// The regions of an account and whether they are enabled, as
/// [ListRegions](https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html) answers them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regions(pub Vec<(Region, OptStatus)>);

impl Observe for Regions {
    const NAME: &'static str = "account.regions";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "Account", operation: "ListRegions", action: "account:ListRegions" }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut regions = vec![];
        let mut next: Option<String> = None;
        loop {
            let asked = session.account_management().list_regions().set_next_token(next);
            let page = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
            for listed in page.regions() {
                // A region whose code has another shape than all known ones cannot be asked by its code either.
                let Some(Ok(region)) = listed.region_name().map(str::parse::<Region>) else { continue };
                let status = listed.region_opt_status().map_or("", |status| status.as_str());
                regions.push((region, OptStatus::from(status)));
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                regions.sort_by(|a, b| a.0.cmp(&b.0));
                return Ok(Self(regions));
            }
        }
    }
}
