//! The `Action` element.

use super::error::{PolicyError, PolicyFault, Words};
use crate::{
    document::PolicyKind,
    glob::Glob,
    statement::{ActionPattern, ServiceName},
};

/// Compiles one action: `*`, `*:*`, or a service with a name that may have wildcards.
pub(super) fn compile(action: &str, place: &str, words: Words) -> Result<ActionPattern, PolicyError> {
    let fault = |iam: String| {
        let message = if words.0 == PolicyKind::Resource { "Policy has invalid action".into() } else { iam };
        PolicyError::new(PolicyFault::Action, message, format!("{place} has the action {action:?}"))
    };
    let too_long = |_| words.value(format!("{place} has the action {action:?}, which is too long between two stars"));
    let (service, name) = match action.split_once(':') {
        None if action == "*" => ("*", "*"),
        None => {
            return Err(fault("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".into()));
        }
        Some((_, name)) if name.contains(':') => {
            return Err(fault("Actions/Condition can contain only one colon.".into()));
        }
        Some(parts) => parts,
    };
    let vendor = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if service != "*" && (service.is_empty() || !service.bytes().all(vendor)) {
        return Err(fault(format!("Vendor {service} is not valid")));
    }
    let service = service.to_ascii_lowercase();
    if words.0 == PolicyKind::Trust && service != "sts" {
        return Err(fault("AssumeRole policy may only specify STS AssumeRole actions.".into()));
    }
    let name = Glob::parse(&name.to_ascii_lowercase()).map_err(too_long)?;
    Ok(ActionPattern { service: (service != "*").then(|| ServiceName::new(&service)), name })
}
