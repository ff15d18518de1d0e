//! Events and patterns over so few names and values that they meet.

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

const NAMES: [&str; 6] = ["a", "b", "c", "a.b", "eventName", "a long member name"];
const TEXTS: [&str; 14] = [
    "",
    "x",
    "Y",
    "xy",
    "abcdefghij",
    "10.0.0.1",
    "10.0.0.2",
    "::1",
    "\"",
    "\\",
    "é",
    "É{[:,]}\n",
    "GetSecretValue",
    "1",
];
const NUMBERS: [&str; 9] = ["0", "-0.0", "1", "1.0", "10e-1", "2.5", "-3", "1e300", "12345678901234567890123"];

fn pick<'a>(bytes: &mut Unstructured<'_>, from: &[&'a str]) -> Result<&'a str> {
    bytes.choose(from).copied()
}

/// One time in eight; never when the bytes have run out.
fn rarely(bytes: &mut Unstructured<'_>) -> Result<bool> {
    Ok(!bytes.ratio(7u8, 8u8)?)
}

/// The text of a JSON value, with white space, escapes and members of one name where the bytes say so.
pub fn event(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut text = String::new();
    write_value(bytes, 0, &mut text)?;
    Ok(text)
}

fn space(bytes: &mut Unstructured<'_>, text: &mut String) -> Result<()> {
    if rarely(bytes)? {
        text.push_str(pick(bytes, &[" ", "\n", "\t \r", "                    "])?);
    }
    Ok(())
}

fn write_string(bytes: &mut Unstructured<'_>, string: &str, text: &mut String) -> Result<()> {
    if rarely(bytes)? {
        text.push('"');
        for unit in string.encode_utf16() {
            text.push_str(&format!("\\u{unit:04x}"));
        }
        text.push('"');
    } else {
        text.push_str(&Value::from(string).to_string());
    }
    Ok(())
}

fn write_value(bytes: &mut Unstructured<'_>, depth: usize, text: &mut String) -> Result<()> {
    space(bytes, text)?;
    let deepest = depth >= 6;
    match bytes.int_in_range(0..=if deepest { 5u8 } else { 11 })? {
        0 => text.push_str("null"),
        1 => text.push_str("true"),
        2 => text.push_str("false"),
        3 => text.push_str(pick(bytes, &NUMBERS)?),
        4 => {
            let long = "x".repeat(bytes.int_in_range(0..=200)?);
            write_string(bytes, &long, text)?;
        }
        5 => {
            let string = pick(bytes, &TEXTS)?;
            write_string(bytes, string, text)?;
        }
        6 | 7 => write_items(bytes, depth, text, false)?,
        _ => write_items(bytes, depth, text, true)?,
    }
    space(bytes, text)
}

fn write_items(bytes: &mut Unstructured<'_>, depth: usize, text: &mut String, object: bool) -> Result<()> {
    text.push(if object { '{' } else { '[' });
    space(bytes, text)?;
    for item in 0..bytes.int_in_range(0..=4u8)? {
        if item > 0 {
            text.push(',');
        }
        if object {
            space(bytes, text)?;
            let name = pick(bytes, &NAMES)?;
            write_string(bytes, name, text)?;
            space(bytes, text)?;
            text.push(':');
        }
        write_value(bytes, depth + 1, text)?;
    }
    text.push(if object { '}' } else { ']' });
    Ok(())
}

/// An event pattern that parses, or nearly.
pub fn event_pattern(bytes: &mut Unstructured<'_>) -> Result<Value> {
    fields(bytes, 0)
}

fn fields(bytes: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let mut members = Map::new();
    for _ in 0..bytes.int_in_range(1..=3u8)? {
        if depth < 2 && rarely(bytes)? {
            let alternatives = (0..bytes.int_in_range(2..=3u8)?).map(|_| fields(bytes, depth + 1));
            members.insert("$or".to_owned(), Value::Array(alternatives.collect::<Result<_>>()?));
        }
        let name = pick(bytes, &NAMES)?.to_owned();
        let deeper = depth < 3 && !bytes.ratio(2u8, 3u8)?;
        let value = if deeper { fields(bytes, depth + 1)? } else { leaf(bytes)? };
        members.insert(name, value);
    }
    Ok(Value::Object(members))
}

fn leaf(bytes: &mut Unstructured<'_>) -> Result<Value> {
    (0..bytes.int_in_range(1..=3u8)?).map(|_| alternative(bytes)).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn text(bytes: &mut Unstructured<'_>) -> Result<Value> {
    pick(bytes, &TEXTS).map(Value::from)
}

fn number(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match bytes.int_in_range(0..=4u8)? {
        0 => json!(0),
        1 => json!(1),
        2 => json!(2.5),
        3 => json!(-3),
        _ => json!(1e300),
    })
}

fn texts(bytes: &mut Unstructured<'_>) -> Result<Value> {
    if bytes.arbitrary()? {
        return text(bytes);
    }
    (0..bytes.int_in_range(1..=3u8)?).map(|_| text(bytes)).collect::<Result<Vec<_>>>().map(Value::Array)
}

fn wildcard(bytes: &mut Unstructured<'_>) -> Result<Value> {
    pick(bytes, &["*", "x*", "*y", "a*j", "*cde*", "*bcdefghi*", "a*c*e*g*i*", "Get*Value", "\\\\*"]).map(Value::from)
}

fn alternative(bytes: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match bytes.int_in_range(0..=18u8)? {
        0 => Value::Null,
        1 => Value::Bool(bytes.arbitrary()?),
        2 => number(bytes)?,
        3 | 4 => text(bytes)?,
        5 => json!({"prefix": text(bytes)?}),
        6 => json!({"suffix": text(bytes)?}),
        7 => json!({"prefix": {"equals-ignore-case": text(bytes)?}}),
        8 => json!({"suffix": {"equals-ignore-case": text(bytes)?}}),
        9 => json!({"equals-ignore-case": text(bytes)?}),
        10 => json!({"wildcard": wildcard(bytes)?}),
        11 => json!({"numeric": [pick(bytes, &["<", "<=", "=", ">", ">="])?, number(bytes)?]}),
        12 => json!({"numeric": [">=", number(bytes)?, "<", number(bytes)?]}),
        13 => json!({"cidr": pick(bytes, &["10.0.0.0/31", "0.0.0.0/0", "::/1", "10.0.0.2/24"])?}),
        14 => json!({"exists": bytes.arbitrary::<bool>()?}),
        15 => json!({"anything-but": texts(bytes)?}),
        16 => json!({"anything-but": [number(bytes)?, number(bytes)?]}),
        17 => json!({"anything-but": {pick(bytes, &["prefix", "suffix", "equals-ignore-case"])?: texts(bytes)?}}),
        _ => json!({"anything-but": {"wildcard": wildcard(bytes)?}}),
    })
}

