//! May this caller do this? Who may do what without MFA?

mod action_classes;
pub mod age;
pub mod blame;
pub mod case;
mod chosen;
pub mod classes;
pub mod context;
pub mod derived;
pub mod enrolment;
#[cfg(test)]
mod fixture;
pub mod passed;
pub mod people;
pub mod reading;
mod resource_classes;
pub mod services;
pub mod solver;
pub mod tests;
pub mod trust;

pub mod limits;
pub mod sessions;
pub mod terms;

use crate::iam::verdict::Judgement;
use crate::inventory::subjects::{Subject, SubjectKind};

use terms::Terms;

/// Judges a subject: can somebody get in without MFA, is somebody locked out who must not be, can it be known at all.
#[must_use]
pub fn judge(subject: &Subject) -> Judgement {
    judge_under(subject, &Terms::default())
}

/// Judges a subject on the terms that a project has set.
#[must_use]
pub fn judge_under(subject: &Subject, terms: &Terms) -> Judgement {
    match subject.kind {
        SubjectKind::RoleTrust => trust::judge(subject),
        SubjectKind::Group | SubjectKind::User => people::judge_under(subject, terms),
        SubjectKind::RolePermissions | SubjectKind::PermissionSet => sessions::judge(subject),
        SubjectKind::ManagedPolicy
        | SubjectKind::ServiceControl
        | SubjectKind::ResourceControl
        | SubjectKind::Boundary
        | SubjectKind::Resource => limits::judge(subject, terms),
    }
}
