//! Single requests through the same evaluator: by flags, or as JSON lines.

use std::io::{self, BufRead};

use crate::cli::Simulate;

/// Answers the request of the flags, or every line of a batch, each with a line.
///
/// # Errors
///
/// Input that cannot be read or used, as a message; output that cannot be written.
pub fn run(arguments: &Simulate, out: &mut dyn io::Write) -> Result<(), Failure> {
    match &arguments.batch {
        Some(path) if path.as_os_str() == "-" => batch(io::stdin().lock(), out),
        Some(path) => {
            let file = std::fs::File::open(path)
                .map_err(|error| Failure::Input(format!("cannot read `{}`: {error}", path.display())))?;
            batch(io::BufReader::new(file), out)
        }
        None => {
            writeln!(out, "{}", single_request(arguments)?)?;
            Ok(())
        }
    }
}

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

fn batch(input: impl BufRead, out: &mut dyn io::Write) -> Result<(), Failure> {
    for (at, line) in input.lines().enumerate() {
        let line = line.map_err(|error| Failure::Input(format!("line {}: {error}", at + 1)))?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = simulate_line(&line).map_err(|error| Failure::Input(format!("line {}: {error}", at + 1)))?;
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// One line of a batch to one line of answers.
fn simulate_line(_line: &str) -> Result<String, String> {
    Err("simulate is not wired yet".to_owned())
}

/// The verdict on the request that the flags describe.
fn single_request(_arguments: &Simulate) -> Result<String, Failure> {
    Err(Failure::Input("simulate is not wired yet".to_owned()))
}
