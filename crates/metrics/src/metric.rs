//! What names a metric.

use aws_lc_rs::digest;
use keeptrail_operation::ApiError;
use serde::{Deserialize, Serialize};

use crate::constraint;

/// A name and a value that set a metric apart from others of its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Dimension {
    /// The dimension's name.
    pub name: String,
    /// The dimension's value.
    pub value: String,
}

/// A metric: namespace, name, dimensions. The order of the dimensions does not matter to its identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Metric {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The dimensions, as their writer ordered them.
    pub dimensions: Vec<Dimension>,
}

/// The units of the API.
pub(crate) const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// The unit of data whose writer named none.
pub(crate) const NO_UNIT: &str = "None";

impl Metric {
    /// Stands for the dimensions in keys: the same for the same set in any order.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        if self.dimensions.is_empty() {
            return "-".to_owned();
        }
        let mut sorted: Vec<&Dimension> = self.dimensions.iter().collect();
        sorted.sort();
        let mut context = digest::Context::new(&digest::SHA256);
        for dimension in sorted {
            for text in [&dimension.name, &dimension.value] {
                context.update(&text.len().to_be_bytes());
                context.update(text.as_bytes());
            }
        }
        let mut text = hex::encode(context.finish());
        text.truncate(32);
        text
    }
}

/// Checks dimensions against the API's constraints.
///
/// # Errors
/// When there are too many, or one is empty, too long or given twice.
pub(crate) fn check_dimensions(dimensions: &[Dimension]) -> Result<(), ApiError> {
    constraint::items("dimensions", dimensions.len(), 30)?;
    for (index, dimension) in dimensions.iter().enumerate() {
        let member = index + 1;
        constraint::length(&format!("dimensions.{member}.member.name"), &dimension.name, 1, 255)?;
        constraint::length(&format!("dimensions.{member}.member.value"), &dimension.value, 1, 1024)?;
        if dimensions.iter().take(index).any(|earlier| earlier.name == dimension.name) {
            let message = format!("No Dimension name can be repeated: {}", dimension.name);
            return Err(ApiError::new(constraint::INVALID_VALUE, message));
        }
    }
    Ok(())
}

/// Checks a unit, if there is one.
///
/// # Errors
/// When there is no such unit.
pub(crate) fn check_unit(unit: Option<&str>) -> Result<(), ApiError> {
    unit.map_or(Ok(()), |unit| constraint::one_of("unit", unit, &UNITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(dimensions: &[(&str, &str)]) -> Metric {
        let dimension = |(name, value): &(&str, &str)| Dimension { name: (*name).into(), value: (*value).into() };
        Metric { namespace: "N".into(), name: "m".into(), dimensions: dimensions.iter().map(dimension).collect() }
    }

    #[test]
    fn dimensions_are_the_same_in_any_order_and_never_run_together() {
        let one = metric(&[("a", "1"), ("b", "2")]);
        assert_eq!(one.fingerprint(), metric(&[("b", "2"), ("a", "1")]).fingerprint());
        assert_ne!(one.fingerprint(), metric(&[("a", "1b"), ("", "2")]).fingerprint());
        assert_ne!(one.fingerprint(), metric(&[("a", "2"), ("b", "1")]).fingerprint());
        assert_eq!(metric(&[]).fingerprint(), "-");
    }

    #[test]
    fn a_dimension_cannot_be_given_twice() {
        let error = check_dimensions(&metric(&[("a", "1"), ("a", "2")]).dimensions).unwrap_err();
        assert_eq!(error.code.query, Some("InvalidParameterValue"));
    }
}
