//! What a target gets of an event: the event, a constant, a part of it, or a template filled from it.

use std::cell::OnceCell;

use keeptrail_operation::ApiError;
use serde_json::Value;

use crate::{
    errors,
    model::{InputTransformer, StoredTarget},
    path::Path,
    template::Template,
};

const LONGEST_INPUT: usize = 8192;
const LONGEST_PATH: usize = 256;
const MOST_PATHS: usize = 100;

/// Variables that need no path.
const PREDEFINED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// An event as its text, and parsed when a target wants a part of it.
pub(crate) struct Arrived<'a> {
    pub(crate) text: &'a str,
    pub(crate) ingestion_time: String,
    parsed: OnceCell<Value>,
}

/// The rule that an event matched.
pub(crate) struct Matched<'a> {
    pub(crate) rule_arn: &'a str,
    pub(crate) rule_name: &'a str,
}

impl<'a> Arrived<'a> {
    pub(crate) fn new(text: &'a str, ingestion_time: String) -> Self {
        Self { text, ingestion_time, parsed: OnceCell::new() }
    }

    fn value(&self) -> &Value {
        self.parsed.get_or_init(|| serde_json::from_str(self.text).unwrap_or_default())
    }

    /// What `target` gets. A path that finds nothing gives JSON's null.
    pub(crate) fn input(&self, target: &StoredTarget, matched: &Matched<'_>) -> String {
        if let Some(input) = &target.input {
            return input.clone();
        }
        if let Some(path) = &target.input_path {
            return Path::parse(path).and_then(|path| path.find(self.value()).cloned()).unwrap_or_default().to_string();
        }
        match &target.input_transformer {
            Some(transformer) => self.transformed(transformer, matched),
            None => self.text.to_owned(),
        }
    }

    fn transformed(&self, transformer: &InputTransformer, matched: &Matched<'_>) -> String {
        Template::parse(&transformer.input_template).fill(|name| match name {
            "aws.events.rule-arn" => Some(matched.rule_arn.into()),
            "aws.events.rule-name" => Some(matched.rule_name.into()),
            "aws.events.event.ingestion-time" => Some(self.ingestion_time.as_str().into()),
            "aws.events.event" => self.value().as_object().map(|event| {
                let members = event.iter().filter(|(name, _)| *name != "detail");
                // AWS spells this one member otherwise here.
                let member = |name: &str| if name == "detail-type" { "detailType".to_owned() } else { name.to_owned() };
                members.map(|(name, value)| (member(name), value.clone())).collect()
            }),
            "aws.events.event.json" => Some(self.value().clone()),
            name => {
                let path = transformer.input_paths_map.get(name)?;
                Path::parse(path)?.find(self.value()).cloned()
            }
        })
    }
}

/// Checks the inputs of a new target.
pub(crate) fn check(target: &StoredTarget) -> Result<(), ApiError> {
    let id = &target.id;
    let given = [target.input.is_some(), target.input_path.is_some(), target.input_transformer.is_some()];
    if given.iter().filter(|given| **given).count() > 1 {
        return Err(ApiError::validation(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )));
    }
    if let Some(input) = &target.input {
        check_length(input, "input", LONGEST_INPUT)?;
        if serde_json::from_str::<serde::de::IgnoredAny>(input).is_err() {
            return Err(ApiError::validation(format!("JSON syntax error in input for target {id}.")));
        }
    }
    if let Some(path) = &target.input_path {
        check_path(path, id)?;
    }
    target.input_transformer.as_ref().map_or(Ok(()), |transformer| check_transformer(transformer, id))
}

fn check_transformer(transformer: &InputTransformer, id: &str) -> Result<(), ApiError> {
    check_length(&transformer.input_template, "inputTemplate", LONGEST_INPUT)?;
    if transformer.input_paths_map.len() > MOST_PATHS {
        return Err(ApiError::validation(format!("InputPathsMap for target {id} has more than 100 entries.")));
    }
    for (name, path) in &transformer.input_paths_map {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if !(1..=256).contains(&name.len()) || !plain || name.starts_with("AWS") {
            return Err(ApiError::validation(format!("InputPathsMap for target {id} contains invalid key {name}.")));
        }
        check_path(path, id)?;
    }
    let template = Template::parse(&transformer.input_template);
    let known = |name: &str| PREDEFINED.contains(&name) || transformer.input_paths_map.contains_key(name);
    if let Some(name) = template.variables().find(|name| !known(name)) {
        return Err(ApiError::validation(format!(
            "InputTemplate for target {id} contains invalid placeholder {name}."
        )));
    }
    if template.is_json() {
        return Ok(());
    }
    Err(ApiError::validation(format!(
        "Invalid InputTemplate for target {id} : it must be JSON; put text, or each line of it, in quotes."
    )))
}

