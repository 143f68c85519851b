//! Runs of the program whose reports the tests look at, each with hostile text in it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

/// What a pull request could bring to break out of any of the formats.
pub(crate) const EVIL: &str = "x\n::error::y\r%0A%25 | `t` ]]> --> <b onclick=\"a\">'q'</b> [l](https://evil.example) {0} \
                               @octocat ##[error]z \u{1b}[31m \u{202e}abc é 漢 www.evil.example &amp; \u{7}\u{b} \\| <!--";

/// The same as far as a file name can hold it, without what a Windows checkout could not.
const EVIL_FILE: &str = "we ird/%0A,a=b::c\n`'[x](y)&#;é\u{202e} ]]><i>|\\.json";

const FORMATS: [&str; 6] = ["json", "sarif", "github", "gitlab", "junit", "markdown"];

/// A run and what it wrote. It outlives the folder that the program ran in.
pub(crate) struct Run {
    /// The texts of the files that were checked, by their paths from the working folder.
    files: HashMap<String, String>,
    reports: HashMap<&'static str, String>,
    /// The exit status.
    pub(crate) status: i32,
    /// The JSON report, by which the others are judged.
    pub(crate) json: Value,
}

impl Run {
    /// The report in a format.
    pub(crate) fn report(&self, format: &str) -> &str {
        &self.reports[format]
    }

    /// The text of a file by its path from the working folder.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.files.get(path).unwrap_or_else(|| panic!("{path:?} is no file of the run"))
    }

    /// The findings of the JSON report, or those of one status.
    pub(crate) fn findings(&self, wanted: impl Fn(&Value) -> bool) -> Vec<&Value> {
        self.json["findings"].as_array().unwrap().iter().filter(|finding| wanted(finding)).collect()
    }
}

/// All runs, with a name for each.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static Run)> {
    static RUNS: LazyLock<Vec<(&str, Run)>> = LazyLock::new(|| {
        vec![
            ("hostile templates", hostile_templates()),
            ("hostile addresses", hostile_addresses()),
            ("a change", change()),
            ("nothing", run(&[], &[])),
            ("many", many()),
        ]
    });
    RUNS.iter().map(|(name, run)| (*name, run))
}

/// The run of a name.
pub(crate) fn named(name: &str) -> &'static Run {
    all().find(|(candidate, _)| *candidate == name).unwrap().1
}

/// A template with hostile text wherever a template holds names, in a file with a hostile name; two findings are waived and
/// one rule is off; one file cannot be read.
fn hostile_templates() -> Run {
    let everything = json!({"Sid": EVIL, "Effect": "Allow", "Action": "*", "Resource": "*"});
    let unknown = json!({"Sid": EVIL, "Effect": "Allow", "Action": {"Ref": EVIL}, "Resource": "*"});
    let policy = |statement: &Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    let inline = |statement: &Value| json!([{"PolicyName": EVIL, "PolicyDocument": policy(statement)}]);
    let trust = json!({"Sid": EVIL, "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::111122223333:user/{EVIL}")}});
    let template = json!({"AWSTemplateFormatVersion": "2010-09-09", "Parameters": {EVIL: {"Type": "String"}}, "Resources": {
        EVIL: {"Type": "AWS::IAM::Group", "Properties": {"GroupName": EVIL, "Policies": inline(&everything)}},
        "Unknown": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": EVIL, "Policies": inline(&unknown)}},
        "User": {"Type": "AWS::IAM::User", "Properties": {"UserName": EVIL, "Policies": inline(&everything)}},
        "Waived": {"Type": "AWS::IAM::Group", "Properties": {"Policies": inline(&everything)}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy(&trust)}},
    }});
    let reason = serde_json::to_string(EVIL).unwrap();
    let configuration = format!(
        "rules: {{policy-on-user: off}}\nwaivers:\n  - {{rule: group-without-mfa, address: Waived, reason: {reason}}}\n  \
         - {{rule: group-without-mfa, address: Nowhere, reason: none}}\n"
    );
    let broken = "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {";
    run(
        &[
            (EVIL_FILE, &serde_json::to_string_pretty(&template).unwrap()),
            (".mfagate.yaml", &configuration),
            ("we ird/broken\n%|<b>.json", broken),
        ],
        &["we ird", "no/such\n`file`.json"],
    )
}

/// A plan whose instance keys are hostile.
fn hostile_addresses() -> Run {
    let plan = testdata("count-and-for-each").replace("platform", "<b>%0A::]]>|`é`@x [a](b)");
    run(&[("plan.json", &plan)], &["./plan.json"])
}

/// A plan with findings of every status, gated on what is new, with an absolute path.
fn change() -> Run {
    run(&[("plans/plan.json", &testdata("change-of-everything"))], &["--new-only", "plans/../plans/plan.json"])
}

/// More findings than GitHub shows, and more than a step summary holds.
fn many() -> Run {
    let group = |at: usize| {
        let statement = json!({"Sid": format!("All{at}"), "Effect": "Allow", "Action": "*", "Resource": "*"});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let policies = json!([{"PolicyName": "all", "PolicyDocument": document}]);
        (format!("Group{at}"), json!({"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}))
    };
    let groups: serde_json::Map<String, Value> = (0..1000).map(group).collect();
    let template = json!({"AWSTemplateFormatVersion": "2010-09-09", "Resources": groups});
    run(&[("many.json", &serde_json::to_string_pretty(&template).unwrap())], &["many.json"])
}

fn testdata(project: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform").join(project).join("plan.json");
    fs::read_to_string(path).unwrap()
}

/// Runs the program over files in a folder of their own, with every format at once.
fn run(files: &[(&str, &str)], arguments: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path: PathBuf = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfagate"));
    command.current_dir(folder.path()).arg("check");
    for format in FORMATS {
        command.arg(format!("--format={format}=report.{format}"));
    }
    let output = command.args(arguments).output().unwrap();
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    let status = output.status.code().unwrap();
    let report = |format| (format, fs::read_to_string(folder.path().join(format!("report.{format}"))).unwrap());
    let reports = HashMap::from(FORMATS.map(report));
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Run { status, json: serde_json::from_str(&reports["json"]).unwrap(), reports, files }
}
