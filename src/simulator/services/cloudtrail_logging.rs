//! Whether a trail records, and whether what it records arrives.

use super::cloudtrail::{change, place};
use super::{cloudtrail_logs as logs, cloudtrail_needs as needs};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};

pub(super) fn status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, trail) = place(call, "Name")?;
    let mut shown = json!({ "IsLogging": trail.logging });
    // A trail goes on saying that it records when nothing arrives any more; only the error tells.
    let error = trail.delivery_error.clone().or_else(|| needs::delivery(call.world, &place, &trail));
    let times = [
        ("StartLoggingTime", trail.started),
        ("StopLoggingTime", trail.stopped),
        ("LatestDeliveryTime", trail.started.filter(|_| error.is_none())),
    ];
    for (member, time) in times {
        if let Some(time) = time {
            shown[member] = json!(time);
        }
    }
    let digest = trail.digest_error.filter(|_| trail.validation);
    for (member, error) in
        [("LatestDeliveryError", error.filter(|_| trail.logging)), ("LatestDigestDeliveryError", digest)]
    {
        if let Some(error) = error {
            shown[member] = json!(error);
        }
    }
    logs::status(call.world, &place, &mut shown);
    Ok(shown)
}

pub(super) fn start(call: &mut Call<'_>) -> Result<Value, Fault> {
    change(call, "Name", |trail, now| {
        trail.logging = true;
        trail.started = Some(now);
    })?;
    Ok(json!({}))
}

pub(super) fn stop(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (place, _) = place(call, "Name")?;
    logs::deliver(call.world, &place);
    change(call, "Name", |trail, now| {
        trail.logging = false;
        trail.stopped = Some(now);
    })?;
    Ok(json!({}))
}
