//! What waits for the writer.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::{Semaphore, oneshot};

use crate::{
    error::JournalError,
    segment::{Anchor, MAX_LINE, MAX_RECORD},
};

/// A batch is closed at so many records …
const BATCH_RECORDS: usize = 1024;
/// … or so many bytes of lines.
pub(crate) const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// So many bytes of lines may wait.
const QUEUE_BYTES: usize = 8 * BATCH_BYTES;

pub(crate) type Answer<T> = oneshot::Sender<Result<T, JournalError>>;

/// Records that are to become durable together.
pub(crate) struct Append {
    pub(crate) records: Vec<Bytes>,
    /// Is told the last record's sequence number.
    pub(crate) answer: Option<Answer<u64>>,
}

/// What it takes up of the queue's room.
struct Taken {
    append: Append,
    room: usize,
}

/// Something that the writer does between batches.
pub(crate) enum Command {
    /// Look after the open segment, and recover if it can be.
    Check(oneshot::Sender<()>),
    /// Go on after this place if the journal ends before it; tells whether it did.
    Raise(Anchor, Answer<bool>),
}

enum Job {
    Append(Taken),
    Command(Command),
}

/// What the writer is to do next.
pub(crate) enum Work {
    Batch(Vec<Append>),
    Command(Command),
    /// The journal was closed and everything is done.
    Closed,
}

/// A bounded queue that is emptied a batch at a time.
pub(crate) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    /// The bytes that are free; who waits for some is served in turn.
    room: Semaphore,
    /// A record takes up at least so many of them.
    least: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    closed: bool,
    /// The writer waits: only then is a wake-up worth its system call.
    idle: bool,
}

impl Queue {
    /// A queue for so many records, or fewer large ones.
    pub(crate) fn new(limit: usize) -> Self {
        let room = Semaphore::new(QUEUE_BYTES);
        Self { state: Mutex::default(), ready: Condvar::new(), room, least: QUEUE_BYTES / limit.max(1) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes records in when there is room for all of them. Nothing is taken in when the caller does not wait until then.
    pub(crate) async fn append(&self, append: Append) -> Result<(), JournalError> {
        let room = self.cost(&append);
        let permits = self.room.acquire_many(permits(room)).await.map_err(|_| JournalError::Closed)?;
        permits.forget();
        self.take_in(append, room)
    }

    /// Takes records in at once; none of them when there is no room for all.
    pub(crate) fn try_append(&self, append: Append) -> Result<(), JournalError> {
        let room = self.cost(&append);
        self.room.try_acquire_many(permits(room)).map_err(|_| JournalError::Busy)?.forget();
        self.take_in(append, room)
    }

    /// Takes records in at once, room or no room: for what nobody waits for.
    pub(crate) fn force(&self, append: Append) -> Result<(), JournalError> {
        self.take_in(append, 0)
    }

    /// The room that records take up: all of it at the most, so that an empty queue takes anything.
    fn cost(&self, append: &Append) -> usize {
        let sizes = append.records.iter().map(|record| line_length(record).max(self.least));
        sizes.sum::<usize>().min(QUEUE_BYTES)
    }

    fn take_in(&self, append: Append, room: usize) -> Result<(), JournalError> {
        let state = self.state();
        if state.closed {
            return Err(JournalError::Closed);
        }
        self.push(state, Job::Append(Taken { append, room }));
        Ok(())
    }

    pub(crate) fn command(&self, command: Command) -> Result<(), JournalError> {
        let state = self.state();
        if state.closed {
            return Err(JournalError::Closed);
        }
        self.push(state, Job::Command(command));
        Ok(())
    }

    fn push(&self, mut state: MutexGuard<'_, State>, job: Job) {
        state.jobs.push_back(job);
        if std::mem::take(&mut state.idle) {
            drop(state);
            self.ready.notify_one();
        }
    }

    /// Nothing more is taken in; what is in is still done.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.room.close();
        self.ready.notify_one();
    }

    /// The writer is gone: whoever waits is told by the drop of its answer.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.closed = true;
        state.jobs.clear();
        self.room.close();
    }

