//! One operator of an event pattern, checked as AWS checks it.

use crate::decimal::Decimal;

use super::ip::Block;
use super::operators::{Bound, Operator, fold};
use super::tokens::{Token, Tokens};
use super::{EventPatternError, wildcard};

type Result<T> = std::result::Result<T, EventPatternError>;

/// `{"prefix": …}` and its like, from after the brace.
pub(super) fn expression(tokens: &mut Tokens<'_>) -> Result<Operator> {
    let Token::Name(name) = tokens.next()? else {
        return Err(tokens.error("Match expression name not found"));
    };
    match &*name {
        "exactly" => Ok(Operator::Exact(only_string(tokens, "exact match pattern must be a string")?)),
        "equals-ignore-case" => {
            Ok(Operator::EqualsFolded(fold(&only_string(tokens, "equals-ignore-case match pattern must be a string")?)))
        }
        "prefix" => Ok(match string_or_folded(tokens, "prefix", "Prefix")? {
            Text::Plain(text) => Operator::Prefix(text),
            Text::Folded(text) => Operator::PrefixFolded(text),
        }),
        "suffix" => Ok(match string_or_folded(tokens, "suffix", "Suffix")? {
            Text::Plain(text) => Operator::Suffix(text),
            Text::Folded(text) => Operator::SuffixFolded(text),
        }),
        "cidr" => {
            // The wrong word is AWS's.
            let text = string(tokens, "prefix match pattern must be a string")?;
            let block = Block::parse(&text).map_err(|reason| EventPatternError { reason })?;
            one_key(tokens)?;
            Ok(Operator::Cidr(Box::new(block)))
        }
        "wildcard" => {
            let text = string(tokens, "wildcard match pattern must be a string")?;
            let wildcard = wildcard::parse(&text).map_err(|message| tokens.error(message))?;
            one_key(tokens)?;
            Ok(Operator::Wildcard(wildcard))
        }
        "exists" => {
            let operator = match tokens.next()? {
                Token::True => Operator::Present,
                Token::False => Operator::Absent,
                _ => return Err(tokens.error("exists match pattern must be either true or false.")),
            };
            one_key(tokens)?;
            Ok(operator)
        }
        "numeric" => {
            if tokens.next()? != Token::StartArray {
                return Err(tokens.error("Value of numeric must be an array."));
            }
            let operator = numeric(tokens)?;
            end_object(tokens, TOO_MANY)?;
            Ok(operator)
        }
        "anything-but" => anything_but(tokens),
        other => Err(tokens.error(format!("Unrecognized match type {other}"))),
    }
}

const TOO_MANY: &str = "Too many elements in numeric expression";

fn string(tokens: &mut Tokens<'_>, otherwise: &str) -> Result<String> {
    match tokens.next()? {
        Token::String(text) => {
            tokens.use_text();
            Ok(text.into_owned())
        }
        _ => Err(tokens.error(otherwise)),
    }
}

fn only_string(tokens: &mut Tokens<'_>, otherwise: &str) -> Result<String> {
    let text = string(tokens, otherwise)?;
    one_key(tokens)?;
    Ok(text)
}

fn end_object(tokens: &mut Tokens<'_>, otherwise: &str) -> Result<()> {
    if tokens.next()? == Token::EndObject { Ok(()) } else { Err(tokens.error(otherwise)) }
}

fn one_key(tokens: &mut Tokens<'_>) -> Result<()> {
    end_object(tokens, "Only one key allowed in match expression")
}

enum Text {
    Plain(String),
    Folded(String),
}

