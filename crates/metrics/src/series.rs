//! Where datapoints are kept.
//!
//! A metric's values are merged into slots of a minute, sixty slots to a row; those of high resolution also into slots
//! of a second, a minute to a row. So a new value rewrites one small row, and an alarm reads a few rows that the store
//! holds decoded.

use std::collections::BTreeMap;

use keeptrail_clock::Timestamp;
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{Dimension, Metric, MetricDatum, Resolution, StatisticSet};

/// Values by the minute are kept for 15 days, as on AWS; after that AWS keeps coarser sums, keeptrail nothing.
pub(crate) const MINUTES_KEPT: u64 = 15 * 86_400;
/// Values by the second are kept for 3 hours, as on AWS.
pub(crate) const SECONDS_KEPT: u64 = 3 * 3_600;
/// A metric's row says when it was last written to within this many milliseconds.
const STALENESS_MS: i64 = 5 * 60_000;
/// More rows than this are read in one scan instead of one by one.
const FEW_ROWS: u64 = 30;

/// How finely values are told apart in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    Minute,
    Second,
}

/// The values of one slot and one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// Seconds since 1970 at which the slot begins.
    #[serde(rename = "at")]
    pub(crate) start: u64,
    /// `None` is the unit "None".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
    #[serde(rename = "v")]
    pub(crate) statistics: StatisticSet,
}

/// The slots of a row, in the order of their times.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Span {
    slots: Vec<Slot>,
}

/// A metric that has values.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MetricRow {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) dimensions: Vec<Dimension>,
    /// The time of its newest value in milliseconds since 1970, or up to five minutes before it.
    pub(crate) newest: i64,
}

pub(crate) const METRICS: Table<MetricRow> = Table::new("metrics.metric");
const MINUTES: Table<Span> = Table::new("metrics.minutes");
const SECONDS: Table<Span> = Table::new("metrics.seconds");

impl Grain {
    pub(crate) fn table(self) -> Table<Span> {
        match self {
            Self::Minute => MINUTES,
            Self::Second => SECONDS,
        }
    }

    pub(crate) fn slot(self) -> u64 {
        match self {
            Self::Minute => 60,
            Self::Second => 1,
        }
    }

    pub(crate) fn span(self) -> u64 {
        self.slot() * 60
    }
}

/// A number as a key part that sorts by its value.
pub(crate) fn ordered(number: u64) -> String {
    format!("{number:020}")
}

/// Seconds since 1970; 0 for earlier times.
pub(crate) fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or(0)
}

/// The values of one metric in one account and region.
#[derive(Clone, Copy)]
pub(crate) struct Series<'a> {
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) metric: &'a Metric,
    pub(crate) fingerprint: &'a str,
}

