//! Which trail counts, and which one is mended. Pure; also decides what is worth reading at all.

use super::{Asked, Events, Facts, Part, Selectors, Status, Trail};
use crate::observe::kms::named::KeyState;
use crate::observe::{ReadError, Readable};
use crate::ownership::{self, Owner, Signs};

/// Whether a trail has one property that it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Met {
    /// It has.
    Yes,
    /// It has not; why, where that does not go without saying.
    No(Option<String>),
    /// That is not known yet, and will be; why.
    Later(String),
    /// That could not be read.
    Unknown(ReadError),
}

impl Met {
    fn when(met: bool) -> Self {
        if met { Self::Yes } else { Self::No(None) }
    }
}

impl Trail {
    /// Whether it has this property.
    #[must_use]
    pub fn met(&self, part: Part, asked: &Asked) -> Met {
        let facts = match &self.listed.facts {
            Ok(facts) => facts,
            Err(error) => return Met::Unknown(error.clone()),
        };
        match part {
            Part::MultiRegion => Met::when(facts.multi_region),
            Part::LogFileValidation => Met::when(facts.validation),
            Part::Logging => self.status.as_ref().map_or(Met::No(None), works),
            Part::ManagementEvents => self.logs_all_management_events(asked),
            Part::S3DataEventsWrite => self.logs_objects(Events::S3Writes, facts, asked),
            Part::S3DataEventsRead => self.logs_objects(Events::S3Reads, facts, asked),
            Part::Insights => self.has_insights(),
            Part::Kms => match (&facts.kms_key, &self.wanted_key) {
                (None, _) => Met::No(None),
                (Some(key), Some(wanted)) => encrypts(key, wanted, asked),
                (Some(_), None) => Met::Yes,
            },
            Part::CloudwatchLogs => match (&facts.log_group, &self.status) {
                (None, _) | (_, None) => Met::No(None),
                (Some(group), Some(status)) => arrives(group, status),
            },
        }
    }

    /// Whether it logs all management events, but for those of services that may be left out.
    fn logs_all_management_events(&self, asked: &Asked) -> Met {
        match &self.selectors {
            None => Met::Yes,
            Some(Readable::Unreadable(error)) => Met::Unknown(error.clone()),
            Some(Readable::Read(selectors)) => Met::when(selectors.log_management_events(&asked.excluded_sources)),
        }
    }

    /// Whether it logs such events of all objects, wherever their buckets are.
    fn logs_objects(&self, events: Events, facts: &Facts, asked: &Asked) -> Met {
        match &self.selectors {
            Some(Readable::Unreadable(error)) => Met::Unknown(error.clone()),
            Some(Readable::Read(selectors)) if selectors.log(events, self.listed.whole(asked)) => {
                if facts.multi_region { Met::Yes } else { Met::No(Some("it logs one region alone".to_owned())) }
            }
            // Where it has no selectors of its own they are AWS's, which log none.
            Some(Readable::Read(_)) | None => Met::No(None),
        }
    }

    /// Whether Insights looks at its management events, and it has some to look at.
    fn has_insights(&self) -> Met {
        match &self.insights {
            Some(Readable::Unreadable(error)) => return Met::Unknown(error.clone()),
            Some(Readable::Read(insights)) if insights.are_all() => {}
            Some(Readable::Read(_)) | None => return Met::No(None),
        }
        match &self.selectors {
            Some(Readable::Unreadable(error)) => Met::Unknown(error.clone()),
            Some(Readable::Read(selectors)) if !selectors.log_writes() => Met::No(Some(IDLE.to_owned())),
            Some(Readable::Read(_)) | None => Met::Yes,
        }
    }

    /// How many of the properties that are asked for it has.
    #[must_use]
    pub fn count(&self, asked: &Asked) -> usize {
        asked.parts.iter().filter(|part| self.met(**part, asked) == Met::Yes).count()
    }

    /// Whether it has all of them.
    #[must_use]
    pub fn meets_all(&self, asked: &Asked) -> bool {
        self.count(asked) == asked.parts.len()
    }

