//! Times in which nothing is written: once, or week after week.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};

use super::fields::{self, Fields, Spanned, parsed};
use super::mistake::{Mistake, shown};
use super::node::Node;
use super::parse::Parser;

/// A time in which nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// From when on.
    pub from: Edge,
    /// When it is over.
    pub until: Edge,
    /// By which clock, where it comes every week; none: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Why.
    pub reason: String,
}

/// Where a freeze begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Edge {
    /// At this moment.
    Once(Timestamp),
    /// At this time of every week.
    Weekly(WeekTime),
}

/// A time of the week, by some clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekTime {
    weekday: Weekday,
    time: Time,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl WeekTime {
    /// Seconds since the week began, on Monday at midnight.
    fn second(self) -> i64 {
        let days = i64::from(self.weekday.to_monday_zero_offset());
        let (hour, minute, second) = (self.time.hour(), self.time.minute(), self.time.second());
        ((days * 24 + i64::from(hour)) * 60 + i64::from(minute)) * 60 + i64::from(second)
    }

    fn of(now: &Zoned) -> Self {
        Self { weekday: now.weekday(), time: now.time() }
    }
}

impl FromStr for WeekTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = text.split_once(' ').and_then(|(day, time)| {
            let (_, weekday) = WEEKDAYS.iter().find(|(name, _)| *name == day)?;
            let time = (time.len() == 5).then(|| Time::strptime("%H:%M", time).ok()).flatten()?;
            Some(Self { weekday: *weekday, time })
        });
        found.ok_or_else(|| format!("`{}` is not a time of the week such as fri 18:00", shown(text)))
    }
}

impl fmt::Display for WeekTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = WEEKDAYS.iter().find(|(_, weekday)| *weekday == self.weekday).map_or("", |(name, _)| *name);
        write!(f, "{day} {:02}:{:02}", self.time.hour(), self.time.minute())
    }
}

impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Once(at) => at.fmt(f),
            Self::Weekly(at) => at.fmt(f),
        }
    }
}

impl TryFrom<String> for Edge {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let once = text.parse().ok().map(Self::Once);
        once.map_or_else(|| text.parse().map(Self::Weekly), Ok)
    }
}

impl From<Edge> for String {
    fn from(edge: Edge) -> Self {
        edge.to_string()
    }
}

impl Freeze {
    /// Whether nothing is written at this moment. Where the clock that it goes by is not known here, nothing ever is.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        match (self.from, self.until) {
            (Edge::Once(from), Edge::Once(until)) => from <= at && at < until,
            (Edge::Weekly(from), Edge::Weekly(until)) => {
                let Ok(clock) = self.clock() else { return true };
                let now = WeekTime::of(&at.to_zoned(clock)).second();
                let (from, until) = (from.second(), until.second());
                if from < until { from <= now && now < until } else { from <= now || now < until }
            }
            // No baseline says so.
            (Edge::Once(_), Edge::Weekly(_)) | (Edge::Weekly(_), Edge::Once(_)) => true,
        }
    }

    fn clock(&self) -> Result<TimeZone, jiff::Error> {
        self.time_zone.as_deref().map_or(Ok(TimeZone::UTC), TimeZone::get)
    }
}

impl fmt::Display for Freeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until, time_zone, reason } = self;
        match from {
            Edge::Once(_) => write!(f, "frozen from {from} until {until}: {reason}"),
            Edge::Weekly(_) => {
                let clock = time_zone.as_deref().unwrap_or("UTC");
                write!(f, "frozen every week from {from} until {until} ({clock}): {reason}")
            }
        }
    }
}

/// A moment, a day, which begins and ends at midnight UTC, or a time of the week.
enum Moment {
    At(Timestamp),
    Day(Date),
    Weekly(WeekTime),
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = (text.len() == 10).then(|| text.parse().ok().map(Self::Day)).flatten();
        let found = day.or_else(|| text.parse().ok().map(Self::At)).or_else(|| text.parse().ok().map(Self::Weekly));
        found.ok_or_else(|| {
            format!(
                "`{}` is neither a day such as 2027-03-31, nor a time such as 2027-03-31T18:00:00Z, nor one of the week \
                 such as fri 18:00",
                shown(text)
            )
        })
    }
}

impl Moment {
    fn begins(&self) -> Option<Edge> {
        Some(match self {
            Self::At(at) => Edge::Once(*at),
            Self::Day(day) => Edge::Once(day.to_zoned(TimeZone::UTC).ok()?.timestamp()),
            Self::Weekly(at) => Edge::Weekly(*at),
        })
    }

    fn ends(&self) -> Option<Edge> {
        match self {
            Self::Day(day) => Self::Day(day.tomorrow().ok()?).begins(),
            other => other.begins(),
        }
    }
}

/// The name of a clock: of a place, as the time zone database has it, or UTC.
struct Clock(String);

impl FromStr for Clock {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = TimeZone::get(text).is_ok();
        let unknown = || format!("there is no time zone `{}`: write it as Europe/Berlin or UTC", shown(text));
        if known { Ok(Self(text.to_owned())) } else { Err(unknown()) }
    }
}

impl Parser<'_> {
    pub(super) fn freezes(&mut self, node: &Node) -> Vec<Freeze> {
        fields::items(node, "freeze", self.mistakes).iter().filter_map(|item| self.freeze(item)).collect()
    }

    fn freeze(&mut self, node: &Node) -> Option<Freeze> {
        let fields = Fields::of(node, "a freeze", &["from", "until", "time_zone", "reason"], self.mistakes)?;
        let mut moment = |name: &str| -> Option<Spanned<Moment>> {
            let node = fields.require(name, "the freeze", self.mistakes)?;
            parsed(node, name, self.mistakes)
        };
        let (from, until) = (moment("from"), moment("until"));
        let reason = fields.require("reason", "the freeze", self.mistakes);
        let reason = reason.and_then(|node| fields::text(node, "reason", self.mistakes));
        let clock: Option<Spanned<Clock>> =
            fields.get("time_zone").and_then(|node| parsed(node, "time_zone", self.mistakes));
        let (from, until) = (from?, until?);
        let edges = (from.value.begins()?, until.value.ends()?);
        let wrong = match edges {
            (Edge::Once(begins), Edge::Once(ends)) => (begins >= ends).then_some("the freeze is over before it begins"),
            (Edge::Weekly(begins), Edge::Weekly(ends)) => {
                (begins == ends).then_some("the freeze is over when it begins")
            }
            _ => Some("the freeze begins every week and ends once, or the other way round"),
        };
        if let Some(words) = wrong {
            self.mistakes.push(Mistake::at(&until.span, words).also(&from.span, "it begins here"));
        }
        if let (Edge::Once(_), Some(clock)) = (edges.0, &clock) {
            let mistake = Mistake::at(&clock.span, "`time_zone` is for a freeze of every week");
            self.mistakes.push(mistake.suggest("write the times with their offset, such as 2027-03-31T18:00:00+02:00"));
        }
        let time_zone = clock.map(|clock| clock.value.0);
        Some(Freeze { from: edges.0, until: edges.1, time_zone, reason: reason?.value })
    }
}
