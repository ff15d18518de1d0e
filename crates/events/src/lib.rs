//! Amazon EventBridge: buses, rules, targets
