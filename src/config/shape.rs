//! The form of a configuration, once: what is read, what is refused and what editors are told all follow from it.

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Text that is not empty.
    Text,
    /// Twelve digits.
    AccountId,
    /// A pattern of paths, as in `.gitignore`.
    PathPattern,
    /// A pattern of names, in which `*` stands for anything.
    NamePattern,
    /// An action or a pattern of actions, as `service:Name`.
    Action,
    /// The id of a rule.
    Rule,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number from 1 up to this one.
    Number(u64),
    /// A day, as `2027-01-31`.
    Date,
    /// Any number of values of one shape.
    List(&'static Self),
    /// A map with these keys.
    Map(&'static [Field]),
    /// A map from the ids of rules to values of one shape.
    ByRule(&'static Self),
    /// A scalar of the first shape, or a value of the second one.
    ShortOrLong(&'static Self, &'static Self),
}

/// A key of a map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// The key.
    pub(super) name: &'static str,
    /// What it is for, in one sentence.
    pub(super) about: &'static str,
    /// Whether it has to be there.
    pub(super) required: bool,
    /// What it holds.
    pub(super) shape: Shape,
}

/// The words for how much a finding weighs.
pub(super) const SEVERITIES: &[&str] = &["error", "warning", "note"];

/// The longest that a session can live, in seconds: 36 hours.
pub(super) const LONGEST_SESSION: u64 = 129_600;

/// The whole file.
pub(super) const CONFIGURATION: &[Field] = &[
    field(
        "accounts",
        "The AWS accounts, each with what lies in it: IAM users and groups belong into those of kind `security`.",
        Shape::List(&Shape::Map(ACCOUNT)),
    ),
    field(
        "exempt-actions",
        "Actions that may work without MFA, beside those that enrol a first device.",
        Shape::List(&Shape::ShortOrLong(&Shape::Action, &Shape::Map(EXEMPTION))),
    ),
    field(
        "vendors",
        "Accounts of vendors whose machines assume roles with an external id: these trusts are notes.",
        Shape::List(&Shape::AccountId),
    ),
    field(
        "external-id",
        "How much it weighs that an account that is no known vendor needs an external id and no MFA (default: warning).",
        Shape::Choice(&["error", "warning"]),
    ),
    field(
        "workload-roles",
        "Names or ARNs of roles that only machines assume: that their trust does not ask for MFA is a note.",
        Shape::List(&Shape::NamePattern),
    ),
    field(
        "maximum-mfa-age",
        "The seconds for which one use of MFA may count; whatever admits an older one is found by `mfa-too-old`.",
        Shape::Number(LONGEST_SESSION),
    ),
    field(
        "rules",
        "How much the findings of a rule weigh; `off` takes them out of the report, which tells how many there were.",
        Shape::ByRule(&Shape::Choice(&["error", "warning", "note", "off"])),
    ),
    field(
        "paths",
        "Which files of the folders that are checked count; a file that is named outright is always checked.",
        Shape::Map(PATHS),
    ),
    field("fail-on", "The least severity that fails the run (default: error).", Shape::Choice(SEVERITIES)),
    field(
        "waivers",
        "Findings that have been accepted for a time, each with the reason.",
        Shape::List(&Shape::Map(WAIVER)),
    ),
];

const ACCOUNT: &[Field] = &[
    required("id", "The account id: 12 digits.", Shape::AccountId),
    field("name", "What people call it.", Shape::Text),
    required(
        "kind",
        "What it is for: `security` holds the people's IAM users, `root` is the organization's management account.",
        Shape::Choice(&["security", "root", "child"]),
    ),
    field(
        "paths",
        "Files and folders that are deployed to it, as in `.gitignore`, from where the configuration lies.",
        Shape::List(&Shape::PathPattern),
    ),
    field(
        "providers",
        "Provider configurations in plans that lead to it, as `aws.alias` or `alias`.",
        Shape::List(&Shape::Text),
    ),
];

const EXEMPTION: &[Field] = &[
    required("action", "The action, as `service:Name`; `*` stands for anything.", Shape::Action),
    field(
        "resource",
        "Where it may work without MFA: `own` on the caller's own user and MFA devices, `any` everywhere (default: any).",
        Shape::Choice(&["own", "any"]),
    ),
];

const PATHS: &[Field] = &[
    field("include", "Only these files and folders, as in `.gitignore`.", Shape::List(&Shape::PathPattern)),
    field("exclude", "Not these files and folders, as in `.gitignore`.", Shape::List(&Shape::PathPattern)),
];

const WAIVER: &[Field] = &[
    required("rule", "The rule whose findings are accepted.", Shape::Rule),
    required(
        "address",
        "The resource, as findings name it; `*` stands for anything, `[` and `]` for themselves.",
        Shape::NamePattern,
    ),
    required("reason", "Why it is acceptable.", Shape::Text),
    field("until", "The last day on which it is, as `2027-01-31`.", Shape::Date),
];

const fn field(name: &'static str, about: &'static str, shape: Shape) -> Field {
    Field { name, about, required: false, shape }
}

const fn required(name: &'static str, about: &'static str, shape: Shape) -> Field {
    Field { name, about, required: true, shape }
}

impl Shape {
    /// What a message calls a value of this shape.
    pub(super) fn called(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::AccountId => "an account id, which has 12 digits".to_owned(),
            Self::PathPattern => "a pattern of paths, such as `live/security/**`".to_owned(),
            Self::NamePattern => "a name, in which `*` stands for anything".to_owned(),
            Self::Action => "an action, such as `iam:ListAccessKeys`".to_owned(),
            Self::Rule => "the id of a rule".to_owned(),
            Self::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Number(most) => format!("a whole number of seconds from 1 to {most}"),
            Self::Date => "a day, such as `2027-01-31`".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) | Self::ByRule(_) => "a map".to_owned(),
            Self::ShortOrLong(short, long) => format!("{}, or {}", short.called(), long.called()),
        }
    }
}
