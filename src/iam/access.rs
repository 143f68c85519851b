//! May this caller do this? Who may do what without MFA?

pub mod case;
pub mod classes;
pub mod context;
pub mod enrolment;
pub mod passed;
pub mod people;
pub mod solver;
pub mod tests;
pub mod trust;
