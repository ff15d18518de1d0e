//! Delivery by e-mail.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::support::{TOPIC, World, config};
use crate::{NotifyConfig, guard::SystemLookup};

/// A mail server on this machine. It refuses the address `gone@example.com`.
struct Post {
    url: String,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Post {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let post = Self { url: format!("smtp://{}", listener.local_addr().unwrap()), mails: Arc::default() };
        let mails = Arc::clone(&post.mails);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mails = Arc::clone(&mails);
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let mut greeting = "220 post.example.com\r\n".to_owned();
                    let (mut mail, mut in_data) = (String::new(), false);
                    loop {
                        if stream.write_all(greeting.as_bytes()).await.is_err() {
                            return;
                        }
                        greeting = loop {
                            let mut line = String::new();
                            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                                return;
                            }
                            if in_data && line != ".\r\n" {
                                mail.push_str(&line);
                                continue;
                            }
                            break match line.get(..4).unwrap_or_default() {
                                ".\r\n" | "" if in_data => "",
                                "EHLO" => "250 post.example.com\r\n",
                                "DATA" => {
                                    in_data = true;
                                    "354 go on\r\n"
                                }
                                "RCPT" if line.contains("gone@") => "550 no such user\r\n",
                                _ if in_data => "",
                                _ => "250 ok\r\n",
                            }
                            .to_owned();
                        };
                        if greeting.is_empty() {
                            in_data = false;
                            mails.lock().unwrap().push(std::mem::take(&mut mail));
                            greeting = "250 queued\r\n".to_owned();
                        }
                    }
                });
            }
        });
        post
    }

    fn take(&self) -> String {
        self.mails.lock().unwrap().pop().unwrap()
    }
}

async fn world(post: &Post) -> World {
    let settings = NotifyConfig {
        smtp_url: Some(post.url.clone()),
        smtp_from: Some("alerts@keeptrail.example.com".to_owned()),
        ..config()
    };
    World::with(settings, Arc::new(SystemLookup)).await
}

/// The first link in a mail's text, which is quoted-printable when its lines are long.
fn link(mail: &str) -> String {
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let link = text.lines().find(|line| line.starts_with("https://keeptrail.example.com/?Action"));
    link.unwrap().to_owned()
}

async fn subscribe(world: &World, post: &Post, protocol: &str) {
    let input = json!({"TopicArn": TOPIC, "Protocol": protocol, "Endpoint": "ops@example.com"});
    assert_eq!(world.ok("Subscribe", input).await["SubscriptionArn"], "pending confirmation");
    world.deliver().await;
    let mail = post.take();
    assert!(mail.contains("Subject: Notification - Subscription Confirmation\r\n"), "{mail}");
    assert_eq!(world.visit(&link(&mail)).await.0, 200);
}

#[tokio::test]
async fn an_address_is_asked_by_mail_and_gets_mails_with_a_way_out() {
    let post = Post::new().await;
    let world = world(&post).await;
    subscribe(&world, &post, "email").await;
    world.ok("Publish", json!({"TopicArn": TOPIC, "Message": "somebody reads", "Subject": "ALARM: reads"})).await;
    world.deliver().await;
    let mail = post.take();
    assert!(mail.contains("From: \"keeptrail notifications\" <alerts@keeptrail.example.com>\r\n"), "{mail}");
    assert!(mail.contains("To: ops@example.com\r\n") && mail.contains("Subject: ALARM: reads\r\n"), "{mail}");
    assert!(mail.contains("\r\n\r\nsomebody reads\r\n"), "{mail}");
    assert_eq!(world.visit(&link(&mail)).await.0, 200);
    world.deliver().await;
    assert!(post.take().contains("deactivated"));
}

#[tokio::test]
async fn email_json_is_the_whole_document() {
    let post = Post::new().await;
    let world = world(&post).await;
    subscribe(&world, &post, "email-json").await;
    world.publish("m").await;
    world.deliver().await;
    let mail = post.take();
    let (_, body) = mail.split_once("\r\n\r\n").unwrap();
    let body = body.replace("=\r\n", "").replace("=3D", "=");
    let document: Value = serde_json::from_str(body.trim()).unwrap();
    assert_eq!(document["Message"], "m");
}

#[tokio::test]
async fn no_name_or_address_can_add_a_header() {
    let post = Post::new().await;
    let world = world(&post).await;
    for endpoint in ["a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com", "Ada <a@example.com>", "a"]
    {
        let error =
            world.error("Subscribe", json!({"TopicArn": TOPIC, "Protocol": "email", "Endpoint": endpoint})).await;
        assert_eq!(error, "400 InvalidParameterException Invalid parameter: Email address", "{endpoint:?}");
    }
    let name = json!({"TopicArn": TOPIC, "AttributeName": "DisplayName", "AttributeValue": "x\r\nBcc: b@example.com"});
    assert_eq!(
        world.error("SetTopicAttributes", name).await,
        "400 InvalidParameterException Invalid parameter: DisplayName"
    );
    subscribe(&world, &post, "email").await;
    let tx = world.rig.ledger.begin();
    let subject = Some("ALARM\r\nBcc: b@example.com");
    world.notify.publish(&tx, TOPIC, crate::Publisher::Authorised, subject, "m", Some("for people")).await.unwrap();
    world.rig.ledger.commit(tx).await.unwrap();
    world.deliver().await;
    let mail = post.take();
    assert!(!mail.lines().any(|line| line.starts_with("Bcc")), "{mail}");
    assert!(mail.contains("for people"));
}

#[tokio::test]
async fn an_address_that_the_mail_server_refuses_is_given_up() {
    let post = Post::new().await;
    let world = world(&post).await;
    world.ok("Subscribe", json!({"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "gone@example.com"})).await;
    world.deliver().await;
    assert!(world.pending().await.is_empty());
    assert!(post.mails.lock().unwrap().is_empty());
}
