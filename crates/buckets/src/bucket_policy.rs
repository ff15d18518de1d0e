//! Bucket policies.

use keeptrail_operation::ApiError;
use keeptrail_policy::{Policy, PolicyKind, is_public};
use serde_json::Value;

use crate::{
    access::bucket_arn,
    errors::{ACCESS_DENIED, MALFORMED_POLICY},
};

/// The longest policy, in bytes.
const LONGEST: usize = 20_480;

/// Checks a policy before it is set: its actions are S3's, its resources the bucket's, and it lets nobody in that it does
/// not name: every bucket blocks public policies, as new buckets on AWS do.
pub(crate) fn check(bucket: &str, text: &str) -> Result<(), ApiError> {
    let malformed = |message: String| ApiError::new(MALFORMED_POLICY, message);
    if text.len() > LONGEST {
        return Err(malformed("Policy exceeds the maximum allowed document size.".to_owned()));
    }
    let policy = Policy::parse(text, PolicyKind::Resource).map_err(|error| malformed(error.to_string()))?;
    let document: Value =
        serde_json::from_str(text).map_err(|_| malformed("Policies must be valid JSON".to_owned()))?;
    for statement in each(document.get("Statement")) {
        let actions = each(statement.get("Action")).chain(each(statement.get("NotAction")));
        let s3 =
            |action: &str| action == "*" || action.get(..3).is_some_and(|vendor| vendor.eq_ignore_ascii_case("s3:"));
        if !actions.filter_map(Value::as_str).all(s3) {
            return Err(malformed("Policy has invalid action".to_owned()));
        }
        let resources = each(statement.get("Resource")).chain(each(statement.get("NotResource")));
        let own = |resource: &str| {
            let rest = resource.strip_prefix(&bucket_arn(bucket));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
        };
        if !resources.filter_map(Value::as_str).all(own) {
            return Err(malformed("Policy has invalid resource".to_owned()));
        }
    }
    if is_public(&policy) {
        let text = "Access Denied: public policies are blocked by the BlockPublicPolicy block public access setting.";
        return Err(ApiError::new(ACCESS_DENIED, text));
    }
    Ok(())
}

/// The elements of a list, or the one value that stands for a list of one.
fn each(value: Option<&Value>) -> std::slice::Iter<'_, Value> {
    match value {
        Some(Value::Array(list)) => list.iter(),
        Some(single) => std::slice::from_ref(single).iter(),
        None => [].iter(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(action: &str, resource: &str, principal: &Value) -> Option<String> {
        let text = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource } });
        check("trail", &text.to_string()).err().map(|error| error.message.into_owned())
    }

    #[test]
    fn a_policy_is_about_the_bucket_and_s3_and_named_principals() {
        let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
        assert_eq!(refused("s3:PutObject", "arn:aws:s3:::trail/AWSLogs/*", &cloudtrail), None);
        assert_eq!(refused("s3:GetBucketAcl", "arn:aws:s3:::trail", &cloudtrail), None);
        let text = |action, resource, principal| refused(action, resource, principal).unwrap();
        assert_eq!(text("s3:GetObject", "arn:aws:s3:::trail2/*", &cloudtrail), "Policy has invalid resource");
        assert_eq!(text("s3:GetObject", "*", &cloudtrail), "Policy has invalid resource");
        assert_eq!(text("sns:Publish", "arn:aws:s3:::trail", &cloudtrail), "Policy has invalid action");
        assert!(text("s3:GetObject", "arn:aws:s3:::trail/*", &json!("*")).contains("BlockPublicPolicy"));
        assert_eq!(
            check("b", "no json").unwrap_err().message,
            "Policies must be valid JSON and the first byte must be '{'"
        );
    }
}
