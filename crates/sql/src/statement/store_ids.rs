//! Event data store ids stand unquoted in FROM (`FROM 0b2e9a1c-…`), which no SQL lexer reads as one word: they are
//! quoted before the text is split into tokens. Strings, quoted names and comments are left alone.

use crate::error::Position;

/// The statement with quoted ids, and where quotes went in.
pub(crate) struct Quoted {
    pub(crate) text: String,
    /// Lines and columns, in the quoted text, of each added opening quote.
    opened: Vec<Position>,
}

/// The lengths of the groups of a UUID.
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
const ID_CHARS: u64 = 36;

impl Quoted {
    /// The place in the text as the user wrote it.
    pub(crate) fn original(&self, line: u64, column: u64) -> Position {
        let shift: u64 = self
            .opened
            .iter()
            .filter(|opened| opened.line == line && opened.column < column)
            .map(|opened| if column > opened.column + ID_CHARS { 2 } else { 1 })
            .sum();
        Position { line, column: column.saturating_sub(shift).max(1) }
    }
}

pub(crate) fn quote(statement: &str) -> Quoted {
    let mut quoted = Quoted { text: String::with_capacity(statement.len() + 2), opened: Vec::new() };
    let mut rest = statement;
    let mut position = Position { line: 1, column: 1 };
    let mut within_word = false;
    while let Some(first) = rest.chars().next() {
        let id = if within_word { None } else { id_at(rest) };
        let (piece, after) = match id {
            Some(split) => split,
            None => rest.split_at(token_length(rest, first)),
        };
        within_word = id.is_none() && is_word(first);
        if id.is_some() {
            quoted.opened.push(position);
            quoted.text.push('"');
            quoted.text.push_str(piece);
            quoted.text.push('"');
            position.column += 2;
        } else {
            quoted.text.push_str(piece);
        }
        for c in piece.chars() {
            if c == '\n' {
                position = Position { line: position.line + 1, column: 1 };
            } else {
                position.column += 1;
            }
        }
        rest = after;
    }
    quoted
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-' || c == '$'
}

/// An id at the beginning of `text` and what follows it.
fn id_at(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    for (index, length) in GROUPS.into_iter().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix('-')?;
        }
        let (group, after) = rest.split_at_checked(length)?;
        if !group.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        rest = after;
    }
    if rest.chars().next().is_some_and(is_word) {
        return None;
    }
    text.split_at_checked(text.len() - rest.len())
}

/// The bytes of the string, quoted name, comment or single character at the beginning of `text`.
fn token_length(text: &str, first: char) -> usize {
    let within = match first {
        '\'' | '"' => closing(text, first),
        '-' if text.starts_with("--") => text.find('\n'),
        '/' if text.starts_with("/*") => text.get(2..).and_then(|body| body.find("*/")).map(|end| end + 4),
        _ => return first.len_utf8(),
    };
    within.unwrap_or(text.len())
}

/// The bytes up to and with the quote that closes; a doubled quote is two strings here, which changes nothing.
fn closing(text: &str, quote: char) -> Option<usize> {
    text.get(1..)?.find(quote).map(|end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0b2e9a1c-1111-4222-8333-abcdefabcdef";

    #[test]
    fn ids_are_quoted_where_they_are_names() {
        for (written, read) in [
            (format!("FROM {ID}"), format!("FROM \"{ID}\"")),
            (format!("FROM {ID},{ID};"), format!("FROM \"{ID}\",\"{ID}\";")),
            (format!("FROM {ID} WHERE {ID}.eventid"), format!("FROM \"{ID}\" WHERE \"{ID}\".eventid")),
            (format!("(SELECT 1 FROM\n{ID})"), format!("(SELECT 1 FROM\n\"{ID}\")")),
        ] {
            assert_eq!(quote(&written).text, read);
        }
    }

    #[test]
    fn strings_names_comments_and_longer_words_stay_as_they_are() {
        for text in [
            format!("eventid = '{ID}'"),
            format!("FROM \"{ID}\""),
            format!("-- {ID}\n1"),
            format!("/* {ID} */ 1"),
            format!("'it''s {ID}'"),
            format!("{ID}0"),
            format!("x{ID}"),
            format!("{ID}-1"),
            "1-2-3".to_owned(),
            "'open".to_owned(),
            "/* open".to_owned(),
            "é'ü".to_owned(),
        ] {
            assert_eq!(quote(&text).text, text);
        }
    }

    #[test]
    fn places_are_those_of_the_users_text() {
        let quoted = quote(&format!("FROM {ID} WHERE x"));
        let at = quoted.text.find("WHERE").unwrap() as u64 + 1;

        assert_eq!(quoted.original(1, at), Position { line: 1, column: at - 2 });
        assert_eq!(quoted.original(1, 6), Position { line: 1, column: 6 });
        assert_eq!(quoted.original(2, 9), Position { line: 2, column: 9 });
    }
}
