//! A finding: what a rule has to say about one place.

use crate::iam::verdict::Witness;
use crate::inventory::Address;
use crate::source::Place;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth a look before the merge.
    Warning,
    /// A hole, a lock-out, or something that cannot be known.
    Error,
}

impl Severity {
    /// The severity of a name in reports and options.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Error, Self::Warning, Self::Note].into_iter().find(|severity| severity.name() == name)
    }

    /// The name in reports and options.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a change has to do with a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The change brings it, or the input does not say what was there before.
    #[default]
    New,
    /// It was there before the change, and weighed less.
    Worse,
    /// It was there before the change, and is as it was or better.
    Existing,
    /// It was there before the change and is no longer.
    Fixed,
}

impl Status {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Existing => "existing",
            Self::Fixed => "fixed",
        }
    }

    /// Whether the change is to blame.
    #[must_use]
    pub fn is_brought(self) -> bool {
        matches!(self, Self::New | Self::Worse)
    }
}

/// What a rule has to say.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The resource it is about.
    pub address: Address,
    /// What is wrong and why it matters: lower case, no final period, input in backticks.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// The text at fault, with what to say under it.
    pub primary: Label,
    /// Other text that plays a part.
    pub related: Vec<Label>,
    /// The call that gets through, where there is one.
    pub witness: Option<Witness>,
    /// What the change has to do with it; rules leave it at [`Status::New`].
    pub status: Status,
}

/// A place with a remark.
#[derive(Clone, Debug)]
pub struct Label {
    /// The text.
    pub place: Place,
    /// The remark: lower case, no final period; may be empty.
    pub text: String,
}
