//! The first document's questions to CloudTrail Lake.

use serde_json::Value;

use super::{
    DemoError, say,
    story::{SECRET, Story, promise, text},
};

/// The secret of the first question.
pub(super) const TOKEN: &str = "ethos/prod/channels/telegram/default/botToken";

/// So often the demo asks again for what must be there within a second. A command takes about half of one.
const PATIENCE: usize = 40;

/// "Did Ethos fetch the Telegram token in the last 24 hours?"
fn who_fetched_the_token(store: &str) -> String {
    format!(
        "SELECT eventTime, userIdentity.arn, requestParameters.secretId
FROM {store}
WHERE eventName = 'GetSecretValue'
AND requestParameters.secretId = 'ethos/prod/channels/telegram/default/botToken'
AND eventTime > DATE_ADD('hour', -24, now())
ORDER BY eventTime DESC"
    )
}

/// "Did a non-Ethos principal read any Ethos secret?"
fn which_strangers_read(store: &str) -> String {
    format!(
        "SELECT eventTime, userIdentity.arn, requestParameters.secretId, sourceIPAddress
FROM {store}
WHERE eventName = 'GetSecretValue'
AND requestParameters.secretId LIKE 'ethos/%'
AND userIdentity.arn NOT LIKE '%EthosInstanceRole%'
AND eventTime > DATE_ADD('day', -7, now())
ORDER BY eventTime DESC"
    )
}

impl Story {
    /// An event data store; the id that SQL calls it by.
    pub(super) async fn event_data_store(&self) -> Result<String, DemoError> {
        let store = self.aws.run(&["cloudtrail", "create-event-data-store", "--name", "ethos-lake"]).await?;
        let arn = text(&store, "EventDataStoreArn")?;
        let id = arn.rsplit_once('/').map(|(_, id)| id.to_owned());
        id.ok_or_else(|| DemoError::Promise("the event data store's ARN ends with its id".to_owned()))
    }

    /// Asks both questions of the document, as they are written there.
    pub(super) async fn ask_the_lake(&self, store: &str) -> Result<(), DemoError> {
        let rows = self.ask(&who_fetched_the_token(store), 1).await?;
        let by_role = |row: &Vec<String>| {
            row.get(1).is_some_and(|arn| arn.contains("EthosInstanceRole")) && row.get(2).is_some_and(|id| id == TOKEN)
        };
        promise(rows.len() == 1 && rows.iter().all(by_role), "the role's read of the token is found, once")?;
        let rows = self.ask(&which_strangers_read(store), 1).await?;
        let secret = |row: &Vec<String>| row.get(2).is_some_and(|id| id == SECRET);
        promise(rows.iter().any(secret), "the laptop's read is found")?;
        let by_role = |row: &Vec<String>| row.get(1).is_some_and(|arn| arn.contains("EthosInstanceRole"));
        promise(!rows.iter().any(by_role), "the role's reads are not among the strangers'")
    }

    /// The rows of a statement's answer, once there are so many.
    async fn ask(&self, statement: &str, rows: usize) -> Result<Vec<Vec<String>>, DemoError> {
        for _ in 0..PATIENCE {
            let started = self.aws.run(&["cloudtrail", "start-query", "--query-statement", statement]).await?;
            let found = self.results(&text(&started, "QueryId")?).await?;
            if found.len() >= rows {
                for row in &found {
                    say(&format!("  {}", row.join("  ")));
                }
                return Ok(found);
            }
        }
        Err(DemoError::Promise("the Lake has an event within a second of its answer".to_owned()))
    }

    async fn results(&self, query: &str) -> Result<Vec<Vec<String>>, DemoError> {
        for _ in 0..PATIENCE {
            let results = self.aws.run(&["cloudtrail", "get-query-results", "--query-id", query]).await?;
            match text(&results, "QueryStatus")?.as_str() {
                "FINISHED" => {
                    let rows = results.get("QueryResultRows").and_then(Value::as_array);
                    return Ok(rows.into_iter().flatten().map(values).collect());
                }
                "QUEUED" | "RUNNING" => {}
                status => return Err(DemoError::Promise(format!("the query ends well, not {status}: {results}"))),
            }
        }
        Err(DemoError::Promise("the query ends".to_owned()))
    }
}

/// The values of a row, which is a list of single columns.
fn values(row: &Value) -> Vec<String> {
    let columns = row.as_array().into_iter().flatten().filter_map(Value::as_object);
    columns.flat_map(|column| column.values()).filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
