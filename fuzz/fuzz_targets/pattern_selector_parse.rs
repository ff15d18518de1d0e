//! Any JSON as event selectors: basic and advanced ones, of trails and of data stores.

#![no_main]

use keeptrail_pattern::selector::{AdvancedEventSelector, EventSelector, Selectors};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|text: &str| {
    let record = json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue", "readOnly": true,
        "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::bucket/key"}], "eventCategory": "Data"});
    if let Ok(selectors) = serde_json::from_str::<Vec<EventSelector>>(text)
        && let Ok(selectors) = Selectors::basic(&selectors)
    {
        selectors.selects(&record);
    }
    if let Ok(selectors) = serde_json::from_str::<Vec<AdvancedEventSelector>>(text) {
        for compiled in [Selectors::advanced(&selectors), Selectors::data_store(&selectors)].into_iter().flatten() {
            compiled.selects(&record);
        }
    }
});
