//! Whom AWS writes to about an account.

use std::fmt;

use aws_sdk_account::types::AlternateContactType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::Target;
use crate::{Absent, Session};

/// What an alternate contact is written to about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Security.
    Security,
    /// Billing.
    Billing,
    /// Operations.
    Operations,
}

impl Kind {
    /// All of them, in the order of the pages.
    pub const ALL: [Self; 3] = [Self::Security, Self::Billing, Self::Operations];

    /// Its name in a baseline.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Billing => "billing",
            Self::Operations => "operations",
        }
    }

    pub(crate) fn sdk(self) -> AlternateContactType {
        match self {
            Self::Security => AlternateContactType::Security,
            Self::Billing => AlternateContactType::Billing,
            Self::Operations => AlternateContactType::Operations,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An alternate contact as
/// [GetAlternateContact](https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html) answers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who it is.
    pub name: String,
    /// Their title.
    pub title: String,
    /// Their address.
    pub email: String,
    /// Their telephone number.
    pub phone: String,
}

/// One alternate contact; none: there is no contact of the kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContact(pub Option<Contact>);

/// The call that reads an alternate contact.
pub(crate) const GET_ALTERNATE: Call =
    Call { service: "Account", operation: "GetAlternateContact", action: "account:GetAlternateContact" };
/// The call that reads the primary contact.
pub(crate) const GET_PRIMARY: Call =
    Call { service: "Account", operation: "GetContactInformation", action: "account:GetContactInformation" };

impl Observe for AlternateContact {
    const NAME: &'static str = "account.alternate_contact";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_ALTERNATE];
    type Key = Kind;

    async fn observe(reader: &Reader, kind: &Kind) -> Result<Self, ReadError> {
        look_at_alternate(reader.session()?, reader.at(), *kind).await.map(Self)
    }
}

/// The alternate contact of a kind. The account asks about itself: the management account may not name itself, and a
/// member that names itself is refused.
pub(crate) async fn look_at_alternate(
    session: &Session,
    at: &Target,
    kind: Kind,
) -> Result<Option<Contact>, ReadError> {
    let asked = session.account_management().get_alternate_contact().alternate_contact_type(kind.sdk());
    let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
    let answer = session.ask(at, &GET_ALTERNATE, sending).await?;
    let text = |text: Option<String>| text.unwrap_or_default();
    Ok(answer.and_then(|answer| answer.alternate_contact).map(|contact| Contact {
        name: text(contact.name),
        title: text(contact.title),
        email: text(contact.email_address),
        phone: text(contact.phone_number),
    }))
}

/// Alternate contacts by kind: those that are asked for, and no other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contacts(pub Vec<(Kind, Readable<Option<Contact>>)>);

impl Observe for Contacts {
    const NAME: &'static str = "account.contacts";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Vec<Kind>;

    async fn observe(reader: &Reader, kinds: &Vec<Kind>) -> Result<Self, ReadError> {
        let read = kinds.iter().map(|kind| async move {
            let contact = reader.of::<AlternateContact>(kind).await;
            (*kind, contact.map(|contact| contact.0.clone()).into())
        });
        Ok(Self(futures::future::join_all(read).await))
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<AlternateContact>()]
    }
}

/// The primary contact, as
/// [GetContactInformation](https://docs.aws.amazon.com/accounts/latest/reference/API_GetContactInformation.html)
/// answers it, or what a baseline asks of it: what is none there is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct ContactInformation {
    /// The full name, at most 50 characters.
    #[schemars(length(min = 1, max = 50))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// The company, at most 50 characters.
    #[schemars(length(min = 1, max = 50))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// The first line of the address, at most 60 characters.
    #[schemars(length(min = 1, max = 60))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line_1: Option<String>,
    /// The second line of the address, at most 60 characters.
    #[schemars(length(min = 1, max = 60))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line_2: Option<String>,
    /// The third line of the address, at most 60 characters.
    #[schemars(length(min = 1, max = 60))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line_3: Option<String>,
    /// The city, at most 50 characters.
    #[schemars(length(min = 1, max = 50))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The state or region, at most 50 characters. Some countries need it.
    #[schemars(length(min = 1, max = 50))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_or_region: Option<String>,
    /// The district or county, at most 50 characters. Some countries need it.
    #[schemars(length(min = 1, max = 50))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_or_county: Option<String>,
    /// The postal code, at most 20 characters.
    #[schemars(length(min = 1, max = 20))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country, by its two letters in ISO 3166.
    #[schemars(length(min = 2, max = 2))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// The telephone number, with the code of its country, at most 20 characters.
    #[schemars(length(min = 1, max = 20))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The web site, at most 256 characters.
    #[schemars(length(min = 1, max = 256))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_url: Option<String>,
}

