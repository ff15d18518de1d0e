//! From JSON text to alternatives by field, with AWS's checks in AWS's order.

use std::sync::Arc;

use crate::decimal::Decimal;

use super::expression::expression;
use super::ip;
use super::operators::Operator;
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
