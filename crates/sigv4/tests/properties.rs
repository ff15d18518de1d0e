//! What holds for every request: any change breaks the signature, and no text makes the reader panic.
#![expect(clippy::unwrap_used, reason = "tests")]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use keeptrail_sigv4::{BodyHash, PayloadHash, RequestParts, Signer, SigningKey, parse, sha256};
use proptest::prelude::*;

#[derive(Debug, Clone)]
struct Request {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    custom: String,
    body: Vec<u8>,
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl Request {
    fn query(&self) -> String {
        let pairs: Vec<String> = self.query.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        pairs.join("&")
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost:7420"));
        headers.insert("x-amz-custom", HeaderValue::from_str(&self.custom).unwrap());
        headers
    }

    /// Whether a signature made for `signed` holds for this request.
    fn holds(&self, signed: &Request, service: &'static str) -> bool {
        let at: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        let signer = Signer { access_key_id: "AKID", secret: b"secret", session_token: None, region: "r", service };
        let (original, query) = (signed.headers(), signed.query());
        let parts = RequestParts {
            method: &signed.method,
            path: &signed.path,
            query: &query,
            headers: &original,
            authority: None,
        };
        let added = signer.sign(&parts, BodyHash::Of(sha256(&signed.body)), at).unwrap();
        let (mut headers, query) = (self.headers(), self.query());
        for (name, value) in added {
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        let parts =
            RequestParts { method: &self.method, path: &self.path, query: &query, headers: &headers, authority: None };
        let presented = parse(&parts).unwrap().unwrap();
        let key = SigningKey::derive(b"secret", presented.day(), presented.region(), presented.service());
        presented.verify(&key, service, &parts, PayloadHash::Of(sha256(&self.body)), at).is_ok()
    }
}

/// Requests without what is allowed to vary: dot segments, double slashes, the order of pairs, blanks around a header.
fn request() -> impl Strategy<Value = Request> {
    let path = proptest::collection::vec("[a-z0-9%]{1,6}", 1..4).prop_map(|parts| format!("/{}", parts.join("/")));
    let query = proptest::collection::btree_map("[^X]{1,4}", ".{0,4}", 0..3).prop_map(|map| map.into_iter().collect());
    ("[A-Z]{3,7}", path, query, "[a-z]{1,8}", any::<Vec<u8>>())
        .prop_map(|(method, path, query, custom, body)| Request { method, path, query, custom, body })
}

fn service() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("secretsmanager"), Just("s3")]
}

proptest! {
    #[test]
    fn any_single_change_breaks_the_signature(signed in request(), other in request(), service in service()) {
        prop_assert!(signed.holds(&signed, service));
        let original = signed.clone();
        let changed = [
            Request { method: other.method, ..original.clone() },
            Request { path: other.path, ..original.clone() },
            Request { query: other.query, ..original.clone() },
            Request { custom: other.custom, ..original.clone() },
            Request { body: other.body, ..original.clone() },
        ];
        for change in changed {
            let decoded = |path: &str| percent_encoding::percent_decode_str(path).collect::<Vec<u8>>();
            // S3 signs the decoded key, so another spelling of the same key is the same request.
            let same_path = if service == "s3" {
                decoded(&change.path) == decoded(&signed.path)
            } else {
                change.path == signed.path
            };
            let same = change.method == signed.method
                && same_path
                && change.query == signed.query
                && change.custom == signed.custom
                && change.body == signed.body;
            prop_assert_eq!(change.holds(&signed, service), same, "{:?}", change);
        }
    }

    #[test]
    fn the_order_of_pairs_and_blanks_around_a_header_do_not_matter(signed in request(), service in service()) {
        let mut same = signed.clone();
        same.query.reverse();
        same.custom = format!("  {} ", signed.custom);
        prop_assert!(same.holds(&signed, service));
    }

    #[test]
    fn no_header_or_query_makes_the_reader_panic(
        authorization in any::<Vec<u8>>(),
        date in "\\PC*",
        query in "\\PC*",
        path in "\\PC*",
        prefix in prop_oneof![Just(""), Just("AWS4-HMAC-SHA256 "), Just("AWS4-HMAC-SHA256 Credential=a/20260304/r/s/aws4_request,")],
    ) {
        let mut headers = HeaderMap::new();
        let value = [prefix.as_bytes(), &authorization].concat();
        for (name, value) in [("authorization", value), ("x-amz-date", date.into_bytes())] {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        let parts = RequestParts { method: "GET", path: &path, query: &query, headers: &headers, authority: None };
        let _ = parse(&parts);
        headers.remove("authorization");
        let query = format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260304T050607Z&X-Amz-Credential={query}");
        let parts = RequestParts { method: "GET", path: &path, query: &query, headers: &headers, authority: None };
        let _ = parse(&parts);
    }

    #[test]
    fn what_is_well_formed_and_forged_never_verifies(
        signature in "[0-9a-f]{64}",
        path in "\\PC*",
        query in "[^X]*",
        custom in any::<Vec<u8>>(),
        service in service(),
    ) {
        let mut headers = HeaderMap::new();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=A/20260304/r/{service}/aws4_request, \
             SignedHeaders=host;my-custom;x-amz-content-sha256;x-amz-date, Signature={signature}"
        );
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        headers.insert("host", HeaderValue::from_static("h"));
        headers.insert("x-amz-date", HeaderValue::from_static("20260304T050607Z"));
        headers.insert("x-amz-content-sha256", HeaderValue::from_str(&hex::encode(sha256(b""))).unwrap());
        if let Ok(custom) = HeaderValue::from_bytes(&custom) {
            headers.insert("my-custom", custom);
        }
        let parts = RequestParts { method: "GET", path: &path, query: &query, headers: &headers, authority: None };
        let presented = parse(&parts).unwrap().unwrap();
        let key = SigningKey::derive(b"secret", "20260304", "r", service);
        let now = "2026-03-04T05:06:07Z".parse().unwrap();
        prop_assert!(presented.verify(&key, service, &parts, PayloadHash::Of(sha256(b"")), now).is_err());
    }
}
