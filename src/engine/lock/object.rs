//! A lock for everyone: an object in S3 that is written only under conditions.
//!
//! Its holder writes it again every while; who finds it silent for longer than the lease, by S3's clock, may take it
//! over. The holder stops well before that, by its own clock, when it cannot renew it.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Holder, Lock, NotTaken};
use crate::aws::{Found, Objects, Only, Written};
use crate::engine::stop::Stop;
use crate::observe::ReadError;

/// The format that is written and read.
const FORMAT: &str = "trueup.lock/1";

/// How long a holder may be silent before others take the lock over.
pub const LEASE: Duration = Duration::from_mins(3);

/// When a holder says that it lives, and when it no longer believes that it holds the lock.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// How often it renews the lock.
    pub renewal: Duration,
    /// How long it may have failed to, by its own clock, before it stops; well below [`LEASE`].
    pub patience: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { renewal: Duration::from_secs(20), patience: Duration::from_mins(2) }
    }
}

/// How often the race for a lock is run before somebody else has won it.
const ROUNDS: usize = 5;

/// What is in the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Body {
    format: String,
    #[serde(flatten)]
    holder: Holder,
    /// Nobody holds it any more.
    released: bool,
}

/// A lock in S3 that this run holds.
pub struct ObjectLock {
    shared: Arc<Shared>,
    renewing: tokio::task::AbortHandle,
}

struct Shared {
    objects: Objects,
    holder: Holder,
    stop: Arc<Stop>,
    rhythm: Rhythm,
    state: Mutex<State>,
}

struct State {
    etag: String,
    renewed: Instant,
    lost: Option<String>,
}

impl ObjectLock {
    /// Takes the lock, and renews it from then on. Where it is lost, or was not renewed for too long, `stop` is asked.
    ///
    /// # Errors
    /// Somebody has it, or S3 gave no answer.
    pub async fn take(objects: Objects, holder: Holder, stop: &Arc<Stop>, rhythm: Rhythm) -> Result<Self, NotTaken> {
        // Counted from before the write, so that it ends sooner than S3 thinks.
        let renewed = Instant::now();
        let etag = taken(&objects, &holder).await?;
        let state = Mutex::new(State { etag, renewed, lost: None });
        let shared = Arc::new(Shared { objects, holder, stop: Arc::clone(stop), rhythm, state });
        let renewing = tokio::spawn(renew_again_and_again(Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, renewing })
    }
}

async fn renew_again_and_again(shared: Arc<Shared>) {
    let Rhythm { renewal, .. } = shared.rhythm;
    loop {
        tokio::time::sleep(renewal).await;
        // A renewal that fails once is tried again; before a write it is renewed in any case.
        let since = Instant::now().checked_sub(renewal);
        if shared.renewed_since(since).await.is_err() && shared.state.lock().await.lost.is_some() {
            return;
        }
    }
}

/// The `ETag` of the lock that was taken.
async fn taken(objects: &Objects, holder: &Holder) -> Result<String, NotTaken> {
    let failed = |error: ReadError| NotTaken::Failed { place: objects.place().to_string(), why: error.to_string() };
    let body = body(holder, false);
    let mut seen = None;
    for _ in 0..ROUNDS {
        if let Written::Done(etag) = objects.put("", &body, Only::IfAbsent).await.map_err(failed)? {
            return Ok(etag);
        }
        let Some(found) = objects.get("").await.map_err(failed)? else { continue };
        let there = read(objects, &found)?;
        // The answer to our own write was lost.
        if there.holder == *holder && !there.released {
            return Ok(found.etag);
        }
        if !there.released && found.age.is_none_or(|age| age <= LEASE) {
            return Err(NotTaken::Held { holder: there.holder, silent: found.age });
        }
        if let Written::Done(etag) = objects.put("", &body, Only::IfStill(&found.etag)).await.map_err(failed)? {
            return Ok(etag);
        }
        seen = Some(there.holder);
    }
    Err(match seen {
        Some(holder) => NotTaken::Held { holder, silent: None },
        None => NotTaken::Failed { place: objects.place().to_string(), why: "it changes all the time".to_owned() },
    })
}

fn body(holder: &Holder, released: bool) -> Vec<u8> {
    let body = Body { format: FORMAT.to_owned(), holder: holder.clone(), released };
    serde_json::to_vec(&body).expect("plain data serializes")
}

fn read(objects: &Objects, found: &Found) -> Result<Body, NotTaken> {
    let failed = |why: String| NotTaken::Failed { place: objects.place().to_string(), why };
    let body: Body =
        serde_json::from_slice(&found.body).map_err(|error| failed(format!("what is there is no lock: {error}")))?;
    if body.format == FORMAT { Ok(body) } else { Err(failed(format!("it has the format {}", body.format))) }
}

