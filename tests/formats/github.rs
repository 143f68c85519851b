//! Workflow commands, read as the runner reads them.

use std::collections::HashMap;

use crate::runs::{self, Run};

/// A command as the runner understands it.
#[derive(Debug)]
struct Command {
    name: String,
    properties: HashMap<String, String>,
    data: String,
}

/// Reads a line as `ActionCommand.TryParseV2` of the runner does.
fn parsed(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let properties = properties.trim().split(',').filter(|property| !property.is_empty());
    let pairs = properties.filter_map(|property| {
        let (name, value) = property.split_once('=')?;
        let value = value.trim_start_matches('=');
        let value = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
            .iter()
            .fold(value.to_owned(), |value, (from, to)| value.replace(from, to));
        Some((name.to_owned(), value))
    });
    let data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    Some(Command { name: name.to_owned(), properties: pairs.collect(), data })
}

fn commands(run: &Run) -> Vec<Command> {
    // The runner takes a carriage return for the end of a line too.
    let report = run.report("github");
    let lines = report.split(['\n', '\r']).filter(|line| !line.is_empty());
    lines.map(|line| parsed(line).unwrap_or_else(|| panic!("no command: {line:?}"))).collect()
}

#[test]
fn every_line_is_one_of_our_commands_and_nothing_breaks_out() {
    for (name, run) in runs::all() {
        for command in commands(run) {
            assert!(["error", "warning", "notice"].contains(&command.name.as_str()), "{name}: {command:?}");
            for property in command.properties.keys() {
                let known = ["file", "line", "endLine", "col", "endColumn", "title"];
                assert!(known.contains(&property.as_str()), "{name}: {command:?}");
            }
            assert!(command.data.chars().count() <= 4096, "{name}");
            assert!(!command.data.contains(['\u{1b}', '\u{202e}', '\r']), "{name}: {command:?}");
        }
    }
}

#[test]
fn every_finding_is_an_annotation_at_its_place() {
    for (name, run) in runs::all() {
        let commands = commands(run);
        for finding in run.findings(|finding| finding["status"] != "fixed") {
            let file = finding["location"]["file"].as_str().unwrap().trim_start_matches("./");
            let file = file.replace("plans/../", "");
            let line = finding["location"]["line"].to_string();
            let message = finding["message"].as_str().unwrap().lines().next().unwrap();
            let start: String =
                message.chars().take_while(|character| character.is_ascii_graphic() || *character == ' ').collect();
            let kind = match finding["severity"].as_str().unwrap() {
                _ if !finding["waived"].is_null() => "notice",
                "note" => "notice",
                severity => severity,
            };
            let found = commands.iter().any(|command| {
                command.name == kind
                    && command.properties.get("file") == Some(&file)
                    && command.properties.get("line") == Some(&line)
                    && command.data.contains(&start)
                    && command.properties["title"].contains(finding["rule"].as_str().unwrap())
            });
            assert!(found, "{name}: {finding:#}\n{:#?}", commands.iter().take(20).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_is_not_a_finding_is_told_too() {
    for (name, run) in runs::all() {
        let commands = commands(run);
        let titled = |kind: &str, title: &str| {
            commands
                .iter()
                .filter(|command| command.name == kind && command.properties["title"].starts_with(title))
                .count()
        };
        let unread = run.json["unread"].as_array().unwrap().len();
        assert_eq!(titled("error", "not checked"), if name == "nothing" { 1 } else { unread }, "{name}");
        assert_eq!(titled("notice", "waived"), run.json["summary"]["waived"].as_u64().unwrap() as usize, "{name}");
        assert_eq!(titled("notice", "switched off"), usize::from(run.json["summary"]["switched_off"] != 0), "{name}");
        // The plans of these two runs lie there without their sources.
        let plans = usize::from(name == "a change" || name == "hostile addresses");
        assert_eq!(titled("notice", "not traced"), plans, "{name}");
        let fixed = run.findings(|finding| finding["status"] == "fixed");
        assert_eq!(titled("notice", "fixed by this change"), usize::from(!fixed.is_empty()), "{name}");
    }
}

#[test]
fn the_tenth_annotation_of_a_kind_tells_of_the_rest() {
    let run = runs::named("many");
    let commands = commands(run);
    let errors: Vec<&Command> = commands.iter().filter(|command| command.name == "error").collect();
    assert!(errors.len() >= 1000);
    assert_eq!(errors[9].properties["title"], format!("{} annotations more of this kind", errors.len() - 10));
    assert!(errors[8].properties["title"].starts_with("group-without-mfa: "));
}
