//! Brings the outbox's rows into the journal, and clears them when they are durable there.
//!
//! Exactly once over a crash: the store remembers an *anchor*, a place of the journal before which no row that is left
//! was appended. At start every row that is left is looked for after the anchor. So an anchor may never pass a row that
//! is not cleared with it: every change takes a ticket with the journal's head before its records can get there.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use keeptrail_clock::{Clock, Timestamp, after};
use keeptrail_store::{OutboxRow, Store};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{Anchor, CommitError, Journal, JournalError, Pending, Record, ledger::ANCHOR, leftover::appended};

/// So many records of changes may wait for the journal; then changes are refused, too.
const BACKLOG: usize = 16 * 1024;
/// Rows are cleared when so many are durable …
const CLEAR_ROWS: usize = 512;
/// … or the first of them has been for so long.
const CLEAR_AFTER: Duration = Duration::from_secs(1);
/// The anchor follows the head at least so often, also without changes: a start need not look further back.
const ANCHOR_EVERY: Duration = Duration::from_secs(10);
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// How far the records of a change have come.
pub(crate) enum Progress {
    Queued(Pending),
    Refused(JournalError),
}

impl From<Result<Pending, JournalError>> for Progress {
    fn from(pending: Result<Pending, JournalError>) -> Self {
        pending.map_or_else(Self::Refused, Self::Queued)
    }
}

/// A committed change whose records are to be in the journal.
pub(crate) struct Handoff {
    pub(crate) ticket: u64,
    pub(crate) rows: Vec<OutboxRow>,
    pub(crate) pending: Progress,
}

struct Change {
    ticket: u64,
    rows: Vec<OutboxRow>,
}

enum Message {
    Handoff(Handoff),
    /// Somebody waits until everything is cleared.
    Hurry,
    /// Somebody waits until the anchor is as far as it may go.
    Anchor(oneshot::Sender<()>),
}

/// Reaches the takeover; when the last one is dropped, it ends.
#[derive(Clone)]
pub(crate) struct Sender(mpsc::UnboundedSender<Message>);

impl Sender {
    pub(crate) fn hand_over(&self, handoff: Handoff) {
        if self.0.send(Message::Handoff(handoff)).is_err() {
            tracing::warn!("the takeover of records has ended; the next start does the rest");
        }
    }
}

/// Changes whose rows are not cleared yet.
pub(crate) struct Outstanding {
    tickets: Mutex<Tickets>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Tickets {
    next: u64,
    /// By ticket: where the journal ended before the change, and the number of its records.
    open: BTreeMap<u64, (Anchor, usize)>,
    records: usize,
}

impl Outstanding {
    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a change before its records can get into the journal.
    pub(crate) fn enter(&self, journal: &Journal, records: usize) -> Result<u64, CommitError> {
        let mut tickets = self.tickets();
        if tickets.records.saturating_add(records) > BACKLOG {
            let reason = "too many records of earlier changes wait for the journal".to_owned();
            return Err(CommitError::Unavailable { reason });
        }
        // Read under the lock, so that a later anchor cannot be an earlier place.
        let floor = journal.head_anchor();
        Ok(self.insert(&mut tickets, floor, records))
    }

    fn insert(&self, tickets: &mut Tickets, floor: Anchor, records: usize) -> u64 {
        tickets.next += 1;
        let ticket = tickets.next;
        tickets.open.insert(ticket, (floor, records));
        tickets.records += records;
        self.count.send_replace(tickets.open.len());
        ticket
    }

    pub(crate) fn leave(&self, gone: &[u64]) {
        let mut tickets = self.tickets();
        for ticket in gone {
            if let Some((_, records)) = tickets.open.remove(ticket) {
                tickets.records -= records;
            }
        }
        self.count.send_replace(tickets.open.len());
    }

    /// The newest place that no outstanding change but the `cleared` ones may lie before.
    fn anchor(&self, journal: &Journal, cleared: &[(u64, Vec<u64>)]) -> Anchor {
        let tickets = self.tickets();
        let open = tickets.open.iter().find(|(ticket, _)| !cleared.iter().any(|(gone, _)| gone == *ticket));
        open.map_or_else(|| journal.head_anchor(), |(_, (floor, _))| *floor)
    }