/// The text of `prefix` or `suffix`, which may be wrapped in `equals-ignore-case`.
fn string_or_folded(tokens: &mut Tokens<'_>, operator: &str, title: &str) -> Result<Text> {
    match tokens.next()? {
        Token::String(text) => {
            one_key(tokens)?;
            Ok(Text::Plain(text.into_owned()))
        }
        Token::StartObject => {
            match tokens.next()? {
                Token::Name(name) if name == "equals-ignore-case" => {}
                Token::Name(name) => return Err(tokens.error(format!("Unsupported {operator} pattern: {name}"))),
                _ => return Err(tokens.error(format!("{title} expression name not found"))),
            }
            let text = only_string(tokens, "equals-ignore-case match pattern must be a string")?;
            one_key(tokens)?;
            Ok(Text::Folded(fold(&text)))
        }
        _ => Err(tokens.error(format!("{operator} match pattern must be a string"))),
    }
}

fn comparable(text: &str) -> std::result::Result<f64, String> {
    Decimal::comparable(text).ok_or_else(|| format!("Cannot compare number : {text}"))
}

fn numeric_value(tokens: &mut Tokens<'_>, operator: &str) -> Result<f64> {
    match tokens.next()? {
        Token::Number(text) => comparable(text).map_err(|message| tokens.error(message)),
        _ => Err(tokens.error(format!("Value of {operator} must be numeric"))),
    }
}

/// The rest of a numeric expression, from after its bracket.
fn numeric(tokens: &mut Tokens<'_>) -> Result<Operator> {
    let operator = match tokens.next()? {
        Token::String(operator) => operator,
        other => return Err(tokens.error(format!("Invalid member in numeric match: {}", other.text()))),
    };
    tokens.use_text();
    let end_array = |tokens: &mut Tokens<'_>, otherwise: &str| {
        if tokens.next()? == Token::EndArray { Ok(()) } else { Err(tokens.error(otherwise)) }
    };
    match &*operator {
        "=" => {
            let value = numeric_value(tokens, "equals")?;
            end_array(tokens, TOO_MANY)?;
            Ok(Operator::NumericEquals(value))
        }
        "<" | "<=" => {
            let value = numeric_value(tokens, &operator)?;
            end_array(tokens, TOO_MANY)?;
            Ok(Operator::Range(None, Some(Bound { value, inclusive: operator == "<=" })))
        }
        ">" | ">=" => {
            let low = Bound { value: numeric_value(tokens, &operator)?, inclusive: operator == ">=" };
            let second = match tokens.next()? {
                Token::EndArray => return Ok(Operator::Range(Some(low), None)),
                Token::String(second) => second,
                other => return Err(tokens.error(format!("Bad value in numeric range: {}", other.text()))),
            };
            tokens.use_text();
            if second != "<" && second != "<=" {
                return Err(tokens.error(format!("Bad numeric range operator: {second}")));
            }
            let high = Bound { value: numeric_value(tokens, &second)?, inclusive: second == "<=" };
            end_array(tokens, "Too many terms in numeric range expression")?;
            if low.value >= high.value {
                return Err(tokens.error("Bottom must be less than top"));
            }
            Ok(Operator::Range(Some(low), Some(high)))
        }
        other => Err(tokens.error(format!("Unrecognized numeric range operator: {other}"))),
    }
}

/// The strings that `anything-but` negates an operator on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Negated {
    Prefix,
    Suffix,
    Folded,
    Wildcard,
}

impl Negated {
    fn wrong_type(self) -> &'static str {
        match self {
            Self::Prefix | Self::Suffix => "prefix/suffix match pattern must be a string",
            Self::Folded => "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
            Self::Wildcard => "wildcard match pattern must be a string",
        }
    }

    fn operator(self, texts: Vec<String>, tokens: &Tokens<'_>) -> Result<Operator> {
        Ok(match self {
            Self::Prefix => Operator::NotPrefixes(texts),
            Self::Suffix => Operator::NotSuffixes(texts),
            Self::Folded => Operator::NotFolded(texts.iter().map(|text| fold(text)).collect()),
            Self::Wildcard => {
                let wildcards = texts.iter().map(|text| wildcard::parse(text));
                let wildcards: std::result::Result<Vec<_>, String> = wildcards.collect();
                Operator::NotWildcards(wildcards.map_err(|message| tokens.error(message))?)
            }
        })
    }
}

