//! Why an alarm is in its state, in AWS's words.

use keeptrail_clock::Timestamp;
use serde_json::{Map, Value, json};

use crate::{Configuration, Datapoint, Evaluation, StateValue, TreatMissingData};

/// The reason of an alarm that was never evaluated.
pub(crate) const INITIAL: &str = "Unchecked: Initial alarm creation";
/// From so many datapoints on, a reason lists only the newest.
const MANY: usize = 5;

/// A number as Java prints it, which is how AWS writes numbers in texts: `21.0`, `1.0E7`.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// A time as notifications, events and reason data write it: `2026-02-26T10:19:37.123+0000`.
pub(crate) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

/// The same for milliseconds since 1970.
pub(crate) fn stamp_millis(millis: i64) -> String {
    stamp(Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn time(seconds: u64) -> Timestamp {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn plural(count: u64, one: &'static str, more: &'static str) -> &'static str {
    if count == 1 { one } else { more }
}

/// The text of the reason for `state`.
pub(crate) fn text(configuration: &Configuration, state: StateValue, evaluation: &Evaluation) -> String {
    let periods = configuration.evaluation_periods;
    if state == StateValue::InsufficientData {
        let words = plural(periods, "datapoint was", "datapoints were");
        return format!("Insufficient Data: {periods} {words} unknown.");
    }
    let missing = evaluation.filled;
    let treated = match configuration.treat_missing_data {
        Some(TreatMissingData::Breaching) => "Breaching",
        _ => "NonBreaching",
    };
    let missing_words =
        format!("{missing} missing {} treated as [{treated}]", plural(missing, "datapoint was", "datapoints were"));
    let count = evaluation.deciding.len();
    if count == 0 {
        let periods = plural(missing, "period", "periods");
        return format!("Threshold Crossed: no datapoints were received for {missing} {periods} and {missing_words}.");
    }
    let out_of = configuration.datapoints_to_alarm.map(|needed| (periods, needed));
    let counted = match out_of {
        Some((periods, _)) => format!("{count} out of the last {periods} datapoints"),
        None => format!("{count} {}", plural(count as u64, "datapoint", "datapoints")),
    };
    let listed: Vec<String> =
        evaluation.deciding.iter().take(MANY).map(|datapoint| listed(configuration, datapoint)).collect();
    let listed = listed.join(", ");
    let many = count >= MANY;
    let crossed = format!(
        "{} {}{} the threshold ({})",
        plural(count as u64, "was", "were"),
        if state == StateValue::Alarm { "" } else { "not " },
        configuration.comparison.words(),
        number(configuration.threshold)
    );
    let mut text = if many {
        format!("Threshold Crossed: {counted} {crossed}")
    } else {
        format!("Threshold Crossed: {counted} [{listed}] {crossed}")
    };
    if missing > 0 {
        text.push_str(" and ");
        text.push_str(&missing_words);
    }
    if many {
        text.push_str(". The most recent datapoints which crossed the threshold: [");
        text.push_str(&listed);
        text.push(']');
    }
    if let Some((periods, needed)) = out_of {
        let (least, transition) = if state == StateValue::Alarm {
            (needed, "OK -> ALARM")
        } else {
            (periods.saturating_sub(needed) + 1, "ALARM -> OK")
        };
        let words = plural(least, "datapoint", "datapoints");
        text.push_str(&format!(" (minimum {least} {words} for {transition} transition)"));
    }
    text.push('.');
    text
}

fn listed(configuration: &Configuration, datapoint: &Datapoint) -> String {
    let value = datapoint.statistics.map_or(0.0, |statistics| statistics.value(configuration.statistic));
    format!("{} ({})", number(value), time(datapoint.start).strftime("%d/%m/%y %H:%M:%S"))
}

/// The reason as data. As in AWS's own, `recentDatapoints` has the oldest first, and `evaluatedDatapoints` only the newest
/// datapoint, or all periods when none has data.
pub(crate) fn data(configuration: &Configuration, evaluation: &Evaluation, now: Timestamp) -> String {
    let real: Vec<&Datapoint> = evaluation.evaluated.iter().filter(|point| point.statistics.is_some()).collect();
    let value = |point: &Datapoint| point.statistics.map(|statistics| statistics.value(configuration.statistic));
    let mut data = Map::new();
    data.insert("version".into(), json!("1.0"));
    data.insert("queryDate".into(), json!(stamp(now)));
    if let Some(oldest) = real.last() {
        data.insert("startDate".into(), json!(stamp(time(oldest.start))));
    }
    if let Some(unit) = &configuration.unit {
        data.insert("unit".into(), json!(unit));
    }
    data.insert("statistic".into(), json!(configuration.statistic.name()));
    data.insert("period".into(), json!(configuration.period));
    let recent: Vec<Option<f64>> = real.iter().rev().map(|point| value(point)).collect();
    data.insert("recentDatapoints".into(), json!(recent));
    data.insert("threshold".into(), json!(configuration.threshold));
    let evaluated: Vec<Value> = match real.first() {
        Some(newest) => vec![json!({
            "timestamp": stamp(time(newest.start)),
            "sampleCount": newest.statistics.map(|statistics| statistics.sample_count),
            "value": value(newest),
        })],
        None => evaluation.evaluated.iter().map(|point| json!({ "timestamp": stamp(time(point.start)) })).collect(),
    };
    data.insert("evaluatedDatapoints".into(), Value::Array(evaluated));
    Value::Object(data).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Comparison, Statistic, StatisticSet, evaluate::evaluate, evaluate::tests::configuration};

    const START: &str = "2026-02-26T10:14:00Z";

    /// Oldest first, a minute apart; `None` is missing. The newest begins at `START`.
    fn datapoints(values: &[Option<f64>]) -> Vec<Datapoint> {
        let newest = START.parse::<Timestamp>().unwrap().as_second().unsigned_abs();
        let oldest = newest - 60 * (values.len() as u64 - 1);
        let point = |(index, value): (u64, &Option<f64>)| Datapoint {
            start: oldest + 60 * index,
            statistics: value.map(StatisticSet::one),
        };
        (0..).zip(values).map(point).collect()
    }

    fn reason(configuration: &Configuration, values: &[Option<f64>]) -> String {
        let evaluation = evaluate(configuration, &datapoints(values));
        text(configuration, evaluation.state.unwrap(), &evaluation)
    }

    #[test]
    fn one_datapoint_is_told_as_aws_tells_it() {
        let configuration = Configuration { threshold: 21.0, ..configuration(1, None) };
        assert_eq!(
            reason(&configuration, &[None, None, Some(21.5)]),
            "Threshold Crossed: 1 datapoint [21.5 (26/02/26 10:14:00)] was greater than the threshold (21.0)."
        );
        assert_eq!(
            reason(&configuration, &[None, None, Some(20.0)]),
            "Threshold Crossed: 1 datapoint [20.0 (26/02/26 10:14:00)] was not greater than the threshold (21.0)."
        );
        assert_eq!(reason(&configuration, &[None, None, None]), "Insufficient Data: 1 datapoint was unknown.");
    }

    #[test]
    fn several_datapoints_are_listed_newest_first() {
        let configuration = Configuration { threshold: 42.0, ..configuration(2, None) };
        assert_eq!(
            reason(&configuration, &[None, None, Some(1.0), Some(0.0)]),
            "Threshold Crossed: 2 datapoints [0.0 (26/02/26 10:14:00), 1.0 (26/02/26 10:13:00)] were not greater than the threshold (42.0)."
        );
    }

    #[test]
    fn m_out_of_n_says_what_the_transition_takes() {
        let mut configuration = Configuration { threshold: 50.0, ..configuration(1, Some(1)) };
        assert_eq!(
            reason(&configuration, &[None, None, Some(99.5)]),
            "Threshold Crossed: 1 out of the last 1 datapoints [99.5 (26/02/26 10:14:00)] was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition)."
        );
        configuration = Configuration {
            threshold: 80.0,
            comparison: Comparison::GreaterThanOrEqualToThreshold,
            ..crate::evaluate::tests::configuration(3, Some(2))
        };
        assert_eq!(
            reason(&configuration, &[Some(1.0), Some(2.0), Some(3.0)]),
            "Threshold Crossed: 3 out of the last 3 datapoints [3.0 (26/02/26 10:14:00), 2.0 (26/02/26 10:13:00), 1.0 (26/02/26 10:12:00)] were not greater than or equal to the threshold (80.0) (minimum 2 datapoints for ALARM -> OK transition)."
        );
    }

    #[test]
    fn missing_datapoints_say_what_they_were_taken_for() {
        let mut configuration =
            Configuration { treat_missing_data: Some(TreatMissingData::Breaching), ..configuration(2, None) };
        assert_eq!(
            reason(&configuration, &[None, None, None, None]),
            "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."
        );
        configuration = Configuration {
            treat_missing_data: Some(TreatMissingData::NotBreaching),
            ..crate::evaluate::tests::configuration(1, None)
        };
        assert_eq!(
            reason(&configuration, &[None, None, None]),
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."
        );
        configuration = Configuration {
            treat_missing_data: Some(TreatMissingData::NotBreaching),
            ..crate::evaluate::tests::configuration(3, Some(2))
        };
        assert_eq!(
            reason(&configuration, &[None, None, None, None, Some(0.0)]),
            "Threshold Crossed: 1 out of the last 3 datapoints [0.0 (26/02/26 10:14:00)] was not greater than the threshold (0.0) and 2 missing datapoints were treated as [NonBreaching] (minimum 2 datapoints for ALARM -> OK transition)."
        );
    }

    #[test]
    fn many_datapoints_are_cut_to_the_newest_five() {
        let configuration = configuration(6, None);
        assert_eq!(
            reason(&configuration, &[Some(1.0); 8]),
            "Threshold Crossed: 6 datapoints were greater than the threshold (0.0). The most recent datapoints which crossed the threshold: [1.0 (26/02/26 10:14:00), 1.0 (26/02/26 10:13:00), 1.0 (26/02/26 10:12:00), 1.0 (26/02/26 10:11:00), 1.0 (26/02/26 10:10:00)]."
        );
    }

    #[test]
    fn numbers_look_like_javas() {
        let shown = [0.0, 21.0, 99.501_602_296_934_34, 1e7, 1.5e-4, -2e9, 9_999_999.5].map(number);
        assert_eq!(shown, ["0.0", "21.0", "99.50160229693434", "1.0E7", "1.5E-4", "-2.0E9", "9999999.5"]);
    }

    #[test]
    fn the_reason_as_data_has_awss_members_in_awss_order() {
        let now: Timestamp = "2026-02-26T10:14:37.123Z".parse().unwrap();
        let shown = |configuration: &Configuration, values: &[Option<f64>]| {
            data(configuration, &evaluate(configuration, &datapoints(values)), now)
        };
        let with_unit = Configuration {
            unit: Some("Seconds".into()),
            statistic: Statistic::Average,
            threshold: 2.0,
            ..configuration(2, None)
        };
        insta::assert_snapshot!(shown(&with_unit, &[None, None, Some(21.5), Some(3.0)]), @r#"{"version":"1.0","queryDate":"2026-02-26T10:14:37.123+0000","startDate":"2026-02-26T10:13:00.000+0000","unit":"Seconds","statistic":"Average","period":60,"recentDatapoints":[21.5,3.0],"threshold":2.0,"evaluatedDatapoints":[{"timestamp":"2026-02-26T10:14:00.000+0000","sampleCount":1.0,"value":3.0}]}"#);
        insta::assert_snapshot!(shown(&configuration(2, None), &[None, None, None, None]), @r#"{"version":"1.0","queryDate":"2026-02-26T10:14:37.123+0000","statistic":"Sum","period":60,"recentDatapoints":[],"threshold":0.0,"evaluatedDatapoints":[{"timestamp":"2026-02-26T10:14:00.000+0000"},{"timestamp":"2026-02-26T10:13:00.000+0000"}]}"#);
    }
}
