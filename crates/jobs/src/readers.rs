//! Takes the readers along the journal.
//!
//! Readers that stand at one place go on together: what is there is read and parsed once, and their effects and cursors
//! are one commit. When that fails each goes alone, and who fails then is tried again later: it holds up nobody, and goes
//! with the others again when it has caught up.

use std::{sync::Arc, time::Duration};

use keeptrail_clock::{Clock, Timestamp};
use keeptrail_journal::{Anchor, Entry, Ledger};
use tokio::sync::watch;

use crate::{
    JobError, JobState, JobStatus, Parsed, Reader,
    cursor::{CURSORS, place},
    status::back_off,
};

/// At most so many entries are read at once …
const BATCH: usize = 1024;
/// … and so many bytes of records.
const BATCH_BYTES: usize = 8 << 20;

/// All readers.
pub(crate) struct Readers {
    ledger: Ledger,
    clock: Clock,
    pause: Duration,
    stop: watch::Receiver<bool>,
    following: Vec<Following>,
}

/// A reader on its way.
struct Following {
    reader: Arc<dyn Reader>,
    status: watch::Sender<JobStatus>,
    at: Place,
    failures: u32,
    /// After a failure: not before this time.
    due: Option<Timestamp>,
}

/// Where a reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// To be looked up.
    Unknown,
    /// It has never read.
    New,
    /// After this entry.
    After(u64),
}

impl Place {
    fn seq(self) -> Option<u64> {
        match self {
            Self::Unknown => None,
            Self::New => Some(0),
            Self::After(seq) => Some(seq),
        }
    }
}

/// What there was to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    Some,
    /// As much as is read at once, so there may be more.
    Much,
}

impl Readers {
    pub(crate) fn new(ledger: Ledger, clock: Clock, pause: Duration, stop: watch::Receiver<bool>) -> Self {
        Self { ledger, clock, pause, stop, following: Vec::new() }
    }

    /// Adds a reader, whose status is shown there.
    pub(crate) fn add(&mut self, reader: Arc<dyn Reader>, status: watch::Sender<JobStatus>) {
        self.following.push(Following { reader, status, at: Place::Unknown, failures: 0, due: None });
    }

