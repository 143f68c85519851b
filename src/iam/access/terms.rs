//! What a project has decided about the evaluation: actions that may work without MFA.

use super::case::Case;
use super::classes::{Reach, ResourceKind};
use crate::iam::pattern::Pattern;

/// The terms of an evaluation.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Actions that may work without MFA, beside those that every user needs to enrol a first device.
    pub exemptions: Vec<Exemption>,
}

/// An action that may work without MFA.
#[derive(Clone, Debug)]
pub struct Exemption {
    pattern: Pattern,
    extent: Extent,
}

/// Where an exempt action may work without MFA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// On the caller's own user and on MFA devices.
    Own,
    /// On everything.
    Any,
}

impl Exemption {
    /// An action, or a pattern of actions, and where it may work.
    #[must_use]
    pub fn new(action: &str, extent: Extent) -> Self {
        Self { pattern: Pattern::glob(&action.to_ascii_lowercase()), extent }
    }
}

impl Terms {
    /// Case with these terms and nothing in it yet.
    #[must_use]
    pub fn case(&self) -> Case<'_> {
        Case { exemptions: &self.exemptions, ..Case::default() }
    }
}

/// The patterns of exempt actions, which tell actions apart.
pub(super) fn patterns(exemptions: &[Exemption]) -> impl Iterator<Item = Pattern> {
    exemptions.iter().map(|exemption| exemption.pattern.clone())
}

/// Where an action (in lower case) is exempt, the widest of all that is said about it.
pub(super) fn extent(exemptions: &[Exemption], action: &str) -> Option<Extent> {
    let about = exemptions.iter().filter(|exemption| exemption.pattern.is_matched_by(action));
    about.map(|exemption| exemption.extent).max()
}

/// What an exemption makes of a call on a resource; `None` where it says nothing about it.
pub(super) fn reach(extent: Extent, resource: ResourceKind) -> Option<Reach> {
    match (extent, resource) {
        (Extent::Any, _) | (Extent::Own, ResourceKind::OwnUser | ResourceKind::MfaDevice) => Some(Reach::Exempt),
        (Extent::Own, ResourceKind::PerhapsOwnUser) => Some(Reach::PerhapsExempt),
        (Extent::Own, _) => None,
    }
}
