//! Texts from outside, cut to the lengths that CloudTrail allows.

/// `text` cut to at most `limit` bytes at a character boundary, with `...` as its last three bytes when it was cut.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut cut = String::with_capacity(limit);
    for character in text.chars() {
        if cut.len() + character.len_utf8() + 3 > limit {
            break;
        }
        cut.push(character);
    }
    cut.push_str("...");
    cut
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cut_text_fits_and_begins_as_the_whole_did(text in "\\PC{0,40}", limit in 3_usize..40) {
            let short = cut(&text, limit);
            prop_assert!(short.len() <= limit.max(text.len().min(limit)));
            let begins = text.starts_with(short.trim_end_matches('.'));
            prop_assert!(begins);
        }
    }
}
