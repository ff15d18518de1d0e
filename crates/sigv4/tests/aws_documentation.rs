//! Requests and signatures that AWS publishes: the SigV4 test suite, the IAM guide's and S3's examples.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use keeptrail_sigv4::{
    ChunkForm, Kind, Payload, PayloadHash, Presented, RequestParts, SigError, SigningKey, Verified, parse, sha256,
};

const SUITE_SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const S3_SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn headers(given: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn verify(
    presented: &Presented,
    secret: &[u8],
    parts: &RequestParts<'_>,
    body: PayloadHash,
    now: &str,
) -> Result<Verified, SigError> {
    let key = SigningKey::derive(secret, presented.day(), presented.region(), presented.service());
    presented.verify(&key, presented.service(), parts, body, at(now))
}

/// A request of the test suite: AKIDEXAMPLE, us-east-1, `service`, 2015-08-30T12:36:00Z.
fn suite(method: &str, path: &str, query: &str, extra: &[(&str, &str)], signed: &str, body: &[u8], signature: &str) {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, \
         Signature={signature}"
    );
    let mut given = vec![("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
    given.extend_from_slice(extra);
    given.push(("authorization", &authorization));
    let headers = headers(&given);
    let parts = RequestParts { method, path, query, headers: &headers, authority: None };
    let presented = parse(&parts).unwrap().expect("signed");
    verify(&presented, SUITE_SECRET, &parts, PayloadHash::Of(sha256(body)), "2015-08-30T12:36:00Z")
        .unwrap_or_else(|e| panic!("{method} {path}?{query}: {e}"));
}

#[test]
fn the_test_suites_requests_verify() {
    let plain = "host;x-amz-date";
    suite("GET", "/", "", &[], plain, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    suite("POST", "/", "", &[], plain, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    suite(
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        &[],
        plain,
        b"",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    );
    suite(
        "GET",
        "/",
        "",
        &[("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")],
        "host;my-header1;x-amz-date",
        b"",
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
    );
    suite(
        "GET",
        "/",
        "",
        &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "host;my-header1;my-header2;x-amz-date",
        b"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    );
    suite(
        "POST",
        "/",
        "",
        &[("content-type", "application/x-www-form-urlencoded")],
        "content-type;host;x-amz-date",
        b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    );
}

#[test]
fn the_iam_guides_list_users_verifies() {
    let headers = headers(&[
        ("host", "iam.amazonaws.com"),
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("x-amz-date", "20150830T123600Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
    ]);
    let query = "Action=ListUsers&Version=2010-05-08";
    let parts = RequestParts { method: "GET", path: "/", query, headers: &headers, authority: None };
    let presented = parse(&parts).unwrap().unwrap();
    assert_eq!(
        (presented.access_key_id(), presented.day(), presented.region(), presented.service()),
        ("AKIDEXAMPLE", "20150830", "us-east-1", "iam")
    );
    assert_eq!(presented.kind(), Kind::Header);
    verify(&presented, SUITE_SECRET, &parts, PayloadHash::Of(sha256(b"")), "2015-08-30T12:50:59Z").unwrap();
}

/// A request of S3's "Authenticating requests" pages: 2013-05-24T00:00:00Z, us-east-1.
fn s3(method: &str, path: &str, query: &str, given: &[(&str, &str)], signed: &str, signature: &str) -> Verified {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},\
         Signature={signature}"
    );
    let mut given = given.to_vec();
    given.extend([("x-amz-date", "20130524T000000Z"), ("authorization", &authorization)]);
    let headers = headers(&given);
    let parts = RequestParts { method, path, query, headers: &headers, authority: None };
    let presented = parse(&parts).unwrap().unwrap();
    verify(&presented, S3_SECRET, &parts, PayloadHash::Deferred, "2013-05-24T00:00:00Z")
        .unwrap_or_else(|e| panic!("{method} {path}?{query}: {e}"))
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const BUCKET: (&str, &str) = ("host", "examplebucket.s3.amazonaws.com");

#[test]
fn s3s_header_examples_verify() {
    let empty = ("x-amz-content-sha256", EMPTY);
    let verified = s3(
        "GET",
        "/test.txt",
        "",
        &[BUCKET, ("range", "bytes=0-9"), empty],
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    assert_eq!(verified.payload(), Payload::Sha256(sha256(b"")));
    let verified = s3(
        "PUT",
        "/test%24file.text",
        "",
        &[
            BUCKET,
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        ],
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
    assert_eq!(verified.payload(), Payload::Sha256(sha256(b"Welcome to Amazon S3.")));
    let plain = "host;x-amz-content-sha256;x-amz-date";
    s3(
        "GET",
        "/",
        "lifecycle",
        &[BUCKET, empty],
        plain,
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
    s3(
        "GET",
        "/",
        "max-keys=2&prefix=J",
        &[BUCKET, empty],
        plain,
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    );
}

const PRESIGNED: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
    &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

#[test]
fn s3s_presigned_example_verifies_until_it_expires() {
    let headers = headers(&[BUCKET]);
    let parts = RequestParts { method: "GET", path: "/test.txt", query: PRESIGNED, headers: &headers, authority: None };
    let presented = parse(&parts).unwrap().unwrap();
    assert_eq!(presented.kind(), Kind::Presigned { expires: 86_400 });
    let on = |now| verify(&presented, S3_SECRET, &parts, PayloadHash::Deferred, now).map(|v| v.payload());
    assert_eq!(on("2013-05-24T00:00:00Z"), Ok(Payload::Unsigned));
    assert_eq!(on("2013-05-25T00:00:00Z"), Ok(Payload::Unsigned));
    assert_eq!(on("2013-05-25T00:00:01Z"), Err(SigError::PresignedExpired));
    assert_eq!(on("2013-05-23T23:45:00Z"), Ok(Payload::Unsigned));
    assert!(matches!(on("2013-05-23T23:44:59Z"), Err(SigError::NotYetCurrent { .. })));
}

/// A body's bytes and its trailers.
type Decoded = (Vec<u8>, Vec<(String, String)>);

/// Feeds a body in pieces of one size.
fn decode(verified: &Verified, body: &[u8], length: u64, piece: usize) -> Result<Decoded, SigError> {
    let key = SigningKey::derive(S3_SECRET, "20130524", "us-east-1", "s3");
    let mut decoder = verified.chunks(&key, length).expect("chunked");
    let mut out = Vec::new();
    for piece in body.chunks(piece) {
        decoder.feed(piece, &mut out)?;
    }
    Ok((out, decoder.finish()?))
}

fn chunked_body(signatures: [&str; 3], end: &str) -> Vec<u8> {
    let [first, second, last] = signatures;
    let mut body = Vec::new();
    for (size, signature) in [(65_536, first), (1024, second)] {
        body.extend(format!("{size:x};chunk-signature={signature}\r\n").bytes());
        body.extend(std::iter::repeat_n(b'a', size));
        body.extend(b"\r\n");
    }
    body.extend(format!("0;chunk-signature={last}\r\n{end}").bytes());
    body
}

fn chunked_put(form: &str, extra: &[(&str, &str)], signed: &str, signature: &str) -> Verified {
    let mut given = vec![
        ("host", "s3.amazonaws.com"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", form),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
    ];
    given.extend_from_slice(extra);
    s3("PUT", "/examplebucket/chunkObject.txt", "", &given, signed, signature)
}

const CHUNKS: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];

fn chunked_example() -> Verified {
    chunked_put(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        &[("content-length", "66824")],
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
         x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    )
}

#[test]
fn s3s_chunked_example_decodes_however_it_is_cut() {
    let verified = chunked_example();
    assert_eq!(verified.payload(), Payload::Chunked(ChunkForm::Signed));
    let body = chunked_body(CHUNKS, "\r\n");
    assert_eq!(body.len(), 66_824);
    for piece in [1, 7, 1000, body.len()] {
        let (decoded, trailers) = decode(&verified, &body, 66_560, piece).unwrap();
        assert!(decoded.len() == 66_560 && decoded.iter().all(|b| *b == b'a'));
        assert_eq!(trailers, []);
    }
}

#[test]
fn a_changed_chunked_body_is_refused() {
    let verified = chunked_example();
    let whole = chunked_body(CHUNKS, "\r\n");
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut body = whole.clone();
        change(&mut body);
        decode(&verified, &body, 66_560, 4096).map(drop)
    };
    assert_eq!(changed(&|body| body[100] = b'b'), Err(SigError::Mismatch));
    assert_eq!(changed(&|body| body[66_000] = b'b'), Err(SigError::Mismatch));
    assert_eq!(
        changed(&|body| body[30] = if body[30] == b'0' { b'1' } else { b'0' }),
        Err(SigError::Mismatch),
        "a chunk's signature"
    );
    assert_eq!(changed(&|body| body.truncate(66_000)), Err(SigError::IncompleteBody));
    assert_eq!(changed(&|body| body.truncate(66_822)), Err(SigError::IncompleteBody), "the last CRLF");
    assert!(matches!(changed(&|body| body.push(b'x')), Err(SigError::Chunk(_))));
    assert!(matches!(changed(&|body| body[0] = b'g'), Err(SigError::Chunk(_))), "a size that is not hexadecimal");
    assert!(matches!(changed(&|body| body[5] = b' '), Err(SigError::Chunk(_))));
    assert!(matches!(changed(&|body| *body = vec![b'1'; 5000]), Err(SigError::Chunk(_))), "an endless line");
    // Without its second chunk, the last one's signature follows from the wrong one.
    let cut = changed(&|body| drop(body.drain(88 + 65_536 + 2..88 + 65_536 + 2 + 86 + 1024 + 2)));
    assert_eq!(cut, Err(SigError::Mismatch));
}

#[test]
fn a_chunked_body_must_have_its_announced_length() {
    let verified = chunked_example();
    let body = chunked_body(CHUNKS, "\r\n");
    assert_eq!(decode(&verified, &body, 66_559, 4096), Err(SigError::IncompleteBody));
    assert_eq!(decode(&verified, &body, 66_561, 4096), Err(SigError::IncompleteBody));
}

const TRAILER_CHUNKS: [&str; 3] = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
];

#[test]
fn s3s_example_with_a_signed_trailer_decodes() {
    let verified = chunked_put(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        &[("x-amz-trailer", "x-amz-checksum-crc32c")],
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;\
         x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    );
    let signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
    let checksum = vec![("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned())];
    for (end, result) in [
        (format!("x-amz-checksum-crc32c:sOO8/Q==\n\r\nx-amz-trailer-signature:{signature}\r\n\r\n"), Ok(())),
        (format!("x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:{signature}\r\n\r\n"), Ok(())),
        (
            format!("x-amz-checksum-crc32c:sOO8/A==\r\nx-amz-trailer-signature:{signature}\r\n\r\n"),
            Err(SigError::Mismatch),
        ),
        (format!("x-amz-trailer-signature:{signature}\r\n\r\n"), Err(SigError::Mismatch)),
        ("x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n".to_owned(), Err(SigError::IncompleteBody)),
        ("\r\n".to_owned(), Err(SigError::IncompleteBody)),
    ] {
        let body = chunked_body(TRAILER_CHUNKS, &end);
        let expected = result.map(|()| (vec![b'a'; 66_560], checksum.clone()));
        assert_eq!(decode(&verified, &body, 66_560, 997), expected, "{end:?}");
    }
}
