//! Bodies made to hurt: each must be refused in bounded time and memory.

use keeptrail_wire::{DecodeErrorKind, Protocol, Value, limits, parse, parse_cbor, parse_json};

#[test]
fn json_nested_ten_thousand_deep_is_refused() {
    let limit = Some(DecodeErrorKind::Limit);
    assert_eq!(parse_json("[".repeat(10_000).as_bytes()).err().map(|e| e.kind()), limit);
    assert_eq!(parse_json("{\"a\":".repeat(10_000).as_bytes()).err().map(|e| e.kind()), limit);
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse_json(nested(limits::MAX_DEPTH).as_bytes()).is_ok());
    assert!(parse_json(nested(limits::MAX_DEPTH + 1).as_bytes()).is_err());
}

#[test]
fn cbor_nested_ten_thousand_deep_is_refused() {
    let limit = Some(DecodeErrorKind::Limit);
    assert_eq!(parse_cbor(&[0x81; 10_000]).err().map(|e| e.kind()), limit);
    assert_eq!(parse_cbor(&[0x9f; 10_000]).err().map(|e| e.kind()), limit);
    assert_eq!(parse_cbor(&[0xa1, 0x60].repeat(10_000)).err().map(|e| e.kind()), limit);
    assert_eq!(parse_cbor(&[0xc1; 10_000]).err().map(|e| e.kind()), limit);
    let nested = |depth: usize| [vec![0x81; depth], vec![0x01]].concat();
    assert!(parse_cbor(&nested(limits::MAX_DEPTH)).is_ok());
    assert!(parse_cbor(&nested(limits::MAX_DEPTH + 1)).is_err());
}

#[test]
fn cbor_that_declares_more_than_it_holds_is_refused() {
    for head in [0x9b, 0xbb, 0x5b, 0x7b] {
        for length in [u64::MAX, 1 << 62, 1 << 40, 1 << 20, 3] {
            let bomb = [&[head], length.to_be_bytes().as_slice(), b"a"].concat();
            assert_eq!(parse_cbor(&bomb).unwrap_err().kind(), DecodeErrorKind::Malformed, "{head:x} {length}");
        }
    }
}

#[test]
fn more_values_than_the_limit_are_refused() {
    let list = |n: usize| format!("[{}1]", "1,".repeat(n - 1));
    assert!(parse_json(list(limits::MAX_VALUES - 1).as_bytes()).is_ok());
    assert_eq!(parse_json(list(limits::MAX_VALUES).as_bytes()).unwrap_err().kind(), DecodeErrorKind::Limit);
    let mut cbor = vec![0x9f];
    cbor.resize(limits::MAX_VALUES + 1, 0x01);
    cbor.push(0xff);
    assert_eq!(parse_cbor(&cbor).unwrap_err().kind(), DecodeErrorKind::Limit);
}

#[test]
fn query_has_limits_on_number_and_depth() {
    let refused = |body: String| parse(Protocol::Query, body.as_bytes()).err().map(|e| e.kind());
    let limit = Some(DecodeErrorKind::Limit);
    assert_eq!(refused("a=&".repeat(limits::MAX_PARAMETERS + 1)), limit);
    assert_eq!(refused(format!("{}a=1", "a.".repeat(limits::MAX_NAME_PARTS))), limit);
    assert_eq!(refused(format!("{}a=1", "a.".repeat(limits::MAX_NAME_PARTS - 1))), None);
    // Every name opens its own tower of structures: 31 values a parameter.
    let towers: String = (0..20_000).map(|n| format!("{n}{}=&", ".a".repeat(limits::MAX_NAME_PARTS - 1))).collect();
    assert_eq!(refused(towers), limit);
}

#[test]
fn cbor_of_other_kinds_than_the_protocols_is_refused() {
    for (body, what) in [
        (&[0xa1, 0x01, 0x02][..], "a key that is a number"),
        (&[0xa1, 0x41, 0x61, 0x02], "a key of bytes"),
        (&[0xc2, 0x41, 0x01], "a bignum"),
        (&[0xc1, 0x61, 0x31], "a date that is text"),
        (&[0xc1, 0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], "a date that is no number"),
        (&[0xf0], "an unassigned simple value"),
        (&[0xff], "a break without a start"),
        (&[0x01, 0x01], "two items"),
        (&[0x61, 0xff], "text that is not UTF-8"),
        (&[0x7f, 0x41, 0x61, 0xff], "text of a chunk of bytes"),
        (&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "an integer beyond 64 bits with sign"),
        (&[0x9f, 0x01], "a list without an end"),
        (&[0xbf, 0x61, 0x61, 0xff], "a key without a value"),
        (&[0xf9, 0x3c], "half a half"),
    ] {
        assert_eq!(parse_cbor(body).err().map(|e| e.kind()), Some(DecodeErrorKind::Malformed), "{what}");
    }
}

#[test]
fn cbor_of_every_form_is_read() {
    let text = |s: &str| Value::String(s.to_owned());
    for (body, value) in [
        (&[0xf6][..], Value::Null),
        (&[0xf7], Value::Null),
        (&[0xf5], Value::Bool(true)),
        (&[0x38, 0x63], Value::Int(-100)),
        (&[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Value::Int(i64::MIN)),
        (&[0xf9, 0x3e, 0x00], Value::Float(1.5)),
        (&[0xf9, 0x00, 0x01], Value::Float(5.960_464_477_539_063e-8)),
        (&[0xf9, 0x7b, 0xff], Value::Float(65_504.0)),
        (&[0xf9, 0xfc, 0x00], Value::Float(f64::NEG_INFINITY)),
        (&[0xf9, 0x80, 0x00], Value::Float(-0.0)),
        (&[0xfa, 0x3f, 0xc0, 0x00, 0x00], Value::Float(1.5)),
        (&[0x7f, 0x61, 0x61, 0x61, 0x62, 0xff], text("ab")),
        (&[0x5f, 0x41, 0x01, 0x42, 0x02, 0x03, 0xff], Value::Blob(vec![1, 2, 3].into())),
        (&[0x9f, 0x01, 0x80, 0xff], Value::List(vec![Value::Int(1), Value::List(Vec::new())])),
        (&[0xbf, 0x61, 0x61, 0x61, 0x62, 0xff], Value::Map(vec![("a".to_owned(), text("b"))])),
        (&[0xc1, 0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Value::Timestamp(keeptrail_wire::Timestamp::from_millis(1500))),
        (&[0xc1, 0xf9, 0x3e, 0x00], Value::Timestamp(keeptrail_wire::Timestamp::from_millis(1500))),
    ] {
        assert_eq!(parse_cbor(body).unwrap(), value, "{body:x?}");
    }
    assert!(matches!(parse_cbor(&[0xf9, 0x7e, 0x00]), Ok(Value::Float(n)) if n.is_nan()));
}
