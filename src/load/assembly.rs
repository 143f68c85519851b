//! CDK cloud assemblies: a folder that `cdk synth` wrote, whose manifest says what would be deployed.
//!
//! The manifest is followed and nothing else: templates in the folder that it does not name are left over from earlier runs.
//! It may come from anywhere, so that a path in it leads nowhere but into the folder.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::read;
use super::decode;
use super::error::LoadError;
use super::{Unread, name, unread};
use crate::account::is_account_id;
use crate::source::{Place, Source, Span};
use crate::tree::{Node, json, yaml};
use trace::Program;

mod constructs;
pub(super) mod inside;
mod trace;

/// One stack of an assembly: a template with what the manifest says of its deployment.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The template's text.
    pub source: Arc<Source>,
    /// The template.
    pub template: Node,
    /// The stack's own construct path: `Production/Access`.
    pub path: String,
    /// The account that it is deployed to, where the app settles it.
    pub account: Option<String>,
    /// The region that it is deployed to, where the app settles it.
    pub region: Option<String>,
    /// The values of parameters that the app gives.
    pub parameters: HashMap<String, String>,
    /// The templates of the stacks within it.
    pub templates: Vec<(Arc<Source>, Node)>,
    /// Which of them a resource stands for, by the name of the file and the logical id in it.
    pub nested: HashMap<(String, String), String>,
    /// What made the resources, by logical id; those of stacks within it as `Parent/Child`.
    pub constructs: HashMap<String, Construct>,
}

/// What made a resource.
#[derive(Clone, Debug)]
pub struct Construct {
    /// The way to it in the tree of constructs: `People/Team/Resource`.
    pub path: String,
    /// The line of the program that made it, where the assembly says it.
    pub made_at: Option<MadeAt>,
}

/// A line of a program.
#[derive(Clone, Debug)]
pub struct MadeAt {
    /// File, line and column as the assembly tells them: `/home/me/app/lib/people.ts:28:18`.
    pub told: String,
    /// The line, where the file is at hand.
    pub place: Option<Place>,
}

/// What a folder led to.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    pub(super) stacks: Vec<Stack>,
    pub(super) unread: Vec<Unread>,
    /// The files that were read.
    pub(super) used: BTreeSet<PathBuf>,
    /// How many of them hold templates.
    pub(super) templates: usize,
}

/// The name of the file that makes a folder an assembly.
pub(super) const MANIFEST: &str = "manifest.json";

/// How deeply assemblies may stand in each other: CDK nests one for each stage around another.
const MAX_NESTED: usize = 8;

/// How many artifacts are followed in all.
const MAX_ARTIFACTS: usize = 10_000;

/// The largest file of an assembly: a template has at most 1 MB, and the manifest says little more than the templates do.
const MAX_FILE: u64 = 64 << 20;

/// How many bytes of one assembly are read in all.
const MAX_TOTAL: u64 = 256 << 20;

/// The assembly in a folder; `None` where the folder is none. Templates that are not wanted are left out.
pub(super) fn open(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Option<Assembly> {
    let manifest = folder.join(MANIFEST);
    if !manifest.symlink_metadata().is_ok_and(|data| data.is_file()) {
        return None;
    }
    let mut reader = Reader {
        root: folder.to_owned(),
        wanted,
        assembly: Assembly::default(),
        artifacts: 0,
        bytes: 0,
        program: Program::beside(folder),
    };
    let (_, manifest) = reader.json(&manifest).ok().filter(|(_, manifest)| is_manifest(manifest))?;
    reader.manifest(folder, &manifest, 0);
    Some(reader.assembly)
}

/// Web pages and browser extensions have files of this name too.
fn is_manifest(node: &Node) -> bool {
    let kinds = node.get("artifacts").and_then(Node::as_map).unwrap_or_default();
    let kind = |artifact: &Node| artifact.get("type").and_then(Node::as_text).map(ToOwned::to_owned);
    let is_ours = |kind: String| kind.starts_with("aws:cloudformation:") || kind.starts_with("cdk:");
    node.get("version").is_some() && kinds.iter().any(|entry| kind(&entry.value).is_some_and(is_ours))
}

struct Reader<'a> {
    /// The folder that no path leads out of.
    root: PathBuf,
    wanted: &'a dyn Fn(&Path) -> bool,
    assembly: Assembly,
    artifacts: usize,
    bytes: u64,
    program: Program,
}

