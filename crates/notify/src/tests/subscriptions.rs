//! From the question to the end of a subscription.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use keeptrail_jobs::Task;
use serde_json::{Value, json};

use super::support::{Hook, TOPIC, World};
use crate::Expiries;

const DAY: u64 = 24 * 3600;

fn redacted(mut document: Value) -> Value {
    for member in ["MessageId", "Signature", "Token", "SubscribeURL", "SigningCertURL", "UnsubscribeURL"] {
        if let Some(value) = document.get_mut(member) {
            let text = value.as_str().unwrap();
            let shown = text.split("Token=").next().unwrap().split("SubscriptionArn=").next().unwrap();
            *value =
                if text.len() == shown.len() { json!(format!("[{member}]")) } else { json!(format!("{shown}…")) };
        }
    }
    document
}

async fn ask(world: &World, hook: &Hook) -> Value {
    let input = json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": hook.url});
    let answer = world.ok("Subscribe", input).await;
    assert_eq!(answer["SubscriptionArn"], "pending confirmation");
    world.deliver().await;
    hook.received().pop().unwrap().json()
}

#[tokio::test]
async fn an_endpoint_is_asked_confirms_unsigned_and_receives_what_is_published() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let question = ask(&world, &hook).await;
    let asked = hook.received().pop().unwrap();
    insta::assert_json_snapshot!("question", redacted(question.clone()));
    assert_eq!(asked.header("x-amz-sns-message-type"), Some("SubscriptionConfirmation"));
    assert_eq!(asked.header("x-amz-sns-subscription-arn"), None);
    assert_eq!(asked.header("x-amz-sns-topic-arn"), Some(TOPIC));
    assert_eq!(asked.header("content-type"), Some("text/plain; charset=UTF-8"));
    assert_eq!(asked.header("user-agent"), Some("Amazon Simple Notification Service Agent"));

    let listed = world.ok("ListSubscriptionsByTopic", json!({"TopicArn": TOPIC})).await;
    assert_eq!(listed["Subscriptions"][0]["SubscriptionArn"], "PendingConfirmation");
    world.publish("too early").await;
    world.deliver().await;
    assert_eq!(hook.received().len(), 1);

    let link = question["SubscribeURL"].as_str().unwrap();
    let (status, page) = world.visit(link).await;
    assert_eq!(status, 200);
    assert!(page.starts_with(r#"<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult><SubscriptionArn>arn:aws:sns:"#), "{page}");
    assert_eq!(world.visit(link).await.0, 200, "a link may be visited twice");

    hook.forget();
    let attributes = json!({"k": {"DataType": "String", "StringValue": "v"}});
    let message = json!({"TopicArn": TOPIC, "Message": "line\n\"quoted\"", "Subject": "ALARM: reads", "MessageAttributes": attributes});
    let published = world.ok("Publish", message).await;
    world.deliver().await;
    let notified = hook.received().pop().unwrap();
    insta::assert_json_snapshot!("notification", redacted(notified.json()));
    assert_eq!(notified.json()["MessageId"], published["MessageId"]);
    assert_eq!(notified.header("x-amz-sns-message-type"), Some("Notification"));
    assert_eq!(notified.header("x-amz-sns-message-id"), published["MessageId"].as_str());
    assert!(notified.header("x-amz-sns-subscription-arn").unwrap().starts_with(TOPIC));
    assert_eq!(notified.header("x-amz-sns-rawdelivery"), None);
    let order: Vec<_> = notified.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        order.join(" "),
        "Type MessageId TopicArn Subject Message Timestamp SignatureVersion Signature SigningCertURL UnsubscribeURL MessageAttributes"
    );
}

