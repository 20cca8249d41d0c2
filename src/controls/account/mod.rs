//! Controls of Account Management.

mod contact;
mod primary_contact;

pub use contact::Contact;
pub use primary_contact::PrimaryContact;
