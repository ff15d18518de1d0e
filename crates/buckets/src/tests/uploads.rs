//! Uploads in parts.

use super::support::{Reply, World};

const MIB: usize = 1 << 20;

async fn begin(world: &World) -> String {
    let begun = world.send("POST", "/b1b/big?uploads", &[("content-type", "text/plain")], "").await;
    begun.element("UploadId").unwrap()
}

async fn part(world: &World, upload: &str, number: u32, body: &str) -> Reply {
    world.send("PUT", &format!("/b1b/big?partNumber={number}&uploadId={upload}"), &[], body).await
}

fn list(parts: &[(u32, &Reply)]) -> String {
    let part = |(number, reply): &(u32, &Reply)| {
        let etag = reply.header("etag").unwrap().replace('"', "&quot;");
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    };
    format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.iter().map(part).collect::<String>())
}

#[tokio::test]
async fn parts_become_one_object() {
    let world = World::with_bucket().await;
    let upload = begin(&world).await;
    let first = part(&world, &upload, 1, &"a".repeat(5 * MIB)).await;
    let overwritten = part(&world, &upload, 2, "wrong").await;
    let second = part(&world, &upload, 2, "tail").await;
    part(&world, &upload, 7, "replaced").await;
    assert_eq!(first.status, 200);
    let listed = world.send("GET", &format!("/b1b/big?uploadId={upload}&max-parts=2"), &[], "").await;
    assert_eq!(listed.elements("PartNumber"), ["1", "2"]);
    assert_eq!(
        (listed.element("IsTruncated").as_deref(), listed.element("NextPartNumberMarker").as_deref()),
        (Some("true"), Some("2"))
    );

    let complete = |parts: String| {
        let uri = format!("/b1b/big?uploadId={upload}");
        let world = &world;
        async move { world.send("POST", &uri, &[], &parts).await }
    };
    assert_eq!(complete(list(&[(1, &first), (2, &overwritten)])).await.code(), "400 InvalidPart");
    let seventh = part(&world, &upload, 7, "left out").await;
    assert_eq!(complete(list(&[(2, &second), (7, &seventh)])).await.code(), "400 EntityTooSmall");
    assert_eq!(complete(list(&[(2, &second), (1, &first)])).await.code(), "400 InvalidPartOrder");
    assert_eq!(complete(list(&[(1, &first), (1, &first)])).await.code(), "400 InvalidPartOrder");
    assert_eq!(complete(list(&[])).await.status, 400);
    assert_eq!(world.send("GET", "/b1b/big", &[], "").await.status, 404);

    let done = complete(list(&[(1, &first), (2, &second)])).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.element("ETag").unwrap().ends_with("-2\""), "{}", done.text());
    let read = world.send("GET", "/b1b/big", &[("range", "bytes=5242878-5242883")], "").await;
    assert_eq!(read.text(), "aatail");
    assert_eq!(world.send("HEAD", "/b1b/big", &[], "").await.header("content-type"), Some("text/plain"));
    assert_eq!(complete(list(&[(1, &first)])).await.code(), "404 NoSuchUpload");
}

#[tokio::test]
async fn an_upload_can_be_given_up() {
    let world = World::with_bucket().await;
    let upload = begin(&world).await;
    part(&world, &upload, 1, "x").await;
    let uri = format!("/b1b/big?uploadId={upload}");
    assert_eq!(world.send("DELETE", &uri, &[], "").await.status, 204);
    assert_eq!(world.send("GET", &uri, &[], "").await.code(), "404 NoSuchUpload");
    assert_eq!(part(&world, &upload, 1, "x").await.code(), "404 NoSuchUpload");
    assert_eq!(part(&world, &upload, 0, "x").await.code(), "400 InvalidArgument");
    assert_eq!(world.send("DELETE", "/b1b", &[], "").await.status, 204);
}
