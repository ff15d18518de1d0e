//! Delivery policies: how often and when a delivery is tried again.
//!
//! Source: "Amazon SNS message delivery retries" and "Creating an HTTP/S delivery policy" in the SNS developer guide.

use std::time::Duration;

use keeptrail_operation::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    errors::invalid,
    model::{Protocol, Subscription, Topic},
};

/// The longest wait before an attempt, in seconds.
const LONGEST_DELAY: u32 = 3600;
/// The longest time that all waits together may take, in seconds.
const LONGEST_RETRYING: u32 = 3600;
/// What bodies are said to be unless a policy says otherwise.
pub(crate) const CONTENT_TYPE: &str = "text/plain; charset=UTF-8";
const CONTENT_TYPES: [&str; 12] = [
    "text/css",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
    "application/atom+xml",
    "application/json",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
];

/// How waits grow between the first and the last of the back-off phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Backoff {
    Arithmetic,
    Exponential,
    Geometric,
    Linear,
}

/// When a failed delivery is tried again: at once, then after the shortest wait, then with growing waits, then after the
/// longest one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct RetryPolicy {
    min_delay_target: u32,
    max_delay_target: u32,
    num_retries: u32,
    num_max_delay_retries: u32,
    num_no_delay_retries: u32,
    num_min_delay_retries: u32,
    backoff_function: Backoff,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            min_delay_target: 20,
            max_delay_target: 20,
            num_retries: 3,
            num_max_delay_retries: 0,
            num_no_delay_retries: 0,
            num_min_delay_retries: 0,
            backoff_function: Backoff::Linear,
        }
    }
}

/// Mail: 50 attempts over more than six hours.
const MAIL: RetryPolicy = RetryPolicy {
    min_delay_target: 10,
    max_delay_target: 600,
    num_retries: 50,
    num_max_delay_retries: 38,
    num_no_delay_retries: 0,
    num_min_delay_retries: 2,
    backoff_function: Backoff::Exponential,
};

impl RetryPolicy {
    fn check(&self) -> Result<(), ApiError> {
        let fault = |what: &str| Err(invalid(format!("DeliveryPolicy: {what}")));
        if self.min_delay_target < 1 || self.min_delay_target > self.max_delay_target {
            return fault("minDelayTarget must be from 1 to maxDelayTarget");
        }
        if self.max_delay_target > LONGEST_DELAY {
            return fault("maxDelayTarget must be less than or equal to 3600");
        }
        if self.num_retries > 100 {
            return fault("numRetries must be less than or equal to 100");
        }
        let phases = [self.num_no_delay_retries, self.num_min_delay_retries, self.num_max_delay_retries];
        if phases.iter().fold(0_u32, |sum, count| sum.saturating_add(*count)) > self.num_retries {
            return fault("numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries must not exceed numRetries");
        }
        let total: f64 =
            (0..self.num_retries).filter_map(|failed| self.delay(failed + 1)).map(|wait| wait.as_secs_f64()).sum();
        if total > f64::from(LONGEST_RETRYING) {
            return fault("the total of all delays must be less than or equal to 3600 seconds");
        }
        Ok(())
    }

