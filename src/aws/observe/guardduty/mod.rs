//! What is read of `GuardDuty`: who administers it, and the detector of a region.

mod members;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_guardduty::operation::get_detector::GetDetectorOutput;
use aws_sdk_guardduty::types::{AdminStatus, DetectorStatus, FeatureStatus};
use serde::{Deserialize, Serialize};

use crate::Session;
use crate::observe::organizations::{Governed, Governing};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::{PolicyType, Signs};
use crate::target::{AccountId, Target};

pub(crate) use members::{AT_ONCE, GET_MEMBERS, LeftOut, left_out, look_at_members, unprocessed};
pub use members::{MemberDetector, Members};
pub use names::{Feature, Frequency};

/// The detector of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    /// The id that AWS gave it.
    pub id: String,
    /// Whether it watches.
    pub enabled: bool,
    /// How often it exports; none where the answer does not say.
    pub publishing_frequency: Option<Frequency>,
    /// The features that the answer names, and whether they are on.
    pub features: BTreeMap<String, bool>,
    /// Those of them that somebody else manages, and who, in AWS's words.
    #[serde(default)]
    pub managed: BTreeMap<String, String>,
    /// The tags that say who made it and who looks after it.
    #[serde(default)]
    pub signs: Signs,
}

/// What every detector watches: AWS's answer names these as well, and they cannot be switched.
pub(crate) const FOUNDATIONS: [&str; 3] = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];

impl Detector {
    /// Whether a feature is on.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.features.get(feature.name()).copied().unwrap_or(false)
    }

    /// Whether the region offers a feature.
    ///
    /// AWS leaves out of its answer what it does not offer in a region; others who speak its protocol leave out what
    /// was never set, and the foundations as well. Where the foundations are named, what is left out is not offered.
    #[must_use]
    pub fn offers(&self, feature: Feature) -> bool {
        let names = |name: &str| self.features.contains_key(name);
        names(feature.name()) || !FOUNDATIONS.into_iter().any(names)
    }

    /// Who manages a feature in the account's place, in AWS's words.
    #[must_use]
    pub fn manager(&self, feature: Feature) -> Option<&str> {
        self.managed.get(feature.name()).map(String::as_str)
    }

    /// Who manages the detector as a whole in the account's place, in AWS's words.
    #[must_use]
    pub fn manager_of_all(&self) -> Option<&str> {
        FOUNDATIONS.into_iter().find_map(|name| self.managed.get(name)).map(String::as_str)
    }

    /// Whether somebody else manages anything of it.
    fn is_managed(&self) -> bool {
        !self.managed.is_empty()
    }

    /// Whether it falls short of what is asked.
    fn lacks(&self, asked: &Asked) -> bool {
        let frequency = asked.publishing_frequency.is_some() && self.publishing_frequency < asked.publishing_frequency;
        let features = asked.features.iter().any(|feature| self.offers(*feature) && !self.has(*feature));
        (asked.enabled && !self.enabled) || frequency || features
    }
}

/// What is asked of a detector: it decides who has to be asked for its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Whether the baseline names the administrator, so that the account need not be asked.
    pub admin_is_named: bool,
    /// Whether this account administers others that the baseline asks something of.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_members: bool,
    /// To watch.
    pub enabled: bool,
    /// How often to export what is new about findings.
    pub publishing_frequency: Option<Frequency>,
    /// What to watch besides.
    pub features: BTreeSet<Feature>,
}

/// The one account that the organization made administrator of a region's detectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationAdmin(pub Option<AccountId>);

