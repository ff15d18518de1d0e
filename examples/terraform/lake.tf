# The same events for SQL.

resource "aws_cloudtrail_event_data_store" "ethos" {
  name             = "ethos-lake"
  retention_period = 366

  # So that `terraform destroy` can take it away again.
  termination_protection_enabled = false

  advanced_event_selector {
    name = "Management"
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }
}