impl Series<'_> {
    /// The key parts of what belongs to the metric.
    pub(crate) fn parts(&self) -> [&str; 5] {
        [self.account, self.region, &self.metric.namespace, &self.metric.name, self.fingerprint]
    }

    fn row<'p>(&'p self, span: &'p str) -> [&'p str; 6] {
        let [account, region, namespace, name, fingerprint] = self.parts();
        [account, region, namespace, name, fingerprint, span]
    }

    /// Takes in `data`; with `fine` also by the second.
    pub(crate) async fn add(&self, tx: &Tx, data: &[&MetricDatum], fine: bool) -> Result<(), StoreError> {
        self.add_at(tx, Grain::Minute, data.iter().copied()).await?;
        let precise = data.iter().copied().filter(|datum| fine || datum.resolution == Resolution::Second);
        self.add_at(tx, Grain::Second, precise).await?;
        self.seen(tx, data).await
    }

    async fn add_at(&self, tx: &Tx, grain: Grain, data: impl Iterator<Item = &MetricDatum>) -> Result<(), StoreError> {
        let mut spans: BTreeMap<u64, Vec<Slot>> = BTreeMap::new();
        for datum in data {
            let at = seconds(datum.timestamp);
            let slot = Slot { start: at - at % grain.slot(), unit: datum.unit.clone(), statistics: datum.statistics };
            spans.entry(at - at % grain.span()).or_default().push(slot);
        }
        for (span, new) in spans {
            let key = ordered(span);
            let old = grain.table().get(tx, &self.row(&key)).await?;
            let mut slots = old.map_or_else(Vec::new, |old| old.slots.clone());
            for slot in new {
                match slots.binary_search_by(|held| (held.start, &held.unit).cmp(&(slot.start, &slot.unit))) {
                    Ok(place) => {
                        if let Some(held) = slots.get_mut(place) {
                            held.statistics.merge(&slot.statistics);
                        }
                    }
                    Err(place) => slots.insert(place, slot),
                }
            }
            grain.table().put(tx, &self.row(&key), &Span { slots })?;
        }
        Ok(())
    }

    /// Notes that the metric has values. The row changes rarely, so that writers of one metric seldom meet in it.
    async fn seen(&self, tx: &Tx, data: &[&MetricDatum]) -> Result<(), StoreError> {
        let Some(newest) = data.iter().map(|datum| datum.timestamp.as_millisecond()).max() else { return Ok(()) };
        let known = METRICS.get(tx, &self.parts()).await?;
        if known.as_ref().is_some_and(|row| newest < row.newest.saturating_add(STALENESS_MS)) {
            return Ok(());
        }
        let row = MetricRow {
            namespace: self.metric.namespace.clone(),
            name: self.metric.name.clone(),
            dimensions: known.map_or_else(|| self.metric.dimensions.clone(), |row| row.dimensions.clone()),
            newest,
        };
        METRICS.put(tx, &self.parts(), &row)
    }

    /// The slots that begin in `from..to` (seconds since 1970), in the order of their times.
    pub(crate) async fn read(&self, tx: &Tx, grain: Grain, from: u64, to: u64) -> Result<Vec<Slot>, StoreError> {
        let length = grain.span();
        let first = from - from % length;
        let inside = |slot: &&Slot| (from..to).contains(&slot.start);
        let rows = to.saturating_sub(first).div_ceil(length);
        let mut slots = Vec::new();
        if rows <= FEW_ROWS {
            for row in 0..rows {
                let key = ordered(first + row * length);
                if let Some(span) = grain.table().get(tx, &self.row(&key)).await? {
                    slots.extend(span.slots.iter().filter(inside).cloned());
                }
            }
            return Ok(slots);
        }
        let before = first.checked_sub(1).map(|before| grain.table().key(&self.row(&ordered(before))));
        let limit = usize::try_from(rows).unwrap_or(usize::MAX);
        for (_, span) in grain.table().page(tx, &self.parts(), before.as_ref(), limit).await? {
            slots.extend(span.slots.iter().filter(inside).cloned());
        }
        Ok(slots)
    }
}

#[cfg(test)]
mod tests {
    use keeptrail_store::{Sqlite, Store};

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Sqlite::open(&folder.path().join("store.db")).unwrap(), 1 << 20);
        (folder, store)
    }

    fn metric() -> Metric {
        Metric { namespace: "N".into(), name: "m".into(), dimensions: Vec::new() }
    }

    fn datum(at: i64, value: f64) -> MetricDatum {
        MetricDatum {
            metric: metric(),
            timestamp: Timestamp::from_second(at).unwrap(),
            unit: None,
            statistics: StatisticSet::one(value),
            resolution: Resolution::Minute,
        }
    }

    #[tokio::test]
    async fn values_of_one_minute_share_a_slot_and_the_next_minute_has_its_own() {
        let (_folder, store) = store();
        let metric = metric();
        let series = Series { account: "1", region: "r", metric: &metric, fingerprint: "-" };
        let tx = store.begin(Timestamp::UNIX_EPOCH);
        let data = [datum(3600, 1.0), datum(3659, 2.5), datum(3660, 7.0)];
        series.add(&tx, &data.iter().collect::<Vec<_>>(), false).await.unwrap();
        store.commit(tx).await.unwrap();

        let tx = store.begin(Timestamp::UNIX_EPOCH);
        series.add(&tx, &[&datum(3601, 0.1)], false).await.unwrap();
        let slots = series.read(&tx, Grain::Minute, 0, 1_000_000).await.unwrap();
        let seen: Vec<_> =
            slots.iter().map(|slot| (slot.start, slot.statistics.sum, slot.statistics.sample_count)).collect();
        assert_eq!(seen, [(3600, 3.6, 3.0), (3660, 7.0, 1.0)]);
        assert!(series.read(&tx, Grain::Second, 3600, 3700).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_value_comes_back_to_the_last_bit() {
        let (_folder, store) = store();
        let metric = metric();
        let series = Series { account: "1", region: "r", metric: &metric, fingerprint: "-" };
        let value = 99.501_602_296_934_34;
        let tx = store.begin(Timestamp::UNIX_EPOCH);
        series.add(&tx, &[&datum(60, value)], true).await.unwrap();
        store.commit(tx).await.unwrap();
        let tx = store.begin(Timestamp::UNIX_EPOCH);
        for grain in [Grain::Minute, Grain::Second] {
            assert_eq!(series.read(&tx, grain, 0, 120).await.unwrap()[0].statistics.sum.to_bits(), value.to_bits());
        }
    }
}
