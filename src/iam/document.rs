//! A policy document, typed: each part with the text it came from.
//!
//! The grammar is that of the IAM User Guide, "Grammar of the IAM JSON policy language". What IAM would refuse is a
//! [`Problem`]; what the input does not settle stays unknown in its place.

use crate::source::Place;
use crate::tree::{Part, Scalar, Unknown};

mod operator;
mod parse;
pub(crate) mod spelling;

pub use parse::{parse, parse_statement};

/// One policy document.
#[derive(Clone, Debug)]
pub struct Document {
    /// The version of the policy language, which decides whether `${…}` is a variable.
    pub version: Version,
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// What IAM would refuse, or accept and read otherwise than it looks.
    pub problems: Vec<Problem>,
    /// The text of the document.
    pub place: Place,
}

impl Document {
    /// Whether IAM would refuse the document as a whole.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(|problem| problem.refused)
    }
}

/// The version of the policy language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2012-10-17`: policy variables are replaced.
    V2012,
    /// `2008-10-17`, or no version: `${…}` is text.
    V2008,
    /// The input does not settle it.
    Unknown(Box<Unknown>),
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its `Sid`, where it has one that is known.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`.
    pub actions: Patterns,
    /// `Resource` or `NotResource`; absent in trust policies.
    pub resources: Option<Patterns>,
    /// `Condition`: all tests must hold.
    pub tests: Vec<Test>,
    /// The text of the statement.
    pub place: Place,
    /// Set where the statement as a whole, or which parts it has, is not known; the other fields then hold what is.
    pub unknown: Option<Box<Unknown>>,
}

/// Allow or deny.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
    /// The input does not settle it.
    Unknown(Box<Unknown>),
}

/// The patterns of `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub struct Patterns {
    /// Whether the element is the `Not` form: everything but the patterns.
    pub negated: bool,
    /// The patterns.
    pub items: Vec<Text>,
    /// Set where the list may have more items than those above.
    pub unknown: Option<Box<Unknown>>,
    /// The text of the element's value.
    pub place: Place,
}

/// A string of the document and where it stands.
#[derive(Clone, Debug)]
pub struct Text {
    /// The string, of which parts may be unknown.
    pub scalar: Scalar,
    /// Its text, quotes included.
    pub place: Place,
}

impl Text {
    /// The first part that is not known.
    #[must_use]
    pub fn first_unknown(&self) -> Option<&Unknown> {
        self.scalar.parts.iter().find_map(|part| match part {
            Part::Unknown(unknown) => Some(&**unknown),
            Part::Known(_) => None,
        })
    }
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub struct Principals {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// Who; `"*"` and `{"AWS": "*"}` are both an `AWS` entry whose text is `*`.
    pub items: Vec<Principal>,
    /// Set where there may be more principals than those above.
    pub unknown: Option<Box<Unknown>>,
    /// The text of the element's value.
    pub place: Place,
}

/// One principal.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The kind it is listed under.
    pub kind: PrincipalKind,
    /// Account id, ARN, service name or provider.
    pub text: Text,
}

/// The kinds of principal that the grammar knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// Accounts, users, roles and their sessions, or everyone.
    Aws,
    /// AWS services.
    Service,
    /// SAML, OIDC and Cognito providers.
    Federated,
    /// An S3 canonical user.
    CanonicalUser,
}

/// One condition test: an operator on one key with its values.
#[derive(Clone, Debug)]
pub struct Test {
    /// The operator.
    pub operator: Operator,
    /// The key as written.
    pub key: String,
    /// The key in lower case: keys are compared without regard to case.
    pub name: String,
    /// The text of the operator's name.
    pub operator_place: Place,
    /// The text of the key.
    pub key_place: Place,
    /// The values; one of them has to hold (none of them, where the operator is negated).
    pub values: Vec<Text>,
    /// Set where there may be more values than those above.
    pub unknown: Option<Box<Unknown>>,
    /// The text of the key with its values.
    pub place: Place,
}

/// A condition operator: comparison, set qualifier and `IfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub qualifier: Option<Qualifier>,
    /// The comparison.
    pub comparison: Comparison,
    /// Whether `IfExists` was added.
    pub if_exists: bool,
}

/// The set qualifiers for keys with several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// Every value of the request must match; true where there is none.
    ForAllValues,
    /// At least one value of the request must match; false where there is none.
    ForAnyValue,
}

/// What an operator compares. Negated operators hold where the comparison does not, a missing key included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the operator of that name in the IAM User Guide")]
pub enum Comparison {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

/// Something about the document that IAM refuses, or that it reads otherwise than it looks.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong: lower case, no final period, input in backticks.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// Whether IAM refuses the document for it.
    pub refused: bool,
    /// The text at fault.
    pub place: Place,
}

/// Which parts a statement may and must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// Identity policies, boundaries and session policies: a resource, no principal.
    Identity,
    /// Role trust policies: a principal, no resource.
    Trust,
    /// Service control policies: a resource, no principal.
    ServiceControl,
    /// Resource control policies: a resource and the principal `*`.
    ResourceControl,
    /// Policies on resources, endpoint policies: a principal, usually a resource.
    Resource,
    /// A document whose use is not known: nothing is demanded.
    Any,
}
