//! From JSON text to alternatives by field, with AWS's checks in AWS's order.

use std::sync::Arc;

use crate::decimal::Decimal;

use super::ip::{self, Block};
use super::operators::{Bound, Operator, fold};
use super::tokens::{Token, Tokens};
use super::{Branch, EventPatternError, MAX_BRANCHES, wildcard};

type Result<T> = std::result::Result<T, EventPatternError>;

/// Names that, as a member of an object under `$or`, tell that no alternatives are meant.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// Parses a pattern into the alternatives that `$or` makes.
pub(super) fn parse(source: &str) -> Result<Vec<Branch>> {
    let mut tokens = Tokens::new(source)?;
    if tokens.next()? != Token::StartObject {
        return Err(tokens.error("Filter is not an object"));
    }
    let mut branches = vec![Branch::new()];
    object(&mut tokens, "", &mut branches, false)?;
    tokens.finish()?;
    let complex = branches.iter().flat_map(Branch::values).any(|operators| wildcard::too_complex(operators));
    if complex {
        return Err(EventPatternError { reason: TOO_COMPLEX.to_owned() });
    }
    Ok(branches)
}

const TOO_COMPLEX: &str = "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character";

fn object(tokens: &mut Tokens<'_>, path: &str, branches: &mut Vec<Branch>, in_or: bool) -> Result<()> {
    let mut empty = true;
    loop {
        let name = match tokens.next()? {
            Token::EndObject if empty => return Err(tokens.error("Empty objects are not allowed")),
            Token::EndObject => return Ok(()),
            Token::Name(name) => name,
            other => return Err(tokens.error(format!("Unexpected token {}", other.text()))),
        };
        empty = false;
        if name == "$or" && alternatives_follow(tokens)? {
            or(tokens, path, branches)?;
            continue;
        }
        if in_or && RESERVED.contains(&name.as_ref()) {
            let message = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
            return Err(tokens.error(message));
        }
        let full = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        match tokens.next()? {
            Token::StartObject => object(tokens, &full, branches, in_or)?,
            Token::StartArray => {
                let operators: Arc<[Operator]> = leaf(tokens)?.into();
                for branch in branches.iter_mut() {
                    branch.insert(full.clone(), Arc::clone(&operators));
                }
            }
            _ => return Err(tokens.error(format!("\"{name}\" must be an object or an array"))),
        }
    }
}

/// Whether the value of `$or` makes it the operator: an array of at least two objects, none of which has a reserved name.
fn alternatives_follow(tokens: &Tokens<'_>) -> Result<bool> {
    let mut ahead = tokens.clone();
    if ahead.next()? != Token::StartArray {
        return Ok(false);
    }
    let mut objects = 0;
    loop {
        match ahead.next()? {
            Token::EndArray if objects == 1 => {
                return Err(ahead.error("There must have at least 2 Objects in $or relationship."));
            }
            Token::EndArray => return Ok(objects > 1),
            Token::StartObject => objects += 1,
            _ => return Ok(false),
        }
        loop {
            match ahead.next()? {
                Token::EndObject => break,
                Token::Name(name) if RESERVED.contains(&name.as_ref()) => return Ok(false),
                Token::StartObject | Token::StartArray => ahead.skip_rest()?,
                _ => {}
            }
        }
    }
}

/// Multiplies the branches by the alternatives.
fn or(tokens: &mut Tokens<'_>, path: &str, branches: &mut Vec<Branch>) -> Result<()> {
    let before = std::mem::take(branches);
    tokens.next()?;
    while tokens.next()? == Token::StartObject {
        let mut alternative = before.clone();
        object(tokens, path, &mut alternative, true)?;
        branches.append(&mut alternative);
        if branches.len() > MAX_BRANCHES {
            let message = format!("Rule is too complex - $or makes more than {MAX_BRANCHES} combinations");
            return Err(EventPatternError { reason: message });
        }
    }
    Ok(())
}

/// The array of alternatives for one field.
fn leaf(tokens: &mut Tokens<'_>) -> Result<Vec<Operator>> {
    let mut operators = Vec::new();
    loop {
        let token = tokens.next()?;
        operators.push(match token {
            Token::EndArray if operators.is_empty() => return Err(tokens.error("Empty arrays are not allowed")),
            Token::EndArray => return Ok(operators),
            Token::StartObject => expression(tokens)?,
            Token::String(text) => {
                tokens.use_text();
                match ip::address(&text) {
                    Some(address) => Operator::Address(address),
                    None => Operator::Exact(text.into_owned()),
                }
            }
            Token::Number(text) => Operator::Number(text.to_owned(), Decimal::comparable(text)),
            Token::True => Operator::Bool(true),
            Token::False => Operator::Bool(false),
            Token::Null => Operator::Null,
            _ => return Err(tokens.error("Match value must be String, number, true, false, or null")),
        });
    }
}

/// `{"prefix": …}` and its like, from after the brace.
fn expression(tokens: &mut Tokens<'_>) -> Result<Operator> {
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
            Ok(Operator::Cidr(block))
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
