//! `simulate`: one request, or many as JSON lines, through the same evaluator as `check`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::iam::caller::Signer;
use crate::iam::caller::contexts::{CONTEXTS, named};
use crate::iam::document::{Document, Grammar, parse};
use crate::iam::request::{Decision, Request, signer};
use crate::source::{Source, Span};
use crate::tree::json;

mod command;

pub use command::{Failure, run};

/// The shape of a line of a batch.
const LINE: &str = r#"write `{"kind": "identity", "policy": {...}, "verdicts": [{"context": "long-term-key", "action": "s3:GetObject"}]}`"#;

/// Why a request cannot be simulated; always the input's fault.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SimulateError {
    /// The line is not a JSON object of the documented shape.
    #[error("this is no simulation: {0}; {LINE}")]
    Line(String),
    /// A policy cannot be read.
    #[error("a policy cannot be read: {0}")]
    Policy(String),
    /// There is no such kind of policy.
    #[error("there is no kind `{0}`; use identity, trust, resource, scp, rcp or boundary")]
    Kind(String),
    /// There is no such context.
    #[error("there is no context `{0}`; use one of {names}", names = context_names())]
    Context(String),
    /// A request says neither context nor keys nor principal.
    #[error("a request needs a `context`, `keys` or a `principal`")]
    NoCaller,
}

/// The policies of a simulation, read.
#[derive(Debug)]
pub struct Policies {
    documents: Vec<Arc<Document>>,
}

impl Policies {
    /// Reads JSON documents of a kind (`identity`, `trust`, `resource`, `scp`, `rcp`, `boundary`).
    ///
    /// # Errors
    ///
    /// An unknown kind, or text that is not JSON.
    pub fn read<'t>(kind: &str, texts: impl IntoIterator<Item = &'t str>) -> Result<Self, SimulateError> {
        let grammar = grammar(kind)?;
        let read = |text: &str| {
            let source = Source::file("policy", text.to_owned());
            let node = json::parse(&source, Span::new(0, text.len()))
                .map_err(|error| SimulateError::Policy(error.to_string()))?;
            Ok(Arc::new(parse(&node, &source, grammar)))
        };
        Ok(Self { documents: texts.into_iter().map(read).collect::<Result<_, SimulateError>>()? })
    }

    /// What the policies say to one request.
    ///
    /// # Errors
    ///
    /// An unknown context, or no caller.
    pub fn decide(&self, question: &Question) -> Result<Decision, SimulateError> {
        Ok(question.request()?.decide(&self.documents))
    }
}

/// One request of a simulation.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Question {
    /// The name of a request context.
    pub context: Option<String>,
    /// Context keys beside, or instead of, those of the context.
    #[serde(default, alias = "extra_keys")]
    pub keys: BTreeMap<String, OneOrMany>,
    /// Who calls, instead of the context's principal.
    pub principal: Option<String>,
    /// The action.
    pub action: String,
    /// The resource; `*` where it is left out.
    pub resource: Option<String>,
}

/// A string, number or boolean, or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One value.
    One(serde_json::Value),
    /// Several values.
    Many(Vec<serde_json::Value>),
}

impl OneOrMany {
    fn texts(&self) -> Vec<String> {
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self {
            Self::One(serde_json::Value::Array(values)) | Self::Many(values) => values.iter().map(text).collect(),
            Self::One(value) => vec![text(value)],
        }
    }
}

impl Question {
    fn request(&self) -> Result<Request, SimulateError> {
        let context = match &self.context {
            Some(name) => Some(named(name).ok_or_else(|| SimulateError::Context(name.clone()))?),
            None => None,
        };
        let principal = self.principal.as_deref().or(context.and_then(|context| context.principal));
        let in_keys = self.keys.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"));
        let in_keys = in_keys.and_then(|(_, values)| values.texts().into_iter().next());
        if context.is_none() && principal.is_none() && self.keys.is_empty() {
            return Err(SimulateError::NoCaller);
        }
        let signer = principal.map(str::to_owned).or(in_keys).map_or(Signer::Anonymous, |text| signer(&text));
        let mut request = Request::new(signer, &*self.action, self.resource.as_deref().unwrap_or("*"));
        request.set_principal_keys();
        if let Some(context) = context {
            request.set_context(context);
        }
        for (key, values) in &self.keys {
            request.set(key, values.texts());
        }
        Ok(request)
    }
}

/// One line of a batch.
#[derive(Deserialize)]
struct Line<'l> {
    id: Option<serde_json::Value>,
    kind: String,
    #[serde(borrow)]
    policy: Option<&'l RawValue>,
    #[serde(borrow, default)]
    policies: Vec<&'l RawValue>,
    verdicts: Vec<Question>,
}

#[derive(Serialize)]
struct Answer {
    id: Option<serde_json::Value>,
    results: Vec<&'static str>,
}

/// Answers one line of a batch with one line of JSON.
///
/// # Errors
///
/// Where the line, a policy or a request is not what it should be.
pub fn batch_line(line: &str) -> Result<String, SimulateError> {
    let read: Line<'_> = serde_json::from_str(line).map_err(|error| SimulateError::Line(fault(line, &error)))?;
    let texts = read.policy.iter().chain(&read.policies).map(|raw| raw.get());
    let policies = Policies::read(&read.kind, texts)?;
    let results = read.verdicts.iter().map(|question| policies.decide(question).map(Decision::name));
    let answer = Answer { id: read.id, results: results.collect::<Result<_, _>>()? };
    serde_json::to_string(&answer).map_err(|error| SimulateError::Line(error.to_string()))
}

/// What is wrong with a line: its JSON, or what stands in it.
fn fault(line: &str, error: &serde_json::Error) -> String {
    let message = json::syntax_error(line, 0, error).message;
    let of_shape = message.strip_prefix("not valid JSON: ").filter(|_| error.is_data());
    of_shape.map_or_else(|| message.clone(), str::to_owned)
}

fn grammar(kind: &str) -> Result<Grammar, SimulateError> {
    Ok(match kind {
        "identity" | "boundary" => Grammar::Identity,
        "trust" => Grammar::Trust,
        "resource" => Grammar::Resource,
        "scp" => Grammar::ServiceControl,
        "rcp" => Grammar::ResourceControl,
        other => return Err(SimulateError::Kind(other.to_owned())),
    })
}

fn context_names() -> String {
    CONTEXTS.iter().map(|context| context.name).collect::<Vec<_>>().join(", ")
}
