//! The steps of the action, run by hand in their order as the runner would, with the inputs as environment.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mfagate::source::Source;
use mfagate::tree::{Node, yaml};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const INSTALL: &str = "inputs.install != 'path'";

/// The action as its file describes it.
struct Action {
    node: Node,
}

/// What a run of the action's steps left.
struct Run {
    folder: TempDir,
    status: i32,
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
}

impl Action {
    fn read() -> Self {
        let text = fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
        Self { node: yaml::parse(&Source::file("action.yml", text)).unwrap().remove(0) }
    }

    fn steps(&self) -> &[Node] {
        self.node.get("runs").unwrap().get("steps").unwrap().as_list().unwrap()
    }

    /// The value of an expression: an input as it was given, or its default.
    fn value(&self, expression: &str, inputs: &[(&str, &str)]) -> String {
        let name = expression.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
        let name = name.unwrap_or_else(|| panic!("{expression} is no input"));
        let given = inputs.iter().find(|(given, _)| *given == name).map(|(_, value)| (*value).to_owned());
        given.unwrap_or_else(|| {
            let input = self.node.get("inputs").unwrap().get(name).unwrap_or_else(|| panic!("no input {name}"));
            input.get("default").unwrap().as_text().unwrap().to_owned()
        })
    }

    /// Runs the steps over files; the program is the one that was built for the tests.
    fn run(&self, files: &[(&str, &str)], inputs: &[(&str, &str)]) -> Run {
        let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("install", "path")]).collect();
        let folder = TempDir::new().unwrap();
        let (workspace, temporary) = (folder.path().join("work space"), folder.path().join("tmp"));
        for created in [&workspace, &temporary] {
            fs::create_dir(created).unwrap();
        }
        for (name, text) in files {
            let path = workspace.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut run = Run { folder, status: 0, log: String::new(), outputs: BTreeMap::new(), summary: String::new() };
        for step in self.steps() {
            if step.get("if").is_some_and(|condition| condition.as_text() == Some(INSTALL)) {
                continue;
            }
            let output = self.step(step, &inputs, &workspace, &temporary);
            run.log.push_str(&String::from_utf8(output.stdout).unwrap());
            run.log.push_str(&String::from_utf8(output.stderr).unwrap());
            run.status = output.status.code().unwrap();
        }
        run.outputs = outputs(&fs::read_to_string(temporary.join("output")).unwrap());
        run.summary = fs::read_to_string(temporary.join("summary")).unwrap_or_default();
        run
    }

    fn step(&self, step: &Node, inputs: &[(&str, &str)], workspace: &Path, temporary: &Path) -> Output {
        let script = temporary.join("script.sh");
        fs::write(&script, step.get("run").unwrap().as_text().unwrap()).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_mfagate")).parent().unwrap();
        let mut command = Command::new("bash");
        // As the runner runs `shell: bash`.
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script).current_dir(workspace);
        command.env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()));
        command.env("GITHUB_ACTION_PATH", ROOT).env("GITHUB_WORKSPACE", workspace).env("RUNNER_TEMP", temporary);
        command.env("GITHUB_OUTPUT", temporary.join("output")).env("GITHUB_STEP_SUMMARY", temporary.join("summary"));
        for entry in step.get("env").and_then(Node::as_map).unwrap_or_default() {
            command.env(&entry.key, self.value(entry.value.as_text().unwrap(), inputs));
        }
        command.output().unwrap()
    }
}

impl Run {
    /// The lines that the runner looks at for commands.
    fn commands(&self) -> Vec<&str> {
        let mut stopped: Option<&str> = None;
        let mut commands = Vec::new();
        for line in self.log.lines() {
            match (stopped, line.strip_prefix("::stop-commands::")) {
                (None, Some(token)) => stopped = Some(token),
                (Some(token), _) if line == format!("::{token}::") => stopped = None,
                (None, None) if line.trim_start().starts_with("::") || line.contains("##[") => commands.push(line),
                _ => {}
            }
        }
        assert_eq!(stopped, None, "the runner would go on without looking for commands:\n{}", self.log);
        commands
    }
}

/// The outputs in the form that takes text of several lines.
fn outputs(file: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = file.lines();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("{line:?} in\n{file}"));
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}

fn testdata(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join("testdata").join(path)).unwrap()
}

