//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the literals `${*}`, `${?}` and `${$}`.
//!
//! INVARIANT: what a variable or its default stands for is literal text. A user named `*` matches nothing but itself.

use crate::{
    context::Context,
    glob::{self, Atom, Glob},
    ternary::Ternary,
};

/// A piece of a policy value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Box<str>),
    One,
    Star,
    Variable { key: Box<str>, default: Option<Box<str>> },
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
        return Ok((Part::Variable { key: key.into(), default: None }, rest));
    }
    let quoted = after.strip_prefix(',').map(str::trim_start).and_then(|value| value.strip_prefix('\''));
    let (default, rest) =
        quoted.and_then(|value| value.split_once('\'')).ok_or("a variable's default value is not in single quotes")?;
    let rest = rest.trim_start().strip_prefix('}').ok_or(UNCLOSED)?;
    Ok((Part::Variable { key: key.into(), default: Some(default.into()) }, rest))
}

/// The text of a variable; none when the request has no value for it, or several.
fn resolve<'c>(key: &str, default: Option<&'c str>, context: &'c Context<'_>) -> Option<&'c str> {
    match context.get(key) {
        [] => default,
        [value] => Some(value),
        _ => None,
    }
}

/// A pattern with wildcards, and perhaps variables.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    Fixed(Glob),
    Template(Box<[Part]>),
}

impl Pattern {
    pub(crate) fn new(parts: Vec<Part>) -> Result<Self, &'static str> {
        if parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            return Ok(Self::Template(parts.into()));
        }
        let nothing = Context::new();
        let (atoms, _) = atoms(&parts, &nothing);
        Glob::new(atoms).map(Self::Fixed).map_err(|_| "a part between two stars is too long")
    }

    pub(crate) fn matches(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Fixed(glob) => glob.matches(text).into(),
            Self::Template(parts) => match_parts(parts, text, context),
        }
    }

    /// Whether nothing but one text matches, known from the policy alone.
    pub(crate) fn is_fixed_text(&self) -> bool {
        matches!(self, Self::Fixed(Glob::Whole(crate::glob::Segment::Literal(_))))
    }
}

/// A text to be equalled, in which stars are stars, perhaps with variables.
#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Fixed(Box<str>),
    Template(Box<[Part]>),
}

impl Literal {
    pub(crate) fn parse(value: &str, variables: bool) -> Result<Self, &'static str> {
        let parts = parse(value, Syntax { wildcards: false, variables })?;
        if parts.iter().any(|part| matches!(part, Part::Variable { .. })) {
            return Ok(Self::Template(parts.into()));
        }
        let text: String =
            parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(&**text) } else { None }).collect();
        Ok(Self::Fixed(text.into()))
    }

    pub(crate) fn equals(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Fixed(wanted) => (**wanted == *text).into(),
            Self::Template(parts) => match_parts(parts, text, context),
        }
    }

    pub(crate) fn equals_ignoring_case(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Fixed(wanted) => (fold(wanted).eq(fold(text))).into(),
            Self::Template(parts) => {
                let (atoms, unknown) = atoms(parts, context);
                let folded: Vec<(String, bool)> = atoms
                    .into_iter()
                    .map(|atom| {
                        if let Atom::Text(text) = atom { (fold(text).collect(), true) } else { (String::new(), false) }
                    })
                    .collect();
                let atoms = folded.iter().map(|(text, known)| if *known { Atom::Text(text) } else { Atom::Star });
                glob_match(atoms, &fold(text).collect::<String>(), unknown)
            }
        }
    }
}

fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn match_parts(parts: &[Part], text: &str, context: &Context<'_>) -> Ternary {
    let (atoms, unknown) = atoms(parts, context);
    glob_match(atoms, text, unknown)
}

/// With an unknown variable read as `*`, a mismatch is certain and a match is not.
fn glob_match<'a>(atoms: impl IntoIterator<Item = Atom<'a>>, text: &str, unknown: bool) -> Ternary {
    let Ok(glob) = Glob::new(atoms) else { return Ternary::Unknown };
    let outcome = Ternary::from(glob.matches(text));
    if unknown { outcome.at_most_unknown() } else { outcome }
}

