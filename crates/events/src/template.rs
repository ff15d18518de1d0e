//! Input templates: text with `<variables>`.
//!
//! Source: "Input transformation" in the EventBridge user guide. A template is JSON once its variables have values. A
//! variable in the place of a JSON value becomes its value's JSON; inside quotes a string is put in as it is, without
//! escaping, and anything else as its JSON without quotes. A variable without a value is empty.

use serde::de::IgnoredAny;
use serde_json::Value;

/// Part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Variable { name: &'a str, quoted: bool },
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template<'a>(Vec<Piece<'a>>);

/// Whether a place in a template is inside quotes.
#[derive(Default, Clone, Copy)]
struct Quotes {
    inside: bool,
    escaped: bool,
}

impl Quotes {
    fn after(self, text: &str) -> Self {
        text.chars().fold(self, |quotes, c| match c {
            _ if quotes.escaped => Self { escaped: false, ..quotes },
            '\\' => Self { escaped: quotes.inside, ..quotes },
            '"' => Self { inside: !quotes.inside, ..quotes },
            _ => quotes,
        })
    }
}

impl<'a> Template<'a> {
    /// Takes a template apart. A `<` that begins no name in brackets is text.
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut pieces = Vec::new();
        let mut quotes = Quotes::default();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            pieces.push(Piece::Text(before));
            quotes = quotes.after(before);
            match name(after) {
                Some((name, after)) => {
                    pieces.push(Piece::Variable { name, quoted: quotes.inside });
                    rest = after;
                }
                None => {
                    pieces.push(Piece::Text("<"));
                    quotes = quotes.after("<");
                    rest = after;
                }
            }
        }
        pieces.push(Piece::Text(rest));
        Self(pieces)
    }

    /// The variables' names.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Variable { name, .. } => Some(*name),
        })
    }

    /// Whether the template is JSON, or several JSON values in a row, when its variables have plain values.
    pub(crate) fn is_json(&self) -> bool {
        let sample = self.fill(|_| Some(Value::from("x")));
        let mut values = serde_json::Deserializer::from_str(&sample).into_iter::<IgnoredAny>();
        values.next().is_some_and(|first| first.is_ok()) && values.all(|value| value.is_ok())
    }

    /// The template with the variables' values.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> Option<Value>) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable { name, quoted } => match (value(name), quoted) {
                    (None, true) => {}
                    (None, false) => filled.push_str("\"\""),
                    (Some(Value::String(text)), true) => filled.push_str(&text),
                    (Some(value), true) => filled.push_str(&value.to_string().replace('"', "")),
                    (Some(value), false) => filled.push_str(&value.to_string()),
                },
            }
        }
        filled
    }
}

/// The name that `text` begins with, up to its closing bracket, and what follows.
fn name(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))?;
    let (name, rest) = text.split_at_checked(end)?;
    Some((name, rest.strip_prefix('>')?)).filter(|_| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_become_json_outside_quotes_and_text_inside() {
        let value = |name: &str| {
            let values = json!({"s": "run\"ning", "n": 3, "o": {"a": "b"}, "l": ["x", "y"], "z": null});
            values.get(name).cloned()
        };
        for (template, filled) in [
            (r#"{"a":<s>}"#, r#"{"a":"run\"ning"}"#),
            (r#"{"a":"is <s>"}"#, r#"{"a":"is run"ning"}"#),
            (r#"{"a":<n>,"b":<o>,"c":<l>,"d":<z>}"#, r#"{"a":3,"b":{"a":"b"},"c":["x","y"],"d":null}"#),
            (r#""<n> <o> <l>""#, r#""3 {a:b} [x,y]""#),
            (r#""say \"<n>\" <missing>.""#, r#""say \"3\" .""#),
            (r#"{"a":<missing>}"#, r#"{"a":""}"#),
            (r#""one <n>" "two <n>""#, r#""one 3" "two 3""#),
            (r#""a < b > <c d> <>""#, r#""a < b > <c d> <>""#),
            (r#""<<n>>""#, r#""<3>""#),
            ("\"back \\\\\" <s>", "\"back \\\\\" \"run\\\"ning\""),
        ] {
            assert_eq!(Template::parse(template).fill(value), filled, "{template}");
        }
    }

    #[test]
    fn a_template_is_json_or_quoted_lines() {
        for template in [r#""<a> is <b>""#, "\"<a>\"\n\"<b>\"", r#"{"a":<b>,"c":"<d>"}"#, "<a>", "[<a>, 1]"] {
            assert!(Template::parse(template).is_json(), "{template}");
        }
        for template in ["", " ", "<a> is <b>", r#"{"a":<b>"#, r#""open"#, r#"{"a" <b>}"#] {
            assert!(!Template::parse(template).is_json(), "{template}");
        }
    }

    #[test]
    fn names_are_found_in_order() {
        let names: Vec<_> = Template::parse("<a> <aws.events.rule-arn> <b c> <_d").variables().collect();
        assert_eq!(names, ["a", "aws.events.rule-arn"]);
    }
}
