//! May this caller do this? Who may do what without MFA?

pub mod case;
pub mod classes;
pub mod context;
pub mod solver;
