//! What is read of Account Management.

mod contacts;
mod regions;

pub use contacts::{AlternateContact, Contact, ContactInformation, Contacts, Kind};
pub use regions::Regions;

pub(crate) use contacts::{GET_ALTERNATE, GET_PRIMARY, look_at_alternate, look_at_primary};
