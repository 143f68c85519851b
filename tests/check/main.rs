//! The whole way from files to a report, through the library.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod baseline;
mod cdk;
mod change;
mod cloudformation_properties;
mod conditions;
mod deployments;
mod imports;
mod locate;
mod module_projects;
mod modules;
mod nested_stacks;
mod organization_targets;
mod runs;
mod settled;
mod teams;
mod template_shapes;
mod template_text;
mod terraform;
mod underlines;
mod waivers;