impl Reader<'_> {
    fn manifest(&mut self, folder: &Path, manifest: &Node, depth: usize) {
        let file = folder.join(MANIFEST);
        self.assembly.used.insert(file.clone());
        let artifacts = manifest.get("artifacts").and_then(Node::as_map).unwrap_or_default();
        let assets = self.assets(folder, manifest);
        for artifact in artifacts {
            self.artifacts += 1;
            if self.artifacts > MAX_ARTIFACTS {
                return self.refuse(&file, format!("it names more than {MAX_ARTIFACTS} artifacts"));
            }
            let body = &artifact.value;
            let outcome = match body.get("type").and_then(Node::as_text) {
                Some("aws:cloudformation:stack") => self.stack(folder, &artifact.key, body, &assets),
                Some("cdk:cloud-assembly") => self.nested(folder, body, depth),
                _ => Ok(()),
            };
            if let Err(reason) = outcome {
                self.refuse(&file, format!("`{}`: {reason}", artifact.key));
            }
        }
    }

    /// An assembly within this one, as each stage has.
    fn nested(&mut self, folder: &Path, artifact: &Node, depth: usize) -> Result<(), String> {
        let directory = property(artifact, "directoryName").ok_or("it does not name its folder")?;
        if depth >= MAX_NESTED {
            return Err("assemblies stand too deeply in each other".to_owned());
        }
        let inner = inside::path(&self.root, folder, directory)?;
        if inner == folder || folder.starts_with(&inner) {
            return Err(format!("the folder `{directory}` is the one that it stands in"));
        }
        let manifest = inside::path(&self.root, &inner, MANIFEST)?;
        let (_, manifest) =
            self.json(&manifest).map_err(|error| format!("the manifest of the assembly in `{directory}` {error}"))?;
        self.manifest(&inner, &manifest, depth + 1);
        Ok(())
    }

    fn stack(&mut self, folder: &Path, id: &str, artifact: &Node, assets: &Assets) -> Result<(), String> {
        let file = property(artifact, "templateFile").ok_or("it does not name its template")?;
        let path = inside::path(&self.root, folder, file)?;
        if !(self.wanted)(&path) {
            return Ok(());
        }
        let (source, template) = match self.template(&path) {
            Ok(template) => template,
            Err(unread) => {
                self.assembly.unread.push(unread);
                return Ok(());
            }
        };
        let metadata = self.metadata(folder, artifact)?;
        let (account, region) = environment(artifact);
        let shown = artifact.get("displayName").or_else(|| artifact.get("properties")?.get("displayName"));
        let mut stack = Stack {
            path: shown.and_then(Node::as_text).unwrap_or(id).to_owned(),
            account,
            region,
            parameters: parameters(artifact),
            templates: Vec::new(),
            nested: HashMap::new(),
            constructs: HashMap::new(),
            source,
            template,
        };
        self.nested_templates(folder, &mut stack, assets);
        stack.constructs = constructs::of(&stack, metadata.as_ref(), &mut self.program);
        self.assembly.stacks.push(stack);
        Ok(())
    }

    /// Reads the templates that a stack's own template leads to.
    fn nested_templates(&mut self, folder: &Path, stack: &mut Stack, assets: &Assets) {
        let mut next = 0;
        let mut known = HashSet::from([stack.source.name().to_owned()]);
        let mut links = links(&stack.source, &stack.template, assets);
        loop {
            for (key, file) in links.drain(..) {
                let Ok(path) = inside::path(&self.root, folder, &file) else { continue };
                let shown = name(&path);
                if known.insert(shown.clone()) {
                    match self.template(&path) {
                        Ok(template) => stack.templates.push(template),
                        Err(unread) => {
                            self.assembly.unread.push(unread);
                            continue;
                        }
                    }
                }
                stack.nested.insert(key, shown);
            }
            let Some((source, template)) = stack.templates.get(next) else { return };
            links = self::links(source, template, assets);
            next += 1;
        }
    }

    /// The files that the manifest's asset manifests name, by their ids.
    fn assets(&mut self, folder: &Path, manifest: &Node) -> Assets {
        let mut assets = Assets::new();
        for artifact in manifest.get("artifacts").and_then(Node::as_map).unwrap_or_default().iter().take(MAX_ARTIFACTS)
        {
            let body = &artifact.value;
            if body.get("type").and_then(Node::as_text) == Some("cdk:asset-manifest")
                && let Some(Ok(path)) = property(body, "file").map(|file| inside::path(&self.root, folder, file))
                && let Ok((_, manifest)) = self.json(&path)
            {
                for file in manifest.get("files").and_then(Node::as_map).unwrap_or_default() {
                    let source = file.value.get("source");
                    let text = |key: &str| source.and_then(|source| source.get(key)).and_then(Node::as_text);
                    if let (Some(path), Some("file")) = (text("path"), text("packaging")) {
                        assets.insert(file.key.clone(), path.to_owned());
                    }
                }
            }
            // What older versions wrote into the manifest itself.
            for entry in metadata_entries(body.get("metadata"), "aws:cdk:asset") {
                let text = |key: &str| entry.get(key).and_then(Node::as_text);
                if let (Some(id), Some(path), Some("file")) = (text("id"), text("path"), text("packaging")) {
                    assets.insert(id.to_owned(), path.to_owned());
                }
            }
        }
        assets
    }

    /// What the assembly notes about the constructs of a stack: in the manifest or, in later versions, beside it.
    fn metadata(&mut self, folder: &Path, artifact: &Node) -> Result<Option<Node>, String> {
        match artifact.get("additionalMetadataFile").and_then(Node::as_text) {
            Some(file) => {
                let path = inside::path(&self.root, folder, file)?;
                Ok(self.json(&path).ok().map(|(_, node)| node))
            }
            None => Ok(artifact.get("metadata").cloned()),
        }
    }

    fn json(&mut self, path: &Path) -> Result<(Arc<Source>, Node), LoadError> {
        let source = self.source(path)?;
        let node = json::parse(&source, Span::new(0, source.text().len())).map_err(LoadError::Syntax)?;
        Ok((source, node))
    }

    fn template(&mut self, path: &Path) -> Result<(Arc<Source>, Node), Unread> {
        let failed = |error: LoadError| unread(&name(path), error);
        let source = self.source(path).map_err(failed)?;
        let is_json = source.text().trim_start().starts_with('{');
        let parsed = match is_json {
            true => json::parse(&source, Span::new(0, source.text().len())),
            false => yaml::parse(&source).map(|documents| {
                let empty = Node { span: Span::default(), value: crate::tree::Value::Null };
                documents.into_iter().next().unwrap_or(empty)
            }),
        };
        self.assembly.templates += 1;
        match parsed {
            Ok(node) => Ok((source, node)),
            Err(error) => {
                let span = Some(error.span);
                let file = source.name().to_owned();
                Err(Unread { file, error: LoadError::Syntax(error), source: Some(source), span })
            }
        }
    }

    fn source(&mut self, path: &Path) -> Result<Arc<Source>, LoadError> {
        if path.metadata().is_ok_and(|data| !data.is_file()) {
            return Err(LoadError::Unreadable(io::Error::other("it is no file")));
        }
        let bytes = read(path, true)?.unwrap_or_default();
        self.bytes += bytes.len() as u64;
        if bytes.len() as u64 > MAX_FILE {
            return Err(LoadError::TooLarge { limit: MAX_FILE });
        }
        if self.bytes > MAX_TOTAL {
            return Err(LoadError::TooLarge { limit: MAX_TOTAL });
        }
        let text = decode::decode(bytes).map_err(|refusal| refusal.error)?;
        self.assembly.used.insert(path.to_owned());
        Ok(Source::file(name(path), text))
    }

    fn refuse(&mut self, manifest: &Path, reason: String) {
        self.assembly.unread.push(unread(&name(manifest), LoadError::Assembly { reason }));
    }
}

