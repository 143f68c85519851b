variable "name" {
  type = string
}

variable "policy_arns" {
  type = list(string)
}

module "team" {
  source      = "../team"
  name        = "outer-${var.name}"
  policy_arns = var.policy_arns
}
