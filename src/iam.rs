//! The IAM policy language and how AWS evaluates it.
//!
//! Pure functions over typed policies and callers; no step before or after this one is known here. The behaviour follows
//! the IAM User Guide (policy grammar, condition operators, evaluation logic); where AWS does not say, the answer is
//! unproven.

pub mod access;
pub mod actions;
pub mod budget;
pub mod caller;
pub mod condition;
pub mod document;
pub mod managed;
pub mod pattern;
pub mod principal;
pub mod request;
pub mod truth;
pub mod variables;
pub mod verdict;
