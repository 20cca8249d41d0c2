//! What is read of EC2: what an account sets for all of a region, and its networks.

pub mod acls;
pub mod ebs;
pub mod groups;
pub mod instances;
pub mod interfaces;
pub mod launched;
pub mod prefix_lists;
pub mod rule;
pub mod sharing;
#[cfg(test)]
mod tests;
pub mod vpcs;

use crate::Session;
use crate::ec2::{Answer, Ec2, Element, Missing, Request};
use crate::observe::organizations::Governing;
use crate::observe::{Call, ReadError, Readable, Reader};
use crate::ownership::{PolicyType, Signs};
use crate::target::Target;

pub(crate) const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "EC2", operation, action }
}

/// The client for the region of a target.
pub(crate) fn client(session: &Session, at: &Target) -> Ec2 {
    session.ec2(at.region.as_ref().unwrap_or(session.home_region()))
}

/// Asks what takes no parameters.
async fn ask(session: &Session, at: &Target, call: &Call) -> Result<Answer, ReadError> {
    session.ask(at, call, client(session, at).request(call.operation).send()).await
}

/// How many elements of a list are asked for at once: the most that EC2 gives.
const PAGE: u32 = 1000;

/// Every element of a list, page by page; `told` adds to each request what it asks for.
async fn list(
    session: &Session,
    at: &Target,
    call: &Call,
    set: &str,
    told: impl Fn(Request) -> Request,
) -> Result<Vec<Element>, ReadError> {
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = told(client(session, at).request(call.operation)).with_some("NextToken", next);
        let page = session.ask(at, call, asked.send()).await?;
        // A list that is empty is there all the same: what lacks it is not the answer.
        if page.child(set).is_none() {
            return Err(ReadError::senseless(at, call, Missing(set.to_owned())));
        }
        found.extend(page.items(set).cloned());
        next = page.text("nextToken").map(str::to_owned);
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// What the tags of an element say of who made it and who would set it back.
fn signs(element: &Element) -> Signs {
    Signs::of(tags(element).map(|(key, value)| (key, value.unwrap_or_default())))
}

/// The tags of an element.
fn tags(element: &Element) -> impl Iterator<Item = (&str, Option<&str>)> {
    element.items("tagSet").filter_map(|tag| Some((tag.text("key")?, tag.text("value"))))
}

/// What an answer has to have.
fn known<T>(at: &Target, call: &Call, found: Result<T, Missing>) -> Result<T, ReadError> {
    found.map_err(|missing| ReadError::senseless(at, call, missing))
}

/// The declarative policies that reach the account, by name and id, where one sets what was read: EC2 says that there is
/// one, and not which. None: nobody sets it but the account.
async fn policies(reader: &Reader, declared: bool) -> Option<Readable<Vec<String>>> {
    if !declared {
        return None;
    }
    let governing = reader.of::<Governing>(&PolicyType::Ec2).await;
    Some(governing.map(|found| found.0.as_ref().map(|one| one.policies.clone()).unwrap_or_default()).into())
}

/// Whether a declarative policy of the organization sets what an answer is about.
fn declared(answer: &Element) -> bool {
    answer.text("managedBy") == Some("declarative-policy")
}