/// The paths of files by the ids of assets.
type Assets = HashMap<String, String>;

fn property<'n>(artifact: &'n Node, key: &str) -> Option<&'n str> {
    artifact.get("properties")?.get(key)?.as_text()
}

/// Account and region from `aws://111122223333/eu-west-1`.
fn environment(artifact: &Node) -> (Option<String>, Option<String>) {
    let text = artifact.get("environment").and_then(Node::as_text).unwrap_or_default();
    let Some((account, region)) = text.strip_prefix("aws://").and_then(|rest| rest.split_once('/')) else {
        return (None, None);
    };
    let is_region = !region.is_empty() && region != "unknown-region";
    (is_account_id(account).then(|| account.to_owned()), is_region.then(|| region.to_owned()))
}

fn parameters(artifact: &Node) -> HashMap<String, String> {
    let given = artifact.get("properties").and_then(|properties| properties.get("parameters"));
    let given = given.and_then(Node::as_map).unwrap_or_default();
    given.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.as_text()?.to_owned()))).collect()
}

/// The data of all metadata entries of a type.
fn metadata_entries<'n>(metadata: Option<&'n Node>, kind: &'n str) -> impl Iterator<Item = &'n Node> {
    let constructs = metadata.and_then(Node::as_map).unwrap_or_default();
    let entries = constructs.iter().flat_map(|construct| construct.value.as_list().unwrap_or_default());
    entries.filter(move |entry| entry.get("type").and_then(Node::as_text) == Some(kind)).filter_map(|it| it.get("data"))
}

