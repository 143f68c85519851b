//! Every command and flag, its help and its default.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::account::is_account_id;
use crate::extract::Settings;
use crate::finding::Severity;
use crate::iam::caller::contexts::CONTEXTS;
use crate::inventory::PolicyKind;
use crate::io_error;
use crate::report::{FORMATS, Format};

mod parameters;

/// What the exit status means.
pub const EXIT_STATUS: &str = "0 nothing at or above the threshold; 1 findings; 2 something could not be read or used, or there was nothing to check.";

/// Decides, by evaluating IAM policies as AWS would, whether people can get in without MFA.
#[derive(Debug, Parser)]
#[command(name = "mfagate", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = format!("Exit status: {EXIT_STATUS}"))]
pub struct Cli {
    /// What to do; without a command, `check`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The arguments of `check`, where no command is named.
    #[command(flatten)]
    pub check: Check,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check plans, templates and policies (the default command)
    Check(Check),
    /// Decide single requests with the evaluator that `check` uses
    Simulate(Simulate),
    /// Explain a rule: what, why, a bad and a good example, how to fix it
    Explain(Explain),
    /// Write a commented configuration from what a first run finds
    Init(Init),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page of the program or of a command, for `man`
    Man(Man),
    /// Print the JSON Schema of the configuration, for editors
    Schema,
}

/// The arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Files and folders: Terraform plan or state JSON, CloudFormation templates, policy documents; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub paths: Vec<PathBuf>,
    /// Report format, with `=FILE` into a file; may be given several times: human, json, sarif, github, gitlab, junit or
    /// markdown
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = target, default_value = "human")]
    pub format: Vec<Target>,
    /// File for the report, where one format is asked for
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The least severity that fails the run [default: `fail-on` of the configuration, or error]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Fail only for what the change brings or makes worse; what was there before it is shown all the same
    #[arg(long)]
    pub new_only: bool,
    /// An earlier JSON report: its findings are shown and do not fail the run
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Put templates right in place, as far as the evaluator confirms each fix; the report is of what is left
    #[arg(long, conflicts_with = "diff")]
    pub fix: bool,
    /// Print what `--fix` would change as a patch, and write nothing
    #[arg(long)]
    pub diff: bool,
    /// Configuration [default: .mfagate.yaml, here or in a folder above, up to the one with .git]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What single policy documents are for, where guessing is wrong
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub document_kind: Option<DocumentKind>,
    /// The value of a template parameter; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameter: Vec<(String, String)>,
    /// File with values of template parameters, in the format of the AWS CLI or of the deploy action
    #[arg(long, value_name = "FILE")]
    pub parameters: Vec<PathBuf>,
    /// The id of the account that templates are deployed to
    #[arg(long, value_name = "ID", value_parser = account)]
    pub account: Option<String>,
    /// The region that templates are deployed to, as in `eu-central-1`
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub region: Option<String>,
    /// Folder of the root module that a plan was made of; may be given several times, each plan takes the one that fits
    /// [default: the folder of the plan, then the working folder]
    #[arg(long, value_name = "DIR", value_parser = PathBufValueParser::new().try_map(folder))]
    pub source: Vec<PathBuf>,
    /// When to use colour; `auto` asks the terminal and `NO_COLOR`
    #[arg(long, value_enum, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// The arguments of `simulate`.
#[derive(Args, Debug)]
pub struct Simulate {
    /// Policy documents that decide together
    #[arg(long, value_name = "FILE", num_args = 1.., required_unless_present = "batch")]
    pub policy: Vec<PathBuf>,
    /// What the policies are
    #[arg(long, value_enum, value_name = "KIND", default_value = "identity")]
    pub kind: SimulatedKind,
    /// Credentials by name, with the context keys that a request with them has
    #[arg(long, value_name = "NAME", value_parser = contexts(),
          required_unless_present_any = ["key", "principal", "batch"])]
    pub context: Option<String>,
    /// A context key with its value; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub key: Vec<(String, String)>,
    /// Who calls
    #[arg(long, value_name = "ARN")]
    pub principal: Option<String>,
    /// The action, as `service:Name`
    #[arg(long, value_name = "ACTION", value_parser = action, required_unless_present = "batch")]
    pub action: Option<String>,
    /// The resource
    #[arg(long, value_name = "ARN", default_value = "*")]
    pub resource: String,
    /// Many requests: a JSON object on each line, from a file or standard input
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-",
          conflicts_with_all = ["policy", "context", "key", "principal", "action"])]
    pub batch: Option<PathBuf>,
}

