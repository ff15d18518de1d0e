//! Property selectors: `$.userIdentity.arn`, `$.users[0].id`, `$.['a.b']`.

use crate::document::Node;

use super::PatternError;
use super::lex::Cursor;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Member(String),
    Element(usize),
}

/// A way from the root of a JSON event to one value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// As written, which is the key under which the value is extracted.
    pub(super) written: String,
    pub(crate) steps: Vec<Step>,
}

impl Path {
    /// Reads a selector.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let start = cursor.at();
        if !cursor.eat("$") {
            return Err(cursor.error(format!("expected a selector such as `$.eventName`{}", cursor.found())));
        }
        let mut steps = Vec::new();
        loop {
            let dotted = cursor.eat(".");
            match cursor.peek() {
                Some('[') => steps.push(bracket(cursor, dotted)?),
                _ if !dotted => break,
                _ => {
                    let name = cursor.take_while(|next| next.is_ascii_alphanumeric() || next == '_' || next == '-');
                    if name.is_empty() {
                        let found = cursor.found();
                        return Err(cursor.error(format!("expected a property name{found}; write others as `['…']`")));
                    }
                    steps.push(Step::Member(name.to_owned()));
                }
            }
        }
        if steps.is_empty() {
            return Err(cursor.error("a selector names a property: `$.name`"));
        }
        Ok(Self { written: cursor.since(start).to_owned(), steps })
    }

    /// The selector alone, as in a metric value or dimension.
    pub(super) fn parse_whole(text: &str) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let path = Self::parse(&mut cursor).ok()?;
        cursor.rest().is_empty().then_some(path)
    }

    /// The value there, of whatever type.
    pub(super) fn find<'n, N: Node>(&self, root: &'n N) -> Option<&'n N> {
        self.steps.iter().try_fold(root, |node, step| match step {
            Step::Member(name) => node.member(name),
            Step::Element(place) => node.elements().and_then(|elements| elements.get(*place)),
        })
    }
}

/// `[0]`, or `['key']` and `["key"]` for keys that are no plain names.
fn bracket(cursor: &mut Cursor<'_>, dotted: bool) -> Result<Step, PatternError> {
    let start = cursor.at();
    cursor.expect("[")?;
    let step = match cursor.peek() {
        Some('"') => Step::Member(cursor.quoted()?),
        Some('\'') => {
            cursor.bump();
            let name = cursor.take_while(|next| next != '\'').to_owned();
            cursor.expect("'")?;
            Step::Member(name)
        }
        Some('*') => return Err(cursor.error("`[*]` is not supported: name one element, as in `[0]`")),
        _ if dotted => return Err(cursor.error_at(start, "an element follows its property without a dot: `$.a[0]`")),
        _ => {
            let digits = cursor.take_while(|next| next.is_ascii_digit());
            match digits.parse() {
                Ok(place) => Step::Element(place),
                Err(_) => return Err(cursor.error_at(start + 1, "expected the number of an element or a quoted key")),
            }
        }
    };
    cursor.expect("]")?;
    Ok(step)
}