/// The parts with their variables replaced, and whether one of them has no value and became a star.
fn atoms<'p>(parts: &'p [Part], context: &'p Context<'_>) -> (Vec<Atom<'p>>, bool) {
    let mut unknown = false;
    let atoms = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Atom::Text(text),
            Part::One => Atom::One,
            Part::Star => Atom::Star,
            Part::Variable { key, default } => match resolve(key, default.as_deref(), context) {
                Some(value) => Atom::Text(value),
                None => {
                    unknown = true;
                    Atom::Star
                }
            },
        })
        .collect();
    (atoms, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERN: Syntax = Syntax { wildcards: true, variables: true };

    fn pattern(value: &str) -> Pattern {
        Pattern::new(parse(value, PATTERN).unwrap()).unwrap()
    }

    fn with(key: &'static str, value: &'static str) -> Context<'static> {
        let mut context = Context::new();
        context.set(key, value);
        context
    }

    #[test]
    fn a_variable_stands_for_the_value_in_the_request() {
        let home = pattern("arn:aws:s3:::bucket/${aws:username}/*");
        assert_eq!(home.matches("arn:aws:s3:::bucket/ada/x", &with("AWS:UserName", "ada")), Ternary::Yes);
        assert_eq!(home.matches("arn:aws:s3:::bucket/bob/x", &with("aws:username", "ada")), Ternary::No);
    }

    #[test]
    fn a_value_with_wildcards_or_variables_is_literal() {
        let home = pattern("home/${aws:username}/*");
        for evil in ["*", "?", "a*", "${aws:userid}", "${*}"] {
            let context = with("aws:username", evil);
            assert_eq!(home.matches("home/ada/x", &context), Ternary::No, "{evil}");
            assert_eq!(home.matches(&format!("home/{evil}/x"), &context), Ternary::Yes, "{evil}");
        }
    }

    #[test]
    fn a_missing_variable_is_unknown_only_where_it_could_match() {
        let home = pattern("home/${aws:username}/*");
        assert_eq!(home.matches("home/ada/x", &Context::new()), Ternary::Unknown);
        assert_eq!(home.matches("elsewhere", &Context::new()), Ternary::No);
    }

    #[test]
    fn a_variable_with_several_values_is_unknown_despite_its_default() {
        let tag = pattern("${aws:PrincipalTag/team, 'none'}");
        let mut context = with("aws:PrincipalTag/team", "red");
        context.push("aws:principaltag/TEAM", "blue");
        assert_eq!(tag.matches("none", &context), Ternary::Unknown);
        assert_eq!(tag.matches("red", &context), Ternary::Unknown);
    }

    #[test]
    fn a_default_is_used_when_the_key_is_missing_and_is_literal() {
        let tag = pattern("team-${aws:PrincipalTag/team, 'any*'}");
        assert_eq!(tag.matches("team-any*", &Context::new()), Ternary::Yes);
        assert_eq!(tag.matches("team-anyone", &Context::new()), Ternary::No);
        assert_eq!(tag.matches("team-red", &with("aws:PrincipalTag/team", "red")), Ternary::Yes);
    }

    #[test]
    fn special_characters_are_written_as_variables() {
        let stars = pattern("a${*}b${?}c${$}d");
        assert_eq!(stars.matches("a*b?c$d", &Context::new()), Ternary::Yes);
        assert_eq!(stars.matches("axxbyc$d", &Context::new()), Ternary::No);
    }

    #[test]
    fn without_variables_the_text_is_literal() {
        let syntax = Syntax { wildcards: true, variables: false };
        let old = Pattern::new(parse("${aws:username}/*", syntax).unwrap()).unwrap();
        assert_eq!(old.matches("${aws:username}/x", &with("aws:username", "ada")), Ternary::Yes);
        assert_eq!(old.matches("ada/x", &with("aws:username", "ada")), Ternary::No);
    }

    #[test]
    fn malformed_variables_are_refused() {
        for value in
            ["${aws:username", "${}", "${username}", "${aws:a, b}", "${aws:a, 'b}", "${aws:${b:c}}", "${ aws:a}"]
        {
            assert!(parse(value, PATTERN).is_err(), "{value}");
        }
    }

    #[test]
    fn equality_knows_no_wildcards_and_may_ignore_case() {
        let owner = Literal::parse("*-${aws:username}", true).unwrap();
        let context = with("aws:username", "Ada");
        assert_eq!(owner.equals("*-Ada", &context), Ternary::Yes);
        assert_eq!(owner.equals("x-Ada", &context), Ternary::No);
        assert_eq!(owner.equals_ignoring_case("*-aDA", &context), Ternary::Yes);
        assert_eq!(owner.equals_ignoring_case("*-ada", &Context::new()), Ternary::Unknown);
        assert_eq!(owner.equals_ignoring_case("x-ada", &Context::new()), Ternary::No);
        assert_eq!(Literal::parse("ÉA", true).unwrap().equals_ignoring_case("éa", &context), Ternary::Yes);
    }
}