/// The stacks within a template, each with the file that its template is in.
fn links(source: &Source, template: &Node, assets: &Assets) -> Vec<((String, String), String)> {
    let resources = template.get("Resources").and_then(Node::as_map).unwrap_or_default();
    let stacks = resources.iter().filter_map(|resource| {
        let kind = resource.value.get("Type").and_then(Node::as_text)?;
        let properties = resource.value.get("Properties")?;
        let url = match kind {
            "AWS::CloudFormation::Stack" | "AWS::CloudFormation::StackSet" => properties.get("TemplateURL")?,
            _ => return None,
        };
        let told = resource.value.get("Metadata").and_then(|metadata| metadata.get("aws:asset:path"));
        let told = told.and_then(Node::as_text).map(ToOwned::to_owned);
        let file = told.or_else(|| asset_of(url, assets))?;
        Some(((source.name().to_owned(), resource.key.clone()), file))
    });
    stacks.collect()
}

/// The asset whose id stands in an expression: in the key of an object, or in the name of a parameter.
fn asset_of(node: &Node, assets: &Assets) -> Option<String> {
    if let Some(text) = node.as_text() {
        let mut words = text.split(|character: char| !character.is_ascii_alphanumeric());
        return words.find_map(|word| {
            let word = word.strip_prefix("AssetParameters").unwrap_or(word);
            assets.get(word.get(..ASSET_ID).unwrap_or(word)).cloned()
        });
    }
    let items = node.as_list().unwrap_or_default().iter();
    let values = node.as_map().unwrap_or_default().iter().map(|entry| &entry.value);
    items.chain(values).find_map(|inner| asset_of(inner, assets))
}

/// How long the id of an asset is: SHA-256 in hexadecimal digits.
const ASSET_ID: usize = 64;
