//! The detectors of members, as the account that administers them sees them: fifty accounts a call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_guardduty::types::{FeatureStatus, UnprocessedAccount};
use serde::{Deserialize, Serialize};

use super::{Feature, NOT_IN_CHARGE};
use crate::Session;
use crate::observe::{Call, Class, Home, Observe, ReadError, Readable, Reader, Scope};
use crate::target::{AccountId, Target};

const LIST_MEMBERS: Call = Call { service: "GuardDuty", operation: "ListMembers", action: "guardduty:ListMembers" };
/// Reads the detectors of members.
pub(crate) const GET_MEMBERS: Call =
    Call { service: "GuardDuty", operation: "GetMemberDetectors", action: "guardduty:GetMemberDetectors" };

/// So many accounts may be named in one call.
pub(crate) const AT_ONCE: usize = 50;

/// The detector of a member, by its features.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDetector {
    /// The features that the answer names, and whether they are on.
    pub features: BTreeMap<String, bool>,
    /// Those of them that a policy of the organization manages.
    pub managed: BTreeSet<String>,
}

impl MemberDetector {
    /// Whether a feature is off that the administrator can switch on.
    #[must_use]
    pub fn lacks(&self, feature: Feature) -> bool {
        self.features.get(feature.name()) == Some(&false) && !self.managed.contains(feature.name())
    }

    /// Whether a feature is on.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.features.get(feature.name()) == Some(&true)
    }
}

/// The members of an administrator in a region, each with its detector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members(pub BTreeMap<AccountId, Readable<MemberDetector>>);

impl Observe for Members {
    const NAME: &'static str = "guardduty.members";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_MEMBERS, GET_MEMBERS];
    /// The id of the administrator's detector.
    type Key = String;

    async fn observe(reader: &Reader, detector: &String) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let members = list(reader, detector).await?;
        let mut all = BTreeMap::new();
        for some in members.chunks(AT_ONCE) {
            let (seen, left) = look_at_members(session, at, detector, some).await?;
            all.extend(seen.into_iter().map(|(id, seen)| (id, Readable::Read(seen))));
            all.extend(left.into_iter().map(|(id, why)| {
                let error = unprocessed(at, &GET_MEMBERS, [(id.clone(), why)]);
                (id, Readable::Unreadable(error))
            }));
        }
        Ok(Self(all))
    }
}

/// The accounts whose detectors are the caller's to set.
async fn list(reader: &Reader, detector: &str) -> Result<Vec<AccountId>, ReadError> {
    let (session, at) = (reader.session()?, reader.at());
    let client = session.guardduty(reader.region());
    let (mut members, mut next) = (vec![], None::<String>);
    loop {
        let asked = client.list_members().detector_id(detector).max_results(50).set_next_token(next);
        let page = session.ask(at, &LIST_MEMBERS, asked.send()).await?;
        for member in page.members() {
            let state = member.relationship_status().unwrap_or_default();
            if NOT_IN_CHARGE.iter().any(|known| known.eq_ignore_ascii_case(state)) {
                continue;
            }
            members.push(account(at, &LIST_MEMBERS, member.account_id())?);
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(members);
        }
    }
}

fn account(at: &Target, call: &Call, id: Option<&str>) -> Result<AccountId, ReadError> {
    let id = id.unwrap_or_default();
    id.parse().map_err(|_| ReadError::senseless_field(at, call, "account id", id))
}

/// Accounts that AWS's answer leaves out, each with the reason that it gives.
pub(crate) type LeftOut = BTreeMap<AccountId, String>;

