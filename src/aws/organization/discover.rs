//! Asks Organizations which accounts there are and where they are in the tree.

use std::collections::BTreeMap;

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::Account as Answer;

use super::tree::{Tree, Unit};
use super::{Account, Organization, State};
use crate::Session;
use crate::failure::Failure;
use crate::observe::{Call, Class, ReadError};
use crate::target::{AccountId, Malformed, Target};

pub(super) const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "Organizations", operation, action }
}

const DESCRIBE: Call = call("DescribeOrganization", "organizations:DescribeOrganization");
const ROOTS: Call = call("ListRoots", "organizations:ListRoots");
const ACCOUNTS: Call = call("ListAccounts", "organizations:ListAccounts");
const UNITS: Call = call("ListOrganizationalUnitsForParent", "organizations:ListOrganizationalUnitsForParent");
const CHILDREN: Call = call("ListAccountsForParent", "organizations:ListAccountsForParent");
const TAGS: Call = call("ListTagsForResource", "organizations:ListTagsForResource");

/// What discovery calls.
pub const CALLS: &[Call] = &[DESCRIBE, ROOTS, ACCOUNTS, UNITS, CHILDREN, TAGS];

/// What is asked for besides the accounts and the tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// The tags of every account: one call each, so only where a selector or an override needs them.
    pub tags: bool,
}

/// Why the organization could not be discovered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// The caller may not ask Organizations, or the account is in no organization: explicit account ids still work.
    #[error("could not ask Organizations which accounts there are: {}", .0.in_full())]
    NotAllowed(ReadError),
    /// Anything else.
    #[error("could not discover the organization: {}", .0.in_full())]
    Failed(ReadError),
}

impl From<ReadError> for DiscoverError {
    fn from(error: ReadError) -> Self {
        let alone = error.code.as_deref() == Some("AWSOrganizationsNotInUseException");
        if alone || matches!(error.class, Class::Denied(_)) { Self::NotAllowed(error) } else { Self::Failed(error) }
    }
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Self {
        let failure = Failure::failed(&error);
        let actions = CALLS.iter().map(|call| call.action);
        match error {
            DiscoverError::NotAllowed(_) => failure
                .hint("run with credentials of the management account or of a delegated administrator")
                .hint(format!("what has to be allowed there: {}", crate::statement(actions, &"*".into())))
                .hint("or name the accounts, with --account and their ids"),
            DiscoverError::Failed(_) => failure,
        }
    }
}

/// Asks Organizations, in the management account or a delegated administrator.
///
/// Where the accounts may be listed but not the tree, their places stay unknown and [`Organization::unknown`] says so.
///
/// # Errors
/// Organizations refused or could not be reached.
pub async fn discover(session: &Session, detail: Detail) -> Result<Organization, DiscoverError> {
    let asker = Asker {
        session,
        at: Target { account: session.account().clone(), region: None },
        client: session.organizations(),
    };
    let described = asker.describe().await?;
    let answers = asker.accounts().await?;
    let mut unknown = vec![];
    let tree = match asker.tree(&answers).await {
        Ok(tree) => tree,
        Err(error) if matches!(error.class, Class::Denied(_)) => {
            unknown.push(format!("in which units the accounts are: {error}"));
            Tree::default()
        }
        Err(error) => return Err(error.into()),
    };
    let mut accounts = vec![];
    for (id, answer) in answers {
        let tags = if detail.tags { Some(asker.tags(&id).await?) } else { None };
        let (ou_path, ou_ids) = tree.place(&id, answer.paths());
        let name = answer.name().map(str::to_owned);
        let joined = answer.joined_timestamp().map(aws_sdk_organizations::primitives::DateTime::secs);
        accounts.push(Account { id, name, state: state(&answer), ou_path, ou_ids, tags, joined });
    }
    let management_account = described.master_account_id().and_then(|id| id.parse().ok());
    Ok(Organization {
        id: described.id().map(str::to_owned),
        management_account,
        partition: session.partition().clone(),
        arn: described.arn().map(str::to_owned),
        feature_set: described.feature_set().map(|set| set.as_str().to_owned()),
        accounts,
        units: tree.units(),
        unknown,
    })
}

/// Asks only which organization this is, and which account manages it: one call, which every member may make.
///
/// # Errors
/// Organizations refused or could not be reached, or the account is in no organization.
pub async fn identify(session: &Session) -> Result<(Option<String>, Option<AccountId>), DiscoverError> {
    let asker = Asker {
        session,
        at: Target { account: session.account().clone(), region: None },
        client: session.organizations(),
    };
    let described = asker.describe().await?;
    let management_account = described.master_account_id().and_then(|id| id.parse().ok());
    Ok((described.id, management_account))
}

/// `Status` was announced to go away; `State` says more, where it is sent.
pub(super) fn state(answer: &Answer) -> State {
    let of_status = || answer.status().map(|status| status.as_str().to_owned());
    answer.state().map(|state| state.as_str().to_owned()).or_else(of_status).map_or(State::Unreported, State::from)
}

fn id_of(answer: &Answer) -> Result<AccountId, Malformed> {
    answer.id().unwrap_or_default().parse()
}

struct Asker<'a> {
    session: &'a Session,
    at: Target,
    client: Client,
}

