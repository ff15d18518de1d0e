//! The API on the wire.

use serde_json::json;

use super::support::{TOPIC, World};

#[tokio::test]
async fn a_topic_is_made_once_and_found_again_by_name() {
    let world = World::new().await;
    for _ in 0..2 {
        let (status, body) = world.query("CreateTopic", "Action=CreateTopic&Name=alerts&Version=2010-03-31").await;
        assert_eq!(status, 200);
        insta::assert_snapshot!("create_topic", body);
    }
    let tagged = json!({"Name": "alerts", "Tags": [{"Key": "a", "Value": "b"}]});
    let text = "400 InvalidParameterException Invalid parameter: Tags Reason: Topic already exists with different tags";
    assert_eq!(world.error("CreateTopic", tagged).await, text);
    let fifo = world.error("CreateTopic", json!({"Name": "a.fifo", "Attributes": {"FifoTopic": "true"}})).await;
    assert!(fifo.contains("FIFO topics"), "{fifo}");
}

#[tokio::test]
async fn a_topic_shows_the_attributes_that_aws_shows() {
    let world = World::new().await;
    let (_, body) = world.query("GetTopicAttributes", &format!("TopicArn={TOPIC}")).await;
    insta::assert_snapshot!(body);
    world
        .ok(
            "SetTopicAttributes",
            json!({"TopicArn": TOPIC, "AttributeName": "SignatureVersion", "AttributeValue": "2"}),
        )
        .await;
    let attributes = world.ok("GetTopicAttributes", json!({"TopicArn": TOPIC})).await;
    assert_eq!(attributes["Attributes"]["SignatureVersion"], "2");
}

#[tokio::test]
async fn an_attribute_that_is_not_carried_out_can_only_be_set_to_nothing() {
    let world = World::new().await;
    for (name, value) in [
        ("HTTPSuccessFeedbackSampleRate", "0"),
        ("KmsMasterKeyId", ""),
        ("TracingConfig", "PassThrough"),
        ("LambdaFailureFeedbackRoleArn", ""),
    ] {
        world
            .ok("SetTopicAttributes", json!({"TopicArn": TOPIC, "AttributeName": name, "AttributeValue": value}))
            .await;
    }
    for (name, value) in [("HTTPSuccessFeedbackSampleRate", "50"), ("KmsMasterKeyId", "alias/aws/sns")] {
        let error = world
            .error("SetTopicAttributes", json!({"TopicArn": TOPIC, "AttributeName": name, "AttributeValue": value}))
            .await;
        assert!(error.contains("keeptrail does not carry out"), "{error}");
    }
    let unknown = json!({"TopicArn": TOPIC, "AttributeName": "Colour", "AttributeValue": "red"});
    assert_eq!(
        world.error("SetTopicAttributes", unknown).await,
        "400 InvalidParameterException Invalid parameter: AttributeName"
    );
}

