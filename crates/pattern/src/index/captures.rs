//! The values of one event that patterns name.

use crate::document::{Document, Node as _, Scalar};

use super::paths::NodeId;

/// What kind of value was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    /// A string with escapes in it.
    Escaped,
    Number,
    True,
    False,
    Null,
    /// An array or object: only its existence is known.
    Container,
}

/// A value at a place of the trie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capture {
    pub(super) node: NodeId,
    pub(super) kind: Kind,
    /// Whether event patterns see it.
    pub(super) for_events: bool,
    /// Whether filter patterns see it.
    pub(super) for_filters: bool,
    start: u32,
    end: u32,
    /// The number, if numbers are compared at the place and this is a comparable one; else NaN.
    pub(super) number: f64,
    /// The element of an array it is in, as a place in `trails`.
    trail: u32,
    next: u32,
}

/// Where a value is seen, by whom, and in which element of an array.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) node: NodeId,
    pub(super) for_events: bool,
    pub(super) for_filters: bool,
    pub(super) trail: u32,
}

/// An element of an array of objects, within another or within none.
#[derive(Clone, Copy, Debug)]
struct Trail {
    outer: u32,
    array: u32,
    index: u32,
}

/// A member, among those of the objects that are being read, that led somewhere: the place of its name in the event, and
/// of what it gave among the captures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Nothing: the end of a list, a value in no array.
pub(super) const NONE: u32 = u32::MAX;

/// The captures of one event, listed by place.
#[derive(Debug, Default)]
pub(super) struct Captures {
    captures: Vec<Capture>,
    /// The last capture at each place, if it is stamped with this event.
    heads: Vec<(u32, u32)>,
    trails: Vec<Trail>,
    /// Those of the outer objects first.
    pub(super) members: Vec<Named>,
    arrays: u32,
    /// How many places have captures.
    places: usize,
    stamp: u32,
    object: bool,
}

impl Captures {
    /// Forgets the event before.
    pub(super) fn begin(&mut self, places: usize) {
        self.captures.clear();
        self.trails.clear();
        self.members.clear();
        self.arrays = 0;
        self.places = 0;
        self.object = false;
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.heads.clear();
            self.stamp = 1;
        }
        if self.heads.len() < places {
            self.heads.resize(places, (0, NONE));
        }
    }

    /// Notes that the event is an object.
    pub(super) fn set_object(&mut self) {
        self.object = true;
    }

    /// Whether the event is an object.
    pub(super) fn is_object(&self) -> bool {
        self.object
    }

    /// A number for an array.
    pub(super) fn new_array(&mut self) -> u32 {
        self.arrays += 1;
        self.arrays
    }

    /// The trail of an element of an array that is itself on a trail.
    pub(super) fn new_trail(&mut self, outer: u32, array: u32, index: usize) -> u32 {
        self.trails.push(Trail { outer, array, index: u32::try_from(index).unwrap_or(NONE) });
        u32::try_from(self.trails.len() - 1).unwrap_or(NONE)
    }

    /// How many places have captures so far.
    pub(super) fn places(&self) -> usize {
        self.places
    }

    /// How many captures there are so far.
    pub(super) fn mark(&self) -> usize {
        self.captures.len()
    }

    /// Adds a value by the bytes it has in the event, for strings those between the quotation marks.
    pub(super) fn add(&mut self, at: Seen, kind: Kind, span: (usize, usize), number: f64) {
        let Seen { node, for_events, for_filters, trail } = at;
        let Some(head) = self.heads.get_mut(node as usize) else { return };
        let next = if head.0 == self.stamp { head.1 } else { NONE };
        self.places += usize::from(next == NONE);
        let place = u32::try_from(self.captures.len()).unwrap_or(NONE);
        *head = (self.stamp, place);
        // The scanner refuses events whose length does not fit.
        let (start, end) = (u32::try_from(span.0).unwrap_or(0), u32::try_from(span.1).unwrap_or(0));
        self.captures.push(Capture { node, kind, for_events, for_filters, start, end, number, trail, next });
    }

    /// Takes back what a member of an object gave.
    pub(super) fn hide(&mut self, member: &Named) {
        for capture in self.captures.get_mut(member.from..member.to).unwrap_or_default() {
            capture.for_events = false;
            capture.for_filters = false;
        }
    }

    /// All captures.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Capture> {
        self.captures.iter()
    }

    /// The captures at a place.
    pub(super) fn at(&self, node: NodeId) -> impl Iterator<Item = &Capture> {
        let head = self.heads.get(node as usize).filter(|(stamp, _)| *stamp == self.stamp);
        let mut next = head.map_or(NONE, |(_, place)| *place);
        std::iter::from_fn(move || {
            let capture = self.captures.get(next as usize)?;
            next = capture.next;
            Some(capture)
        })
    }

    /// The innermost array of a trail.
    pub(super) fn array(&self, trail: u32) -> Option<u32> {
        self.trails.get(trail as usize).map(|trail| trail.array)
    }

    /// A trail and those around it, from the inside out.
    pub(super) fn around(&self, trail: u32) -> impl Iterator<Item = u32> {
        let outer =
            |trail: &u32| self.trails.get(*trail as usize).map(|trail| trail.outer).filter(|outer| *outer != NONE);
        std::iter::successors(Some(trail), outer)
    }

    /// The arrays of a trail, outermost first, each with the number of its element.
    pub(super) fn chain(&self, trail: u32) -> Vec<(u32, u32)> {
        let mut chain = Vec::new();
        let mut at = trail;
        while let Some(trail) = self.trails.get(at as usize) {
            chain.push((trail.array, trail.index));
            at = trail.outer;
        }
        chain.reverse();
        chain
    }
}

impl Capture {
    /// Whether the value is in an array of objects.
    pub(super) fn is_in_array(&self) -> bool {
        self.trail != NONE
    }

    /// The element it is in.
    pub(super) fn trail(&self) -> u32 {
        self.trail
    }

    /// The bytes of the value in the event.
    pub(super) fn raw<'e>(&self, event: &'e str) -> &'e str {
        event.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Lets `with` look at the value; `None` for arrays and objects.
    pub(super) fn with_scalar<R>(&self, event: &str, with: impl FnOnce(Option<&Scalar<'_>>) -> R) -> R {
        let raw = self.raw(event);
        match self.kind {
            Kind::String => with(Some(&Scalar::String(raw))),
            Kind::Number => with(Some(&Scalar::Number(raw.into()))),
            Kind::True => with(Some(&Scalar::Bool(true))),
            Kind::False => with(Some(&Scalar::Bool(false))),
            Kind::Null => with(Some(&Scalar::Null)),
            Kind::Container => with(None),
            Kind::Escaped => {
                let quoted = event.get((self.start as usize).saturating_sub(1)..=self.end as usize);
                match quoted.and_then(|quoted| Document::parse(quoted).ok()) {
                    Some(document) => with(document.root.scalar().as_ref()),
                    None => with(None),
                }
            }
        }
    }
}
