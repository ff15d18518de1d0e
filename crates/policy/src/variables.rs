//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the literals `${*}`, `${?}` and `${$}`.
//!
//! INVARIANT: what a variable or its default stands for is literal text. A user named `*` matches nothing but itself.

use crate::{
    context::{Context, Key},
    glob::{self, Atom},
};

/// A piece of a policy value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Box<str>),
    One,
    Star,
    Variable { key: Key, default: Option<Box<str>> },
}

/// How a policy value is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// `${…}` is a variable: version 2012-10-17 of the language.
    pub(crate) variables: bool,
}

/// Cuts a policy value into parts; the error says what is wrong.
pub(crate) fn parse(value: &str, syntax: Syntax) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((before, after)) = syntax.variables.then(|| rest.split_once("${")).flatten() {
        push_text(&mut parts, before, syntax);
        let (part, remaining) = variable(after)?;
        parts.push(part);
        rest = remaining;
    }
    push_text(&mut parts, rest, syntax);
    Ok(parts)
}

fn push_text(parts: &mut Vec<Part>, text: &str, syntax: Syntax) {
    if syntax.wildcards {
        parts.extend(glob::atoms(text).map(|atom| match atom {
            Atom::Text(text) => Part::Text(text.into()),
            Atom::One => Part::One,
            Atom::Star => Part::Star,
        }));
    } else if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
}

/// Reads a variable after its `${`; gives what follows its `}`.
fn variable(text: &str) -> Result<(Part, &str), &'static str> {
    const UNCLOSED: &str = "a variable is not closed";
    let end = text.find(['}', ',']).ok_or(UNCLOSED)?;
    let (key, after) = text.split_at_checked(end).ok_or(UNCLOSED)?;
    if let (literal @ ("*" | "?" | "$"), Some(rest)) = (key, after.strip_prefix('}')) {
        return Ok((Part::Text(literal.into()), rest));
    }
    if !key.contains(':') || key.contains(['$', '{', '\'', '"']) || key.trim() != key {
        return Err("a variable does not name a condition key");
    }
    if let Some(rest) = after.strip_prefix('}') {
        return Ok((Part::Variable { key: Key::new(key), default: None }, rest));
    }
    let quoted = after.strip_prefix(',').map(str::trim_start).and_then(|value| value.strip_prefix('\''));
    let (default, rest) =
        quoted.and_then(|value| value.split_once('\'')).ok_or("a variable's default value is not in single quotes")?;
    let rest = rest.trim_start().strip_prefix('}').ok_or(UNCLOSED)?;
    Ok((Part::Variable { key: Key::new(key), default: Some(default.into()) }, rest))
}

/// The text of a variable; none when the request has no value for it, or several.
fn resolve<'c>(key: &Key, default: Option<&'c str>, context: &'c Context<'_>) -> Option<&'c str> {
    match context.look_up(key) {
        [] => default,
        [value] => Some(value),
        _ => None,
    }
}

/// Whether a value depends on the request.
pub(crate) fn has_variables(parts: &[Part]) -> bool {
    parts.iter().any(|part| matches!(part, Part::Variable { .. }))
}

impl Part {
    /// The text that a part stands for; none for wildcards and for variables without a value.
    pub(crate) fn text<'c>(&'c self, context: &'c Context<'_>) -> Option<&'c str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable { key, default } => resolve(key, default.as_deref(), context),
            Self::One | Self::Star => None,
        }
    }

    /// What follows the part at the start of a text, if it is there. The outer `None`: that cannot be told.
    pub(crate) fn strip_from_start<'t>(&self, text: &'t str, context: &Context<'_>) -> Option<Option<&'t str>> {
        match self {
            Self::One => {
                let mut characters = text.chars();
                Some(characters.next().map(|_| characters.as_str()))
            }
            _ => Some(text.strip_prefix(self.text(context)?)),
        }
    }

    /// What precedes the part at the end of a text, if it is there. The outer `None`: that cannot be told.
    pub(crate) fn strip_from_end<'t>(&self, text: &'t str, context: &Context<'_>) -> Option<Option<&'t str>> {
        match self {
            Self::One => {
                let mut characters = text.chars();
                Some(characters.next_back().map(|_| characters.as_str()))
            }
            _ => Some(text.strip_suffix(self.text(context)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_variables_are_refused() {
        for value in
            ["${aws:username", "${}", "${username}", "${aws:a, b}", "${aws:a, 'b}", "${aws:${b:c}}", "${ aws:a}"]
        {
            assert!(parse(value, Syntax { wildcards: true, variables: true }).is_err(), "{value}");
        }
    }
}
