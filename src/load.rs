//! From paths to inputs: walks folders, reads bytes, undoes encodings and decides by content what each file is.
//!
//! A file that is named outright is used or reported. In a folder, what is none of ours is passed over and counted; what
//! looks like ours and cannot be used is reported all the same.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use crate::source::{Place, Source, Span};
use crate::tree::Node;
use assembly::Assembly;
use detect::{Kind, Refusal};

pub mod assembly;
mod beside;
mod content;
mod decode;
mod detect;
mod error;
mod modules;
mod peek;
mod signs;
mod terraform;

pub use error::LoadError;

/// The name under which reports show standard input.
pub const STDIN: &str = "<stdin>";

/// One input that holds something to check.
#[derive(Clone, Debug)]
pub struct Input {
    /// The text.
    pub source: Arc<Source>,
    /// What it is.
    pub format: Format,
    /// The type of the CloudFormation registry's module that it is the template of, where it lies in the project of one.
    pub module: Option<String>,
}

impl Input {
    /// An input that is the template of no module.
    #[must_use]
    pub fn new(source: Arc<Source>, format: Format) -> Self {
        Self { source, format, module: None }
    }

    /// The same with another text; `None` where that would be something else, or several things.
    #[must_use]
    pub fn with_text(&self, text: String) -> Option<Self> {
        let source = Source::file(self.source.name(), text);
        let mut formats = detect::detect(&source, true).ok()?.into_iter();
        let format = formats.next()?;
        let is_like = std::mem::discriminant(&format) == std::mem::discriminant(&self.format);
        let module = self.module.clone();
        (is_like && formats.next().is_none()).then_some(Self { source, format, module })
    }
}

/// What an input is, with as much of it as the decision had to read.
#[derive(Clone, Debug)]
pub enum Format {
    /// Terraform or OpenTofu plan JSON; the span is that of the plan object, which some tools wrap. Its keys are known to
    /// be those of a plan; whether it is valid JSON to its end is for its reader to say.
    TerraformPlan(Span),
    /// Terraform or OpenTofu state as `terraform show -json` prints it; the same holds.
    TerraformState(Span),
    /// CloudFormation or SAM templates: the documents of a YAML file, or the one value of a JSON file.
    CloudFormation(Arc<[Node]>),
    /// A stack of a CDK cloud assembly.
    AssembledStack(Box<assembly::Stack>),
    /// A single policy document.
    PolicyDocument(Node),
}

/// What paths led to.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What can be checked, ordered by file name.
    pub inputs: Vec<Input>,
    /// What was asked for and cannot be used, ordered by file name.
    pub unread: Vec<Unread>,
    /// How many files in folders are none of ours.
    pub passed_over: usize,
    /// How many files the inputs came from.
    pub files: usize,
}

/// A file or folder that was asked for and cannot be used.
#[derive(Debug)]
pub struct Unread {
    /// Its name as reports show it.
    pub file: String,
    /// Why.
    pub error: LoadError,
    /// Its text, where it could be read as such.
    pub source: Option<Arc<Source>>,
    /// Where in the text the fault is.
    pub span: Option<Span>,
}

impl Unread {
    /// Where the fault is.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Some(Place::new(self.source.as_ref()?, self.span?))
    }

    /// The whole reason in one line: what is wrong, where, and what to do.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut reason = self.error.to_string();
        if let Some(place) = self.place() {
            let (_, line, column) = place.file_line_column();
            reason.push_str(&format!(" (line {line}, column {column})"));
        }
        if let Some(help) = self.error.help(&self.file) {
            reason.push_str("; ");
            reason.push_str(&help);
        }
        reason
    }
}

impl Loaded {
    fn assembly(&mut self, assembly: Assembly) {
        self.files += assembly.templates;
        self.unread.extend(assembly.unread);
        self.inputs.extend(assembly.stacks.into_iter().map(|stack| {
            let source = Arc::clone(&stack.source);
            Input::new(source, Format::AssembledStack(Box::new(stack)))
        }));
    }
}

