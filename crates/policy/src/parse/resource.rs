//! The `Resource` element.

use super::error::{PolicyError, PolicyFault, Words};
use crate::{
    document::PolicyKind,
    template::Pattern,
    variables::{self, Part, Syntax},
};

/// How an IAM resource may begin, in the order of IAM's message.
const IAM_PATHS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// What is wrong with the format of a resource, with the message of the family of services.
pub(super) fn check_format(resource: &str, place: &str, words: Words) -> Result<(), PolicyError> {
    let refuse = |message: String| {
        Err(PolicyError::new(PolicyFault::Resource, message, format!("{place} has the resource {resource:?}")))
    };
    if resource == "*" {
        return Ok(());
    }
    if words.0 == PolicyKind::Resource {
        let arn = resource.starts_with("arn:") && resource.split(':').count() >= 6;
        return if arn { Ok(()) } else { refuse("Policy has invalid resource".into()) };
    }
    match iam_fault(resource) {
        Some(message) => refuse(message),
        None => Ok(()),
    }
}

fn iam_fault(resource: &str) -> Option<String> {
    let no_arn = || format!("Resource {resource} must be in ARN format or \"*\".");
    let Some((scheme, rest)) = resource.split_once(':') else { return Some(no_arn()) };
    let (partition, rest) = rest.split_once(':').map_or((rest, None), |(partition, rest)| (partition, Some(rest)));
    if !is_partition(partition) {
        return Some(bad_partition(partition, rest.unwrap_or_default()));
    }
    let Some(rest) = rest else {
        return Some("Resource vendor must be fully qualified and cannot contain regexes.".into());
    };
    if scheme != "arn" {
        return Some(no_arn());
    }
    let mut fields = rest.splitn(4, ':');
    let (service, region) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let (account, path) = (fields.next().unwrap_or_default(), fields.next());
    if service.contains(['*', '?']) {
        return Some("Resource vendor must be fully qualified and cannot contain regexes.".into());
    }
    match service {
        "iam" if !region.is_empty() => Some(format!("IAM resource {resource} cannot contain region information.")),
        // Access points have a region and an account, buckets have neither.
        "s3" if !region.is_empty() && account.is_empty() => {
            Some(format!("Resource {resource} can not contain region information."))
        }
        "iam" if path.is_some_and(|path| path != "*" && !IAM_PATHS.iter().any(|start| path.starts_with(start))) => {
            Some(format!("IAM resource path must either be \"*\" or start with {}.", IAM_PATHS.join(", ")))
        }
        _ => None,
    }
}

fn is_partition(text: &str) -> bool {
    matches!(text, "aws" | "aws-cn" | "aws-us-gov") || text.contains('*')
}

/// IAM's message, which shows the resource with stars for what is missing.
fn bad_partition(partition: &str, rest: &str) -> String {
    let mut fields = rest.splitn(4, ':');
    let [service, region, account, path] = [(); 4].map(|()| fields.next().unwrap_or("*"));
    let service = if rest.is_empty() { "*" } else { service };
    format!(
        "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{service}:{region}:{account}:{path}\"."
    )
}

/// What IAM's older parser refuses: fields left out between colons, and a service left out.
pub(super) fn check_legacy(resource: &str, place: &str, words: Words) -> Result<(), PolicyError> {
    let short = resource.contains("::") && resource.matches(':').count() < 5;
    let no_service = resource != "*" && resource.split(':').nth(2).is_some_and(str::is_empty);
    if words.0 != PolicyKind::Resource && (short || no_service) {
        return Err(words.value(format!("{place} has the resource {resource:?}, which is no complete ARN")));
    }
    Ok(())
}

/// Compiles a resource. An ARN of fewer than six fields is completed with stars, as IAM does.
pub(super) fn compile(resource: &str, variables: bool, place: &str, words: Words) -> Result<Pattern, PolicyError> {
    let wrong = |what: &str| words.value(format!("{place} has the resource {resource:?}: {what}"));
    let mut parts = variables::parse(resource, Syntax { wildcards: true, variables }).map_err(wrong)?;
    let colons = |part: &Part| if let Part::Text(text) = part { text.matches(':').count() } else { 0 };
    let fields = 1 + parts.iter().map(colons).sum::<usize>();
    if resource.starts_with("arn:") {
        for _ in fields..6 {
            parts.extend([Part::Text(":".into()), Part::Star]);
        }
    }
    Pattern::new(parts).map_err(wrong)
}
