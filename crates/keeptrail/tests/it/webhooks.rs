//! Webhooks that misbehave: messages wait in the outbox, nobody else waits for them, and a redirect leads nowhere.

use serde_json::json;

use crate::support::{
    eventually,
    server::Server,
    sink::{Manner, Sink},
    watch,
};

const ALLOWED: [&str; 2] = ["--notify-allow", "127.0.0.0/8"];

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_hangs_fails_or_redirects_holds_up_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(&dir.path().join("data"), |command| {
        command.args(ALLOWED);
    });
    let root = server.root();
    let elsewhere = Sink::webhook(Manner::Accepts).await;
    let topic = root.call("sns", "CreateTopic", json!({"Name": "t"})).await.element("TopicArn");
    let mut sinks = Vec::new();
    for manner in [
        Manner::Hangs,
        Manner::Fails,
        Manner::Redirects("http://169.254.169.254/latest/meta-data/".to_owned()),
        Manner::Redirects(format!("http://{}/", elsewhere.address)),
        Manner::Accepts,
    ] {
        let sink = Sink::webhook(manner).await;
        let endpoint = format!("http://{}/hook", sink.address);
        let subscription = json!({"TopicArn": topic, "Protocol": "http", "Endpoint": endpoint});
        assert_eq!(root.call("sns", "Subscribe", subscription).await.status, 200);
        watch::confirm(&root, &topic, &sink.token().await).await;
        sinks.push(sink);
    }
    assert_eq!(root.call("sns", "Publish", json!({"TopicArn": topic, "Message": "alert"})).await.status, 200);
    for sink in &sinks {
        sink.wait_for(|message| message.contains("\"alert\"").then_some(())).await;
    }
    // The failing one is asked again, under the same id.
    let notices =
        |sink: &Sink| sink.kept().into_iter().filter(|message| message.contains("\"alert\"")).collect::<Vec<_>>();
    eventually("another attempt", async || (notices(&sinks[1]).len() > 1).then_some(())).await;
    let ids: std::collections::BTreeSet<_> = notices(&sinks[1])
        .iter()
        .map(|message| message.split("\"MessageId\"").nth(1).unwrap().split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(notices(&sinks[4]).len(), 1, "who accepted is not asked again");
    assert!(elsewhere.kept().is_empty(), "redirects are not followed: {:?}", elsewhere.kept());
    assert_eq!(server.health().0, 200);
    server.stop();
}

#[tokio::test]
async fn endpoints_that_are_not_allowed_are_not_called() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let root = server.root();
    let sink = Sink::webhook(Manner::Accepts).await;
    let topic = root.call("sns", "CreateTopic", json!({"Name": "t"})).await.element("TopicArn");
    let mut accepted = 0;
    for endpoint in [
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00:ec2::254]/".to_owned(),
        "http://2130706433/".to_owned(),
        format!("http://{}/", sink.address),
        format!("http://localhost:{}/", sink.address.port()),
    ] {
        let subscription = json!({"TopicArn": topic, "Protocol": "http", "Endpoint": endpoint});
        let answer = root.call("sns", "Subscribe", subscription).await;
        accepted += u32::from(answer.status == 200);
        assert!(answer.status == 200 || answer.code() == "InvalidParameter", "{endpoint}: {}", answer.text());
    }
    eventually("all were tried", async || {
        (server.metric("keeptrail_notify_deliveries_total") >= f64::from(accepted)).then_some(())
    })
    .await;
    assert!(sink.kept().is_empty(), "{:?}", sink.kept());
}
