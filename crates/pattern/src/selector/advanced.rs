//! Advanced selectors.

use crate::document::Node;

use super::record::Record;
use super::{AdvancedEventSelector, AdvancedFieldSelector, SelectorError};

const MAX_VALUES: usize = 500;
const MAX_VALUE_LENGTH: usize = 2048;
const MAX_NAME_LENGTH: usize = 1000;

/// Whose selectors they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Trail,
    DataStore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Equals,
    StartsWith,
    EndsWith,
}

/// One operator with its values.
#[derive(Clone, Debug)]
struct Condition {
    field: Field,
    test: Test,
    negated: bool,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    ErrorCode,
    EventName,
    EventSource,
    EventType,
    ReadOnly,
    ResourcesArn,
    SessionCredentialFromConsole,
    UserIdentityArn,
    VpcEndpointId,
}

impl Field {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "errorCode" => Self::ErrorCode,
            "eventName" => Self::EventName,
            "eventSource" => Self::EventSource,
            "eventType" => Self::EventType,
            "readOnly" => Self::ReadOnly,
            "resources.ARN" => Self::ResourcesArn,
            "sessionCredentialFromConsole" => Self::SessionCredentialFromConsole,
            "userIdentity.arn" => Self::UserIdentityArn,
            "vpcEndpointId" => Self::VpcEndpointId,
            _ => return None,
        })
    }

    /// Whether a selector of the category may test the field.
    fn is_allowed(self, category: &str, scope: Scope) -> bool {
        let in_data_store = scope == Scope::DataStore;
        match (category, self) {
            ("Management", Self::EventSource | Self::ReadOnly) => true,
            (
                "Management",
                Self::EventName | Self::EventType | Self::SessionCredentialFromConsole | Self::UserIdentityArn,
            ) => in_data_store,
            ("Data", field) => !matches!(field, Self::ErrorCode | Self::VpcEndpointId),
            (
                "NetworkActivity",
                Self::EventSource | Self::EventName | Self::ErrorCode | Self::VpcEndpointId | Self::UserIdentityArn,
            ) => true,
            _ => false,
        }
    }

    fn values<'r, N: Node>(self, record: &Record<'r, N>, resource_type: Option<&str>) -> Vec<&'r str> {
        let boolean = |value: bool| vec![if value { "true" } else { "false" }];
        let path: &[&str] = match self {
            Self::ReadOnly => return boolean(record.is_read_only()),
            Self::SessionCredentialFromConsole => return boolean(record.is_from_console()),
            Self::ResourcesArn => return resource_type.map(|name| record.arns(name)).unwrap_or_default(),
            Self::ErrorCode => &["errorCode"],
            Self::EventName => &["eventName"],
            Self::EventSource => &["eventSource"],
            Self::EventType => &["eventType"],
            Self::UserIdentityArn => &["userIdentity", "arn"],
            Self::VpcEndpointId => &["vpcEndpointId"],
        };
        record.text(path).into_iter().collect()
    }
}

impl Condition {
    /// A record without the field passes negative operators and no positive one.
    fn holds<N: Node>(&self, record: &Record<'_, N>, resource_type: Option<&str>) -> bool {
        let fits = self.field.values(record, resource_type).iter().any(|value| {
            self.values.iter().any(|wanted| match self.test {
                Test::Equals => value == wanted,
                Test::StartsWith => value.starts_with(wanted),
                Test::EndsWith => value.ends_with(wanted),
            })
        });
        fits != self.negated
    }
}

/// One compiled selector.
#[derive(Clone, Debug)]
pub(super) struct Advanced {
    category: String,
    resource_type: Option<String>,
    conditions: Vec<Condition>,
}

impl Advanced {
    pub(super) fn selects<N: Node>(&self, record: &Record<'_, N>) -> bool {
        let resource_type = self.resource_type.as_deref();
        let concerns = match resource_type {
            Some(resource_type) => record.concerns(resource_type),
            None => record.category() == self.category,
        };
        concerns && self.conditions.iter().all(|condition| condition.holds(record, resource_type))
    }
}

/// Checks and compiles advanced selectors.
pub(super) fn compile(selectors: &[AdvancedEventSelector], scope: Scope) -> Result<Vec<Advanced>, SelectorError> {
    if selectors.is_empty() {
        return Err(SelectorError::new("At least one advanced event selector is required."));
    }
    let values: usize = selectors
        .iter()
        .flat_map(|selector| &selector.field_selectors)
        .flat_map(operators)
        .map(|(_, _, values)| values.len())
        .sum();
    if values > MAX_VALUES {
        let message = format!("Advanced event selectors can have at most {MAX_VALUES} values in all conditions.");
        return Err(SelectorError::new(message));
    }
    selectors.iter().map(|selector| compile_one(selector, scope)).collect()
}

/// The operators that are given, as test, negation and values.
fn operators(selector: &AdvancedFieldSelector) -> impl Iterator<Item = (Test, bool, &Vec<String>)> {
    [
        (Test::Equals, false, &selector.equals),
        (Test::StartsWith, false, &selector.starts_with),
        (Test::EndsWith, false, &selector.ends_with),
        (Test::Equals, true, &selector.not_equals),
        (Test::StartsWith, true, &selector.not_starts_with),
        (Test::EndsWith, true, &selector.not_ends_with),
    ]
    .into_iter()
    .filter_map(|(test, negated, values)| values.as_ref().map(|values| (test, negated, values)))
}