#[test]
fn no_expression_stands_in_a_script() {
    let action = Action::read();
    for step in action.steps() {
        let run = step.get("run").unwrap().as_text().unwrap();
        assert!(!run.contains("${{"), "{run}");
        assert_eq!(step.get("shell").unwrap().as_text(), Some("bash"));
    }
    for script in ["action/check", "action/install"] {
        assert!(!fs::read_to_string(Path::new(ROOT).join(script)).unwrap().contains("${{"), "{script}");
    }
    let condition = action.steps()[0].get("if").unwrap();
    assert_eq!(condition.as_text(), Some(INSTALL), "the test skips this step by its condition");
}

#[test]
fn every_input_reaches_the_check_and_every_output_comes_from_it() {
    let action = Action::read();
    let check = &action.steps()[1];
    let used: Vec<&str> =
        check.get("env").unwrap().as_map().unwrap().iter().filter_map(|entry| entry.value.as_text()).collect();
    for input in action.node.get("inputs").unwrap().as_map().unwrap() {
        assert!(used.contains(&format!("${{{{ inputs.{} }}}}", input.key).as_str()), "{}", input.key);
        assert!(input.value.get("description").is_some());
    }
    let run = action.run(&[("a.yaml", &testdata("cloudformation/role-trust-with-mfa.yaml"))], &[]);
    for output in action.node.get("outputs").unwrap().as_map().unwrap() {
        let value = output.value.get("value").unwrap().as_text().unwrap();
        assert_eq!(value, format!("${{{{ steps.check.outputs.{} }}}}", output.key));
        assert!(run.outputs.contains_key(&output.key), "{} of {:?}", output.key, run.outputs);
    }
}

#[test]
fn a_clean_template_passes() {
    let run = Action::read().run(&[("a.yaml", &testdata("cloudformation/role-trust-with-mfa.yaml"))], &[]);
    assert_eq!(
        (run.status, run.outputs["errors"].as_str(), run.outputs["status"].as_str()),
        (0, "0", "0"),
        "{}",
        run.log
    );
    assert!(run.summary.starts_with("## mfagate\n\n**✅"), "{}", run.summary);
    assert!(run.commands().is_empty(), "{:?}", run.commands());
}