/// Loads files, folders and, for `-`, standard input.
pub fn load(paths: &[PathBuf], stdin: &mut dyn Read) -> Loaded {
    load_wanted(paths, &|_| true, stdin)
}

/// Loads files, of folders only those that are wanted, and for `-` standard input.
pub fn load_wanted(paths: &[PathBuf], wanted: &dyn Fn(&Path) -> bool, stdin: &mut dyn Read) -> Loaded {
    let mut found = Found::default();
    for path in paths {
        if path.as_os_str() == "-" {
            found.standard_input(stdin);
        } else {
            found.path(path, wanted);
        }
    }
    let mut outcomes: Vec<_> = found.files.into_par_iter().map(|(name, candidate)| outcome(name, candidate)).collect();
    outcomes.extend(found.unread.into_iter().map(Outcome::Unread));
    let mut loaded = gather(outcomes);
    loaded.passed_over += found.passed_over;
    found.assemblies.into_values().for_each(|assembly| loaded.assembly(assembly));
    beside::add(&mut loaded, wanted);
    modules::name_types(&mut loaded);
    loaded.unread.sort_by(|one, other| one.file.cmp(&other.file));
    loaded.inputs.sort_by(|one, other| one.source.name().cmp(other.source.name()));
    loaded
}

/// The largest input that is read; a plan of this size has not been seen.
const MAX_BYTES: u64 = 1 << 30;

/// What is to be read, under the name that reports show: which also puts the results in order.
#[derive(Default)]
struct Found {
    files: BTreeMap<String, Candidate>,
    /// The CDK assemblies by the names of their folders.
    assemblies: BTreeMap<String, Assembly>,
    unread: Vec<Unread>,
    passed_over: usize,
}

struct Candidate {
    content: Content,
    /// Asked for outright, not met in a folder.
    named: bool,
}

enum Content {
    File(PathBuf),
    Bytes(Bytes),
}

enum Outcome {
    Inputs(Vec<Input>),
    Unread(Unread),
    Convertible(Unread),
    PassedOver,
}

impl Found {
    fn standard_input(&mut self, stdin: &mut dyn Read) {
        if self.files.contains_key(STDIN) {
            return;
        }
        match content::whole(&mut stdin.take(MAX_BYTES + 1), 0) {
            Ok(bytes) => {
                self.files.insert(STDIN.to_owned(), Candidate { content: Content::Bytes(bytes), named: true });
            }
            Err(error) => self.unread.push(unread(STDIN, LoadError::Unreadable(error))),
        }
    }

    fn path(&mut self, path: &Path, wanted: &dyn Fn(&Path) -> bool) {
        let holder = path.parent().filter(|_| path.file_name().is_some_and(|name| name == assembly::MANIFEST));
        if path.is_dir() {
            self.folder(path, wanted);
        } else if holder.is_some_and(|folder| self.assembly(folder, wanted)) {
            // The manifest stands for the folder that it is in.
        } else {
            self.files.insert(name(path), Candidate { content: Content::File(path.to_owned()), named: true });
        }
    }

    fn folder(&mut self, root: &Path, wanted: &dyn Fn(&Path) -> bool) {
        let mut entries = walk(root);
        while let Some(entry) = entries.next() {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {
                    if self.assembly(entry.path(), wanted) {
                        entries.skip_current_dir();
                    }
                }
                Ok(entry) if !wanted(entry.path()) || is_ingredient(entry.path()) => self.passed_over += 1,
                Ok(entry) if entry.file_type().is_file() => {
                    let candidate = Candidate { content: Content::File(entry.path().to_owned()), named: false };
                    self.files.entry(name(entry.path())).or_insert(candidate);
                }
                Ok(_) => self.passed_over += 1,
                Err(error) => {
                    let file = name(error.path().unwrap_or(root));
                    self.unread.push(unread(&file, LoadError::Unreadable(error.into())));
                }
            }
        }
    }

    /// Takes a folder as a CDK assembly; whether it is one.
    fn assembly(&mut self, folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> bool {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let shown = name(folder);
        if self.assemblies.contains_key(&shown) {
            return true;
        }
        let Some(assembly) = assembly::open(folder, wanted) else { return false };
        let files = walk(folder).filter_map(Result::ok).filter(|entry| !entry.file_type().is_dir());
        self.passed_over += files.filter(|entry| !assembly.used.contains(entry.path())).count();
        self.assemblies.insert(shown, assembly);
        true
    }
}

