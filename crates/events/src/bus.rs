//! Names of the bus and of rules, and the rights that operations on them need.
//!
//! There is one bus, `default`. Source of the actions and condition keys: "Actions, resources, and condition keys for
//! Amazon EventBridge" in the Service Authorization Reference.

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Context};

use crate::{
    Events, errors,
    model::{RuleSet, read},
};

/// The one bus.
pub(crate) const DEFAULT: &str = "default";

/// The bus's ARN.
pub(crate) fn arn(cx: &Context<'_, Events>) -> String {
    cx.arn("event-bus/default")
}

/// A rule's ARN.
pub(crate) fn rule_arn(cx: &Context<'_, Events>, name: &str) -> String {
    cx.arn(&format!("rule/{name}"))
}

/// Checks that `name` is the one bus, by name or by ARN; absent means the same.
pub(crate) fn check(cx: &Context<'_, Events>, name: Option<&str>) -> Result<(), ApiError> {
    match name {
        Some(name) if !is_default(cx, name) => {
            let last = name.rsplit_once("event-bus/").map_or(name, |(_, last)| last);
            Err(ApiError::new(errors::RESOURCE_NOT_FOUND, errors::no_bus_text(last)))
        }
        _ => Ok(()),
    }
}

/// Whether `name` means the caller's default bus.
pub(crate) fn is_default(cx: &Context<'_, Events>, name: &str) -> bool {
    name == DEFAULT || name == arn(cx)
}

/// Checks a name of a rule or target against `[\.\-_A-Za-z0-9]+`, 1 to 64 characters.
pub(crate) fn check_name(name: &str, member: &str) -> Result<(), ApiError> {
    if name.is_empty() {
        return Err(errors::constraint(name, member, "have length greater than or equal to 1"));
    }
    if name.chars().count() > 64 {
        return Err(errors::constraint(name, member, "have length less than or equal to 64"));
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
        return Ok(());
    }
    Err(errors::constraint(name, member, "satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"))
}

/// May the caller do `action` on the rule of this name, whether it exists or not?
pub(crate) async fn on_rule(cx: &Context<'_, Events>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    let rules = read(cx).await?;
    Ok(tagged(&rules, name, Access::to(action).on(rule_arn(cx, name)).noting("rule", name)))
}

fn tagged(rules: &RuleSet, name: &str, access: Access) -> Access {
    let tags = rules.rules.get(name).map(|rule| rule.tags.as_slice()).unwrap_or_default();
    tags.iter().fold(access, |access, tag| access.when(format!("aws:ResourceTag/{}", tag.key), [tag.value.clone()]))
}

/// The name in a rule's ARN of the caller's account and region; the operations on tags take ARNs.
pub(crate) fn rule_of_arn(cx: &Context<'_, Events>, text: &str) -> Result<String, ApiError> {
    let malformed = || {
        ApiError::validation(format!("Parameter {text} is not valid. Reason: Provided Arn is not in correct format."))
    };
    let parsed = Arn::parse(text).map_err(|_| malformed())?;
    if parsed.service != "events" {
        return Err(malformed());
    }
    let name = match parsed.resource.split_once('/') {
        Some(("rule", name)) => name.strip_prefix("default/").unwrap_or(name),
        Some(("event-bus", _)) => return Err(ApiError::not_carried_out("tags of event buses")),
        _ => return Err(malformed()),
    };
    if rule_arn(cx, name) == text || cx.arn(&format!("rule/default/{name}")) == text {
        return Ok(name.to_owned());
    }
    Err(errors::no_rule(name))
}
