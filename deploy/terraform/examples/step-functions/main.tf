# A large service with long drains: a state machine waits, the function only works.
variable "package" {
  type = string
}

module "recycler" {
  source                 = "../.."
  service_name           = "recycle-large"
  ecs_cluster_name       = "shop"
  ecs_service_name       = "large"
  recycle_interval_hours = 24
  batch                  = "5%"
  alarms                 = ["large-5xx"]
  step_functions         = true
  package                = var.package
}

output "state_machine" {
  value = module.recycler.state_machine_arn
}
