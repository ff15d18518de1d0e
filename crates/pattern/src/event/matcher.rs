//! Holding a conjunction of fields against an event.
//!
//! The fields are a trie over the parts of their names, walked together with the event. Where the event has an array of
//! objects, all fields below it must find their values in the same element.

use std::{cell::Cell, sync::Arc};

use crate::document::Node;

use super::{Branch, Operator};

/// Elements that are tried with those of another array at the same place before the search gives up. Only events that write
/// one name both with dots and nested, around arrays, have two there.
const MAX_TRIES: usize = 100_000;

/// One name part and what is wanted there and below. Descendants follow their parent, up to `end`.
#[derive(Clone, Debug)]
struct Place {
    part: String,
    children: Vec<usize>,
    end: usize,
    wanted: Option<Arc<[Operator]>>,
}

/// A conjunction of fields.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    places: Vec<Place>,
    /// Whether a field may be absent from the event.
    absences: bool,
}

/// The rest of a field's name, and its alternatives.
type Named<'b> = (&'b [&'b str], &'b Arc<[Operator]>);

/// A value of the event for a place further down: a member name with a dot skips places.
type Below<'n, N> = Vec<(usize, &'n N)>;

impl Fields {
    pub(super) fn new(branch: &Branch) -> Self {
        let mut fields = Self { places: Vec::new(), absences: false };
        let named: Vec<(Vec<&str>, &Arc<[Operator]>)> =
            branch.iter().map(|(name, operators)| (name.split('.').collect(), operators)).collect();
        let refs: Vec<Named<'_>> = named.iter().map(|(parts, ops)| (parts.as_slice(), *ops)).collect();
        fields.add("", refs);
        fields.absences = branch.values().any(|operators| operators.contains(&Operator::Absent));
        fields
    }

    fn add(&mut self, part: &str, mut below: Vec<Named<'_>>) -> usize {
        let place = self.places.len();
        self.places.push(Place { part: part.to_owned(), children: Vec::new(), end: 0, wanted: None });
        below.sort_by_key(|(parts, _)| *parts);
        let mut wanted = None;
        let mut children = Vec::new();
        let mut groups: Vec<(&str, Vec<Named<'_>>)> = Vec::new();
        for (parts, operators) in below {
            match parts.split_first() {
                None => wanted = Some(Arc::clone(operators)),
                Some((first, rest)) => match groups.last_mut() {
                    Some((part, group)) if part == first => group.push((rest, operators)),
                    _ => groups.push((first, vec![(rest, operators)])),
                },
            }
        }
        for (part, group) in groups {
            children.push(self.add(part, group));
        }
        let end = self.places.len();
        if let Some(own) = self.places.get_mut(place) {
            own.children = children;
            own.end = end;
            own.wanted = wanted;
        }
        place
    }

    /// Whether every field finds a value that passes.
    pub(super) fn match_event<N: Node>(&self, event: &N) -> bool {
        let absent = if self.absences {
            let mut present = vec![false; self.places.len()];
            self.mark_present(0, event, &mut present);
            self.absent(&present)
        } else {
            Vec::new()
        };
        let walk = Walk { fields: self, absent: &absent, tries: Cell::new(MAX_TRIES), together: Cell::new(false) };
        walk.holds(0, &[event], &Vec::new(), false)
    }

    /// For every place whether it may be, and is, without a value.
    fn absent(&self, present: &[bool]) -> Vec<bool> {
        self.places
            .iter()
            .zip(present)
            .map(|(place, present)| {
                !present && place.wanted.as_ref().is_some_and(|wanted| wanted.contains(&Operator::Absent))
            })
            .collect()
    }

    /// Marks the places at which the event has a value, whichever elements of arrays it is in.
    fn mark_present<N: Node>(&self, place: usize, node: &N, present: &mut [bool]) {
        if let Some(elements) = node.elements() {
            for element in elements {
                self.mark_present(place, element, present);
            }
        } else if node.is_object() {
            node.for_each_member(|name, value| {
                if let Some(place) = self.descend(place, name) {
                    self.mark_present(place, value, present);
                }
            });
        } else if let Some(mark) = present.get_mut(place) {
            *mark = true;
        }
    }

    /// The place that a member name leads to.
    fn descend(&self, from: usize, name: &str) -> Option<usize> {
        name.split('.').try_fold(from, |place, part| {
            let children = &self.places.get(place)?.children;
            let found = children
                .binary_search_by(|child| self.places.get(*child).map_or("", |child| child.part.as_str()).cmp(part));
            found.ok().and_then(|at| children.get(at).copied())
        })
    }
}

struct Walk<'f> {
    fields: &'f Fields,
    absent: &'f [bool],
    /// Elements that may still be tried against those of another array.
    tries: Cell<usize>,
    /// Whether elements of one array are being tried with those of another.
    together: Cell<bool>,
}

