//! Which files an archive holds.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::{Fault, FileTime, Kind};

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The key in the bucket, or the path below the directory, with `/` between the parts.
    pub key: String,
    /// Bytes as stored.
    pub size: u64,
    /// What changes when the content does: the entity tag, or the time of the last change.
    pub version: String,
}

/// The time of the events that are asked for. Both ends may be open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    /// Events at this time or later.
    pub from: Option<Timestamp>,
    /// Events before this time.
    pub to: Option<Timestamp>,
}

impl Range {
    /// Whether an event of this time is asked for.
    #[must_use]
    pub fn holds(&self, time: Timestamp) -> bool {
        self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time < to)
    }

    /// Whether a file with this key may hold events that are asked for. Files are delivered within the hour, and on the
    /// next day at the latest for nearly all; a file whose key says nothing may hold anything.
    #[must_use]
    pub fn may_hold(&self, key: &str) -> bool {
        let Some(day) = FileTime::of_key(key).map(FileTime::day) else { return true };
        let utc_day = |time: Timestamp| TimeZone::UTC.to_datetime(time).date();
        let next = |date: Date| date.checked_add(1.day()).unwrap_or(Date::MAX);
        self.from.is_none_or(|from| day >= utc_day(from)) && self.to.is_none_or(|to| day <= next(utc_day(to)))
    }
}

/// What an archive holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// The log files, oldest first by their keys, those without a time in the key last.
    pub objects: Vec<Object>,
    /// How many files of other kinds lie beside them.
    pub skipped: BTreeMap<Kind, u64>,
    /// Log files outside the time that was asked for.
    pub out_of_range: u64,
    /// What could not be listed, by key.
    pub faults: Vec<(String, Fault)>,
}

impl Listing {
    pub(crate) fn add(&mut self, object: Object, range: &Range) {
        match Kind::of_key(&object.key) {
            Kind::LogFile if range.may_hold(&object.key) => self.objects.push(object),
            Kind::LogFile => self.out_of_range += 1,
            kind => *self.skipped.entry(kind).or_default() += 1,
        }
    }

    /// Time by time, so that an import works on few days at once.
    pub(crate) fn sort(&mut self) {
        self.objects.sort_by_cached_key(|object| {
            let time = FileTime::of_key(&object.key);
            (time.is_none(), time, object.key.clone())
        });
    }
}
