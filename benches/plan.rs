//! What it costs to check a large plan: processor time and memory of `mfagate check` on a generated plan of one line, against
//! what serde_json takes to skip over the same bytes with a raw value, as ratios of one run.
//!
//! `cargo bench --bench plan`, with `-- MEGABYTES` for another size than 100. Reads `/proc`: Linux only.
#![expect(clippy::print_stdout, reason = "the figures are what the program is for")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::value::RawValue;

/// How often each is run: processor time is told in hundredths of a second.
const RUNS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["skip", path] => skip(path),
        [megabytes] => compare(megabytes.parse()?),
        _ => compare(100),
    }
}

/// The yardstick: reads the file and skips over it.
fn skip(path: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let raw: &RawValue = serde_json::from_str(&text)?;
    println!("{} bytes", raw.get().len());
    Ok(())
}

fn compare(megabytes: usize) -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("mfagate-bench-{}.json", std::process::id()));
    let plan = plan(megabytes * 1_000_000);
    fs::write(&path, &plan)?;
    let size = plan.len() as f64;
    drop(plan);
    let measured = measure_both(&path);
    fs::remove_file(&path)?;
    let (yardstick, gate) = measured?;
    println!("plan of {:.1} MB on one line", size / 1e6);
    println!("serde_json skips it: {:.3} s of processor time", yardstick.seconds);
    println!("mfagate checks it:   {:.3} s of processor time, {:.1} MB at the peak", gate.seconds, gate.peak / 1e6);
    println!("time ratio:   {:.2} (at most 3)", gate.seconds / yardstick.seconds);
    println!("memory ratio: {:.2} (below 1.5)", gate.peak / size);
    Ok(())
}

struct Cost {
    /// Processor time of one run, user and system.
    seconds: f64,
    /// The most memory that was resident, in bytes.
    peak: f64,
}

/// Runs both in turn, so that what else the machine does disturbs them alike.
fn measure_both(path: &Path) -> Result<(Cost, Cost), Box<dyn Error>> {
    let yardstick = || {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("skip").arg(path).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    let gate = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mfagate"));
        command.args(["check", "--format", "json"]).arg(path).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    let mut skipped = Cost { seconds: 0.0, peak: watch(yardstick()?)? };
    let mut checked = Cost { seconds: 0.0, peak: watch(gate()?)? };
    for _ in 0..RUNS {
        skipped.seconds += time(yardstick()?)? / f64::from(RUNS);
        checked.seconds += time(gate()?)? / f64::from(RUNS);
    }
    Ok((skipped, checked))
}

/// The peak of a run, in bytes. Its time does not count: looking on costs some.
fn watch(mut child: Child) -> Result<f64, Box<dyn Error>> {
    let mut peak = 0.0_f64;
    loop {
        match child.try_wait()? {
            None => peak = peak.max(peak_of(child.id()).unwrap_or_default()),
            Some(status) if status.code().is_none_or(|code| code > 1) => {
                return Err("what is to be measured does not work".into());
            }
            Some(_) => return Ok(peak),
        }
        sleep(Duration::from_millis(1));
    }
}

/// The processor time of a run, in seconds.
fn time(mut child: Child) -> Result<f64, Box<dyn Error>> {
    let before = children_ticks()?;
    child.wait()?;
    // Linux tells processor time in hundredths of a second, whatever the clock of the machine.
    Ok((children_ticks()? - before) / 100.0)
}

/// Processor time, user and system, of all children that have ended.
fn children_ticks() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no program name in /proc/self/stat")?;
    // Fields 16 and 17 of proc(5); the third is the first after the name.
    fields.split_whitespace().skip(13).take(2).map(|field| Ok(field.parse::<f64>()?)).sum()
}