impl Observe for OrganizationAdmin {
    const NAME: &'static str = "guardduty.organization_admin";
    const HOME: Home = Home::Management;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[Call {
        service: "GuardDuty",
        operation: "ListOrganizationAdminAccounts",
        action: "guardduty:ListOrganizationAdminAccounts",
    }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut next: Option<String> = None;
        loop {
            let asked = session.guardduty(reader.region()).list_organization_admin_accounts().set_next_token(next);
            let page = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
            // One whose removal has begun is an administrator no more.
            let admin = page.admin_accounts().iter().find(|one| one.admin_status() == Some(&AdminStatus::Enabled));
            if let Some(id) = admin.and_then(|admin| admin.admin_account_id()) {
                let id = id
                    .parse()
                    .map_err(|_| ReadError::senseless_field(reader.at(), &Self::CALLS[0], "account id", id))?;
                return Ok(Self(Some(id)));
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(Self(None));
            }
        }
    }
}

/// The account that administers a detector, as the detector's own account is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrator(pub Option<AccountId>);

/// States of the relation in which the other account has no say over the detector: not yet, or no more.
const NOT_IN_CHARGE: [&str; 7] =
    ["Created", "Invited", "EmailVerificationInProgress", "EmailVerificationFailed", "Resigned", "Removed", "Deleted"];

impl Observe for Administrator {
    const NAME: &'static str = "guardduty.administrator";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[Call {
        service: "GuardDuty",
        operation: "GetAdministratorAccount",
        action: "guardduty:GetAdministratorAccount",
    }];
    /// The id of the detector.
    type Key = String;

    async fn observe(reader: &Reader, detector: &String) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.guardduty(reader.region()).get_administrator_account().detector_id(detector);
        let answer = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
        let in_charge = |status: Option<&str>| {
            !NOT_IN_CHARGE.iter().any(|state| status.is_some_and(|status| status.eq_ignore_ascii_case(state)))
        };
        let administrator = answer.administrator().filter(|one| in_charge(one.relationship_status()));
        let Some(id) = administrator.and_then(|administrator| administrator.account_id()) else {
            return Ok(Self(None));
        };
        let id = id.parse().map_err(|_| ReadError::senseless_field(reader.at(), &Self::CALLS[0], "account id", id))?;
        Ok(Self(Some(id)))
    }
}

/// The calls that look for the detector of a region and read it.
pub(crate) const LIST: Call =
    Call { service: "GuardDuty", operation: "ListDetectors", action: "guardduty:ListDetectors" };
pub(crate) const GET: Call = Call { service: "GuardDuty", operation: "GetDetector", action: "guardduty:GetDetector" };

/// The detector of a region as AWS answers it, with its id; there is at most one.
pub(crate) async fn look(session: &Session, at: &Target) -> Result<Option<(String, GetDetectorOutput)>, ReadError> {
    let client = session.guardduty(at.region.as_ref().unwrap_or(session.home_region()));
    let mut next: Option<String> = None;
    let id = loop {
        let asked = client.list_detectors().set_next_token(next);
        let page = session.ask(at, &LIST, asked.send()).await?;
        if let Some(id) = page.detector_ids().first() {
            break id.clone();
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(None);
        }
    };
    let answer = session.ask(at, &GET, client.get_detector().detector_id(&id).send()).await?;
    Ok(Some((id, answer)))
}

impl Observe for Option<Detector> {
    const NAME: &'static str = "guardduty.detector";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST, GET];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let Some((id, answer)) = look(reader.session()?, reader.at()).await? else { return Ok(None) };
        let enabled = match answer.status() {
            Some(DetectorStatus::Enabled) => true,
            Some(DetectorStatus::Disabled) => false,
            other => {
                let other = other.map_or("none", DetectorStatus::as_str);
                return Err(ReadError::senseless_field(reader.at(), &GET, "status", other));
            }
        };
        let frequency = match answer.finding_publishing_frequency() {
            None => None,
            Some(frequency) => {
                let known = Frequency::ALL.into_iter().find(|known| known.name() == frequency.as_str());
                // Whether a frequency that is not known is less or more often cannot be said, so it is not judged.
                Some(known.ok_or_else(|| {
                    ReadError::senseless_field(reader.at(), &GET, "publishing frequency", frequency.as_str())
                })?)
            }
        };
        let features = answer.features().iter().filter_map(|feature| {
            let on = feature.status() == Some(&FeatureStatus::Enabled);
            feature.name().map(|name| (name.as_str().to_owned(), on))
        });
        let managed = answer.features().iter().filter_map(|feature| {
            let name = feature.name()?.as_str().to_owned();
            Some((name, feature.managed_by()?.as_str().to_owned()))
        });
        let (features, managed) = (features.collect(), managed.collect());
        let tags = answer.tags().into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str()));
        let signs = Signs::of(tags);
        Ok(Some(Detector { id, enabled, publishing_frequency: frequency, features, managed, signs }))
    }
}

