resource "aws_cloudwatch_log_metric_filter" "ethos_secrets_unauthorized" {
name = "ethos-secrets-unauthorized-access"
log_group_name = var.cloudtrail_log_group
pattern = <<PATTERN
{ ($.eventName = "GetSecretValue") && ($.requestParameters.secretId = "ethos/*") && ($.userIdentity.arn != "*EthosInstanceRole*") }
PATTERN

metric_transformation {
name = "EthosSecretsUnauthorizedAccess"
namespace = "Ethos/Security"
value = "1"
}
}

resource "aws_cloudwatch_metric_alarm" "ethos_secrets_alarm" {
alarm_name = "ethos-secrets-unauthorized-read"
comparison_operator = "GreaterThanThreshold"
evaluation_periods = 1
metric_name = "EthosSecretsUnauthorizedAccess"
namespace = "Ethos/Security"
period = 300
statistic = "Sum"
threshold = 0
alarm_description = "Non-Ethos principal read an ethos/* secret"
alarm_actions = [var.sns_topic_arn]
}