/// The arguments of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// The rule; without it, the list of rules
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,
}

/// The arguments of `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Files and folders to run over, as for `check`
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub paths: Vec<PathBuf>,
    /// The file to write, which must not be there yet
    #[arg(long, short, value_name = "FILE", default_value = crate::config::FILE_NAME)]
    pub output: PathBuf,
}

/// The arguments of `man`.
#[derive(Args, Debug)]
pub struct Man {
    /// The command that the page is about; without it, the whole program
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// The arguments of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// A format and where it goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The format.
    pub format: &'static Format,
    /// The file; `None` is standard output.
    pub file: Option<PathBuf>,
}

/// The thresholds of `--fail-on`.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(missing_docs, reason = "each is the severity of that name")]
pub enum FailOn {
    Error,
    Warning,
    Note,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "each is what its name says")]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// What single policy documents are for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DocumentKind {
    /// A role's trust policy
    Trust,
    /// A policy of a group, user or role
    Identity,
    /// A service control policy
    Scp,
    /// A resource control policy
    Rcp,
    /// A policy on a resource, such as a bucket
    Resource,
}

/// What the policies of `simulate` are.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(missing_docs, reason = "each is the kind of policy of that name")]
pub enum SimulatedKind {
    Identity,
    Trust,
    Resource,
    Scp,
    Rcp,
    Boundary,
}

impl Check {
    /// What is said about the inputs beside them; what the command line gives wins over files, a later file over an earlier.
    ///
    /// # Errors
    ///
    /// A parameter file that cannot be read or used.
    pub fn settings(&self) -> Result<Settings, String> {
        let mut parameters = HashMap::new();
        for path in &self.parameters {
            let text = std::fs::read_to_string(path).map_err(|error| io_error::reason(&error));
            let given = text.and_then(|text| parameters::read(&text));
            let given = given.map_err(|fault| format!("cannot use `{}`: {fault}", path.display()))?;
            parameters.extend(given);
        }
        parameters.extend(self.parameter.iter().cloned());
        let document_kind = self.document_kind.map(Into::into);
        Ok(Settings { document_kind, parameters, account: self.account.clone(), region: self.region.clone() })
    }

    /// Where each format goes; `--output` is the file of the only format that names none.
    ///
    /// # Errors
    ///
    /// Two formats that would go to one place, or an `--output` without a format for it.
    pub fn targets(&self) -> Result<Vec<Target>, String> {
        let mut targets = self.format.clone();
        if let Some(output) = &self.output {
            match targets.as_mut_slice() {
                [only] if only.file.is_none() => only.file = Some(output.clone()),
                _ => {
                    return Err(
                        "`--output` goes with one format; write `--format NAME=FILE` for each of several".into()
                    );
                }
            }
        }
        for (at, target) in targets.iter().enumerate() {
            if targets.iter().skip(at + 1).any(|other| other.file == target.file) {
                let place =
                    target.file.as_ref().map_or("standard output".into(), |file| format!("`{}`", file.display()));
                return Err(format!("two formats would go to {place}; write `--format NAME=FILE` for one of them"));
            }
        }
        Ok(targets)
    }
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Note => Self::Note,
        }
    }
}

impl From<DocumentKind> for PolicyKind {
    fn from(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Trust => Self::Trust,
            DocumentKind::Identity => Self::Managed,
            DocumentKind::Scp => Self::ServiceControl,
            DocumentKind::Rcp => Self::ResourceControl,
            DocumentKind::Resource => Self::Resource,
        }
    }
}

