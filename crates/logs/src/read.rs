//! Log events on their way out: the chunks of any number of streams as one sequence in time.

use std::collections::{BTreeMap, VecDeque};

use keeptrail_store::{Key, Scan, StoreError, Tx};

use crate::{
    chunk::{Chunk, Event, minute, minute_of},
    model::Place,
    position::Position,
};

/// So many chunks are fetched at once.
const PAGE: usize = 16;

/// Which events, in which direction. An event's place is its time, its stream and its number, in this order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Events after this place.
    pub(crate) after: Position,
    /// Events before this place.
    pub(crate) before: Position,
    /// From the latest to the earliest.
    pub(crate) reverse: bool,
}

/// An event with the index of its stream among those that are read.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) stream: usize,
    pub(crate) event: Event,
}

/// Reads streams event by event.
pub(crate) struct Reader<'a> {
    tx: &'a Tx,
    bounds: Bounds,
    sources: Vec<Source>,
    /// Chunks of the present minute that are not open yet, the next one last.
    closed: Vec<(usize, Chunk)>,
    /// Events of open chunks.
    open: BTreeMap<(i64, usize, u64), Event>,
    /// Bytes of chunks that were opened so far.
    bytes: usize,
}

/// The chunks of one stream, in the direction of reading.
struct Source {
    scan: Scan,
    fetched: VecDeque<(i64, Chunk)>,
    exhausted: bool,
}

impl Source {
    fn new(place: Place<'_>, bounds: Bounds) -> Self {
        let at = |timestamp: i64| place.chunks().number(u64::try_from(minute(timestamp)).unwrap_or(0));
        let scan = Scan {
            from: at(bounds.after.timestamp),
            to: at(bounds.before.timestamp).end(),
            limit: PAGE,
            reverse: bounds.reverse,
        };
        Self { scan, fetched: VecDeque::new(), exhausted: false }
    }

    async fn fetch(&mut self, tx: &Tx) -> Result<(), StoreError> {
        let rows = tx.scan(&self.scan).await?;
        self.exhausted = rows.len() < PAGE;
        if let Some((last, _)) = rows.last() {
            if self.scan.reverse {
                self.scan.to = Key::clone(last);
            } else {
                self.scan.from = last.next();
            }
        }
        for (key, row) in rows {
            self.fetched.push_back((minute_of(&key)?, Chunk::open(row.bytes())?));
        }
        Ok(())
    }

    /// The minute of the next chunk.
    async fn next_minute(&mut self, tx: &Tx) -> Result<Option<i64>, StoreError> {
        if self.fetched.is_empty() && !self.exhausted {
            self.fetch(tx).await?;
        }
        Ok(self.fetched.front().map(|(minute, _)| *minute))
    }

    /// The next chunk, if it is of this minute.
    async fn take(&mut self, tx: &Tx, minute: i64) -> Result<Option<Chunk>, StoreError> {
        if self.next_minute(tx).await? != Some(minute) {
            return Ok(None);
        }
        Ok(self.fetched.pop_front().map(|(_, chunk)| chunk))
    }
}

impl<'a> Reader<'a> {
    /// Reads the streams at `places` within `bounds`.
    pub(crate) fn new(tx: &'a Tx, places: &[Place<'_>], bounds: Bounds) -> Self {
        let sources = places.iter().map(|place| Source::new(*place, bounds)).collect();
        Self { tx, bounds, sources, closed: Vec::new(), open: BTreeMap::new(), bytes: 0 }
    }

    /// Bytes of log lines that were decompressed so far.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Result<Option<Read>, StoreError> {
        loop {
            let reverse = self.bounds.reverse;
            let waiting = if reverse { self.open.last_key_value() } else { self.open.first_key_value() };
            let waiting = waiting.map(|((timestamp, ..), _)| *timestamp);
            let must_open = match (waiting, self.closed.last()) {
                (None, Some(_)) => true,
                // A chunk that reaches the waiting event's time may hold one that comes before it.
                (Some(timestamp), Some((_, chunk))) if reverse => chunk.header.max >= timestamp,
                (Some(timestamp), Some((_, chunk))) => chunk.header.min <= timestamp,
                (_, None) => false,
            };
            if must_open {
                if let Some((stream, chunk)) = self.closed.pop() {
                    self.open_chunk(stream, &chunk)?;
                }
                continue;
            }
            let next = if reverse { self.open.pop_last() } else { self.open.pop_first() };
            if let Some(((_, stream, _), event)) = next {
                return Ok(Some(Read { stream, event }));
            }
            if !self.next_minute().await? {
                return Ok(None);
            }
        }
    }

    fn open_chunk(&mut self, stream: usize, chunk: &Chunk) -> Result<(), StoreError> {
        self.bytes += chunk.header.raw;
        for event in chunk.events()? {
            let position = Position::of(&event);
            if self.bounds.after < position && position < self.bounds.before {
                self.open.insert((event.timestamp, stream, event.number), event);
            }
        }
        Ok(())
    }

    /// Brings in the chunks of the next minute that has any; `false` when there is none.
    async fn next_minute(&mut self) -> Result<bool, StoreError> {
        let mut next: Option<i64> = None;
        for source in &mut self.sources {
            let minute = source.next_minute(self.tx).await?;
            next = match (next, minute) {
                (Some(next), Some(minute)) if self.bounds.reverse => Some(next.max(minute)),
                (Some(next), Some(minute)) => Some(next.min(minute)),
                (next, minute) => next.or(minute),
            };
        }
        let Some(minute) = next else { return Ok(false) };
        for (stream, source) in self.sources.iter_mut().enumerate() {
            while let Some(chunk) = source.take(self.tx, minute).await? {
                self.closed.push((stream, chunk));
            }
        }
        if self.bounds.reverse {
            self.closed.sort_by_key(|(_, chunk)| chunk.header.max);
        } else {
            self.closed.sort_by_key(|(_, chunk)| std::cmp::Reverse(chunk.header.min));
        }
        Ok(true)
    }
}
