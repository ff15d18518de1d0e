//! Wildcard matching in linear time: `*` is any run of characters, `?` is exactly one character.
//!
//! A pattern is cut at its stars when it is compiled. The first and the last segment are anchored, the ones between are
//! searched from left to right, which is exact for this language and never goes back. Literal segments use the standard
//! library's linear search; a searched segment with a `?` uses a bit-parallel automaton, which is why such a segment is
//! limited to [`MAX_SEARCHED`] characters.

/// The longest segment between two stars that may contain a `?`, in characters.
const MAX_SEARCHED: usize = 512;
const WORDS: usize = MAX_SEARCHED / 64;

/// A piece of a pattern from which a [`Glob`] is built. Text is literal, whatever characters it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Atom<'a> {
    Text(&'a str),
    One,
    Star,
}

/// A segment between two stars has a `?` and more than [`MAX_SEARCHED`] characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) enum Glob {
    Anything,
    Whole(Segment),
    Parts { first: Segment, middle: Box<[Needle]>, last: Segment },
}

/// Characters at a known place; `None` in `Holes` is a `?`. An empty literal is told apart before it is compared: on recent
/// processors the C library takes 100 ns to compare nothing with nothing at an address that is not mapped.
#[derive(Debug, Clone)]
pub(crate) enum Segment {
    Literal(Box<str>),
    Holes(Box<[Option<char>]>),
}

/// Characters to be searched for.
#[derive(Debug, Clone)]
pub(crate) enum Needle {
    Literal(Box<str>),
    Holes(BitSearch),
}

impl Glob {
    /// Compiles a pattern in which `*` and `?` are wildcards.
    pub(crate) fn parse(pattern: &str) -> Result<Self, TooLong> {
        Self::new(atoms(pattern))
    }

    pub(crate) fn new<'a>(atoms: impl IntoIterator<Item = Atom<'a>>) -> Result<Self, TooLong> {
        let mut segments: Vec<Vec<Option<char>>> = Vec::new();
        let mut current = Vec::new();
        for atom in atoms {
            match atom {
                Atom::Text(text) => current.extend(text.chars().map(Some)),
                Atom::One => current.push(None),
                Atom::Star => segments.push(std::mem::take(&mut current)),
            }
        }
        let last = current;
        if segments.is_empty() {
            return Ok(Self::Whole(Segment::new(&last)));
        }
        let first = segments.remove(0);
        segments.retain(|segment| !segment.is_empty());
        if first.is_empty() && segments.is_empty() && last.is_empty() {
            return Ok(Self::Anything);
        }
        let middle = segments.iter().map(|segment| Needle::new(segment)).collect::<Result<_, _>>()?;
        Ok(Self::Parts { first: Segment::new(&first), middle, last: Segment::new(&last) })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Whole(segment) => segment.strip_from_start(text) == Some(""),
            Self::Parts { first, middle, last } => {
                let Some(rest) = first.strip_from_start(text) else { return false };
                let Some(mut rest) = last.strip_from_end(rest) else { return false };
                for needle in middle {
                    match needle.skip_past(rest) {
                        Some(remaining) => rest = remaining,
                        None => return false,
                    }
                }
                true
            }
        }
    }
}

/// The atoms of a pattern in which `*` and `?` are wildcards.
pub(crate) fn atoms(pattern: &str) -> impl Iterator<Item = Atom<'_>> {
    pattern.split_inclusive(['*', '?']).flat_map(|piece| {
        let (text, wildcard) = if let Some(text) = piece.strip_suffix('*') {
            (text, Some(Atom::Star))
        } else if let Some(text) = piece.strip_suffix('?') {
            (text, Some(Atom::One))
        } else {
            (piece, None)
        };
        [(!text.is_empty()).then_some(Atom::Text(text)), wildcard].into_iter().flatten()
    })
}

/// The characters as text, or `None` when there is a `?` among them.
fn literal(characters: &[Option<char>]) -> Option<Box<str>> {
    characters.iter().copied().collect::<Option<String>>().map(String::into_boxed_str)
}

impl Segment {
    fn new(characters: &[Option<char>]) -> Self {
        literal(characters).map_or_else(|| Self::Holes(characters.into()), Self::Literal)
    }

    fn strip_from_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Literal(nothing) if nothing.is_empty() => Some(text),
            // Most texts differ in their first byte, which costs less than to call a comparison.
            Self::Literal(literal) if literal.as_bytes().first() != text.as_bytes().first() => None,
            Self::Literal(literal) => text.strip_prefix(&**literal),
            Self::Holes(holes) => {
                let mut characters = text.chars();
                holes.iter().all(|hole| fits(*hole, characters.next())).then_some(characters.as_str())
            }
        }
    }

    fn strip_from_end<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Literal(nothing) if nothing.is_empty() => Some(text),
            Self::Literal(literal) if literal.as_bytes().last() != text.as_bytes().last() => None,
            Self::Literal(literal) => text.strip_suffix(&**literal),
            Self::Holes(holes) => {
                let mut characters = text.chars();
                holes.iter().rev().all(|hole| fits(*hole, characters.next_back())).then_some(characters.as_str())
            }
        }
    }
}

fn fits(hole: Option<char>, character: Option<char>) -> bool {
    match (hole, character) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(wanted), Some(found)) => wanted == found,
    }
}

impl Needle {
    fn new(characters: &[Option<char>]) -> Result<Self, TooLong> {
        match literal(characters) {
            Some(text) => Ok(Self::Literal(text)),
            None => BitSearch::new(characters).map(Self::Holes),
        }
    }

    /// What follows the leftmost occurrence.
    fn skip_past<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Literal(literal) => text.split_once(&**literal).map(|(_, after)| after),
            Self::Holes(search) => text.get(search.end_of_first(text)?..),
        }
    }
}

