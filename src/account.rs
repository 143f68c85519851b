//! The ids of AWS accounts, as they stand in texts.

/// Whether a text is the id of an account.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account in an ARN; `None` where it names none, or one that is no id.
pub(crate) fn account_of_arn(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account_id(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_twelve_digits() {
        assert!(is_account_id("012345678901"));
        for text in ["", "12345678901", "0123456789012", "01234567890a", "０１２３"] {
            assert!(!is_account_id(text), "{text}");
        }
    }

    #[test]
    fn arns_name_accounts() {
        assert_eq!(account_of_arn("arn:aws:iam::111122223333:role/a:b"), Some("111122223333"));
        assert_eq!(account_of_arn("arn:aws:s3:::bucket"), None);
        assert_eq!(account_of_arn("arn:aws:iam::aws:policy/AdministratorAccess"), None);
        assert_eq!(account_of_arn("111122223333"), None);
    }
}
