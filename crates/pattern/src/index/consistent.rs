//! Array consistency: fields found only inside arrays of objects must be found in the same elements.

use super::captures::Capture;
use super::predicates::{Condition, PredicateId, Subject};

/// Steps before the search gives up. Only events that write one name both with dots and nested, around arrays, need more
/// than a step for each value.
const MAX_STEPS: usize = 100_000;

/// The arrays a value is in, outermost first, with the elements.
type Chain = Vec<(u32, u32)>;

/// Whether the predicates hold with values whose elements agree.
pub(super) fn together(predicates: &[PredicateId], subject: &Subject<'_>) -> bool {
    let fields: Vec<Vec<Chain>> = predicates.iter().filter_map(|id| chains(*id, subject)).collect();
    let mut steps = MAX_STEPS;
    agree(fields, &mut steps)
}

/// The chains of the values that satisfy a predicate; `None` if a value outside of arrays does, or no value need be.
fn chains(id: PredicateId, subject: &Subject<'_>) -> Option<Vec<Chain>> {
    let predicate = subject.predicates.get(id)?;
    let Condition::Event(operators) = &predicate.condition else { return None };
    let passing: Vec<&Capture> = subject
        .captures
        .at(predicate.node)
        .filter(|capture| capture.for_events && subject.passes(capture, operators))
        .collect();
    if passing.is_empty() || passing.iter().any(|capture| !capture.is_in_array()) {
        return None;
    }
    Some(passing.into_iter().map(|capture| subject.captures.chain(capture)).collect())
}

/// Whether one chain can be chosen for each field so that no array is in two elements at once.
fn agree(mut fields: Vec<Vec<Chain>>, steps: &mut usize) -> bool {
    fields.retain(|chains| !chains.iter().any(Vec::is_empty));
    let Some(array) = fields.iter().flatten().find_map(|chain| chain.first().map(|(array, _)| *array)) else {
        return fields.is_empty();
    };
    // Fields that do not touch the array, nor share another with one that does, are a matter of their own.
    let mut arrays = vec![array];
    let mut concerned = vec![false; fields.len()];
    loop {
        let before = arrays.len();
        for (chains, concerned) in fields.iter().zip(&mut concerned) {
            let outer = || chains.iter().filter_map(|chain| chain.first().map(|(array, _)| *array));
            if outer().any(|array| arrays.contains(&array)) {
                *concerned = true;
                for array in outer() {
                    if !arrays.contains(&array) {
                        arrays.push(array);
                    }
                }
            }
        }
        if arrays.len() == before {
            break;
        }
    }
    let mut marks = concerned.iter();
    let (group, rest): (Vec<_>, Vec<_>) = fields.into_iter().partition(|_| marks.next().copied().unwrap_or(false));
    agree_on(&group, array, steps) && agree(rest, steps)
}

/// Tries each element of an array, and doing without it.
fn agree_on(fields: &[Vec<Chain>], array: u32, steps: &mut usize) -> bool {
    let mut elements: Vec<Option<u32>> = fields
        .iter()
        .flatten()
        .filter_map(|chain| chain.first().filter(|(other, _)| *other == array).map(|(_, element)| Some(*element)))
        .collect();
    elements.sort_unstable();
    elements.dedup();
    elements.push(None);
    elements.into_iter().any(|element| {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return false;
        }
        let restricted: Vec<Vec<Chain>> = fields
            .iter()
            .map(|chains| {
                chains
                    .iter()
                    .filter_map(|chain| match chain.split_first() {
                        Some(((other, at), inner)) if *other == array => (Some(*at) == element).then(|| inner.to_vec()),
                        _ => Some(chain.clone()),
                    })
                    .collect()
            })
            .collect();
        restricted.iter().all(|chains: &Vec<Chain>| !chains.is_empty()) && agree(restricted, steps)
    })
}
