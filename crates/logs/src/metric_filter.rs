//! Metric filters: from log events to values of metrics.
//!
//! Values are summed up by minute before they are handed on. A minute with events of which none matches gives the
//! filter's default value once: when its first events come without a match. A match that comes later in that minute adds
//! its value to the default. Events that are later than the last [`MINUTES_KEPT`] minutes seen give no default.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use keeptrail_clock::Timestamp;
use keeptrail_pattern::{
    filter::{FilterPattern, Match, Message},
    index::{Index, Scratch},
};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::{LogEvent, MetricDatum, chunk::minute};

/// So many minutes are remembered for a filter with a default value.
const MINUTES_KEPT: usize = 180;

/// A filter as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MetricFilter {
    pub(crate) name: String,
    pub(crate) pattern: String,
    pub(crate) metric_name: String,
    pub(crate) namespace: String,
    /// A number, or the selector of a field.
    pub(crate) value: String,
    pub(crate) default_value: Option<f64>,
    /// Names and selectors.
    pub(crate) dimensions: Option<BTreeMap<String, String>>,
    pub(crate) unit: Option<String>,
    /// In milliseconds since 1970.
    pub(crate) created: i64,
    /// The pattern, parsed when it is first needed: the store keeps the decoded row.
    #[serde(skip)]
    pub(crate) compiled: OnceLock<Option<FilterPattern>>,
}

/// The filters of a group, by name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Filters {
    pub(crate) filters: BTreeMap<String, MetricFilter>,
    #[serde(skip)]
    index: OnceLock<Index<String>>,
}

/// A copy is made to be changed, so it has no index yet.
impl Clone for Filters {
    fn clone(&self) -> Self {
        Self { filters: self.filters.clone(), index: OnceLock::new() }
    }
}

impl Filters {
    /// The names of the filters by their patterns: one look at an event finds all that match. It is made when it is first
    /// needed and kept with the decoded row.
    fn index(&self) -> &Index<String> {
        self.index.get_or_init(|| {
            let mut index = Index::new();
            for (name, filter) in &self.filters {
                if let Some(pattern) = filter.pattern() {
                    index.insert(name.clone(), pattern);
                }
            }
            index
        })
    }
}

/// The minutes for which a filter has given a value.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Minutes {
    minutes: BTreeSet<i64>,
}

/// By account, region and group name.
pub(crate) const FILTERS: Table<Filters> = Table::new("logs.filters");
/// By account, region, group id and filter name.
pub(crate) const MINUTES: Table<Minutes> = Table::new("logs.filter_minutes");

/// What is told apart in one batch: the minute, and the values of the dimensions.
type Slot = (i64, Vec<(String, String)>);

/// Sums by minute and dimensions.
#[derive(Default)]
struct Sums(BTreeMap<Slot, Sum>);

struct Sum {
    count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

impl Sums {
    fn add(&mut self, slot: Slot, value: f64) {
        self.0
            .entry(slot)
            .and_modify(|sum| {
                sum.count += 1.0;
                sum.sum = (sum.sum + value).clamp(f64::MIN, f64::MAX);
                sum.minimum = sum.minimum.min(value);
                sum.maximum = sum.maximum.max(value);
            })
            .or_insert(Sum { count: 1.0, sum: value, minimum: value, maximum: value });
    }
}

impl MetricFilter {
    /// The parsed pattern; none only for a row that an older version wrote and this one does not understand.
    fn pattern(&self) -> Option<&FilterPattern> {
        self.compiled.get_or_init(|| FilterPattern::parse(&self.pattern).ok()).as_ref()
    }

    /// The value of a matching event, with its dimensions; none when a field is missing or is no number.
    fn value(&self, found: &Match<'_>) -> Option<(f64, Vec<(String, String)>)> {
        let value = if self.value.starts_with('$') {
            found.number(&self.value)?
        } else {
            self.value.parse().ok().filter(|value: &f64| value.is_finite())?
        };
        let dimensions = self.dimensions.iter().flatten();
        let dimensions = dimensions.map(|(name, selector)| Some((name.clone(), found.value(selector)?.into_owned())));
        Some((value, dimensions.collect::<Option<_>>()?))
    }
}

/// The values that `filters` find in `events`, each of which is taken apart at most once.
pub(crate) async fn apply(
    tx: &Tx,
    [account, region, group]: [&str; 3],
    filters: &Filters,
    events: &[LogEvent<'_>],
) -> Result<Vec<MetricDatum>, StoreError> {
    let (index, mut scratch) = (filters.index(), Scratch::default());
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for event in events {
        let message = Message::new(event.message);
        for name in index.matching_with(event.message, &mut scratch) {
            let Some(filter) = filters.filters.get(name) else { continue };
            // The index does not read all of an event: the pattern itself has the last word, and the values.
            let found = filter.pattern().and_then(|pattern| {
                event
                    .document
                    .and_then(|document| pattern.matches_document(document))
                    .or_else(|| pattern.matches_message(&message))
            });
            if let Some((value, dimensions)) = found.and_then(|found| filter.value(&found)) {
                sums.entry(filter.name.as_str()).or_default().add((minute(event.timestamp), dimensions), value);
            }
        }
    }
    let mut data = Vec::new();
    for filter in filters.filters.values() {
        let mut sums = sums.remove(filter.name.as_str()).unwrap_or_default();
        if let Some(default) = filter.default_value {
            let seen = events.iter().map(|event| minute(event.timestamp)).collect();
            add_defaults(tx, [account, region, group, &filter.name], default, &seen, &mut sums).await?;
        }
        data.extend(sums.0.into_iter().map(|((minute, dimensions), sum)| MetricDatum {
            namespace: filter.namespace.clone(),
            name: filter.metric_name.clone(),
            dimensions,
            unit: filter.unit.clone().filter(|unit| unit != "None"),
            timestamp: Timestamp::from_millisecond(minute).unwrap_or(Timestamp::UNIX_EPOCH),
            sample_count: sum.count,
            sum: sum.sum,
            minimum: sum.minimum,
            maximum: sum.maximum,
        }));
    }
    Ok(data)
}

/// Gives the default value for the minutes in `seen` that have no value yet, and remembers those that have one now.
async fn add_defaults(
    tx: &Tx,
    parts: [&str; 4],
    default: f64,
    seen: &BTreeSet<i64>,
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let known = MINUTES.get(tx, &parts).await?.map_or_else(Minutes::default, |row| Minutes::clone(&row));
    let mut minutes = known.minutes.clone();
    let matched: BTreeSet<i64> = sums.0.keys().map(|(minute, _)| *minute).collect();
    let forgotten = known.minutes.first().copied().filter(|_| known.minutes.len() >= MINUTES_KEPT);
    for minute in seen {
        let too_late = forgotten.is_some_and(|oldest| *minute < oldest);
        if minutes.insert(*minute) && !matched.contains(minute) && !too_late {
            sums.add((*minute, Vec::new()), default);
        }
    }
    while minutes.len() > MINUTES_KEPT {
        minutes.pop_first();
    }
    if minutes != known.minutes {
        MINUTES.put(tx, &parts, &Minutes { minutes })?;
    }
    Ok(())
}
