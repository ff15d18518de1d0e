//! Reading an event: what no pattern names is passed over.

use crate::decimal::Decimal;
use crate::document::{Document, MAX_DEPTH, Node as _, Scalar};

use super::captures::{Captures, Kind, NONE, Named, Seen};
use super::marks::Marks;
use super::paths::{Names, NodeId, Paths, ROOT, tag as tag_of};

/// Captures the named values of an event. False if it is visibly not JSON, or nests too deeply where patterns look.
pub(super) fn scan(event: &str, paths: &Paths, marks: &mut Marks, captures: &mut Captures) -> bool {
    if u32::try_from(event.len()).is_err() {
        return false;
    }
    marks.begin();
    let bytes = event.as_bytes();
    if paths.are_few() {
        return Scanner::<true> { event, bytes, paths, marks, captures, tried: false, ended: false }.scan();
    }
    marks.read_all(bytes);
    Scanner::<false> { event, bytes, paths, marks, captures, tried: false, ended: false }.scan()
}

/// Fewer bytes are sooner read than searched.
const WORTH_A_LOOK: usize = 96;

/// Where in the trie a value is: for event patterns, and for filter patterns.
struct Place {
    event: Option<NodeId>,
    filter: Option<NodeId>,
    trail: u32,
}

/// A member of an object: where its name is, and where its value begins.
struct Member {
    start: usize,
    end: usize,
    escaped: bool,
    value: usize,
}

/// What comes next in an object.
enum Next {
    Member(Member),
    /// Its end, after the brace.
    End(usize),
}

/// `ENDS` early when it can, and so reads no further than it must.
struct Scanner<'s, const ENDS: bool> {
    event: &'s str,
    bytes: &'s [u8],
    paths: &'s Paths,
    marks: &'s mut Marks,
    captures: &'s mut Captures,
    /// Whether it was looked if the rest can be left unread; once is enough.
    tried: bool,
    /// Whether it is.
    ended: bool,
}

/// A high bit in some byte of `word` that is a dot, if there is one.
const fn dots(word: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zeros = word ^ (LOW * b'.' as u64);
    zeros.wrapping_sub(LOW) & !zeros & HIGH
}

/// Whether a byte may stand in a number or a word.
#[inline]
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.') || byte.is_ascii_alphabetic()
}

