//! Ranges of numbers: which hold a given one, at a cost that follows the answer.

use std::collections::BTreeSet;

use super::Map;
use super::entries::EntryId;
use super::tables::Sizes;

/// Ranges over numbers that order like the floating-point numbers they stand for.
///
/// Each range is filed in the smallest dyadic block that holds it. All ranges of a block hold its middle, so those that
/// hold a number below the middle are the ones that begin at or below it, and likewise above: the blocks around a
/// number, one of each size, give exactly the ranges around it.
#[derive(Debug, Default)]
pub(super) struct Intervals {
    blocks: Map<(u8, u64), Block>,
    /// The sizes of the blocks, as powers of two.
    sizes: Sizes,
}

#[derive(Debug, Default)]
struct Block {
    by_first: BTreeSet<(u64, EntryId)>,
    by_last: BTreeSet<(u64, EntryId)>,
}

/// A number with the order of floating-point numbers.
pub(super) fn ordered(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn block_of(first: u64, last: u64) -> (u8, u64) {
    let size = 64 - (first ^ last).leading_zeros();
    (u8::try_from(size).unwrap_or(64), first.checked_shr(size).unwrap_or(0))
}

impl Intervals {
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Files an entry under the numbers from `first` to `last`, both included.
    pub(super) fn insert(&mut self, first: u64, last: u64, entry: EntryId) {
        let key = block_of(first, last);
        let block = self.blocks.entry(key).or_insert_with(|| {
            self.sizes.add(usize::from(key.0));
            Block::default()
        });
        block.by_first.insert((first, entry));
        block.by_last.insert((last, entry));
    }

    /// Takes an entry from under a range.
    pub(super) fn remove(&mut self, first: u64, last: u64, entry: EntryId) {
        let key = block_of(first, last);
        let Some(block) = self.blocks.get_mut(&key) else { return };
        block.by_first.remove(&(first, entry));
        block.by_last.remove(&(last, entry));
        if block.by_first.is_empty() {
            self.blocks.remove(&key);
            self.sizes.remove(usize::from(key.0));
        }
    }

    /// How many entries share the block of a range.
    pub(super) fn load(&self, first: u64, last: u64) -> usize {
        self.blocks.get(&block_of(first, last)).map_or(0, |block| block.by_first.len())
    }

    /// The entries whose range holds a number.
    pub(super) fn query(&self, value: u64, found: &mut impl FnMut(EntryId)) {
        for size in self.sizes.iter() {
            let size = u8::try_from(size).unwrap_or(64);
            let prefix = value.checked_shr(u32::from(size)).unwrap_or(0);
            let Some(block) = self.blocks.get(&(size, prefix)) else { continue };
            let above = size == 0 || value >> (size - 1) & 1 == 1;
            if above {
                block.by_last.range((value, 0)..).for_each(|(_, entry)| found(*entry));
            } else {
                block.by_first.range(..=(value, EntryId::MAX)).for_each(|(_, entry)| found(*entry));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_exactly_the_ranges_that_hold_the_number(
            ranges in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..40),
            gone in proptest::collection::vec(any::<bool>(), 40),
            value in any::<u16>(),
        ) {
            let mut intervals = Intervals::default();
            let number = |value: u16| ordered(f64::from(value) - 30_000.0);
            let mut expected = Vec::new();
            for ((a, b), entry) in ranges.iter().zip(0..) {
                intervals.insert(number(*a.min(b)), number(*a.max(b)), entry);
            }
            for (((a, b), entry), gone) in ranges.iter().zip(0..).zip(&gone) {
                let (low, high) = (*a.min(b), *a.max(b));
                if *gone {
                    intervals.remove(number(low), number(high), entry);
                } else if (low..=high).contains(&value) {
                    expected.push(entry);
                }
            }
            let mut found = Vec::new();
            intervals.query(number(value), &mut |entry| found.push(entry));
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn numbers_keep_their_order(left in proptest::num::f64::NORMAL, right in proptest::num::f64::NORMAL) {
            prop_assert_eq!(left.partial_cmp(&right).unwrap(), ordered(left).cmp(&ordered(right)));
        }
    }
}
