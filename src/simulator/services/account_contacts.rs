//! Whom AWS writes to: the contacts of an account.

use super::account::{known, subject};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};

fn absent(what: &str) -> Fault {
    Fault::new(404, "ResourceNotFoundException", format!("No {what} found for the inputs provided."))
}

fn kind(call: &Call<'_>) -> Result<String, Fault> {
    call.need("AlternateContactType").map(str::to_owned)
}

pub(super) fn get_alternate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (subject, kind) = (subject(call)?, kind(call)?);
    match known(call.world, &subject)?.contacts.get(&kind) {
        Some(contact) => Ok(json!({ "AlternateContact": contact })),
        None => Err(absent("contact of the inputted alternate contact type")),
    }
}

pub(super) fn put_alternate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (subject, kind) = (subject(call)?, kind(call)?);
    let mut contact = json!({ "AlternateContactType": kind });
    for member in ["Name", "Title", "EmailAddress", "PhoneNumber"] {
        contact[member] = json!(call.need(member)?);
    }
    known(call.world, &subject)?.contacts.insert(kind, contact);
    Ok(json!({}))
}

pub(super) fn delete_alternate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (subject, kind) = (subject(call)?, kind(call)?);
    match known(call.world, &subject)?.contacts.remove(&kind) {
        Some(_) => Ok(json!({})),
        None => Err(absent("contact of the inputted alternate contact type")),
    }
}

pub(super) fn get_primary(call: &mut Call<'_>) -> Result<Value, Fault> {
    let subject = subject(call)?;
    match &known(call.world, &subject)?.primary_contact {
        Some(contact) => Ok(json!({ "ContactInformation": contact })),
        None => Err(absent("contact information")),
    }
}

/// The whole is replaced: what is not sent is gone.
pub(super) fn put_primary(call: &mut Call<'_>) -> Result<Value, Fault> {
    let subject = subject(call)?;
    let contact = call.input["ContactInformation"].clone();
    known(call.world, &subject)?.primary_contact = Some(contact);
    Ok(json!({}))
}
