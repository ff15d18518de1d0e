//! Any bytes as the chunked body of a request whose head is signed: it decodes alike however it is cut into pieces, to no
//! more than was announced.

#![no_main]

use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use keeptrail_sigv4::{BodyHash, ChunkDecoder, ChunkForm, PayloadHash, RequestParts, Signer, SigningKey, parse};
use libfuzzer_sys::fuzz_target;

const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn decoder(form: ChunkForm, length: u64) -> Option<ChunkDecoder> {
    let now = Timestamp::from_second(1_440_938_160).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("localhost"));
    let parts = RequestParts { method: "PUT", path: "/bucket/key", query: "", headers: &headers, authority: None };
    let signer =
        Signer { access_key_id: "AKID", secret: SECRET, session_token: None, region: "us-east-1", service: "s3" };
    let added = signer.sign(&parts, BodyHash::Chunked(form), now).ok()?;
    let mut signed = headers.clone();
    for (name, value) in &added {
        signed.insert(*name, HeaderValue::from_str(value).ok()?);
    }
    let parts = RequestParts { headers: &signed, ..parts };
    let key = SigningKey::derive(SECRET, "20150830", "us-east-1", "s3");
    let presented = parse(&parts).ok()??;
    presented.verify(&key, "s3", &parts, PayloadHash::Deferred, now).ok()?.chunks(&key, length)
}

type Outcome = (Vec<u8>, Option<Vec<(String, String)>>);

fn decode(form: ChunkForm, length: u64, pieces: &[&[u8]]) -> Option<Outcome> {
    let mut decoder = decoder(form, length)?;
    let mut out = Vec::new();
    for piece in pieces {
        if decoder.feed(piece, &mut out).is_err() {
            return Some((out, None));
        }
    }
    Some((out, decoder.finish().ok()))
}

fuzz_target!(|input: (u8, u8, u8, &[u8])| {
    let (form, length, cut, body) = input;
    let form = [ChunkForm::Signed, ChunkForm::SignedTrailer, ChunkForm::UnsignedTrailer][usize::from(form) % 3];
    let (front, back) = body.split_at(usize::from(cut).min(body.len()));
    let (Some(whole), Some(cut)) = (decode(form, length.into(), &[body]), decode(form, length.into(), &[front, back]))
    else {
        panic!("the head is signed, and its body is chunked");
    };
    assert_eq!(whole.1, cut.1);
    assert!(whole.0.len() <= usize::from(length));
    if whole.1.is_some() {
        assert_eq!(whole.0, cut.0);
        assert_eq!(whole.0.len(), usize::from(length));
    }
});
