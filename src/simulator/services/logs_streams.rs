//! What is in log groups: streams of events. Of the events only their times and their size are kept.

use super::cloudtrail;
use super::logs::{fault, group, invalid, listed};
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};

/// A log stream; times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stream {
    /// When it was made.
    pub created: i64,
    /// The time of its first event.
    pub first: Option<i64>,
    /// The time of its last event.
    pub last: Option<i64>,
    /// When the last events came in.
    pub ingested: Option<i64>,
    /// How much came in.
    pub bytes: i64,
}

impl Stream {
    /// Takes an event of this size.
    pub(crate) fn take(&mut self, at: i64, now: i64, bytes: usize) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        self.ingested = Some(now);
        self.bytes += i64::try_from(bytes).unwrap_or(i64::MAX);
    }
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, created) = (call.need("logStreamName")?.to_owned(), call.now() * 1000);
    if name.contains([':', '*']) {
        return Err(invalid(format!("Value '{name}' at 'logStreamName' has a colon or an asterisk.")));
    }
    let streams = &mut group(call)?.streams;
    if streams.contains_key(&name) {
        return Err(fault("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    streams.insert(name, Stream { created, ..Stream::default() });
    Ok(json!({}))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, now) = (call.need("logStreamName")?.to_owned(), call.now() * 1000);
    let text = |event: &Value| event["message"].as_str().unwrap_or_default().len();
    let events: Vec<(i64, usize)> = call
        .list("logEvents")
        .iter()
        .map(|event| (event["timestamp"].as_i64().unwrap_or_default(), text(event)))
        .collect();
    let absent = || fault("ResourceNotFoundException", "The specified log stream does not exist.");
    let stream = group(call)?.streams.get_mut(&name).ok_or_else(absent)?;
    for (at, bytes) in events {
        // Each event costs 26 bytes besides its text.
        stream.take(at, now, bytes + 26);
    }
    Ok(json!({}))
}

pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arns = call.arn(&format!("log-group:{}:log-stream:", call.text("logGroupName").unwrap_or_default()));
    let prefix = call.text("logStreamNamePrefix").map(str::to_owned);
    let by_time = call.text("orderBy") == Some("LastEventTime");
    if by_time && prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let descending = call.flag("descending") == Some(true);
    cloudtrail::deliver_all(call.world, call.account, call.region);
    let streams = group(call)?.streams.clone();
    let mut such: Vec<(String, Stream)> =
        streams.into_iter().filter(|(name, _)| prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))).collect();
    if by_time {
        such.sort_by_key(|(_, stream)| stream.last);
    }
    if descending {
        such.reverse();
    }
    let all = such.into_iter().map(|(name, stream)| described(&arns, &name, &stream)).collect();
    listed(call, "logStreams", all)
}

fn described(arns: &str, name: &str, stream: &Stream) -> Value {
    let mut shown = json!({"logStreamName": name, "creationTime": stream.created, "arn": format!("{arns}{name}")});
    // The size of a stream is not told any more, only that of its group.
    shown["storedBytes"] = json!(0);
    for (member, time) in [
        ("firstEventTimestamp", stream.first),
        ("lastEventTimestamp", stream.last),
        ("lastIngestionTime", stream.ingested),
    ] {
        if let Some(time) = time {
            shown[member] = json!(time);
        }
    }
    shown
}
