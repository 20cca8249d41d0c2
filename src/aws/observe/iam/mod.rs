//! What is read of IAM.

mod alias;
mod central_root;
mod certificates;
mod csv;
mod details;
mod devices;
mod entities;
mod federation;
mod live;
mod password_policy;
mod passwords;
mod report;
mod role;
mod root;
mod simulation;
mod summary;
mod support;
mod tags;
mod users;

pub use alias::Alias;
pub use central_root::CentralRoot;
pub use certificates::{Certificate, Certificates};
pub use details::{Details, Inline, InlineAdmin, Managed, UserPolicies};
pub use devices::VirtualDevices;
pub use entities::Entities;
pub use federation::{Federation, SamlProviders};
pub use live::{AccessKey, AccessKeys, HasMfa, LoginProfile, SignIn};
pub use password_policy::{Fate, PasswordPolicy};
pub use passwords::{Asked as PasswordsAsked, Dated, Passwords};
pub use report::{Credentials, Key, Report};
pub use role::{Role, RoleExists, RoleKey, RoleState};
pub use root::{Asked as RootAsked, RootUser, Use};
pub use simulation::{SIMULATE, simulated};
pub use summary::Summary;
pub use support::{SUPPORT_ACCESS, Support, Trust, Trusting};
pub use users::{Asked as UsersAsked, MfaOf, Password, User, Users};

pub(crate) use alias::{LIST_ALIASES, look_at_alias};
pub(crate) use details::decoded;
pub(crate) use live::{LIST_KEYS, list_keys};
pub(crate) use password_policy::{GET, look};
pub(crate) use role::GET_ROLE_POLICY;
pub(super) use tags::{CertificateTags, PolicyTags};
