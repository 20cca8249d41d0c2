//! What trueup does to Account Management.

use serde::{Deserialize, Serialize};

use super::undo::account::{DeleteAlternateContact, RestoreAlternateContact, RestoreContactInformation};
use super::{Atom, Step, Undo, Writer};
use crate::observe::account::{Contact, ContactInformation, Kind};
use crate::observe::{Call, ReadError};
use crate::target::{Partition, Target};

pub(super) const PUT_ALTERNATE: Call =
    Call { service: "Account", operation: "PutAlternateContact", action: "account:PutAlternateContact" };
pub(super) const PUT_PRIMARY: Call =
    Call { service: "Account", operation: "PutContactInformation", action: "account:PutContactInformation" };

/// The account itself, as Account Management names it.
pub(super) fn arn(at: &Target, partition: &Partition) -> Vec<String> {
    vec![format!("arn:{partition}:account::{}:account", at.account)]
}

/// Registers an alternate contact, in place of the one that may be there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutAlternateContact {
    /// What it is written to about.
    pub kind: Kind,
    /// The contact afterwards.
    pub contact: Contact,
    /// The contact it replaces.
    pub before: Option<Contact>,
}

/// Sends a whole alternate contact.
pub(super) async fn send_alternate(
    writer: &Writer,
    kind: Kind,
    contact: &Contact,
    undo: Undo,
) -> Result<(), ReadError> {
    let request = writer
        .session
        .account_management()
        .put_alternate_contact()
        .alternate_contact_type(kind.sdk())
        .name(&contact.name)
        .title(&contact.title)
        .email_address(&contact.email)
        .phone_number(&contact.phone);
    writer.write(&writer.at, &PUT_ALTERNATE, undo, request.send()).await
}

impl Atom for PutAlternateContact {
    const CALLS: &'static [Call] = &[PUT_ALTERNATE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (kind, set) = (self.kind, self.contact.clone());
        let back = match self.before.clone() {
            Some(before) => Step::RestoreAlternateContact(RestoreAlternateContact { kind, set, before }),
            None => Step::DeleteAlternateContact(DeleteAlternateContact { kind, set }),
        };
        send_alternate(writer, kind, &self.contact, Undo::by(back)).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(at, partition)
    }

    fn says(&self) -> String {
        format!("PutAlternateContact of {}: {} <{}>", self.kind, self.contact.name, self.contact.email)
    }

    fn part(&self) -> Option<&str> {
        Some(self.kind.name())
    }

    fn undo(&self) -> String {
        match self.before {
            Some(_) => format!("PutAlternateContact of {} with the former contact", self.kind),
            None => format!("DeleteAlternateContact of {}", self.kind),
        }
    }
}

/// Sets the primary contact.
///
/// [PutContactInformation](https://docs.aws.amazon.com/accounts/latest/reference/API_PutContactInformation.html)
/// replaces the whole, so everything that must stay is sent with what changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutContactInformation {
    /// The contact afterwards.
    pub contact: ContactInformation,
    /// The contact it replaces.
    pub before: Option<ContactInformation>,
}

/// Sends a whole primary contact.
pub(super) async fn send_primary(writer: &Writer, contact: &ContactInformation, undo: Undo) -> Result<(), ReadError> {
    let sent = aws_sdk_account::types::ContactInformation::builder()
        .set_full_name(contact.full_name.clone())
        .set_company_name(contact.company_name.clone())
        .set_address_line1(contact.address_line_1.clone())
        .set_address_line2(contact.address_line_2.clone())
        .set_address_line3(contact.address_line_3.clone())
        .set_city(contact.city.clone())
        .set_state_or_region(contact.state_or_region.clone())
        .set_district_or_county(contact.district_or_county.clone())
        .set_postal_code(contact.postal_code.clone())
        .set_country_code(contact.country_code.clone())
        .set_phone_number(contact.phone_number.clone())
        .set_website_url(contact.website_url.clone())
        .build();
    let sent = sent.map_err(|error| incomplete(&writer.at, error.to_string()))?;
    let request = writer.session.account_management().put_contact_information().contact_information(sent);
    writer.write(&writer.at, &PUT_PRIMARY, undo, request.send()).await
}

/// A contact that lacks what AWS asks for: a plan has none such, and a file that was changed by hand may.
fn incomplete(at: &Target, message: String) -> ReadError {
    ReadError {
        at: at.clone(),
        action: PUT_PRIMARY.action.to_owned(),
        class: crate::observe::Class::NotSent,
        code: None,
        message,
        status: None,
        request_id: None,
    }
}

impl Atom for PutContactInformation {
    const CALLS: &'static [Call] = &[PUT_PRIMARY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let undo = match self.before.clone() {
            Some(before) => Undo::by(Step::RestoreContactInformation(RestoreContactInformation {
                set: self.contact.clone(),
                before,
            })),
            None => Undo::Never(NEVER.to_owned()),
        };
        send_primary(writer, &self.contact, undo).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        arn(at, partition)
    }

    fn says(&self) -> String {
        "PutContactInformation with the former values and what has to change".to_owned()
    }

    fn undo(&self) -> String {
        match self.before {
            Some(_) => "PutContactInformation with the former values".to_owned(),
            None => NEVER.to_owned(),
        }
    }
}

const NEVER: &str = "by no call: AWS lets a primary contact be changed, and not be taken away";
