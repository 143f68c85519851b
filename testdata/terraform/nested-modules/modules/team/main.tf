variable "name" { type = string }
variable "require_mfa" { type = bool }

module "access" {
  source = "./modules/access"
  count  = 1

  team        = var.name
  require_mfa = var.require_mfa
}