/// The detector of a region, with what there is to know of its owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnedDetector {
    /// What the management account says.
    pub organization_admin: Readable<Option<AccountId>>,
    /// The detector.
    pub detector: Option<Detector>,
    /// What the detector's account is told; asked only where nobody else can answer, and before a change.
    pub administrator: Option<Readable<Option<AccountId>>>,
    /// What the organization's policies say; asked only where they manage something, or may be about to make a detector.
    pub policy: Option<Readable<Option<Governed>>>,
    /// The detectors that it administers; asked only where something is asked of them.
    pub members: Option<Readable<Members>>,
}

impl OwnedDetector {
    /// Whether an account that administers others here does so because they accepted its invitation, and not because the
    /// organization made it their administrator.
    #[must_use]
    pub fn is_by_invitation(&self, admin: &AccountId) -> bool {
        matches!(self.organization_admin.as_result(), Ok(made) if made.as_ref() != Some(admin))
    }
}

impl Observe for OwnedDetector {
    const NAME: &'static str = "guardduty.owned_detector";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        let admin = reader.get::<OrganizationAdmin>().await.map(|admin| admin.0.clone());
        let detector = Option::clone(&*reader.get::<Option<Detector>>().await?);
        // An account may have accepted the invitation of an administrator that the organization does not know of. That
        // matters only to what would be changed.
        let unclear = |detector: &Detector| match &admin {
            // What the named administrator is to mend has to be a member's.
            Ok(Some(_)) => asked.admin_is_named && detector.lacks(asked),
            Ok(None) => detector.lacks(asked),
            Err(_) => !asked.admin_is_named || detector.lacks(asked),
        };
        let administrator = match &detector {
            Some(detector) if unclear(detector) => {
                let told = reader.of::<Administrator>(&detector.id).await;
                Some(told.map(|administrator| administrator.0.clone()).into())
            }
            _ => None,
        };
        let own = |admin: &AccountId| *admin == reader.at().account;
        let governs = match &detector {
            Some(detector) => detector.is_managed(),
            None => matches!(&admin, Ok(admin) if admin.as_ref().is_none_or(own)),
        };
        let policy = if governs {
            let governing = reader.of::<Governing>(&PolicyType::GuardDuty).await;
            Some(governing.map(|governing| governing.0.clone()).into())
        } else {
            None
        };
        let members = match &detector {
            Some(detector) if asked.of_members => {
                let members = reader.of::<Members>(&detector.id).await;
                Some(members.map(|members| Members::clone(&members)).into())
            }
            _ => None,
        };
        Ok(Self { organization_admin: admin.into(), detector, administrator, policy, members })
    }

    fn builds_on() -> Vec<Reads> {
        vec![
            Reads::of::<OrganizationAdmin>(),
            Reads::of::<Option<Detector>>(),
            Reads::of::<Administrator>(),
            Reads::of::<Governing>(),
            Reads::of::<Members>(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::Homes;
    use crate::stub::{Stub, caller, json};
    use crate::{Entry, Guard};

    /// The detector of a region where `GetDetector` answers this of its features.
    async fn seen(features: &'static str) -> Detector {
        let stub = Stub::new(move |asked| match asked.operation.as_str() {
            listing if listing.starts_with("GET /detector/") => {
                json(200, &format!(r#"{{"status":"ENABLED","serviceRole":"r","features":{features}}}"#))
            }
            _ => json(200, r#"{"detectorIds":["d"]}"#),
        });
        let (caller, region) = (caller(), "eu-west-1".parse().expect("a region"));
        let guard = Arc::new(Guard::new([LIST, GET]));
        let session = stub.base().await.enter(&caller, &caller.account, Entry::Own, &guard);
        let homes = Arc::new(Homes::live(None, "eu-west-1".parse().expect("a region"), None));
        let reader = Reader::live(session, &homes).in_region(&region);
        Option::clone(&*reader.get::<Option<Detector>>().await.expect("an answer")).expect("there is one")
    }

    #[tokio::test]
    async fn who_manages_a_feature_is_told_from_the_answer() {
        let seen = seen(
            r#"[{"name":"FLOW_LOGS","status":"ENABLED","managedBy":"GUARDDUTY_POLICY"},
                {"name":"S3_DATA_EVENTS","status":"DISABLED","managedBy":"SOMETHING_NEW"},
                {"name":"RDS_LOGIN_EVENTS","status":"ENABLED"}]"#,
        )
        .await;
        assert_eq!(seen.manager_of_all(), Some("GUARDDUTY_POLICY"));
        assert_eq!(seen.manager(Feature::S3DataEvents), Some("SOMETHING_NEW"), "whoever it is, it is not the account");
        assert_eq!((seen.manager(Feature::RdsLoginEvents), seen.has(Feature::RdsLoginEvents)), (None, true));
    }

    #[tokio::test]
    async fn what_is_left_out_is_not_offered_only_where_the_foundations_are_named() {
        let of_aws = seen(r#"[{"name":"FLOW_LOGS","status":"ENABLED"},{"name":"S3_DATA_EVENTS","status":"DISABLED"}]"#);
        let of_aws = of_aws.await;
        assert!(of_aws.offers(Feature::S3DataEvents) && !of_aws.offers(Feature::LambdaNetworkLogs));
        let of_another = seen(r#"[{"name":"S3_DATA_EVENTS","status":"ENABLED"}]"#).await;
        assert!(of_another.offers(Feature::LambdaNetworkLogs));
        assert_eq!((of_another.manager_of_all(), of_another.manager(Feature::S3DataEvents)), (None, None));
    }

    #[tokio::test]
    async fn a_detector_falls_short_only_of_what_is_asked_and_offered() {
        let seen = seen(r#"[{"name":"FLOW_LOGS","status":"ENABLED"},{"name":"S3_DATA_EVENTS","status":"DISABLED"}]"#);
        let seen = seen.await;
        let asked = |features: &[Feature]| Asked {
            admin_is_named: false,
            of_members: false,
            enabled: true,
            publishing_frequency: None,
            features: features.iter().copied().collect(),
        };
        assert!(!seen.lacks(&asked(&[])) && !seen.lacks(&asked(&[Feature::LambdaNetworkLogs])));
        assert!(seen.lacks(&asked(&[Feature::S3DataEvents])));
        assert!(seen.lacks(&Asked { publishing_frequency: Some(Frequency::SixHours), ..asked(&[]) }));
        assert!(Detector { enabled: false, ..seen }.lacks(&asked(&[])));
    }

    #[test]
    fn what_builds_on_others_calls_nothing_itself_and_does_not_build_on_itself() {
        let reads = Reads::of::<OwnedDetector>();
        assert!(reads.calls.is_empty() && !reads.has_cycle());
        let at_home = reads.closure().into_iter().filter(|one| !one.calls.is_empty() && one.home == Home::Management);
        let mut names: Vec<&str> = at_home.map(|one| one.name).collect();
        names.sort_unstable();
        let policies = ["organizations.effective_policy", "organizations.policies"];
        assert_eq!(names, [&["guardduty.organization_admin"][..], &policies].concat());
    }
}