    /// Waits for work and takes all that fits into one batch.
    pub(crate) fn take(&self) -> Work {
        let mut state = self.state();
        loop {
            match state.jobs.pop_front() {
                Some(Job::Command(command)) => return Work::Command(command),
                Some(Job::Append(first)) => {
                    let (batch, room) = state.batch(first);
                    drop(state);
                    self.room.add_permits(room);
                    return Work::Batch(batch);
                }
                None if state.closed => return Work::Closed,
                None => {
                    state.idle = true;
                    state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl State {
    /// A batch that begins with `first`, and the room that becomes free.
    fn batch(&mut self, first: Taken) -> (Vec<Append>, usize) {
        let (mut records, mut bytes) = (first.append.records.len(), size(&first.append));
        let mut room = first.room;
        let mut batch = vec![first.append];
        while let Some(Job::Append(next)) = self.jobs.front() {
            if records + next.append.records.len() > BATCH_RECORDS || bytes + size(&next.append) > BATCH_BYTES {
                break;
            }
            let Some(Job::Append(next)) = self.jobs.pop_front() else { break };
            records += next.append.records.len();
            bytes += size(&next.append);
            room += next.room;
            batch.push(next.append);
        }
        (batch, room)
    }
}

fn permits(room: usize) -> u32 {
    u32::try_from(room).unwrap_or(u32::MAX)
}

fn size(append: &Append) -> usize {
    append.records.iter().map(line_length).sum()
}

/// The most that a record takes up in a segment.
pub(crate) fn line_length(record: &Bytes) -> usize {
    record.len() + (MAX_LINE - MAX_RECORD)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn append(records: usize, bytes: usize) -> Append {
        Append { records: vec![Bytes::from(vec![b'x'; bytes]); records], answer: None }
    }

    fn batch(queue: &Queue) -> Vec<usize> {
        match queue.take() {
            Work::Batch(batch) => batch.iter().map(|append| append.records.len()).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_full_queue_takes_nothing_until_it_is_emptied() {
        let queue = Queue::new(10);
        queue.try_append(append(6, 1)).unwrap();
        queue.try_append(append(4, 1)).unwrap();
        assert_eq!(queue.try_append(append(1, 1)), Err(JournalError::Busy));
        queue.force(append(1, 1)).unwrap();
        assert_eq!(batch(&queue), [6, 4, 1]);
        queue.try_append(append(10, 1)).unwrap();
    }

    #[test]
    fn large_records_take_up_more_room_and_an_empty_queue_takes_anything() {
        let queue = Queue::new(10);
        queue.try_append(append(9, 4 * 1024 * 1024)).unwrap();
        assert_eq!(queue.try_append(append(1, 1)), Err(JournalError::Busy));
        assert_eq!(batch(&queue), [9]);
        queue.try_append(append(7, 4 * 1024 * 1024)).unwrap();
        queue.try_append(append(1, 1)).unwrap();
    }

    #[tokio::test]
    async fn who_waits_for_room_is_served_in_turn_and_who_goes_leaves_nothing() {
        let queue = Arc::new(Queue::new(2));
        queue.try_append(append(2, 1)).unwrap();
        let waiting = |records| {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move { queue.append(append(records, 1)).await })
        };
        let (first, gone, second) = (waiting(1), waiting(2), waiting(2));
        tokio::task::yield_now().await;
        assert!(!first.is_finished() && !second.is_finished());
        gone.abort();
        assert!(gone.await.is_err());
        assert_eq!(batch(&queue), [2]);
        first.await.unwrap().unwrap();
        assert_eq!(batch(&queue), [1]);
        second.await.unwrap().unwrap();
        assert_eq!(batch(&queue), [2]);
        let late = waiting(2);
        late.await.unwrap().unwrap();
        let closed = waiting(1);
        tokio::task::yield_now().await;
        queue.close();
        assert_eq!(closed.await.unwrap(), Err(JournalError::Closed));
    }

    #[test]
    fn a_batch_is_bounded_in_records_and_bytes_and_keeps_the_order() {
        let queue = Queue::new(10_000);
        for records in [1000, 24, 1] {
            queue.try_append(append(records, 1)).unwrap();
        }
        queue.try_append(append(4, 1024 * 1024 - 128)).unwrap();
        assert_eq!(batch(&queue), [1000, 24]);
        assert_eq!(batch(&queue), [1]);
        assert_eq!(batch(&queue), [4]);
    }

    #[test]
    fn a_closed_queue_is_emptied_first() {
        let queue = Queue::new(10);
        queue.try_append(append(1, 1)).unwrap();
        queue.close();
        assert_eq!(queue.force(append(1, 1)), Err(JournalError::Closed));
        assert_eq!(batch(&queue), [1]);
        assert!(matches!(queue.take(), Work::Closed));
    }
}
