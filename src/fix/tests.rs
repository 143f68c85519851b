//! Fixes of the rules' own examples.

use std::path::PathBuf;
use std::sync::Arc;

use super::scene::{Bench, Scene};
use super::stages::{Files, Stages};
use super::surroundings::Surroundings;
use super::together::{self, Proposal};
use super::{FileFix, Project};
use crate::finding::Finding;
use crate::inventory::Address;
use crate::report::Report;
use crate::{Options, load, rules};

/// The report on a text, its fixes in it, and the text after all fixes.
fn fixed(configuration: Option<&str>, text: &str) -> (Report, Option<String>) {
    let file = crate::source::Source::file(crate::config::FILE_NAME, configuration.unwrap_or_default().to_owned());
    let configuration = crate::config::parse(&file, std::path::Path::new("")).expect("the configuration is in order");
    let options = Options { configuration, fixes: true, ..Options::new(vec![PathBuf::from("-")]) };
    let loaded = load::load(&options.paths, &mut text.as_bytes());
    assert!(loaded.unread.is_empty(), "{:?}\n{text}", loaded.unread);
    let (report, files) = crate::check_loaded(&loaded, &options, super::everything);
    let files: Vec<FileFix> = files;
    assert!(files.len() <= 1);
    (report, files.into_iter().next().map(|file| file.edited.after))
}

/// What a report has to say, for messages.
fn told(report: &Report) -> String {
    let finding = |it: &crate::finding::Finding| {
        format!("{}[{}] {}: {}\n", it.severity.name(), it.rule, it.address.path, it.message)
    };
    report.findings.iter().map(finding).collect()
}

#[test]
fn the_bad_examples_are_put_right() {
    let mut shown = String::new();
    for rule in rules::all() {
        let (before, after) = fixed(rule.configuration(), rule.documentation().bad);
        let findings = before.findings.iter().enumerate();
        let fixes: Vec<_> =
            findings.filter(|(_, it)| it.rule == rule.id()).map(|(at, _)| before.fixes.get(at).is_some()).collect();
        shown.push_str(&format!("== {} {fixes:?}\n", rule.id()));
        let Some(after) = after else { continue };
        shown.push_str(&super::diff::unified(rule.id(), rule.documentation().bad, &after));
        let (again, nothing) = fixed(rule.configuration(), &after);
        shown.push_str(&told(&again));
        assert_eq!(nothing, None, "{}", rule.id());
        let left = again.findings.iter().any(|it| it.rule == rule.id());
        assert!(!left || fixes.contains(&false), "{}:\n{}", rule.id(), told(&again));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_machines_assume_is_not_asked_for_mfa() {
    let role = |condition: &str| {
        format!(
            r#"{{"Resources": {{"R": {{"Type": "AWS::IAM::Role", "Properties": {{"RoleName": "r", "AssumeRolePolicyDocument":
            {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "222222222222"}},
            "Action": "sts:AssumeRole"{condition}}}}}}}}}}}}}"#
        )
    };
    let vendor = role(r#", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}"#);
    for (configuration, text, is_fixed) in [
        (None, &vendor, false),
        (Some("external-id: error\n"), &vendor, true),
        (Some("workload-roles: [r]\n"), &role(""), false),
        (None, &role(""), true),
    ] {
        let (report, after) = fixed(configuration, text);
        assert!(report.findings.iter().any(|it| it.rule == "role-trust-without-mfa"), "{}", told(&report));
        assert_eq!(after.is_some(), is_fixed, "{configuration:?}: {}", told(&report));
    }
}

/// A group that may do everything but what is denied without MFA by this operator.
fn group(name: &str, operator: &str) -> String {
    format!(
        "  {name}:
    Type: AWS::IAM::Group
    Properties:
      Policies:
        - PolicyName: all
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - {{Effect: Allow, Action: '*', Resource: '*'}}
              - Effect: Deny
                NotAction: ['iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:ListMFADevices']
                Resource: '*'
                Condition: {{{operator}: {{aws:MultiFactorAuthPresent: 'false'}}}}
"
    )
}

#[test]
fn resources_that_have_nothing_to_do_with_each_other_are_put_right_all() {
    let role = |name: &str, operator: &str| {
        format!(
            "  {name}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {{AWS: '222222222222'}}
            Action: sts:AssumeRole
            Condition: {{{operator}: {{aws:MultiFactorAuthPresent: 'true'}}}}
"
        )
    };
    let roles = [role("A", "BoolIfExists"), role("B", "Bool"), role("C", "BoolIfExists"), role("D", "BoolIfExists")];
    let text = format!("Resources:\n{}", roles.concat());
    let (report, after) = fixed(None, &text);
    assert_eq!(report.findings.len(), 6, "{}", told(&report));
    assert!((0..6).all(|at| report.fixes.get(at).is_some()), "{}", told(&report));
    let left = |at: usize| report.fixes.get(at).map(|fix| fix.texts[0].after.matches("BoolIfExists").count());
    assert!((0..6).all(|at| left(at) == Some(2)), "each fix is of its own finding alone");
    assert_eq!(after, Some(text.replace("BoolIfExists", "Bool")));
}

