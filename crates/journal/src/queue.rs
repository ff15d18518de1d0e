//! What waits for the writer.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::oneshot;

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

/// Something that the writer does between batches.
pub(crate) enum Command {
    /// Look after the open segment, and recover if it can be.
    Check(oneshot::Sender<()>),
    /// Go on after this place if the journal ends before it; tells whether it did.
    Raise(Anchor, Answer<bool>),
}

enum Job {
    Append(Append),
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
    limit: usize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    records: usize,
    bytes: usize,
    closed: bool,
    /// The writer waits: only then is a wake-up worth its system call.
    idle: bool,
}

impl Queue {
    /// A queue for so many records.
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), ready: Condvar::new(), limit }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes records in; all of them, or none when the queue is full. `force` is for records that nobody waits for.
    pub(crate) fn append(&self, append: Append, force: bool) -> Result<(), JournalError> {
        let bytes = size(&append);
        let mut state = self.state();
        if state.closed {
            return Err(JournalError::Closed);
        }
        let records = state.records + append.records.len();
        if !force && state.records > 0 && (records > self.limit || state.bytes + bytes > QUEUE_BYTES) {
            return Err(JournalError::Busy);
        }
        state.records = records;
        state.bytes += bytes;
        self.push(state, Job::Append(append));
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
        self.ready.notify_one();
    }

    /// The writer is gone: whoever waits is told by the drop of its answer.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.closed = true;
        state.jobs.clear();
    }

    /// Waits for work and takes all that fits into one batch.
    pub(crate) fn take(&self) -> Work {
        let mut state = self.state();
        loop {
            match state.jobs.pop_front() {
                Some(Job::Command(command)) => return Work::Command(command),
                Some(Job::Append(first)) => return Work::Batch(state.batch(first)),
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
    fn batch(&mut self, first: Append) -> Vec<Append> {
        let (mut records, mut bytes) = (first.records.len(), size(&first));
        let mut batch = vec![first];
        while let Some(Job::Append(next)) = self.jobs.front() {
            if records + next.records.len() > BATCH_RECORDS || bytes + size(next) > BATCH_BYTES {
                break;
            }
            let Some(Job::Append(next)) = self.jobs.pop_front() else { break };
            records += next.records.len();
            bytes += size(&next);
            batch.push(next);
        }
        self.records -= records;
        self.bytes -= bytes;
        batch
    }
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
    fn a_full_queue_refuses_at_once_and_takes_again_when_emptied() {
        let queue = Queue::new(10);
        queue.append(append(6, 1), false).unwrap();
        queue.append(append(4, 1), false).unwrap();
        assert_eq!(queue.append(append(1, 1), false), Err(JournalError::Busy));
        queue.append(append(1, 1), true).unwrap();
        assert_eq!(batch(&queue), [6, 4, 1]);
        queue.append(append(10, 1), false).unwrap();
    }

    #[test]
    fn a_batch_is_bounded_in_records_and_bytes_and_keeps_the_order() {
        let queue = Queue::new(10_000);
        for records in [1000, 24, 1] {
            queue.append(append(records, 1), false).unwrap();
        }
        queue.append(append(4, 1024 * 1024 - 128), false).unwrap();
        assert_eq!(batch(&queue), [1000, 24]);
        assert_eq!(batch(&queue), [1]);
        assert_eq!(batch(&queue), [4]);
    }

    #[test]
    fn a_closed_queue_is_emptied_first() {
        let queue = Queue::new(10);
        queue.append(append(1, 1), false).unwrap();
        queue.close();
        assert_eq!(queue.append(append(1, 1), false), Err(JournalError::Closed));
        assert_eq!(batch(&queue), [1]);
        assert!(matches!(queue.take(), Work::Closed));
    }
}
