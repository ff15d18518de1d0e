//! What selectors take, what they refuse, and the selector that the product is about.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn advanced(selectors: Value) -> Result<Selectors, SelectorError> {
    Selectors::advanced(&serde_json::from_value::<Vec<AdvancedEventSelector>>(selectors).unwrap())
}

fn basic(selectors: Value) -> Result<Selectors, SelectorError> {
    Selectors::basic(&serde_json::from_value::<Vec<EventSelector>>(selectors).unwrap())
}

fn call(name: &str, read_only: bool) -> Value {
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ethos/prod/key-AbCdEf";
    json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": name, "readOnly": read_only,
        "eventCategory": "Management", "managementEvent": true, "eventType": "AwsApiCall",
        "userIdentity": {"arn": "arn:aws:iam::123456789012:user/laptop"},
        "resources": [{"accountId": "123456789012", "type": SECRET, "ARN": arn}]})
}

fn s3_object(name: &str, read_only: bool, key: &str) -> Value {
    json!({"eventSource": "s3.amazonaws.com", "eventName": name, "readOnly": read_only, "eventCategory": "Data",
        "managementEvent": false, "resources": [
            {"type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::bucket/{key}")},
            {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::bucket"}]})
}

/// `aws cloudtrail put-event-selectors` as the mission document writes it.
#[test]
fn data_events_for_secrets_select_reads_of_secrets_though_they_are_management_events() {
    let selectors = advanced(json!([{"Name": "SecretsManagerReads", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::SecretsManager::Secret"]},
        {"Field": "readOnly", "Equals": ["true"]}]}]))
    .unwrap();
    assert!(selectors.selects(&call("GetSecretValue", true)));
    assert!(selectors.selects(&call("DescribeSecret", true)));
    assert!(!selectors.selects(&call("PutSecretValue", false)));
    assert!(!selectors.selects(&call("ListSecrets", true)));
    // A denied call knows no resource.
    let denied = json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue", "readOnly": true,
        "eventCategory": "Management", "errorCode": "AccessDenied", "requestParameters": null});
    assert!(selectors.selects(&denied));
    assert!(!selectors.selects(&s3_object("GetObject", true, "x")));
    let other = json!({"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "readOnly": true,
        "eventCategory": "Management"});
    assert!(!selectors.selects(&other));
}

#[test]
fn secrets_are_told_apart_by_arn() {
    let selectors = advanced(json!([{"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": [SECRET]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:secretsmanager:us-east-1:123456789012:secret:ethos/"],
            "NotEndsWith": ["-ZZZZZZ"]}]}]))
    .unwrap();
    assert!(selectors.selects(&call("GetSecretValue", true)));
    let with_arn = |suffix: &str| {
        json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue", "requestParameters":
            {"secretId": format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:{suffix}")}})
    };
    assert!(selectors.selects(&with_arn("ethos/a-AbCdEf")));
    assert!(!selectors.selects(&with_arn("ethos/a-ZZZZZZ")));
    assert!(!selectors.selects(&with_arn("other-AbCdEf")));
    let by_name = json!({"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue",
        "requestParameters": {"secretId": "ethos/a"}});
    assert!(!selectors.selects(&by_name), "a name says nothing about an ARN");
}

#[test]
fn basic_selectors_take_secrets_even_without_management_events() {
    let selectors = basic(json!([{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": false, "DataResources": [
        {"Type": SECRET, "Values": ["arn:aws:secretsmanager:us-east-1:123456789012:secret:ethos/"]}]}]))
    .unwrap();
    assert!(selectors.selects(&call("GetSecretValue", true)));
    assert!(!selectors.selects(&call("UpdateSecret", false)));
    let all = basic(json!([{"IncludeManagementEvents": false,
        "DataResources": [{"Type": SECRET, "Values": ["arn:aws:secretsmanager"]}]}]))
    .unwrap();
    assert!(all.selects(&call("UpdateSecret", false)));
    assert!(!all.selects(&call("GetRandomPassword", true)));
}

