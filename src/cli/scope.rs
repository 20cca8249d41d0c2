//! Which accounts are held to which baseline, and which controls of it.

use clap::Args;

use super::Reach;
use crate::target::AccountId;

/// Which accounts, regions and controls are meant.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub struct Select {
    /// Accounts, by id or by a pattern of their name
    #[arg(long, value_delimiter = ',', value_name = "ID|NAME")]
    pub account: Vec<String>,
    /// Organizational units with everything below, by path or id
    #[arg(long, value_delimiter = ',', value_name = "PATH|ID")]
    pub ou: Vec<String>,
    /// Accounts with a tag
    #[arg(long, value_delimiter = ',', value_name = "KEY[=VALUE]")]
    pub tag: Vec<String>,
    /// Accounts left out, by id or by a pattern of their name
    #[arg(long, value_delimiter = ',', value_name = "ID|NAME")]
    pub exclude_account: Vec<String>,
    /// Organizational units left out
    #[arg(long, value_delimiter = ',', value_name = "PATH|ID")]
    pub exclude_ou: Vec<String>,
    /// Accounts with a tag left out
    #[arg(long, value_delimiter = ',', value_name = "KEY[=VALUE]")]
    pub exclude_tag: Vec<String>,
    /// Regions, in place of those of the baseline; or `all`
    #[arg(long, value_delimiter = ',', value_name = "REGION")]
    pub regions: Vec<String>,
    /// Which controls.
    #[command(flatten)]
    pub which: Which,
}

/// Which controls are meant.
#[derive(Args, Clone, Debug, Default)]
pub struct Which {
    /// Controls, of those in the baseline
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub control: Vec<String>,
    /// Controls left out
    #[arg(long, value_delimiter = ',', value_name = "ID")]
    pub exclude_control: Vec<String>,
}

/// Where the baseline is.
#[derive(Args, Clone, Debug, Default)]
pub struct From {
    /// Baseline file, or the name of a shipped baseline [default: foundation]
    #[arg(long, short, value_name = "FILE|NAME")]
    pub baseline: Option<String>,
}

/// Which accounts are held to which baseline, and how they are reached.
#[derive(Args, Clone, Debug, Default)]
pub struct Scoped {
    /// Where the baseline is.
    #[command(flatten)]
    pub from: From,
    /// How AWS is reached.
    #[command(flatten)]
    pub reach: Reach,
    /// Which are meant.
    #[command(flatten)]
    pub select: Select,
}

impl Select {
    /// Whether anything was selected.
    #[must_use]
    pub fn any(&self) -> bool {
        let Self { account, ou, tag, exclude_account, exclude_ou, exclude_tag, regions, which } = self;
        let Which { control, exclude_control } = which;
        [account, ou, tag, exclude_account, exclude_ou, exclude_tag, regions, control, exclude_control]
            .iter()
            .any(|list| !list.is_empty())
    }

    /// The account ids that were typed as such.
    #[must_use]
    pub fn ids(&self) -> Vec<AccountId> {
        self.account.iter().filter_map(|text| text.parse().ok()).collect()
    }
}