/// Inside the lists of `anything-but` AWS reports an error twice over: message and place, and the place again.
fn in_list(tokens: &Tokens<'_>, message: impl Into<String>) -> EventPatternError {
    tokens.error(tokens.error(message).reason)
}

fn anything_but(tokens: &mut Tokens<'_>) -> Result<Operator> {
    match tokens.next()? {
        Token::StartObject => {
            let negated = match tokens.next()? {
                Token::Name(name) => match &*name {
                    "prefix" => Negated::Prefix,
                    "suffix" => Negated::Suffix,
                    "equals-ignore-case" => Negated::Folded,
                    "wildcard" => Negated::Wildcard,
                    other => return Err(tokens.error(format!("Unsupported anything-but pattern: {other}"))),
                },
                _ => return Err(tokens.error("Anything-But expression name not found")),
            };
            let operator = negated_texts(tokens, negated)?;
            end_object(tokens, TOO_MANY)?;
            end_object(tokens, TOO_MANY)?;
            Ok(operator)
        }
        Token::StartArray => {
            let operator = negated_list(tokens)?;
            end_object(tokens, TOO_MANY)?;
            Ok(operator)
        }
        Token::String(text) => {
            end_object(tokens, TOO_MANY)?;
            Ok(Operator::NotStrings(vec![text.into_owned()]))
        }
        Token::Number(text) => {
            let number = comparable(text).map_err(|reason| EventPatternError { reason })?;
            end_object(tokens, TOO_MANY)?;
            Ok(Operator::NotNumbers(vec![number]))
        }
        _ => Err(tokens.error(ANYTHING_BUT_VALUE)),
    }
}

const ANYTHING_BUT_VALUE: &str = "Value of anything-but must be an array or single string/number value.";
const NULL_AFFIX: &str = "Null prefix/suffix not allowed";

fn negated_texts(tokens: &mut Tokens<'_>, negated: Negated) -> Result<Operator> {
    let affix = matches!(negated, Negated::Prefix | Negated::Suffix);
    match tokens.next()? {
        Token::String(text) => {
            tokens.use_text();
            if affix && text.is_empty() {
                return Err(tokens.error(NULL_AFFIX));
            }
            negated.operator(vec![text.into_owned()], tokens)
        }
        Token::Number(_) => Err(tokens.error(negated.wrong_type())),
        Token::StartArray => {
            let mut texts = Vec::new();
            loop {
                match tokens.next()? {
                    Token::EndArray if texts.is_empty() => return Err(tokens.error("Empty arrays are not allowed")),
                    Token::EndArray => return negated.operator(texts, tokens),
                    Token::String(text) => {
                        tokens.use_text();
                        if affix && text.is_empty() {
                            return Err(in_list(tokens, NULL_AFFIX));
                        }
                        texts.push(text.into_owned());
                    }
                    _ => return Err(in_list(tokens, negated.wrong_type())),
                }
            }
        }
        _ => Err(tokens.error(ANYTHING_BUT_VALUE)),
    }
}

fn negated_list(tokens: &mut Tokens<'_>) -> Result<Operator> {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    loop {
        match tokens.next()? {
            Token::EndArray => break,
            Token::String(text) => {
                tokens.use_text();
                texts.push(text.into_owned());
            }
            Token::Number(text) => numbers.push(comparable(text).map_err(|message| tokens.error(message))?),
            _ => return Err(in_list(tokens, "Inside anything but list, start|null|boolean is not supported.")),
        }
    }
    match (texts.is_empty(), numbers.is_empty()) {
        (false, true) => Ok(Operator::NotStrings(texts)),
        (true, false) => Ok(Operator::NotNumbers(numbers)),
        _ => Err(tokens
            .error("Inside anything but list, either all values are number or string, mixed type is not supported")),
    }
}
