//! Why an input cannot be used, whose fault that is and what to do.

use std::io;

use crate::io_error;
use crate::tree::SyntaxError;

/// Why a file, folder or standard input cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The operating system does not hand it out.
    #[error("cannot be read: {}", io_error::reason(.0))]
    Unreadable(#[source] io::Error),
    /// Larger than any plan.
    #[error("is larger than {} MiB, which no plan or template is", .limit >> 20)]
    TooLarge {
        /// The bound in bytes.
        limit: u64,
    },
    /// Nothing in it but white space.
    #[error("is empty")]
    Empty,
    /// Bytes that no encoding of text explains.
    #[error("is a binary file")]
    Binary,
    /// Text in an encoding other than UTF-8 and UTF-16.
    #[error("is not UTF-8 text: the byte at offset {at}, in line {line}, fits no character")]
    Encoding {
        /// The offset of the first byte that does not fit.
        at: usize,
        /// Its line.
        line: usize,
    },
    /// What `terraform plan -out` writes.
    #[error("is a plan in Terraform's binary form, which only Terraform itself can read")]
    BinaryPlan,
    /// What Terraform keeps in its backend.
    #[error("is a raw state file, whose form Terraform keeps to itself")]
    RawState,
    /// What `terraform plan -json` prints.
    #[error("is the log that `terraform plan -json` or `apply -json` prints, not a plan")]
    Log,
    /// What `terraform plan` or `show` prints without `-json`.
    #[error("is a plan as Terraform prints it for people, not plan JSON")]
    HumanPlan,
    /// What Terraform Cloud offers for download to test Sentinel policies with.
    #[error("is a Sentinel mock, a program and not plan JSON")]
    SentinelMock,
    /// `.tf` or `.tf.json`.
    #[error("is Terraform configuration; what it makes is known only from a plan")]
    Configuration,
    /// The wrapper that the setup-terraform action puts around the program adds its own lines.
    #[error("holds lines of the setup-terraform wrapper (`{line}`) around the JSON that Terraform printed")]
    Wrapper {
        /// The first such line, cut short.
        line: String,
    },
    /// Text that another tool has yet to fill in.
    #[error("is a template (`{mark}`) that has not been rendered: {fault}")]
    Templating {
        /// What gives it away: `{{`, `{%`, `<%` or `%{`.
        mark: &'static str,
        /// What is wrong with it when it is read as it is.
        fault: String,
    },
    /// Neither JSON nor YAML.
    #[error("cannot be parsed: {0}")]
    Syntax(SyntaxError),
    /// A key of a template or policy with a value of another kind than it must have.
    #[error("`{key}` must be a map, and is {kind}")]
    NotAMap {
        /// The key.
        key: &'static str,
        /// What stands there instead: `a list`.
        kind: &'static str,
    },
    /// A manifest of a CDK assembly that says what must not be followed.
    #[error("is the manifest of a CDK cloud assembly that cannot be followed in all: {reason}")]
    Assembly {
        /// What cannot be followed, and why.
        reason: String,
    },
    /// A project of a module of the CloudFormation registry that does not say which module.
    #[error("is the configuration of a module's project, and does not say which module that is: {fault}")]
    Module {
        /// What is wrong with the name of the type.
        fault: String,
    },
    /// A plan or state of a later format.
    #[error("has `format_version` `{version}`; known are 0.1 to 1.x")]
    FormatVersion {
        /// The version that the file states.
        version: String,
    },
    /// One or more statements with no policy around them.
    #[error("is a statement without a policy document around it")]
    Statement,
    /// More than one policy document, which could not be told apart in a report.
    #[error("holds {count} policy documents")]
    SeveralPolicies {
        /// How many.
        count: usize,
    },
    /// Valid, and something else.
    #[error("is neither a Terraform plan or state, nor a CloudFormation template, nor a policy document: {found}")]
    Foreign {
        /// What it is instead: `a map with the keys …`.
        found: String,
    },
}

impl LoadError {
    /// What to do, as a sentence with commands for the file of this name; `None` where the message says all.
    #[must_use]
    pub fn help(&self, file: &str) -> Option<String> {
        let path = shell_word(file);
        let help = match self {
            Self::BinaryPlan => {
                format!("run `terraform show -json {path} > plan.json` and check plan.json (OpenTofu: `tofu show`)")
            }
            Self::RawState => {
                format!("run `terraform show -json {path} > state.json` and check state.json (OpenTofu: `tofu show`)")
            }
            Self::Log | Self::HumanPlan | Self::Configuration | Self::SentinelMock => {
                "run `terraform plan -out tfplan`, then `terraform show -json tfplan > plan.json`, and check plan.json"
                    .to_owned()
            }
            Self::Wrapper { .. } => {
                "set `terraform_wrapper: false` in the step that uses hashicorp/setup-terraform, or call \
                `terraform-bin show -json` there"
                    .to_owned()
            }
            Self::Templating { .. } => "render it first and check what comes out".to_owned(),
            Self::Module { .. } => {
                "give it a `typeName` of the form `Organization::Service::UseCase::MODULE`".to_owned()
            }
            Self::Assembly { .. } => "run `cdk synth` again and check the folder that it writes".to_owned(),
            Self::Encoding { .. } => "save it as UTF-8".to_owned(),
            Self::Empty => "see whether the command that should have filled it failed".to_owned(),
            Self::FormatVersion { .. } => "look for a newer mfagate".to_owned(),
            Self::Statement => r#"write `{"Version": "2012-10-17", "Statement": [...]}` around it"#.to_owned(),
            Self::SeveralPolicies { .. } => "give each a file of its own".to_owned(),
            Self::Foreign { .. } => {
                "give a plan (`terraform show -json`), a template with `Resources`, or a policy with `Statement`"
                    .to_owned()
            }
            _ => return None,
        };
        Some(help)
    }
}

/// A file name as a shell takes it; standard input has none, so the usual one stands in.
fn shell_word(file: &str) -> String {
    let plain = |char: char| char.is_alphanumeric() || "/._-+=:@%,".contains(char);
    match file {
        super::STDIN => "tfplan".to_owned(),
        _ if file.chars().all(plain) => file.to_owned(),
        _ => format!("'{}'", file.replace('\'', r"'\''")),
    }
}
