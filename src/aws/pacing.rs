//! How fast AWS is asked: as fast as it answers, and slower where it says so.
//!
//! There is a lane per account, region and service. A lane has no limit until AWS throttles it; then the gap between
//! two calls doubles with every throttle and shrinks with every answer, until the limit is gone. So a throttled
//! account slows nobody else. What many accounts ask as one caller (`AssumeRole`, Organizations) shares the lane of
//! that caller.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::target::{AccountId, Region};

/// What was sent to one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests sent, retries among them.
    pub calls: u64,
    /// Answers that said to slow down.
    pub throttles: u64,
    /// Requests that were sent again.
    pub retries: u64,
}

/// What was sent so far, by the SDK's service id.
pub type Traffic = BTreeMap<&'static str, Tally>;

/// Whom a throttle slows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lane {
    /// The account whose session asks; none: the caller itself, before its account is known.
    pub(super) account: Option<AccountId>,
    /// The region that is asked.
    pub(super) region: Region,
    /// The SDK's service id.
    pub(super) service: &'static str,
}

/// The lanes of the process, and how much is in flight over all of them.
#[derive(Debug)]
pub(super) struct Pacing {
    in_flight: Semaphore,
    first_gap: Duration,
    lanes: Mutex<HashMap<Lane, Pace>>,
    traffic: Mutex<Traffic>,
}

impl Pacing {
    /// At most `cap` calls in flight; the first throttle of a lane opens this gap between its calls.
    pub(super) fn new(cap: usize, first_gap: Duration) -> Self {
        Self {
            in_flight: Semaphore::new(cap.clamp(1, Semaphore::MAX_PERMITS)),
            first_gap,
            lanes: Mutex::default(),
            traffic: Mutex::default(),
        }
    }

    /// Waits until this lane may send. The permit is held until the answer is there.
    pub(super) async fn turn(&self, lane: &Lane) -> Option<SemaphorePermit<'_>> {
        self.pause(lane).await;
        // It is never closed, so there is always a permit in the end.
        self.in_flight.acquire().await.ok()
    }

    /// Waits as long as a throttled lane has to.
    pub(super) async fn pause(&self, lane: &Lane) {
        let wait = open(&self.lanes).get_mut(lane).map(|pace| pace.reserve(Instant::now()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            tokio::time::sleep(wait).await;
        }
    }

    /// A request leaves.
    pub(super) fn sent(&self, service: &'static str, again: bool) {
        let mut traffic = open(&self.traffic);
        let tally = traffic.entry(service).or_default();
        tally.calls += 1;
        tally.retries += u64::from(again);
    }

    /// AWS said to slow down.
    pub(super) fn throttled(&self, lane: &Lane) {
        open(&self.traffic).entry(lane.service).or_default().throttles += 1;
        let now = Instant::now();
        open(&self.lanes).entry(lane.clone()).or_insert_with(|| Pace::new(now)).slower(now, self.first_gap);
    }

    /// AWS answered.
    pub(super) fn answered(&self, lane: &Lane) {
        let mut lanes = open(&self.lanes);
        if lanes.get_mut(lane).is_some_and(|pace| pace.faster(self.first_gap)) {
            lanes.remove(lane);
        }
    }

    /// What was sent so far.
    pub(super) fn traffic(&self) -> Traffic {
        open(&self.traffic).clone()
    }
}

/// No invariant spans these maps, so what a panicking thread left in them is still good.
fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many times the first gap a gap may grow to: from a tenth of a second to five.
const LONGEST: u32 = 50;

/// The pace of one throttled lane.
#[derive(Debug)]
struct Pace {
    gap: Duration,
    next: Instant,
    slowed: Option<Instant>,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self { gap: Duration::ZERO, next: now, slowed: None }
    }

    /// Takes the next place in the line, and says how long it is until then.
    fn reserve(&mut self, now: Instant) -> Duration {
        let at = self.next.max(now);
        self.next = at + self.gap;
        at.duration_since(now)
    }

    /// Doubles the gap; once for all throttles of calls that were in flight together.
    fn slower(&mut self, now: Instant, first: Duration) {
        if self.slowed.is_some_and(|then| now < then + self.gap) {
            return;
        }
        self.gap = (self.gap * 2).clamp(first, first * LONGEST);
        self.next = self.next.max(now + self.gap);
        self.slowed = Some(now);
    }

    /// Takes a fifth off the gap; says whether so little is left that there need be none. So a lane in which every
    /// fifth call is throttled, whatever the pace, gets faster and not slower.
    fn faster(&mut self, first: Duration) -> bool {
        self.gap = self.gap * 4 / 5;
        self.gap < first / 2
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const FIRST: Duration = Duration::from_millis(100);

    #[test]
    fn the_gap_doubles_with_every_throttle_and_has_a_bound() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut gaps = vec![];
        for n in 0..10 {
            pace.slower(start + Duration::from_secs(10 * n), FIRST);
            gaps.push(pace.gap);
        }
        assert_eq!(gaps[..3], [FIRST, FIRST * 2, FIRST * 4]);
        assert_eq!(gaps[9], FIRST * LONGEST);
    }

    #[test]
    fn throttles_of_calls_in_flight_together_count_once() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.slower(now, FIRST);
        pace.slower(now + FIRST / 2, FIRST);
        assert_eq!(pace.gap, FIRST);
    }

    #[test]
    fn a_lane_in_which_every_fifth_call_is_throttled_does_not_come_to_a_halt() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        let mut widest = Duration::ZERO;
        for _ in 0..100 {
            now += Duration::from_secs(10);
            pace.slower(now, FIRST);
            widest = widest.max(pace.gap);
            for _ in 0..4 {
                pace.faster(FIRST);
            }
        }
        assert!(widest <= FIRST * 2, "{widest:?}");
    }

    #[test]
    fn calls_of_a_throttled_lane_go_one_gap_apart() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        pace.slower(now, FIRST);
        assert_eq!([pace.reserve(now), pace.reserve(now), pace.reserve(now)], [FIRST, FIRST * 2, FIRST * 3]);
    }

    #[test]
    fn answers_take_the_limit_away_again() {
        let pacing = Pacing::new(4, FIRST);
        let lane = lane("111122223333");
        pacing.throttled(&lane);
        for _ in 0..7 {
            pacing.answered(&lane);
        }
        assert!(open(&pacing.lanes).is_empty());
    }

    #[tokio::test]
    async fn a_throttled_account_does_not_slow_another() {
        let pacing = Pacing::new(4, FIRST * LONGEST);
        let (slowed, other) = (lane("111122223333"), lane("444455556666"));
        pacing.throttled(&slowed);
        assert!(pacing.turn(&other).now_or_never().is_some(), "the other account goes at once");
        assert!(pacing.turn(&slowed).now_or_never().is_none(), "the throttled account waits");
        assert_eq!(pacing.traffic()["IAM"].throttles, 1);
    }

    fn lane(account: &str) -> Lane {
        Lane {
            account: Some(account.parse().expect("an id")),
            region: "eu-west-1".parse().expect("a region"),
            service: "IAM",
        }
    }
}