impl Shared {
    /// Renews the lock, unless a renewal that did so began after this. Those who wait for it at the same time share one:
    /// the first of them begins it once the one before has ended, and that is after all of them have asked.
    async fn renewed_since(&self, since: Option<Instant>) -> Result<(), String> {
        let mut state = self.state.lock().await;
        if let Some(lost) = &state.lost {
            return Err(lost.clone());
        }
        if since.is_some_and(|since| state.renewed > since) {
            return Ok(());
        }
        let now = Instant::now();
        let written = self.objects.put("", &body(&self.holder, false), Only::IfStill(&state.etag)).await;
        match written {
            Ok(Written::Done(etag)) => {
                state.etag = etag;
                state.renewed = now;
                Ok(())
            }
            Ok(Written::NotSo) => self.after_a_doubt(&mut state, now).await,
            Err(error) => Err(self.not_renewed(&mut state, &error)),
        }
    }

    /// A renewal failed. Who could not renew the lock for long does not wait until somebody takes it over.
    fn not_renewed(&self, state: &mut State, error: &ReadError) -> String {
        let why = format!("the lock {} could not be renewed: {error}", self.objects.place());
        if state.renewed.elapsed() >= self.rhythm.patience {
            state.lost = Some(why.clone());
            self.stop.ask(why.clone());
        }
        why
    }

    /// The condition did not hold: the answer to a renewal was lost, or the lock is.
    async fn after_a_doubt(&self, state: &mut State, now: Instant) -> Result<(), String> {
        let place = self.objects.place();
        let found = match self.objects.get("").await {
            Ok(found) => found,
            Err(error) => return Err(self.not_renewed(state, &error)),
        };
        let there = found.as_ref().and_then(|found| serde_json::from_slice::<Body>(&found.body).ok());
        if let (Some(found), Some(there)) = (&found, &there)
            && there.holder == self.holder
            && !there.released
        {
            state.etag.clone_from(&found.etag);
            state.renewed = now;
            return Ok(());
        }
        let whose = match there {
            Some(there) if there.holder != self.holder => {
                format!("run {} by {} has it", there.holder.id, there.holder.caller)
            }
            _ => "somebody let it go".to_owned(),
        };
        let lost = format!("the lock {place} was lost: {whose}");
        state.lost = Some(lost.clone());
        self.stop.ask(lost.clone());
        Err(lost)
    }
}

impl Lock for ObjectLock {
    /// Waits for a renewal that begins after this was asked: an earlier one says nothing of a theft since.
    fn check(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async { self.shared.renewed_since(Some(Instant::now())).await })
    }

    fn release(&self) -> BoxFuture<'_, Result<(), String>> {
        self.renewing.abort();
        Box::pin(async {
            let Shared { objects, holder, state, .. } = &*self.shared;
            let state = state.lock().await;
            if state.lost.is_some() {
                return Ok(());
            }
            let written = objects.put("", &body(holder, true), Only::IfStill(&state.etag)).await;
            written.map(drop).map_err(|error| format!("the lock {} was not let go: {error}", objects.place()))
        })
    }
}

impl Drop for ObjectLock {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

/// Who holds a lock, and for how long it was silent; none where nobody does. It only looks.
///
/// # Errors
/// S3 gave no answer, or what is there is no lock.
pub async fn look(objects: &Objects) -> Result<Option<(Holder, Option<Duration>)>, NotTaken> {
    let failed = |why: String| NotTaken::Failed { place: objects.place().to_string(), why };
    let Some(found) = objects.get("").await.map_err(|error| failed(error.to_string()))? else { return Ok(None) };
    let there = read(objects, &found)?;
    Ok((!there.released).then_some((there.holder, found.age)))
}

/// Lets a lock go that another run holds, whose process is known to be dead.
///
/// # Errors
/// Nobody, or another run, holds it; or S3 gave no answer.
pub async fn unlock(objects: &Objects, id: &str) -> Result<Holder, NotTaken> {
    let failed = |why: String| NotTaken::Failed { place: objects.place().to_string(), why };
    let found = objects.get("").await.map_err(|error| failed(error.to_string()))?;
    let Some(found) = found else { return Err(failed("nobody holds it".to_owned())) };
    let there = read(objects, &found)?;
    if there.released {
        return Err(failed("nobody holds it".to_owned()));
    }
    if there.holder.id != id {
        return Err(NotTaken::Held { holder: there.holder, silent: found.age });
    }
    let written = objects.put("", &body(&there.holder, true), Only::IfStill(&found.etag)).await;
    match written.map_err(|error| failed(error.to_string()))? {
        Written::Done(_) => Ok(there.holder),
        Written::NotSo => Err(failed("it was written again in this moment: its holder lives".to_owned())),
    }
}
