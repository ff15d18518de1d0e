//! The query protocol's answers in XML 1.0.

use std::fmt::Write;

use crate::Value;
use crate::blob::to_base64;
use crate::value::non_finite;

/// Writes an element with a value. Lists become `<member>` elements, maps `<entry><key>…</key><value>…</value></entry>`.
pub(crate) fn element(out: &mut String, name: &str, value: &Value) {
    wrapped(out, name, |out| match value {
        Value::Null => {}
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        // Writing into a String cannot fail.
        Value::Int(n) => drop(write!(out, "{n}")),
        Value::Float(n) => match non_finite(*n) {
            Some(text) => out.push_str(text),
            None => drop(write!(out, "{n:?}")),
        },
        Value::Timestamp(at) => drop(write!(out, "{at}")),
        Value::String(text) => escape(out, text),
        Value::Blob(blob) => out.push_str(&to_base64(blob)),
        Value::List(items) => items.iter().for_each(|item| element(out, "member", item)),
        Value::Struct(members) => members.iter().for_each(|(name, value)| element(out, name, value)),
        Value::Map(entries) => {
            for (key, value) in entries {
                wrapped(out, "entry", |out| {
                    text(out, "key", key);
                    element(out, "value", value);
                });
            }
        }
    });
}

/// Writes an element with text.
pub(crate) fn text(out: &mut String, name: &str, content: &str) {
    wrapped(out, name, |out| escape(out, content));
}

/// Writes an element around what `content` writes.
pub(crate) fn wrapped(out: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    content(out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Writes text so that a reader gets the same characters back. Characters that XML 1.0 cannot hold in any form (most control
/// characters) become U+FFFD: one of them would make the whole answer unreadable.
pub(crate) fn escape(out: &mut String, content: &str) {
    for c in content.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}
