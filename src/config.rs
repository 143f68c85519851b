//! The configuration of a project, `.mfagate.yaml`: whose accounts these are, and what has been decided about them.
//!
//! It is read by the same YAML reader as templates, so that whatever is wrong with it is shown at its line.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::account::is_account_id;
use crate::finding::{Finding, Severity};
use crate::iam::access::terms::{Exemption, Extent, Terms};
use crate::rules;
use crate::source::{Place, Source, Span};
use crate::tree::{Node, yaml};
use crate::waivers::{Scope, Waiver};

mod check;
mod globs;
pub mod homes;
pub mod init;
pub mod outcome;
mod schema;
mod shape;
#[cfg(test)]
mod tests;

pub use check::CONFIGURATION_RULE;
pub(crate) use check::problem;
pub use globs::Globs;
pub use schema::schema;

/// The name of the file.
pub const FILE_NAME: &str = ".mfagate.yaml";

/// What a project has decided. Without a file, nothing is.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The file, by the name that reports show.
    pub file: Option<String>,
    /// The folder that patterns of paths start from.
    pub folder: PathBuf,
    /// The accounts.
    pub accounts: Vec<Account>,
    /// What the evaluation goes by.
    pub terms: Terms,
    /// Accounts of vendors, for whom an external id does.
    pub vendors: BTreeSet<String>,
    /// How much a trust weighs that asks another account for an external id and not for MFA.
    pub external_id: Option<Severity>,
    /// Names and ARNs of roles that only machines assume.
    pub workload_roles: Globs,
    /// How long one use of MFA may count, in seconds.
    pub maximum_mfa_age: Option<u64>,
    /// How much the findings of a rule weigh.
    pub levels: BTreeMap<&'static str, Level>,
    /// The files of folders that count; all where there are none.
    pub include: Globs,
    /// The files of folders that do not count.
    pub exclude: Globs,
    /// The least severity that fails the run.
    pub fail_on: Option<Severity>,
    /// Findings that have been accepted.
    pub waivers: Vec<Waiver>,
}

/// An AWS account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub kind: AccountKind,
    /// The files that are deployed to it.
    pub paths: Globs,
    /// The provider configurations that lead to it.
    pub providers: Vec<String>,
}

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// The people's IAM users live here.
    Security,
    /// The organization's management account.
    Root,
    /// Any other.
    Child,
}

/// How much the findings of a rule weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// As much as this.
    Weighs(Severity),
    /// They are counted and not shown.
    Off,
}

/// Why there is no configuration although one was asked for or found.
#[derive(Debug)]
pub enum Failure {
    /// The file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// What is wrong in it, each at its place.
    Wrong(Vec<Finding>),
}

impl Configuration {
    /// The account of an id.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// Whether a file that was met in a folder is to be checked.
    #[must_use]
    pub fn wants(&self, path: &Path) -> bool {
        let path = self.relative(path);
        (self.include.is_empty() || self.include.matches(&path)) && !self.exclude.matches(&path)
    }

    /// A path from the configuration's folder, with slashes; as it is where it lies elsewhere.
    fn relative(&self, path: &Path) -> String {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let parts = if self.file.is_some() { absolute.strip_prefix(&self.folder).unwrap_or(path) } else { path };
        let parts: Vec<_> = parts
            .components()
            .filter(|part| !matches!(part, std::path::Component::CurDir | std::path::Component::RootDir))
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        parts.join("/")
    }
}

/// The configuration that goes for a folder: the file in it, or in one of the folders above up to the one that holds
/// `.git`. Outside of a repository only the folder itself counts.
#[must_use]
pub fn find(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    let top = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&folder);
    let inside = folder.ancestors().take_while(|folder| folder.starts_with(top));
    inside.map(|folder| folder.join(FILE_NAME)).find(|file| file.is_file())
}

/// Reads a configuration.
///
/// # Errors
///
/// A file that cannot be read, or in which something is wrong.
pub fn read(path: &Path) -> Result<Configuration, Failure> {
    let unreadable = |error| Failure::Unreadable(path.to_owned(), error);
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let folder = std::path::absolute(path).map_err(unreadable)?;
    let here = std::env::current_dir().unwrap_or_default();
    let shown = path.strip_prefix(here).unwrap_or(path).display().to_string();
    parse(&Source::file(shown, text), folder.parent().unwrap_or(&folder))
}

