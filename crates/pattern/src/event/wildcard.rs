//! The `wildcard` operator's syntax, and the limit on how complex a rule's wildcards may be.

use std::collections::{HashMap, VecDeque};

use crate::wildcard::Wildcard;

use super::Operator;

/// More places than this in its patterns, all held at once by one value, and a field's wildcards are too complex.
///
/// AWS does not say its limit. Its documentation refuses `*:*:*:*:*:event-bus/*`, which holds 11 by our count, and
/// accepts what holds 8.
const MAX_COMPLEXITY: usize = 10;

/// Reads a wildcard pattern; the error is AWS's message. Positions count from the quotation mark before the text.
pub(super) fn parse(text: &str) -> Result<Wildcard, String> {
    let mut literals = Vec::new();
    let mut literal = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, next)) = characters.next() {
        let following = characters.peek().map(|(_, following)| *following);
        match next {
            '*' if following == Some('*') => return Err(format!("Consecutive wildcard characters at pos {}", at + 1)),
            '*' => literals.push(std::mem::take(&mut literal)),
            '\\' => match following {
                Some(escaped @ ('*' | '\\')) => {
                    characters.next();
                    literal.push(escaped);
                }
                _ => return Err(format!("Invalid escape character at pos {}", at + 1)),
            },
            next => literal.push(next),
        }
    }
    literals.push(literal);
    Ok(Wildcard::from_literals(literals))
}

/// Whether the wildcards among a field's alternatives are more than the service takes on.
///
/// The measure is the number of places in all the patterns that one value can hold at once: every `*`, and after it each
/// beginning of the literal that is also an end of what was read.
pub(super) fn too_complex(alternatives: &[Operator]) -> bool {
    let wildcards: Vec<&[String]> = alternatives
        .iter()
        .filter_map(|operator| match operator {
            Operator::Wildcard(wildcard) if wildcard.exact().is_none() => Some(wildcard.literals()),
            _ => None,
        })
        .collect();
    wildcards.iter().any(|longest| {
        // Patterns meet on one value only if the beginning of one is a beginning of the other.
        let anchor = longest.first().map_or("", String::as_str);
        let together: Vec<&[String]> = wildcards
            .iter()
            .copied()
            .filter(|literals| literals.first().is_some_and(|own| anchor.starts_with(own.as_str())))
            .collect();
        let stars: usize = together.iter().map(|literals| literals.len() - 1).sum();
        let literals = together.iter().flat_map(|literals| literals.iter().skip(1)).filter(|text| !text.is_empty());
        stars + most_beginnings(literals.map(String::as_str)) > MAX_COMPLEXITY
    })
}

/// The largest number of beginnings of the given literals that are all ends of one text: each such text is itself a
/// beginning, so the sums along the failure links of an Aho-Corasick trie say it.
fn most_beginnings<'a>(literals: impl Iterator<Item = &'a str>) -> usize {
    let mut children: Vec<HashMap<u8, usize>> = vec![HashMap::new()];
    let mut count = vec![0usize];
    for literal in literals {
        let mut node = 0;
        for byte in literal.bytes() {
            let fresh = children.len();
            let Some(edges) = children.get_mut(node) else { return 0 };
            node = *edges.entry(byte).or_insert(fresh);
            if node == fresh {
                children.push(HashMap::new());
                count.push(0);
            }
            if let Some(count) = count.get_mut(node) {
                *count += 1;
            }
        }
    }
    let mut failure = vec![0usize; children.len()];
    let mut most = 0;
    let mut queue = VecDeque::from([0]);
    while let Some(node) = queue.pop_front() {
        let edges: Vec<(u8, usize)> = children.get(node).into_iter().flatten().map(|(b, c)| (*b, *c)).collect();
        for (byte, child) in edges {
            let mut from = node;
            let link = loop {
                if from == 0 {
                    break 0;
                }
                from = failure.get(from).copied().unwrap_or(0);
                if let Some(next) = children.get(from).and_then(|edges| edges.get(&byte)) {
                    break *next;
                }
            };
            let inherited = count.get(link).copied().unwrap_or(0);
            if let (Some(own), Some(failure)) = (count.get_mut(child), failure.get_mut(child)) {
                *failure = link;
                *own += inherited;
                most = most.max(*own);
            }
            queue.push_back(child);
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complex(patterns: &[&str]) -> bool {
        let operators: Vec<Operator> =
            patterns.iter().map(|pattern| Operator::Wildcard(parse(pattern).unwrap())).collect();
        too_complex(&operators)
    }

    #[test]
    fn the_limit_agrees_with_what_is_known_of_the_service() {
        for (patterns, refused) in [
            (&["*:*:*:*:*:event-bus/*"][..], true),
            (&["arn:aws:events:us-east-1:*:event-bus/*"], false),
            (&["/Users/*/dir/dir/dir/dir/dir/doc.txt"], false),
            (&["*.bif", "*.tiff", "*.tif", "*.svs"], false),
            (&["*/datasync/*.bif", "*/datasync/*.tif"], false),
            (&["*/datasync/*.bif", "*/datasync/*.tiff", "*/datasync/*.tif", "*/datasync/*.svs"], true),
            (&["a*x", "b*x", "c*x", "d*x", "e*x", "f*x", "g*x", "h*x", "i*x", "j*x", "k*x", "l*x"], false),
        ] {
            assert_eq!(complex(patterns), refused, "{patterns:?}");
        }
    }

    #[test]
    fn escapes_and_positions() {
        assert!(parse(r"a\*b\\*").unwrap().matches(r"a*b\anything"));
        assert!(!parse(r"a\*b").unwrap().matches("axb"));
        assert_eq!(
            parse("arn:aws:events:us-east-1:**:event-bus/*"),
            Err("Consecutive wildcard characters at pos 26".to_owned())
        );
        assert_eq!(parse(r"a\b"), Err("Invalid escape character at pos 2".to_owned()));
        assert_eq!(parse("a\\"), Err("Invalid escape character at pos 2".to_owned()));
    }
}
