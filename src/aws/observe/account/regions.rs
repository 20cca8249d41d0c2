//! The regions of an account.

use serde::{Deserialize, Serialize};

use crate::Session;
use crate::observe::{Call, Class, Home, Observe, ReadError, Reader, Scope};
use crate::organization::OptStatus;
use crate::target::Region;

/// The regions of an account and whether they are enabled, as
/// [ListRegions](https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html) answers them, or
/// [DescribeRegions](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html) where that does
/// not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regions(pub Vec<(Region, OptStatus)>);

const LIST: Call = Call { service: "Account", operation: "ListRegions", action: "account:ListRegions" };
const DESCRIBE: Call = Call { service: "EC2", operation: "DescribeRegions", action: "ec2:DescribeRegions" };

impl Observe for Regions {
    const NAME: &'static str = "account.regions";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST, DESCRIBE];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut regions = match listed(session, reader).await {
            Err(refused) if may_be_known_to_ec2(refused.class) => {
                described(session, reader).await.map_err(|both| ReadError {
                    message: format!("{}; and {}: {}", refused.message, DESCRIBE.action, both.message),
                    ..refused
                })?
            }
            listed => listed?,
        };
        regions.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self(regions))
    }
}

/// A role made for another tool may know one of the two calls, and an emulator may. Where it is credentials or the
/// pace that are wrong, the other call would fare no better.
fn may_be_known_to_ec2(class: Class) -> bool {
    matches!(class, Class::Denied(_) | Class::Failed | Class::ServiceUnavailable)
}

async fn listed(session: &Session, reader: &Reader) -> Result<Vec<(Region, OptStatus)>, ReadError> {
    let mut regions = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.account_management().list_regions().set_next_token(next);
        let page = session.ask(reader.at(), &LIST, asked.send()).await?;
        for listed in page.regions() {
            // A region whose code has another shape than all known ones cannot be asked by its code either.
            let Some(Ok(region)) = listed.region_name().map(str::parse::<Region>) else { continue };
            let status = listed.region_opt_status().map_or("", |status| status.as_str());
            regions.push((region, OptStatus::from(status)));
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(regions);
        }
    }
}

async fn described(session: &Session, reader: &Reader) -> Result<Vec<(Region, OptStatus)>, ReadError> {
    let asked = session.ec2(reader.home_region()).request(DESCRIBE.operation).with("AllRegions", true);
    let answer = session.ask(reader.at(), &DESCRIBE, asked.send()).await?;
    let mut regions = vec![];
    for item in answer.items("regionInfo") {
        let name = item.need("regionName").map_err(|missing| ReadError::senseless(reader.at(), &DESCRIBE, missing))?;
        let Ok(region) = name.parse::<Region>() else { continue };
        regions.push((region, OptStatus::from(item.text("optInStatus").unwrap_or_default())));
    }
    if regions.is_empty() {
        return Err(ReadError::senseless(reader.at(), &DESCRIBE, "the answer has no regions"));
    }
    Ok(regions)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::Homes;
    use crate::stub::{Answer, Stub, caller, json, xml};
    use crate::{Entry, Guard};

    const DESCRIBED: &str = "<DescribeRegionsResponse><regionInfo>\
        <item><regionName>us-east-1</regionName><optInStatus>opt-in-not-required</optInStatus></item>\
        <item><regionName>af-south-1</regionName><optInStatus>not-opted-in</optInStatus></item>\
        <item><regionName>ap-east-1</regionName><optInStatus>opted-in</optInStatus></item>\
        </regionInfo></DescribeRegionsResponse>";

    async fn regions(list: Answer, describe: Answer) -> (Result<Regions, ReadError>, Vec<String>) {
        let stub = Stub::new(move |asked| if asked.service == "ec2" { describe.clone() } else { list.clone() });
        let guard = Arc::new(Guard::new(Regions::CALLS.iter().copied()));
        let session = stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard);
        let homes = Arc::new(Homes::live(None, session.home_region().clone(), None));
        let regions = Regions::observe(&Reader::live(session, &homes), &()).await;
        (regions, stub.asked().into_iter().map(|asked| asked.service).collect())
    }

    fn denied() -> Answer {
        json(403, r#"{"__type": "AccessDeniedException", "message": "no"}"#)
    }

    #[tokio::test]
    async fn ec2_is_not_asked_where_the_list_answers() {
        let list = json(200, r#"{"Regions": [{"RegionName": "eu-west-1", "RegionOptStatus": "ENABLED"}]}"#);
        let (regions, asked) = regions(list, xml(200, DESCRIBED)).await;
        assert_eq!(regions.expect("regions").0, [("eu-west-1".parse().expect("a region"), OptStatus::Enabled)]);
        assert_eq!(asked, ["account"]);
    }

    #[tokio::test]
    async fn where_the_list_is_denied_or_unknown_ec2_says_which_regions_are_enabled() {
        let html = Answer { status: 404, kind: "text/html", body: "<html></html>".to_owned() };
        for list in [denied(), html] {
            let (regions, asked) = regions(list, xml(200, DESCRIBED)).await;
            let regions = regions.expect("regions");
            let seen: Vec<_> = regions.0.iter().map(|(region, status)| (region.as_str(), status)).collect();
            let wanted = [
                ("af-south-1", &OptStatus::Disabled),
                ("ap-east-1", &OptStatus::Enabled),
                ("us-east-1", &OptStatus::Enabled),
            ];
            assert_eq!(seen, wanted);
            assert_eq!(asked, ["account", "ec2"]);
        }
    }

    #[tokio::test]
    async fn where_neither_answers_both_are_named() {
        let error = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>nor this</Message></Error>\
                     </Errors></Response>";
        for (describe, words) in
            [(xml(403, error), "nor this"), (xml(200, "<DescribeRegionsResponse/>"), "the answer has no regions")]
        {
            let (regions, _) = regions(denied(), describe).await;
            let error = regions.expect_err("neither");
            assert_eq!(error.action, "account:ListRegions");
            assert_eq!(error.message, format!("no; and ec2:DescribeRegions: {words}"));
        }
    }

    #[tokio::test]
    async fn ec2_is_not_asked_with_credentials_that_are_no_good() {
        let refused = json(403, r#"{"__type": "UnrecognizedClientException", "message": "no"}"#);
        let (regions, asked) = regions(refused, xml(200, DESCRIBED)).await;
        assert_eq!(regions.expect_err("refused").class, Class::RegionDisabled);
        assert_eq!(asked, ["account"]);
    }
}