/// The detectors of these members, fifty at most, and whom the answer leaves out.
pub(crate) async fn look_at_members(
    session: &Session,
    at: &Target,
    detector: &str,
    members: &[AccountId],
) -> Result<(BTreeMap<AccountId, MemberDetector>, LeftOut), ReadError> {
    let client = session.guardduty(at.region.as_ref().unwrap_or(session.home_region()));
    let ids = members.iter().map(ToString::to_string).collect();
    let asked = client.get_member_detectors().detector_id(detector).set_account_ids(Some(ids));
    let answer = session.ask(at, &GET_MEMBERS, asked.send()).await?;
    let mut seen = BTreeMap::new();
    for one in answer.member_data_source_configurations() {
        let mut detector = MemberDetector { features: BTreeMap::new(), managed: BTreeSet::new() };
        for feature in one.features() {
            let Some(name) = feature.name() else { continue };
            detector.features.insert(name.as_str().to_owned(), feature.status() == Some(&FeatureStatus::Enabled));
            if feature.managed_by().is_some() {
                detector.managed.insert(name.as_str().to_owned());
            }
        }
        seen.insert(account(at, &GET_MEMBERS, one.account_id())?, detector);
    }
    let mut left = left_out(at, &GET_MEMBERS, answer.unprocessed_accounts())?;
    for id in members.iter().filter(|id| !seen.contains_key(*id)) {
        left.entry(id.clone()).or_insert_with(|| "the answer does not speak of it".to_owned());
    }
    Ok((seen, left))
}

/// Whom an answer over members leaves out, although its status is 200.
pub(crate) fn left_out(at: &Target, call: &Call, unprocessed: &[UnprocessedAccount]) -> Result<LeftOut, ReadError> {
    let one = |one: &UnprocessedAccount| {
        let id = account(at, call, one.account_id())?;
        Ok((id, one.result().unwrap_or("AWS does not say why").to_owned()))
    };
    unprocessed.iter().map(one).collect()
}

/// The error that some members were left out of an answer.
pub(crate) fn unprocessed(at: &Target, call: &Call, left: impl IntoIterator<Item = (AccountId, String)>) -> ReadError {
    let each: Vec<String> = left.into_iter().map(|(id, why)| format!("account {id}: {why}")).collect();
    ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class: Class::Failed,
        code: Some("UnprocessedAccounts".to_owned()),
        message: each.join("; "),
        status: None,
        request_id: None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::Homes;
    use crate::stub::{Stub, caller, json};
    use crate::{Entry, Guard};

    #[tokio::test]
    async fn who_is_no_member_yet_is_not_read_and_whom_aws_leaves_out_is_unreadable_by_name() {
        let stub = Stub::new(|asked| {
            if asked.operation.starts_with("GET /detector/d/member") {
                return json(
                    200,
                    r#"{"members":[
                    {"accountId":"111122223333","masterId":"m","email":"e","relationshipStatus":"Enabled","updatedAt":"t"},
                    {"accountId":"222233334444","masterId":"m","email":"e","relationshipStatus":"Invited","updatedAt":"t"},
                    {"accountId":"333344445555","masterId":"m","email":"e","relationshipStatus":"Enabled","updatedAt":"t"}]}"#,
                );
            }
            assert!(!asked.body.contains("222233334444"), "{}", asked.body);
            json(
                200,
                r#"{"members":[{"accountId":"111122223333","features":[
                    {"name":"S3_DATA_EVENTS","status":"DISABLED"},
                    {"name":"RDS_LOGIN_EVENTS","status":"DISABLED","managedBy":"GUARDDUTY_POLICY"}]}],
                    "unprocessedAccounts":[{"accountId":"333344445555","result":"it is being closed"}]}"#,
            )
        });
        let (caller, region) = (caller(), "eu-west-1".parse().expect("a region"));
        let guard = Arc::new(Guard::new(Members::CALLS.iter().copied()));
        let session = stub.base().await.enter(&caller, &caller.account, Entry::Own, &guard);
        let homes = Arc::new(Homes::live(None, "eu-west-1".parse().expect("a region"), None));
        let reader = Reader::live(session, &homes).in_region(&region);
        let members = reader.of::<Members>(&"d".to_owned()).await.expect("an answer");
        let ids: Vec<&str> = members.0.keys().map(AccountId::as_str).collect();
        assert_eq!(ids, ["111122223333", "333344445555"]);
        let [read, left] = members.0.values().collect::<Vec<_>>()[..] else { panic!("two") };
        let read = read.as_result().expect("it was read");
        let lacks = [Feature::S3DataEvents, Feature::RdsLoginEvents, Feature::EksAuditLogs].map(|one| read.lacks(one));
        assert_eq!(lacks, [true, false, false], "a policy's feature, and one that is not offered, are not switched on");
        let why = left.as_result().expect_err("it was left out").explained();
        assert!(why.contains("account 333344445555: it is being closed"), "{why}");
    }
}
