//! Reading inputs: what each protocol takes, and what errors say.

use std::collections::BTreeMap;

use keeptrail_wire::{
    Blob, DecodeError, DecodeErrorKind, Protocol, Style, Timestamp, Value, decode, decode_cbor, decode_json,
    decode_query, decode_rest_json, encode_cbor, from_value, parse, to_value,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    name: String,
    count: Option<i32>,
    ratio: Option<f64>,
    force: Option<bool>,
    start: Option<Timestamp>,
    data: Option<Blob>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    mode: Option<Mode>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Mode {
    Fast,
    Slow,
}

fn named(name: &str) -> Input {
    Input {
        name: name.to_owned(),
        count: None,
        ratio: None,
        force: None,
        start: None,
        data: None,
        tags: Vec::new(),
        attributes: BTreeMap::new(),
        mode: None,
    }
}

fn full() -> Input {
    Input {
        count: Some(-3),
        ratio: Some(0.5),
        force: Some(true),
        start: Some(Timestamp::from_millis(1_767_323_045_678)),
        data: Some(Blob::new(b"\x00\xff".to_vec())),
        tags: vec![Tag { key: "a".to_owned(), value: Some("1".to_owned()) }, Tag { key: "b".to_owned(), value: None }],
        attributes: BTreeMap::from([("k".to_owned(), "v".to_owned()), ("l".to_owned(), String::new())]),
        mode: Some(Mode::Slow),
        ..named("n \u{20ac}")
    }
}

#[test]
fn one_input_by_every_protocol() {
    let json = r#"{"Name":"n €","Count":-3,"Ratio":0.5,"Force":true,"Start":1767323045.678,"Data":"AP8=",
        "Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":null}],"Attributes":{"k":"v","l":""},"Mode":"Slow"}"#;
    let query = "Action=Op&Version=2010-08-01&Name=n+%E2%82%AC&Count=-3&Ratio=0.5&Force=true\
        &Start=2026-01-02T03%3A04%3A05.678Z&Data=AP8%3D&Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=1\
        &Attributes.entry.1.key=k&Attributes.entry.1.value=v&Attributes.entry.2.key=l&Attributes.entry.2.value=&Mode=Slow";
    let cbor = encode_cbor(&to_value(&full()).unwrap()).unwrap();
    for (protocol, body) in [
        (Protocol::AwsJson10, json.as_bytes()),
        (Protocol::AwsJson11, json.as_bytes()),
        (Protocol::RestJson, json.as_bytes()),
        (Protocol::Query, query.as_bytes()),
        (Protocol::RpcV2Cbor, cbor.as_slice()),
    ] {
        assert_eq!(decode::<Input>(protocol, body).unwrap(), full(), "{protocol:?}");
    }
}

