variable "cloudtrail_log_group" {
  description = "The CloudWatch log group name where CloudTrail delivers logs"
  type        = string
}

variable "sns_topic_arn" {
  description = "The SNS topic ARN for alarm notifications"
  type        = string
}
