//! Buckets and what is set on them.

use keeptrail_operation::Identity;
use keeptrail_testkit::{account, user};
use serde_json::json;

use super::support::World;

const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}"#;

#[tokio::test]
async fn a_bucket_is_made_seen_listed_and_removed() {
    let world = World::new().await;
    assert_eq!(world.send("HEAD", "/trail", &[], "").await.status, 404);
    let made = world.send("PUT", "/trail", &[], "").await;
    assert_eq!((made.status, made.header("location")), (200, Some("/trail")));
    let seen = world.send("HEAD", "/trail", &[], "").await;
    assert_eq!((seen.status, seen.header("x-amz-bucket-region")), (200, Some("us-east-1")));
    insta::assert_snapshot!("list_buckets", world.send("GET", "/", &[], "").await.text());
    insta::assert_snapshot!("location", world.send("GET", "/trail?location", &[], "").await.text());
    insta::assert_snapshot!("acl", world.send("GET", "/trail?acl=", &[], "").await.text());
    world.send("PUT", "/trail/key", &[], "x").await;
    assert_eq!(world.send("DELETE", "/trail", &[], "").await.code(), "409 BucketNotEmpty");
    world.send("DELETE", "/trail/key", &[], "").await;
    assert_eq!(world.send("DELETE", "/trail", &[], "").await.status, 204);
    insta::assert_snapshot!("no_bucket", world.send("GET", "/trail?location", &[], "").await.text());
}

#[tokio::test]
async fn names_are_checked_and_belong_to_one_account() {
    let world = World::with_bucket().await;
    for name in ["ab", "UPPER", "a..b", "127.0.0.1", "xn--abc", "b_c", "x-s3alias"] {
        assert_eq!(world.send("PUT", &format!("/{name}"), &[], "").await.code(), "400 InvalidBucketName", "{name}");
    }
    assert_eq!(world.send("PUT", "/b1b", &[], "").await.status, 200, "as in us-east-1");
    let mut stranger = keeptrail_testkit::root();
    stranger.account = "999999999999".parse().unwrap();
    stranger.principal = keeptrail_policy::Principal::AccountRoot { account: "999999999999".into() };
    // The bucket's policy would have to let a stranger in before the name is even looked at.
    assert_eq!(world.send_as(stranger.clone(), "PUT", "/b1b", &[], "").await.code(), "403 AccessDenied");
    assert_eq!(world.send_as(stranger, "HEAD", "/b1b", &[], "").await.status, 403);
}

#[tokio::test]
async fn what_is_not_set_has_the_answers_that_terraform_reads() {
    let world = World::with_bucket().await;
    let mut lines = Vec::new();
    for part in [
        "policy",
        "acl",
        "cors",
        "website",
        "versioning",
        "accelerate",
        "requestPayment",
        "logging",
        "lifecycle",
        "replication",
        "encryption",
        "object-lock",
        "tagging",
        "ownershipControls",
        "publicAccessBlock",
    ] {
        let reply = world.send("GET", &format!("/b1b?{part}="), &[], "").await;
        let shown = if part == "acl" { "…".to_owned() } else { reply.text().replace('\n', "") };
        lines.push(format!("{part}: {} {shown}", reply.status));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn what_is_not_carried_out_cannot_be_set() {
    let world = World::with_bucket().await;
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let reply = world.send("PUT", "/b1b?versioning", &[], versioning).await;
    assert_eq!(reply.code(), "501 NotImplemented");
    let record = world.rig.last_record().await;
    assert_eq!(
        (record["eventName"].as_str(), record["errorCode"].as_str()),
        (Some("PutBucketVersioning"), Some("NotImplemented"))
    );
    for header in [
        ("x-amz-acl", "public-read"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-storage-class", "GLACIER"),
        ("x-amz-tagging", "a=b"),
        ("x-amz-grant-read", "id=1"),
    ] {
        let reply = world.send("PUT", "/b1b/k", &[header], "x").await;
        assert!(reply.status == 501 || reply.status == 400, "{header:?} {}", reply.text());
    }
    assert_eq!(world.send("HEAD", "/b1b/k", &[], "").await.status, 404);
    let open =
        "<PublicAccessBlockConfiguration><BlockPublicAcls>false</BlockPublicAcls></PublicAccessBlockConfiguration>";
    assert_eq!(world.send("PUT", "/b1b?publicAccessBlock", &[], open).await.code(), "501 NotImplemented");
}

#[tokio::test]
async fn a_policy_lets_in_whom_it_names_and_nobody_else() {
    let world = World::with_bucket().await;
    world.send("PUT", "/b1b/open/k", &[], "x").await;
    let ada = || user("ada", NOTHING);
    let denied = world.send_as(ada(), "GET", "/b1b/open/k", &[], "").await;
    assert_eq!(denied.code(), "403 AccessDenied");
    assert_eq!(
        denied.element("Message").unwrap(),
        "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b1b/open/k because no identity-based policy allows the s3:GetObject action"
    );
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:user/ada" },
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b1b/open/*",
    }]});
    assert_eq!(world.send("PUT", "/b1b?policy", &[], &policy.to_string()).await.status, 204);
    assert_eq!(world.send("GET", "/b1b?policy", &[], "").await.text(), policy.to_string());
    assert_eq!(world.send_as(ada(), "GET", "/b1b/open/k", &[], "").await.status, 200);
    assert_eq!(world.send_as(ada(), "GET", "/b1b/closed", &[], "").await.status, 403);
    assert_eq!(world.send_as(ada(), "PUT", "/b1b/open/k", &[], "y").await.status, 403);
    // Who may not list does not learn what is missing.
    assert_eq!(world.send_as(ada(), "GET", "/b1b/open/missing", &[], "").await.status, 403);
    assert_eq!(world.send("GET", "/b1b/open/missing", &[], "").await.code(), "404 NoSuchKey");
    let nobody = Identity::anonymous(account());
    assert_eq!(world.send_as(nobody, "GET", "/b1b/open/k", &[], "").await.code(), "403 AccessDenied");
    let public = policy.to_string().replace("{\"AWS\":\"arn:aws:iam::123456789012:user/ada\"}", "\"*\"");
    assert_eq!(world.send("PUT", "/b1b?policy", &[], &public).await.code(), "403 AccessDenied");
    assert_eq!(world.send("PUT", "/b1b?policy", &[], "{").await.code(), "400 MalformedPolicy");
    assert_eq!(world.send("DELETE", "/b1b?policy", &[], "").await.status, 204);
    assert_eq!(world.send("GET", "/b1b?policy", &[], "").await.code(), "404 NoSuchBucketPolicy");
}

#[tokio::test]
async fn tags_are_set_read_and_taken_away() {
    let world = World::with_bucket().await;
    let tags = "<Tagging><TagSet><Tag><Key>team</Key><Value>sec</Value></Tag></TagSet></Tagging>";
    assert_eq!(world.send("PUT", "/b1b?tagging", &[], tags).await.status, 200);
    let read = world.send("GET", "/b1b?tagging", &[], "").await;
    assert_eq!((read.element("Key").as_deref(), read.element("Value").as_deref()), (Some("team"), Some("sec")));
    assert_eq!(world.send("DELETE", "/b1b?tagging", &[], "").await.status, 204);
    assert_eq!(world.send("GET", "/b1b?tagging", &[], "").await.code(), "404 NoSuchTagSet");
}
