//! Which of its conditions a pattern is filed under.

use smallvec::{SmallVec, smallvec};

use crate::decimal::Decimal;
use crate::event::{Operator, ip};
use crate::filter::Expr;
use crate::filter::compare::{Operand, Operator as Comparing};
use crate::filter::json::Test;
use crate::wildcard::Wildcard;

use super::access::{Key, NodeIndex, Table};
use super::entries::{Entries, EntryId, Rule};
use super::intervals::ordered;
use super::paths::Paths;
use super::predicates::{Condition, PredicateId, Predicates};

/// Buckets are looked over when they reach this size and each power of two above: a condition that seemed rare when its
/// first patterns came may have turned out common.
const CROWDED: usize = 64;

/// Files an entry under its cheapest predicates.
pub(super) fn file(entry: EntryId, entries: &mut Entries, predicates: &Predicates, paths: &mut Paths) {
    let chosen = entries.get(entry).and_then(|(_, rule)| best(rule, predicates, paths));
    let filed = chosen.map(|(_, predicates)| predicates).unwrap_or_default();
    entries.set_filed(entry, filed.iter().copied().collect());
    let mut crowded = Vec::new();
    for predicate in filed {
        for_each_key(predicate, predicates, paths, |index, key| {
            let load = index.insert(key, entry);
            if load >= CROWDED && load.is_power_of_two() {
                crowded.extend_from_slice(index.list(key));
            }
        });
    }
    for other in crowded {
        refile(other, entries, predicates, paths);
    }
}

/// Takes an entry from where it is filed.
pub(super) fn unfile(entry: EntryId, entries: &Entries, predicates: &Predicates, paths: &mut Paths) {
    for predicate in entries.filed(entry) {
        for_each_key(*predicate, predicates, paths, |index, key| index.remove(key, entry));
    }
}

/// Files an entry elsewhere if that has become much cheaper.
fn refile(entry: EntryId, entries: &mut Entries, predicates: &Predicates, paths: &mut Paths) {
    let Some((_, rule)) = entries.get(entry) else { return };
    let Some((cost, chosen)) = best(rule, predicates, paths) else { return };
    let now: u64 = entries.filed(entry).iter().map(|predicate| cost_of(*predicate, predicates, paths)).sum();
    if cost.saturating_mul(2) >= now {
        return;
    }
    unfile(entry, entries, predicates, paths);
    entries.set_filed(entry, chosen.into_iter().collect());
    for predicate in entries.filed(entry) {
        for_each_key(*predicate, predicates, paths, |index, key| {
            index.insert(key, entry);
        });
    }
}

/// The predicates of which one must hold for the rule to match, and what they cost; none if there are no such.
fn best(rule: &Rule, predicates: &Predicates, paths: &Paths) -> Option<(u64, Vec<PredicateId>)> {
    if let Rule::Filter(expr) = rule {
        return best_of(expr, predicates, paths);
    }
    let all = rule.conjunction()?.iter().map(|predicate| (cost_of(*predicate, predicates, paths), *predicate));
    all.filter(|(cost, _)| *cost < UNUSABLE).min().map(|(cost, predicate)| (cost, vec![predicate]))
}

fn best_of(expr: &Expr<PredicateId>, predicates: &Predicates, paths: &Paths) -> Option<(u64, Vec<PredicateId>)> {
    match expr {
        Expr::Condition(predicate) => {
            let cost = cost_of(*predicate, predicates, paths);
            (cost < UNUSABLE).then(|| (cost, vec![*predicate]))
        }
        Expr::All(parts) => parts.iter().filter_map(|part| best_of(part, predicates, paths)).min(),
        Expr::Any(parts) => {
            let mut all = (0, Vec::new());
            for part in parts {
                let (cost, mut predicates) = best_of(part, predicates, paths)?;
                all.0 += cost;
                all.1.append(&mut predicates);
            }
            all.1.sort_unstable();
            all.1.dedup();
            Some(all)
        }
    }
}

/// The cost of a predicate that can hold without any value.
const UNUSABLE: u64 = u64::MAX / 1024;

/// What filing under a predicate is expected to cost: how many entries a value would bring up, and how many patterns
/// use the predicate, for what many patterns name is what many events have. Deeper fields say more, so they are a
/// little cheaper.
fn cost_of(id: PredicateId, predicates: &Predicates, paths: &Paths) -> u64 {
    let Some(predicate) = predicates.get(id) else { return UNUSABLE };
    let Some(keys) = keys(&predicate.condition) else { return UNUSABLE };
    let node = paths.get(predicate.node);
    let index = node.and_then(|node| match predicate.condition {
        Condition::Event(_) => node.event_index.as_deref(),
        Condition::Filter(_) => node.filter_index.as_deref(),
    });
    let depth = u64::from(16 - paths.depth(predicate.node).min(15));
    let loads = keys.iter().map(|key| {
        let load = index.map_or(0, |index| index.load(*key)) as u64;
        key.weight() * (load + u64::from(predicate.uses) + 1) * 16 + depth
    });
    loads.sum()
}

fn for_each_key(
    id: PredicateId,
    predicates: &Predicates,
    paths: &mut Paths,
    mut each: impl FnMut(&mut NodeIndex, Key<'_>),
) {
    let Some(predicate) = predicates.get(id) else { return };
    let Some(node) = paths.get_mut(predicate.node) else { return };
    let index = match predicate.condition {
        Condition::Event(_) => &mut node.event_index,
        Condition::Filter(_) => &mut node.filter_index,
    };
    let index = index.get_or_insert_default();
    for key in keys(&predicate.condition).into_iter().flatten() {
        each(index, key);
    }
}

/// Mostly one.
type Keys<'c> = SmallVec<[Key<'c>; 1]>;

