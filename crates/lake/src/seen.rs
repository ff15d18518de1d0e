//! Which events are in a store already: sets of ids, one for each hour, loaded from the files when an hour is met.
//!
//! An event and its double bear the same `eventTime`, so that only its hour has to be known.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io,
    path::Path,
};

use arrow::{array::AsArray, datatypes::TimestampMillisecondType};
use foldhash::fast::RandomState;
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use crate::{
    LakeError,
    catalog::FileRow,
    encode::{
        EventId,
        time::{day_of, hour_of},
    },
};

/// Ids that are kept in memory, about 32 bytes each; an hour with more is kept all the same.
const BUDGET: usize = 3_000_000;

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// What a file that cannot be read means for those who look for doubles in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Nothing can be appended.
    Fails,
    /// Its events count as not there.
    IsPassedOver,
}

/// The ids of the hours that were met lately.
#[derive(Default)]
pub(crate) struct Seen {
    hours: HashMap<i64, Hour, RandomState>,
    ids: usize,
    clock: u64,
}

struct Hour {
    ids: HashSet<u128, RandomState>,
    used: u64,
    /// It holds ids of events that no finished file has yet.
    pending: bool,
}

impl Seen {
    /// Whether the event is new; it is known from then on. Its hour must have been met.
    pub(crate) fn insert(&mut self, time: i64, id: EventId) -> bool {
        let Some(hour) = self.hours.get_mut(&time.div_euclid(HOUR)) else { return false };
        let new = hour.ids.insert(id.bits());
        hour.pending |= new;
        self.ids += usize::from(new);
        new
    }

    /// Meets the hours of `times`: loads those that are not in memory from the `files` of their day.
    pub(crate) fn meet(
        &mut self,
        directory: &Path,
        times: &[i64],
        files: &[FileRow],
        damage: Damage,
    ) -> Result<(), LakeError> {
        self.clock += 1;
        for time in times {
            let hour = time.div_euclid(HOUR);
            if let Some(known) = self.hours.get_mut(&hour) {
                known.used = self.clock;
                continue;
            }
            let ids = load(directory, hour, files, damage)?;
            self.ids += ids.len();
            self.hours.insert(hour, Hour { ids, used: self.clock, pending: false });
        }
        Ok(())
    }

    /// Events of hours so far are in finished files.
    pub(crate) fn settle(&mut self) {
        self.hours.values_mut().for_each(|hour| hour.pending = false);
    }

    /// Forgets everything: after files were dropped, or writing failed.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether more is kept than should be.
    pub(crate) fn is_full(&self) -> bool {
        self.ids > BUDGET
    }

    /// Forgets the hours that were not used for longest, as far as their events are in files.
    pub(crate) fn shrink(&mut self) {
        let mut old: Vec<(u64, i64)> =
            self.hours.iter().filter(|(_, hour)| !hour.pending).map(|(key, hour)| (hour.used, *key)).collect();
        old.sort_unstable();
        for (used, key) in old {
            // Those of the last batch are needed for the next.
            if self.ids <= BUDGET / 2 || used == self.clock {
                break;
            }
            if let Some(hour) = self.hours.remove(&key) {
                self.ids -= hour.ids.len();
            }
        }
    }
}

/// The ids of an hour's events in the files of its day.
fn load(
    directory: &Path,
    hour: i64,
    files: &[FileRow],
    damage: Damage,
) -> Result<HashSet<u128, RandomState>, LakeError> {
    let start = hour * HOUR;
    let bit = 1 << hour_of(start);
    let mut ids = HashSet::default();
    for file in files.iter().filter(|file| file.day == day_of(start) && file.hours & bit != 0) {
        match read(&directory.join(file.path()), hour, &mut ids) {
            Err(LakeError::Damaged { .. }) if damage == Damage::IsPassedOver => {}
            Err(LakeError::File { error, .. })
                if damage == Damage::IsPassedOver && error.kind() == io::ErrorKind::NotFound => {}
            read => read?,
        }
    }
    Ok(ids)
}

/// Adds the ids of an hour's events in a file.
fn read(path: &Path, hour: i64, ids: &mut HashSet<u128, RandomState>) -> Result<(), LakeError> {
    let damaged = |reason: String| LakeError::Damaged { path: path.to_owned(), reason };
    let opened = File::open(path).map_err(LakeError::file(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened).map_err(LakeError::reading(path))?;
    let columns = ProjectionMask::columns(builder.parquet_schema(), ["eventtime", "eventid"]);
    let reader = builder.with_projection(columns).with_batch_size(8192).build().map_err(LakeError::reading(path))?;
    for batch in reader {
        let batch = batch.map_err(|error| damaged(error.to_string()))?;
        let times =
            batch.column_by_name("eventtime").and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
        let texts = batch.column_by_name("eventid").and_then(|column| column.as_string_opt::<i32>());
        let (Some(times), Some(texts)) = (times, texts) else {
            return Err(damaged("it lacks eventtime or eventid".to_owned()));
        };
        for (time, text) in times.values().iter().zip(texts) {
            if time.div_euclid(HOUR) == hour {
                ids.insert(EventId::of(text.unwrap_or_default()).bits());
            }
        }
    }
    Ok(())
}
