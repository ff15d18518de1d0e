//! The attributes of a message.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use keeptrail_operation::{ApiError, Blob};
use serde::{Deserialize, Serialize};

use crate::{errors::INVALID_VALUE, model::Attribute};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 256;

/// An attribute as the publisher gives it.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct MessageAttributeValue {
    #[serde(default)]
    data_type: Option<String>,
    #[serde(default)]
    string_value: Option<String>,
    #[serde(default)]
    binary_value: Option<Blob>,
}

fn fault(message: String) -> ApiError {
    ApiError::new(INVALID_VALUE, message)
}

/// Checks a message's attributes and puts them into the form in which they are delivered. `place` is the member that
/// holds them, for the message of a constraint check.
pub(crate) fn check(
    attributes: &BTreeMap<String, MessageAttributeValue>,
    place: &str,
) -> Result<BTreeMap<String, Attribute>, ApiError> {
    attributes
        .iter()
        .map(|(name, value)| {
            check_name(name)?;
            Ok((name.clone(), check_value(name, value, place)?))
        })
        .collect()
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.len() > LONGEST_NAME || name.is_empty() {
        return Err(fault("Length of message attribute name must be less than 256 bytes.".to_owned()));
    }
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(c) = name.chars().find(|c| !allowed(c)) {
        return Err(fault(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(c)
        )));
    }
    for (found, what) in [(name.starts_with('.'), "starting"), (name.ends_with('.'), "ending")] {
        if found {
            return Err(fault(format!("Invalid message attribute name {what} with character '.' was found.")));
        }
    }
    if name.contains("..") {
        return Err(fault("Message attribute name can not have successive '.' character.".to_owned()));
    }
    Ok(())
}

fn check_value(name: &str, value: &MessageAttributeValue, place: &str) -> Result<Attribute, ApiError> {
    let Some(data_type) = &value.data_type else {
        return Err(ApiError::validation(format!(
            "1 validation error detected: Value null at '{place}.{name}.member.dataType' failed to satisfy constraint: \
             Member must not be null"
        )));
    };
    let base = data_type.split('.').next().unwrap_or_default();
    let custom_is_empty = data_type.strip_prefix(base).is_some_and(|rest| rest == ".");
    if !matches!(base, "String" | "Number" | "Binary") || custom_is_empty {
        return Err(fault(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
             Binary, Number, and String."
        )));
    }
    let (field, text) = match (base, &value.string_value, &value.binary_value) {
        ("Binary", None, Some(bytes)) => ("Binary", STANDARD.encode(bytes)),
        ("Binary", text, None) if text.as_ref().is_none_or(String::is_empty) => ("Binary", String::new()),
        ("Binary", ..) => {
            return Err(fault(format!("The message attribute '{name}' with type '{base}' must use field 'Binary'.")));
        }
        (_, Some(text), None) => ("String", text.clone()),
        (_, None, None) => ("String", String::new()),
        _ => return Err(fault(format!("The message attribute '{name}' with type '{base}' must use field 'String'."))),
    };
    if text.is_empty() {
        return Err(fault(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type \
             '{data_type}'."
        )));
    }
    if base == "Number" && field == "String" && !is_number(&text) {
        return Err(fault(format!("Could not cast message attribute '{name}' value to number.")));
    }
    Ok(Attribute { data_type: data_type.clone(), value: text })
}

/// A decimal number; what Rust also reads, such as `inf`, is none.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// What the attributes add to the message's length, in bytes.
pub(crate) fn length(attributes: &BTreeMap<String, Attribute>) -> usize {
    attributes.iter().map(|(name, attribute)| name.len() + attribute.data_type.len() + attribute.value.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, data_type: &str, string: Option<&str>, binary: Option<&[u8]>) -> String {
        let value = MessageAttributeValue {
            data_type: Some(data_type.to_owned()),
            string_value: string.map(str::to_owned),
            binary_value: binary.map(|bytes| bytes.to_vec().into()),
        };
        match check(&BTreeMap::from([(name.to_owned(), value)]), "messageAttributes") {
            Ok(attributes) => format!("{}={}", attributes[name].data_type, attributes[name].value),
            Err(error) => error.message.into_owned(),
        }
    }

    #[test]
    fn values_are_checked_in_the_words_of_sns() {
        assert_eq!(message("a", "String", Some("v"), None), "String=v");
        assert_eq!(message("a", "Number.int", Some("-1.5e3"), None), "Number.int=-1.5e3");
        assert_eq!(message("a", "Binary", None, Some(&[2, 3, 4])), "Binary=AgME");
        let words = [
            message("attr1", "String", Some(""), None),
            message("attr1", "String", None, Some(b"x")),
            message("attr1", "Binary", Some("x"), None),
            message("attr1", "Binary", Some(""), None),
            message("attr1", "Strings", Some("x"), None),
            message("attr1", "Number", Some("inf"), None),
            message("a^b", "String", Some("x"), None),
            message(".a", "String", Some("x"), None),
            message("a.", "String", Some("x"), None),
            message("a..b", "String", Some("x"), None),
            message(&"a".repeat(257), "String", Some("x"), None),
        ];
        insta::assert_snapshot!(words.join("\n"));
    }
}