fn check_path(path: &str, id: &str) -> Result<(), ApiError> {
    check_length(path, "inputPath", LONGEST_PATH)?;
    match Path::parse(path) {
        Some(_) => Ok(()),
        None => Err(ApiError::validation(format!("Invalid JSON path {path} for target {id}."))),
    }
}

fn check_length(text: &str, member: &str, limit: usize) -> Result<(), ApiError> {
    if text.chars().count() <= limit {
        return Ok(());
    }
    Err(errors::constraint("...", member, &format!("have length less than or equal to {limit}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EVENT: &str =
        r#"{"version":"0","detail-type":"t","source":"s","resources":["r"],"detail":{"name":"n","deep":{"x":[1,2]}}}"#;

    fn target(input: Value) -> StoredTarget {
        let mut members = json!({"Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:t"});
        members.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        serde_json::from_value(members).unwrap()
    }

    fn got(input: Value) -> String {
        let target = target(input);
        check(&target).unwrap();
        let matched = Matched { rule_arn: "arn:rule", rule_name: "rule" };
        Arrived::new(EVENT, "2026-03-01T12:00:00Z".to_owned()).input(&target, &matched)
    }

    fn template(template: &str) -> String {
        let paths =
            json!({"name": "$.detail.name", "x": "$.detail.deep.x", "first": "$.resources[0]", "none": "$.nope"});
        got(json!({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}))
    }

    #[test]
    fn a_target_gets_the_event_a_constant_or_a_part() {
        assert_eq!(got(json!({})), EVENT);
        assert_eq!(got(json!({"Input": "{\"a\": 1}"})), "{\"a\": 1}");
        assert_eq!(got(json!({"InputPath": "$.detail.deep"})), r#"{"x":[1,2]}"#);
        assert_eq!(got(json!({"InputPath": "$.detail.name"})), r#""n""#);
        assert_eq!(got(json!({"InputPath": "$.nope"})), "null");
    }

    #[test]
    fn a_template_is_filled_from_the_event() {
        for (text, filled) in [
            (r#""The secret <name> went, see <first>.""#, r#""The secret n went, see r.""#),
            (r#"{"a":<name>,"b":<x>,"c":"<none>"}"#, r#"{"a":"n","b":[1,2],"c":""}"#),
            (r#""<aws.events.rule-name> <aws.events.rule-arn>""#, r#""rule arn:rule""#),
            (r#"{"t":<aws.events.event.ingestion-time>}"#, r#"{"t":"2026-03-01T12:00:00Z"}"#),
            ("<aws.events.event>", r#"{"version":"0","detailType":"t","source":"s","resources":["r"]}"#),
            ("<aws.events.event.json>", EVENT),
        ] {
            assert_eq!(template(text), filled, "{text}");
        }
    }

    #[test]
    fn inputs_that_cannot_be_carried_out_are_refused() {
        let transformer = |paths: Value, template: &str| json!({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}});
        for (input, text) in [
            (
                json!({"Input": "1", "InputPath": "$"}),
                "Only one of Input, InputPath, or InputTransformer must be provided for target 1.",
            ),
            (json!({"Input": "not json"}), "JSON syntax error in input for target 1."),
            (json!({"InputPath": "$.a[*]"}), "Invalid JSON path $.a[*] for target 1."),
            (transformer(json!({}), "\"<a>\""), "InputTemplate for target 1 contains invalid placeholder a."),
            (transformer(json!({"AWSx": "$"}), "1"), "InputPathsMap for target 1 contains invalid key AWSx."),
            (
                transformer(json!({"a": "$.a"}), "<a> went"),
                "Invalid InputTemplate for target 1 : it must be JSON; put text, or each line of it, in quotes.",
            ),
            (
                json!({"Input": format!("\"{}\"", "x".repeat(8192))}),
                "1 validation error detected: Value '...' at 'input' failed to satisfy constraint: Member must have length less than or equal to 8192",
            ),
        ] {
            assert_eq!(check(&target(input)).unwrap_err().message, text);
        }
    }
}
