//! Statistics over values.

use serde::{Deserialize, Serialize};

/// What is kept of any number of values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StatisticSet {
    /// How many values; not always whole, for clients may weigh them.
    pub sample_count: f64,
    /// Their sum.
    pub sum: f64,
    /// The least of them.
    pub minimum: f64,
    /// The greatest of them.
    pub maximum: f64,
}

/// The statistics that a caller can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Statistic {
    /// The number of values.
    SampleCount,
    /// Their sum divided by their number.
    Average,
    /// Their sum.
    Sum,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
}

impl StatisticSet {
    /// One value.
    #[must_use]
    pub fn one(value: f64) -> Self {
        Self::repeated(value, 1.0)
    }

    /// One value, `count` times.
    #[must_use]
    pub fn repeated(value: f64, count: f64) -> Self {
        Self { sample_count: count, sum: finite(value * count), minimum: value, maximum: value }
    }

    /// Takes in the values of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.sample_count = finite(self.sample_count + other.sample_count);
        self.sum = finite(self.sum + other.sum);
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }

    /// The value of one statistic.
    #[must_use]
    pub fn value(&self, statistic: Statistic) -> f64 {
        match statistic {
            Statistic::SampleCount => self.sample_count,
            Statistic::Average if self.sample_count == 0.0 => 0.0,
            Statistic::Average => finite(self.sum / self.sample_count),
            Statistic::Sum => self.sum,
            Statistic::Minimum => self.minimum,
            Statistic::Maximum => self.maximum,
        }
    }
}

/// Infinities have no place in JSON rows, so a sum that overflows stays at the end of the range.
fn finite(value: f64) -> f64 {
    value.clamp(f64::MIN, f64::MAX)
}

impl Statistic {
    /// All, by AWS's names.
    pub(crate) const NAMES: [&'static str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

    /// The statistic of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => return None,
        })
    }

    /// AWS's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SampleCount => "SampleCount",
            Self::Average => "Average",
            Self::Sum => "Sum",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
        }
    }

    /// The name as notifications write it.
    #[must_use]
    pub fn upper(self) -> &'static str {
        match self {
            Self::SampleCount => "SAMPLE_COUNT",
            Self::Average => "AVERAGE",
            Self::Sum => "SUM",
            Self::Minimum => "MINIMUM",
            Self::Maximum => "MAXIMUM",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merging_is_the_same_in_any_grouping(values in prop::collection::vec(-1000i32..1000, 3..30), cut in 1usize..2) {
            let all: Vec<StatisticSet> = values.iter().map(|value| StatisticSet::one(f64::from(*value))).collect();
            let fold = |sets: &[StatisticSet]| {
                let mut first = sets[0];
                sets[1..].iter().for_each(|set| first.merge(set));
                first
            };
            let mut left = fold(&all[..cut]);
            left.merge(&fold(&all[cut..]));
            prop_assert_eq!(left, fold(&all));
        }
    }

    #[test]
    fn a_sum_that_overflows_stays_finite() {
        let mut set = StatisticSet::one(f64::MAX);
        set.merge(&StatisticSet::one(f64::MAX));
        assert_eq!(set.sum, f64::MAX);
        assert!(set.value(Statistic::Average).is_finite());
    }
}