#[test]
fn an_empty_body_is_an_empty_input() {
    #[derive(Deserialize)]
    struct None {}
    for protocol in [Protocol::AwsJson11, Protocol::Query, Protocol::RpcV2Cbor] {
        decode::<None>(protocol, b"").unwrap();
        decode::<()>(protocol, b"").unwrap();
    }
    decode_json::<()>(b"{}").unwrap();
    assert_eq!(decode_json::<()>(br#"{"a":1}"#).unwrap_err().kind(), DecodeErrorKind::Unknown);
}

#[test]
fn null_counts_as_absent() {
    let nulls = br#"{"Name":"n","Count":null,"Tags":null,"Attributes":null}"#;
    assert_eq!(decode_json::<Input>(nulls).unwrap(), named("n"));
}

#[test]
fn a_timestamp_is_read_in_every_form_that_clients_send() {
    let millis = |json: &str| decode_json::<Timestamp>(json.as_bytes()).map(Timestamp::as_millis);
    assert_eq!(millis("1767323045"), Ok(1_767_323_045_000));
    assert_eq!(millis("1767323045.0"), Ok(1_767_323_045_000));
    assert_eq!(millis("1.767323045678E9"), Ok(1_767_323_045_678));
    assert_eq!(millis("-0.001"), Ok(-1));
    assert_eq!(millis("\"2026-01-02T03:04:05.678Z\""), Ok(1_767_323_045_678));
    assert_eq!(millis("\"2026-01-02T04:04:05+01:00\""), Ok(1_767_323_045_000));
    assert_eq!(millis("\"1767323045\""), Ok(1_767_323_045_000));
    // Milliseconds where seconds belong would be the year 57974.
    for wrong in ["1767323045678", "\"yesterday\"", "true", "[]", "\"NaN\"", "1e300"] {
        assert_eq!(millis(wrong).unwrap_err().kind(), DecodeErrorKind::Shape, "{wrong}");
    }
}

#[test]
fn a_number_is_not_taken_from_text_except_in_query() {
    let text = br#"{"Name":"n","Count":"3"}"#;
    assert_eq!(decode_json::<Input>(text).unwrap_err().to_string(), "Count: expected i32, found a string");
    assert_eq!(decode::<Input>(Protocol::Query, b"Name=n&Count=3").unwrap().count, Some(3));
    assert_eq!(decode_json::<Input>(br#"{"Name":"n","Count":3.0}"#).unwrap().count, Some(3));
    assert!(decode_json::<Input>(br#"{"Name":"n","Count":3.5}"#).is_err());
    assert!(decode_json::<Input>(br#"{"Name":"n","Count":3000000000}"#).is_err());
    assert_eq!(decode_json::<Input>(br#"{"Name":"n","Ratio":3}"#).unwrap().ratio, Some(3.0));
    assert_eq!(decode_json::<Input>(br#"{"Name":"n","Ratio":"-Infinity"}"#).unwrap().ratio, Some(f64::NEG_INFINITY));
    assert!(decode::<Input>(Protocol::Query, b"Name=n&Ratio=inf").is_err());
}

#[test]
fn query_lists_and_maps_come_wrapped_or_flattened_or_empty() {
    let tags = |query: &str| {
        let input = decode::<Input>(Protocol::Query, format!("Name=n&{query}").as_bytes());
        input.map(|input| input.tags.into_iter().map(|tag| tag.key).collect::<Vec<_>>())
    };
    assert_eq!(tags("Tags.1.Key=a&Tags.2.Key=b").unwrap(), ["a", "b"]);
    assert_eq!(tags("Tags.member.10.Key=c&Tags.member.9.Key=b&Tags.member.1.Key=a").unwrap(), ["a", "b", "c"]);
    assert!(tags("Tags=").unwrap().is_empty());
    assert!(tags("Tags.member=").unwrap().is_empty());
    for wrong in ["Tags=x", "Tags.x.Key=a", "Tags.01.Key=a", "Tags.-1.Key=a", "Tags.member.1=a", "Tags.member=x"] {
        assert_eq!(tags(wrong).unwrap_err().kind(), DecodeErrorKind::Shape, "{wrong}");
    }
    let attributes = |query: &str| {
        let input = decode::<Input>(Protocol::Query, format!("Name=n&{query}").as_bytes());
        input.map(|input| input.attributes.into_iter().collect::<Vec<_>>())
    };
    let one = [("a".to_owned(), "b".to_owned())];
    assert_eq!(attributes("Attributes.1.Name=a&Attributes.1.Value=b").unwrap(), one);
    assert_eq!(attributes("Attributes.entry.1.Name=a&Attributes.entry.1.Value=b").unwrap(), one);
    for wrong in
        ["Attributes.entry.1.key=a", "Attributes.1.value=b", "Attributes.1=b", "Attributes.1.key=a&Attributes.1.x=b"]
    {
        assert_eq!(attributes(wrong).unwrap_err().kind(), DecodeErrorKind::Shape, "{wrong}");
    }
}

#[test]
fn sns_message_attributes_are_structures_in_a_map() {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Publish {
        message_attributes: BTreeMap<String, Attribute>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attribute {
        data_type: String,
        string_value: String,
    }
    let query = b"MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=String\
        &MessageAttributes.entry.1.Value.StringValue=v";
    let publish: Publish = decode(Protocol::Query, query).unwrap();
    let attribute = publish.message_attributes.get("n").unwrap();
    assert_eq!((attribute.data_type.as_str(), attribute.string_value.as_str()), ("String", "v"));
}

#[test]
fn contradictory_query_parameters_are_refused() {
    for query in ["Name=a&Name=a", "Name=a&Name.b=c", "Name..b=c", ".=c", "=c", "Name=%ff", "Name%ff=a"] {
        let refused = parse(Protocol::Query, query.as_bytes()).unwrap_err();
        assert_eq!(refused.kind(), DecodeErrorKind::Malformed, "{query}");
        assert_eq!(refused.code(Protocol::Query), "MalformedInput");
    }
}

#[test]
fn a_presigned_calls_signature_is_not_part_of_its_input() {
    let query = "Name=n&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&x-amz-date=1";
    assert_eq!(decode::<Input>(Protocol::Query, query.as_bytes()).unwrap(), named("n"));
    let pairs = [("Name".to_owned(), "n".to_owned()), ("Action".to_owned(), "Op".to_owned())];
    assert_eq!(decode_query::<Input>(pairs).unwrap(), named("n"));
}

#[test]
fn rest_json_takes_members_from_outside_the_body() {
    let input: Input =
        decode_rest_json(br#"{"Ratio":1}"#, [("Name", "n".to_owned()), ("Count", "5".to_owned())]).unwrap();
    assert_eq!((input.name.as_str(), input.count, input.ratio), ("n", Some(5), Some(1.0)));
    let twice = decode_rest_json::<Input>(br#"{"Name":"a"}"#, [("Name", "b".to_owned())]).unwrap_err();
    assert_eq!(twice.to_string(), "Name: member is given twice");
    assert!(decode_rest_json::<Input>(b"[]", [("Name", "b".to_owned())]).is_err());
}

#[test]
fn a_missing_member_is_told_in_aws_words() {
    let missing = decode_json::<Input>(br#"{"Name":"n","Tags":[{"Key":"a"},{}]}"#).unwrap_err();
    assert_eq!(missing.to_string(), "Tags[1].Key: required member is missing");
    assert_eq!(
        missing.wire_message(),
        "1 validation error detected: Value null at 'tags[1].key' failed to satisfy constraint: Member must not be null"
    );
    assert_eq!(missing.code(Protocol::AwsJson11), "ValidationException");
    assert_eq!(missing.code(Protocol::Query), "ValidationError");
}

#[test]
fn unions_and_enums_are_read_from_their_one_member() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Union {
        Text(String),
        Tag { key: String },
        None,
    }
    let read = |json: &str| decode_json::<Union>(json.as_bytes());
    assert_eq!(read(r#"{"Text":"a","Tag":null}"#), Ok(Union::Text("a".to_owned())));
    assert_eq!(read(r#"{"Tag":{"key":"a"}}"#), Ok(Union::Tag { key: "a".to_owned() }));
    assert_eq!(read(r#""None""#), Ok(Union::None));
    assert_eq!(read(r#"{"Tag":{"key":1}}"#).unwrap_err().to_string(), "Tag.key: expected a string, found an integer");
    for wrong in ["{}", r#"{"Text":"a","None":1}"#, r#"{"None":1}"#, r#""Text""#, r#"{"Other":1}"#, "1"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn no_error_repeats_what_was_sent() {
    #[derive(Deserialize)]
    #[serde(try_from = "String")]
    struct Echoing;
    impl TryFrom<String> for Echoing {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            Err(format!("cannot use {text}"))
        }
    }
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its errors matter")]
    struct Wrapped {
        inner: Echoing,
    }
    const CANARY: &str = "hunter2";
    let quiet = |error: DecodeError| {
        let texts = [error.to_string(), error.wire_message(), format!("{error:?}")];
        assert!(!texts.iter().any(|text| text.contains(CANARY)), "{texts:?}");
        texts
    };
    for json in [
        r#"{"Name":"n","Count":"hunter2"}"#,
        r#"{"Name":{"hunter2":"hunter2"}}"#,
        r#"{"hunter2":"n"}"#,
        r#"{"Name":"n","Mode":"hunter2"}"#,
        r#"{"Name":"n","Mode":{"hunter2":1}}"#,
        r#"{"Name":"n","Start":"hunter2"}"#,
        r#"{"Name":"n","Data":"hunter2"}"#,
        r#"{"Name":"n","Attributes":{"hunter2":1}}"#,
        r#"{"Name":"n","Tags":["hunter2"]}"#,
        r#"{"Name":"n" hunter2}"#,
        r#"{"Name":hunter2}"#,
        r#""hunter2""#,
    ] {
        let [text, ..] = quiet(decode_json::<Input>(json.as_bytes()).err().unwrap());
        assert!(!text.is_empty());
        if let Ok(value) = parse(Protocol::AwsJson11, json.as_bytes()) {
            let cbor = encode_cbor(&value).unwrap();
            quiet(decode_cbor::<Input>(&cbor).unwrap_err());
        }
    }
    for query in ["Name=n&Count=hunter2", "hunter2=n", "hunter2.=n", "Name=n&Tags=hunter2", "Name=n&Tags.hunter2.Key=a"]
    {
        quiet(decode::<Input>(Protocol::Query, query.as_bytes()).unwrap_err());
    }
    quiet(decode_json::<Wrapped>(br#"{"inner":"hunter2"}"#).err().unwrap());
}

#[test]
fn debug_prints_no_content() {
    let value = to_value(&full()).unwrap();
    let shown = format!("{value:?} {:?}", Blob::new(b"hunter2".to_vec()));
    assert!(shown.contains("Blob(7 bytes)") && !shown.contains("hunter2") && !shown.contains("n \u{20ac}"), "{shown}");
}

#[test]
fn errors_name_the_place() {
    let text = |json: &str| decode_json::<Input>(json.as_bytes()).unwrap_err().to_string();
    assert_eq!(text(r#"{"Name":1}"#), "Name: expected a string, found an integer");
    assert_eq!(text(r#"{"Name":"n","Tags":[{"Key":[]}]}"#), "Tags[0].Key: expected a string, found a list");
    assert_eq!(text(r#"{"Name":"n","Attributes":{"x":1}}"#), "Attributes{key}: expected a string, found an integer");
    assert_eq!(text(r#"{"Name":"n","Mode":"x"}"#), "Mode: invalid value, expected one of Fast, Slow");
    assert_eq!(text(r#"{"Name":"n","Tags":[{"x":1}]}"#), "Tags[0]: unknown member, expected one of Key, Value");
    assert_eq!(text(r#"{"Name":"n","Name":"n"}"#), "Name: member is given twice");
    assert_eq!(text("{\n\"Name\":}"), "invalid JSON at line 2 column 8");
    assert_eq!(text("{} x"), "invalid JSON at line 1 column 4");
    let not_utf8 = decode_json::<Input>(b"{\"Name\":\"\xff\"}").unwrap_err();
    assert_eq!(not_utf8.to_string(), "body is not UTF-8 at byte 9");
}

#[test]
fn a_tree_can_be_read_as_free_form_json() {
    let value: serde_json::Value = decode_json(br#"{"b":[1,2.5,"x",null,true],"a":{}}"#).unwrap();
    assert_eq!(value.to_string(), r#"{"b":[1,2.5,"x",null,true],"a":{}}"#);
    let typed =
        Value::Struct(vec![("At", Value::Timestamp(Timestamp::from_millis(1500))), ("B", Value::Blob(vec![1].into()))]);
    assert_eq!(serde_json::to_string(&typed).unwrap(), r#"{"At":1.5,"B":"AQ=="}"#);
    assert_eq!(to_value(&typed).unwrap(), typed);
    assert_eq!(
        from_value::<Value>(Value::Map(vec![("a".to_owned(), Value::Null)]), Style::Typed).unwrap().get("a"),
        Some(&Value::Null)
    );
}