    /// Whether it may have all of them: nothing is known to be missing.
    #[must_use]
    pub fn may_meet_all(&self, asked: &Asked) -> bool {
        asked.parts.iter().all(|part| !matches!(self.met(*part, asked), Met::No(_)))
    }

    /// What decides between trails that meet as much: more is better.
    #[must_use]
    pub fn precedence(&self, asked: &Asked) -> (bool, bool, bool, std::cmp::Reverse<&str>) {
        let named = self.listed.name == asked.name;
        let tagged = self.is_ours();
        let multi_region = self.listed.facts.as_ref().is_ok_and(|facts| facts.multi_region);
        (named, tagged, multi_region, std::cmp::Reverse(&self.listed.name))
    }

    /// The tags that say who made it and who looks after it, as far as they were read.
    #[must_use]
    pub fn known_signs(&self) -> Option<&Signs> {
        self.signs.as_ref().and_then(|signs| signs.as_result().ok())
    }

    /// Why its tags could not be read, if they could not.
    fn unread_signs(&self) -> Option<&ReadError> {
        self.signs.as_ref().and_then(|signs| signs.as_result().err())
    }

    /// Why it is not known whether it logs management events, if it is not.
    fn unread_purpose(&self) -> Option<&ReadError> {
        let selectors = self.selectors.as_ref().and_then(|selectors| selectors.as_result().err());
        self.listed.facts.as_ref().err().or(selectors)
    }

    /// Whether it bears our tag.
    fn is_ours(&self) -> bool {
        self.known_signs().is_some_and(Signs::are_ours)
    }

    /// Who alone may change it, if not the account.
    fn owner(&self) -> Option<Owner> {
        ownership::control_tower(&self.listed.name, self.known_signs())
    }

    /// The ARN of the wanted key, where it is known.
    #[must_use]
    pub fn known_key(&self) -> Option<&KeyState> {
        self.wanted_key.as_ref().and_then(|key| key.as_result().ok()).and_then(Option::as_ref)
    }
}

/// Why Insights of a trail find nothing.
pub const IDLE: &str = "it logs no write management events, at which Insights looks";

fn works(status: &Readable<Status>) -> Met {
    match status {
        Readable::Unreadable(error) => Met::Unknown(error.clone()),
        Readable::Read(status) => match status.error() {
            Some(error) => Met::No(Some(format!("its files do not arrive: {error}"))),
            None => Met::when(status.logging),
        },
    }
}

/// Seconds within which something has to arrive in a log group: a day, by CIS.
const FRESH: i64 = 86_400;
/// Seconds within which something arrives once a trail is switched on: deliveries come some minutes apart.
const SOON: i64 = 3600;

fn arrives(group: &str, status: &Readable<Status>) -> Met {
    let status = match status {
        Readable::Unreadable(error) => return Met::Unknown(error.clone()),
        Readable::Read(status) => status,
    };
    let group = group.trim_end_matches(":*");
    let just_started = status.logging && status.started.is_some_and(|started| status.said - started < SOON);
    match (&status.logs_error, status.logs_delivered) {
        (Some(error), _) => Met::No(Some(format!("nothing arrives in {group}: {error}"))),
        (None, Some(last)) if status.said - last <= FRESH => Met::Yes,
        (None, _) if just_started => {
            Met::Later(format!("nothing has arrived in {group} since the trail was switched on, minutes ago"))
        }
        (None, Some(last)) => Met::No(Some(format!("nothing has arrived in {group} since {}", date(last)))),
        (None, None) if status.logging => {
            Met::Later(format!("nothing has arrived in {group} yet; the first delivery takes minutes"))
        }
        (None, None) => Met::No(Some(format!("nothing has arrived in {group}, and the trail is not logging"))),
    }
}

fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| "long ago".to_owned(), |time| time.to_string())
}

