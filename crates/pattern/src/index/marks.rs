//! Where the strings and brackets of a JSON text are, found 64 bytes at a time, so that whole values are passed over by
//! bits. (The first stage of simdjson: Langdale and Lemire, "Parsing Gigabytes of JSON per
//! Second", 2019.)

use wide::u8x64;

/// A bit for each of 64 bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// Quotation marks that open or close a string.
    quotes: u64,
    /// Backslashes.
    escapes: u64,
    /// `{` and `[` outside of strings.
    opens: u64,
    /// `}` and `]` outside of strings.
    closes: u64,
}

/// The marks of one text: of all of it, or `LAZILY` as far as it was asked about.
#[derive(Debug, Default)]
pub(super) struct Marks {
    blocks: Vec<Block>,
    carry: Carry,
    has_escapes: bool,
}

/// The quotation marks that are left, from first to last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quotes {
    /// The block of the next one, or one before it.
    block: usize,
    left: u64,
}

/// What one block leaves to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// All ones inside of a string.
    in_string: u64,
    /// One if the first byte is escaped.
    escaped: u64,
}

const EVEN: u64 = 0x5555_5555_5555_5555;

/// For each bit, the parity of all bits up to it.
const fn parity(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ (bits << 32)
}

/// The bytes after an odd number of backslashes.
fn escaped(backslashes: u64, carry: &mut u64) -> u64 {
    let backslashes = backslashes & !*carry;
    let follows = backslashes << 1 | *carry;
    // Sequences that start on an odd place: adding carries through them, and flips where they end.
    let odd_starts = backslashes & !EVEN & !follows;
    let (even_sequences, overflow) = odd_starts.overflowing_add(backslashes);
    *carry = u64::from(overflow);
    (EVEN ^ (even_sequences << 1)) & follows
}

fn block(bytes: [u8; 64], carry: &mut Carry) -> Block {
    let bytes = u8x64::new(bytes);
    let are = |byte: u8| bytes.simd_eq(u8x64::splat(byte)).to_bitmask();
    // Few blocks have any.
    let backslashes = bytes.simd_eq(u8x64::splat(b'\\'));
    let escapes = if backslashes.any() { backslashes.to_bitmask() } else { 0 };
    let mut quotes = are(b'"');
    if escapes | carry.escaped != 0 {
        quotes &= !escaped(escapes, &mut carry.escaped);
    }
    let in_string = parity(quotes) ^ carry.in_string;
    carry.in_string = 0u64.wrapping_sub(in_string >> 63);
    // Brackets and braces differ in one bit.
    let folded = bytes | u8x64::splat(0x20);
    let are = |byte: u8| folded.simd_eq(u8x64::splat(byte)).to_bitmask();
    Block { quotes, escapes, opens: are(b'{') & !in_string, closes: are(b'}') & !in_string }
}

impl Marks {
    /// Begins another text.
    pub(super) fn begin(&mut self) {
        self.blocks.clear();
        self.carry = Carry::default();
        self.has_escapes = false;
    }

    /// Reads all of a text.
    pub(super) fn read_all(&mut self, text: &[u8]) {
        self.read(text, text.len() / 64);
    }

    #[inline]
    fn at<const LAZILY: bool>(&mut self, text: &[u8], place: usize) -> Option<&Block> {
        if LAZILY && self.blocks.len() <= place {
            self.read(text, place);
        }
        self.blocks.get(place)
    }

    /// Reads on to a block, and a little further.
    #[inline(never)]
    fn read(&mut self, text: &[u8], place: usize) {
        const AT_ONCE: usize = 4;
        let chunks = text.get(self.blocks.len() * 64..).unwrap_or_default().chunks(64);
        let mut carry = self.carry;
        let mut escapes = 0;
        let wanted = (place + 1).saturating_sub(self.blocks.len()).max(AT_ONCE);
        self.blocks.extend(chunks.take(wanted).map(|chunk| {
            let block = match chunk.first_chunk::<64>() {
                Some(chunk) => block(*chunk, &mut carry),
                None => {
                    let mut filled = [b' '; 64];
                    filled.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
                    block(filled, &mut carry)
                }
            };
            escapes |= block.escapes;
            block
        }));
        self.carry = carry;
        self.has_escapes |= escapes != 0;
    }