fn target(text: &str) -> Result<Target, String> {
    let (name, file) = match text.split_once('=') {
        Some((_, "")) => return Err("a file name is missing after `=`".to_owned()),
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let format = FORMATS.iter().find(|format| format.name == name);
    let format = format.ok_or_else(|| format!("the formats are {}", names.join(", ")))?;
    Ok(Target { format, file })
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write `NAME=VALUE`, as in `Environment=prod`")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The contexts that `simulate` knows, each with what it stands for.
fn contexts() -> PossibleValuesParser {
    CONTEXTS.iter().map(|context| PossibleValue::new(context.name).help(context.about)).collect::<Vec<_>>().into()
}

fn account(text: &str) -> Result<String, String> {
    if is_account_id(text) { Ok(text.to_owned()) } else { Err("account ids have 12 digits".to_owned()) }
}

fn region(text: &str) -> Result<String, String> {
    let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    let is_region = text.contains('-') && text.chars().all(plain);
    if is_region { Ok(text.to_owned()) } else { Err("write a region, as in `eu-central-1`".to_owned()) }
}

fn folder(path: PathBuf) -> Result<PathBuf, String> {
    if path.is_dir() { Ok(path) } else { Err("there is no such folder".to_owned()) }
}

fn action(text: &str) -> Result<String, String> {
    let (service, name) = text.split_once(':').unwrap_or_default();
    let is_action = !service.is_empty() && !name.is_empty();
    if is_action { Ok(text.to_owned()) } else { Err("write `service:Name`, as in `s3:GetObject`".to_owned()) }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write `KEY=VALUE`, as in `aws:MultiFactorAuthPresent=true`")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn check(arguments: &[&str]) -> Check {
        Cli::try_parse_from(std::iter::once(&"mfagate").chain(arguments)).unwrap().check
    }

    #[test]
    fn the_arguments_are_well_defined() {
        Cli::command().debug_assert();
    }

    #[test]
    fn check_is_the_default_command() {
        assert_eq!(check(&["plan.json"]).paths, [PathBuf::from("plan.json")]);
        assert_eq!(check(&[]).paths, [PathBuf::from(".")]);
    }

    #[test]
    fn several_formats_at_once() {
        let targets = check(&["--format", "json=out.json", "--format", "human"]).targets().unwrap();
        let told: Vec<_> = targets.iter().map(|target| (target.format.name, target.file.clone())).collect();
        assert_eq!(told, [("json", Some("out.json".into())), ("human", None)]);
    }

    #[test]
    fn output_is_for_one_format() {
        let targets = check(&["--format", "json", "--output", "o"]).targets().unwrap();
        assert_eq!(targets[0].file, Some("o".into()));
        assert!(check(&["--format", "json", "--format", "human", "--output", "o"]).targets().is_err());
        assert!(check(&["--format", "json=o", "--output", "p"]).targets().is_err());
    }

    #[test]
    fn formats_do_not_share_a_place() {
        assert!(check(&["--format", "json", "--format", "human"]).targets().is_err());
        assert!(check(&["--format", "json=o", "--format", "human=o"]).targets().is_err());
    }

    #[test]
    fn regions_and_folders_that_cannot_be_are_refused() {
        let refused = |flag: &str, value: &str| Cli::try_parse_from(["mfagate", flag, value]).unwrap_err().to_string();
        assert!(refused("--region", "Frankfurt").contains("write a region, as in `eu-central-1`"));
        assert!(refused("--source", "no-such-folder").contains("there is no such folder"));
        let given = check(&["--region", "us-gov-west-1", "--source", "."]);
        assert_eq!((given.region.as_deref(), given.source), (Some("us-gov-west-1"), vec![PathBuf::from(".")]));
    }

    #[test]
    fn formats_that_do_not_exist_are_refused() {
        let error = Cli::try_parse_from(["mfagate", "--format", "yaml"]).unwrap_err();
        assert!(error.to_string().contains("the formats are human, json"), "{error}");
    }
}
