//! Patterns for space-delimited events: `[ip, user, ..., status_code = 4*, bytes > 1000]`.

use super::PatternError;
use super::compare::Comparison;
use super::expr::Expr;
use super::lex::Cursor;

/// One place of the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    /// Empty for a place without a name, which is then called by its number.
    name: String,
    condition: Option<Expr<Condition>>,
}

/// A comparison of the field in the slot of that number.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    slot: usize,
    comparison: Comparison,
}

/// A whole `[ … ]` pattern. Its slots stand for the first fields of an event and, after `...`, for the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpacePattern {
    slots: Vec<Slot>,
    /// How many slots stand before the ellipsis, if there is one.
    ellipsis: Option<usize>,
}

/// A condition before the slots are all known: it names its field.
type Named = (String, usize, Comparison);

impl SpacePattern {
    /// Reads the pattern from its opening bracket.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let start = cursor.at();
        cursor.expect("[")?;
        let mut slots: Vec<(String, Option<Expr<Named>>)> = Vec::new();
        let mut ellipsis = None;
        loop {
            cursor.skip_space();
            let slot_at = cursor.at();
            if cursor.eat("...") {
                if ellipsis.replace(slots.len()).is_some() {
                    return Err(cursor.error_at(slot_at, "a pattern may hold one `...`"));
                }
            } else {
                slots.push(slot(cursor)?);
            }
            cursor.skip_space();
            if cursor.eat("]") {
                break;
            }
            if cursor.peek().is_none() {
                return Err(cursor.error_at(start, "this bracket is not closed"));
            }
            if !cursor.eat(",") {
                return Err(cursor.error(format!("expected `,` or `]`{}", cursor.found())));
            }
        }
        if let ([(name, None)], None) = (slots.as_slice(), ellipsis)
            && name.is_empty()
        {
            return Err(cursor.error_at(start, "the pattern names no field"));
        }
        if ellipsis != Some(slots.len()) {
            name_the_field_after(&mut slots);
        }
        let names: Vec<String> = slots.iter().map(|(name, _)| name.clone()).collect();
        let slots = slots
            .into_iter()
            .enumerate()
            .map(|(place, (name, named))| {
                let condition = named.map(|named| resolve(named, place, &names, cursor)).transpose()?;
                Ok(Slot { name, condition })
            })
            .collect::<Result<_, PatternError>>()?;
        Ok(Self { slots, ellipsis })
    }

    /// The names under which values can be extracted, with the dollar sign.
    pub(super) fn names(&self) -> Vec<String> {
        self.slots.iter().filter(|slot| !slot.name.is_empty()).map(|slot| format!("${}", slot.name)).collect()
    }

    pub(super) fn matches(&self, fields: &[&str]) -> bool {
        let fits = match self.ellipsis {
            Some(_) => fields.len() >= self.slots.len(),
            None => fields.len() == self.slots.len(),
        };
        fits && self.slots.iter().filter_map(|slot| slot.condition.as_ref()).all(|condition| {
            condition.eval(&mut |condition: &Condition| {
                let field = fields.get(self.field_of(condition.slot, fields.len()));
                field.is_some_and(|field| condition.comparison.holds_field(field))
            })
        })
    }

    /// The place among `count` fields that a slot stands for.
    fn field_of(&self, slot: usize, count: usize) -> usize {
        match self.ellipsis {
            Some(before) if slot >= before => count.saturating_sub(self.slots.len()) + slot,
            _ => slot,
        }
    }

    /// All fields with their names: `$bytes`, or `$1` for the first field when it has none.
    pub(super) fn extract(&self, fields: &[&str]) -> Vec<(String, String)> {
        let mut names: Vec<Option<&str>> = vec![None; fields.len()];
        for (place, slot) in self.slots.iter().enumerate() {
            if let Some(name) = names.get_mut(self.field_of(place, fields.len()))
                && !slot.name.is_empty()
            {
                *name = Some(&slot.name);
            }
        }
        let named = fields.iter().zip(names).enumerate();
        named
            .map(|(place, (field, name))| match name {
                Some(name) => (format!("${name}"), (*field).to_owned()),
                None => (format!("${}", place + 1), (*field).to_owned()),
            })
            .collect()
    }
}