    /// The quotation marks from a place on.
    #[inline]
    pub(super) fn quotes<const LAZILY: bool>(&mut self, text: &[u8], from: usize) -> Option<Quotes> {
        let block = from / 64;
        Some(Quotes { block, left: self.at::<LAZILY>(text, block)?.quotes & (u64::MAX << (from % 64)) })
    }

    /// The next of some quotation marks.
    #[inline]
    pub(super) fn next<const LAZILY: bool>(&mut self, text: &[u8], quotes: &mut Quotes) -> Option<usize> {
        while quotes.left == 0 {
            quotes.block += 1;
            quotes.left = self.at::<LAZILY>(text, quotes.block)?.quotes;
        }
        let at = quotes.block * 64 + quotes.left.trailing_zeros() as usize;
        quotes.left &= quotes.left - 1;
        Some(at)
    }

    /// The first quotation mark from a place on.
    #[inline]
    pub(super) fn quote<const LAZILY: bool>(&mut self, text: &[u8], from: usize) -> Option<usize> {
        let mut quotes = self.quotes::<LAZILY>(text, from)?;
        self.next::<LAZILY>(text, &mut quotes)
    }

    /// Whether there is a backslash from one place to before another, both of which were passed already.
    #[inline]
    pub(super) fn has_escape(&self, from: usize, to: usize) -> bool {
        self.has_escapes && self.has_escape_between(from, to)
    }

    fn has_escape_between(&self, from: usize, to: usize) -> bool {
        (from / 64..=to / 64).any(|at| {
            let mut escapes = self.blocks.get(at).map_or(0, |block| block.escapes);
            if at == from / 64 {
                escapes &= u64::MAX << (from % 64);
            }
            if at == to / 64 {
                escapes &= !(u64::MAX << (to % 64));
            }
            escapes != 0
        })
    }

    /// From after an opening bracket or brace to after the one that closes it. In valid JSON the kinds are balanced, so
    /// they are not told apart.
    pub(super) fn container_end<const LAZILY: bool>(&mut self, text: &[u8], from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut mask = u64::MAX << (from % 64);
        let mut depth = 1;
        loop {
            let Block { opens, closes, .. } = self.at::<LAZILY>(text, at)?;
            let mut left = (opens | closes) & mask;
            while left != 0 {
                let first = left & left.wrapping_neg();
                if closes & first == 0 {
                    depth += 1;
                } else {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at * 64 + first.trailing_zeros() as usize + 1);
                    }
                }
                left ^= first;
            }
            mask = u64::MAX;
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Quotation marks and the ends of containers, byte after byte.
    fn plainly(text: &[u8]) -> (Vec<usize>, Vec<(usize, usize)>) {
        let (mut quotes, mut ends, mut open) = (Vec::new(), Vec::new(), Vec::new());
        let (mut inside, mut escaped) = (false, false);
        for (at, byte) in text.iter().enumerate() {
            let is_escaped = std::mem::take(&mut escaped);
            match byte {
                b'\\' => escaped = !is_escaped,
                b'"' if !is_escaped => {
                    inside = !inside;
                    quotes.push(at);
                }
                b'{' | b'[' if !inside => open.push(at),
                b'}' | b']' if !inside => {
                    if let Some(start) = open.pop() {
                        ends.push((start, at + 1));
                    }
                }
                _ => {}
            }
        }
        (quotes, ends)
    }

    proptest! {
        #[test]
        fn marks_are_those_of_reading_byte_after_byte(text in "([\\[\\]{}\"\\\\ax]|\\\\\\\\|\\\\\"|[ a]{30}){0,30}") {
            let mut marks = Marks::default();
            marks.quote::<true>(b"\"{ something before", 0);
            marks.begin();
            let text = text.as_bytes();
            let (quotes, ends) = plainly(text);
            let found: Vec<usize> = std::iter::successors(marks.quote::<true>(text, 0), |at| marks.quote::<true>(text, at + 1)).collect();
            prop_assert_eq!(found, quotes);
            for (start, end) in ends {
                prop_assert_eq!(marks.container_end::<true>(text, start + 1), Some(end), "{}", start);
            }
            for from in (0..text.len()).step_by(13) {
                let to = (from + from * 7 % 150).min(text.len());
                prop_assert_eq!(marks.has_escape(from, to), text[from..to].contains(&b'\\'));
            }
        }
    }
}