/// Reads the text of a configuration that lies in a folder.
///
/// # Errors
///
/// What is wrong in it, each at its place.
pub fn parse(source: &Arc<Source>, folder: &Path) -> Result<Configuration, Failure> {
    let wrong = |span: Span, message: String, help: &str| {
        Failure::Wrong(vec![check::problem(source, span, message, help.to_owned(), "here")])
    };
    let documents =
        yaml::parse(source).map_err(|error| wrong(error.span, error.message, "put the YAML right at this place"))?;
    let root = match documents.as_slice() {
        [] => None,
        [root] => Some(root),
        [_, second, ..] => {
            let help = "write everything into one, without `---`";
            return Err(wrong(second.span, "a configuration is one YAML document; this is a second one".into(), help));
        }
    };
    let problems = root.map(|root| check::problems(source, root)).unwrap_or_default();
    if !problems.is_empty() {
        return Err(Failure::Wrong(problems));
    }
    let read = root.map(|root| Configuration::new(source, root)).unwrap_or_default();
    Ok(Configuration { file: Some(source.name().to_owned()), folder: folder.to_owned(), ..read })
}

impl Configuration {
    /// Takes over what was found to be in order.
    fn new(source: &Arc<Source>, root: &Node) -> Self {
        let paths = root.get("paths");
        let under = |key: &str| paths.map(|paths| Globs::paths(texts(paths, key))).unwrap_or_default();
        Self {
            accounts: items(root, "accounts").filter_map(account).collect(),
            terms: Terms { exemptions: items(root, "exempt-actions").filter_map(exemption).collect() },
            vendors: texts(root, "vendors").map(str::to_owned).collect(),
            external_id: text(root, "external-id").and_then(Severity::named),
            workload_roles: Globs::names(texts(root, "workload-roles")),
            maximum_mfa_age: text(root, "maximum-mfa-age").and_then(|seconds| seconds.parse().ok()),
            levels: levels(root),
            include: under("include"),
            exclude: under("exclude"),
            fail_on: text(root, "fail-on").and_then(Severity::named),
            waivers: items(root, "waivers").filter_map(|node| waiver(source, node)).collect(),
            ..Self::default()
        }
    }
}

/// The account in an ARN, or in `any user in account 111122223333`.
#[must_use]
pub fn account_in(principal: &str) -> Option<&str> {
    principal.split([':', ' ']).find(|part| is_account_id(part))
}

fn account(node: &Node) -> Option<Account> {
    Some(Account {
        id: text(node, "id")?.to_owned(),
        name: text(node, "name").map(str::to_owned),
        kind: match text(node, "kind")? {
            "security" => AccountKind::Security,
            "root" => AccountKind::Root,
            _ => AccountKind::Child,
        },
        paths: Globs::paths(texts(node, "paths")),
        providers: texts(node, "providers").map(str::to_owned).collect(),
    })
}

fn exemption(node: &Node) -> Option<Exemption> {
    let action = node.as_text().or_else(|| text(node, "action"))?;
    let extent = if text(node, "resource") == Some("own") { Extent::Own } else { Extent::Any };
    Some(Exemption::new(action, extent))
}

fn levels(root: &Node) -> BTreeMap<&'static str, Level> {
    let entries = root.get("rules").and_then(Node::as_map).unwrap_or_default();
    let level = |word: &str| Severity::named(word).map_or(Level::Off, Level::Weighs);
    let entries =
        entries.iter().filter_map(|entry| Some((rules::find(&entry.key)?.id(), level(entry.value.as_text()?))));
    entries.collect()
}

fn waiver(source: &Arc<Source>, node: &Node) -> Option<Waiver> {
    Some(Waiver {
        rule: rules::find(text(node, "rule")?)?.id(),
        scope: Scope::Addresses(Globs::names([text(node, "address")?])),
        reason: text(node, "reason")?.to_owned(),
        until: text(node, "until").and_then(|day| day.parse().ok()),
        place: Place::new(source, node.span),
    })
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.as_text()
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    node.get(key).and_then(Node::as_list).unwrap_or_default().iter()
}

fn texts<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a str> {
    items(node, key).filter_map(Node::as_text)
}