#[test]
fn findings_fail_with_counts_annotations_summary_and_reports() {
    let files = [
        ("templates/a.yaml", testdata("cloudformation/role-trust-without-mfa.yaml")),
        ("infra/plan.json", testdata("terraform/roles-in-four-styles/plan.json")),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let inputs =
        [("paths", "templates\n\ninfra/plan.json\n"), ("sarif", "out.sarif"), ("formats", "junit=junit.xml\n")];
    let run = Action::read().run(&files, &inputs);
    assert_eq!(run.status, 1, "{}", run.log);
    let report = fs::read_to_string(&run.outputs["report"]).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    for name in ["errors", "warnings", "notes", "unproven", "waived"] {
        assert_eq!(run.outputs[name], report["summary"][name].to_string(), "{name}");
    }
    assert!(run.outputs["errors"].parse::<usize>().unwrap() > 1);
    let annotated =
        |file: &str| run.commands().iter().any(|line| line.starts_with(&format!("::error file={file},line=")));
    assert!(annotated("templates/a.yaml") && annotated("infra/plan.json"), "{:?}", run.commands());
    assert!(run.summary.contains("### Findings") && run.summary.contains("### Subjects"), "{}", run.summary);
    assert_eq!(run.outputs["sarif"], "out.sarif");
    for file in ["out.sarif", "junit.xml"] {
        assert!(run.folder.path().join("work space").join(file).is_file(), "{file}");
    }
}

#[test]
fn findings_in_a_plan_are_annotated_in_the_sources() {
    let plan = testdata("terraform/roles-in-four-styles/plan.json");
    let source = testdata("terraform/roles-in-four-styles/main.tf");
    let files = [("plans/plan.json", plan.as_str()), ("live/main.tf", source.as_str())];
    let run = Action::read().run(&files, &[("paths", "plans"), ("source", "live")]);
    let commands = run.commands();
    let annotated = commands.iter().filter(|line| line.starts_with("::error file=live/main.tf,line=")).count();
    assert_eq!(annotated.to_string(), run.outputs["errors"], "{commands:?}");
}

#[test]
fn thresholds_and_new_only_are_passed_on() {
    let plan = testdata("terraform/change-of-everything/plan.json");
    let files = [("plan.json", plan.as_str())];
    let action = Action::read();
    assert_eq!(action.run(&files, &[]).status, 1);
    let template = testdata("cloudformation/role-trust-without-mfa.yaml");
    let configuration = "rules: {role-trust-without-mfa: note}\nfail-on: note\n";
    let files = [("a.yaml", template.as_str()), ("decided.yml", configuration)];
    assert_eq!(action.run(&files, &[("paths", "a.yaml"), ("config", "decided.yml")]).status, 1);
    assert_eq!(action.run(&files, &[("paths", "a.yaml"), ("config", "decided.yml"), ("fail-on", "error")]).status, 0);
}

#[test]
fn annotations_and_summary_can_be_left_out() {
    let template = testdata("cloudformation/role-trust-without-mfa.yaml");
    let run = Action::read().run(&[("a.yaml", &template)], &[("annotations", "false"), ("summary", "false")]);
    assert_eq!((run.status, run.commands().len(), run.summary.as_str()), (1, 0, ""), "{}", run.log);
}

#[test]
fn what_is_not_checked_fails_and_is_annotated() {
    let run = Action::read().run(&[("a.txt", "nothing")], &[]);
    assert_eq!((run.status, run.outputs["status"].as_str()), (2, "2"), "{}", run.log);
    assert!(run.commands()[0].starts_with("::error title=not checked::nothing to check"), "{:?}", run.commands());
    let run = Action::read().run(&[], &[("fail-on", "everything")]);
    assert_eq!(run.status, 2);
    assert!(run.commands()[0].starts_with("::error title=mfagate::nothing was checked"), "{:?}", run.commands());
}

#[test]
fn hostile_inputs_stay_text() {
    let evil = "; touch pwned #\n$(touch pwned)\n`touch pwned`\n--output=pwned\n' touch pwned '\n\" $(touch pwned) \"\n*\n${IFS}";
    let template = testdata("cloudformation/role-trust-with-mfa.yaml");
    let action = Action::read();
    // What is no more than a choice is not taken for one; all else is an argument that cannot be used.
    for (input, status) in [
        ("paths", 2),
        ("fail-on", 2),
        ("config", 2),
        ("baseline", 2),
        ("formats", 2),
        ("arguments", 2),
        ("new-only", 0),
        ("annotations", 0),
        ("summary", 0),
    ] {
        let run = action.run(&[("a.yaml", &template)], &[(input, evil)]);
        assert!(!run.folder.path().join("work space/pwned").exists(), "{input}: {}", run.log);
        assert_eq!(run.status, status, "{input}: {}", run.log);
        run.commands();
    }
    let run = action.run(&[("a.yaml", &template)], &[("source", evil)]);
    assert!(!run.folder.path().join("work space/pwned").exists(), "{}", run.log);
    let run = action.run(&[("a.yaml", &template)], &[("paths", evil)]);
    assert_eq!(run.status, 2);
    assert!(run.summary.contains("### Not checked") && run.summary.contains("touch pwned"), "{}", run.summary);
    let sarif = "a\nerrors=7\nb.sarif";
    let run = action.run(&[("a.yaml", &template)], &[("sarif", sarif)]);
    assert_eq!((run.outputs["sarif"].as_str(), run.outputs["errors"].as_str()), (sarif, "0"));
}

#[test]
fn hostile_text_gives_the_runner_no_commands() {
    let evil = "x\\n::set-output name=errors::0\\n##[add-mask]errors\\r::stop-commands::x";
    let template = format!(
        "{{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {{\"{evil}\": {{\"Type\": \"AWS::IAM::Group\", \
         \"Properties\": {{\"GroupName\": \"{evil}\", \"Policies\": [{{\"PolicyName\": \"p\", \"PolicyDocument\": {{\
         \"Version\": \"2012-10-17\", \"Statement\": [{{\"Sid\": \"{evil}\", \"Effect\": \"Allow\", \"Action\": \"*\", \
         \"Resource\": \"*\"}}]}}}}]}}}}}}}}"
    );
    let run = Action::read().run(
        &[("a.json", &template), ("::error::x\n::add-mask::y.json", "{")],
        &[("paths", ".\n::debug::\n##[error]x")],
    );
    assert_eq!(run.status, 2, "{}", run.log);
    assert!(run.log.contains("##[add-mask]"), "the log shows the text, and the runner does not look at it");
    for command in run.commands() {
        let ours = ["::error ", "::warning ", "::notice "].iter().any(|name| command.starts_with(name));
        assert!(ours, "{command}");
    }
}
