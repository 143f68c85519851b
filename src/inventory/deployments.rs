//! What differs between the deployments of one input.
//!
//! A template is deployed with one value for each of its parameters; what it declares depends on them. Where it does, the
//! input has one inventory for each outcome, and each is judged by itself.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Address, Inventory};

mod together;

pub use together::bring_together;

/// What some deployments of an input declare, and the choices that make them so.
#[derive(Debug, Default)]
pub struct Deployment {
    /// What is chosen, in the order in which it mattered.
    pub choices: Vec<Choice>,
    /// Whether they depart from what the input itself says is usual, such as the default of a parameter. What holds only
    /// there is worth a warning, and no more.
    pub departs: bool,
    /// What these deployments declare of the part of the input that depends on the choices.
    pub inventory: Inventory,
}

/// One thing that a deployment settles.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// What is settled: the name of a condition or parameter.
    pub about: Arc<str>,
    /// How, as a sentence part: `` `IsProd` is false ``.
    pub outcome: Arc<str>,
}

impl Deployment {
    /// Whether the two can be parts of one deployment as far as these choices go.
    fn agrees(&self, choices: &[&Choice]) -> bool {
        let differs = |wanted: &&Choice| {
            self.choices.iter().any(|choice| choice.about == wanted.about && choice.outcome != wanted.outcome)
        };
        !choices.iter().any(differs)
    }

    /// The addresses of everything that it declares.
    #[must_use]
    pub fn addresses(&self) -> HashSet<&Address> {
        let Inventory { identities, policies, attachments, accounts, unfollowed, .. } = &self.inventory;
        let identities = identities.iter().map(|identity| &identity.address);
        let policies = policies.iter().map(|policy| &policy.address);
        let attachments = attachments.iter().map(|attachment| &attachment.address);
        let others = accounts.iter().map(|account| &account.address);
        let others = others.chain(unfollowed.iter().map(|stack| &stack.address));
        identities.chain(policies).chain(attachments).chain(others).collect()
    }
}

/// The choices that tell the deployments in `chosen` from the others in `among` (both are indices), told of the first of
/// them: as few as will do. `None` where there are no others.
#[must_use]
pub fn when(deployments: &[Deployment], among: &[usize], chosen: &[usize]) -> Option<String> {
    let others: Vec<&Deployment> =
        among.iter().filter(|at| !chosen.contains(at)).filter_map(|at| deployments.get(*at)).collect();
    let first = chosen.first().and_then(|at| deployments.get(*at))?;
    if others.is_empty() {
        return None;
    }
    let mut kept: Vec<&Choice> = first.choices.iter().collect();
    for at in (0..kept.len()).rev() {
        let dropped = kept.remove(at);
        if others.iter().any(|other| other.agrees(&kept)) {
            kept.insert(at, dropped);
        }
    }
    let outcomes: Vec<&str> = kept.iter().map(|choice| &*choice.outcome).collect();
    (!outcomes.is_empty()).then(|| outcomes.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(choices: &[(&str, &str)]) -> Deployment {
        let choice = |(about, outcome): &(&str, &str)| Choice { about: (*about).into(), outcome: (*outcome).into() };
        Deployment { choices: choices.iter().map(choice).collect(), ..Deployment::default() }
    }

    #[test]
    fn only_the_choices_that_matter_are_told() {
        let deployments = [
            deployment(&[("A", "a holds"), ("B", "b holds")]),
            deployment(&[("A", "a holds"), ("B", "b fails")]),
            deployment(&[("A", "a fails"), ("B", "b holds")]),
            deployment(&[("A", "a fails"), ("B", "b fails")]),
        ];
        let all = [0, 1, 2, 3];
        assert_eq!(when(&deployments, &all, &all), None);
        assert_eq!(when(&deployments, &all, &[2, 3]).as_deref(), Some("a fails"));
        assert_eq!(when(&deployments, &all, &[1, 3]).as_deref(), Some("b fails"));
        assert_eq!(when(&deployments, &all, &[1]).as_deref(), Some("a holds and b fails"));
        assert_eq!(when(&deployments, &[2, 3], &[2, 3]), None);
    }

    #[test]
    fn what_was_not_asked_may_be_either() {
        let deployments = [deployment(&[("A", "a holds")]), deployment(&[("A", "a fails"), ("B", "b holds")])];
        assert_eq!(when(&deployments, &[0, 1], &[1]).as_deref(), Some("a fails"));
    }
}