    /// Follows the journal until told to stop.
    pub(crate) async fn run(mut self) {
        let mut head = self.ledger.journal().subscribe();
        while !*self.stop.borrow() {
            head.mark_unchanged();
            let found = self.round().await;
            let due = match found {
                Found::Much => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Found::Some if self.pause.is_zero() => continue,
                Found::Some => Some(keeptrail_clock::after(self.clock.now(), self.pause)),
                Found::Nothing => self.following.iter().filter_map(|following| following.due).min(),
            };
            let until = async {
                match due {
                    Some(due) => self.clock.sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let more = async {
                // While entries gather, more of them are no news.
                if found == Found::Some || head.changed().await.is_err() {
                    std::future::pending().await
                }
            };
            tokio::select! {
                () = until => {}
                () = more => {}
                stopped = self.stop.changed() => if stopped.is_err() { return },
            }
        }
    }

    /// Takes every reader that is not backing off one batch further, the hindmost first: no further than to the next one's
    /// place, from where they go together.
    async fn round(&mut self) -> Found {
        let now = self.clock.now();
        for following in self.following.iter_mut().filter(|following| following.due.is_some_and(|due| due <= now)) {
            following.due = None;
            following.status.send_modify(|status| status.due = None);
        }
        self.look_up().await;
        let (mut found, mut next) = (Found::Nothing, self.next(None));
        while let Some(at) = next {
            found = found.max(self.advance(at).await);
            next = self.next(Some(at));
        }
        found
    }

    /// The nearest place after `passed` where readers stand.
    fn next(&self, passed: Option<u64>) -> Option<u64> {
        let places = self.following.iter().filter_map(Following::ready);
        places.filter(|at| passed.is_none_or(|passed| *at > passed)).min()
    }

    async fn look_up(&mut self) {
        let unknown = |following: &&mut Following| following.due.is_none() && following.at == Place::Unknown;
        for following in self.following.iter_mut().filter(unknown) {
            match place(&self.ledger.begin(), following.reader.name()).await {
                Ok(at) => following.stand(at.map_or(Place::New, |at| Place::After(at.seq))),
                Err(error) => following.fail(&self.clock, &error.into()),
            }
        }
    }

    /// Takes the readers that stand after the entry `at` one batch further.
    async fn advance(&mut self, at: u64) -> Found {
        let limit = self.next(Some(at)).map_or(BATCH, |next| BATCH.min(usize::try_from(next - at).unwrap_or(BATCH)));
        let (ledger, clock) = (&self.ledger, &self.clock);
        let mut here: Vec<_> = self.following.iter_mut().filter(|following| following.ready() == Some(at)).collect();
        let entries = match ledger.journal().read(at, limit, BATCH_BYTES).await {
            Ok(entries) => entries,
            Err(error) => {
                let error = JobError::from(error);
                here.iter_mut().for_each(|following| following.fail(clock, &error));
                return Found::Nothing;
            }
        };
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            here.iter_mut().for_each(|following| following.rest());
            return Found::Nothing;
        };
        here.iter().for_each(|following| following.set(JobState::Busy));
        let records = Parsed::all(&entries);
        match apply(ledger, &here, &records, last.anchor()).await {
            Ok(()) => here.iter_mut().for_each(|following| following.passed(ledger, first, last)),
            Err(JobError::Conflict) => {}
            Err(error) if here.len() == 1 => here.iter_mut().for_each(|following| following.fail(clock, &error)),
            Err(_) => {
                for following in &mut here {
                    match apply(ledger, std::slice::from_ref(following), &records, last.anchor()).await {
                        Ok(()) => following.passed(ledger, first, last),
                        Err(JobError::Conflict) => {}
                        Err(error) => following.fail(clock, &error),
                    }
                }
            }
        }
        if entries.len() >= limit { Found::Much } else { Found::Some }
    }
}

/// Commits the effects of `records` for these readers, and their cursors.
async fn apply(
    ledger: &Ledger,
    readers: &[&mut Following],
    records: &[Parsed<'_>],
    to: Anchor,
) -> Result<(), JobError> {
    let tx = ledger.begin();
    for Following { reader, .. } in readers.iter().map(|following| &**following) {
        reader.apply(&tx, records).await?;
        CURSORS.put(&tx, &[reader.name()], &to.into())?;
    }
    Ok(ledger.commit(tx).await?)
}

impl Following {
    /// Its place, if it is to go on now.
    fn ready(&self) -> Option<u64> {
        self.at.seq().filter(|_| self.due.is_none())
    }

    fn set(&self, state: JobState) {
        self.status.send_modify(|status| status.state = state);
    }

    fn stand(&mut self, at: Place) {
        self.at = at;
        self.status.send_modify(|status| status.cursor = at.seq());
    }

    /// It has read all there is.
    fn rest(&mut self) {
        self.failures = 0;
        self.status.send_modify(JobStatus::rest);
    }

    /// Its effects of the entries from `first` to `last` are durable.
    fn passed(&mut self, ledger: &Ledger, first: &Entry, last: &Entry) {
        let name = self.reader.name();
        match self.at {
            Place::After(at) if first.seq > at + 1 => ledger.journal().missed(name, at + 1, first.seq - 1),
            Place::New if first.seq > 1 => {
                tracing::info!(reader = name, first = first.seq, "a new reader begins with what is kept");
            }
            _ => {}
        }
        self.failures = 0;
        self.stand(Place::After(last.seq));
        metrics::gauge!("keeptrail_reader_cursor", "reader" => name).set(exact(last.seq));
    }

    /// It is tried again later, from where its cursor stands then.
    fn fail(&mut self, clock: &Clock, error: &JobError) {
        self.at = Place::Unknown;
        if !matches!(error, JobError::Conflict) {
            self.due = Some(back_off(&self.status, clock, &mut self.failures, error));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; sequence numbers stay far below 2^52")]
fn exact(seq: u64) -> f64 {
    seq as f64
}
