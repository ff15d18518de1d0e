//! Delivery to log groups.

use keeptrail_trail::jobs::troubles;
use serde_json::json;

use super::fixture::Stage;

#[tokio::test]
async fn a_role_that_lost_its_rights_stops_the_delivery_and_the_status_says_so() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    *stage.sinks.role_revoked.lock().unwrap() = true;
    stage.ok("ListTrails", json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.delivered().await, ["CreateTrail", "StartLogging"]);
    let status = stage.status().await;
    let text = "Access denied. Verify in IAM that the role has adequate permissions.";
    assert_eq!(status["LatestCloudWatchLogsDeliveryError"], text);
    assert_eq!(status["LatestCloudWatchLogsDeliveryTime"], 1_772_366_400);
    *stage.sinks.role_revoked.lock().unwrap() = false;
    stage.ok("ListTrails", json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.delivered().await.last().unwrap(), "ListTrails");
    assert_eq!(stage.status().await.get("LatestCloudWatchLogsDeliveryError"), None);
    jobs.drain().await;
}

#[tokio::test]
async fn a_deleted_group_is_an_error_in_the_status_and_delivery_goes_on_when_it_is_made_anew() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    let jobs = stage.jobs();
    jobs.settle().await;
    *stage.sinks.group_gone.lock().unwrap() = true;
    stage.ok("ListTrails", json!({})).await;
    jobs.settle().await;
    let status = stage.status().await;
    assert_eq!(status["LatestCloudWatchLogsDeliveryError"], "The specified log group does not exist.");
    let troubles = troubles(&stage.rig.ledger).await.unwrap();
    assert_eq!(troubles.len(), 1);
    assert_eq!(
        (troubles[0].to, troubles[0].trail.as_str()),
        ("log group", "arn:aws:cloudtrail:us-east-1:123456789012:trail/ethos")
    );
    *stage.sinks.group_gone.lock().unwrap() = false;
    stage.ok("DescribeTrails", json!({})).await;
    jobs.settle().await;
    assert_eq!(stage.delivered().await.last().unwrap(), "DescribeTrails");
    assert_eq!(stage.status().await.get("LatestCloudWatchLogsDeliveryError"), None);
    jobs.drain().await;
}

#[tokio::test]
async fn a_deleted_trails_last_record_reaches_the_group() {
    let stage = Stage::new().await;
    stage.logging_trail().await;
    stage.ok("DeleteTrail", json!({"Name": "ethos"})).await;
    let jobs = stage.jobs();
    jobs.settle().await;
    assert_eq!(stage.delivered().await, ["CreateTrail", "StartLogging", "DeleteTrail"]);
    jobs.drain().await;
}
