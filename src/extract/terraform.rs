//! Terraform plan and state JSON.
