//! Amazon SNS: topics, subscriptions, signed and guarded delivery