#[test]
fn without_selectors_all_management_events_are_taken() {
    let selectors = Selectors::default();
    assert!(selectors.selects(&call("GetSecretValue", true)));
    assert!(selectors.selects(&call("ListSecrets", true)));
    assert!(selectors.selects(&json!({"eventName": "CreateSecret", "eventVersion": "1.05"})));
    assert!(!selectors.selects(&s3_object("GetObject", true, "x")));
    assert!(!selectors.selects(&json!({"eventName": "GetObject", "managementEvent": false})));
}

#[test]
fn basic_selectors_by_kind_of_call_and_source() {
    let kms = json!({"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "readOnly": true, "eventCategory": "Management"});
    for (selector, record, expected) in [
        (json!({}), &kms, true),
        (json!({"ReadWriteType": "All"}), &kms, true),
        (json!({"ReadWriteType": "WriteOnly"}), &kms, false),
        (json!({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true}), &kms, true),
        (json!({"IncludeManagementEvents": false}), &kms, false),
        (json!({"ExcludeManagementEventSources": ["kms.amazonaws.com"]}), &kms, false),
        (json!({"ExcludeManagementEventSources": ["rdsdata.amazonaws.com"]}), &kms, true),
        (json!({"ExcludeManagementEventSources": []}), &kms, true),
    ] {
        assert_eq!(basic(json!([selector])).unwrap().selects(record), expected, "{selector}");
    }
    let on_data = |values: Value, record: &Value| {
        basic(json!([{"IncludeManagementEvents": false, "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}]))
            .unwrap()
            .selects(record)
    };
    let object = s3_object("PutObject", false, "logs/1");
    assert!(on_data(json!(["arn:aws:s3"]), &object));
    assert!(on_data(json!(["arn:aws:s3:::"]), &object));
    assert!(on_data(json!(["arn:aws:s3:::bucket/"]), &object));
    assert!(on_data(json!(["arn:aws:s3:::other/", "arn:aws:s3:::bucket/logs"]), &object));
    assert!(!on_data(json!(["arn:aws:s3:::bucket/x"]), &object));
    assert!(!on_data(json!(["arn:aws:s3"]), &kms));
    let function = json!({"eventCategory": "Data", "resources": [{"type": "AWS::Lambda::Function",
        "ARN": "arn:aws:lambda:us-east-1:123456789012:function:rotate-all"}]});
    let on_function = |value: &str| {
        basic(json!([{"DataResources": [{"Type": "AWS::Lambda::Function", "Values": [value]}]}]))
            .unwrap()
            .selects(&function)
    };
    assert!(on_function("arn:aws:lambda"));
    assert!(on_function("arn:aws:lambda:us-east-1:123456789012:function:rotate-all"));
    assert!(!on_function("arn:aws:lambda:us-east-1:123456789012:function:rotate"));
}

#[test]
fn advanced_operators() {
    let on = |condition: Value| {
        let mut fields = vec![
            json!({"Field": "eventCategory", "Equals": ["Data"]}),
            json!({"Field": "resources.type", "Equals": ["AWS::S3::Object"]}),
        ];
        fields.push(condition);
        let mut record = s3_object("PutObject", false, "logs/1");
        record["userIdentity"] = json!({"arn": "arn:aws:sts::123456789012:assumed-role/R/s"});
        record["sessionCredentialFromConsole"] = json!("true");
        advanced(json!([{"FieldSelectors": fields}])).unwrap().selects(&record)
    };
    for (condition, expected) in [
        (json!({"Field": "eventName", "Equals": ["PutObject", "GetObject"]}), true),
        (json!({"Field": "eventName", "Equals": ["GetObject"]}), false),
        (json!({"Field": "eventName", "StartsWith": ["Put"]}), true),
        (json!({"Field": "eventName", "EndsWith": ["ject"]}), true),
        (json!({"Field": "eventName", "NotEquals": ["GetObject", "PutObject"]}), false),
        (json!({"Field": "eventName", "NotStartsWith": ["Get"]}), true),
        (json!({"Field": "eventName", "NotEndsWith": ["Object"]}), false),
        (json!({"Field": "eventName", "StartsWith": ["Put"], "NotEquals": ["PutObjectAcl"]}), true),
        (json!({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::bucket/logs/"]}), true),
        (json!({"Field": "resources.ARN", "Equals": ["arn:aws:s3:::bucket"]}), false),
        (json!({"Field": "readOnly", "Equals": ["false"]}), true),
        (json!({"Field": "eventSource", "Equals": ["s3.amazonaws.com"]}), true),
        (json!({"Field": "eventType", "NotEquals": ["AwsServiceEvent"]}), true),
        (json!({"Field": "eventType", "Equals": ["AwsServiceEvent"]}), false),
        (json!({"Field": "userIdentity.arn", "EndsWith": ["/s"]}), true),
        (json!({"Field": "sessionCredentialFromConsole", "Equals": ["true"]}), true),
        (json!({"Field": "sessionCredentialFromConsole", "NotEquals": ["true"]}), false),
    ] {
        assert_eq!(on(condition.clone()), expected, "{condition}");
    }
}

#[test]
fn selectors_are_alternatives_and_management_can_leave_a_source_out() {
    let selectors = advanced(json!([
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]}]},
        {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["NetworkActivity"]},
            {"Field": "eventSource", "Equals": ["ec2.amazonaws.com"]}, {"Field": "errorCode", "Equals": ["VpceAccessDenied"]}]},
    ]))
    .unwrap();
    assert!(selectors.selects(&call("PutSecretValue", false)));
    assert!(!selectors.selects(&json!({"eventSource": "kms.amazonaws.com", "eventCategory": "Management"})));
    let network = json!({"eventCategory": "NetworkActivity", "eventSource": "ec2.amazonaws.com", "errorCode": "VpceAccessDenied"});
    assert!(selectors.selects(&network));
    let store = Selectors::data_store(&[serde_json::from_value(json!({"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventName", "StartsWith": ["Get"]}]}))
    .unwrap()])
    .unwrap();
    assert!(store.selects(&call("GetSecretValue", true)));
    assert!(!store.selects(&call("PutSecretValue", false)));
}

#[test]
fn basic_selectors_that_are_refused() {
    let six: Vec<Value> = (0..6).map(|_| json!({})).collect();
    let many: Vec<String> = (0..251).map(|at| format!("arn:aws:s3:::b{at}/")).collect();
    for (selectors, message) in [
        (json!([]), "A trail can have 1 to 5 event selectors."),
        (json!(six), "A trail can have 1 to 5 event selectors."),
        (json!([{"ReadWriteType": "read-only"}]), "Value read-only for ReadWriteType is invalid."),
        (
            json!([{"ExcludeManagementEventSources": ["s3.amazonaws.com"]}]),
            "Value s3.amazonaws.com for ExcludeManagementEventSources is invalid.",
        ),
        (
            json!([{"DataResources": [{"Type": "AWS::EC2::Instance", "Values": []}]}]),
            "Value AWS::EC2::Instance for DataResources.Type is invalid.",
        ),
        (
            json!([{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::*"]}]}]),
            "Value arn:aws:s3:::* for DataResources.Values is invalid.",
        ),
        (
            json!([{"DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda:*"]}]}]),
            "Value arn:aws:lambda:* for DataResources.Values is invalid.",
        ),
        (
            json!([{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["bucket"]}]}]),
            "Value bucket for DataResources.Values is invalid.",
        ),
        (
            json!([{"DataResources": [{"Type": "AWS::S3::Object", "Values": many}]}]),
            "A trail can have at most 250 data resources across all event selectors.",
        ),
    ] {
        assert_eq!(basic(selectors).unwrap_err().message, message);
    }
}

