//! The story of both documents, command by command.

use std::time::Duration;

use keeptrail_clock::Clock;
use serde_json::{Value, json};

use super::{DemoError, cli::Aws, lake::TOKEN, mailbox::Mailbox, say, webhook::Webhook};

const TRAIL: &str = "ethos-trail";
const BUCKET: &str = "ethos-trail-logs";
const GROUP: &str = "CloudTrail/ethos";
pub(super) const SECRET: &str = "ethos/prod/providers/anthropic/apiKey";
const READ_ALARM: &str = "ethos-secrets-unauthorized-read";
const DELETED_ALARM: &str = "AttemptsToAccessDeletedSecretsAlarm";
/// How long the demo waits for what must come within a second.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Story {
    pub(super) aws: Aws,
    pub(super) mailbox: Mailbox,
    pub(super) webhook: Webhook,
    pub(super) clock: Clock,
}

impl Story {
    pub(super) async fn tell(self) -> Result<(), DemoError> {
        say("\n== A topic for the alarms, with a mailbox and a webhook");
        let topic = self.topic().await?;
        say("\n== A trail with a bucket and a log group");
        let account = self.trail().await?;
        say("\n== An event data store of CloudTrail Lake");
        let store = self.event_data_store().await?;
        say("\n== The first document: the filter and the alarm");
        self.watch_reads(&topic).await?;
        say("\n== The second document: the alarm on deleted secrets, and a rule");
        self.watch_deleted(&topic).await?;
        say("\n== The instance role reads the secret: silence");
        let role = self.instance_role(&account).await?;
        let before = self.webhook.count();
        for secret in [SECRET, TOKEN] {
            role.run(&["secretsmanager", "get-secret-value", "--secret-id", secret]).await?;
        }
        self.aws
            .run(&[
                "cloudtrail",
                "lookup-events",
                "--lookup-attributes",
                "AttributeKey=EventName,AttributeValue=GetSecretValue",
            ])
            .await?;
        self.state(READ_ALARM, "INSUFFICIENT_DATA").await?;
        promise(self.webhook.count() == before, "the role's read reaches nobody")?;
        say("  No notification, and the alarm stays as it was.");
        say("\n== A laptop reads the secret: the alarm");
        let started = self.clock.monotonic();
        self.aws.run(&["secretsmanager", "get-secret-value", "--secret-id", SECRET]).await?;
        let answered = self.clock.monotonic();
        let message = self.notice(READ_ALARM).await?;
        let arrived = self.clock.monotonic();
        say(&format!(
            "  The webhook has it {} ms after the command ended (the command itself took {} ms).",
            arrived.saturating_sub(answered).as_millis(),
            answered.saturating_sub(started).as_millis()
        ));
        say(&format!("  {}", message.get("NewStateReason").and_then(Value::as_str).unwrap_or_default()));
        let mail = self.mail(&format!("ALARM: \"{READ_ALARM}\"")).await?;
        say(&format!(
            "  The mailbox has it, too: {}",
            mail.lines().find(|line| line.starts_with("Subject:")).unwrap_or_default()
        ));
        self.state(READ_ALARM, "ALARM").await?;
        self.aws
            .run(&[
                "cloudwatch",
                "set-alarm-state",
                "--alarm-name",
                READ_ALARM,
                "--state-value",
                "OK",
                "--state-reason",
                "Test complete",
            ])
            .await?;
        self.was_reset().await?;
        say("\n== CloudTrail Lake: who read it?");
        self.ask_the_lake(&store).await?;
        say("\n== A secret marked for deletion is read: the other alarm; its deletion reaches the rule's topic");
        self.aws
            .run(&[
                "secretsmanager",
                "delete-secret",
                "--secret-id",
                "ethos/prod/old",
                "--recovery-window-in-days",
                "7",
            ])
            .await?;
        let event =
            self.webhook_message(|body| body.pointer("/detail/eventName") == Some(&json!("DeleteSecret"))).await?;
        say(&format!(
            "  The rule's topic has it: {}",
            event.pointer("/detail-type").and_then(Value::as_str).unwrap_or_default()
        ));
        let refused =
            self.aws.refused(&["secretsmanager", "get-secret-value", "--secret-id", "ethos/prod/old"]).await?;
        promise(refused.contains("marked for deletion"), "the read is refused because of the deletion")?;
        self.notice(DELETED_ALARM).await?;
        self.state(DELETED_ALARM, "ALARM").await?;
        say("\n== What the trail kept");
        self.files().await?;
        say("\nEverything in the two documents happened as they say.");
        Ok(())
    }