impl ContactInformation {
    /// Its fields, each with its name in a baseline.
    pub fn fields(&self) -> [(&'static str, &Option<String>); 12] {
        [
            ("full_name", &self.full_name),
            ("company_name", &self.company_name),
            ("address_line_1", &self.address_line_1),
            ("address_line_2", &self.address_line_2),
            ("address_line_3", &self.address_line_3),
            ("city", &self.city),
            ("state_or_region", &self.state_or_region),
            ("district_or_county", &self.district_or_county),
            ("postal_code", &self.postal_code),
            ("country_code", &self.country_code),
            ("phone_number", &self.phone_number),
            ("website_url", &self.website_url),
        ]
    }

    fn fields_mut(&mut self) -> [&mut Option<String>; 12] {
        [
            &mut self.full_name,
            &mut self.company_name,
            &mut self.address_line_1,
            &mut self.address_line_2,
            &mut self.address_line_3,
            &mut self.city,
            &mut self.state_or_region,
            &mut self.district_or_county,
            &mut self.postal_code,
            &mut self.country_code,
            &mut self.phone_number,
            &mut self.website_url,
        ]
    }

    /// The same with what is asked in its place.
    #[must_use]
    pub fn with(&self, asked: &Self) -> Self {
        let mut both = self.clone();
        for (field, (_, asked)) in both.fields_mut().into_iter().zip(asked.fields()) {
            if asked.is_some() {
                field.clone_from(asked);
            }
        }
        both
    }

    /// The same, as far as it is asked.
    #[must_use]
    pub fn as_far_as(&self, asked: &Self) -> Self {
        let mut part = self.clone();
        for (field, (_, asked)) in part.fields_mut().into_iter().zip(asked.fields()) {
            if asked.is_none() {
                *field = None;
            }
        }
        part
    }

    /// The names of the fields that AWS wants to be sent and that are not here.
    pub fn lacks(&self) -> impl Iterator<Item = &'static str> {
        const NEEDED: [&str; 6] =
            ["full_name", "address_line_1", "city", "postal_code", "country_code", "phone_number"];
        let missing = |(name, field): &(&'static str, &Option<String>)| field.is_none() && NEEDED.contains(name);
        self.fields().into_iter().filter(missing).map(|(name, _)| name)
    }
}

impl Observe for Option<ContactInformation> {
    const NAME: &'static str = "account.contact_information";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_PRIMARY];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        look_at_primary(reader.session()?, reader.at()).await
    }
}

/// The primary contact.
pub(crate) async fn look_at_primary(session: &Session, at: &Target) -> Result<Option<ContactInformation>, ReadError> {
    let asked = session.account_management().get_contact_information();
    let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
    let answer = session.ask(at, &GET_PRIMARY, sending).await?;
    let sent = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(answer.and_then(|answer| answer.contact_information).map(|contact| ContactInformation {
        full_name: sent(contact.full_name),
        company_name: contact.company_name,
        address_line_1: sent(contact.address_line1),
        address_line_2: contact.address_line2,
        address_line_3: contact.address_line3,
        city: sent(contact.city),
        state_or_region: contact.state_or_region,
        district_or_county: contact.district_or_county,
        postal_code: sent(contact.postal_code),
        country_code: sent(contact.country_code),
        phone_number: sent(contact.phone_number),
        website_url: contact.website_url,
    }))
}
