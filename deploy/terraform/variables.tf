variable "aws_region" {
  description = "Region of the service; the provider of the caller has to be for the same one."
  type        = string
  default     = "us-east-1"
}

variable "service_name" {
  description = "Name of what this module creates: function, role, rule, alarm."
  type        = string
  default     = "ecs-recycler"
  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,40}$", var.service_name))
    error_message = "service_name: 1 to 40 letters, digits, '_' and '-'."
  }
}

variable "ecs_cluster_name" {
  description = "Cluster of the service to recycle."
  type        = string
}

variable "ecs_service_name" {
  description = "Service to recycle."
  type        = string
}

variable "recycle_interval_hours" {
  description = "Hours between two recycles; used when schedule_expression is empty."
  type        = number
  default     = 6
  validation {
    condition     = var.recycle_interval_hours >= 1 && floor(var.recycle_interval_hours) == var.recycle_interval_hours
    error_message = "recycle_interval_hours: a whole number of hours, 1 or more."
  }
}

variable "schedule_expression" {
  description = "rate(...) or cron(...) of EventBridge, instead of recycle_interval_hours."
  type        = string
  default     = ""
}

variable "timezone" {
  description = "IANA time zone of schedule_expression, windows and blackouts. Other than UTC, EventBridge Scheduler is used instead of a rule."
  type        = string
  default     = "UTC"
}

variable "windows" {
  description = "When a recycle may begin, such as \"MON-FRI 01:00-05:00\"; empty: at any time. Outside, an invocation does nothing and says so."
  type        = list(string)
  default     = []
  validation {
    condition = alltrue([for window in var.windows : can(regex(
      "^([A-Za-z]{3}([,-][A-Za-z]{3})* )?[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]( [A-Za-z0-9_+/-]+)?$", window
    ))])
    error_message = "windows: like MON-FRI 01:00-05:00, SAT,SUN 22:00-04:00 or 01:00-05:00 Europe/Berlin."
  }
}

variable "blackouts" {
  description = "Days and times at which no recycle begins, whatever the windows say."
  type        = list(string)
  default     = []
  validation {
    condition = alltrue([for blackout in var.blackouts : can(regex(
      "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2})?(\\.\\.\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2})?)?$", blackout
    ))])
    error_message = "blackouts: like 2026-12-24, 2026-12-24..2027-01-02 or 2026-12-24T12:00..2026-12-26T06:00."
  }
}

variable "strategy" {
  description = "rolling: task after task, without a dropped request. force-deployment: ECS replaces everything."
  type        = string
  default     = "rolling"
  validation {
    condition     = contains(["rolling", "force-deployment"], var.strategy)
    error_message = "strategy: rolling or force-deployment."
  }
}

variable "batch" {
  description = "Tasks that are replaced together: a number or a percentage."
  type        = string
  default     = "1"
}

variable "wait" {
  description = "Time after each batch, such as 30s."
  type        = string
  default     = "0s"
}

variable "alarms" {
  description = "CloudWatch alarms that stop a recycle while they are in ALARM."
  type        = list(string)
  default     = []
}

variable "sns_topic_arns" {
  description = "Topics that learn of failures and of tasks that were killed for their memory."
  type        = list(string)
  default     = []
}

variable "step_functions" {
  description = "Wait in a state machine instead of in the function: for services that take hours."
  type        = bool
  default     = false
}

variable "package" {
  description = "Path of the function's zip file: what make lambda prints, such as build/lambda/ecs-recycler-lambda-x86_64.zip."
  type        = string
  validation {
    condition     = fileexists(var.package)
    error_message = "package: no such file; make lambda makes build/lambda/ecs-recycler-lambda-x86_64.zip."
  }
}

variable "architecture" {
  description = "x86_64 or arm64: what the package was built for."
  type        = string
  default     = "x86_64"
  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture: x86_64 or arm64."
  }
}

variable "timeout_seconds" {
  description = "Longest time of one invocation; what is left then is done by another one."
  type        = number
  default     = 900
  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 900
    error_message = "timeout_seconds: 60 to 900."
  }
}

variable "memory_mb" {
  description = "Memory of the function."
  type        = number
  default     = 128
}

variable "log_retention_days" {
  description = "How long the function's log is kept."
  type        = number
  default     = 7
}

variable "tags" {
  description = "Tags of everything that is created."
  type        = map(string)
  default     = {}
}
