//! Who may set a value, when it is not the account itself: from observed facts to the owner. Pure.
//!
//! Every sign by which an owner, or a tool that would set a value back, is known stands here: names and tags of Control
//! Tower, tags of what makes objects, the types of an organization's policies. Controls ask here and nowhere else.

mod signs;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use signs::{MANAGED, Signs, control_tower, is_control_towers};

use crate::target::{AccountId, Region};

/// Who may set a value. The account itself has no variant: where there is no owner, the account mends what drifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The account that keeps the organization's trail.
    OrganizationTrail {
        /// That account.
        account: AccountId,
        /// The name of the trail.
        trail: String,
    },
    /// The account that administers a service for others.
    Administrator {
        /// The service.
        service: Service,
        /// The account.
        account: AccountId,
        /// The region in which it does; none: everywhere.
        region: Option<Region>,
    },
    /// Policies of the organization.
    Policy {
        /// Their type.
        kind: PolicyType,
        /// Those that reach the account, as far as that is known, each by its name and id.
        policies: Vec<String>,
    },
    /// A policy of the organization of a type that this version does not know, as AWS calls it.
    OtherPolicy(String),
    /// A service of AWS that has the object for itself, by its principal.
    Service(String),
    /// A service of AWS that runs something for the account, by its principal.
    Operator(String),
    /// Control Tower, with the sign by which it is known.
    ControlTower(String),
}

/// A service that one account administers for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// AWS Config.
    Config,
    /// IAM Access Analyzer.
    AccessAnalyzer,
    /// `GuardDuty`.
    GuardDuty,
    /// Security Hub.
    SecurityHub,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "IAM Access Analyzer",
            Self::Config => "AWS Config",
            Self::GuardDuty => "GuardDuty",
            Self::SecurityHub => "Security Hub",
        }
    }

    /// What the administrator does for a member.
    fn mend(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => {
                "hold it to this baseline as well, or make an analyzer of type ORGANIZATION there (CreateAnalyzer)"
            }
            Self::Config => "hold it to this baseline as well: its bucket has to let AWS Config in",
            Self::GuardDuty => {
                "make this account a member (CreateMembers, or auto-enable for all accounts), and set what its detector \
                 does (UpdateMemberDetectors, and the frequency at the administrator's own detector: both are planned \
                 where `admin_account` names that account and it is selected)"
            }
            Self::SecurityHub => {
                "change the configuration policy that this account has (UpdateConfigurationPolicy), or let it manage itself"
            }
        }
    }
}

/// A type of policy by which an organization sets values in its accounts. Policies that only allow or deny are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PolicyType {
    /// Attributes of EC2 in every region.
    #[serde(rename = "DECLARATIVE_POLICY_EC2")]
    Ec2,
    /// Detectors and what they watch.
    #[serde(rename = "GUARDDUTY_POLICY")]
    GuardDuty,
    /// What Inspector scans.
    #[serde(rename = "INSPECTOR_POLICY")]
    Inspector,
    /// The public access block of the account.
    #[serde(rename = "S3_POLICY")]
    S3,
    /// Where Security Hub is on.
    #[serde(rename = "SECURITYHUB_POLICY")]
    SecurityHub,
    /// The standards and controls of Security Hub CSPM.
    #[serde(rename = "SECURITYHUB_CSPM_POLICY")]
    SecurityHubCspm,
}

impl PolicyType {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Ec2, Self::GuardDuty, Self::Inspector, Self::S3, Self::SecurityHub, Self::SecurityHubCspm];

    /// What AWS calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ec2 => "DECLARATIVE_POLICY_EC2",
            Self::GuardDuty => "GUARDDUTY_POLICY",
            Self::Inspector => "INSPECTOR_POLICY",
            Self::S3 => "S3_POLICY",
            Self::SecurityHub => "SECURITYHUB_POLICY",
            Self::SecurityHubCspm => "SECURITYHUB_CSPM_POLICY",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Owner {
    /// A policy of the organization of the type that AWS names; `policies` are those that reach the account.
    #[must_use]
    pub fn policy(kind: &str, policies: &[String]) -> Self {
        match PolicyType::of(kind) {
            Some(kind) => Self::Policy { kind, policies: policies.to_vec() },
            None => Self::OtherPolicy(kind.to_owned()),
        }
    }

    /// What to do there, so that the value is as wanted.
    #[must_use]
    pub fn mend(&self) -> String {
        const POLICIES: &str = "in the management account, or where its policies are delegated to";
        match self {
            Self::OrganizationTrail { account, .. } => {
                format!("in account {account}: mend the organization's trail, or select that account as well")
            }
            Self::Administrator { service, account, region } => {
                let region = region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
                format!("in account {account}{region}: {}", service.mend())
            }
            Self::Policy { kind, .. } => format!(
                "{POLICIES}: change the {} that holds for this account (DescribeEffectivePolicy shows it)",
                kind.name()
            ),
            Self::OtherPolicy(kind) => format!("{POLICIES}: change the {kind} that holds for this account"),
            Self::Service(principal) => {
                format!("in {principal}: let it record what is wanted, or take `linked_to` out and have a recorder of your own")
            }
            Self::Operator(service) => format!("in {service}: change what it runs there, or how it launches"),
            Self::ControlTower(_) => {
                "in Control Tower: change the settings of the landing zone, or name something of your own in the baseline"
                    .to_owned()
            }
        }
    }
}