#[tokio::test]
async fn errors_have_the_codes_and_texts_of_sns() {
    let world = World::new().await;
    let mut lines = Vec::new();
    let nowhere = TOPIC.replace("alerts", "nowhere");
    let subscription = format!("{TOPIC}:0b1f6a9e-6a0b-4c6e-9d6c-3a1f5a2b7c8d");
    for (operation, form) in [
        ("GetTopicAttributes", format!("TopicArn={nowhere}")),
        ("GetTopicAttributes", "TopicArn=alerts".to_owned()),
        ("Publish", format!("TopicArn={nowhere}&Message=m")),
        ("Publish", format!("TopicArn={TOPIC}&Message=")),
        ("Publish", format!("TopicArn={TOPIC}&Message=m&Subject=")),
        ("Publish", format!("TopicArn={TOPIC}&Message=m&Subject=a%0Ab")),
        ("Publish", format!("TopicArn={TOPIC}&Message={}", "m".repeat(262_145))),
        ("Publish", format!("TopicArn={TOPIC}&Message=m&MessageStructure=json")),
        ("Publish", format!("TopicArn={TOPIC}&Message=%7B%22http%22:%22m%22%7D&MessageStructure=json")),
        ("Publish", format!("TopicArn={TOPIC}&Message=%7B%22default%22:%7B%7D%7D&MessageStructure=json")),
        ("Publish", "Message=m&PhoneNumber=%2B49123".to_owned()),
        ("Subscribe", format!("TopicArn={TOPIC}&Protocol=test-protocol&Endpoint=x")),
        ("Subscribe", format!("TopicArn={TOPIC}&Protocol=sqs&Endpoint=x")),
        ("Subscribe", format!("TopicArn={TOPIC}&Protocol=https&Endpoint=http://example.com")),
        ("Subscribe", format!("TopicArn={TOPIC}&Protocol=email&Endpoint=a@example.com")),
        ("Subscribe", format!("TopicArn={nowhere}&Protocol=https&Endpoint=https://example.com")),
        (
            "Subscribe",
            format!(
                "TopicArn={TOPIC}&Protocol=https&Endpoint=https://example.com&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=wrongvalue"
            ),
        ),
        ("GetSubscriptionAttributes", format!("SubscriptionArn={subscription}")),
        (
            "SetSubscriptionAttributes",
            format!("SubscriptionArn={subscription}&AttributeName=RawMessageDelivery&AttributeValue=true"),
        ),
        ("ConfirmSubscription", format!("TopicArn={TOPIC}&Token=randomtoken")),
        ("ConfirmSubscription", format!("TopicArn={TOPIC}&Token={}", "ab".repeat(32))),
        ("ConfirmSubscription", format!("TopicArn=nonsense&Token={}", "ab".repeat(32))),
        ("ListTopics", "NextToken=%21".to_owned()),
        ("TagResource", format!("ResourceArn={nowhere}&Tags.member.1.Key=a&Tags.member.1.Value=b")),
        (
            "TagResource",
            format!(
                "ResourceArn={TOPIC}&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=a&Tags.member.2.Value=c"
            ),
        ),
        ("CreateTopic", "Name=a%20b".to_owned()),
        ("CreateTopic", "Name=a&Colour=red".to_owned()),
    ] {
        let (status, body) = world.query(operation, &form).await;
        let part = |name: &str| body.split(&format!("<{name}>")).nth(1).unwrap().split('<').next().unwrap().to_owned();
        let shown: String = form.chars().take(110).collect();
        lines.push(format!("{operation} {shown}\n    {status} {} {}", part("Code"), part("Message")));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn deleting_and_unsubscribing_what_is_not_there_succeeds() {
    let world = World::new().await;
    world.ok("DeleteTopic", json!({"TopicArn": TOPIC.replace("alerts", "nowhere")})).await;
    let arn = format!("{TOPIC}:0b1f6a9e-6a0b-4c6e-9d6c-3a1f5a2b7c8d");
    world.ok("Unsubscribe", json!({"SubscriptionArn": arn})).await;
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let world = World::new().await;
    for number in 0..150 {
        world.ok("CreateTopic", json!({"Name": format!("t{number:03}")})).await;
    }
    let first = world.ok("ListTopics", json!({})).await;
    let second = world.ok("ListTopics", json!({"NextToken": first["NextToken"]})).await;
    let names = |page: &serde_json::Value| page["Topics"].as_array().unwrap().len();
    assert_eq!((names(&first), names(&second)), (100, 51));
    assert!(second.get("NextToken").is_none());
}

#[tokio::test]
async fn tags_are_kept_changed_and_removed() {
    let world = World::new().await;
    let tags = json!([{"Key": "k1", "Value": "v1"}, {"Key": "k2", "Value": "v2"}]);
    world.ok("TagResource", json!({"ResourceArn": TOPIC, "Tags": tags})).await;
    world.ok("TagResource", json!({"ResourceArn": TOPIC, "Tags": [{"Key": "k2", "Value": "v2b"}]})).await;
    world.ok("UntagResource", json!({"ResourceArn": TOPIC, "TagKeys": ["k1"]})).await;
    let listed = world.ok("ListTagsForResource", json!({"ResourceArn": TOPIC})).await;
    assert_eq!(listed["Tags"], json!([{"Key": "k2", "Value": "v2b"}]));
}

#[tokio::test]
async fn a_batch_publishes_all_or_nothing() {
    let world = World::new().await;
    let batch = |entries: serde_json::Value| json!({"TopicArn": TOPIC, "PublishBatchRequestEntries": entries});
    let done = world.ok("PublishBatch", batch(json!([{"Id": "1", "Message": "a"}, {"Id": "2", "Message": "b"}]))).await;
    assert_eq!(done["Successful"].as_array().unwrap().len(), 2);
    assert_eq!(done["Failed"], json!([]));
    let many: Vec<_> = (0..11).map(|id| json!({"Id": id.to_string(), "Message": "m"})).collect();
    let mut lines = Vec::new();
    for entries in [
        json!(many),
        json!([]),
        json!([{"Id": "1", "Message": "a"}, {"Id": "1", "Message": "b"}]),
        json!([{"Id": "a b", "Message": "a"}]),
        json!([{"Id": "1", "Message": "a"}, {"Id": "2", "Message": ""}]),
        json!([{"Id": "1", "Message": "a".repeat(200_000)}, {"Id": "2", "Message": "a".repeat(100_000)}]),
    ] {
        lines.push(world.error("PublishBatch", batch(entries)).await);
    }
    insta::assert_snapshot!(lines.join("\n"));
}
