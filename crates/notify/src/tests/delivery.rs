//! Receivers that fail, hang or go away.

use std::{sync::Arc, time::Duration};

use keeptrail_clock::{Timestamp, after};
use keeptrail_jobs::Next;
use serde_json::json;

use super::support::{Hook, TOPIC, World, config};
use crate::{Deliveries, NotifyConfig, PublishError, Publisher, guard::SystemLookup};

fn now(world: &World) -> Timestamp {
    world.rig.clock().now()
}

fn failures(attributes: &serde_json::Value) -> (Option<&str>, String) {
    let attributes = &attributes["Attributes"];
    (
        attributes["NumberOfNotificationsFailed"].as_str(),
        attributes["LastFailure"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn a_failing_webhook_is_tried_three_times_more_and_then_given_up_for_all_to_see() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let arn = world.subscribe(&hook, json!({})).await;
    hook.will_answer(&["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests", "500 No"]);
    let id = world.publish("m").await;
    for attempt in 1..=4_usize {
        world.deliver().await;
        assert_eq!(hook.received().len(), attempt);
        if attempt < 4 {
            assert_eq!(world.pending().await, [after(now(&world), Duration::from_secs(20))]);
            assert_eq!(world.next().await, Next::At(after(now(&world), Duration::from_secs(20))));
            world.advance(19);
            world.deliver().await;
            assert_eq!(hook.received().len(), attempt, "not before its time");
            world.advance(1);
        }
    }
    assert!(world.pending().await.is_empty());
    assert_eq!(world.next().await, Next::Woken);
    assert!(hook.received().iter().all(|received| received.json()["MessageId"] == id.as_str()));
    let attributes = world.ok("GetSubscriptionAttributes", json!({"SubscriptionArn": arn})).await;
    let (count, last) = failures(&attributes);
    assert_eq!(count, Some("1"));
    assert_eq!(last, "2026-03-01T12:01:00Z the endpoint answered 500");
}

#[tokio::test]
async fn a_webhook_that_recovers_gets_the_message_once() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let arn = world.subscribe(&hook, json!({})).await;
    hook.will_answer(&["500 No"]);
    world.publish("m").await;
    world.deliver().await;
    world.advance(20);
    world.deliver().await;
    assert_eq!(hook.received().len(), 2);
    assert!(world.pending().await.is_empty());
    let attributes = world.ok("GetSubscriptionAttributes", json!({"SubscriptionArn": arn})).await;
    assert_eq!(failures(&attributes).0, None);
}

#[tokio::test]
async fn a_refusal_is_final_and_a_redirect_is_not_followed() {
    let (world, hook, metadata) = (World::new().await, Hook::new().await, Hook::new().await);
    let arn = world.subscribe(&hook, json!({})).await;
    hook.will_answer(&["404 Not Found", "403 Forbidden"]);
    let redirect =
        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", metadata.url);
    hook.script.lock().unwrap().push_back(redirect);
    for _ in 0..3 {
        world.publish("m").await;
        world.deliver().await;
        assert!(world.pending().await.is_empty());
    }
    assert_eq!(hook.received().len(), 3);
    assert!(metadata.received().is_empty());
    let attributes = world.ok("GetSubscriptionAttributes", json!({"SubscriptionArn": arn})).await;
    let (count, last) = failures(&attributes);
    assert_eq!((count, last.ends_with("the endpoint answered 307")), (Some("3"), true), "{last}");
}

#[tokio::test]
async fn a_webhook_that_hangs_holds_up_nobody_else() {
    let (world, slow, quick) = (World::new().await, Hook::new().await, Hook::new().await);
    world.subscribe(&slow, json!({})).await;
    world.subscribe(&quick, json!({})).await;
    slow.open.send_replace(false);
    let messages = 20;
    for number in 0..messages {
        world.publish(&number.to_string()).await;
    }
    // The quick receiver gets everything while the slow one answers nothing.
    while quick.received().len() < messages {
        world.next().await;
        tokio::task::yield_now().await;
    }
    slow.has_received(1).await;
    assert!(*world.notify.in_flight.borrow() > 0);
    assert!(slow.received().len() <= 4, "a few at once for one subscription");
    slow.open.send_replace(true);
    world.deliver().await;
    let mut received: Vec<i32> =
        slow.received().iter().map(|one| one.json()["Message"].as_str().unwrap().parse().unwrap()).collect();
    received.sort_unstable();
    assert_eq!(received, (0..20).collect::<Vec<_>>(), "each once");
}

#[tokio::test]
async fn a_webhook_that_never_answers_is_tried_again_after_the_timeout() {
    let config = NotifyConfig { timeout: Duration::from_millis(100), ..config() };
    let (world, hook) = (World::with(config, Arc::new(SystemLookup)).await, Hook::new().await);
    world.subscribe(&hook, json!({})).await;
    hook.open.send_replace(false);
    world.publish("m").await;
    world.next().await;
    world.notify.at_rest().await;
    assert_eq!(world.pending().await, [after(now(&world), Duration::from_secs(20))]);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let (world, hook) = (World::new().await, Hook::new().await);
    world.subscribe(&hook, json!({})).await;
    let endless = format!("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n{}", "x".repeat(200_000));
    hook.script.lock().unwrap().push_back(endless);
    world.publish("m").await;
    world.deliver().await;
    assert!(world.pending().await.is_empty(), "the status was success");
}

#[tokio::test]
async fn after_a_crash_what_was_in_flight_is_sent_again_under_the_same_id() {
    let (world, hook) = (World::new().await, Hook::new().await);
    world.subscribe(&hook, json!({})).await;
    hook.open.send_replace(false);
    let id = world.publish("m").await;
    world.next().await;
    hook.has_received(1).await;
    // The outcome of the first attempt was never written: a new process knows nothing of it.
    let world = World { deliveries: Deliveries::new(Arc::clone(&world.notify)), ..world };
    hook.open.send_replace(true);
    world.deliver().await;
    assert!(hook.received().iter().all(|received| received.json()["MessageId"] == id.as_str()));
    assert!(world.pending().await.is_empty());
}

#[tokio::test]
async fn what_waits_for_a_deleted_topic_is_dropped() {
    let (world, hook) = (World::new().await, Hook::new().await);
    world.subscribe(&hook, json!({})).await;
    world.publish("m").await;
    world.ok("DeleteTopic", json!({"TopicArn": TOPIC})).await;
    world.deliver().await;
    assert!(hook.received().is_empty());
    assert!(world.pending().await.is_empty());
}

#[tokio::test]
async fn a_service_publishes_in_its_own_transaction_if_the_topics_policy_lets_it() {
    let (world, hook) = (World::new().await, Hook::new().await);
    world.subscribe(&hook, json!({})).await;
    let alarm = |principal| Publisher::Service {
        principal,
        source_arn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:reads",
        source_account: "123456789012",
    };
    let publish = |tx, publisher| {
        let notify = Arc::clone(&world.notify);
        async move {
            let tx: keeptrail_store::Tx = tx;
            let done = notify.publish(&tx, TOPIC, publisher, Some("ALARM: \"reads\""), "{}", Some("text")).await;
            (tx, done)
        }
    };
    let (tx, done) = publish(world.rig.ledger.begin(), alarm("cloudwatch.amazonaws.com")).await;
    done.unwrap();
    drop(tx);
    world.deliver().await;
    assert!(hook.received().is_empty(), "nothing is sent unless the transaction commits");
    let (tx, done) = publish(world.rig.ledger.begin(), alarm("cloudwatch.amazonaws.com")).await;
    done.unwrap();
    world.rig.ledger.commit(tx).await.unwrap();
    world.deliver().await;
    assert_eq!(hook.received().pop().unwrap().json()["Subject"], "ALARM: \"reads\"");
    let (_, done) = publish(world.rig.ledger.begin(), alarm("events.amazonaws.com")).await;
    assert!(matches!(done, Err(PublishError::Denied { .. })));
    let gone = world.notify.publish(&world.rig.ledger.begin(), "arn:x", Publisher::Authorised, None, "m", None).await;
    assert!(matches!(gone, Err(PublishError::NoTopic(_))));
}
