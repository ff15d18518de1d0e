//! What subscribers, callers and names may not do.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use keeptrail_testkit::user;
use serde_json::json;

use super::support::{Hook, TOPIC, World, config};
use crate::guard::Lookup;

/// A name server whose answers change.
struct Changing(Mutex<VecDeque<IpAddr>>);

#[async_trait]
impl Lookup for Changing {
    async fn lookup(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(self.0.lock().unwrap().pop_front().into_iter().collect())
    }
}

#[tokio::test]
async fn a_name_that_moves_to_a_forbidden_address_is_not_followed_there() {
    let answers = ["127.0.0.1", "169.254.169.254"].map(|address| address.parse().unwrap());
    let world = World::with(config(), Arc::new(Changing(Mutex::new(answers.into())))).await;
    let hook = Hook::new().await;
    let url = hook.url.replace("127.0.0.1", "hook.example.com");
    let input = json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": url, "ReturnSubscriptionArn": true});
    let arn = world.ok("Subscribe", input).await["SubscriptionArn"].clone();
    world.deliver().await;
    let question = hook.received().pop().unwrap();
    assert!(question.header("host").unwrap().starts_with("hook.example.com:"));
    world.visit(question.json()["SubscribeURL"].as_str().unwrap()).await;

    world.publish("m").await;
    world.deliver().await;
    assert_eq!(hook.received().len(), 1);
    let attributes = world.ok("GetSubscriptionAttributes", json!({"SubscriptionArn": arn})).await;
    let last = attributes["Attributes"]["LastFailure"].as_str().unwrap();
    assert!(last.ends_with("the endpoint's address 169.254.169.254 is not a public one"), "{last}");
}

#[tokio::test]
async fn an_endpoint_at_a_forbidden_address_cannot_be_subscribed() {
    let world = World::new().await;
    for endpoint in [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://0x7f.2/",
        "http://u:p@example.com/",
    ] {
        let error =
            world.error("Subscribe", json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": endpoint})).await;
        assert!(error.starts_with("400 InvalidParameterException Invalid parameter: Endpoint Reason:"), "{error}");
    }
}

#[tokio::test]
async fn no_record_holds_an_endpoint_a_token_or_a_message() {
    let (world, hook) = (World::new().await, Hook::new().await);
    let url = hook.url.replace("/hook", "/integration/canary-key/enqueue");
    world.ok("Subscribe", json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": url})).await;
    world.deliver().await;
    let question = hook.received().pop().unwrap().json();
    world.visit(question["SubscribeURL"].as_str().unwrap()).await;
    world.ok("Publish", json!({"TopicArn": TOPIC, "Message": "canary-message", "Subject": "canary-subject"})).await;
    let records = serde_json::to_string(&world.rig.records().await).unwrap();
    for canary in ["canary-key", "canary-message", "canary-subject", question["Token"].as_str().unwrap()] {
        assert!(!records.contains(canary), "{canary}");
    }
    let last = world.rig.last_record().await;
    assert_eq!((last["eventName"].as_str(), last["eventCategory"].as_str()), (Some("Publish"), Some("Data")));
    assert_eq!(last["requestParameters"], json!({"topicArn": TOPIC}));
    assert_eq!(last["resources"][0]["type"], "AWS::SNS::Topic");
}

#[tokio::test]
async fn nothing_at_rest_confirms_a_subscription() {
    let (world, hook) = (World::new().await, Hook::new().await);
    hook.will_answer(&["500 No"]);
    world.ok("Subscribe", json!({"TopicArn": TOPIC, "Protocol": "http", "Endpoint": hook.url})).await;
    let stored = || async {
        let everything = keeptrail_store::Key::from_bytes(Vec::new());
        let end = keeptrail_store::Key::from_bytes(vec![0xff]);
        let scan = keeptrail_store::Scan { from: everything, to: end, limit: usize::MAX, reverse: false };
        let rows = world.rig.ledger.begin().scan(&scan).await.unwrap();
        rows.iter().map(|(key, row)| format!("{key:?} {}", String::from_utf8_lossy(row.bytes()))).collect::<String>()
    };
    let before = stored().await;
    world.deliver().await;
    let token = hook.received().pop().unwrap().json()["Token"].as_str().unwrap().to_owned();
    assert!(!before.contains(&token) && !stored().await.contains(&token));
}

#[tokio::test]
async fn a_caller_without_rights_is_denied_in_the_words_of_sns() {
    let world = World::new().await;
    let nobody =
        user("nobody", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#);
    let answer =
        world.rig.call_as(nobody, &world.service, "Publish", &json!({"TopicArn": TOPIC, "Message": "m"})).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.message(),
        format!(
            "User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: SNS:Publish on resource: {TOPIC} because no identity-based policy allows the SNS:Publish action"
        )
    );
    assert_eq!(world.rig.last_record().await["errorCode"], "AccessDenied");
}

#[tokio::test]
async fn the_topics_policy_lets_in_whom_it_names() {
    let world = World::new().await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/ada"}, "Action": "sns:Publish", "Resource": TOPIC,
    }]});
    let input = json!({"TopicArn": TOPIC, "AttributeName": "Policy", "AttributeValue": policy.to_string()});
    world.ok("SetTopicAttributes", input).await;
    let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    let publish = json!({"TopicArn": TOPIC, "Message": "m"});
    let answer = world.rig.call_as(user("ada", nothing), &world.service, "Publish", &publish).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = world.rig.call_as(user("eve", nothing), &world.service, "Publish", &publish).await;
    assert_eq!(answer.status, 403);
}
