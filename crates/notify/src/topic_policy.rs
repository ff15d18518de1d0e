//! The access policy of a topic.

use keeptrail_operation::{Access, ApiError, Context};
use keeptrail_policy::{Context as Conditions, NamedPolicy, Policy, PolicyKind, evaluate_service};
use serde_json::{Value, json};

use crate::{errors::invalid, model::Topic, names::TopicName};

/// The actions that a topic's policy may be about ("Amazon SNS API actions" in the SNS developer guide).
pub(crate) const ACTIONS: [&str; 8] = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
];
/// The longest policy, in bytes.
const LONGEST: usize = 30_720;

/// The topic's policy as JSON text: the one that was set, else the default one, which lets the owner's alarms publish.
pub(crate) fn text(topic: &Topic, name: &TopicName) -> String {
    topic.policy.clone().unwrap_or_else(|| default_document(name).to_string())
}

fn default_document(name: &TopicName) -> Value {
    let actions: Vec<String> = ACTIONS.iter().map(|action| format!("SNS:{action}")).collect();
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions,
            "Resource": name.arn(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": name.account.as_str() } },
        }],
    })
}

/// Checks a policy before it is set: it must be a resource policy whose actions are all SNS's.
pub(crate) fn check(text: &str) -> Result<(), ApiError> {
    if text.len() > LONGEST {
        return Err(invalid("Policy Error: the policy is too long"));
    }
    Policy::parse(text, PolicyKind::Resource)
        .map_err(|error| invalid(format!("Policy Error: {error} ({})", error.detail())))?;
    let document: Value = serde_json::from_str(text).map_err(|_| invalid("Policy Error: null"))?;
    let in_scope = |action: &Value| {
        action.as_str().is_some_and(|action| action.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sns:")))
    };
    let mut actions = each(document.get("Statement"))
        .flat_map(|statement| each(statement.get("Action")).chain(each(statement.get("NotAction"))));
    if actions.all(in_scope) { Ok(()) } else { Err(invalid("Policy statement action out of service scope!")) }
}

/// The elements of a list, or the one value that stands for a list of one.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(list)) => list.iter(),
        Some(single) => std::slice::from_ref(single).iter(),
        None => [].iter(),
    }
}

/// The policy with a statement that lets `accounts` do `actions` (AddPermission).
pub(crate) fn with_permission(
    topic: &Topic,
    name: &TopicName,
    label: &str,
    accounts: &[String],
    actions: &[String],
) -> Result<String, ApiError> {
    if let Some(action) = actions.iter().find(|action| *action != "*" && !ACTIONS.contains(&action.as_str())) {
        tracing::debug!(action, "not an action of a topic's policy");
        return Err(invalid("Policy statement action out of service scope!"));
    }
    let mut document = document(topic, name)?;
    let statements = statements(&mut document)?;
    if statements.iter().any(|statement| statement.get("Sid").and_then(Value::as_str) == Some(label)) {
        return Err(invalid("Statement already exists"));
    }
    let one_or_many = |mut list: Vec<String>| match list.pop() {
        Some(single) if list.is_empty() => Value::String(single),
        last => Value::from_iter(list.into_iter().chain(last)),
    };
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_many(accounts.iter().map(|account| format!("arn:aws:iam::{account}:root")).collect()) },
        "Action": one_or_many(actions.iter().map(|action| format!("SNS:{action}")).collect()),
        "Resource": name.arn(),
    }));
    let text = document.to_string();
    check(&text)?;
    Ok(text)
}

/// The policy without the statement `label` (RemovePermission).
pub(crate) fn without_permission(topic: &Topic, name: &TopicName, label: &str) -> Result<String, ApiError> {
    let mut document = document(topic, name)?;
    let statements = statements(&mut document)?;
    let before = statements.len();
    statements.retain(|statement| statement.get("Sid").and_then(Value::as_str) != Some(label));
    if statements.len() == before {
        return Err(invalid("Label Reason: the topic's policy has no such statement"));
    }
    if statements.is_empty() {
        return Err(invalid("Label Reason: a policy needs at least one statement"));
    }
    Ok(document.to_string())
}

fn document(topic: &Topic, name: &TopicName) -> Result<Value, ApiError> {
    serde_json::from_str(&text(topic, name)).map_err(ApiError::internal)
}

fn statements(document: &mut Value) -> Result<&mut Vec<Value>, ApiError> {
    let statements = document.get_mut("Statement").ok_or_else(|| invalid("Policy Error: null"))?;
    if !statements.is_array() {
        *statements = Value::Array(vec![statements.take()]);
    }
    statements.as_array_mut().ok_or_else(|| invalid("Policy Error: null"))
}

