//! What happens to content that nobody names.

use std::{sync::Arc, time::Duration};

use futures_util::stream;
use keeptrail_jobs::{Next, Task};

use super::support::World;
use crate::{Sweep, checksums::Hashes};

#[tokio::test]
async fn what_was_replaced_stays_an_hour_for_its_readers() {
    let world = World::with_bucket().await;
    for body in ["one", "two", "three"] {
        world.send("PUT", "/b1b/k", &[], body).await;
    }
    world.send("PUT", "/b1b/kept", &[], "kept").await;
    world.send("DELETE", "/b1b/k", &[], "").await;
    let sweep = Sweep::new(Arc::clone(&world.buckets));
    let run = || sweep.run(world.rig.clock().now());
    run().await.unwrap();
    assert_eq!(world.files().len(), 4);
    world.rig.time.advance(Duration::from_secs(3600));
    while run().await.unwrap() == Next::Now {}
    assert_eq!(world.files().len(), 1);
    assert_eq!(world.send("GET", "/b1b/kept", &[], "").await.text(), "kept");
}

#[tokio::test]
async fn the_remains_of_an_interrupted_upload_go_after_a_day_and_nothing_else_does() {
    let world = World::with_bucket().await;
    world.send("PUT", "/b1b/kept", &[], "kept").await;
    let content = stream::iter([Ok("never named".into())]);
    world.buckets.blobs.write(&world.rig.random, content, Hashes::default()).await.unwrap();
    assert_eq!(world.files().len(), 2);
    let sweep = Sweep::new(Arc::clone(&world.buckets));
    sweep.run(world.rig.clock().now()).await.unwrap();
    assert_eq!(world.files().len(), 2);
    // The files bear the machine's time, which is not the test's: go far beyond both.
    world.rig.time.set("2200-01-01T00:00:00Z".parse().unwrap());
    sweep.run(world.rig.clock().now()).await.unwrap();
    assert_eq!(world.files().len(), 1);
    assert_eq!(world.send("GET", "/b1b/kept", &[], "").await.text(), "kept");
}
