//! What trueup does to AWS Config.

mod channel;
mod recorder;
mod retention;

pub use channel::PutDeliveryChannel;
pub(super) use channel::{PUT_CHANNEL, put_channel};
pub(super) use recorder::{PUT_RECORDER, put_recorder};
pub use recorder::{PutConfigurationRecorder, StartConfigurationRecorder};
pub use retention::PutRetentionConfiguration;
pub(super) use retention::{PUT_RETENTION, put_retention};

use super::{Writer, anywhere};
use crate::target::{Partition, Region, Target};

/// The client for the region of what is written.
pub(super) fn client(writer: &Writer) -> aws_sdk_config::Client {
    writer.session.config_service(writer.at.region.as_ref().unwrap_or(writer.session.home_region()))
}

/// The recorders of a region, whose ids are not known beforehand. AWS knows no resource for channels and retention.
pub(super) fn resources(action: &str, at: &Target, partition: &Partition) -> Vec<String> {
    if !action.ends_with("ConfigurationRecorder") {
        return anywhere();
    }
    let region = at.region.as_ref().map_or("*", Region::as_str);
    vec![format!("arn:{partition}:config:{region}:{}:configuration-recorder/*", at.account)]
}
