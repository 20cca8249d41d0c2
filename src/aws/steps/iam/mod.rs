//! What trueup does to IAM.

mod account;
mod password_policy;
mod role_policies;
mod root_user;
mod service_role;
mod users;

pub(super) use account::{ATTACH_ROLE, CREATE_ALIAS, DETACH_ROLE, group_arn, role_arn};
pub use account::{
    AttachRolePolicy, CreateAccountAlias, CreateRole, DeleteServerCertificate, DetachGroupPolicy, TakeRolePolicy,
};
pub use password_policy::UpdateAccountPasswordPolicy;
pub(super) use password_policy::{UPDATE, send};
pub use role_policies::PutRolePolicy;
pub(super) use role_policies::{PUT_ROLE_POLICY, role_policy};
pub use root_user::DeleteRootAccessKeys;
pub use service_role::CreateServiceLinkedRole;
pub use users::{DeactivateAccessKey, DeleteLoginProfile, DeleteUserPolicy, DetachUserPolicy, Who};
pub(super) use users::{UPDATE_KEY, send_status};
