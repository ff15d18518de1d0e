//! JSON as the matchers see it: a tree that keeps the text of its numbers.

mod read;

use std::borrow::Cow;

use serde_json::Value;

/// Deepest nesting of arrays and objects that is read, as in `serde_json`.
pub const MAX_DEPTH: usize = 128;

/// Text that is not one JSON value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not valid JSON at byte {position}: {reason}")]
pub struct DocumentError {
    /// Byte offset at which reading stopped.
    pub position: usize,
    /// What was wrong there.
    pub reason: &'static str,
}

/// A parsed JSON value that borrows from its text, so that one event can be held against many patterns.
///
/// Numbers keep their decimal text, because comparing them is exact. Of two members with one name the last counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Document<'a> {
    pub(crate) root: Tree<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree<'a> {
    Null,
    Bool(bool),
    Number(Cow<'a, str>),
    String(Cow<'a, str>),
    Array(Vec<Tree<'a>>),
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

impl<'a> Document<'a> {
    /// Reads one JSON value.
    ///
    /// # Errors
    /// Text that is not JSON, or nests deeper than [`MAX_DEPTH`].
    pub fn parse(text: &'a str) -> Result<Self, DocumentError> {
        read::read(text).map(|root| Self { root })
    }

    /// The value as a whole, to look into.
    pub fn root(&self) -> Part<'_> {
        Part(&self.root)
    }

    /// A member that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.root().text(name)
    }

    /// A member that is true or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.root().flag(name)
    }
}

/// A value inside a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part<'d>(&'d Tree<'d>);

impl<'d> Part<'d> {
    /// A member of an object.
    pub fn member(self, name: &str) -> Option<Self> {
        self.0.member(name).map(Self)
    }

    /// A member that is text.
    pub fn text(self, name: &str) -> Option<&'d str> {
        match self.0.member(name) {
            Some(Tree::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A member that is true or false.
    pub fn flag(self, name: &str) -> Option<bool> {
        match self.0.member(name) {
            Some(Tree::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// The elements of an array; none of any other value.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        self.0.elements().unwrap_or_default().iter().map(Self)
    }

    /// Whether it is JSON's null.
    pub fn is_null(self) -> bool {
        matches!(self.0, Tree::Null)
    }
}

impl<'a> From<&'a Value> for Document<'a> {
    fn from(value: &'a Value) -> Self {
        Self { root: tree(value) }
    }
}

fn tree(value: &Value) -> Tree<'_> {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Number(number) => Tree::Number(Cow::Owned(number.to_string())),
        Value::String(text) => Tree::String(Cow::Borrowed(text)),
        Value::Array(elements) => Tree::Array(elements.iter().map(tree).collect()),
        Value::Object(members) => {
            Tree::Object(members.iter().map(|(name, value)| (Cow::Borrowed(name.as_str()), tree(value))).collect())
        }
    }
}

/// A value that is neither array nor object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// The number's decimal text.
    Number(Cow<'a, str>),
    String(&'a str),
}

/// What matchers need of a JSON tree; for [`Tree`] and for `serde_json`'s own.
pub(crate) trait Node: Sized {
    fn scalar(&self) -> Option<Scalar<'_>>;
    fn member(&self, name: &str) -> Option<&Self>;
    fn elements(&self) -> Option<&[Self]>;
    fn for_each_member<'s>(&'s self, each: impl FnMut(&'s str, &'s Self));
    fn is_object(&self) -> bool;
}

impl Node for Tree<'_> {
    fn scalar(&self) -> Option<Scalar<'_>> {
        match self {
            Self::Null => Some(Scalar::Null),
            Self::Bool(value) => Some(Scalar::Bool(*value)),
            Self::Number(text) => Some(Scalar::Number(Cow::Borrowed(text))),
            Self::String(text) => Some(Scalar::String(text)),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    fn for_each_member<'s>(&'s self, mut each: impl FnMut(&'s str, &'s Self)) {
        if let Self::Object(members) = self {
            for (name, value) in members {
                each(name, value);
            }
        }
    }

    fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

impl Node for Value {
    fn scalar(&self) -> Option<Scalar<'_>> {
        match self {
            Self::Null => Some(Scalar::Null),
            Self::Bool(value) => Some(Scalar::Bool(*value)),
            Self::Number(number) => Some(Scalar::Number(Cow::Owned(number.to_string()))),
            Self::String(text) => Some(Scalar::String(text)),
            Self::Array(_) | Self::Object(_) => None,
        }
    }

    fn member(&self, name: &str) -> Option<&Self> {
        self.as_object().and_then(|members| members.get(name))
    }

    fn elements(&self) -> Option<&[Self]> {
        self.as_array().map(Vec::as_slice)
    }

    fn for_each_member<'s>(&'s self, mut each: impl FnMut(&'s str, &'s Self)) {
        if let Self::Object(members) = self {
            for (name, value) in members {
                each(name, value);
            }
        }
    }

    fn is_object(&self) -> bool {
        Self::is_object(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            proptest::num::f64::NORMAL.prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::hash_map("[a-c.]{0,2}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_writes(value in any_json()) {
            let text = value.to_string();
            prop_assert_eq!(Document::parse(&text).unwrap(), Document::from(&value));
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(Document::parse(&pretty).unwrap(), Document::from(&value));
        }

        #[test]
        fn refuses_exactly_what_serde_json_refuses(text in "[\\[\\]{}:,\"\\\\u0-9a-fEe.truefalsn \\-+d8]{0,12}") {
            prop_assert_eq!(Document::parse(&text).is_ok(), serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn the_text_of_a_number_is_kept() {
        let document = Document::parse(r#"{"n": 12345678901234567890123.4500}"#).unwrap();
        assert_eq!(
            document.root.member("n").unwrap().scalar(),
            Some(Scalar::Number(Cow::Borrowed("12345678901234567890123.4500")))
        );
    }

    #[test]
    fn parts_lead_to_members_and_elements() {
        let document = Document::parse(r#"{"a": {"b": "c", "n": null}, "list": [{"x": true}, 1]}"#).unwrap();
        let a = document.root().member("a").unwrap();
        assert_eq!((a.text("b"), a.member("n").map(Part::is_null), a.member("z")), (Some("c"), Some(true), None));
        let list: Vec<_> = document.root().member("list").unwrap().elements().collect();
        assert_eq!(list.iter().map(|element| element.flag("x")).collect::<Vec<_>>(), [Some(true), None]);
        assert_eq!(a.elements().count(), 0);
        assert_eq!((a.text("n"), document.text("a"), document.flag("list")), (None, None, None));
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        let document = Document::parse(r#"{"a": 1, "b": 2, "\u0061": 3}"#).unwrap();
        assert_eq!(document, Document::parse(r#"{"b": 2, "a": 3}"#).unwrap());
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Document::parse(&deep(MAX_DEPTH)).is_ok());
        assert_eq!(Document::parse(&deep(MAX_DEPTH + 1)).unwrap_err().reason, "nested too deeply");
        assert!(Document::parse(&"[".repeat(1_000_000)).is_err());
    }

    #[test]
    fn surrogates_come_in_pairs() {
        assert_eq!(Document::parse(r#""\ud83d\ude00""#).unwrap().root, Tree::String("😀".into()));
        for text in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\u0041""#, r#""\u12""#, "\"\u{1}\"", r#""\q""#] {
            assert!(Document::parse(text).is_err(), "{text}");
        }
    }
}