/// The text that a signature covers, made here from the developer guide's words alone.
fn text_to_sign(document: &Value) -> String {
    let members = match document["Type"].as_str().unwrap() {
        "Notification" => vec!["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        _ => vec!["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    members
        .into_iter()
        .filter_map(|member| Some(format!("{member}\n{}\n", document.get(member)?.as_str().unwrap())))
        .collect()
}

/// Verifies a document as a receiver does: with the certificate at its URL.
fn verify(world: &World, document: &Value) {
    use aws_lc_rs::signature::{
        RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    };
    let path = document["SigningCertURL"].as_str().unwrap().strip_prefix("https://keeptrail.example.com").unwrap();
    assert!(world.notify.certificate("/SimpleNotificationService-0.pem").is_none());
    let pem = String::from_utf8(world.notify.certificate(path).unwrap()).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(body).unwrap();
    // The RSAPublicKey is the SEQUENCE of 270 bytes in the certificate's BIT STRING.
    let start = der.windows(6).position(|at| at == [0x00, 0x30, 0x82, 0x01, 0x0a, 0x02]).unwrap() + 1;
    let key = &der[start..start + 270];
    let parameters = match document["SignatureVersion"].as_str().unwrap() {
        "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        _ => &RSA_PKCS1_2048_8192_SHA256,
    };
    let signature = STANDARD.decode(document["Signature"].as_str().unwrap()).unwrap();
    UnparsedPublicKey::new(parameters, key).verify(text_to_sign(document).as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn every_document_is_signed_by_the_served_certificate_in_both_versions() {
    let (world, hook) = (World::new().await, Hook::new().await);
    verify(&world, &ask(&world, &hook).await);
    let arn = world.subscribe(&hook, json!({})).await;
    for version in ["1", "2"] {
        let input = json!({"TopicArn": TOPIC, "AttributeName": "SignatureVersion", "AttributeValue": version});
        world.ok("SetTopicAttributes", input).await;
        world.publish("signed").await;
        world.ok("Publish", json!({"TopicArn": TOPIC, "Message": "m", "Subject": "s"})).await;
        world.deliver().await;
        for received in hook.received() {
            assert_eq!(received.json()["SignatureVersion"], version);
            verify(&world, &received.json());
        }
        hook.forget();
    }
    world.ok("Unsubscribe", json!({"SubscriptionArn": arn})).await;
    world.deliver().await;
    verify(&world, &hook.received().pop().unwrap().json());
}

#[tokio::test]
async fn raw_delivery_sends_the_message_alone_with_the_content_type_that_was_set() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let policy = json!({"requestPolicy": {"headerContentType": "text/csv"}}).to_string();
    let arn = world.subscribe(&hook, json!({"RawMessageDelivery": "true", "DeliveryPolicy": policy})).await;
    world.publish("a;b").await;
    world.deliver().await;
    let received = hook.received().pop().unwrap();
    assert_eq!(received.body, "a;b");
    assert_eq!(received.header("x-amz-sns-rawdelivery"), Some("true"));
    assert_eq!(received.header("content-type"), Some("text/csv"));
    let attributes = world.ok("GetSubscriptionAttributes", json!({"SubscriptionArn": arn})).await;
    let mut attributes = attributes["Attributes"].clone();
    for member in ["SubscriptionArn", "Endpoint"] {
        attributes[member] = json!("[...]");
    }
    insta::assert_json_snapshot!(attributes);
}

#[tokio::test]
async fn each_protocol_gets_its_own_text_of_a_structured_message() {
    let (world, hook) = (World::new().await, Hook::new().await);
    world.subscribe(&hook, json!({"RawMessageDelivery": "true"})).await;
    for (message, expected) in
        [(json!({"default": "d", "http": "h"}), "h"), (json!({"default": "d", "email": "e", "sms": "s"}), "d")]
    {
        let input = json!({"TopicArn": TOPIC, "Message": message.to_string(), "MessageStructure": "json"});
        world.ok("Publish", input).await;
        world.deliver().await;
        assert_eq!(hook.received().pop().unwrap().body, expected);
    }
}

#[tokio::test]
async fn subscribing_twice_is_one_subscription() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let arn = world.subscribe(&hook, json!({})).await;
    let again = world.ok("Subscribe", json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": hook.url})).await;
    assert_eq!(again["SubscriptionArn"], arn.as_str());
    world.deliver().await;
    assert!(hook.received().is_empty(), "who has confirmed is not asked again");
    let other = json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": hook.url, "Attributes": {"RawMessageDelivery": "true"}});
    let text = "400 InvalidParameterException Invalid parameter: Attributes Reason: Subscription already exists with different attributes";
    assert_eq!(world.error("Subscribe", other).await, text);
}

#[tokio::test]
async fn the_link_in_a_message_unsubscribes_and_the_endpoint_can_undo_it() {
    let (world, hook) = (World::new().await, Hook::new().await);
    world.subscribe(&hook, json!({"RawMessageDelivery": "false"})).await;
    world.publish("first").await;
    world.deliver().await;
    let link = hook.received().pop().unwrap().json()["UnsubscribeURL"].as_str().unwrap().to_owned();
    hook.forget();

    let (status, page) = world.visit(&link).await;
    assert_eq!((status, page.contains("<UnsubscribeResponse")), (200, true), "{page}");
    world.publish("nobody listens").await;
    world.deliver().await;
    let received = hook.received();
    assert_eq!(received.len(), 1);
    insta::assert_json_snapshot!("farewell", redacted(received[0].json()), { ".Message" => insta::dynamic_redaction(|value, _| {
        let text = value.as_str().unwrap();
        assert!(text.starts_with("You have chosen to deactivate subscription arn:aws:sns:us-east-1:123456789012:alerts:"));
        "[text]"
    })});
    assert!(received[0].header("x-amz-sns-subscription-arn").is_some());
    let attributes = world.ok("GetTopicAttributes", json!({"TopicArn": TOPIC})).await;
    assert_eq!(attributes["Attributes"]["SubscriptionsDeleted"], "1");

    hook.forget();
    let undo = received[0].json()["SubscribeURL"].as_str().unwrap().to_owned();
    assert_eq!(world.visit(&undo).await.0, 200);
    world.publish("back again").await;
    world.deliver().await;
    assert_eq!(hook.received().pop().unwrap().json()["Message"], "back again");
}

#[tokio::test]
async fn a_subscription_confirmed_with_a_signature_can_demand_one_to_end() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let question = ask(&world, &hook).await;
    let confirmed = world
        .ok(
            "ConfirmSubscription",
            json!({"TopicArn": TOPIC, "Token": question["Token"], "AuthenticateOnUnsubscribe": "true"}),
        )
        .await;
    let arn = confirmed["SubscriptionArn"].as_str().unwrap();
    let attributes = world.ok("GetSubscriptionAttributes", json!({"SubscriptionArn": arn})).await;
    assert_eq!(attributes["Attributes"]["ConfirmationWasAuthenticated"], "true");
    let link = format!("https://keeptrail.example.com/?Action=Unsubscribe&SubscriptionArn={arn}");
    assert_eq!(world.visit(&link).await.0, 403);
    world.ok("Unsubscribe", json!({"SubscriptionArn": arn})).await;
}

#[tokio::test]
async fn a_token_is_good_for_two_days_and_an_unanswered_question_for_three() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let question = ask(&world, &hook).await;
    let expiries = Expiries::new(Arc::clone(&world.notify));
    let now = || world.rig.clock().now();
    world.rig.time.advance(Duration::from_secs(2 * DAY));
    let (status, page) = world.visit(question["SubscribeURL"].as_str().unwrap()).await;
    assert_eq!((status, page.contains("Invalid parameter: Token")), (400, true), "{page}");
    expiries.run(now()).await.unwrap();
    let pending = || async {
        world.ok("GetTopicAttributes", json!({"TopicArn": TOPIC})).await["Attributes"]["SubscriptionsPending"].clone()
    };
    assert_eq!(pending().await, "1");
    world.rig.time.advance(Duration::from_secs(DAY));
    expiries.run(now()).await.unwrap();
    assert_eq!(pending().await, "0");
}

#[tokio::test]
async fn a_question_that_was_asked_again_is_not_cut_short() {
    let (world, hook) = (World::new().await, Hook::new().await);
    ask(&world, &hook).await;
    world.rig.time.advance(Duration::from_secs(2 * DAY));
    let second = ask(&world, &hook).await;
    world.rig.time.advance(Duration::from_secs(DAY + 3600));
    let expiries = Expiries::new(Arc::clone(&world.notify));
    while expiries.run(world.rig.clock().now()).await.unwrap() == keeptrail_jobs::Next::Now {}
    assert_eq!(world.visit(second["SubscribeURL"].as_str().unwrap()).await.0, 200);
}
