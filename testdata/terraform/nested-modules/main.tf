# A module a team, and in it a module for access: roles with and without MFA by a switch.

module "team" {
  source   = "./modules/team"
  for_each = { payments = true, search = false }

  name        = each.key
  require_mfa = each.value
}