    async fn topic(&self) -> Result<String, DemoError> {
        let topic = self.aws.run(&["sns", "create-topic", "--name", "ethos-security-alerts"]).await?;
        let topic = text(&topic, "TopicArn")?;
        self.aws
            .run(&[
                "sns",
                "subscribe",
                "--topic-arn",
                &topic,
                "--protocol",
                "email",
                "--notification-endpoint",
                "security@example.com",
            ])
            .await?;
        let mail = self.mail("ConfirmSubscription").await?;
        let token = mail
            .split("Token=")
            .nth(1)
            .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
        self.confirm(&topic, token.unwrap_or_default()).await?;
        self.aws
            .run(&[
                "sns",
                "subscribe",
                "--topic-arn",
                &topic,
                "--protocol",
                "http",
                "--notification-endpoint",
                &self.webhook.url(),
            ])
            .await?;
        let asked = within(self.webhook.wait_for(|message| message.get("Token").is_some())).await?;
        self.confirm(&topic, text(&asked, "Token")?).await?;
        Ok(topic)
    }

    async fn confirm(&self, topic: &str, token: String) -> Result<(), DemoError> {
        self.aws.run(&["sns", "confirm-subscription", "--topic-arn", topic, "--token", &token]).await.map(drop)
    }

    async fn trail(&self) -> Result<String, DemoError> {
        let identity = self.aws.run(&["sts", "get-caller-identity"]).await?;
        let account = text(&identity, "Account")?;
        self.aws.run(&["s3api", "create-bucket", "--bucket", BUCKET]).await?;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl", "Resource": format!("arn:aws:s3:::{BUCKET}")},
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
             "Resource": format!("arn:aws:s3:::{BUCKET}/AWSLogs/{account}/*"),
             "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}},
        ]});
        self.aws.run(&["s3api", "put-bucket-policy", "--bucket", BUCKET, "--policy", &policy.to_string()]).await?;
        self.aws.run(&["logs", "create-log-group", "--log-group-name", GROUP]).await?;
        let group = format!("arn:aws:logs:us-east-1:{account}:log-group:{GROUP}:*");
        let role = self.role("CloudTrail_CloudWatchLogs_Role", &json!({"Service": "cloudtrail.amazonaws.com"}), &json!([
            {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
             "Resource": format!("arn:aws:logs:us-east-1:{account}:log-group:{GROUP}:log-stream:{account}_CloudTrail_us-east-1*")},
        ])).await?;
        self.aws
            .run(&[
                "cloudtrail",
                "create-trail",
                "--name",
                TRAIL,
                "--s3-bucket-name",
                BUCKET,
                "--cloud-watch-logs-log-group-arn",
                &group,
                "--cloud-watch-logs-role-arn",
                &role,
            ])
            .await?;
        self.aws.run(&["cloudtrail", "start-logging", "--name", TRAIL]).await?;
        let selectors = r#"[{