impl Walk<'_> {
    /// Whether as many elements more may be tried together with those of another array.
    fn may_try(&self, elements: usize) -> bool {
        self.tries.set(self.tries.get().saturating_sub(elements.saturating_add(1)));
        self.tries.get() > 0
    }

    /// Whether all fields at and below a place hold, given the values the event has there (`values`), those it has
    /// further down (`below`), and whether the place's own field is satisfied already.
    fn holds<N: Node>(&self, place: usize, values: &[&N], below: &Below<'_, N>, satisfied: bool) -> bool {
        let Some(own) = self.fields.places.get(place) else { return false };
        let accepts = |value: &N| {
            let wanted = own.wanted.as_deref().unwrap_or_default();
            value.scalar().is_some_and(|value| wanted.iter().any(|operator| operator.accepts(&value)))
        };
        let satisfied = satisfied
            || own.wanted.is_none()
            || self.absent.get(place).copied().unwrap_or(false)
            || values.iter().any(|value| accepts(value));
        if let Some((at, elements)) = values.iter().enumerate().find_map(|(at, value)| Some((at, value.elements()?))) {
            // Where nothing is wanted further down, every value counts, however deep in arrays.
            if own.children.is_empty() {
                return satisfied || values.iter().any(|value| any_scalar(*value, &accepts));
            }
            // Values directly in the array are free; of its objects and arrays one at most may be used. Only a name
            // with dots beside the same name nested gives two arrays at one place: of each, an element may be used.
            let satisfied = satisfied || elements.iter().any(accepts);
            let others: Vec<&N> =
                values.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, value)| *value).collect();
            let several = others.iter().any(|value| value.elements().is_some());
            if (several || self.together.get()) && !self.may_try(elements.len()) {
                return false;
            }
            let together = self.together.replace(self.together.get() || several);
            let found = self.holds(place, &others, below, satisfied)
                || elements.iter().filter(|element| element.scalar().is_none()).any(|element| {
                    let mut values = others.clone();
                    values.push(element);
                    self.holds(place, &values, below, satisfied)
                });
            self.together.set(together);
            return found;
        }
        if !satisfied {
            return false;
        }
        if own.children.is_empty() {
            return true;
        }
        let mut below = below.clone();
        for value in values {
            value.for_each_member(|name, member| {
                if let Some(place) = self.fields.descend(place, name) {
                    below.push((place, member));
                }
            });
        }
        own.children.iter().all(|child| {
            let end = self.fields.places.get(*child).map_or(0, |place| place.end);
            let (mut at, mut deeper) = (Vec::new(), Vec::new());
            for (place, member) in &below {
                if place == child {
                    at.push(*member);
                } else if (*child..end).contains(place) {
                    deeper.push((*place, *member));
                }
            }
            self.holds(*child, &at, &deeper, false)
        })
    }
}

/// Whether a value, or one that it holds in arrays, is accepted.
fn any_scalar<N: Node>(value: &N, accepts: &impl Fn(&N) -> bool) -> bool {
    accepts(value) || value.elements().is_some_and(|elements| elements.iter().any(|value| any_scalar(value, accepts)))
}
