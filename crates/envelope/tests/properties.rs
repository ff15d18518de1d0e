//! What sealing promises, over arbitrary values.
#![expect(clippy::unwrap_used, reason = "tests")]

use keeptrail_clock::Random;
use keeptrail_envelope::{EnvelopeError, KeyWrap, Keyring, RootKey, Sealed, WrappedKeyring};
use proptest::prelude::*;

fn keyring(seed: u64) -> Keyring {
    let random = Random::seeded(seed);
    Keyring::generate(&random, &RootKey::from_bytes(&[1; 32]).unwrap()).unwrap().0
}

fn seal(aad: &[u8], plaintext: &[u8]) -> Sealed {
    keyring(1).seal(&Random::seeded(2), aad, plaintext).unwrap()
}

proptest! {
    #[test]
    fn a_value_opens_with_its_associated_data_and_no_other(
        plaintext in prop::collection::vec(any::<u8>(), 0..200),
        aad in prop::collection::vec(any::<u8>(), 0..40),
        other in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let sealed = seal(&aad, &plaintext);
        prop_assert_eq!(&*keyring(1).open(&aad, &sealed).unwrap(), &plaintext);
        if other != aad {
            prop_assert!(matches!(keyring(1).open(&other, &sealed), Err(EnvelopeError::Refused)));
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed(plaintext in prop::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = seal(b"a", &plaintext).to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let opened = Sealed::from_bytes(&bytes).and_then(|sealed| keyring(1).open(b"a", &sealed));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn arbitrary_bytes_never_open_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), formed in any::<bool>()) {
        let mut bytes = bytes;
        if formed && bytes.len() > 5 {
            bytes[..5].copy_from_slice(&[1, 0, 0, 0, 1]);
        }
        if let Ok(sealed) = Sealed::from_bytes(&bytes) {
            prop_assert!(keyring(1).open(b"", &sealed).is_err());
            prop_assert_eq!(sealed.to_bytes(), bytes);
        }
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(text in "\\PC{0,120}") {
        let json = serde_json::to_string(&text).unwrap();
        let _ = serde_json::from_str::<Sealed>(&json);
    }
}

#[test]
fn another_keyring_does_not_open_it() {
    let sealed = seal(b"a", b"canary");
    assert!(matches!(keyring(9).open(b"a", &sealed), Err(EnvelopeError::Refused)));
}

#[test]
fn the_text_form_round_trips_and_shows_nothing_of_the_value() {
    let sealed = seal(b"a", b"canary-value");
    let text = serde_json::to_string(&sealed).unwrap();
    assert_eq!(serde_json::from_str::<Sealed>(&text).unwrap(), sealed);
    assert!(!sealed.to_bytes().windows(6).any(|window| window == b"canary"));
    assert!(!format!("{sealed:?}").contains("canary"));
}

#[test]
fn two_seals_of_one_value_share_nothing() {
    let (keyring, random) = (keyring(1), Random::system());
    let one = keyring.seal(&random, b"a", b"value").unwrap().to_bytes();
    let two = keyring.seal(&random, b"a", b"value").unwrap().to_bytes();
    assert!(one[5..].windows(8).all(|window| !two.windows(8).any(|other| other == window)));
}

#[test]
fn a_keyring_comes_back_from_the_store_with_its_root_key_only() {
    let random = Random::system();
    let root = RootKey::from_bytes(&[1; 32]).unwrap();
    let (keyring, wrapped) = Keyring::generate(&random, &root).unwrap();
    let sealed = keyring.seal(&random, b"a", b"value").unwrap();
    let stored = serde_json::to_string(&wrapped).unwrap();
    let wrapped: WrappedKeyring = serde_json::from_str(&stored).unwrap();
    assert_eq!(&*Keyring::unwrap(&wrapped, &root).unwrap().open(b"a", &sealed).unwrap(), b"value");

    let other = RootKey::from_bytes(&[2; 32]).unwrap();
    let Err(error) = Keyring::unwrap(&wrapped, &other) else { panic!("another root key was accepted") };
    let expected = format!("the keyring was wrapped by the root key {}, and this is {}", root.id(), other.id());
    assert_eq!(error.to_string(), expected);

    let renamed = WrappedKeyring { root: other.id().to_owned(), ..wrapped };
    assert!(matches!(Keyring::unwrap(&renamed, &other), Err(EnvelopeError::Refused)));
}

#[test]
fn a_wrapped_key_cannot_stand_for_another_generation() {
    let random = Random::system();
    let root = RootKey::from_bytes(&[1; 32]).unwrap();
    let (_, mut wrapped) = Keyring::generate(&random, &root).unwrap();
    wrapped.keys[0].generation = 2;
    assert!(matches!(Keyring::unwrap(&wrapped, &root), Err(EnvelopeError::Refused)));
    wrapped.keys.clear();
    assert!(matches!(Keyring::unwrap(&wrapped, &root), Err(EnvelopeError::Keyring)));
}

#[test]
fn a_new_root_key_opens_the_old_values() {
    let random = Random::system();
    let (old, new) = (RootKey::from_bytes(&[1; 32]).unwrap(), RootKey::from_bytes(&[2; 32]).unwrap());
    let (keyring, _) = Keyring::generate(&random, &old).unwrap();
    let sealed = keyring.seal(&random, b"a", b"value").unwrap();
    let wrapped = keyring.wrapped_by(&random, &new).unwrap();
    assert_eq!(&*Keyring::unwrap(&wrapped, &new).unwrap().open(b"a", &sealed).unwrap(), b"value");
    assert!(Keyring::unwrap(&wrapped, &old).is_err());
}

#[test]
fn a_new_generation_seals_new_values_and_takes_over_old_ones_without_touching_them() {
    let random = Random::system();
    let first = keyring(1);
    let second = first.next_generation(&random).unwrap();
    let old = first.seal(&random, b"a", b"value").unwrap();
    assert_eq!(&*second.open(b"a", &old).unwrap(), b"value");
    assert_eq!(second.seal(&random, b"a", b"value").unwrap().generation(), 2);

    let moved = second.rewrap(&random, b"a", &old).unwrap().unwrap();
    assert_eq!(moved.generation(), 2);
    assert_eq!(&*second.open(b"a", &moved).unwrap(), b"value");
    assert_eq!(old.to_bytes()[65..], moved.to_bytes()[65..], "the value is not encrypted again");
    assert!(second.rewrap(&random, b"a", &moved).unwrap().is_none());
    assert!(matches!(first.open(b"a", &moved), Err(EnvelopeError::Generation(2))));
    assert!(second.rewrap(&random, b"other", &old).is_err());
}