/// The keys under which a condition is filed: if it holds for a value, the value finds one of them. `None` if it can
/// hold without a value.
fn keys(condition: &Condition) -> Option<Keys<'_>> {
    match condition {
        Condition::Filter(test) => filter_key(test).map(|key| smallvec![key]),
        Condition::Event(operators) => {
            let keys: Keys<'_> = operators.iter().map(event_key).collect::<Option<_>>()?;
            if keys.contains(&Key::Present) { Some(smallvec![Key::Present]) } else { Some(keys) }
        }
    }
}

fn event_key(operator: &Operator) -> Option<Key<'_>> {
    Some(match operator {
        Operator::Exact(text) => Key::Text(Table::Exact, text),
        Operator::Address(address) => {
            let (v6, address) = ip::key(*address);
            Key::Block(v6, address, address)
        }
        Operator::Number(text, _) => number_key(text),
        Operator::NumericEquals(value) => Key::Range(ordered(*value), ordered(*value)),
        Operator::Bool(true) => Key::True,
        Operator::Bool(false) => Key::False,
        Operator::Null => Key::Null,
        Operator::Prefix(text) => affix(Table::Prefix, text),
        Operator::PrefixFolded(text) => affix(Table::FoldedPrefix, text),
        Operator::Suffix(text) => affix(Table::Suffix, text),
        Operator::SuffixFolded(text) => affix(Table::FoldedSuffix, text),
        Operator::EqualsFolded(text) => Key::Text(Table::FoldedExact, text),
        Operator::Wildcard(wildcard) => wildcard_key(wildcard),
        Operator::Range(low, high) => Key::Range(
            ordered(low.map_or(f64::NEG_INFINITY, |low| low.value)),
            ordered(high.map_or(f64::INFINITY, |high| high.value)),
        ),
        Operator::Cidr(block) => Key::Block(block.v6, block.first, block.last),
        Operator::Present
        | Operator::NotStrings(_)
        | Operator::NotNumbers(_)
        | Operator::NotPrefixes(_)
        | Operator::NotSuffixes(_)
        | Operator::NotFolded(_)
        | Operator::NotWildcards(_) => Key::Present,
        Operator::Absent => return None,
    })
}

fn filter_key(test: &Test) -> Option<Key<'_>> {
    Some(match test {
        Test::Absent => return None,
        Test::Null => Key::Null,
        Test::Bool(true) => Key::True,
        Test::Bool(false) => Key::False,
        Test::Compare(comparison) => match (&comparison.operator, &comparison.operand) {
            (Comparing::Equal, Operand::Text(wildcard)) => wildcard_key(wildcard),
            (Comparing::NotEqual, _) | (_, Operand::Regex(_) | Operand::Text(_)) => Key::Present,
            // As a number, or as the text of a string: the key stands for both.
            (Comparing::Equal, Operand::Number(_, text)) => Key::NumberOrText(number_bits(text), text),
            (Comparing::Less | Comparing::LessOrEqual, Operand::Number(_, text)) => {
                Key::Range(ordered(f64::NEG_INFINITY), number_bits(text))
            }
            (Comparing::Greater | Comparing::GreaterOrEqual, Operand::Number(_, text)) => {
                Key::Range(number_bits(text), ordered(f64::INFINITY))
            }
        },
    })
}

/// A number rounded: equal numbers round to one, and order is kept.
pub(super) fn number_bits(text: &str) -> u64 {
    ordered(text.parse().unwrap_or(f64::INFINITY))
}

fn number_key(text: &str) -> Key<'_> {
    debug_assert!(Decimal::parse(text).is_some(), "patterns hold numbers");
    Key::Range(number_bits(text), number_bits(text))
}

/// An empty affix is on every string.
fn affix(table: Table, text: &str) -> Key<'_> {
    if text.is_empty() { Key::Present } else { Key::Text(table, text) }
}

/// A wildcard by its longest literal: anchored at one end, or anywhere.
fn wildcard_key(wildcard: &Wildcard) -> Key<'_> {
    if let Some(exact) = wildcard.exact() {
        return Key::Text(Table::Exact, exact);
    }
    let (first, inner, last) = match wildcard.literals() {
        [first, inner @ .., last] => (first, inner, last),
        _ => return Key::Present,
    };
    let longest = inner.iter().max_by_key(|literal| literal.len()).map_or("", String::as_str);
    // An anchored literal is looked up once, an inner one at every place of the value.
    if longest.len() > 2 * first.len().max(last.len()) {
        return Key::Gram(gram(longest.as_bytes()));
    }
    if first.len() >= last.len() { affix(Table::Prefix, first) } else { affix(Table::Suffix, last) }
}

/// The part of a literal, of at most eight bytes, that is likely the rarest.
fn gram(literal: &[u8]) -> &[u8] {
    let size = match literal.len() {
        8.. => 8,
        4..=7 => 4,
        size => size,
    };
    let rarity = |part: &&[u8]| -> u32 {
        part.iter()
            .map(|byte| match byte {
                b'a' | b'e' | b'i' | b'o' | b's' | b't' | b'n' | b'r' | b' ' => 1,
                b'a'..=b'z' => 2,
                b'0'..=b'9' => 4,
                _ => 3,
            })
            .sum()
    };
    literal.windows(size).max_by_key(rarity).unwrap_or(literal)
}
