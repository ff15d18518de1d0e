//! What a matching message gives: the values that the pattern names.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::Value;

use crate::document::Document;

use super::path::Path;
use super::{Compiled, FilterPattern, json, space};

/// A log message that is taken apart at most once, however many patterns are held against it.
#[derive(Debug)]
pub struct Message<'m> {
    text: &'m str,
    document: OnceLock<Option<Document<'m>>>,
    fields: OnceLock<Vec<&'m str>>,
}

impl<'m> Message<'m> {
    /// A message by its text; nothing is parsed yet.
    pub fn new(text: &'m str) -> Self {
        Self { text, document: OnceLock::new(), fields: OnceLock::new() }
    }

    /// The text.
    pub fn text(&self) -> &'m str {
        self.text
    }

    /// The message as JSON, if it is.
    pub fn document(&self) -> Option<&Document<'m>> {
        self.document.get_or_init(|| Document::parse(self.text).ok()).as_ref()
    }

    pub(super) fn fields(&self) -> &[&'m str] {
        self.fields.get_or_init(|| space::fields(self.text))
    }
}

#[derive(Clone, Debug)]
pub(super) enum Subject<'a> {
    Text,
    Parsed(Document<'a>),
    Document(&'a Document<'a>),
    Value(&'a Value),
    Fields(Vec<&'a str>),
    SharedFields(&'a [&'a str]),
}

/// A pattern and the message it matched. Values are looked up when they are asked for.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    pattern: &'a FilterPattern,
    subject: Subject<'a>,
}

impl<'a> Match<'a> {
    pub(super) fn new(pattern: &'a FilterPattern, subject: Subject<'a>) -> Self {
        Self { pattern, subject }
    }

    /// The values of the fields that the pattern names, in its order: `$.eventType` of a JSON pattern, `$bytes` or `$1`
    /// of a space-delimited one. Fields that are absent, null, arrays or objects are left out.
    pub fn extracted_values(&self) -> Vec<(String, String)> {
        match &self.pattern.compiled {
            Compiled::Terms(_) => Vec::new(),
            Compiled::Space(pattern) => pattern.extract(self.fields()),
            Compiled::Json(pattern) => pattern
                .paths()
                .into_iter()
                .filter_map(|path| self.at(path).map(|value| (path.written.clone(), value)))
                .collect(),
        }
    }

    /// The value of one field, for a metric value or a dimension: `$.latency`, `$bytes`, `$1`. A JSON match answers for
    /// every selector, also those that the pattern does not name.
    pub fn value(&self, name: &str) -> Option<Cow<'a, str>> {
        match &self.pattern.compiled {
            Compiled::Terms(_) => None,
            Compiled::Space(pattern) => {
                let values = pattern.extract(self.fields());
                values.into_iter().find(|(known, _)| known == name).map(|(_, value)| Cow::Owned(value))
            }
            Compiled::Json(_) => Path::parse_whole(name).and_then(|path| self.at(&path)).map(Cow::Owned),
        }
    }

    /// The value of one field as a number, for a metric value; `None` when it is none.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.value(name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    fn fields(&self) -> &[&'a str] {
        match &self.subject {
            Subject::Fields(fields) => fields,
            Subject::SharedFields(fields) => fields,
            _ => &[],
        }
    }

    fn at(&self, path: &Path) -> Option<String> {
        match &self.subject {
            Subject::Parsed(document) => json::extracted(path, &document.root),
            Subject::Document(document) => json::extracted(path, &document.root),
            Subject::Value(value) => json::extracted(path, *value),
            _ => None,
        }
    }
}