/// Each step takes the place where it starts and gives the one after it; `None` where the text is no JSON.
impl<const ENDS: bool> Scanner<'_, ENDS> {
    fn scan(mut self) -> bool {
        let start = self.solid(0);
        if self.byte(start) == Some(b'{') {
            self.captures.set_object();
        }
        let root = Place { event: Some(ROOT), filter: Some(ROOT), trail: NONE };
        let end = self.value(start, &root, 0);
        self.ended || end.is_some_and(|end| self.solid(end) == self.bytes.len())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The first place that is no white space.
    fn solid(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(at) {
            at += 1;
        }
        at
    }

    fn word(&self, at: usize) -> Option<u64> {
        self.bytes.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
    }

    /// The tag of the name between two places, and whether there is a dot in it.
    fn tag(&self, start: usize, end: usize) -> (u64, bool) {
        let mut at = start;
        let (mut tag, mut dotted) = (0, false);
        while at < end {
            let left = end - at;
            let word = match self.word(at) {
                Some(word) if left >= 8 => word,
                Some(word) => word & !(u64::MAX << (8 * left)),
                None => tag_of(self.bytes.get(at..end).unwrap_or_default()),
            };
            if at == start {
                tag = word;
            }
            dotted |= dots(word) != 0;
            at += 8;
        }
        (tag, dotted)
    }

    /// A value that no pattern names.
    #[inline]
    fn skip(&mut self, at: usize) -> Option<usize> {
        match self.byte(at)? {
            b'"' => Some(self.marks.quote::<ENDS>(self.bytes, at + 1)? + 1),
            b'{' | b'[' => self.marks.container_end::<ENDS>(self.bytes, at + 1),
            _ => self.plain(at),
        }
    }

    /// A number or a word.
    fn plain(&self, start: usize) -> Option<usize> {
        let length = self.bytes.get(start..)?.iter().take_while(|byte| is_plain(**byte)).count();
        (length > 0).then_some(start + length)
    }

    fn value(&mut self, at: usize, place: &Place, depth: usize) -> Option<usize> {
        match self.byte(at)? {
            b'"' => {
                let (start, end) = (at + 1, self.marks.quote::<ENDS>(self.bytes, at + 1)?);
                let kind = if self.marks.has_escape(start, end) { Kind::Escaped } else { Kind::String };
                self.capture(place, kind, (start, end));
                Some(end + 1)
            }
            b'{' => self.object(at, place, depth),
            b'[' => self.array(at, place, depth),
            first => {
                let end = self.plain(at)?;
                let kind = match first {
                    b't' => Kind::True,
                    b'f' => Kind::False,
                    b'n' => Kind::Null,
                    b'-' | b'0'..=b'9' => Kind::Number,
                    _ => return None,
                };
                self.capture(place, kind, (at, end));
                Some(end)
            }
        }
    }

    fn capture(&mut self, place: &Place, kind: Kind, span: (usize, usize)) {
        let trail = place.trail;
        if place.event == place.filter {
            if let Some(node) = place.event {
                self.capture_at(Seen { node, for_events: true, for_filters: true, trail }, kind, span);
            }
            return;
        }
        if let Some(node) = place.event {
            self.capture_at(Seen { node, for_events: true, for_filters: false, trail }, kind, span);
        }
        if let Some(node) = place.filter {
            self.capture_at(Seen { node, for_events: false, for_filters: true, trail }, kind, span);
        }
    }

    fn capture_at(&mut self, at: Seen, kind: Kind, span: (usize, usize)) {
        let Some(node) = self.paths.get(at.node) else { return };
        if node.targets > 0 {
            let number = match kind {
                Kind::Number if node.numeric > 0 => self.event.get(span.0..span.1).and_then(Decimal::comparable),
                _ => None,
            };
            self.captures.add(at, kind, span, number.unwrap_or(f64::NAN));
        }
    }

    /// Filters can ask whether an array or object is there.
    fn capture_container(&mut self, at: usize, place: &Place) {
        if let Some(node) = place.filter {
            let seen = Seen { node, for_events: false, for_filters: true, trail: place.trail };
            self.capture_at(seen, Kind::Container, (at, at));
        }
    }

    fn object(&mut self, at: usize, place: &Place, depth: usize) -> Option<usize> {
        self.capture_container(at, place);
        let paths = self.paths;
        let names = |node: Option<NodeId>| node.and_then(|node| paths.get(node)).map(|node| node.names);
        let names = names(place.event).unwrap_or_default().or(names(place.filter).unwrap_or_default());
        if names.is_empty() {
            return self.marks.container_end::<ENDS>(self.bytes, at + 1);
        }
        if depth >= MAX_DEPTH {
            return None;
        }
        let mark = self.captures.members.len();
        let mut at = self.solid(at + 1);
        if self.byte(at)? == b'}' {
            return Some(at + 1);
        }
        loop {
            let Member { start, end, escaped, value } = match self.next_named(at, names)? {
                Next::Member(member) => member,
                Next::End(end) => {
                    self.captures.members.truncate(mark);
                    return Some(end);
                }
            };
            at = match self.member(place, start, end, escaped)? {
                Some(inner) => {
                    let from = self.captures.mark();
                    let after = self.value(value, &inner, depth + 1)?;
                    self.supersede(mark, Named { start, end, escaped, from, to: self.captures.mark() });
                    if self.ended || self.may_end(after, place) {
                        // The members of this object are none of the object that it is in.
                        self.captures.members.truncate(mark);
                        return Some(after);
                    }
                    after
                }
                None => self.skip(value)?,
            };
            at = self.solid(at);
            match self.byte(at)? {
                b',' => at = self.solid(at + 1),
                b'}' => {
                    self.captures.members.truncate(mark);
                    return Some(at + 1);
                }
                _ => return None,
            }
        }
    }

    /// The next member of an object that may be named, from where a member begins on; those before it are passed over.
    ///
    /// What stands between strings are no quotation marks, so that each that is expected is the next one.
    fn next_named(&mut self, mut at: usize, names: Names) -> Option<Next> {
        let bytes = self.bytes;
        let mut quotes = self.marks.quotes::<ENDS>(bytes, at)?;
        loop {
            if self.byte(at)? != b'"' {
                return None;
            }
            self.marks.next::<ENDS>(bytes, &mut quotes)?;
            let (start, end) = (at + 1, self.marks.next::<ENDS>(bytes, &mut quotes)?);
            let value = self.value_of(end + 1)?;
            let escaped = self.marks.has_escape(start, end);
            if escaped || names.may_hold(self.byte(start)?, end - start) {
                return Some(Next::Member(Member { start, end, escaped, value }));
            }
            at = match self.byte(value)? {
                b'"' => {
                    self.marks.next::<ENDS>(bytes, &mut quotes)?;
                    self.marks.next::<ENDS>(bytes, &mut quotes)? + 1
                }
                b'{' | b'[' => {
                    let end = self.marks.container_end::<ENDS>(bytes, value + 1)?;
                    quotes = self.marks.quotes::<ENDS>(bytes, end)?;
                    end
                }
                _ => self.plain(value)?,
            };
            at = self.solid(at);
            match self.byte(at)? {
                b',' => at = self.solid(at + 1),
                b'}' => return Some(Next::End(at + 1)),
                _ => return None,
            }
        }
    }

    /// Whether the rest of the event can be left unread: every path was seen, and none of the names that could matter
    /// to the open objects occurs again.
    fn may_end(&mut self, at: usize, place: &Place) -> bool {
        if !ENDS || self.tried || self.captures.places() != self.paths.wanted() || place.event != place.filter {
            return false;
        }
        let (Some(node), Some(rest)) = (place.event, self.bytes.get(at..)) else { return false };
        if rest.len() < WORTH_A_LOOK {
            return false;
        }
        self.tried = true;
        self.ended = rest.trim_ascii_end().last() == Some(&b'}')
            && self.paths.none_occurs(node, rest)
            && memchr::memchr(b'\\', rest).is_none();
        self.ended
    }

    /// From after a member's name to its value.
    #[inline]
    fn value_of(&self, mut at: usize) -> Option<usize> {
        if self.byte(at)? != b':' {
            at = self.solid(at);
            if self.byte(at)? != b':' {
                return None;
            }
        }
        Some(self.solid(at + 1))
    }

    /// Where the member with the name between two places leads: perhaps nowhere.
    fn member(&self, place: &Place, start: usize, end: usize, escaped: bool) -> Option<Option<Place>> {
        if escaped {
            let name = Document::parse(self.event.get(start - 1..=end)?).ok()?;
            let Some(Scalar::String(name)) = name.root.scalar() else { return None };
            return Some(self.named(place, name.as_bytes(), tag_of(name.as_bytes()), name.contains('.')));
        }
        let (tag, dotted) = self.tag(start, end);
        Some(self.named(place, self.bytes.get(start..end)?, tag, dotted))
    }

    fn named(&self, place: &Place, name: &[u8], tag: u64, dotted: bool) -> Option<Place> {
        let child = |node: NodeId| self.paths.child(node, name, tag);
        let filter = place.filter.and_then(child);
        let event = match place.event {
            None => None,
            Some(node) if dotted => self.paths.descend(node, name),
            Some(_) if place.event == place.filter => filter,
            Some(node) => child(node),
        };
        (event.is_some() || filter.is_some()).then_some(Place { event, filter, trail: place.trail })
    }

    /// Notes a member of the object whose members begin at `mark`. Of two with one name the last counts: what the first
    /// gave is taken back.
    fn supersede(&mut self, mark: usize, member: Named) {
        let earlier = self.captures.members.iter().skip(mark).position(|other| self.have_one_name(other, &member));
        match earlier.and_then(|at| self.captures.members.get_mut(mark + at)) {
            Some(earlier) => {
                let gone = std::mem::replace(earlier, member);
                self.captures.hide(&gone);
            }
            None => self.captures.members.push(member),
        }
    }

    fn have_one_name(&self, left: &Named, right: &Named) -> bool {
        if left.escaped || right.escaped {
            let name = |member: &Named| Document::parse(self.event.get(member.start - 1..=member.end)?).ok();
            return name(left) == name(right);
        }
        let length = right.end - right.start;
        left.end - left.start == length
            && self.byte(left.start) == self.byte(right.start)
            && self.bytes.get(left.start..left.end) == self.bytes.get(right.start..right.end)
    }

    fn array(&mut self, at: usize, place: &Place, depth: usize) -> Option<usize> {
        self.capture_container(at, place);
        let named = place.event.and_then(|node| self.paths.get(node));
        let (into_elements, into_objects) =
            named.map_or((false, false), |node| (node.targets > 0, !node.names.is_empty()));
        let filter = place.filter.and_then(|node| self.paths.get(node)).filter(|node| node.has_elements());
        if !into_elements && !into_objects && filter.is_none() {
            return self.marks.container_end::<ENDS>(self.bytes, at + 1);
        }
        if depth >= MAX_DEPTH {
            return None;
        }
        let array = self.captures.new_array();
        let mut index = 0;
        let mut at = self.solid(at + 1);
        if self.byte(at)? == b']' {
            return Some(at + 1);
        }
        loop {
            let element = filter.and_then(|node| node.element(index));
            let first = self.byte(at)?;
            at = if (into_elements || into_objects) && matches!(first, b'{' | b'[') {
                let trail = self.captures.new_trail(place.trail, array, index);
                self.value(at, &Place { event: place.event, filter: element, trail }, depth + 1)?
            } else if into_elements || element.is_some() {
                self.value(at, &Place { event: place.event, filter: element, trail: place.trail }, depth + 1)?
            } else {
                self.skip(at)?
            };
            index += 1;
            at = self.solid(at);
            match self.byte(at)? {
                b',' => at = self.solid(at + 1),
                b']' => return Some(at + 1),
                _ => return None,
            }
        }
    }
}
