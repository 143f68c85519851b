//! A witness in one plain sentence.

use std::fmt::Write as _;

use super::visible;
use crate::iam::verdict::{CallerKind, Given, Witness};

/// Who can do what, and under which circumstances: lower case, no final period.
pub(super) fn sentence(witness: &Witness, assumes_this_role: bool) -> String {
    let who = who(witness);
    let what = what(witness, assumes_this_role);
    let mut sentence = format!("{who} can {what}");
    let circumstances: Vec<String> = witness.given.iter().map(circumstance).collect();
    if let Some((last, rest)) = circumstances.split_last() {
        sentence.push_str(" when ");
        if !rest.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(sentence, "{} and ", rest.join(", "));
        }
        sentence.push_str(last);
    }
    sentence
}

fn who(witness: &Witness) -> String {
    let principal = principal(&witness.principal);
    match witness.caller {
        CallerKind::AccessKey => format!("an access key of {principal}"),
        CallerKind::PasswordSession => format!("a session of {principal} that signed in without MFA"),
        CallerKind::MfaSession => format!("a session of {principal} that signed in with MFA"),
        CallerKind::RoleSession => format!("a role session of {principal}"),
        CallerKind::PermissionSet => format!("a permission set session of {principal}"),
        CallerKind::Federated => format!("an identity that {principal} federates"),
        CallerKind::Service => format!("the service {principal}"),
        CallerKind::Root => format!("the root user {principal} without MFA"),
        CallerKind::Anonymous => "anybody at all, without signing in,".to_owned(),
    }
}

/// ARNs and service names are quoted; a part of a sentence, such as `any user in account 111122223333`, is not.
fn principal(text: &str) -> String {
    let shown = visible(text);
    if text.is_empty() {
        "some principal".to_owned()
    } else if text.contains(' ') {
        shown.into_owned()
    } else {
        format!("`{shown}`")
    }
}

fn what(witness: &Witness, assumes_this_role: bool) -> String {
    let action = visible(&witness.action);
    if assumes_this_role && action.starts_with("sts:AssumeRole") {
        "assume this role".to_owned()
    } else if witness.resource == "*" {
        format!("call `{action}`")
    } else {
        format!("call `{action}` on `{}`", visible(&witness.resource))
    }
}

fn circumstance(given: &Given) -> String {
    let key = visible(&given.key);
    match given.values.as_deref() {
        None => format!("`{key}` is absent"),
        Some([]) => format!("`{key}` is an empty list"),
        Some(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{}`", visible(value))).collect();
            format!("`{key}` is {}", values.join(" and "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn witness(caller: CallerKind, principal: &str, action: &str, resource: &str) -> Witness {
        Witness {
            caller,
            principal: principal.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            given: Vec::new(),
        }
    }

    #[test]
    fn a_role_is_assumed() {
        let call = witness(CallerKind::AccessKey, "any user in account 111122223333", "sts:AssumeRole", "*");
        assert_eq!(sentence(&call, true), "an access key of any user in account 111122223333 can assume this role");
        assert_eq!(
            sentence(&call, false),
            "an access key of any user in account 111122223333 can call `sts:AssumeRole`"
        );
    }

    #[test]
    fn circumstances_are_named() {
        let mut call = witness(
            CallerKind::PasswordSession,
            "arn:aws:iam::111122223333:user/ann",
            "s3:GetObject",
            "arn:aws:s3:::logs/\u{1b}[0m",
        );
        call.given = vec![
            Given { key: "aws:SourceVpc".to_owned(), values: None },
            Given { key: "aws:SourceIp".to_owned(), values: Some(vec!["192.0.2.1".to_owned()]) },
        ];
        assert_eq!(
            sentence(&call, false),
            "a session of `arn:aws:iam::111122223333:user/ann` that signed in without MFA can call `s3:GetObject` on \
             `arn:aws:s3:::logs/\\u{1b}[0m` when `aws:SourceVpc` is absent and `aws:SourceIp` is `192.0.2.1`"
        );
    }
}