#[test]
fn advanced_selectors_that_are_refused() {
    let of = |fields: Value| advanced(json!([{"FieldSelectors": fields}])).map(|_| ()).unwrap_err().message;
    let management = json!({"Field": "eventCategory", "Equals": ["Management"]});
    let data = json!({"Field": "eventCategory", "Equals": ["Data"]});
    let secret = json!({"Field": "resources.type", "Equals": [SECRET]});
    let many: Vec<String> = (0..499).map(|at| at.to_string()).collect();
    for (fields, message) in [
        (json!([]), "Field eventCategory is required in an advanced event selector."),
        (
            json!([{"Field": "eventCategory", "NotEquals": ["Data"]}]),
            "Field eventCategory can only use the Equals operator.",
        ),
        (
            json!([{"Field": "eventCategory", "Equals": ["Data", "Management"]}]),
            "Field eventCategory takes exactly one value.",
        ),
        (
            json!([{"Field": "eventCategory", "Equals": ["Insight"]}]),
            "Value Insight for field eventCategory is invalid.",
        ),
        (json!([management, management]), "Field eventCategory can be used only once in an advanced event selector."),
        (json!([data]), "Field resources.type is required for eventCategory Data."),
        (
            json!([data, {"Field": "resources.type", "Equals": ["Secret"]}]),
            "Value Secret for field resources.type is invalid.",
        ),
        (json!([management, secret]), "Field resources.type is not supported for eventCategory Management."),
        (
            json!([management, {"Field": "eventName", "Equals": ["x"]}]),
            "Field eventName is not supported for eventCategory Management.",
        ),
        (json!([data, secret, {"Field": "awsRegion", "Equals": ["x"]}]), "Field awsRegion is invalid."),
        (json!([data, secret, {"Field": "readOnly", "Equals": ["yes"]}]), "Value yes for field readOnly is invalid."),
        (
            json!([data, secret, {"Field": "readOnly", "NotEquals": ["true"]}]),
            "Field readOnly can only use the Equals operator.",
        ),
        (json!([data, secret, {"Field": "eventName"}]), "Field eventName needs at least one operator."),
        (
            json!([data, secret, {"Field": "eventName", "Equals": []}]),
            "Field eventName has an operator without values.",
        ),
        (
            json!([data, secret, {"Field": "eventName", "Equals": [""]}]),
            "Values for field eventName must have 1 to 2048 characters.",
        ),
        (
            json!([management, {"Field": "eventSource", "Equals": ["kms.amazonaws.com"]}]),
            "Field eventSource can only use the NotEquals operator for eventCategory Management.",
        ),
        (
            json!([management, {"Field": "eventSource", "NotEquals": ["s3.amazonaws.com"]}]),
            "Value s3.amazonaws.com for field eventSource is invalid.",
        ),
        (
            json!([{"Field": "eventCategory", "Equals": ["NetworkActivity"]}]),
            "Field eventSource is required for eventCategory NetworkActivity.",
        ),
        (
            json!([data, secret, {"Field": "eventName", "Equals": many}]),
            "Advanced event selectors can have at most 500 values in all conditions.",
        ),
    ] {
        assert_eq!(of(fields), message);
    }
    assert_eq!(advanced(json!([])).unwrap_err().message, "At least one advanced event selector is required.");
    let named = json!([{"Name": "x".repeat(1001), "FieldSelectors": [management]}]);
    assert!(advanced(named).unwrap_err().message.contains("at most 1000 characters"));
}

