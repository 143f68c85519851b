use super::*;
use crate::iam::request::signer;

fn caller(principal: &str) -> Caller {
    Caller::new(CallerKind::PasswordSession, signer(principal), false)
}

/// A key's value, `absent` or `free`.
fn value(caller: &Caller, mfa: &MfaState, key: &str) -> String {
    match caller.keys(mfa).values(key) {
        Lookup::Present(values) => values.iter().collect::<Vec<_>>().join(","),
        Lookup::Absent => "absent".to_owned(),
        Lookup::Free => "free".to_owned(),
    }
}

const USER: &str = "arn:aws:iam::111122223333:user/ops/alice";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/ci/build-7";
const SERVICE: &str = "ec2.amazonaws.com";
const SAML: &str = "arn:aws:iam::111122223333:saml-provider/Okta";
const OIDC: &str = "arn:aws:iam::111122223333:oidc-provider/token.example.com";

#[test]
fn what_credentials_fix() {
    let keys = [
        "aws:principalarn",
        "aws:principaltype",
        "aws:username",
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:viaawsservice",
        "aws:principaltag/team",
        "aws:sourceaccount",
        "sts:externalid",
        "saml:aud",
        "token.example.com:sub",
        "aws:sourceip",
    ];
    let root = "arn:aws:iam::111122223333:root";
    let role = "arn:aws:iam::111122223333:role/ci";
    let account = "111122223333";
    for (principal, expected) in [
        (
            USER,
            [USER, "User", "alice", account, "false", "false", "free", "absent", "free", "absent", "absent", "free"],
        ),
        (
            root,
            [
                root, "Account", "absent", account, "false", "false", "free", "absent", "free", "absent", "absent",
                "free",
            ],
        ),
        (
            SESSION,
            [
                role,
                "AssumedRole",
                "absent",
                account,
                "false",
                "false",
                "free",
                "absent",
                "free",
                "free",
                "free",
                "free",
            ],
        ),
        (
            SERVICE,
            [
                "absent", "absent", "absent", "absent", "true", "false", "absent", "free", "free", "absent", "absent",
                "free",
            ],
        ),
        (
            SAML,
            [
                "absent", "absent", "absent", "absent", "false", "false", "absent", "absent", "absent", "free",
                "absent", "free",
            ],
        ),
        (
            OIDC,
            [
                "absent", "absent", "absent", "absent", "false", "false", "absent", "absent", "absent", "absent",
                "free", "free",
            ],
        ),
    ] {
        let caller = caller(principal);
        for (key, expected) in keys.into_iter().zip(expected) {
            assert_eq!(value(&caller, &MfaState::absent(), key), expected, "{key} of {principal}");
        }
    }
}

#[test]
fn a_forwarded_call_says_so() {
    let forwarded = caller(USER).forwarded();
    assert_eq!(value(&forwarded, &MfaState::absent(), "aws:viaawsservice"), "true");
    assert_eq!(value(&forwarded, &MfaState::absent(), "aws:calledvia"), "free");
    assert_eq!(value(&caller(USER), &MfaState::absent(), "aws:calledvia"), "absent");
}

#[test]
fn states_of_mfa() {
    let user = caller(USER);
    for (state, present, age) in [
        (MfaState::absent(), "absent", "absent"),
        (MfaState::without(), "false", "absent"),
        (MfaState::with(300), "true", "300"),
    ] {
        assert_eq!(value(&user, &state, PRESENT), present);
        assert_eq!(value(&user, &state, AGE), age);
    }
    assert_eq!((MfaState::with(300).age(), MfaState::without().age()), (Some(300), None));
}

#[test]
fn names_that_were_meant_to_be_about_mfa() {
    let (present, age) = (Some("aws:MultiFactorAuthPresent"), Some("aws:MultiFactorAuthAge"));
    for (key, expected) in [
        ("aws:MFAPresent", present),
        ("aws:MultiFactorAuthenticated", present),
        ("AWS:multi-factor-auth-present", present),
        ("MultiFactorAuthPresent", present),
        ("aws:MfaAge", age),
        ("aws:MultiFactorAuthAgeInSeconds", age),
        ("aws:MultiFactorAuthPresent", None),
        ("AWS:MULTIFACTORAUTHAGE", None),
        ("aws:SourceIp", None),
        // Names that somebody else gave.
        ("aws:PrincipalTag/MFA", None),
        ("aws:RequestTag/mfa-required", None),
        ("iam:ResourceTag/mfa", None),
        ("cognito-idp:MfaConfiguration", None),
    ] {
        assert_eq!(misspelt(key), expected, "{key}");
    }
}