fn encrypts(key: &str, wanted: &Readable<Option<KeyState>>, asked: &Asked) -> Met {
    let wanted = match wanted {
        Readable::Unreadable(error) => return Met::Unknown(error.clone()),
        Readable::Read(wanted) => wanted.as_ref(),
    };
    // Some who speak CloudTrail's protocol answer a key as it was named, and not by its ARN.
    let named = asked.any_key || asked.kms_key.as_deref() == Some(key);
    let same = wanted.is_some_and(|wanted| wanted.arn == key || wanted.arn.ends_with(&format!(":key/{key}")));
    match wanted {
        Some(wanted) if (named || same) && wanted.enabled => Met::Yes,
        Some(wanted) if named || same => Met::No(Some(format!("its key is not enabled but {}", wanted.state))),
        None if named => Met::No(Some(format!("the key {key} does not exist"))),
        _ => Met::No(Some("it encrypts with another key".to_owned())),
    }
}

/// What happens to the trails of an account that do not meet all that is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<'a> {
    /// This one is mended.
    Mend(&'a Trail),
    /// The baseline names this one, which is somebody else's to change.
    Owned(&'a Trail, Owner),
    /// None may be mended: one of ours is made.
    Make,
    /// It cannot be told, because this could not be read.
    Unclear(&'a ReadError),
}

/// Which of these trails is mended: the one that the baseline names, else the best of those that bear our tag, else,
/// if the baseline says so, the best that logs management events. What is Control Tower's is never mended, and neither
/// is a trail of somebody else whose tags could not be read: it may be. None is made while one that may be mended could
/// not be read.
#[must_use]
pub fn choose<'a>(trails: &'a [Trail], asked: &Asked) -> Choice<'a> {
    let best =
        |found: Vec<&'a Trail>| found.into_iter().max_by_key(|trail| (trail.count(asked), trail.precedence(asked)));
    let named = best(trails.iter().filter(|trail| trail.listed.name == asked.name).collect());
    if let Some((trail, owner)) = named.and_then(|trail| Some((trail, trail.owner()?))) {
        return Choice::Owned(trail, owner);
    }
    let ours_to_change = || trails.iter().filter(|trail| trail.owner().is_none());
    let tagged = || best(ours_to_change().filter(|trail| trail.is_ours()).collect());
    let logs =
        |trail: &&Trail| trail.listed.facts.is_ok() && trail.logs_management_events() && trail.unread_signs().is_none();
    let others = || best(ours_to_change().filter(|_| asked.mend).filter(logs).collect());
    let Some(chosen) = named.or_else(tagged).or_else(others) else {
        let unknown = || ours_to_change().filter(|_| asked.mend).find_map(Trail::unread_purpose);
        let unread = ours_to_change().find_map(Trail::unread_signs).or_else(unknown);
        return unread.map_or(Choice::Make, Choice::Unclear);
    };
    match &chosen.listed.facts {
        Err(error) => Choice::Unclear(error),
        Ok(_) => Choice::Mend(chosen),
    }
}

impl Trail {
    fn logs_management_events(&self) -> bool {
        match &self.selectors {
            None => true,
            Some(Readable::Unreadable(_)) => false,
            Some(Readable::Read(Selectors::Basic(basic))) => basic.is_empty() || basic.iter().any(|one| one.management),
            Some(Readable::Read(Selectors::Advanced(advanced))) => {
                advanced.iter().any(super::AdvancedSelector::logs_management_events)
            }
        }
    }
}

/// The trail whose verdicts are the account's, of those that `judged` counts: the fewest that drift, then the most
/// that are met. One that may meet everything, but could not be read in full, goes before one that does not.
#[must_use]
pub fn best_known<'a>(
    trails: impl IntoIterator<Item = &'a Trail>,
    asked: &Asked,
    drifts: impl Fn(&Trail, Part) -> bool,
) -> Option<&'a Trail> {
    let drifting = |trail: &Trail| {
        asked.parts.iter().filter(|part| is_no(&trail.met(**part, asked)) && drifts(trail, **part)).count()
    };
    let key = |trail: &&'a Trail| (std::cmp::Reverse(drifting(trail)), trail.count(asked), trail.precedence(asked));
    trails.into_iter().max_by_key(key)
}

fn is_no(met: &Met) -> bool {
    matches!(met, Met::No(_))
}
