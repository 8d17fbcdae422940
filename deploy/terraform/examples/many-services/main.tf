# Several services, each with a schedule of its own, and a topic that learns of failures.
variable "package" {
  type = string
}

locals {
  services = {
    web = {
      schedule = "cron(0 3 * * ? *)"
      timezone = "Europe/Berlin"
      strategy = "rolling"
      batch    = "25%"
    }
    worker = {
      schedule = "rate(12 hours)"
      timezone = "UTC"
      strategy = "force-deployment"
      batch    = "1"
    }
  }
}

resource "aws_sns_topic" "operations" {
  name = "operations"
}

module "recycler" {
  source              = "../.."
  for_each            = local.services
  service_name        = "recycle-${each.key}"
  ecs_cluster_name    = "shop"
  ecs_service_name    = each.key
  schedule_expression = each.value.schedule
  timezone            = each.value.timezone
  windows             = ["MON-FRI 02:00-05:00", "SAT,SUN 00:00-24:00"]
  blackouts           = ["2026-12-24..2027-01-02"]
  batch               = each.value.batch
  strategy            = each.value.strategy
  wait                = "30s"
  sns_topic_arns      = [aws_sns_topic.operations.arn]
  package             = var.package
  tags                = { team = "operations" }
}

output "schedules" {
  value = { for name, recycler in module.recycler : name => recycler.schedule_expression }
}
