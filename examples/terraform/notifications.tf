# Where alarms go, and a rule that tells of deletions.

resource "aws_sns_topic" "alerts" {
  name = "ethos-security-alerts"
}

data "aws_iam_policy_document" "alerts" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "events.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.alerts.json
}

resource "aws_sns_topic_subscription" "webhook" {
  count                           = var.webhook == null ? 0 : 1
  topic_arn                       = aws_sns_topic.alerts.arn
  protocol                        = "http"
  endpoint                        = var.webhook
  endpoint_auto_confirms          = true
  confirmation_timeout_in_minutes = 1
}

resource "aws_cloudwatch_event_rule" "deleted" {
  name        = "deleted-secrets"
  description = "A secret was marked for deletion"
  event_pattern = jsonencode({
    source      = ["aws.secretsmanager"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail      = { eventName = ["DeleteSecret"] }
  })
}

resource "aws_cloudwatch_event_target" "deleted" {
  rule      = aws_cloudwatch_event_rule.deleted.name
  target_id = "alerts"
  arn       = aws_sns_topic.alerts.arn
}

resource "aws_cloudwatch_log_metric_filter" "denied" {
  name           = "denied"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ $.errorCode = \"AccessDenied\" }"

  metric_transformation {
    name          = "DeniedCalls"
    namespace     = "Ethos/Security"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "denied" {
  alarm_name          = "many-denied-calls"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  evaluation_periods  = 1
  metric_name         = "DeniedCalls"
  namespace           = "Ethos/Security"
  period              = 60
  statistic           = "Sum"
  threshold           = 20
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
