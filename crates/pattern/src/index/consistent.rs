//! Array consistency: fields found only inside arrays of objects must be found in the same elements.

use std::collections::BTreeMap;

use super::captures::Captures;
use super::predicates::Memo;

/// Steps before the search gives up. Only events that write one name both with dots and nested, around arrays, need more
/// than a step for each value.
const MAX_STEPS: usize = 100_000;

/// The arrays a value is in, outermost first, with the elements.
type Chain = Vec<(u32, u32)>;

/// Whether values that satisfy the predicates can be chosen so that their elements agree. Each field comes with the trails
/// of the values that satisfy it, all of them in arrays.
pub(super) fn together(fields: &[(u32, u32)], memo: &Memo, captures: &Captures) -> bool {
    let trails = |(from, to): (u32, u32)| memo.trails(from, to);
    // Mostly all is found in one element, or in it and those around it.
    let in_one = fields.iter().flat_map(|field| trails(*field)).any(|innermost| {
        let around = |trail| captures.around(trail);
        fields.iter().all(|field| around(*innermost).any(|trail| trails(*field).binary_search(&trail).is_ok()))
    });
    if in_one {
        return true;
    }
    // In one array that was all there is to choose from.
    let mut arrays = fields.iter().flat_map(|field| trails(*field)).map(|trail| captures.array(*trail));
    let first = arrays.next();
    if arrays.all(|array| Some(array) == first) {
        return false;
    }
    let chains = |field: &(u32, u32)| trails(*field).iter().map(|trail| captures.chain(*trail)).collect();
    let mut steps = MAX_STEPS;
    agree(fields.iter().map(chains).collect(), &mut steps)
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
    let none = || vec![Vec::new(); fields.len()];
    let mut by_element: BTreeMap<u32, Vec<Vec<Chain>>> = BTreeMap::new();
    let mut elsewhere: Vec<Vec<Chain>> = none();
    for (field, chains) in fields.iter().enumerate() {
        for chain in chains {
            let (within, rest) = match chain.split_first() {
                Some(((other, at), inner)) if *other == array => (by_element.entry(*at).or_insert_with(none), inner),
                _ => (&mut elsewhere, chain.as_slice()),
            };
            within.get_mut(field).into_iter().for_each(|within| within.push(rest.to_vec()));
        }
    }
    let cost = 1 + elsewhere.iter().map(Vec::len).sum::<usize>();
    by_element.into_values().chain([none()]).any(|mut chosen| {
        *steps = steps.saturating_sub(cost);
        if *steps == 0 {
            return false;
        }
        for (chosen, elsewhere) in chosen.iter_mut().zip(&elsewhere) {
            chosen.extend_from_slice(elsewhere);
        }
        chosen.iter().all(|chains| !chains.is_empty()) && agree(chosen, steps)
    })
}