fn peak_of(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

/// A plan of about this many bytes on one line, with the parts that `terraform show -json` writes; every tenth resource is
/// one of IAM's.
fn plan(bytes: usize) -> String {
    let (mut planned, mut changes, mut configuration) = (String::new(), String::new(), String::new());
    let mut number = 0;
    while planned.len() + changes.len() + configuration.len() < bytes {
        let (kind, values) = resource(number);
        let separator = if number == 0 { "" } else { "," };
        let identity = format!(
            r#""address":"{kind}.r{number}","mode":"managed","type":"{kind}","name":"r{number}","provider_name":"registry.terraform.io/hashicorp/aws""#
        );
        // Writing to a string cannot fail.
        let _ = write!(
            planned,
            r#"{separator}{{{identity},"schema_version":0,"values":{values},"sensitive_values":{{}}}}"#
        );
        let _ = write!(
            changes,
            r#"{separator}{{{identity},"change":{{"actions":["create"],"before":null,"after":{values},"after_unknown":{{"arn":true,"id":true}},"before_sensitive":false,"after_sensitive":{{}}}}}}"#
        );
        let _ = write!(
            configuration,
            r#"{separator}{{"address":"{kind}.r{number}","mode":"managed","type":"{kind}","name":"r{number}","provider_config_key":"aws","expressions":{{"name":{{"constant_value":"r{number}"}}}},"schema_version":0}}"#
        );
        number += 1;
    }
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.9.8","planned_values":{{"root_module":{{"resources":[{planned}]}}}},"resource_changes":[{changes}],"configuration":{{"provider_config":{{"aws":{{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws"}}}},"root_module":{{"resources":[{configuration}]}}}}}}"#
    )
}

/// Type and values of a resource.
fn resource(number: usize) -> (&'static str, String) {
    match number % 40 {
        0 | 20 => ("aws_iam_role", role(number)),
        10 => ("aws_iam_group_policy", policy(number, &format!(r#","group":"team-{number}""#))),
        30 => ("aws_iam_policy", policy(number, r#","path":"/","description":"Deployment""#)),
        _ => ("aws_sqs_queue", queue(number)),
    }
}

fn role(number: usize) -> String {
    let principal = if number.is_multiple_of(40) { "root".to_owned() } else { format!("user/operator-{number}") };
    let trust = format!(
        r#"{{\"Statement\":[{{\"Action\":\"sts:AssumeRole\",\"Condition\":{{\"Bool\":{{\"aws:MultiFactorAuthPresent\":\"true\"}}}},\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"arn:aws:iam::111122223333:{principal}\"}}}}],\"Version\":\"2012-10-17\"}}"#
    );
    format!(
        r#"{{"assume_role_policy":"{trust}","description":"Operations","force_detach_policies":false,"max_session_duration":3600,"name":"r{number}","path":"/","permissions_boundary":null,"tags":{{"team":"platform"}}}}"#
    )
}

fn policy(number: usize, rest: &str) -> String {
    let document = format!(
        r#"{{\"Statement\":[{{\"Action\":[\"s3:GetObject\",\"s3:PutObject\",\"s3:ListBucket\"],\"Condition\":{{\"Bool\":{{\"aws:MultiFactorAuthPresent\":\"true\"}}}},\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:s3:::bucket-{number}\",\"arn:aws:s3:::bucket-{number}/*\"],\"Sid\":\"Bucket\"}},{{\"Action\":\"logs:*\",\"Condition\":{{\"BoolIfExists\":{{\"aws:MultiFactorAuthPresent\":\"false\"}}}},\"Effect\":\"Deny\",\"Resource\":\"*\"}}],\"Version\":\"2012-10-17\"}}"#
    );
    format!(r#"{{"name":"r{number}","policy":"{document}"{rest}}}"#)
}

fn queue(number: usize) -> String {
    format!(
        r#"{{"content_based_deduplication":false,"delay_seconds":0,"fifo_queue":false,"kms_master_key_id":null,"max_message_size":262144,"message_retention_seconds":345600,"name":"r{number}","receive_wait_time_seconds":0,"sqs_managed_sse_enabled":true,"tags":{{"team":"platform","service":"orders","cost-centre":"4711"}},"visibility_timeout_seconds":30}}"#
    )
}