    /// Moves the anchor as far as it may go now.
    pub(crate) async fn anchored(handoffs: &Sender) {
        let (done, moved) = oneshot::channel();
        if handoffs.0.send(Message::Anchor(done)).is_ok() {
            // Answered by being dropped.
            let _ = moved.await;
        }
    }

    pub(crate) async fn settled(&self, handoffs: &Sender) {
        let mut count = self.count.subscribe();
        // When the takeover has ended, nothing will change any more.
        if handoffs.0.send(Message::Hurry).is_ok() {
            let _ = count.wait_for(|count| *count == 0).await;
        }
    }
}

/// The background task of a ledger.
pub(crate) struct Takeover {
    store: Store,
    journal: Journal,
    clock: Clock,
    outstanding: Arc<Outstanding>,
    messages: mpsc::UnboundedReceiver<Message>,
    /// Tickets and rows that are durable in the journal and not cleared yet.
    durable: Vec<(u64, Vec<u64>)>,
    /// Tickets and rows of an earlier run, not known to be in the journal or not to be.
    left: Vec<(u64, OutboxRow)>,
    /// Changes that the journal did not take, oldest first.
    refused: VecDeque<Change>,
    /// Before this place is no row of an earlier run.
    floor: Anchor,
    anchored: Anchor,
    hurry: bool,
    /// When durable rows are to be cleared, refused ones tried again, the anchor moved.
    clear_at: Option<Timestamp>,
    retry_at: Option<Timestamp>,
    anchor_at: Timestamp,
    back_off: Duration,
}

impl Takeover {
    pub(crate) fn new(
        store: &Store,
        journal: &Journal,
        clock: &Clock,
        anchored: Anchor,
        left: Vec<OutboxRow>,
    ) -> (Arc<Outstanding>, Sender, Self) {
        let outstanding = Arc::new(Outstanding { tickets: Mutex::default(), count: watch::Sender::new(0) });
        let left: Vec<_> = {
            let mut tickets = outstanding.tickets();
            left.into_iter().map(|row| (outstanding.insert(&mut tickets, anchored, 1), row)).collect()
        };
        let (sender, messages) = mpsc::unbounded_channel();
        let takeover = Self {
            store: store.clone(),
            journal: journal.clone(),
            clock: clock.clone(),
            outstanding: Arc::clone(&outstanding),
            messages,
            durable: Vec::new(),
            refused: VecDeque::new(),
            retry_at: (!left.is_empty()).then(|| clock.now()),
            left,
            floor: anchored,
            anchored,
            hurry: false,
            clear_at: None,
            anchor_at: after(clock.now(), ANCHOR_EVERY),
            back_off: BACK_OFF.0,
        };
        (outstanding, Sender(sender), takeover)
    }

    pub(crate) async fn run(mut self) {
        loop {
            let due = [self.clear_at, self.retry_at, Some(self.anchor_at)].into_iter().flatten().min();
            let due = due.unwrap_or(self.anchor_at);
            tokio::select! {
                biased;
                message = self.messages.recv() => match message {
                    Some(Message::Handoff(handoff)) => self.follow(handoff).await,
                    Some(Message::Hurry) => self.hurry = true,
                    Some(Message::Anchor(done)) => {
                        self.clear().await;
                        drop(done);
                    }
                    None => break,
                },
                () = self.clock.sleep_until(due) => {}
            }
            let now = self.clock.now();
            if self.retry_at.is_some_and(|at| at <= now) {
                self.retry().await;
            }
            let rows: usize = self.durable.iter().map(|(_, rows)| rows.len()).sum();
            let idle = self.messages.is_empty();
            if rows >= CLEAR_ROWS || self.clear_at.is_some_and(|at| at <= now) || (self.hurry && idle && rows > 0) {
                self.clear().await;
            } else if self.anchor_at <= now {
                self.anchor_at = after(now, ANCHOR_EVERY);
                if self.anchored.seq != self.journal.head() {
                    self.clear().await;
                }
            }
            self.hurry = self.hurry && *self.outstanding.count.borrow() > 0;
        }
        if !self.durable.is_empty() || self.anchored.seq != self.journal.head() {
            self.clear().await;
        }
    }

