//! Every format against the rules of what reads it, with hostile text in names, Sids, addresses and paths.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "tests"
)]

mod github;
mod gitlab;
mod junit;
mod markdown;
mod runs;
mod sarif;
