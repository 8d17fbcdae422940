# One service, every six hours.
variable "package" {
  type = string
}

module "recycler" {
  source           = "../.."
  ecs_cluster_name = "shop"
  ecs_service_name = "web"
  package          = var.package
}

output "function" {
  value = module.recycler.lambda_function_name
}
