//! What datapoints make of an alarm. Pure: `docs.aws.amazon.com`, "Configuring how CloudWatch alarms treat missing data".

use keeptrail_clock::Timestamp;

use crate::{
    Configuration, StateValue, Statistic, StatisticSet, TreatMissingData,
    series::{Slot, seconds},
};

/// The evaluation range holds so many periods more than the alarm evaluates. AWS does not publish the number; its own
/// examples have five periods for three.
const EXTRA_PERIODS: u64 = 2;

/// One period of the evaluation range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Datapoint {
    /// When the period begins, in seconds since 1970.
    pub start: u64,
    /// The period's values; `None` when there are none.
    pub statistics: Option<StatisticSet>,
}

/// What an evaluation comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The state that the alarm is in from now on; `None` keeps the state that it has.
    pub state: Option<StateValue>,
    /// The datapoints that decided, newest first.
    pub deciding: Vec<Datapoint>,
    /// The datapoints that were looked at, newest first; missing ones are those that were filled in.
    pub evaluated: Vec<Datapoint>,
    /// How many missing datapoints were given a value by the alarm's treatment of missing data.
    pub filled: u64,
}

/// The stretch of time whose data an evaluation looks at, in seconds since 1970, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Where the oldest period begins.
    pub from: u64,
    /// Where the newest period ends.
    pub to: u64,
}

/// How often an alarm with this period is evaluated, in seconds.
pub(crate) fn interval(period: u64) -> u64 {
    if period < 60 { 10 } else { 60 }
}

/// When the alarm is evaluated next without new data.
pub(crate) fn next_tick(period: u64, now: Timestamp) -> u64 {
    let (now, interval) = (seconds(now), interval(period));
    now - now % interval + interval
}

/// The range that an evaluation at `now` looks at.
///
/// Periods slide by the minute (by ten seconds when they are shorter than a minute), as on AWS. The newest one ends with
/// the minute that has just begun, so that a datapoint counts when it arrives. Only a total that must not be too small
/// waits for the minute's end: as long as the minute lasts, every total is small.
#[must_use]
pub fn range(configuration: &Configuration, now: Timestamp) -> Range {
    let grows = matches!(configuration.statistic, Statistic::Sum | Statistic::SampleCount);
    let next = next_tick(configuration.period, now);
    let waits = grows && configuration.comparison.is_less();
    let to = if waits { next.saturating_sub(interval(configuration.period)) } else { next };
    let periods = configuration.evaluation_periods.saturating_add(EXTRA_PERIODS);
    Range { from: to.saturating_sub(periods.saturating_mul(configuration.period)), to }
}

/// The periods of `range`, oldest first, with the values that `slots` have for them.
pub(crate) fn periods(configuration: &Configuration, range: Range, slots: &[Slot]) -> Vec<Datapoint> {
    let period = configuration.period.max(1);
    let count = range.to.saturating_sub(range.from) / period;
    let mut datapoints: Vec<Datapoint> =
        (0..count).map(|index| Datapoint { start: range.from + index * period, statistics: None }).collect();
    let wanted = |slot: &&Slot| match configuration.unit.as_deref() {
        None => true,
        Some(unit) => slot.unit.as_deref().unwrap_or(crate::metric::NO_UNIT) == unit,
    };
    for slot in slots.iter().filter(wanted) {
        let index = slot.start.checked_sub(range.from).and_then(|offset| usize::try_from(offset / period).ok());
        if let Some(datapoint) = index.and_then(|index| datapoints.get_mut(index)) {
            match &mut datapoint.statistics {
                Some(statistics) => statistics.merge(&slot.statistics),
                none => *none = Some(slot.statistics),
            }
        }
    }
    datapoints
}

/// Evaluates an alarm over the periods of its evaluation range, oldest first.
#[must_use]
pub fn evaluate(configuration: &Configuration, datapoints: &[Datapoint]) -> Evaluation {
    let evaluated_periods = usize::try_from(configuration.evaluation_periods).unwrap_or(usize::MAX);
    let needed = usize::try_from(configuration.needed()).unwrap_or(usize::MAX);
    let breaches = |datapoint: &Datapoint| {
        datapoint.statistics.is_some_and(|statistics| {
            configuration.comparison.breaches(statistics.value(configuration.statistic), configuration.threshold)
        })
    };
    let real: Vec<Datapoint> = datapoints.iter().rev().filter(|point| point.statistics.is_some()).copied().collect();
    let missing = evaluated_periods.saturating_sub(real.len());
    let used: Vec<Datapoint> = real.iter().take(evaluated_periods).copied().collect();
    let breaching = used.iter().filter(|point| breaches(point)).count();
    let decided = |alarm: bool| Some(if alarm { StateValue::Alarm } else { StateValue::Ok });
    let treatment = configuration.treat_missing_data.unwrap_or_default();
    let state = match treatment {
        _ if missing == 0 => decided(breaching >= needed),
        TreatMissingData::Breaching => decided(breaching.saturating_add(missing) >= needed),
        TreatMissingData::NotBreaching => decided(breaching >= needed),
        TreatMissingData::Missing if used.is_empty() => Some(StateValue::InsufficientData),
        TreatMissingData::Ignore if used.is_empty() => None,
        TreatMissingData::Missing | TreatMissingData::Ignore if breaching >= needed => decided(true),
        TreatMissingData::Missing | TreatMissingData::Ignore if breaching < used.len() => decided(false),
        TreatMissingData::Ignore => None,
        // Only breaching datapoints, and too few: an alarm now would be premature, unless the oldest of them is so old
        // that nothing which still comes could have kept the alarm from it.
        TreatMissingData::Missing => {
            let oldest = datapoints.iter().position(breaches).unwrap_or(datapoints.len());
            (datapoints.len() - oldest >= needed).then_some(StateValue::Alarm)
        }
    };
    let filled =
        if matches!(treatment, TreatMissingData::Breaching | TreatMissingData::NotBreaching) { missing } else { 0 };
    let wanted = state == Some(StateValue::Alarm);
    let deciding = used.iter().filter(|point| breaches(point) == wanted).copied().collect();
    let evaluated =
        if used.is_empty() { datapoints.iter().rev().take(evaluated_periods).copied().collect() } else { used };
    Evaluation { state, deciding, evaluated, filled: u64::try_from(filled).unwrap_or(u64::MAX) }
}

#[cfg(test)]
pub(crate) mod tests;