"Name": "SecretsManagerReads",
"FieldSelectors": [
{"Field": "eventCategory", "Equals": ["Data"]},
{"Field": "resources.type", "Equals": ["AWS::SecretsManager::Secret"]},
{"Field": "readOnly", "Equals": ["true"]}
]
}]"#;
        self.aws
            .run(&["cloudtrail", "put-event-selectors", "--trail-name", TRAIL, "--advanced-event-selectors", selectors])
            .await?;
        Ok(account)
    }

    async fn role(&self, name: &str, principal: &Value, statements: &Value) -> Result<String, DemoError> {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]});
        let role = self
            .aws
            .run(&["iam", "create-role", "--role-name", name, "--assume-role-policy-document", &trust.to_string()])
            .await?;
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        self.aws
            .run(&[
                "iam",
                "put-role-policy",
                "--role-name",
                name,
                "--policy-name",
                "access",
                "--policy-document",
                &policy.to_string(),
            ])
            .await?;
        role.pointer("/Role/Arn")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| DemoError::Promise("the role has an ARN".to_owned()))
    }

    async fn watch_reads(&self, topic: &str) -> Result<(), DemoError> {
        let pattern = r#"{ ($.eventName = "GetSecretValue") && ($.requestParameters.secretId = "ethos/*") && ($.userIdentity.arn != "*EthosInstanceRole*") }"#;
        self.aws
            .run(&[
                "logs",
                "put-metric-filter",
                "--log-group-name",
                GROUP,
                "--filter-name",
                "ethos-secrets-unauthorized-access",
                "--filter-pattern",
                pattern,
                "--metric-transformations",
                "metricName=EthosSecretsUnauthorizedAccess,metricNamespace=Ethos/Security,metricValue=1",
            ])
            .await?;
        self.aws
            .run(&[
                "cloudwatch",
                "put-metric-alarm",
                "--alarm-name",
                READ_ALARM,
                "--metric-name",
                "EthosSecretsUnauthorizedAccess",
                "--namespace",
                "Ethos/Security",
                "--comparison-operator",
                "GreaterThanThreshold",
                "--evaluation-periods",
                "1",
                "--period",
                "300",
                "--statistic",
                "Sum",
                "--threshold",
                "0",
                "--alarm-description",
                "Non-Ethos principal read an ethos/* secret",
                "--alarm-actions",
                topic,
            ])
            .await
            .map(drop)
    }

    async fn watch_deleted(&self, topic: &str) -> Result<(), DemoError> {
        let pattern =
            r#"{ $.eventName = "GetSecretValue" && $.errorMessage = "*secret because it was marked for deletion*" }"#;
        self.aws
            .run(&[
                "logs",
                "put-metric-filter",
                "--log-group-name",
                GROUP,
                "--filter-name",
                "deleted-secrets",
                "--filter-pattern",
                pattern,
                "--metric-transformations",
                "metricName=AttemptsToAccessDeletedSecrets,metricNamespace=CloudTrailLogMetrics,metricValue=1",
            ])
            .await?;
        self.aws
            .run(&[
                "cloudwatch",
                "put-metric-alarm",
                "--alarm-name",
                DELETED_ALARM,
                "--metric-name",
                "AttemptsToAccessDeletedSecrets",
                "--namespace",
                "CloudTrailLogMetrics",
                "--comparison-operator",
                "GreaterThanOrEqualToThreshold",
                "--evaluation-periods",
                "1",
                "--period",
                "300",
                "--statistic",
                "Sum",
                "--threshold",
                "1",
                "--alarm-actions",
                topic,
            ])
            .await?;
        let rule = json!({"source": ["aws.secretsmanager"], "detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventName": ["DeleteSecret"]}});
        self.aws
            .run(&["events", "put-rule", "--name", "deleted-secrets", "--event-pattern", &rule.to_string()])
            .await?;
        self.aws
            .run(&["events", "put-targets", "--rule", "deleted-secrets", "--targets", &format!("Id=topic,Arn={topic}")])
            .await?;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}, "Action": "sns:Publish", "Resource": topic},
        ]});
        self.aws
            .run(&[
                "sns",
                "set-topic-attributes",
                "--topic-arn",
                topic,
                "--attribute-name",
                "Policy",
                "--attribute-value",
                &policy.to_string(),
            ])
            .await
            .map(drop)
    }

    async fn instance_role(&self, account: &str) -> Result<Aws, DemoError> {
        for (name, value) in [(SECRET, "sk-ant-example"), (TOKEN, "123:token"), ("ethos/prod/old", "old")] {
            self.aws.run(&["secretsmanager", "create-secret", "--name", name, "--secret-string", value]).await?;
        }
        let role = self
            .role("EthosInstanceRole", &json!({"AWS": format!("arn:aws:iam::{account}:root")}), &json!([
                {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": format!("arn:aws:secretsmanager:us-east-1:{account}:secret:ethos/*")},
            ]))
            .await?;
        let user = self.aws.run(&["iam", "create-user", "--user-name", "deployer"]).await?;
        drop(user);
        let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}]});
        self.aws
            .run(&[
                "iam",
                "put-user-policy",
                "--user-name",
                "deployer",
                "--policy-name",
                "assume",
                "--policy-document",
                &policy.to_string(),
            ])
            .await?;
        let key = self.aws.run(&["iam", "create-access-key", "--user-name", "deployer"]).await?;
        let deployer = self.aws.with_credentials(key.get("AccessKey").unwrap_or(&Value::Null))?;
        let session =
            deployer.run(&["sts", "assume-role", "--role-arn", &role, "--role-session-name", "i-0abc"]).await?;
        self.aws.with_credentials(session.get("Credentials").unwrap_or(&Value::Null))
    }

    async fn files(&self) -> Result<(), DemoError> {
        for _ in 0..10 {
            let listed = self.aws.run(&["s3api", "list-objects-v2", "--bucket", BUCKET]).await?;
            let first = listed.pointer("/Contents/0/Key").and_then(Value::as_str);
            if let Some(key) = first {
                say(&format!("  {key}"));
                return Ok(());
            }
            self.clock.sleep(Duration::from_secs(1)).await;
        }
        Err(DemoError::Promise("log files arrive in the bucket".to_owned()))
    }

    async fn state(&self, alarm: &str, expected: &str) -> Result<(), DemoError> {
        let alarms = self.aws.run(&["cloudwatch", "describe-alarms", "--alarm-names", alarm]).await?;
        let state = alarms.pointer("/MetricAlarms/0/StateValue").and_then(Value::as_str).unwrap_or("nothing");
        say(&format!("  {alarm}: {state}"));
        promise(state == expected, &format!("{alarm} is {expected}"))
    }

    /// The alarm was reset. Its history tells, and not its state: with the datapoint still in range, the next minute's
    /// evaluation returns it to ALARM.
    async fn was_reset(&self) -> Result<(), DemoError> {
        let arguments =
            ["cloudwatch", "describe-alarm-history", "--alarm-name", READ_ALARM, "--history-item-type", "StateUpdate"];
        let history = self.aws.run(&arguments).await?;
        let items = history.get("AlarmHistoryItems").and_then(Value::as_array);
        let summaries =
            items.into_iter().flatten().filter_map(|item| item.get("HistorySummary").and_then(Value::as_str));
        let reset = summaries.into_iter().find(|summary| summary.ends_with("to OK"));
        say(&format!("  {READ_ALARM}: {}", reset.unwrap_or("not reset")));
        promise(reset.is_some(), &format!("{READ_ALARM} was reset"))
    }

    /// The alarm's message at the webhook.
    async fn notice(&self, alarm: &str) -> Result<Value, DemoError> {
        self.webhook_message(|body| {
            body.get("AlarmName") == Some(&json!(alarm)) && body.get("NewStateValue") == Some(&json!("ALARM"))
        })
        .await
    }

    async fn webhook_message(&self, wanted: impl Fn(&Value) -> bool) -> Result<Value, DemoError> {
        let inner = |message: &Value| {
            let text = message.get("Message").and_then(Value::as_str)?;
            serde_json::from_str::<Value>(text).ok()
        };
        let message = within(self.webhook.wait_for(|message| inner(message).is_some_and(|body| wanted(&body)))).await?;
        inner(&message).ok_or_else(|| DemoError::Promise("the message is JSON".to_owned()))
    }

    async fn mail(&self, text: &str) -> Result<String, DemoError> {
        within(self.mailbox.wait_for(text)).await
    }
}

async fn within<T>(waiting: impl Future<Output = Option<T>>) -> Result<T, DemoError> {
    let came = tokio::time::timeout(PATIENCE, waiting).await;
    came.ok().flatten().ok_or_else(|| DemoError::Promise(format!("a message arrives within {} s", PATIENCE.as_secs())))
}

pub(super) fn text(answer: &Value, member: &str) -> Result<String, DemoError> {
    let found = answer.get(member).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| DemoError::Promise(format!("the answer has {member}")))
}

pub(super) fn promise(kept: bool, what: &str) -> Result<(), DemoError> {
    if kept { Ok(()) } else { Err(DemoError::Promise(what.to_owned())) }
}
