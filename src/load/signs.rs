//! Words that give a text away before, or instead of, reading it as JSON or YAML.

/// Whether a text speaks of what mfagate checks, so that a fault in it must be reported and not passed over.
pub(super) fn looks_ours(text: &str) -> bool {
    const SIGNS: [&str; 7] = [
        "AWSTemplateFormatVersion",
        "Resources:",
        "\"Resources\"",
        "\"Statement\"",
        "Statement:",
        "\"planned_values\"",
        "\"resource_changes\"",
    ];
    // A template may have nothing but local modules.
    SIGNS.iter().any(|sign| text.contains(sign)) || (text.contains("Modules:") && text.contains("Source:"))
}

/// A line that the wrapper of the setup-terraform action put around Terraform's output, cut short.
pub(super) fn wrapper_line(text: &str) -> Option<String> {
    let first = text.trim_start();
    let line = if first.starts_with("[command]") || is_workflow_command(first.as_bytes()) {
        first.lines().next().unwrap_or_default().to_owned()
    } else {
        let tail = text.as_bytes().get(text.len().saturating_sub(TAIL)..)?.trim_ascii_end();
        let start = tail.iter().rposition(|byte| *byte == b'\n')? + 1;
        let last = tail.get(start..).filter(|line| first.starts_with('{') && is_workflow_command(line))?;
        String::from_utf8_lossy(last).into_owned()
    };
    Some(line.chars().take(60).collect())
}

/// How much of the end is searched for the last line: the one line of a plan is too long to look for its beginning.
const TAIL: usize = 4 << 10;

fn is_workflow_command(line: &[u8]) -> bool {
    const COMMANDS: [&[u8]; 4] = [b"::debug::", b"::set-output ", b"::error::", b"::warning::"];
    COMMANDS.iter().any(|command| line.starts_with(command))
}

/// What shows that a text is a template which some other tool has yet to fill in. CloudFormation's own dynamic references
/// have braces too.
pub(super) fn template_mark(text: &str) -> Option<(&'static str, usize)> {
    let own = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with("{{resolve:"));
    let jinja = || text.match_indices("{{").find(|(at, _)| !own(*at)).map(|(at, _)| ("{{", at));
    let statement = || text.find("{%").map(|at| ("{%", at));
    let ruby = || text.find("<%").map(|at| ("<%", at));
    let terraform = || text.find("%{").map(|at| ("%{", at));
    statement().or_else(ruby).or_else(terraform).or_else(jinja)
}

/// Whether the text is Terraform configuration (`.tf`): some line begins a block.
pub(super) fn is_configuration(text: &str) -> bool {
    const BLOCKS: [&str; 9] = [
        "resource \"",
        "data \"",
        "module \"",
        "provider \"",
        "variable \"",
        "output \"",
        "terraform {",
        "locals {",
        "moved {",
    ];
    let begins_block = |line: &str| BLOCKS.iter().any(|block| line.starts_with(block)) && line.contains('{');
    text.lines().take(2_000).any(begins_block)
}

/// Whether the text has keys of a plan, quoted as JSON has them.
pub(super) fn speaks_of_a_plan(text: &str) -> bool {
    text.contains("\"planned_values\"") || text.contains("\"resource_changes\"")
}

/// Whether the text is a plan as Terraform or OpenTofu prints it without `-json`.
pub(super) fn is_human_plan(text: &str) -> bool {
    const PHRASES: [&str; 4] = [
        " will perform the following actions",
        " used the selected providers to generate the following execution plan",
        "An execution plan has been generated and is shown below",
        "No changes. Your infrastructure matches the configuration",
    ];
    text.lines().take(2_000).any(|line| PHRASES.iter().any(|phrase| line.contains(phrase)))
}

/// Whether the text is a mock for Sentinel, which assigns a plan's parts to names.
pub(super) fn is_sentinel_mock(text: &str) -> bool {
    let assigns = |line: &str| line.starts_with("planned_values = ") || line.starts_with("resource_changes = ");
    text.lines().any(assigns)
}