/// What a caller needs to do `action` on a topic: the topic's policy takes part.
pub(crate) async fn access<S>(cx: &Context<'_, S>, name: &TopicName, action: &'static str) -> Result<Access, ApiError> {
    let access = Access::to(action).on(name.arn()).owned_by(name.account.clone());
    match Topic::find(cx.tx(), name).await? {
        Some(topic) => {
            let policy = topic.compiled_policy(name)?;
            Ok(access.guarded_by(Some(policy)).listing("AWS::SNS::Topic", &name.account))
        }
        None => Ok(access),
    }
}

/// Whether the service `principal` may publish on behalf of `source_arn`, a resource of `source_account`.
///
/// Alarms (cloudwatch.amazonaws.com) come with `aws:SourceOwner`, as on AWS, so that the default policy lets the owner's
/// in; every other service needs a statement of its own.
pub(crate) fn lets_publish(
    topic: &Topic,
    name: &TopicName,
    principal: &str,
    source_arn: &str,
    source_account: &str,
) -> Result<bool, ApiError> {
    let mut context = Conditions::new();
    context.set("aws:PrincipalIsAWSService", "true");
    context.set("aws:PrincipalServiceName", principal);
    context.set("aws:SourceArn", source_arn);
    context.set("aws:SourceAccount", source_account);
    if principal == "cloudwatch.amazonaws.com" {
        context.set("aws:SourceOwner", source_account);
    }
    let arn = name.arn();
    let policy = NamedPolicy::new(arn.as_str(), topic.compiled_policy(name)?);
    Ok(evaluate_service(&policy, principal, "SNS:Publish", &arn, &context).allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> TopicName {
        TopicName::parse("arn:aws:sns:us-east-1:111111111111:alerts", "TopicArn").unwrap()
    }

    fn publishes(topic: &Topic, principal: &str, account: &str) -> bool {
        let source = format!("arn:aws:cloudwatch:us-east-1:{account}:alarm:a");
        lets_publish(topic, &name(), principal, &source, account).unwrap()
    }

    #[test]
    fn the_default_policy_lets_in_the_owners_alarms_and_no_other_service() {
        let topic = Topic::new(Vec::new());
        assert!(publishes(&topic, "cloudwatch.amazonaws.com", "111111111111"));
        assert!(!publishes(&topic, "cloudwatch.amazonaws.com", "222222222222"));
        assert!(!publishes(&topic, "events.amazonaws.com", "111111111111"));
    }

    #[test]
    fn a_statement_for_a_service_is_honoured_with_its_conditions() {
        let mut topic = Topic::new(Vec::new());
        topic.policy = Some(
            json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sns:Publish",
                "Resource": name().arn(), "Condition": { "StringEquals": { "aws:SourceAccount": "111111111111" } },
            }]})
            .to_string(),
        );
        assert!(publishes(&topic, "events.amazonaws.com", "111111111111"));
        assert!(!publishes(&topic, "events.amazonaws.com", "222222222222"));
        assert!(!publishes(&topic, "cloudwatch.amazonaws.com", "111111111111"));
    }

    #[test]
    fn permissions_are_added_and_removed_by_label() {
        let mut topic = Topic::new(Vec::new());
        let accounts = ["222222222222".to_owned()];
        topic.policy = Some(with_permission(&topic, &name(), "partner", &accounts, &["Publish".to_owned()]).unwrap());
        let again = with_permission(&topic, &name(), "partner", &accounts, &["Publish".to_owned()]);
        assert_eq!(again.unwrap_err().message, "Invalid parameter: Statement already exists");
        let out = with_permission(&topic, &name(), "x", &accounts, &["Delete".to_owned()]);
        assert_eq!(out.unwrap_err().message, "Invalid parameter: Policy statement action out of service scope!");
        let document: Value = serde_json::from_str(topic.policy.as_deref().unwrap()).unwrap();
        insta::assert_json_snapshot!(document["Statement"][1]);
        let removed = without_permission(&topic, &name(), "partner").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&removed).unwrap(), default_document(&name()));
    }

    #[test]
    fn a_policy_about_another_service_is_refused() {
        for element in ["Action", "NotAction"] {
            let statement = json!({ "Effect": "Allow", "Principal": "*", element: "s3:GetObject", "Resource": "*" });
            let error = check(&json!({ "Statement": statement }).to_string()).unwrap_err();
            assert_eq!(error.message, "Invalid parameter: Policy statement action out of service scope!");
        }
    }
}
