//! Associated data of several parts.

/// Associated data that no other sequence of parts gives: each part is preceded by its length, so `("a", "bc")` is not
/// `("ab", "c")`.
#[must_use]
pub fn associated_data<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    let mut data = Vec::with_capacity(parts.iter().map(|part| part.as_ref().len() + 8).sum());
    for part in parts {
        let part = part.as_ref();
        data.extend((part.len() as u64).to_be_bytes());
        data.extend(part);
    }
    data
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_boundary_between_parts_is_part_of_the_data() {
        assert_ne!(associated_data(&["a", "bc"]), associated_data(&["ab", "c"]));
        assert_ne!(associated_data(&["a"]), associated_data(&["a", ""]));
        assert_ne!(associated_data(&[""; 0]), associated_data(&[""]));
    }

    proptest! {
        #[test]
        fn different_parts_give_different_data(
            a in prop::collection::vec(prop::collection::vec(0_u8..3, 0..4), 0..4),
            b in prop::collection::vec(prop::collection::vec(0_u8..3, 0..4), 0..4),
        ) {
            prop_assert_eq!(a == b, associated_data(&a) == associated_data(&b));
        }
    }
}
