//! Lists of keys.

use std::collections::BTreeSet;

use keeptrail_clock::Timestamp;
use keeptrail_store::{Sqlite, Store};
use proptest::prelude::*;

use super::support::World;
use crate::{
    listing::{Query, list},
    model::{Headers, OBJECTS, Object},
};

async fn filled() -> World {
    let world = World::with_bucket().await;
    for key in ["a", "b/1", "b/2", "b/c/3", "d%20e%26", "z"] {
        assert_eq!(world.send("PUT", &format!("/b1b/{key}"), &[], "x").await.status, 200);
    }
    world
}

#[tokio::test]
async fn keys_are_listed_in_their_order_and_rolled_up() {
    let world = filled().await;
    insta::assert_snapshot!("version_1", world.send("GET", "/b1b?delimiter=/&encoding-type=url", &[], "").await.text());
    insta::assert_snapshot!(
        "version_2",
        world.send("GET", "/b1b?list-type=2&prefix=b/&delimiter=/", &[], "").await.text()
    );
    let plain = world.send("GET", "/b1b?list-type=2", &[], "").await;
    assert_eq!(plain.elements("Key"), ["a", "b/1", "b/2", "b/c/3", "d e&amp;", "z"]);
}

#[tokio::test]
async fn a_bucket_without_versioning_shows_each_object_as_one_version_and_is_emptied_by_them() {
    let world = filled().await;
    let (mut keys, mut markers) = (Vec::new(), String::new());
    loop {
        let page = world.send("GET", &format!("/b1b?versions&max-keys=4{markers}"), &[], "").await;
        assert!(page.elements("VersionId").iter().all(|id| id == "null"));
        assert!(page.elements("IsLatest").iter().all(|latest| latest == "true"));
        keys.extend(page.elements("Key"));
        let Some(next) = page.element("NextKeyMarker") else { break };
        markers = format!("&key-marker={next}&version-id-marker={}", page.element("NextVersionIdMarker").unwrap());
    }
    assert_eq!(keys, ["a", "b/1", "b/2", "b/c/3", "d e&amp;", "z"]);
    let rolled = world.send("GET", "/b1b?versions&delimiter=/&prefix=b/", &[], "").await;
    assert_eq!((rolled.elements("Key").len(), rolled.elements("CommonPrefixes").len()), (2, 1));
    assert_eq!(world.send("GET", "/b1b?versions&version-id-marker=null", &[], "").await.status, 400);
    assert_eq!(world.send("DELETE", "/b1b/a?versionId=null", &[], "").await.status, 204);
    assert_eq!(world.send("DELETE", "/b1b/z?versionId=other", &[], "").await.status, 400);
}

#[tokio::test]
async fn pages_follow_each_other_in_both_versions() {
    let world = filled().await;
    let (mut keys, mut token) = (Vec::new(), String::new());
    loop {
        let page = world.send("GET", &format!("/b1b?list-type=2&max-keys=2&delimiter=/{token}"), &[], "").await;
        keys.extend(page.elements("Key"));
        keys.extend(page.elements("CommonPrefixes").into_iter().filter(|one| one.contains("Prefix")));
        match page.element("NextContinuationToken") {
            Some(next) => token = format!("&continuation-token={next}"),
            None => break,
        }
    }
    assert_eq!(keys, ["a", "<Prefix>b/</Prefix>", "d e&amp;", "z"]);
    let (mut keys, mut marker) = (Vec::new(), String::new());
    loop {
        let page = world.send("GET", &format!("/b1b?max-keys=2&marker={marker}"), &[], "").await;
        keys.extend(page.elements("Key"));
        if page.element("IsTruncated").as_deref() != Some("true") {
            break;
        }
        marker = keys.last().unwrap().replace(' ', "%20");
    }
    assert_eq!(keys, ["a", "b/1", "b/2", "b/c/3", "d e&amp;", "z"]);
    let after = world.send("GET", "/b1b?list-type=2&start-after=b/2", &[], "").await;
    assert_eq!(after.elements("Key"), ["b/c/3", "d e&amp;", "z"]);
}

#[tokio::test]
async fn a_wrong_limit_encoding_or_token_is_refused() {
    let world = filled().await;
    for query in ["max-keys=-1", "list-type=2&continuation-token=%21", "encoding-type=base64"] {
        assert_eq!(world.send("GET", &format!("/b1b?{query}"), &[], "").await.code(), "400 InvalidArgument", "{query}");
    }
    let none = world.send("GET", "/b1b?list-type=2&max-keys=0", &[], "").await;
    assert_eq!((none.elements("Key").len(), none.element("IsTruncated").as_deref()), (0, Some("false")));
}

/// What S3's documentation says a list holds, made from all keys in memory.
fn expected(keys: &BTreeSet<String>, query: &Query<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for key in keys.iter().filter(|key| key.starts_with(query.prefix)) {
        let rest = key.strip_prefix(query.prefix).unwrap();
        let item = match query.delimiter.and_then(|delimiter| rest.find(delimiter).map(|at| at + delimiter.len())) {
            Some(end) => key.chars().collect::<String>().split_at(query.prefix.len() + end).0.to_owned(),
            None => key.clone(),
        };
        if query.after.is_none_or(|after| item.as_str() > after) && found.last() != Some(&item) {
            found.push(item);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_list_is_what_the_documentation_says_page_by_page(
        keys in proptest::collection::btree_set("[ab/\u{0}ÿ]{1,4}", 0..12),
        prefix in "[ab/]{0,2}",
        delimiter in proptest::option::of("[/a]"),
        limit in 1_usize..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::new(Sqlite::open(&dir.path().join("store.db")).unwrap(), 1 << 20);
            let tx = store.begin(Timestamp::UNIX_EPOCH);
            for key in &keys {
                let object = Object {
                    pieces: Vec::new(), size: 0, etag: String::new(), modified: Timestamp::UNIX_EPOCH.into(),
                    headers: Headers::default(), checksums: Default::default(),
                };
                OBJECTS.put(&tx, &["bucket", key], &object).unwrap();
                OBJECTS.put(&tx, &["bucket2", key], &object).unwrap();
            }
            store.commit(tx).await.unwrap();
            let delimiter = delimiter.as_deref();
            let wanted = expected(&keys, &Query { bucket: "bucket", prefix: &prefix, delimiter, after: None, limit });
            let mut found = Vec::new();
            let mut after: Option<String> = None;
            loop {
                let query = Query { bucket: "bucket", prefix: &prefix, delimiter, after: after.as_deref(), limit };
                let page = list(&store.begin(Timestamp::UNIX_EPOCH), &query).await.unwrap();
                let mut items: Vec<String> = page.objects.into_iter().map(|(key, _)| key).chain(page.prefixes).collect();
                items.sort();
                assert!(items.len() <= limit);
                found.extend(items);
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            assert_eq!(found, wanted);
        });
    }
}
