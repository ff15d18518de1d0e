//! Random passwords.

use keeptrail_clock::{NoRandomness, Random};
use zeroize::Zeroizing;

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// What a password may hold.
pub(crate) struct Rules {
    pub(crate) length: usize,
    pub(crate) exclude: String,
    pub(crate) upper: bool,
    pub(crate) lower: bool,
    pub(crate) digits: bool,
    pub(crate) punctuation: bool,
    pub(crate) space: bool,
    pub(crate) each: bool,
}

/// Why no password fits the rules.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Impossible {
    /// Shorter than the number of character types that must each be there.
    TooShort,
    /// All characters are excluded.
    NothingLeft,
    /// The random generator failed.
    Random(NoRandomness),
}

/// Draws a password. With `each`, one character of every included type is drawn first and put at a random place.
pub(crate) fn draw(rules: &Rules, random: &Random) -> Result<Zeroizing<String>, Impossible> {
    let included = [
        (rules.upper, UPPER),
        (rules.lower, LOWER),
        (rules.digits, DIGITS),
        (rules.punctuation, PUNCTUATION),
        (rules.space, " "),
    ];
    let types: Vec<Vec<u8>> = included
        .iter()
        .filter(|(included, _)| *included)
        .map(|(_, letters)| letters.bytes().filter(|byte| !rules.exclude.as_bytes().contains(byte)).collect::<Vec<_>>())
        .filter(|letters| !letters.is_empty())
        .collect();
    let all = types.concat();
    if all.is_empty() {
        return Err(Impossible::NothingLeft);
    }
    if rules.each && rules.length < types.len() {
        return Err(Impossible::TooShort);
    }
    let mut password = Zeroizing::new(Vec::with_capacity(rules.length));
    if rules.each {
        for letters in &types {
            password.push(one(letters, random)?);
        }
    }
    while password.len() < rules.length {
        password.push(one(&all, random)?);
    }
    shuffle(&mut password, random)?;
    Ok(Zeroizing::new(password.iter().map(|byte| char::from(*byte)).collect()))
}

fn one(letters: &[u8], random: &Random) -> Result<u8, Impossible> {
    let index = random.below(u32::try_from(letters.len()).unwrap_or(u32::MAX)).map_err(Impossible::Random)?;
    letters.get(index as usize).copied().ok_or(Impossible::NothingLeft)
}

/// Fisher-Yates.
fn shuffle(letters: &mut [u8], random: &Random) -> Result<(), Impossible> {
    for last in (1..letters.len()).rev() {
        let bound = u32::try_from(last + 1).unwrap_or(u32::MAX);
        let other = random.below(bound).map_err(Impossible::Random)? as usize;
        letters.swap(last, other);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_password_has_its_length_every_type_and_no_excluded_character(length in 5_usize..100, exclude in "[a-y0-8]{0,10}", seed in any::<u64>()) {
            let rules = Rules { length, exclude: exclude.clone(), upper: true, lower: true, digits: true, punctuation: true, space: true, each: true };
            let password = draw(&rules, &Random::seeded(seed)).unwrap();
            prop_assert_eq!(password.len(), length);
            prop_assert!(!password.chars().any(|character| exclude.contains(character)));
            for letters in [UPPER, LOWER, DIGITS, PUNCTUATION, " "] {
                prop_assert!(password.chars().any(|character| letters.contains(character)));
            }
        }
    }

    #[test]
    fn impossible_rules_are_refused() {
        let rules = Rules {
            length: 2,
            exclude: String::new(),
            upper: true,
            lower: true,
            digits: true,
            punctuation: false,
            space: false,
            each: true,
        };
        assert_eq!(draw(&rules, &Random::seeded(1)).err(), Some(Impossible::TooShort));
        let none = Rules { upper: false, lower: false, digits: false, ..rules };
        assert_eq!(draw(&none, &Random::seeded(1)).err(), Some(Impossible::NothingLeft));
    }
}
