//! What several steps know of Terraform: its addresses, and the form of the values in its plans and states.

pub(crate) mod address;
pub(crate) mod values;
