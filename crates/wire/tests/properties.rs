//! What holds for every value and every body.
#![expect(clippy::unwrap_used, reason = "tests")]

use keeptrail_wire::{
    Protocol, Style, Timestamp, Value, encode_cbor, encode_json, encode_output, from_value, parse, parse_cbor,
    parse_json, to_value,
};
use proptest::prelude::*;

/// `Value`'s own `Debug` hides what failed, so cases are shown as the JSON they make.
fn shown(value: &Value) -> String {
    String::from_utf8(encode_json(value).unwrap()).unwrap()
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    (-300_000_000_000i64..300_000_000_000_000).prop_map(Timestamp::from_millis)
}

/// Values as a decoder yields them. `typed` adds the kinds that JSON has no form of its own for.
fn value(typed: bool) -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        proptest::num::f64::NORMAL.prop_map(Value::Float),
        ".{0,12}".prop_map(Value::String),
    ];
    let own = prop_oneof![
        any::<Vec<u8>>().prop_map(|bytes| Value::Blob(bytes.into())),
        timestamp().prop_map(Value::Timestamp),
    ];
    let leaf = if typed { prop_oneof![plain, own].boxed() } else { plain.boxed() };
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::vec((".{0,6}", inner), 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn json_round_trips(value in value(false)) {
        // An output of nothing is written as an empty structure.
        prop_assume!(!value.is_null());
        let again = parse_json(&encode_json(&value).unwrap()).unwrap();
        prop_assert!(again == value, "{}", shown(&value));
    }

    #[test]
    fn cbor_round_trips(value in value(true)) {
        prop_assume!(!value.is_null());
        let again = parse_cbor(&encode_cbor(&value).unwrap()).unwrap();
        prop_assert!(again == value, "{}", shown(&value));
    }

    #[test]
    fn the_tree_is_its_own_output(value in value(true)) {
        prop_assert!(to_value(&value).unwrap() == value, "{}", shown(&value));
    }

    #[test]
    fn a_timestamp_round_trips_in_every_protocol(at in timestamp()) {
        let value = to_value(&at).unwrap();
        prop_assert_eq!(&value, &Value::Timestamp(at));
        let json: Timestamp = from_value(parse_json(&encode_json(&value).unwrap()).unwrap(), Style::Typed).unwrap();
        let cbor: Timestamp = from_value(parse_cbor(&encode_cbor(&value).unwrap()).unwrap(), Style::Typed).unwrap();
        let text: Timestamp = from_value(Value::String(at.to_string()), Style::Query).unwrap();
        let foreign: Timestamp = serde_json::from_str(&serde_json::to_string(&at).unwrap()).unwrap();
        prop_assert_eq!([json, cbor, text, foreign], [at; 4]);
    }

    #[test]
    fn a_list_in_query_comes_back_in_order(items in proptest::collection::vec(".{0,8}", 0..30), flat in any::<bool>()) {
        let wrapper = if flat { "" } else { "member." };
        let mut pairs: Vec<(String, String)> =
            items.iter().enumerate().map(|(i, item)| (format!("L.{wrapper}{}", i + 1), item.clone())).collect();
        pairs.reverse();
        if items.is_empty() {
            pairs.push(("L".to_owned(), String::new()));
        }
        #[derive(serde::Deserialize)]
        struct Input { #[serde(rename = "L")] list: Vec<String> }
        let input: Input = keeptrail_wire::decode_query(pairs).unwrap();
        prop_assert_eq!(input.list, items);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(body in any::<Vec<u8>>()) {
        for protocol in [Protocol::AwsJson11, Protocol::Query, Protocol::RpcV2Cbor] {
            let _ = parse(protocol, &body);
        }
    }

    #[test]
    fn no_text_makes_a_decoder_panic(text in "[\\[\\]{}\",:0-9a-zA-Z.=&%+\\\\ -]{0,60}") {
        for protocol in [Protocol::AwsJson11, Protocol::Query] {
            let _ = parse(protocol, text.as_bytes());
        }
    }

    /// One changed byte of a good body: the likeliest way into a decoder's corners.
    #[test]
    fn no_damaged_cbor_makes_the_decoder_panic(value in value(true), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = encode_cbor(&value).unwrap();
        prop_assume!(!body.is_empty());
        let at = at.index(body.len());
        body[at] = byte;
        let _ = parse_cbor(&body);
        body.truncate(at);
        let _ = parse_cbor(&body);
    }

    #[test]
    fn no_output_can_break_out_of_the_xml(text in any::<String>()) {
        let body = encode_output(Protocol::Query, "Op", "x", &std::collections::BTreeMap::from([(&text, &text)]), "id").unwrap();
        let xml = String::from_utf8(body.body.to_vec()).unwrap();
        let content = xml.strip_prefix("<OpResponse xmlns=\"x\"><OpResult><entry><key>").unwrap();
        let key = content.split('<').next().unwrap();
        prop_assert!(!key.contains(['>', '"', '\r', '\0']));
        let unescaped = key.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#xD;", "\r").replace("&amp;", "&");
        let forbidden = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
        prop_assert_eq!(unescaped, text.replace(forbidden, "\u{fffd}"));
    }
}