/// The owner in words, with the id by which it is found.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrganizationTrail { account, trail } => {
                write!(f, "the organization's trail {trail} of account {account}")
            }
            Self::Administrator { service, account, .. } => {
                write!(f, "the {} administrator account {account}", service.name())
            }
            Self::Policy { kind, policies } if policies.is_empty() => {
                write!(f, "a policy of the organization ({})", kind.name())
            }
            Self::Policy { kind, policies } => {
                let many = if policies.len() == 1 { "the policy" } else { "the policies" };
                write!(f, "{many} {} of the organization ({})", policies.join(", "), kind.name())
            }
            Self::OtherPolicy(kind) => write!(f, "a policy of the organization ({kind})"),
            Self::Service(principal) => write!(f, "the service {principal}"),
            Self::Operator(service) => write!(f, "the service {service}, which runs it"),
            Self::ControlTower(sign) => write!(f, "Control Tower ({sign})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: &str = "444455556666";

    fn id(text: &str) -> AccountId {
        text.parse().expect("an id")
    }

    fn every_owner() -> Vec<Owner> {
        let account = || id(ADMIN);
        let administrator = |service| Owner::Administrator { service, account: account(), region: None };
        let policies = PolicyType::ALL.map(|kind| Owner::Policy { kind, policies: vec!["acme (p-1)".to_owned()] });
        let trail = Owner::OrganizationTrail { account: account(), trail: "acme".to_owned() };
        let tower = Owner::ControlTower("by its name".to_owned());
        let other = Owner::OtherPolicy("NEW_POLICY".to_owned());
        let administrators =
            [Service::AccessAnalyzer, Service::Config, Service::GuardDuty, Service::SecurityHub].map(administrator);
        [trail, tower, other, Owner::Service("securityhub.amazonaws.com".to_owned())]
            .into_iter()
            .chain(administrators)
            .chain(policies)
            .collect()
    }

    #[test]
    fn every_owner_has_a_name_of_its_own_and_says_what_to_do_there() {
        let all = every_owner();
        let names: std::collections::BTreeSet<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), all.len(), "{names:#?}");
        for owner in all {
            let (name, mend) = (owner.to_string(), owner.mend());
            assert!(mend.starts_with("in "), "{name}: {mend}");
            assert!(!mend.ends_with('.') && !name.ends_with('.'), "{name}: {mend}");
        }
    }

    #[test]
    fn an_administrator_is_named_with_the_region_in_which_it_is_one() {
        let region = "eu-west-1".parse().ok();
        let owner = Owner::Administrator { service: Service::GuardDuty, account: id(ADMIN), region };
        assert_eq!(owner.to_string(), "the GuardDuty administrator account 444455556666");
        assert!(owner.mend().starts_with("in account 444455556666 in eu-west-1: make this account a member"));
    }

    #[test]
    fn policies_are_named_where_they_are_known_and_by_aws_s_word_where_their_type_is_new() {
        let two = ["base (p-1)".to_owned(), "more (p-2)".to_owned()];
        for (owner, name) in [
            (Owner::policy("S3_POLICY", &[]), "a policy of the organization (S3_POLICY)"),
            (Owner::policy("S3_POLICY", &two[..1]), "the policy base (p-1) of the organization (S3_POLICY)"),
            (Owner::policy("S3_POLICY", &two), "the policies base (p-1), more (p-2) of the organization (S3_POLICY)"),
            (Owner::policy("SOMETHING_NEW", &two), "a policy of the organization (SOMETHING_NEW)"),
        ] {
            assert_eq!(owner.to_string(), name);
        }
    }

    #[test]
    fn a_type_of_policy_is_kept_by_the_name_that_aws_gives_it() {
        for kind in PolicyType::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a name"), kind.name());
            assert_eq!(PolicyType::of(kind.name()), Some(kind));
        }
    }
}
