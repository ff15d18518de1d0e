//! Policy values as they are matched: patterns with wildcards, texts to be equalled, either with variables in them.

use crate::{
    context::Context,
    glob::{Atom, Glob, Segment},
    ternary::Ternary,
    variables::{self, Part, Syntax, has_variables},
};

/// A pattern with wildcards, and perhaps variables.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    Fixed(Glob),
    Template(Template),
}

impl Pattern {
    pub(crate) fn new(parts: Vec<Part>) -> Result<Self, &'static str> {
        if has_variables(&parts) {
            return Ok(Self::Template(Template::new(parts)));
        }
        let nothing = Context::new();
        let (atoms, _) = atoms(&parts, &nothing);
        Glob::new(atoms).map(Self::Fixed).map_err(|_| "a part between two stars is too long")
    }

    pub(crate) fn matches(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Fixed(glob) => glob.matches(text).into(),
            Self::Template(template) => template.matches(text, context),
        }
    }

    /// Whether nothing but one text matches, known from the policy alone.
    pub(crate) fn is_fixed_text(&self) -> bool {
        matches!(self, Self::Fixed(Glob::Whole(Segment::Literal(_))))
    }
}

/// A text to be equalled, in which stars are stars, perhaps with variables.
#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Fixed(Box<str>),
    Template(Template),
}

impl Literal {
    pub(crate) fn parse(value: &str, variables: bool) -> Result<Self, &'static str> {
        let parts = variables::parse(value, Syntax { wildcards: false, variables })?;
        if has_variables(&parts) {
            return Ok(Self::Template(Template::new(parts)));
        }
        let text: String =
            parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(&**text) } else { None }).collect();
        Ok(Self::Fixed(text.into()))
    }

    pub(crate) fn equals(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Fixed(wanted) => (**wanted == *text).into(),
            Self::Template(template) => template.matches(text, context),
        }
    }

    pub(crate) fn equals_ignoring_case(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Fixed(wanted) => (fold(wanted).eq(fold(text))).into(),
            Self::Template(template) => template.equals_ignoring_case(text, context),
        }
    }
}

fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Parts of which some are variables. Matching allocates only for a variable without a value, and for stars with variables
/// between them.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    parts: Box<[Part]>,
    /// How many parts stand before the first star; all, when there is none.
    head: usize,
    /// How many parts stand after the last star.
    tail: usize,
    /// Nothing but stars stand between head and tail.
    open: bool,
}

impl Template {
    fn new(parts: Vec<Part>) -> Self {
        let until_star = |parts: &mut dyn Iterator<Item = &Part>| parts.take_while(|part| **part != Part::Star).count();
        let head = until_star(&mut parts.iter());
        let tail = if head == parts.len() { 0 } else { until_star(&mut parts.iter().rev()) };
        let between = parts.iter().skip(head).take(parts.len() - head - tail);
        let open = between.clone().count() > 0 && between.clone().all(|part| *part == Part::Star);
        Self { parts: parts.into(), head, tail, open }
    }

    fn matches(&self, text: &str, context: &Context<'_>) -> Ternary {
        match self.matches_at_its_ends(text, context) {
            Some(outcome) => outcome.into(),
            None => {
                let (atoms, unknown) = atoms(&self.parts, context);
                glob_match(atoms, text, unknown)
            }
        }
    }

    /// Compares what stands before the first and after the last star; none when that does not settle it.
    fn matches_at_its_ends(&self, text: &str, context: &Context<'_>) -> Option<bool> {
        let mut rest = text;
        for part in self.parts.iter().take(self.head) {
            match part.strip_from_start(rest, context)? {
                Some(remaining) => rest = remaining,
                None => return Some(false),
            }
        }
        if self.head == self.parts.len() {
            return Some(rest.is_empty());
        }
        for part in self.parts.iter().rev().take(self.tail) {
            match part.strip_from_end(rest, context)? {
                Some(remaining) => rest = remaining,
                None => return Some(false),
            }
        }
        self.open.then_some(true)
    }

    fn equals_ignoring_case(&self, text: &str, context: &Context<'_>) -> Ternary {
        let known = self.parts.iter().all(|part| part.text(context).is_some());
        if known {
            let wanted = self.parts.iter().filter_map(|part| part.text(context)).flat_map(fold);
            return wanted.eq(fold(text)).into();
        }
        let folded = self.parts.iter().map(|part| part.text(context).map(|text| fold(text).collect::<String>()));
        let folded: Vec<Option<String>> = folded.collect();
        let atoms = folded.iter().map(|text| text.as_deref().map_or(Atom::Star, Atom::Text));
        glob_match(atoms, &fold(text).collect::<String>(), true)
    }
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
            Part::One => Atom::One,
            Part::Star => Atom::Star,
            Part::Text(_) | Part::Variable { .. } => part.text(context).map_or_else(
                || {
                    unknown = true;
                    Atom::Star
                },
                Atom::Text,
            ),
        })
        .collect();
    (atoms, unknown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::variables::parse;

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
        let between_stars = pattern("*/${aws:username}/*");
        for evil in ["*", "?", "a*", "${aws:userid}", "${*}"] {
            let context = with("aws:username", evil);
            assert_eq!(between_stars.matches("home/ada/x", &context), Ternary::No, "{evil}");
            assert_eq!(between_stars.matches(&format!("home/{evil}/x"), &context), Ternary::Yes, "{evil}");
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

    proptest! {
        #[test]
        fn comparing_the_ends_says_what_the_whole_pattern_says(
            value in "([ab?*]|\\$\\{k:[vw]\\}|\\$\\{k:[vw], 'a'\\}){1,8}",
            text in "[ab?*]{0,8}",
            given in prop::option::of("[ab?*]{0,2}"),
        ) {
            let parts = parse(&value, PATTERN).unwrap();
            let mut context = Context::new();
            if let Some(given) = &given {
                context.set("K:V", given.as_str());
            }
            let (atoms, unknown) = atoms(&parts, &context);
            let expected = glob_match(atoms, &text, unknown);
            prop_assert_eq!(Pattern::new(parts.clone()).unwrap().matches(&text, &context), expected);
            // Equality, with and without regard to case, is the same without wildcards.
            let parts = parse(&value, Syntax { wildcards: false, ..PATTERN }).unwrap();
            let (atoms, unknown) = super::atoms(&parts, &context);
            let expected = glob_match(atoms, &text, unknown);
            let literal = Literal::parse(&value, true).unwrap();
            prop_assert_eq!(literal.equals(&text, &context), expected);
            prop_assert_eq!(literal.equals_ignoring_case(&text.to_uppercase(), &context), expected);
        }
    }
}