fn compile_one(selector: &AdvancedEventSelector, scope: Scope) -> Result<Advanced, SelectorError> {
    if selector.name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME_LENGTH) {
        let message = format!("The name of an advanced event selector can have at most {MAX_NAME_LENGTH} characters.");
        return Err(SelectorError::new(message));
    }
    for field in &selector.field_selectors {
        check_values(field)?;
    }
    let category = only_equals(selector, "eventCategory")?
        .ok_or_else(|| SelectorError::new("Field eventCategory is required in an advanced event selector."))?;
    let known = match category.as_str() {
        "Management" | "Data" | "NetworkActivity" => true,
        "ConfigurationItem" | "Evidence" | "ActivityAuditLog" | "Insight" => scope == Scope::DataStore,
        _ => false,
    };
    if !known {
        return Err(SelectorError::new(format!("Value {category} for field eventCategory is invalid.")));
    }
    let resource_type = only_equals(selector, "resources.type")?;
    match &resource_type {
        None if category == "Data" => {
            return Err(SelectorError::new("Field resources.type is required for eventCategory Data."));
        }
        Some(name) if category == "Data" && !is_resource_type(name) => {
            return Err(SelectorError::new(format!("Value {name} for field resources.type is invalid.")));
        }
        Some(_) if category != "Data" => return Err(not_supported("resources.type", &category)),
        _ => {}
    }
    let mut conditions = Vec::new();
    for selector in &selector.field_selectors {
        if matches!(selector.field.as_str(), "eventCategory" | "resources.type") {
            continue;
        }
        let field = Field::parse(&selector.field)
            .ok_or_else(|| SelectorError::new(format!("Field {} is invalid.", selector.field)))?;
        if !field.is_allowed(&category, scope) {
            return Err(not_supported(&selector.field, &category));
        }
        for (test, negated, values) in operators(selector) {
            check_use(field, &category, scope, test, negated, values)?;
            conditions.push(Condition { field, test, negated, values: values.clone() });
        }
    }
    let has_source = conditions.iter().any(|condition| condition.field == Field::EventSource);
    if category == "NetworkActivity" && !has_source {
        return Err(SelectorError::new("Field eventSource is required for eventCategory NetworkActivity."));
    }
    Ok(Advanced { category, resource_type, conditions })
}

fn not_supported(field: &str, category: &str) -> SelectorError {
    SelectorError::new(format!("Field {field} is not supported for eventCategory {category}."))
}

fn check_values(selector: &AdvancedFieldSelector) -> Result<(), SelectorError> {
    let field = &selector.field;
    if operators(selector).next().is_none() {
        return Err(SelectorError::new(format!("Field {field} needs at least one operator.")));
    }
    for (_, _, values) in operators(selector) {
        if values.is_empty() {
            return Err(SelectorError::new(format!("Field {field} has an operator without values.")));
        }
        if values.iter().any(|value| value.is_empty() || value.chars().count() > MAX_VALUE_LENGTH) {
            let message = format!("Values for field {field} must have 1 to {MAX_VALUE_LENGTH} characters.");
            return Err(SelectorError::new(message));
        }
    }
    Ok(())
}

/// The one value of a field that takes only `Equals`.
fn only_equals(selector: &AdvancedEventSelector, field: &str) -> Result<Option<String>, SelectorError> {
    let mut found = None;
    for selector in selector.field_selectors.iter().filter(|selector| selector.field == field) {
        if found.is_some() {
            return Err(SelectorError::new(format!(
                "Field {field} can be used only once in an advanced event selector."
            )));
        }
        for (test, negated, values) in operators(selector) {
            if test != Test::Equals || negated {
                return Err(only_equals_error(field));
            }
            let [value] = values.as_slice() else {
                return Err(SelectorError::new(format!("Field {field} takes exactly one value.")));
            };
            found = Some(value.clone());
        }
    }
    Ok(found)
}

fn only_equals_error(field: &str) -> SelectorError {
    SelectorError::new(format!("Field {field} can only use the Equals operator."))
}

/// `AWS::Service::Resource`.
fn is_resource_type(name: &str) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.len() == 3 && parts.first() == Some(&"AWS") && parts.iter().all(word)
}

fn check_use(
    field: Field,
    category: &str,
    scope: Scope,
    test: Test,
    negated: bool,
    values: &[String],
) -> Result<(), SelectorError> {
    let invalid = |name: &str, known: &[&str]| match values.iter().find(|value| !known.contains(&value.as_str())) {
        Some(value) => Err(SelectorError::new(format!("Value {value} for field {name} is invalid."))),
        None => Ok(()),
    };
    match field {
        Field::ReadOnly => {
            if test != Test::Equals || negated {
                return Err(only_equals_error("readOnly"));
            }
            if values.len() != 1 {
                return Err(SelectorError::new("Field readOnly takes exactly one value."));
            }
            invalid("readOnly", &["true", "false"])
        }
        Field::SessionCredentialFromConsole => {
            if test != Test::Equals {
                let message = "Field sessionCredentialFromConsole can only use the Equals and NotEquals operators.";
                return Err(SelectorError::new(message));
            }
            invalid("sessionCredentialFromConsole", &["true", "false"])
        }
        Field::ErrorCode => {
            if test != Test::Equals || negated {
                return Err(only_equals_error("errorCode"));
            }
            invalid("errorCode", &["VpceAccessDenied"])
        }
        Field::EventSource if category == "Management" && scope == Scope::Trail => {
            if test != Test::Equals || !negated {
                let message = "Field eventSource can only use the NotEquals operator for eventCategory Management.";
                return Err(SelectorError::new(message));
            }
            invalid("eventSource", &["kms.amazonaws.com", "rdsdata.amazonaws.com"])
        }
        Field::EventSource if category == "NetworkActivity" && (test != Test::Equals || negated) => {
            Err(only_equals_error("eventSource"))
        }
        _ => Ok(()),
    }
}
