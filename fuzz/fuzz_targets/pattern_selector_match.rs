//! Event selectors on records: the same verdict on the text, on `serde_json`'s tree and in the index.

#![no_main]

use keeptrail_pattern::document::Document;
use keeptrail_pattern::index::Index;
use keeptrail_pattern::selector::{AdvancedEventSelector, EventSelector, Selectors};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const VALUES: [&str; 12] = [
    "Management",
    "Data",
    "NetworkActivity",
    "AWS::SecretsManager::Secret",
    "AWS::S3::Object",
    "GetSecretValue",
    "true",
    "false",
    "secretsmanager.amazonaws.com",
    "kms.amazonaws.com",
    "arn:aws:s3:::bucket/",
    "arn:aws:secretsmanager",
];
const FIELDS: [&str; 9] = [
    "eventName",
    "eventSource",
    "eventType",
    "readOnly",
    "resources.ARN",
    "userIdentity.arn",
    "vpcEndpointId",
    "errorCode",
    "sessionCredentialFromConsole",
];
const OPERATORS: [&str; 6] = ["Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"];

fn value(bytes: &mut Unstructured<'_>) -> Result<Value> {
    bytes.choose(&VALUES).map(|value| Value::from(*value))
}

fn advanced(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let category = value(bytes)?;
    let mut fields = vec![json!({"Field": "eventCategory", "Equals": [category]})];
    if category == "Data" {
        fields.push(json!({"Field": "resources.type", "Equals": [value(bytes)?]}));
    }
    for _ in 0..bytes.int_in_range(0..=3u8)? {
        let (field, operator) = (*bytes.choose(&FIELDS)?, *bytes.choose(&OPERATORS)?);
        fields.push(json!({"Field": field, operator: [value(bytes)?]}));
    }
    Ok(json!({"FieldSelectors": fields}))
}

fn basic(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let resources = json!([{"Type": value(bytes)?, "Values": [value(bytes)?]}]);
    Ok(json!({
        "ReadWriteType": *bytes.choose(&["All", "ReadOnly", "WriteOnly"])?,
        "IncludeManagementEvents": bytes.arbitrary::<bool>()?,
        "DataResources": if bytes.arbitrary()? { resources } else { json!([]) },
        "ExcludeManagementEventSources": if bytes.arbitrary()? { json!(["kms.amazonaws.com"]) } else { json!([]) },
    }))
}

fn record(bytes: &mut Unstructured<'_>) -> Result<Value> {
    let mut record = json!({"userIdentity": {"arn": value(bytes)?}, "resources": [{"type": value(bytes)?, "ARN": value(bytes)?}],
        "requestParameters": {"secretId": value(bytes)?}});
    for name in ["eventCategory", "eventName", "eventSource", "eventType", "readOnly", "managementEvent", "errorCode"] {
        match bytes.int_in_range(0..=3u8)? {
            0 => {}
            1 => record[name] = Value::Bool(bytes.arbitrary()?),
            _ => record[name] = value(bytes)?,
        }
    }
    Ok(record)
}

fn run(bytes: &mut Unstructured<'_>) -> Result<()> {
    let selectors = if bytes.arbitrary()? {
        let given: Vec<AdvancedEventSelector> = serde_json::from_value(json!([advanced(bytes)?])).unwrap_or_default();
        Selectors::advanced(&given).or_else(|_| Selectors::data_store(&given))
    } else {
        let given: Vec<EventSelector> = serde_json::from_value(json!([basic(bytes)?])).unwrap_or_default();
        Selectors::basic(&given)
    };
    let Ok(selectors) = selectors else { return Ok(()) };
    let record = record(bytes)?;
    let text = record.to_string();
    let expected = selectors.selects(&record);
    let by_text = Document::parse(&text).is_ok_and(|document| selectors.selects_document(&document));
    let mut index = Index::new();
    index.insert(0, &selectors);
    assert_eq!(by_text, expected, "{selectors:?} on {text}");
    assert_eq!(!index.matching(&text).is_empty(), expected, "{selectors:?} on {text}");
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Too few bytes are no case.
    run(&mut Unstructured::new(bytes)).ok();
});
