//! For how long a region keeps what it recorded.

use serde::{Deserialize, Serialize};

use super::{client, resources};
use crate::observe::config::{DESCRIBE_RETENTION, call, retention};
use crate::observe::{Call, ReadError};
use crate::steps::undo::config::RestoreRetentionConfiguration;
use crate::steps::{Atom, Step, Undo, Writer};
use crate::target::{Partition, Target};

pub(in crate::steps) const PUT_RETENTION: Call = call("PutRetentionConfiguration", "config:PutRetentionConfiguration");

/// Sends for how many days items are kept.
pub(in crate::steps) async fn put_retention(writer: &Writer, days: u32, undo: Undo) -> Result<(), ReadError> {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    let asked = client(writer).put_retention_configuration().retention_period_in_days(days);
    writer.write(&writer.at, &PUT_RETENTION, undo, asked.send()).await
}

/// Keeps items for longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PutRetentionConfiguration {
    /// For how many days.
    pub days: u32,
}

impl Atom for PutRetentionConfiguration {
    const CALLS: &'static [Call] = &[DESCRIBE_RETENTION, PUT_RETENTION];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        // Where nothing is set, items are kept for as long as AWS can.
        let Some((_, before)) = retention(&writer.session, &writer.at).await? else { return Ok(()) };
        if before >= self.days {
            return Ok(());
        }
        let back = RestoreRetentionConfiguration { set: self.days, before };
        put_retention(writer, self.days, Undo::by(Step::RestoreRetentionConfiguration(back))).await
    }

    fn resources(&self, action: &str, at: &Target, partition: &Partition) -> Vec<String> {
        resources(action, at, partition)
    }

    fn says(&self) -> String {
        format!("PutRetentionConfiguration: {} days", self.days)
    }

    fn undo(&self) -> String {
        "PutRetentionConfiguration with the former days".to_owned()
    }
}