impl Asker<'_> {
    async fn describe(&self) -> Result<aws_sdk_organizations::types::Organization, ReadError> {
        let answer = self.session.ask(&self.at, &DESCRIBE, self.client.describe_organization().send()).await?;
        answer.organization.ok_or_else(|| self.broken(&DESCRIBE, "the answer has no organization"))
    }

    /// Every account, sorted by id. Pages may be empty and yet have a successor.
    async fn accounts(&self) -> Result<BTreeMap<AccountId, Answer>, ReadError> {
        let mut all = BTreeMap::new();
        let mut page = Page::First;
        while let Some(token) = page.token() {
            let sending = self.client.list_accounts().set_next_token(token).send();
            let answer = self.session.ask(&self.at, &ACCOUNTS, sending).await?;
            for account in answer.accounts.unwrap_or_default() {
                let id = id_of(&account).map_err(|odd| self.broken(&ACCOUNTS, &odd.to_string()))?;
                all.insert(id, account);
            }
            page = page.turn(answer.next_token).ok_or_else(|| self.broken(&ACCOUNTS, CIRCLE))?;
        }
        Ok(all)
    }

    /// The tree, walked one call after the other: Organizations throttles whoever hurries.
    async fn tree(&self, accounts: &BTreeMap<AccountId, Answer>) -> Result<Tree, ReadError> {
        let mut tree = Tree::default();
        let mut to_ask = vec![];
        for (id, _) in self.roots().await? {
            tree.units.insert(id.clone(), Unit { name: None, parent: None });
            to_ask.push(id);
        }
        // Where AWS says of every account where it is, nobody has to look for it.
        let placed = accounts.values().all(|account| !account.paths().is_empty());
        while let Some(parent) = to_ask.pop() {
            for (id, name) in self.units(&parent).await? {
                tree.units.insert(id.clone(), Unit { name: Some(name), parent: Some(parent.clone()) });
                to_ask.push(id);
            }
            if !placed {
                for account in self.children(&parent).await? {
                    tree.holds.insert(account, parent.clone());
                }
            }
        }
        Ok(tree)
    }

    async fn roots(&self) -> Result<Vec<(String, String)>, ReadError> {
        let mut all = vec![];
        let mut page = Page::First;
        while let Some(token) = page.token() {
            let sending = self.client.list_roots().set_next_token(token).send();
            let answer = self.session.ask(&self.at, &ROOTS, sending).await?;
            for root in answer.roots.unwrap_or_default() {
                let id = root.id.ok_or_else(|| self.broken(&ROOTS, "a root has no id"))?;
                all.push((id, root.name.unwrap_or_default()));
            }
            page = page.turn(answer.next_token).ok_or_else(|| self.broken(&ROOTS, CIRCLE))?;
        }
        Ok(all)
    }

    async fn units(&self, parent: &str) -> Result<Vec<(String, String)>, ReadError> {
        let mut all = vec![];
        let mut page = Page::First;
        while let Some(token) = page.token() {
            let request = self.client.list_organizational_units_for_parent().parent_id(parent);
            let answer = self.session.ask(&self.at, &UNITS, request.set_next_token(token).send()).await?;
            for unit in answer.organizational_units.unwrap_or_default() {
                let id = unit.id.ok_or_else(|| self.broken(&UNITS, "a unit has no id"))?;
                let name = unit.name.unwrap_or_else(|| id.clone());
                all.push((id, name));
            }
            page = page.turn(answer.next_token).ok_or_else(|| self.broken(&UNITS, CIRCLE))?;
        }
        Ok(all)
    }

    async fn children(&self, parent: &str) -> Result<Vec<AccountId>, ReadError> {
        let mut all = vec![];
        let mut page = Page::First;
        while let Some(token) = page.token() {
            let request = self.client.list_accounts_for_parent().parent_id(parent);
            let answer = self.session.ask(&self.at, &CHILDREN, request.set_next_token(token).send()).await?;
            for account in answer.accounts.unwrap_or_default() {
                all.push(id_of(&account).map_err(|odd| self.broken(&CHILDREN, &odd.to_string()))?);
            }
            page = page.turn(answer.next_token).ok_or_else(|| self.broken(&CHILDREN, CIRCLE))?;
        }
        Ok(all)
    }

    async fn tags(&self, account: &AccountId) -> Result<BTreeMap<String, String>, ReadError> {
        let mut all = BTreeMap::new();
        let mut page = Page::First;
        while let Some(token) = page.token() {
            let request = self.client.list_tags_for_resource().resource_id(account.as_str());
            let answer = self.session.ask(&self.at, &TAGS, request.set_next_token(token).send()).await?;
            all.extend(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
            page = page.turn(answer.next_token).ok_or_else(|| self.broken(&TAGS, CIRCLE))?;
        }
        Ok(all)
    }

    fn broken(&self, call: &Call, message: &str) -> ReadError {
        ReadError {
            at: self.at.clone(),
            action: call.action.to_owned(),
            class: Class::Failed,
            code: None,
            message: message.to_owned(),
            status: None,
            request_id: None,
        }
    }
}

/// The page to ask for. A page may be empty and yet have a successor: only the token tells.
enum Page {
    First,
    Next(String),
    None,
}

const CIRCLE: &str = "the pages go round in a circle";

impl Page {
    /// On to the next page; none where the same token came twice, which would go on for ever.
    fn turn(self, next: Option<String>) -> Option<Self> {
        match (self, next.filter(|token| !token.is_empty())) {
            (_, None) => Some(Self::None),
            (Self::Next(before), Some(next)) if before == next => None,
            (_, Some(next)) => Some(Self::Next(next)),
        }
    }

    /// The token to send; none: there is no page left.
    #[expect(clippy::option_option, reason = "no page, a page without a token and a page with one are three things")]
    fn token(&self) -> Option<Option<String>> {
        match self {
            Self::First => Some(None),
            Self::Next(token) => Some(Some(token.clone())),
            Self::None => None,
        }
    }
}
