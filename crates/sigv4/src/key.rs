//! The signing key.

use aws_lc_rs::hmac;
use zeroize::{Zeroize, Zeroizing};

/// The key that signs one day's requests of one access key to one service in one region. Worth caching: deriving it takes four
/// HMACs. Its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Derives the key from an access key's secret; `day` is `YYYYMMDD` of the credential scope.
    pub fn derive(secret: &[u8], day: &str, region: &str, service: &str) -> Self {
        let mut seed = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        seed.extend_from_slice(b"AWS4");
        seed.extend_from_slice(secret);
        let mut key = hmac::Key::new(hmac::HMAC_SHA256, &seed);
        let mut step = [0; 32];
        for part in [day, region, service, "aws4_request"] {
            sign_into(&key, part.as_bytes(), &mut step);
            key = hmac::Key::new(hmac::HMAC_SHA256, &step);
        }
        step.zeroize();
        Self(key)
    }

    /// The signature of a string to sign.
    pub(crate) fn sign(&self, string_to_sign: &[u8]) -> [u8; 32] {
        let mut signature = [0; 32];
        sign_into(&self.0, string_to_sign, &mut signature);
        signature
    }
}

fn sign_into(key: &hmac::Key, data: &[u8], out: &mut [u8; 32]) {
    // It fails only for a buffer shorter than the tag; the zeros then left would match no signature of a client.
    let _ = hmac::sign_to_buffer(key, data, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's documentation, "Deriving a signing key".
    #[test]
    fn the_documented_key_is_derived() {
        let key = SigningKey::derive(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam");
        let known = hex::decode("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9").unwrap();
        let same = SigningKey(hmac::Key::new(hmac::HMAC_SHA256, &known));
        assert_eq!(key.sign(b"text"), same.sign(b"text"));
    }
}
