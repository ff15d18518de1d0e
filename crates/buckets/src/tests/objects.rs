//! Objects: put, read, copied, removed.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use keeptrail_testkit::{root, user};

use super::support::World;
use crate::model::Bucket;

#[tokio::test]
async fn an_object_comes_back_with_what_was_said_about_it() {
    let world = World::with_bucket().await;
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-signature", "abc"),
        ("x-amz-acl", "bucket-owner-full-control"),
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
    ];
    let put = world.send("PUT", "/b1b/a/b.json", &headers, "hello").await;
    assert_eq!((put.status, put.header("etag")), (200, Some("\"5d41402abc4b2a76b9719d911017c592\"")));
    for method in ["GET", "HEAD"] {
        let read = world.send(method, "/b1b/a/b.json", &[], "").await;
        assert_eq!(read.status, 200);
        for (name, value) in [
            ("content-type", "application/json"),
            ("content-encoding", "gzip"),
            ("cache-control", "no-cache"),
            ("x-amz-meta-signature", "abc"),
            ("content-length", "5"),
            ("etag", "\"5d41402abc4b2a76b9719d911017c592\""),
            ("last-modified", "Sun, 01 Mar 2026 12:00:00 GMT"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(read.header(name), Some(value), "{method} {name}");
        }
        assert!(read.header("x-amz-request-id").is_some());
        if method == "GET" {
            assert_eq!(read.text(), "hello");
        }
    }
    assert_eq!(world.send("DELETE", "/b1b/a/b.json", &[], "").await.status, 204);
    assert_eq!(world.send("DELETE", "/b1b/a/b.json", &[], "").await.status, 204);
    insta::assert_snapshot!(world.send("GET", "/b1b/a/b.json", &[], "").await.text());
}

#[tokio::test]
async fn ranges_are_read_as_http_has_them() {
    let world = World::with_bucket().await;
    world.send("PUT", "/b1b/k", &[], "0123456789").await;
    for (range, status, body, content_range) in [
        ("bytes=2-4", 206, "234", Some("bytes 2-4/10")),
        ("bytes=7-", 206, "789", Some("bytes 7-9/10")),
        ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
        ("bytes=5-100", 206, "56789", Some("bytes 5-9/10")),
    ] {
        let read = world.send("GET", "/b1b/k", &[("range", range)], "").await;
        assert_eq!((read.status, read.text().as_str(), read.header("content-range")), (status, body, content_range));
    }
    assert_eq!(world.send("GET", "/b1b/k", &[("range", "bytes=10-")], "").await.code(), "416 InvalidRange");
}

