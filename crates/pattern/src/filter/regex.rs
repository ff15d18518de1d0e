//! The regular expressions of filter patterns: a small, checked part of the usual language.
//!
//! CloudWatch Logs allows letters, digits, the symbols `: _ # = @ / ; , -` and the operators `^ $ ? [ ] { } | \ * + .`;
//! no groups and no multi-byte characters. What passes is rewritten, so that no further syntax of the engine (class set
//! operations, POSIX classes, Unicode classes, flags) can be reached, and runs in time linear in the text.

use std::fmt;

use regex_automata::meta;

/// Memory one compiled expression may take; `a{1000}{1000}` needs more.
const MAX_COMPILED_BYTES: usize = 1 << 18;

/// A compiled expression. Two are equal when their source is.
#[derive(Clone)]
pub(crate) struct Regex {
    source: String,
    compiled: meta::Regex,
}

/// Why an expression was refused, and at which byte of it.
pub(super) struct Refusal {
    pub(super) at: usize,
    pub(super) reason: String,
}

impl Regex {
    /// Checks and compiles the text between the percent signs.
    pub(super) fn parse(source: &str) -> Result<Self, Refusal> {
        if source.is_empty() {
            return Err(Refusal { at: 0, reason: "the regular expression is empty".to_owned() });
        }
        let rewritten = rewrite(source)?;
        let config = meta::Config::new()
            .nfa_size_limit(Some(MAX_COMPILED_BYTES))
            .onepass(false)
            .hybrid_cache_capacity(MAX_COMPILED_BYTES);
        let compiled = meta::Builder::new().configure(config).build(&rewritten).map_err(|error| {
            let reason = match error.size_limit() {
                Some(_) => "the regular expression is too large".to_owned(),
                None => "the regular expression is malformed".to_owned(),
            };
            Refusal { at: 0, reason }
        })?;
        Ok(Self { source: source.to_owned(), compiled })
    }

    /// Whether the expression fits some part of `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Regex {}

impl fmt::Debug for Regex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "%{}%", self.source)
    }
}

const SYMBOLS: &str = ":_#=@/;,-";
const OPERATORS: &str = "^$?[]{}|\\*+.";

fn is_literal(next: char) -> bool {
    next.is_ascii_alphanumeric() || SYMBOLS.contains(next)
}

/// Rewrites `source` in the engine's syntax, or says what in it is not allowed.
fn rewrite(source: &str) -> Result<String, Refusal> {
    let refuse = |at: usize, reason: String| Err(Refusal { at, reason });
    if let Some((at, next)) = source.char_indices().find(|(_, next)| !is_literal(*next) && !OPERATORS.contains(*next)) {
        return refuse(at, format!("`{next}` is not allowed in a regular expression"));
    }
    let bytes = source.as_bytes();
    let mut out = String::with_capacity(source.len() * 2);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let (escape, length) = escape(bytes, at)?;
                out.push_str(&escape.outside());
                at += length;
            }
            b'[' => at = class(bytes, at, &mut out)?,
            b']' => return refuse(at, "`]` without `[` before it".to_owned()),
            b'{' => {
                let end = repetition(bytes, at)?;
                out.push_str(source.get(at..end).unwrap_or_default());
                at = end;
            }
            b'}' => return refuse(at, "`}` without `{` before it".to_owned()),
            _ => {
                literal(char::from(byte), &mut out);
                at += 1;
            }
        }
    }
    Ok(out)
}

fn literal(next: char, out: &mut String) {
    // `#`, `-` and the like are plain outside a class; only operators mean something.
    out.push(next);
}

/// `{n}`, `{n,}` or `{n,m}` from `start`; returns where it ends.
fn repetition(bytes: &[u8], start: usize) -> Result<usize, Refusal> {
    let malformed = || Refusal { at: start, reason: "a repetition is `{n}`, `{n,}` or `{n,m}`".to_owned() };
    let length = bytes.iter().skip(start).position(|byte| *byte == b'}').ok_or_else(malformed)?;
    let end = start + length;
    let body = bytes.get(start + 1..end).and_then(|body| std::str::from_utf8(body).ok()).ok_or_else(malformed)?;
    let (least, most) = body.split_once(',').unwrap_or((body, ""));
    let number = |text: &str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if number(least) && (most.is_empty() || number(most)) { Ok(end + 1) } else { Err(malformed()) }
}