fn walk(root: &Path) -> walkdir::FilterEntry<walkdir::IntoIter, fn(&DirEntry) -> bool> {
    WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| !is_tool_folder(entry))
}

/// Folders that tools fill with what others wrote.
fn is_tool_folder(entry: &DirEntry) -> bool {
    let tool = |name: &str| matches!(name, ".git" | ".terraform" | "node_modules");
    entry.depth() > 0 && entry.file_type().is_dir() && entry.file_name().to_str().is_some_and(tool)
}

/// Whether Terraform makes something else of the file before it applies it: what becomes of it stands in the plan.
fn is_ingredient(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "tftpl")
}

fn name(path: &Path) -> String {
    let path = path.strip_prefix(".").ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(path);
    path.display().to_string()
}

fn outcome(name: String, candidate: Candidate) -> Outcome {
    let named = candidate.named;
    let bytes = match candidate.content {
        Content::Bytes(bytes) => bytes,
        Content::File(path) => match content::read(&path, named) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Outcome::PassedOver,
            Err(error) => return Outcome::Unread(unread(&name, error)),
        },
    };
    if bytes.len() as u64 > MAX_BYTES {
        return Outcome::Unread(unread(&name, LoadError::TooLarge { limit: MAX_BYTES }));
    }
    let source = match decode::decode(bytes) {
        Ok(text) => Source::file(name, text),
        Err(refusal) => return refused(name, None, refusal, named),
    };
    match detect::detect(&source, named) {
        Ok(formats) => {
            let input = |format| Input::new(Arc::clone(&source), format);
            Outcome::Inputs(formats.into_iter().map(input).collect())
        }
        Err(refusal) => refused(source.name().to_owned(), Some(source), refusal, named),
    }
}

fn refused(file: String, source: Option<Arc<Source>>, refusal: Refusal, named: bool) -> Outcome {
    let unread = Unread { file, error: refusal.error, source, span: refusal.span };
    match refusal.kind {
        _ if named => Outcome::Unread(unread),
        Kind::Ours => Outcome::Unread(unread),
        Kind::Convertible => Outcome::Convertible(unread),
        Kind::Foreign => Outcome::PassedOver,
    }
}

fn unread(file: &str, error: LoadError) -> Unread {
    Unread { file: file.to_owned(), error, source: None, span: None }
}

/// A binary plan beside the JSON that was made from it says nothing new; alone, it must not be missed.
fn gather(outcomes: Vec<Outcome>) -> Loaded {
    let mut loaded = Loaded::default();
    let mut convertible = Vec::new();
    for outcome in outcomes {
        match outcome {
            Outcome::Inputs(inputs) => {
                loaded.files += 1;
                loaded.inputs.extend(inputs);
            }
            Outcome::Unread(unread) => loaded.unread.push(unread),
            Outcome::Convertible(unread) => convertible.push(unread),
            Outcome::PassedOver => loaded.passed_over += 1,
        }
    }
    let is_terraform = |input: &Input| matches!(input.format, Format::TerraformPlan(_) | Format::TerraformState(_));
    if loaded.inputs.iter().any(is_terraform) {
        loaded.passed_over += convertible.len();
    } else {
        loaded.unread.extend(convertible);
    }
    loaded.unread.sort_by(|one, other| one.file.cmp(&other.file));
    loaded
}
