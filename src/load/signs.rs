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
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// The first line that the wrapper of the setup-terraform action put around Terraform's output, cut short.
pub(super) fn wrapper_line(text: &str) -> Option<String> {
    let (first, last) = (text.trim_start(), text.trim_end());
    let last = last.rfind('\n').and_then(|at| last.get(at + 1..)).unwrap_or(last);
    let commands = ["::debug::", "::set-output ", "::error::", "::warning::"];
    let line = match first {
        _ if first.starts_with("[command]") => first.lines().next()?,
        _ if commands.iter().any(|command| first.starts_with(command)) => first.lines().next()?,
        _ if first.starts_with('{') && commands.iter().any(|command| last.starts_with(command)) => last,
        _ => return None,
    };
    Some(line.chars().take(60).collect())
}

/// What shows that a text is a template which some other tool has yet to fill in. CloudFormation's own dynamic references
/// have braces too.
pub(super) fn template_mark(text: &str) -> Option<(&'static str, usize)> {
    let own = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with("{{resolve:"));
    let jinja = || text.match_indices("{{").find(|(at, _)| !own(*at)).map(|(at, _)| ("{{", at));
    let statement = || text.find("{%").map(|at| ("{%", at));
    let ruby = || text.find("<%").map(|at| ("<%", at));
    statement().or_else(ruby).or_else(jinja)
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