enum Escape {
    Class { items: &'static str, negated: bool },
    Character(char),
}

impl Escape {
    fn outside(&self) -> String {
        match self {
            Self::Class { items, negated } => format!("[{}{items}]", if *negated { "^" } else { "" }),
            Self::Character(character) => quote(*character),
        }
    }
}

fn quote(character: char) -> String {
    format!("\\x{{{:x}}}", u32::from(character))
}

/// The escape at `start` and its length.
fn escape(bytes: &[u8], start: usize) -> Result<(Escape, usize), Refusal> {
    const DIGIT: &str = "0-9";
    const SPACE: &str = " \\t\\n\\x0b\\x0c\\r";
    const WORD: &str = "A-Za-z0-9_";
    let refuse = |reason: String| Err(Refusal { at: start, reason });
    let Some(&next) = bytes.get(start + 1) else {
        return refuse("a backslash stands before another character".to_owned());
    };
    let class = |items, negated| Ok((Escape::Class { items, negated }, 2));
    match next {
        b'd' => class(DIGIT, false),
        b'D' => class(DIGIT, true),
        b's' => class(SPACE, false),
        b'S' => class(SPACE, true),
        b'w' => class(WORD, false),
        b'W' => class(WORD, true),
        b'x' => {
            let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
            match (digit(start + 2), digit(start + 3)) {
                (Some(high), Some(low)) => match char::from_u32(high * 16 + low) {
                    Some(character) => Ok((Escape::Character(character), 4)),
                    None => refuse("no such character".to_owned()),
                },
                _ => refuse("`\\x` needs two hexadecimal digits".to_owned()),
            }
        }
        next if next.is_ascii_alphanumeric() => refuse(format!("`\\{}` is not supported", char::from(next))),
        next => Ok((Escape::Character(char::from(next)), 2)),
    }
}

/// A `[…]` class from `start`, written to `out`; returns where it ends.
fn class(bytes: &[u8], start: usize, out: &mut String) -> Result<usize, Refusal> {
    let refuse = |at: usize, reason: &str| Err(Refusal { at, reason: reason.to_owned() });
    out.push('[');
    let mut at = start + 1;
    if bytes.get(at) == Some(&b'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(&byte) = bytes.get(at) else { return refuse(start, "this `[` is not closed") };
        if byte == b']' {
            if at == first {
                return refuse(start, "a character class may not be empty");
            }
            out.push(']');
            return Ok(at + 1);
        }
        let (low, length) = class_item(bytes, at)?;
        let item_at = at;
        at += length;
        let range = bytes.get(at) == Some(&b'-') && bytes.get(at + 1).is_some_and(|next| *next != b']');
        match low {
            Escape::Class { .. } => out.push_str(&low.outside()),
            Escape::Character(low) if range => {
                let (high, length) = class_item(bytes, at + 1)?;
                let Escape::Character(high) = high else { return refuse(at, "a range ends with one character") };
                if high < low {
                    return refuse(item_at, "a range runs from the lower to the higher character");
                }
                at += 1 + length;
                out.push_str(&quote(low));
                out.push('-');
                out.push_str(&quote(high));
            }
            Escape::Character(character) => out.push_str(&quote(character)),
        }
    }
}

fn class_item(bytes: &[u8], at: usize) -> Result<(Escape, usize), Refusal> {
    match bytes.get(at) {
        Some(b'\\') => escape(bytes, at),
        Some(&byte) => Ok((Escape::Character(char::from(byte)), 1)),
        None => Err(Refusal { at, reason: "this `[` is not closed".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(source: &str) -> (usize, String) {
        match Regex::parse(source) {
            Ok(_) => panic!("{source} was accepted"),
            Err(refusal) => (refusal.at, refusal.reason),
        }
    }

    #[test]
    fn the_documented_operators() {
        for (source, text, fits) in [
            ("AUTHORIZED", "[ERROR 401] UNAUTHORIZED REQUEST", true),
            ("AUTHORIZED", "authorized", false),
            ("^\\[ERROR", "[ERROR 401]", true),
            ("^ERROR", "an ERROR", false),
            ("log$", "app.log", true),
            ("colou?r", "color", true),
            ("colou?r", "colour", true),
            ("[Ee]rror|[Ff]ail", "fail", true),
            ("10\\.10\\.0\\.1", "10.10.0.1", true),
            ("10\\.10\\.0\\.1", "10x10x0x1", false),
            ("^\\d{1,3}\\.\\d{1,3}$", "10.255", true),
            ("^\\d{1,3}\\.\\d{1,3}$", "1000.1", false),
            ("^val.{2}$", "value", true),
            ("^v.$", "vé", true),
            ("^\\w+\\s\\W\\S\\D$", "word !!x", true),
            ("\\x41\\x2d", "A-", true),
            ("[a-c-]+z", "--z", true),
            ("[^0-9]", "42", false),
            ("[\\d:]+$", "12:30", true),
            ("^[\\D]$", "7", false),
            ("^[[]$", "[", true),
            ("[a--b]", "-", false),
            ("\\d", "٣", false),
        ] {
            match Regex::parse(source) {
                Ok(regex) => assert_eq!(regex.is_match(text), fits, "{source} on {text}"),
                Err(_) => assert!(!fits, "{source} was refused"),
            }
        }
    }

    #[test]
    fn what_is_not_allowed_is_refused_where_it_stands() {
        assert_eq!(refusal("something!"), (9, "`!` is not allowed in a regular expression".to_owned()));
        assert_eq!(refusal("a(b)"), (1, "`(` is not allowed in a regular expression".to_owned()));
        assert_eq!(refusal("a b"), (1, "`(`".to_owned().replace("`(`", "` ` is not allowed in a regular expression")));
        assert_eq!(refusal("né"), (1, "`é` is not allowed in a regular expression".to_owned()));
        assert_eq!(refusal("ab\\b"), (2, "`\\b` is not supported".to_owned()));
        assert_eq!(refusal("\\x4"), (0, "`\\x` needs two hexadecimal digits".to_owned()));
        assert_eq!(refusal("ab["), (2, "this `[` is not closed".to_owned()));
        assert_eq!(refusal("[]"), (0, "a character class may not be empty".to_owned()));
        assert_eq!(refusal("[z-a]"), (1, "a range runs from the lower to the higher character".to_owned()));
        assert_eq!(refusal("a]"), (1, "`]` without `[` before it".to_owned()));
        assert_eq!(refusal("a{x}"), (1, "a repetition is `{n}`, `{n,}` or `{n,m}`".to_owned()));
        assert_eq!(refusal("a{2,1}").1, "the regular expression is malformed");
        assert_eq!(refusal("*a").1, "the regular expression is malformed");
        assert_eq!(refusal("a{1000}{1000}").1, "the regular expression is too large");
        assert_eq!(refusal("").1, "the regular expression is empty");
    }
}