/// A filter pattern that parses, or nearly.
pub fn filter(bytes: &mut Unstructured<'_>) -> Result<String> {
    Ok(match bytes.int_in_range(0..=9u8)? {
        0 => pick(bytes, &["x", "-x", "?x ?y", "%[xy]+%", "\"10.0\" -GetSecretValue", ""])?.to_owned(),
        1 => pick(bytes, &["[w1 = *a*, ...]", "[..., w1 != 1 || w1 = %x%]", "[a, b > 1]", "[...]"])?.to_owned(),
        _ => format!("{{ {} }}", expression(bytes, 0)?),
    })
}

fn expression(bytes: &mut Unstructured<'_>, depth: usize) -> Result<String> {
    if depth < 3 && bytes.arbitrary()? {
        let join = pick(bytes, &["&&", "||"])?;
        return Ok(format!("({} {join} {})", expression(bytes, depth + 1)?, expression(bytes, depth + 1)?));
    }
    let mut path = "$".to_owned();
    for step in 0..bytes.int_in_range(1..=3u8)? {
        let steps = [".a", ".b", ".c", ".['a.b']", ".eventName", "['a long member name']", "[0]", "[1]"];
        path.push_str(pick(bytes, if step == 0 { &steps[..6] } else { &steps })?);
    }
    let test = pick(
        bytes,
        &[
            "= x",
            "!= x",
            "= \"*y\"",
            "= \"a*\"",
            "= \"*cde*\"",
            "!= \"*cde*\"",
            "= 1",
            "!= 1",
            "= \"1\"",
            "> 0",
            "<= 2.5",
            ">= 1e300",
            "= %^[a-z]+$%",
            "= *",
            "= \"\\\"\"",
            "= 10.0.*",
            "IS NULL",
            "IS TRUE",
            "IS FALSE",
            "NOT EXISTS",
            "= true",
        ],
    )?;
    Ok(format!("{path} {test}"))
}
