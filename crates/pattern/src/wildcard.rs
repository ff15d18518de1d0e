//! `*` wildcards, matched in linear time.

use memchr::memmem;

/// A string in which some places stand for any text, the empty one included.
///
/// Matching never backtracks: the literal before the first wildcard and the one after the last are anchored, and
/// those between are found left to right, which is enough when `*` is the only special character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wildcard {
    literals: Vec<String>,
}

impl Wildcard {
    /// From the literals between the wildcards: `["a", "b"]` is `a*b`, one literal alone is an exact string.
    pub(crate) fn from_literals(mut literals: Vec<String>) -> Self {
        if literals.is_empty() {
            literals.push(String::new());
        }
        // `**` is `*`: an empty literal between two wildcards changes nothing.
        let last = literals.len() - 1;
        let mut place = 0;
        literals.retain(|literal| {
            let inner = place > 0 && place < last;
            place += 1;
            !(inner && literal.is_empty())
        });
        Self { literals }
    }

    /// From text in which every `*` is a wildcard.
    #[cfg(test)]
    pub(crate) fn from_stars(text: &str) -> Self {
        Self::from_literals(text.split('*').map(str::to_owned).collect())
    }

    /// The whole string, when there is no wildcard in it.
    pub(crate) fn exact(&self) -> Option<&str> {
        match self.literals.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The literals between the wildcards.
    pub(crate) fn literals(&self) -> &[String] {
        &self.literals
    }

    /// Whether all of `text` fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (first, middle, last) = match self.literals.as_slice() {
            [] => return text.is_empty(),
            [only] => return only == text,
            [first, middle @ .., last] => (first, middle, last),
        };
        let Some(rest) = text.strip_prefix(first.as_str()) else { return false };
        let Some(mut rest) = rest.strip_suffix(last.as_str()).map(str::as_bytes) else { return false };
        for literal in middle {
            let Some(at) = memmem::find(rest, literal.as_bytes()) else { return false };
            rest = rest.get(at + literal.len()..).unwrap_or_default();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("ethos/*", "ethos/prod", true),
            ("ethos/*", "ethos/", true),
            ("ethos/*", "Ethos/prod", false),
            ("*Event", "PutEvent", true),
            ("*Event", "PutEvents", false),
            ("*a*", "banana", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("a**b", "ab", true),
            ("*é*", "café au lait", true),
        ] {
            assert_eq!(Wildcard::from_stars(pattern).matches(text), fits, "{pattern:?} on {text:?}");
        }
    }

    /// The textbook definition, exponential and obviously right.
    fn slow(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => slow(rest, text) || (!text.is_empty() && slow(pattern, &text[1..])),
            ([p, rest @ ..], [t, tail @ ..]) if p == t => slow(rest, tail),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(Wildcard::from_stars(&pattern).matches(&text), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
