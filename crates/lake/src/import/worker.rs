//! A thread that reads log files and encodes what is in them.

use std::sync::{Mutex, PoisonError, mpsc};

use keeptrail_archive::{Content, Contents, Fault, Object, Records};

use super::{Failure, ImportOptions, Progress, Read};
use crate::{BatchBuilder, LakeError, Layout, encode::Encoded};

/// Bytes of text after which a batch goes to the writer. A few batches are in memory at once.
const BATCH_BYTES: usize = 4 << 20;

/// Encoded events and the files that ended with them.
pub(super) struct Batch {
    pub(super) encoded: Encoded,
    pub(super) files: Vec<Read>,
    pub(super) failures: Vec<Failure>,
    pub(super) out_of_range: u64,
    pub(super) record_bytes: u64,
}

pub(super) struct Worker<'a> {
    builder: BatchBuilder,
    options: &'a ImportOptions,
    progress: &'a Progress,
    sender: &'a mpsc::SyncSender<Result<Batch, LakeError>>,
    buffer: Vec<u8>,
    files: Vec<Read>,
    failures: Vec<Failure>,
    out_of_range: u64,
    record_bytes: u64,
}

/// The writer is gone: there is nobody to work for.
struct Stopped;

impl<'a> Worker<'a> {
    /// Works until there are no more files, or nobody wants them.
    pub(super) fn run(
        layout: Layout,
        options: &'a ImportOptions,
        contents: &Mutex<Contents>,
        progress: &'a Progress,
        sender: &'a mpsc::SyncSender<Result<Batch, LakeError>>,
    ) {
        let builder = match BatchBuilder::new(layout) {
            Ok(builder) => builder,
            Err(error) => {
                // When this cannot be sent, the writer has stopped for another reason.
                drop(sender.send(Err(error.into())));
                return;
            }
        };
        let mut worker = Self {
            builder,
            options,
            progress,
            sender,
            buffer: Vec::new(),
            files: Vec::new(),
            failures: Vec::new(),
            out_of_range: 0,
            record_bytes: 0,
        };
        while !progress.is_stopped() {
            let next = contents.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((object, content)) = next else { break };
            if worker.file(object, content).is_err() {
                return;
            }
        }
        // What is left goes to the writer too; if it is gone, that is all.
        drop(worker.send());
    }

    fn file(&mut self, object: Object, content: Result<Content, Fault>) -> Result<(), Stopped> {
        let mut trouble = Trouble::default();
        let mut events = 0;
        match content {
            Ok(content) => {
                let buffer = std::mem::take(&mut self.buffer);
                let mut records = Records::reusing(buffer, content, object.size, &self.options.limits);
                let range = self.options.range;
                let wanted = |time| jiff::Timestamp::from_millisecond(time).is_ok_and(|time| range.holds(time));
                loop {
                    // A file with faults is read record by record: what is ahead would be read again behind each of them.
                    if trouble.count == 0 {
                        let ahead = whole_text(records.ahead());
                        let read = self.builder.push_all(ahead, wanted, |length, wanted| {
                            events += u64::from(wanted);
                            self.out_of_range += u64::from(!wanted);
                            self.record_bytes += if wanted { length as u64 } else { 0 };
                        });
                        records.pass(read);
                    }
                    match records.next() {
                        Ok(Some(record)) => {
                            match self.builder.push_if(record, wanted) {
                                Ok(true) => {
                                    events += 1;
                                    self.record_bytes += record.len() as u64;
                                }
                                Ok(false) => self.out_of_range += 1,
                                Err(error) => trouble.add("BadRecord", &error),
                            }
                            if self.builder.bytes() >= BATCH_BYTES {
                                self.send()?;
                            }
                        }
                        Ok(None) => break,
                        Err(fault) => trouble.add(fault.reason.code(), &fault),
                    }
                }
                self.buffer = records.into_buffer();
            }
            Err(fault) => trouble.add(fault.reason.code(), &fault),
        }
        Progress::add(&self.progress.files_read, 1);
        Progress::add(&self.progress.bytes_read, object.size);
        Progress::add(&self.progress.events, events);
        let failed = trouble.first.is_some();
        if let Some((code, reason)) = trouble.first {
            self.failures.push(Failure { key: object.key.clone(), code, reason, faults: trouble.count, events });
        }
        self.files.push(Read { object, events, failed });
        Ok(())
    }

    fn send(&mut self) -> Result<(), Stopped> {
        let batch = self.builder.finish().map(|encoded| Batch {
            encoded,
            files: std::mem::take(&mut self.files),
            failures: std::mem::take(&mut self.failures),
            out_of_range: std::mem::take(&mut self.out_of_range),
            record_bytes: std::mem::take(&mut self.record_bytes),
        });
        self.sender.send(batch.map_err(LakeError::from)).map_err(|_| Stopped)
    }
}

/// The text that `bytes` begin with.
fn whole_text(bytes: &[u8]) -> &str {
    let text =
        str::from_utf8(bytes).or_else(|error| str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()));
    text.unwrap_or_default()
}

/// What was wrong with a file.
#[derive(Default)]
struct Trouble {
    first: Option<(&'static str, String)>,
    count: u64,
}

impl Trouble {
    fn add(&mut self, code: &'static str, reason: &impl std::fmt::Display) {
        self.count += 1;
        self.first.get_or_insert_with(|| (code, reason.to_string()));
    }
}
