//! `ArnEquals` and `ArnLike`: the six components of an ARN, each matched on its own.

use crate::{
    context::Context,
    template::{Literal, Pattern},
    ternary::Ternary,
    variables::{self, Part, Syntax},
};

const COMPONENTS: usize = 6;

/// An ARN in a condition.
#[derive(Debug, Clone)]
pub(crate) enum ArnPattern {
    /// A wildcard stays within its component.
    Components(Box<[Pattern]>),
    /// A single variable that stands for a whole ARN.
    Variable(Literal),
}

impl ArnPattern {
    pub(super) fn parse(value: &str, variables: bool) -> Result<Self, &'static str> {
        let parts = variables::parse(value, Syntax { wildcards: true, variables })?;
        if let [Part::Variable { .. }] = parts.as_slice() {
            return Literal::parse(value, variables).map(Self::Variable);
        }
        let mut components = split(parts);
        // `arn:aws:sns:*` and `*` are short for all that may follow.
        let open = components.last().is_some_and(|last| matches!(last.as_slice(), [Part::Star]));
        if open {
            components.resize_with(COMPONENTS, || vec![Part::Star]);
        }
        if components.len() < COMPONENTS {
            return Err("a value is no ARN");
        }
        components.into_iter().map(Pattern::new).collect::<Result<_, _>>().map(Self::Components)
    }

    pub(super) fn matches(&self, value: &str, context: &Context<'_>) -> Ternary {
        match self {
            Self::Variable(literal) => literal.equals(value, context),
            Self::Components(patterns) => {
                let components = value.splitn(COMPONENTS, ':');
                if components.clone().count() < COMPONENTS {
                    return Ternary::Unknown;
                }
                Ternary::all(components.zip(patterns).map(|(text, pattern)| pattern.matches(text, context)))
            }
        }
    }

    /// Whether the account, or for ARNs without one the whole resource, is fixed by the policy itself.
    pub(crate) fn has_fixed_owner(&self) -> bool {
        let Self::Components(patterns) = self else { return false };
        let fixed = |index: usize| patterns.get(index).is_some_and(Pattern::is_fixed_text);
        let nothing = patterns.get(4).is_some_and(|account| account.matches("", &Context::new()) == Ternary::Yes);
        fixed(4) && (!nothing || fixed(5))
    }
}

/// Cuts at the first five colons that the policy itself writes.
fn split(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut components = Vec::with_capacity(COMPONENTS);
    let mut current = Vec::new();
    for part in parts {
        let Part::Text(text) = part else {
            current.push(part);
            continue;
        };
        let mut rest = &*text;
        while let Some((before, after)) = rest.split_once(':').filter(|_| components.len() < COMPONENTS - 1) {
            current.push(Part::Text(before.into()));
            components.push(std::mem::take(&mut current));
            rest = after;
        }
        if !rest.is_empty() {
            current.push(Part::Text(rest.into()));
        }
    }
    components.push(current);
    components
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> Ternary {
        ArnPattern::parse(pattern, true).unwrap().matches(value, &Context::new())
    }

    #[test]
    fn a_wildcard_stays_within_its_component() {
        // The example of the IAM user guide.
        let pattern = "arn:aws:someservice:*:111122223333:finance/*";
        let value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert_eq!(matches(pattern, value), Ternary::No);
        assert_eq!(matches(pattern, "arn:aws:someservice:us-east-2:111122223333:finance/a:b/c"), Ternary::Yes);
    }

    #[test]
    fn a_trailing_star_covers_the_missing_components() {
        assert_eq!(matches("arn:aws:sns:*", "arn:aws:sns:us-east-1:111122223333:topic"), Ternary::Yes);
        assert_eq!(matches("*", "arn:aws:s3:::bucket"), Ternary::Yes);
        assert_eq!(matches("arn:aws:sns:*", "arn:aws:sqs:us-east-1:111122223333:queue"), Ternary::No);
        assert!(ArnPattern::parse("arn:aws:sns:us-east-1", true).is_err());
        assert!(ArnPattern::parse("topic", true).is_err());
    }

    #[test]
    fn what_is_no_arn_is_unknown() {
        assert_eq!(matches("*", "my-secret"), Ternary::Unknown);
    }

    #[test]
    fn variables_stand_for_components_or_for_the_whole() {
        let mut context = Context::new();
        context.set("aws:PrincipalAccount", "111122223333");
        context.set("aws:PrincipalArn", "arn:aws:iam::111122223333:role/app*");
        let component = ArnPattern::parse("arn:aws:iam::${aws:PrincipalAccount}:role/*", true).unwrap();
        assert_eq!(component.matches("arn:aws:iam::111122223333:role/x", &context), Ternary::Yes);
        assert_eq!(component.matches("arn:aws:iam::999999999999:role/x", &context), Ternary::No);
        let whole = ArnPattern::parse("${aws:PrincipalArn}", true).unwrap();
        assert_eq!(whole.matches("arn:aws:iam::111122223333:role/app*", &context), Ternary::Yes);
        assert_eq!(whole.matches("arn:aws:iam::111122223333:role/app2", &context), Ternary::No);
    }

    #[test]
    fn the_owner_is_fixed_by_its_account_or_by_the_whole_name() {
        let fixed = |value: &str| ArnPattern::parse(value, true).unwrap().has_fixed_owner();
        assert!(fixed("arn:aws:sns:*:111122223333:*"));
        assert!(fixed("arn:aws:s3:::bucket"));
        assert!(!fixed("arn:aws:s3:::bucket*"));
        assert!(!fixed("arn:aws:sns:us-east-1:*:topic"));
        assert!(!fixed("arn:aws:sns:us-east-1:${aws:PrincipalAccount}:topic"));
        assert!(!fixed("*"));
    }
}
