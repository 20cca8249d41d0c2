//! How carefully a plan is carried out, as it can be typed.

use clap::Args;

use crate::baseline::{MaxFailures, OnError, WaveOf, pause};

/// How carefully a plan is carried out.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Rollout")]
pub struct Rollout {
    /// Accounts that come first and are verified before all others, in place of the baseline's: ou=/PATH, account=ID or
    /// tag=KEY[=VALUE]
    #[arg(long, value_delimiter = ',', value_name = "SELECTOR")]
    pub canary: Vec<WaveOf>,
    /// Waves that come then, in order, in place of the baseline's: selectors, size=N, or both joined by +
    #[arg(long, value_delimiter = ',', value_name = "SELECTOR[+…]")]
    pub waves: Vec<WaveOf>,
    /// What a failure means for changes not begun: they go on, those of its account are held, or all are
    #[arg(long, value_name = "continue|stop-account|stop")]
    pub on_error: Option<OnError>,
    /// Accounts in which something may fail, or their share; with one more, nothing new is begun
    #[arg(long, value_name = "N|N%")]
    pub max_failures: Option<MaxFailures>,
    /// Changes that may be written; a plan with more is refused
    #[arg(long, value_name = "N")]
    pub max_changes: Option<u32>,
    /// How long to wait between two waves, such as 10m
    #[arg(long, value_name = "TIME", value_parser = pause)]
    pub pause: Option<jiff::SignedDuration>,
    /// Write although the baseline says that nothing is written now; the journal keeps the reason
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub ignore_freeze: Option<String>,
}

fn reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("say why".to_owned()) } else { Ok(text.to_owned()) }
}