    /// How long to wait after so many failed attempts; `None` when it is time to give up.
    pub(crate) fn delay(&self, failed: u32) -> Option<Duration> {
        let retry = failed.checked_sub(1).filter(|retry| *retry < self.num_retries)?;
        let (low, high) = (f64::from(self.min_delay_target), f64::from(self.max_delay_target));
        let growing_from = self.num_no_delay_retries + self.num_min_delay_retries;
        let highest_from = self.num_retries - self.num_max_delay_retries;
        if retry < self.num_no_delay_retries {
            return Some(Duration::ZERO);
        }
        if retry < growing_from {
            return Some(Duration::from_secs_f64(low));
        }
        if retry >= highest_from {
            return Some(Duration::from_secs_f64(high));
        }
        let (step, steps) = (f64::from(retry - growing_from), f64::from((highest_from - growing_from).max(2) - 1));
        let part = step / steps;
        let seconds = match self.backoff_function {
            Backoff::Linear => low + (high - low) * part,
            Backoff::Arithmetic => low + (high - low) * part * (step + 1.0) / (steps + 1.0),
            Backoff::Geometric => low * (high / low).powf(part),
            Backoff::Exponential => low + (high - low) * (step.exp2() - 1.0) / (steps.exp2() - 1.0),
        };
        Some(Duration::from_secs_f64(seconds.clamp(low, high)))
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct RequestPolicy {
    header_content_type: Option<String>,
}

impl RequestPolicy {
    fn check(&self) -> Result<(), ApiError> {
        let Some(kind) = &self.header_content_type else { return Ok(()) };
        let name = kind.split(';').next().unwrap_or_default().trim();
        let printable = kind.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if printable && CONTENT_TYPES.contains(&name) {
            return Ok(());
        }
        Err(invalid(format!("DeliveryPolicy: headerContentType must be one of {}", CONTENT_TYPES.join(", "))))
    }
}

/// A topic's policy for http and https.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct TopicPolicy {
    default_healthy_retry_policy: Option<RetryPolicy>,
    default_sickly_retry_policy: Option<Value>,
    disable_subscription_overrides: bool,
    default_throttle_policy: Option<Value>,
    default_request_policy: Option<RequestPolicy>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TopicDocument {
    http: Option<TopicPolicy>,
}

/// A subscription's policy.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SubscriptionPolicy {
    healthy_retry_policy: Option<RetryPolicy>,
    sickly_retry_policy: Option<Value>,
    throttle_policy: Option<Value>,
    request_policy: Option<RequestPolicy>,
    guaranteed: bool,
}

fn unsupported(sickly: Option<&Value>, throttle: Option<&Value>) -> Result<(), ApiError> {
    if sickly.is_some_and(|policy| !policy.is_null()) {
        return Err(ApiError::not_carried_out("the sickly retry policy of a delivery policy"));
    }
    let throttled = |policy: &Value| {
        policy.as_object().is_none_or(|policy| policy.values().any(|value| !value.is_null())) && !policy.is_null()
    };
    if throttle.is_some_and(throttled) {
        return Err(ApiError::not_carried_out("the throttle policy of a delivery policy"));
    }
    Ok(())
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    let fault = |what: String| invalid(format!("DeliveryPolicy: failed to parse JSON. {what}"));
    let document: Value = serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
    // serde would take a list for a structure.
    if holds_a_list(&document) {
        return Err(fault("lists have no place in a delivery policy".to_owned()));
    }
    serde_json::from_value(document).map_err(|error| fault(error.to_string()))
}

fn holds_a_list(document: &Value) -> bool {
    match document {
        Value::Array(_) => true,
        Value::Object(members) => members.values().any(holds_a_list),
        _ => false,
    }
}

/// Checks a topic's delivery policy before it is set.
pub(crate) fn check_topic(text: &str) -> Result<(), ApiError> {
    let policy = read::<TopicDocument>(text)?.http.unwrap_or_default();
    unsupported(policy.default_sickly_retry_policy.as_ref(), policy.default_throttle_policy.as_ref())?;
    policy.default_healthy_retry_policy.as_ref().map_or(Ok(()), RetryPolicy::check)?;
    policy.default_request_policy.as_ref().map_or(Ok(()), RequestPolicy::check)
}

/// Checks a subscription's delivery policy before it is set.
pub(crate) fn check_subscription(text: &str) -> Result<(), ApiError> {
    let policy: SubscriptionPolicy = read(text)?;
    unsupported(policy.sickly_retry_policy.as_ref(), policy.throttle_policy.as_ref())?;
    if policy.guaranteed {
        return Err(ApiError::not_carried_out("guaranteed delivery"));
    }
    policy.healthy_retry_policy.as_ref().map_or(Ok(()), RetryPolicy::check)?;
    policy.request_policy.as_ref().map_or(Ok(()), RequestPolicy::check)
}

/// What holds for a subscription: its own policy, else its topic's, else the default.
#[derive(Debug)]
pub(crate) struct Effective {
    pub(crate) retry: RetryPolicy,
    pub(crate) content_type: String,
}

fn of_topic(topic: Option<&Topic>) -> TopicPolicy {
    // What is stored was checked; a document that nobody understands any more means the defaults.
    let document =
        topic.and_then(|topic| serde_json::from_str::<TopicDocument>(topic.delivery_policy.as_deref()?).ok());
    document.and_then(|document| document.http).unwrap_or_default()
}

fn of_subscription(subscription: &Subscription) -> SubscriptionPolicy {
    let text = subscription.delivery_policy.as_deref();
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The policy that holds for a subscription.
pub(crate) fn effective(topic: Option<&Topic>, subscription: &Subscription) -> Effective {
    let topic = of_topic(topic);
    let own = if topic.disable_subscription_overrides {
        SubscriptionPolicy::default()
    } else {
        of_subscription(subscription)
    };
    let retry = own.healthy_retry_policy.or(topic.default_healthy_retry_policy).unwrap_or_default();
    let content_type = |policy: Option<RequestPolicy>| policy.and_then(|policy| policy.header_content_type);
    Effective {
        retry: if subscription.protocol.is_mail() { MAIL } else { retry },
        content_type: content_type(own.request_policy)
            .or_else(|| content_type(topic.default_request_policy))
            .unwrap_or_else(|| CONTENT_TYPE.to_owned()),
    }
}

/// When a delivery that belongs to no stored subscription is tried again.
pub(crate) fn default_for(protocol: Protocol) -> RetryPolicy {
    if protocol.is_mail() { MAIL } else { RetryPolicy::default() }
}

/// The topic attribute `EffectiveDeliveryPolicy`.
pub(crate) fn topic_attribute(topic: &Topic) -> String {
    let policy = of_topic(Some(topic));
    let content_type = policy.default_request_policy.and_then(|policy| policy.header_content_type);
    json!({ "http": {
        "defaultHealthyRetryPolicy": policy.default_healthy_retry_policy.unwrap_or_default(),
        "disableSubscriptionOverrides": policy.disable_subscription_overrides,
        "defaultRequestPolicy": { "headerContentType": content_type.as_deref().unwrap_or(CONTENT_TYPE) },
    }})
    .to_string()
}

/// The subscription attribute `EffectiveDeliveryPolicy`.
pub(crate) fn subscription_attribute(topic: Option<&Topic>, subscription: &Subscription) -> String {
    let effective = effective(topic, subscription);
    json!({
        "healthyRetryPolicy": effective.retry,
        "sicklyRetryPolicy": null,
        "throttlePolicy": null,
        "requestPolicy": { "headerContentType": effective.content_type },
        "guaranteed": false,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![0_u32..5, 0_u32..200, Just(3_600), Just(u32::MAX)]
    }

    proptest! {
        #[test]
        fn what_is_accepted_waits_within_its_bounds_and_ends(
            [low, high, retries, at_once, shortest, longest] in prop::array::uniform6(number()),
            function in prop::sample::select(vec!["linear", "arithmetic", "geometric", "exponential"]),
        ) {
            let text = json!({ "healthyRetryPolicy": {
                "minDelayTarget": low, "maxDelayTarget": high, "numRetries": retries, "numNoDelayRetries": at_once,
                "numMinDelayRetries": shortest, "numMaxDelayRetries": longest, "backoffFunction": function,
            }});
            if check_subscription(&text.to_string()).is_ok() {
                let policy: SubscriptionPolicy = serde_json::from_value(text).unwrap();
                let policy = policy.healthy_retry_policy.unwrap();
                let waits: Vec<Duration> = (1..).map_while(|failed| policy.delay(failed)).collect();
                prop_assert_eq!(waits.len(), retries as usize);
                let (low, high) = (Duration::from_secs(low.into()), Duration::from_secs(high.into()));
                prop_assert!(waits.iter().all(|wait| wait.is_zero() || (low..=high).contains(wait)));
                prop_assert!(waits.iter().sum::<Duration>() <= Duration::from_secs(3_601));
            }
        }

        #[test]
        fn any_text_is_a_policy_or_is_refused(text in "[\\[\\]{}:,\"a-zA-Z0-9. -]{0,60}") {
            let _ = check_topic(&text);
            let _ = check_subscription(&text);
        }
    }

    fn seconds(policy: &RetryPolicy) -> Vec<u64> {
        (1..).map_while(|failed| policy.delay(failed)).map(|wait| wait.as_secs()).collect()
    }

    #[test]
    fn by_default_a_webhook_is_tried_three_times_more_20_seconds_apart() {
        assert_eq!(seconds(&RetryPolicy::default()), [20, 20, 20]);
    }

    #[test]
    fn mail_is_tried_50_times_more_over_six_hours() {
        let waits = seconds(&MAIL);
        assert_eq!(waits.len(), 50);
        assert_eq!(waits[..3], [10, 10, 10]);
        assert!(waits[12..].iter().all(|wait| *wait == 600));
        assert!(waits.iter().sum::<u64>() > 6 * 3600);
    }

    #[test]
    fn waits_grow_from_the_shortest_to_the_longest_by_every_function() {
        for function in ["linear", "arithmetic", "geometric", "exponential"] {
            let text = json!({ "healthyRetryPolicy": {
                "minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 10, "numNoDelayRetries": 2,
                "numMinDelayRetries": 2, "numMaxDelayRetries": 2, "backoffFunction": function,
            }});
            check_subscription(&text.to_string()).unwrap();
            let policy: SubscriptionPolicy = serde_json::from_value(text).unwrap();
            let waits = seconds(&policy.healthy_retry_policy.unwrap());
            assert_eq!(waits.len(), 10, "{function}");
            assert_eq!(waits[..5], [0, 0, 1, 1, 1], "{function}");
            assert_eq!(waits[7..], [60, 60, 60], "{function} {waits:?}");
            assert!(waits.is_sorted(), "{function} {waits:?}");
        }
    }

    #[test]
    fn what_would_be_ignored_or_never_end_is_refused() {
        for text in [
            r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}"#,
            r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":30}}}"#,
            r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":100,"minDelayTarget":60,"maxDelayTarget":60}}}"#,
            r#"{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":1}}}"#,
            r#"{"http":{"defaultRequestPolicy":{"headerContentType":"text/plain\r\nx: y"}}}"#,
            r#"{"http":{"somethingElse":1}}"#,
            "[]",
            "",
        ] {
            assert!(check_topic(text).is_err(), "{text}");
        }
        assert!(check_topic(r#"{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":null}}}"#).is_ok());
        assert!(check_subscription(r#"{"guaranteed":true}"#).is_err());
    }
}
