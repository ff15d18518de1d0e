//! The JSON paths of inputs: `$`, members after dots, elements by number.
//!
//! EventBridge wants dot notation; a path reads one value, so wildcards, filters and negative numbers are refused.

use serde_json::Value;

/// A parsed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path<'a>(Vec<Step<'a>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Element(usize),
}

impl<'a> Path<'a> {
    /// Parses a path; `None` when it is none.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let (number, after) = after.split_once(']')?;
                let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                steps.push(Step::Element(number.parse().ok().filter(|_| digits)?));
                rest = after;
            } else {
                let after = rest.strip_prefix('.')?;
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (name, after) = after.split_at_checked(end)?;
                let plain = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "*?@()'\"]".contains(c));
                steps.push(Step::Member(Some(name).filter(|_| plain)?));
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// The value at the path.
    pub(crate) fn find<'v>(&self, event: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(event, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Element(index) => value.get(index),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_members_and_elements() {
        let event = json!({"detail-type": "t", "resources": ["a", {"b": 1}], "detail": {"x": {"y": null}}});
        for (path, found) in [
            ("$.detail-type", Some(json!("t"))),
            ("$.resources[0]", Some(json!("a"))),
            ("$.resources[1].b", Some(json!(1))),
            ("$.resources[2]", None),
            ("$.detail.x.y", Some(json!(null))),
            ("$.detail.x.y.z", None),
            ("$.detail.z", None),
            ("$", Some(event.clone())),
        ] {
            assert_eq!(Path::parse(path).unwrap().find(&event).cloned(), found, "{path}");
        }
    }

    #[test]
    fn what_is_no_plain_path_is_refused() {
        for path in [
            "", "detail", "$detail", "$.", "$..a", "$.a.", "$.a[", "$.a[]", "$.a[*]", "$.a[-1]", "$.a[+1]", "$.*",
            "$['a']", "$.a b",
        ] {
            assert_eq!(Path::parse(path), None, "{path}");
        }
    }
}