/// The guide's example `[…, status_code = 4* && bytes > 1000]` is for events with a field after the status code, which
/// its condition names. So a name that is new in the last condition is that of one more field; elsewhere it is a mistake.
fn name_the_field_after(slots: &mut Vec<(String, Option<Expr<Named>>)>) {
    let Some((_, Some(last))) = slots.last() else { return };
    let mut after: Option<String> = None;
    last.for_each(&mut |(name, ..)| {
        let known = slots.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !known && after.is_none() {
            after = Some(name.clone());
        }
    });
    slots.extend(after.map(|name| (name, None)));
}

/// Reads one slot: nothing, a name, or an expression over its field.
fn slot(cursor: &mut Cursor<'_>) -> Result<(String, Option<Expr<Named>>), PatternError> {
    if matches!(cursor.peek(), Some(',' | ']')) {
        return Ok((String::new(), None));
    }
    let start = cursor.clone();
    let parenthesised = cursor.peek() == Some('(');
    if !parenthesised {
        let name = field_name(cursor)?;
        cursor.skip_space();
        if matches!(cursor.peek(), Some(',' | ']') | None) {
            return Ok((name, None));
        }
        *cursor = start;
    }
    let mut first = None;
    let expr = Expr::parse(cursor, &mut |cursor| {
        let at = cursor.at();
        let name = field_name(cursor)?;
        first.get_or_insert_with(|| name.clone());
        Ok((name, at, Comparison::parse(cursor)?))
    })?;
    Ok((first.unwrap_or_default(), Some(expr)))
}

fn field_name(cursor: &mut Cursor<'_>) -> Result<String, PatternError> {
    let name = cursor.take_while(|next| next.is_ascii_alphanumeric() || next == '_' || next == '-');
    if name.is_empty() {
        return Err(cursor.error(format!("expected the name of a field{}", cursor.found())));
    }
    Ok(name.to_owned())
}

/// Puts slots for names. The case of a name does not matter here: AWS's own example says `[w1=ERROR || W1=WARNING, w2]`.
fn resolve(
    expr: Expr<Named>,
    place: usize,
    names: &[String],
    cursor: &Cursor<'_>,
) -> Result<Expr<Condition>, PatternError> {
    let all = |parts: Vec<Expr<Named>>| {
        parts.into_iter().map(|part| resolve(part, place, names, cursor)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match expr {
        Expr::All(parts) => Expr::All(all(parts)?),
        Expr::Any(parts) => Expr::Any(all(parts)?),
        Expr::Condition((name, at, comparison)) => {
            let own = names.get(place).is_some_and(|own| own.eq_ignore_ascii_case(&name));
            let slot = if own { Some(place) } else { names.iter().position(|known| known.eq_ignore_ascii_case(&name)) };
            let Some(slot) = slot else {
                return Err(cursor.error_at(at, format!("no field of the pattern is named `{name}`")));
            };
            Expr::Condition(Condition { slot, comparison })
        }
    })
}

/// Splits an event into its fields. What stands between quotation marks or brackets is one field without them; a mark
/// that is never closed is an ordinary character.
pub(super) fn fields(event: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = event.trim_start();
    // Once a mark has no partner in the rest, none of its kind further on has: no second search.
    let (mut quotes, mut brackets) = (true, true);
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' if quotes => Some('"'),
            '[' if brackets => Some(']'),
            _ => None,
        };
        let delimited = close.and_then(|close| rest.get(1..).and_then(|inner| inner.split_once(close)));
        if let Some((field, after)) = delimited {
            fields.push(field);
            rest = after.trim_start();
            continue;
        }
        match close {
            Some('"') => quotes = false,
            Some(_) => brackets = false,
            None => {}
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (field, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}