    /// Waits for what became of the records of a change.
    async fn follow(&mut self, handoff: Handoff) {
        let result = match handoff.pending {
            Progress::Queued(pending) => pending.durable().await.map(|_| ()),
            Progress::Refused(error) => Err(error),
        };
        let change = Change { ticket: handoff.ticket, rows: handoff.rows };
        let now = self.clock.now();
        match result {
            Ok(()) => {
                self.done(&change);
                // The journal takes records again: do not let the older ones wait.
                self.retry_at = self.retry_at.map(|_| now);
            }
            Err(JournalError::Invalid { reason }) => self.give_up(&change, reason),
            Err(error) => {
                tracing::debug!(%error, "records of a change wait for the journal");
                self.retry_at = self.retry_at.or_else(|| Some(after(now, self.back_off)));
                self.refused.push_back(change);
            }
        }
    }

    fn done(&mut self, change: &Change) {
        self.durable.push((change.ticket, change.rows.iter().map(|row| row.seq).collect()));
        self.clear_at = self.clear_at.or_else(|| Some(after(self.clock.now(), CLEAR_AFTER)));
    }

    /// A row that the journal will never take: somebody else wrote it into the store. It stays there as evidence.
    fn give_up(&self, change: &Change, reason: &str) {
        for row in &change.rows {
            tracing::error!(row = row.seq, reason, "a record of the outbox cannot stand in the journal");
        }
        self.outstanding.leave(&[change.ticket]);
    }

    /// Tries the refused changes again, in their order, as far as the journal takes them.
    async fn retry(&mut self) {
        let tried = match self.sort_left().await {
            Ok(()) => self.append_refused().await,
            Err(error) => Err(error),
        };
        self.retry_at = match tried {
            Ok(()) => {
                self.back_off = BACK_OFF.0;
                None
            }
            Err(error) => {
                tracing::debug!(%error, "records of changes still wait for the journal");
                let at = after(self.clock.now(), self.back_off);
                self.back_off = self.back_off.saturating_mul(2).min(BACK_OFF.1);
                Some(at)
            }
        };
    }

    /// Finds out which rows of an earlier run are in the journal.
    async fn sort_left(&mut self) -> Result<(), JournalError> {
        if self.left.is_empty() {
            return Ok(());
        }
        if self.journal.adopted().is_err() {
            // Nobody else may be there to try.
            self.journal.check().await;
            self.journal.adopted()?;
        }
        let rows: Vec<&OutboxRow> = self.left.iter().map(|(_, row)| row).collect();
        let appended = appended(&self.journal, self.floor, &rows).await?;
        let mut missing = VecDeque::new();
        for (ticket, row) in std::mem::take(&mut self.left) {
            let durable = appended.contains(&row.event_id);
            let change = Change { ticket, rows: vec![row] };
            if durable { self.done(&change) } else { missing.push_back(change) }
        }
        missing.append(&mut self.refused);
        self.refused = missing;
        Ok(())
    }

    async fn append_refused(&mut self) -> Result<(), JournalError> {
        while let Some(change) = self.refused.pop_front() {
            let records =
                change.rows.iter().map(|row| Record { event_id: row.event_id.clone(), bytes: row.bytes.clone() });
            match self.journal.append(records.collect()).await {
                Ok(_) => self.done(&change),
                Err(JournalError::Invalid { reason }) => self.give_up(&change, reason),
                Err(error) => {
                    self.refused.push_front(change);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Clears the durable rows, and moves the anchor as far as it may go.
    async fn clear(&mut self) {
        let anchor = self.outstanding.anchor(&self.journal, &self.durable);
        let rows = self.durable.iter().flat_map(|(_, rows)| rows).copied().collect();
        match self.store.clear_outbox(rows, &[(ANCHOR, anchor.to_bytes())]).await {
            Ok(()) => {
                let cleared: Vec<u64> = self.durable.drain(..).map(|(ticket, _)| ticket).collect();
                self.outstanding.leave(&cleared);
                self.clear_at = None;
                self.anchored = anchor;
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox could not be cleared yet");
                self.clear_at = (!self.durable.is_empty()).then(|| after(self.clock.now(), CLEAR_AFTER));
            }
        }
    }
}