/// Looks at the files that a text makes, as if fixes for it were looked for.
fn with_files<T>(text: &str, look: impl FnOnce(&Files<'_>, &Bench<'_>, &Report) -> T) -> T {
    let options = Options::new(vec![PathBuf::from("-")]);
    let loaded = load::load(&options.paths, &mut text.as_bytes());
    let look = |report: &Report, project: Project<'_>| {
        let surroundings = Surroundings::new(report, project.inputs);
        let files = surroundings.files(report.findings.iter());
        look(&files[&0], &project.bench(), report)
    };
    crate::check_loaded(&loaded, &options, look).1
}

#[test]
fn only_what_bears_on_a_resource_is_looked_at() {
    let text = format!(
        "Resources:\n{}{}  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Groups: [!Ref Writers]
      PolicyDocument: {{Version: '2012-10-17', Statement: {{Effect: Allow, Action: 's3:*', Resource: !GetAtt Bucket.Arn}}}}
  Alice:
    Type: AWS::IAM::User
    Properties: {{Groups: [!Ref Writers]}}
  Bucket:
    Type: AWS::S3::Bucket
  Queue:
    Type: AWS::SQS::Queue
",
        group("Readers", "Bool"),
        group("Writers", "Bool"),
    );
    with_files(&text, |files, bench, report| {
        let mut stages = Stages::new(files, files.scene());
        let input = &report.findings.first().expect("something is found").address.input;
        let mut looked_at = |id: &str| -> Vec<String> {
            let stage = stages.at(&Address { input: Arc::clone(input), path: id.to_owned() });
            let seen = stage.part.as_ref().map_or(&stage.whole, |part| &part.seen);
            seen.view(bench).judged.iter().map(|one| one.subject.address.path.clone()).collect()
        };
        assert_eq!(looked_at("Readers"), ["Readers"]);
        for id in ["Writers", "Alice", "Shared"] {
            assert_eq!(looked_at(id), ["Alice", "Shared", "Writers"], "{id}");
        }
        assert_eq!(looked_at("Queue"), [""; 0]);
        // What is no resource of the template may be about any of them.
        assert_eq!(looked_at("Elsewhere"), ["Alice", "Readers", "Shared", "Writers"]);
    });
}

#[test]
fn what_does_not_hold_with_everything_else_is_no_fix() {
    let text = format!("Resources:\n{}{}{}", group("A", "Bool"), group("B", "Bool"), group("C", "Bool"));
    with_files(&text, |files, bench, report| {
        let stages = Stages::new(files, files.scene());
        let source = Arc::clone(stages.whole.scene.sources()[0]);
        let edited = |group: &str, word: &str| -> Scene {
            let (before, after) = text.split_once(&format!("  {group}:")).expect("the group is there");
            let text = format!("{before}  {group}:{}", after.replacen("{Bool:", &format!("{{{word}:"), 1));
            stages.whole.scene.edited(&source, text).expect("it is a template still")
        };
        let finding = |group: &str| -> &Finding {
            let is_meant = |it: &&Finding| it.rule == "group-without-mfa" && it.address.path == group;
            report.findings.iter().find(is_meant).expect("the group is open")
        };
        let scenes = [edited("A", "BoolIfExists"), edited("B", "StringLike"), edited("C", "BoolIfExists")];
        let proposals: Vec<Proposal<'_>> = ["A", "B", "C"]
            .into_iter()
            .zip(&scenes)
            .enumerate()
            .map(|(part, (group, scene))| Proposal { finding: finding(group), scene, part })
            .collect();
        let members = |work: usize| -> Vec<Vec<usize>> {
            together::holding(&stages.whole, &proposals, bench, work).into_iter().map(|held| held.members).collect()
        };
        assert_eq!(members(usize::MAX), [[0], [2]]);
        assert_eq!(members(0), [[0; 0]; 0]);
        let both = [edited("A", "BoolIfExists"), edited("C", "BoolIfExists")];
        let proposals = [("A", &both[0], 0), ("C", &both[1], 2)].map(|(group, scene, part)| Proposal {
            finding: finding(group),
            scene,
            part,
        });
        let held = together::holding(&stages.whole, &proposals, bench, usize::MAX);
        assert_eq!(held.iter().map(|held| held.members.clone()).collect::<Vec<_>>(), [[0, 1]]);
        assert_eq!(held[0].scene.sources()[0].text().matches("BoolIfExists").count(), 2);
    });
}