/// Shift-And: bit n of the state says that the first n + 1 characters of the needle end here.
#[derive(Debug, Clone)]
pub(crate) struct BitSearch {
    /// Words in use, at most [`WORDS`].
    words: usize,
    /// The bit of the needle's last character, in the last word.
    accept: u64,
    /// The needle's distinct characters, sorted; `masks` has `words` words for each.
    alphabet: Box<[char]>,
    masks: Box<[u64]>,
    /// The places that any character fits.
    holes: Box<[u64]>,
}

impl BitSearch {
    fn new(needle: &[Option<char>]) -> Result<Self, TooLong> {
        if needle.len() > MAX_SEARCHED {
            return Err(TooLong);
        }
        let places = |wanted: Option<char>| -> Vec<u64> {
            needle
                .chunks(64)
                .map(|chunk| {
                    let bits = chunk.iter().enumerate().filter(|(_, c)| c.is_none() || **c == wanted);
                    bits.fold(0, |word, (bit, _)| word | (1 << bit))
                })
                .collect()
        };
        let mut alphabet: Vec<char> = needle.iter().copied().flatten().collect();
        alphabet.sort_unstable();
        alphabet.dedup();
        Ok(Self {
            words: needle.len().div_ceil(64),
            accept: 1 << (needle.len().saturating_sub(1) % 64),
            masks: alphabet.iter().flat_map(|character| places(Some(*character))).collect(),
            alphabet: alphabet.into(),
            holes: places(None).into(),
        })
    }

    /// The byte offset just after the leftmost occurrence.
    fn end_of_first(&self, text: &str) -> Option<usize> {
        let mut state = [0_u64; WORDS];
        for (start, character) in text.char_indices() {
            let mask = self
                .alphabet
                .binary_search(&character)
                .ok()
                .and_then(|index| self.masks.get(index * self.words..)?.get(..self.words))
                .unwrap_or(&self.holes);
            let mut carry = 1;
            for (word, fitting) in state.iter_mut().zip(mask) {
                let overflow = *word >> 63;
                *word = ((*word << 1) | carry) & fitting;
                carry = overflow;
            }
            if state.get(self.words - 1).is_some_and(|word| word & self.accept != 0) {
                return Some(start + character.len_utf8());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::parse(pattern).unwrap().matches(text)
    }

    /// The definition of the language, in quadratic time.
    fn oracle(pattern: &[char], text: &[char]) -> bool {
        let mut reachable = vec![false; text.len() + 1];
        reachable[0] = true;
        for wanted in pattern {
            let mut next = vec![false; text.len() + 1];
            for end in 0..=text.len() {
                next[end] = match wanted {
                    '*' => reachable[..=end].contains(&true),
                    '?' => end > 0 && reachable[end - 1],
                    literal => end > 0 && reachable[end - 1] && text[end - 1] == *literal,
                };
            }
            reachable = next;
        }
        reachable[text.len()]
    }

    #[test]
    fn a_secret_arn_with_six_random_characters() {
        let pattern = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-??????";
        assert!(matches(pattern, "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c3"));
        assert!(!matches(pattern, "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-a1B2c"));
        assert!(!matches(pattern, "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-two-a1B2c3"));
    }

    #[test]
    fn first_and_last_segments_do_not_overlap() {
        assert!(!matches("aba*aba", "aba"));
        assert!(!matches("ab*ba", "aba"));
        assert!(matches("ab*ba", "abba"));
    }

    #[test]
    fn a_question_mark_is_one_character_not_one_byte() {
        assert!(matches("?", "é"));
        assert!(matches("*a?b*", "xxaéb"));
        assert!(!matches("??", "é"));
    }

    #[test]
    fn literal_atoms_are_never_wildcards() {
        let glob = Glob::new([Atom::Text("a*?"), Atom::Star]).unwrap();
        assert!(glob.matches("a*?b"));
        assert!(!glob.matches("axyb"));
    }

    #[test]
    fn a_long_searched_segment_with_a_question_mark_is_refused() {
        let segment = "a".repeat(MAX_SEARCHED);
        assert_eq!(Glob::parse(&format!("*{segment}?*")).map(|_| ()), Err(TooLong));
        assert!(matches(&format!("*?{}*", "a".repeat(MAX_SEARCHED - 1)), &format!("bb{segment}b")));
        assert!(matches(&format!("{segment}{segment}?"), &format!("{segment}{segment}a")));
    }

    #[test]
    fn a_pathological_pattern_takes_linear_time() {
        let text = "a".repeat(100_000);
        assert!(!matches(&"*a".repeat(10_000), &format!("{}b", "a".repeat(9_999))));
        assert!(!matches("*a?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*", &text));
        assert!(matches(&format!("{}*", "*a?".repeat(30_000)), &text));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?é]{0,12}", text in "[abé]{0,14}") {
            let expected = oracle(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
            prop_assert_eq!(matches(&pattern, &text), expected);
        }

        #[test]
        fn agrees_with_the_definition_when_searching_long_segments(
            needle in "[ab?]{60,140}", text in "[ab]{0,40}", at in 0_usize..40,
        ) {
            let mut haystack = text.clone();
            haystack.insert_str(at.min(text.len()), &needle.replace('?', "b"));
            let pattern = format!("*{needle}*");
            let expected = oracle(&pattern.chars().collect::<Vec<_>>(), &haystack.chars().collect::<Vec<_>>());
            prop_assert!(expected);
            prop_assert!(matches(&pattern, &haystack));
            let broken = haystack.replacen("ab", "ba", 3);
            let expected = oracle(&pattern.chars().collect::<Vec<_>>(), &broken.chars().collect::<Vec<_>>());
            prop_assert_eq!(matches(&pattern, &broken), expected);
        }
    }
}
