//! mfagate decides, by evaluating IAM policies as AWS would, whether people can get in without MFA.
//!
//! The way of the data, one direction and no way back:
//!
//! ```text
//! bytes -load-> Source -tree-> Node -extract-> Inventory -access-> Judgement -rules-> Finding -report-> bytes
//! ```

pub mod extract;
pub mod finding;
pub mod iam;
pub mod inventory;
pub mod load;
pub mod report;
pub mod rules;
pub mod simulate;
pub mod source;
pub mod tree;
