use proptest::prelude::*;

use super::*;
use crate::{Comparison, Metric};

/// Sum over a minute, breaching above 0.
pub(crate) fn configuration(evaluation_periods: u64, datapoints_to_alarm: Option<u64>) -> Configuration {
    Configuration {
        description: None,
        actions_enabled: true,
        ok_actions: Vec::new(),
        alarm_actions: Vec::new(),
        insufficient_data_actions: Vec::new(),
        metric: Metric { namespace: "N".into(), name: "m".into(), dimensions: Vec::new() },
        statistic: Statistic::Sum,
        period: 60,
        unit: None,
        evaluation_periods,
        datapoints_to_alarm,
        threshold: 0.0,
        comparison: Comparison::GreaterThanThreshold,
        treat_missing_data: None,
    }
}

/// `0` is fine, `X` breaches, `-` is missing; the oldest is at the left.
fn datapoints(drawing: &str) -> Vec<Datapoint> {
    let value = |sign| match sign {
        "0" => Some(StatisticSet::one(0.0)),
        "X" => Some(StatisticSet::one(1.0)),
        "-" => None,
        other => panic!("{other}"),
    };
    let signs = drawing.split_whitespace().map(value);
    signs.zip(0..).map(|(statistics, index)| Datapoint { start: 60 * index, statistics }).collect()
}

fn outcome(needed: u64, treatment: TreatMissingData, drawing: &str) -> &'static str {
    let mut configuration = configuration(3, Some(needed));
    configuration.treat_missing_data = Some(treatment);
    evaluate(&configuration, &datapoints(drawing)).state.map_or("keep", StateValue::name)
}

const TREATMENTS: [TreatMissingData; 4] =
    [TreatMissingData::Missing, TreatMissingData::Ignore, TreatMissingData::Breaching, TreatMissingData::NotBreaching];

fn check(needed: u64, table: &[(&str, [&str; 4])]) {
    for (drawing, expected) in table {
        let found = TREATMENTS.map(|treatment| outcome(needed, treatment, drawing));
        assert_eq!(found, *expected, "{drawing} with M = {needed}");
    }
}

#[test]
fn the_guides_table_for_three_out_of_three() {
    check(
        3,
        &[
            ("0 - X - X", ["OK", "OK", "OK", "OK"]),
            ("0 - - - -", ["OK", "OK", "OK", "OK"]),
            ("- - - - -", ["INSUFFICIENT_DATA", "keep", "ALARM", "OK"]),
            ("0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("- - X - -", ["ALARM", "keep", "ALARM", "OK"]),
        ],
    );
}

#[test]
fn the_guides_table_for_two_out_of_three() {
    check(
        2,
        &[
            ("0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("0 - X - -", ["OK", "OK", "ALARM", "OK"]),
            ("- - - - 0", ["OK", "OK", "ALARM", "OK"]),
            ("- - - X -", ["ALARM", "keep", "ALARM", "OK"]),
        ],
    );
}

#[test]
fn an_alarm_does_not_come_before_its_time() {
    // The guide: "the alarm does not go immediately into ALARM state when the data is either - - - - X or - - - X -".
    check(3, &[("- - - - X", ["keep", "keep", "ALARM", "OK"]), ("- - - X -", ["keep", "keep", "ALARM", "OK"])]);
    check(3, &[("- - - X 0", ["OK", "OK", "OK", "OK"]), ("- - X - 0", ["OK", "OK", "OK", "OK"])]);
}

#[test]
fn the_seeds_alarm_fires_on_its_first_datapoint_and_forgets_when_data_stops() {
    let configuration = configuration(1, None);
    let state = |drawing| evaluate(&configuration, &datapoints(drawing)).state;
    assert_eq!(state("- - X"), Some(StateValue::Alarm));
    assert_eq!(state("X - -"), Some(StateValue::Alarm));
    assert_eq!(state("- - -"), Some(StateValue::InsufficientData));
    assert_eq!(state("X - 0"), Some(StateValue::Ok));
}

#[test]
fn periods_slide_with_the_minute_and_take_in_the_minute_that_runs() {
    let mut configuration = configuration(1, None);
    configuration.period = 300;
    let now: Timestamp = "2026-02-26T10:14:23.5Z".parse().unwrap();
    let end = seconds("2026-02-26T10:15:00Z".parse().unwrap());
    assert_eq!(range(&configuration, now), Range { from: end - 900, to: end });

    configuration.comparison = Comparison::LessThanThreshold;
    assert_eq!(range(&configuration, now).to, end - 60, "a total that is still growing is not held against a minimum");

    configuration.period = 10;
    configuration.statistic = Statistic::Average;
    assert_eq!(range(&configuration, now), Range { from: end - 60, to: end - 30 });
}

#[test]
fn only_data_of_the_alarms_unit_counts() {
    let slot = |unit: Option<&str>, value| Slot {
        start: 60,
        unit: unit.map(Into::into),
        statistics: StatisticSet::one(value),
    };
    let slots = [slot(None, 1.0), slot(Some("Seconds"), 2.0)];
    let sum = |unit: Option<&str>| {
        let configuration = Configuration { unit: unit.map(Into::into), ..configuration(1, None) };
        periods(&configuration, Range { from: 0, to: 180 }, &slots)[1].statistics.map(|set| set.sum)
    };
    assert_eq!(sum(None), Some(3.0));
    assert_eq!(sum(Some("Seconds")), Some(2.0));
    assert_eq!(sum(Some("None")), Some(1.0));
    assert_eq!(sum(Some("Bytes")), None);
}

proptest! {
    /// With enough real datapoints the treatment of missing ones changes nothing.
    #[test]
    fn treatment_matters_only_when_data_is_missing(signs in prop::collection::vec("[0X]", 3..6), needed in 1u64..4) {
        let drawing = signs.join(" ");
        let outcomes = TREATMENTS.map(|treatment| outcome(needed, treatment, &drawing));
        prop_assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{drawing}: {outcomes:?}");
    }

    /// More breaching data never turns an alarm off.
    #[test]
    fn a_breach_more_never_ends_an_alarm(signs in prop::collection::vec("[0X-]", 5), place in 0usize..5, needed in 1u64..4) {
        let mut more = signs.clone();
        if more[place] == "0" {
            more[place] = "X".to_owned();
        }
        for treatment in TREATMENTS {
            if outcome(needed, treatment, &signs.join(" ")) == "ALARM" {
                prop_assert_ne!(outcome(needed, treatment, &more.join(" ")), "OK");
            }
        }
    }
}