#[test]
fn members_keep_their_names_on_the_wire() {
    let wire = json!([{"Name": "n", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.ARN", "StartsWith": ["a"], "EndsWith": ["b"], "NotEquals": ["c"], "NotStartsWith": ["d"], "NotEndsWith": ["e"]}]}]);
    let parsed: Vec<AdvancedEventSelector> = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), wire);
    let wire = json!([{"ReadWriteType": "All", "IncludeManagementEvents": true,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}], "ExcludeManagementEventSources": []}]);
    let parsed: Vec<EventSelector> = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!(serde_json::to_value(&parsed).unwrap(), wire);
}

proptest! {
    /// A further selector only ever adds records.
    #[test]
    fn selectors_only_add(read in any::<bool>(), name in "(Get|Put)SecretValue", reads_first in any::<bool>()) {
        let of = |value: &str| json!({"FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [SECRET]},
            {"Field": "readOnly", "Equals": [value]}]});
        let (first, second) = if reads_first { ("true", "false") } else { ("false", "true") };
        let record = call(&name, read);
        let one = advanced(json!([of(first)])).unwrap();
        let two = advanced(json!([of(first), of(second)])).unwrap();
        prop_assert!(!one.selects(&record) || two.selects(&record));
        prop_assert!(two.selects(&record));
        let text = record.to_string();
        prop_assert_eq!(one.selects(&record), one.selects_document(&Document::parse(&text).unwrap()));
    }
}
