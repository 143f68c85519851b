//! The command: flags or files in, one line for each answer out.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead};
use std::path::Path;

use clap::ValueEnum;

use super::{OneOrMany, Policies, Question, batch_line};
use crate::cli::Simulate;
use crate::io_error;

/// Why a simulation ends early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request cannot be read or used: the caller's to mend.
    #[error("{0}")]
    Input(String),
    /// The answer cannot be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Answers the request of the flags, or every line of a batch, each with a line.
///
/// # Errors
///
/// Input that cannot be read or used, as a message; output that cannot be written.
pub fn run(arguments: &Simulate, out: &mut dyn io::Write) -> Result<(), Failure> {
    match arguments.batch.as_deref() {
        Some(path) if path.as_os_str() == "-" => batch(io::stdin().lock(), out),
        Some(path) => batch(io::BufReader::new(fs::File::open(path).map_err(|error| unreadable(path, &error))?), out),
        None => Ok(writeln!(out, "{}", single(arguments)?)?),
    }
}

fn batch(input: impl BufRead, out: &mut dyn io::Write) -> Result<(), Failure> {
    for (number, line) in (1..).zip(input.lines()) {
        let line = line.map_err(|error| in_line(number, io_error::reason(&error)))?;
        if !line.trim().is_empty() {
            writeln!(out, "{}", batch_line(&line).map_err(|error| in_line(number, error))?)?;
        }
    }
    Ok(())
}

/// The decision on the request that the flags describe.
fn single(arguments: &Simulate) -> Result<&'static str, Failure> {
    let read = |path: &std::path::PathBuf| fs::read_to_string(path).map_err(|error| unreadable(path, &error));
    let texts = arguments.policy.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let kind = arguments.kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let policies = Policies::read(&kind, texts.iter().map(String::as_str)).map_err(input)?;
    let mut documents = arguments.policy.iter().zip(&policies.documents);
    if let Some((path, _)) = documents.find(|(_, document)| document.statements.is_empty()) {
        return Err(Failure::Input(format!("`{}` is no policy document: it holds no statement", path.display())));
    }
    let question = Question {
        context: arguments.context.clone(),
        keys: keys(&arguments.key),
        principal: arguments.principal.clone(),
        action: arguments.action.clone().unwrap_or_default(),
        resource: Some(arguments.resource.clone()),
    };
    Ok(policies.decide(&question).map_err(input)?.name())
}

/// A key that is given several times has several values.
fn keys(given: &[(String, String)]) -> BTreeMap<String, OneOrMany> {
    let mut lists: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
    for (key, value) in given {
        lists.entry(key.clone()).or_default().push(value.as_str().into());
    }
    lists.into_iter().map(|(key, values)| (key, OneOrMany::Many(values))).collect()
}

fn input(error: impl ToString) -> Failure {
    Failure::Input(error.to_string())
}

fn in_line(number: usize, error: impl std::fmt::Display) -> Failure {
    Failure::Input(format!("line {number}: {error}"))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Input(format!("cannot read `{}`: {}", path.display(), io_error::reason(error)))
}
