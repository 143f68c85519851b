//! The request contexts that `simulate` knows by name: who calls, and which keys the request has.

/// A request context.
#[derive(Clone, Copy, Debug)]
pub struct NamedContext {
    /// Its name.
    pub name: &'static str,
    /// Who calls: an ARN or a service's name; `None` for an unsigned request.
    pub principal: Option<&'static str>,
    /// What the two keys about MFA are.
    pub mfa: (Option<&'static str>, Option<&'static str>),
    /// The keys beside those that follow from the principal.
    pub keys: &'static [(&'static str, &'static [&'static str])],
    /// What it stands for.
    pub about: &'static str,
}

/// The context of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static NamedContext> {
    CONTEXTS.iter().find(|context| context.name == name)
}

const USER: &str = "arn:aws:iam::111122223333:user/alice";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Dev/alice";
const ABSENT: (Option<&str>, Option<&str>) = (None, None);
const WITHOUT: (Option<&str>, Option<&str>) = (Some("false"), None);

/// Keys of any signed request.
const DIRECT: &[(&str, &[&str])] = &[
    ("aws:securetransport", &["true"]),
    ("aws:sourceip", &["198.51.100.7"]),
    ("aws:viaawsservice", &["false"]),
    ("aws:currenttime", &["2026-11-21T12:00:00Z"]),
];
/// Keys of a request that is signed with temporary credentials.
const TEMPORARY: &[(&str, &[&str])] = &[
    ("aws:securetransport", &["true"]),
    ("aws:sourceip", &["198.51.100.7"]),
    ("aws:viaawsservice", &["false"]),
    ("aws:currenttime", &["2026-11-21T12:00:00Z"]),
    ("aws:tokenissuetime", &["2026-11-21T11:00:00Z"]),
];

/// All contexts.
pub const CONTEXTS: &[NamedContext] = &[
    row("long-term-key", Some(USER), ABSENT, DIRECT, "an IAM user's access key, without a session token"),
    row(
        "assume-role-mfa",
        Some(USER),
        with("0"),
        DIRECT,
        "an AssumeRole call that carries serial number and token code",
    ),
    row("temp-no-mfa", Some(USER), WITHOUT, TEMPORARY, "GetSessionToken without MFA"),
    row("temp-mfa-fresh", Some(USER), with("300"), TEMPORARY, "GetSessionToken with MFA five minutes ago"),
    row("temp-mfa-stale", Some(USER), with("100000"), TEMPORARY, "GetSessionToken with MFA 27.8 hours ago"),
    row("console-no-mfa", Some(USER), WITHOUT, TEMPORARY, "a console session after a password alone"),
    row("console-mfa", Some(USER), with("600"), TEMPORARY, "a console session after MFA"),
    row(
        "federated-user",
        Some("arn:aws:sts::111122223333:federated-user/alice"),
        WITHOUT,
        TEMPORARY,
        "a GetFederationToken session",
    ),
    row("role-session", Some(SESSION), WITHOUT, TEMPORARY, "a session of an assumed role"),
    row("role-session-absent", Some(SESSION), ABSENT, TEMPORARY, "the same session, with the keys about MFA missing"),
    row(
        "role-session-mfa-inherited",
        Some(SESSION),
        with("1200"),
        TEMPORARY,
        "a role assumed from a session with MFA, which some observed to be inherited",
    ),
    row(
        "ec2-instance-role",
        Some("arn:aws:sts::111122223333:assumed-role/AppServer/i-0123456789abcdef0"),
        WITHOUT,
        TEMPORARY,
        "an instance profile, a function or a task",
    ),
    row(
        "identity-center",
        Some("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@example.com"),
        WITHOUT,
        TEMPORARY,
        "a session of an IAM Identity Center permission set",
    ),
    row(
        "service-principal",
        Some("ec2.amazonaws.com"),
        ABSENT,
        &[
            ("aws:securetransport", &["true"]),
            ("aws:viaawsservice", &["false"]),
            ("aws:currenttime", &["2026-11-21T12:00:00Z"]),
        ],
        "an AWS service with its own identity",
    ),
    row(
        "saml",
        Some("arn:aws:iam::111122223333:saml-provider/Okta"),
        ABSENT,
        &[
            ("aws:securetransport", &["true"]),
            ("aws:sourceip", &["198.51.100.7"]),
            ("aws:viaawsservice", &["false"]),
            ("saml:aud", &["https://signin.aws.amazon.com/saml"]),
            ("aws:federatedprovider", &["arn:aws:iam::111122223333:saml-provider/Okta"]),
        ],
        "an AssumeRoleWithSAML call",
    ),
    row(
        "oidc",
        Some("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"),
        ABSENT,
        &[
            ("aws:securetransport", &["true"]),
            ("aws:sourceip", &["198.51.100.7"]),
            ("aws:viaawsservice", &["false"]),
            ("token.actions.githubusercontent.com:aud", &["sts.amazonaws.com"]),
            ("token.actions.githubusercontent.com:sub", &["repo:acme/app:ref:refs/heads/main"]),
        ],
        "an AssumeRoleWithWebIdentity call",
    ),
    row("root-key", Some(ROOT), ABSENT, DIRECT, "an access key of the root user"),
    row("root-console-no-mfa", Some(ROOT), WITHOUT, TEMPORARY, "a console session of the root user, password alone"),
    row("root-console-mfa", Some(ROOT), with("600"), TEMPORARY, "a console session of the root user after MFA"),
    row(
        "fas",
        Some(USER),
        WITHOUT,
        &[
            ("aws:securetransport", &["true"]),
            ("aws:sourceip", &["198.51.100.7"]),
            ("aws:viaawsservice", &["true"]),
            ("aws:currenttime", &["2026-11-21T12:00:00Z"]),
            ("aws:tokenissuetime", &["2026-11-21T11:55:00Z"]),
            ("aws:calledvia", &["cloudformation.amazonaws.com"]),
            ("aws:calledviafirst", &["cloudformation.amazonaws.com"]),
            ("aws:calledvialast", &["cloudformation.amazonaws.com"]),
        ],
        "a service that uses the caller's identity, the caller without MFA",
    ),
    row(
        "anonymous",
        None,
        ABSENT,
        &[("aws:securetransport", &["true"]), ("aws:sourceip", &["203.0.113.9"]), ("aws:viaawsservice", &["false"])],
        "an unsigned request",
    ),
];

const fn with(age: &'static str) -> (Option<&'static str>, Option<&'static str>) {
    (Some("true"), Some(age))
}

const fn row(
    name: &'static str,
    principal: Option<&'static str>,
    mfa: (Option<&'static str>, Option<&'static str>),
    keys: &'static [(&'static str, &'static [&'static str])],
    about: &'static str,
) -> NamedContext {
    NamedContext { name, principal, mfa, keys, about }
}