#[tokio::test]
async fn conditions_decide_whether_something_is_read_or_written() {
    let world = World::with_bucket().await;
    world.send("PUT", "/b1b/k", &[("if-none-match", "*")], "hello").await;
    assert_eq!(world.send("PUT", "/b1b/k", &[("if-none-match", "*")], "again").await.code(), "412 PreconditionFailed");
    let (tag, other) = ("\"5d41402abc4b2a76b9719d911017c592\"", "\"00000000000000000000000000000000\"");
    for (name, value, status) in [
        ("if-none-match", tag, 304),
        ("if-none-match", other, 200),
        ("if-match", tag, 200),
        ("if-match", other, 412),
        ("if-modified-since", "Sun, 01 Mar 2026 12:00:00 GMT", 304),
        ("if-modified-since", "Sun, 01 Mar 2026 11:59:59 GMT", 200),
        ("if-unmodified-since", "Sun, 01 Mar 2026 11:59:59 GMT", 412),
    ] {
        assert_eq!(world.send("GET", "/b1b/k", &[(name, value)], "").await.status, status, "{name} {value}");
    }
    assert_eq!(world.send("PUT", "/b1b/k", &[("if-match", other)], "x").await.status, 412);
    assert_eq!(world.send("PUT", "/b1b/k", &[("if-match", tag)], "x").await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_what_was_announced_is_not_stored() {
    let world = World::with_bucket().await;
    for (name, value) in [
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("content-md5", "nonsense"),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ] {
        assert_eq!(world.send("PUT", "/b1b/k", &[(name, value)], "hello").await.code(), "400 BadDigest", "{name}");
    }
    let broken = stream::iter([Ok(Frame::data(Bytes::from_static(b"hel"))), Err(std::io::Error::other("it broke"))]);
    let reply = world.send_body(root(), "PUT", "/b1b/k", &[("content-length", "5")], StreamBody::new(broken)).await;
    assert_eq!(reply.code(), "400 IncompleteBody");
    assert_eq!(world.send("HEAD", "/b1b/k", &[], "").await.status, 404);
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[tokio::test]
async fn checksums_are_kept_and_given_when_asked_for() {
    let world = World::with_bucket().await;
    let put = world.send("PUT", "/b1b/k", &[("x-amz-checksum-crc32", "y/Q5Jg==")], "123456789").await;
    assert_eq!((put.status, put.header("x-amz-checksum-crc32")), (200, Some("y/Q5Jg==")), "{}", put.text());
    assert_eq!(world.send("GET", "/b1b/k", &[], "").await.header("x-amz-checksum-crc32"), None);
    let asked = ("x-amz-checksum-mode", "ENABLED");
    assert_eq!(world.send("GET", "/b1b/k", &[asked], "").await.header("x-amz-checksum-crc32"), Some("y/Q5Jg=="));
    let part = world.send("GET", "/b1b/k", &[asked, ("range", "bytes=0-3")], "").await;
    assert_eq!(part.header("x-amz-checksum-crc32"), None);
}

#[tokio::test]
async fn a_checksum_in_the_trailer_is_checked() {
    let world = World::with_bucket().await;
    let announced = vec![("x-amz-sdk-checksum-algorithm", "CRC32"), ("content-length", "9")];
    let unannounced = vec![("content-length", "9")];
    for (headers, sum, status) in [
        (&announced, "y/Q5Jg==", 200),
        (&announced, "AAAAAA==", 400),
        (&unannounced, "y/Q5Jg==", 200),
        (&unannounced, "AAAAAA==", 400),
    ] {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-amz-checksum-crc32", sum.parse().unwrap());
        let frames = [Frame::data(Bytes::from_static(b"123456789")), Frame::trailers(trailers)];
        let body = StreamBody::new(stream::iter(frames.map(Ok::<_, std::io::Error>)));
        let reply = world.send_body(root(), "PUT", "/b1b/k", headers, body).await;
        assert_eq!(reply.status, status, "{}", reply.text());
    }
}

#[tokio::test]
async fn a_body_is_received_once_even_when_the_call_runs_again() {
    let world = World::with_bucket().await;
    let ledger = world.rig.ledger.clone();
    let interrupted = stream::unfold(0, move |step| {
        let ledger = ledger.clone();
        async move {
            match step {
                0 => Some((Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"hel"))), 1)),
                1 => {
                    // Somebody changes the bucket while the body is on its way.
                    let tx = ledger.begin();
                    let bucket = Bucket::find(&tx, "b1b").await.unwrap().unwrap();
                    Bucket::clone(&bucket).save(&tx, "b1b").unwrap();
                    ledger.commit(tx).await.unwrap();
                    Some((Ok(Frame::data(Bytes::from_static(b"lo"))), 2))
                }
                _ => None,
            }
        }
    });
    let body = StreamBody::new(Box::pin(interrupted));
    let reply = world.send_body(root(), "PUT", "/b1b/k", &[("content-length", "5")], body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(world.send("GET", "/b1b/k", &[], "").await.text(), "hello");
    assert_eq!(world.files().len(), 1);
    let puts = world.rig.records().await.into_iter().filter(|record| record["eventName"] == "PutObject").count();
    assert_eq!(puts, 1);
}

#[tokio::test]
async fn a_denied_upload_is_not_even_received() {
    let world = World::with_bucket().await;
    let nobody =
        user("nobody", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#);
    let touched = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = Arc::clone(&touched);
    let body = StreamBody::new(Box::pin(stream::once(async move {
        seen.store(true, std::sync::atomic::Ordering::SeqCst);
        Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"x")))
    })));
    assert_eq!(world.send_body(nobody, "PUT", "/b1b/k", &[("content-length", "1")], body).await.status, 403);
    assert!(!touched.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn no_key_becomes_a_path() {
    let world = World::with_bucket().await;
    let before = std::fs::read_dir(world.dir.path()).unwrap().count();
    for key in ["..%2F..%2F..%2Fescaped", "%2Fetc%2Fpasswd", "a/../../b", "con%00trol", "%F0%9F%94%91", "a//b", "."] {
        let uri = format!("/b1b/{key}");
        assert_eq!(world.send("PUT", &uri, &[], key).await.status, 200, "{key}");
        assert_eq!(world.send("GET", &uri, &[], "").await.text(), key, "{key}");
    }
    assert_eq!(std::fs::read_dir(world.dir.path()).unwrap().count(), before);
    let names = world.files();
    assert!(names.iter().all(|path| path.file_name().unwrap().len() == 32), "{names:?}");
}

#[tokio::test]
async fn a_copy_is_an_object_of_its_own() {
    let world = World::with_bucket().await;
    world.send("PUT", "/b1b/from", &[("content-type", "text/csv"), ("x-amz-meta-a", "1")], "hello").await;
    let copied = world.send("PUT", "/b1b/to", &[("x-amz-copy-source", "/b1b/from")], "").await;
    assert_eq!(copied.status, 200);
    assert!(copied.text().contains("5d41402abc4b2a76b9719d911017c592"), "{}", copied.text());
    world.send("DELETE", "/b1b/from", &[], "").await;
    let read = world.send("GET", "/b1b/to", &[], "").await;
    assert_eq!(
        (read.text().as_str(), read.header("content-type"), read.header("x-amz-meta-a")),
        ("hello", Some("text/csv"), Some("1"))
    );
    let itself = [("x-amz-copy-source", "/b1b/to")];
    assert_eq!(world.send("PUT", "/b1b/to", &itself, "").await.code(), "400 InvalidRequest");
    let replaced =
        [("x-amz-copy-source", "/b1b/to"), ("x-amz-metadata-directive", "REPLACE"), ("content-type", "text/html")];
    assert_eq!(world.send("PUT", "/b1b/to", &replaced, "").await.status, 200);
    let read = world.send("GET", "/b1b/to", &[], "").await;
    assert_eq!((read.header("content-type"), read.header("x-amz-meta-a")), (Some("text/html"), None));
    assert_eq!(world.send("PUT", "/b1b/x", &[("x-amz-copy-source", "/b1b/gone")], "").await.code(), "404 NoSuchKey");
}

#[tokio::test]
async fn many_objects_are_removed_at_once_as_far_as_the_caller_may() {
    let world = World::with_bucket().await;
    for key in ["mine/1", "mine/2", "theirs/1"] {
        world.send("PUT", &format!("/b1b/{key}"), &[], "x").await;
    }
    let ada = user(
        "ada",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b1b/mine/*"}]}"#,
    );
    let body = "<Delete><Object><Key>mine/1</Key></Object><Object><Key>theirs/1</Key></Object><Object><Key>mine/missing</Key></Object></Delete>";
    let reply = world.send_as(ada, "POST", "/b1b?delete", &[], body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    insta::assert_snapshot!(reply.text());
    assert_eq!(world.send("HEAD", "/b1b/mine/1", &[], "").await.status, 404);
    assert_eq!(world.send("HEAD", "/b1b/theirs/1", &[], "").await.status, 200);
    let many: String = (0..1001).map(|number| format!("<Object><Key>{number}</Key></Object>")).collect();
    let reply = world.send("POST", "/b1b?delete", &[], &format!("<Delete>{many}</Delete>")).await;
    assert_eq!(reply.code(), "400 MalformedXML");
}

#[tokio::test]
async fn an_expected_owner_is_checked() {
    let world = World::with_bucket().await;
    let owner = |account: &'static str| [("x-amz-expected-bucket-owner", account)];
    assert_eq!(world.send("PUT", "/b1b/k", &owner("999999999999"), "x").await.code(), "403 AccessDenied");
    assert_eq!(world.send("PUT", "/b1b/k", &owner("123456789012"), "x").await.status, 200);
}
