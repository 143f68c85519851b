//! Arguments in, exit status out.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::{ExitCode, Termination};

use clap::{CommandFactory, Parser};

use mfagate::baseline::Baseline;
use mfagate::cli::{self, Cli, Color, Command, Target};
use mfagate::config::{self, Configuration};
use mfagate::finding::{Finding, Severity};
use mfagate::report::{self, Outcome, Report, Terminal};
use mfagate::{explain, io_error, simulate};

/// A large plan is many small documents, each of many small texts: what they cost to allocate shows.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Exit {
    let arguments = Cli::parse();
    let color = match &arguments.command {
        None => arguments.check.color,
        Some(Command::Check(check)) => check.color,
        Some(_) => Color::Auto,
    };
    let result = match arguments.command {
        None => check(&arguments.check),
        Some(Command::Check(check_arguments)) => check(&check_arguments),
        Some(Command::Simulate(request)) => run_simulate(&request),
        Some(Command::Explain(explain)) => run_explain(&explain),
        Some(Command::Init(arguments)) => init(&arguments),
        Some(Command::Schema) => print(&mfagate::config::schema()),
        Some(Command::Completions(completions)) => print_completions(&completions),
        Some(Command::Man(page)) => print_man_page(&page),
    };
    result.unwrap_or_else(|failure| failure.told(color))
}

/// The exit status.
#[derive(Clone, Copy, Debug)]
enum Exit {
    /// Nothing at or above the threshold.
    Clean = 0,
    /// Findings at or above the threshold.
    Findings = 1,
    /// Something could not be read, used or written, or there was nothing to check. Wins over [`Exit::Findings`].
    Incomplete = 2,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Self::Clean,
            Outcome::Findings => Self::Findings,
            Outcome::Incomplete => Self::Incomplete,
        }
    }
}

/// Why a command ends without doing what it was asked.
enum Failure {
    /// The arguments or the input are at fault.
    Usage(String),
    /// The report cannot be written: the environment is at fault.
    Output(String, io::Error),
    /// The configuration is at fault.
    Configuration(Vec<Finding>),
}

impl Failure {
    fn told(self, color: Color) -> Exit {
        // Nothing can be done where standard error is closed too.
        let _ = match self {
            Self::Usage(message) => writeln!(io::stderr(), "mfagate: {message}"),
            Self::Output(place, error) => {
                writeln!(io::stderr(), "mfagate: cannot write to {place}: {}", io_error::reason(&error))
            }
            Self::Configuration(problems) => {
                let terminal = terminal(color, io::stderr().is_terminal());
                report::write_findings(&problems, terminal, &mut io::stderr().lock()).and_then(|()| {
                    writeln!(io::stderr(), "mfagate: nothing was checked: the configuration is not in order")
                })
            }
        };
        Exit::Incomplete
    }
}

fn check(arguments: &cli::Check) -> Result<Exit, Failure> {
    let targets = arguments.targets().map_err(Failure::Usage)?;
    let configuration = configuration(arguments.config.as_deref())?;
    let options = mfagate::Options {
        paths: arguments.paths.clone(),
        settings: arguments.settings().map_err(Failure::Usage)?,
        sources: arguments.source.clone(),
        threshold: arguments.fail_on.map(Into::into).or(configuration.fail_on).unwrap_or(Severity::Error),
        new_only: arguments.new_only,
        baseline: arguments.baseline.as_deref().map(Baseline::read).transpose().map_err(Failure::Usage)?,
        configuration,
        today: today(),
        fixes: !arguments.diff && targets.iter().any(|target| target.format.shows_fixes()),
    };
    let unwritten = if arguments.fix { fix(&options)? } else { false };
    let report = if arguments.diff { diff(&options)? } else { mfagate::check(&options) };
    for target in targets.iter().filter(|target| !arguments.diff || target.file.is_some()) {
        write_report(&report, target, arguments.color)?;
    }
    let outcome = report.outcome();
    if targets.iter().all(|target| target.format.name != "human") {
        // Reports for programs have no room for it.
        for untraced in &report.untraced {
            let _ = writeln!(io::stderr(), "mfagate: not traced: {}: {}", untraced.file, untraced.reason);
        }
    }
    if report.files == 0 && report.unread.is_empty() {
        let _ = writeln!(io::stderr(), "mfagate: {}", report::NOTHING_TO_CHECK);
    }
    // The process ends here: there is nothing to gain from freeing a large inventory piece by piece.
    std::mem::forget(report);
    Ok(if unwritten { Exit::Incomplete } else { outcome.into() })
}

/// Puts right in the files what can be put right; tells whether one of them could not be written.
fn fix(options: &mfagate::Options) -> Result<bool, Failure> {
    if options.paths.iter().any(|path| path.as_os_str() == "-") {
        let message = "`--fix` writes to files, and standard input is none; `--diff` shows what it would change";
        return Err(Failure::Usage(message.to_owned()));
    }
    let (_, files) = mfagate::fixed(&mfagate::Options { fixes: false, ..options.clone() });
    let mut unwritten = false;
    for file in &files {
        let name = report::visible(&file.file);
        let _ = match file.write() {
            Ok(()) => writeln!(io::stderr(), "mfagate: fixed {name}"),
            Err(reason) => {
                unwritten = true;
                writeln!(io::stderr(), "mfagate: {name} was not fixed: {reason}")
            }
        };
    }
    Ok(unwritten)
}

/// Prints what `--fix` would change.
fn diff(options: &mfagate::Options) -> Result<Report, Failure> {
    let (report, files) = mfagate::fixed(options);
    to_stdout(|out| files.iter().try_for_each(|file| out.write_all(file.patch().as_bytes())))?;
    if files.is_empty() {
        let _ = writeln!(io::stderr(), "mfagate: nothing that can be fixed in place");
    }
    // The report, which would tell, is not written beside a patch.
    for unread in &report.unread {
        let (file, reason) = (report::visible(&unread.file), report::visible(&unread.reason));
        let _ = writeln!(io::stderr(), "mfagate: {file} was not checked: {reason}");
    }
    Ok(report)
}

/// The configuration that was named, or else the one that is found.
fn configuration(named: Option<&Path>) -> Result<Configuration, Failure> {
    let Some(file) = named.map(Path::to_owned).or_else(|| config::find(Path::new("."))) else {
        return Ok(Configuration::default());
    };
    config::read(&file).map_err(|failure| match failure {
        config::Failure::Wrong(problems) => Failure::Configuration(problems),
        config::Failure::Unreadable(file, error) => {
            let reason = io_error::reason(&error);
            Failure::Usage(format!("cannot read the configuration `{}`: {reason}", file.display()))
        }
    })
}

/// The day in UTC, which is the same for everybody who runs it.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn init(arguments: &cli::Init) -> Result<Exit, Failure> {
    let place = || format!("`{}`", arguments.output.display());
    let taken = || Failure::Usage(format!("{} is there already; it is left as it is", place()));
    // Told before a long run; the file that is made only after it is the one that counts.
    if arguments.output.symlink_metadata().is_ok() {
        return Err(taken());
    }
    let text = config::init::written(&arguments.paths);
    let mut file = File::create_new(&arguments.output).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(),
        _ => Failure::Output(place(), error),
    })?;
    file.write_all(text.as_bytes()).map_err(|error| Failure::Output(place(), error))?;
    print(&format!("wrote {}\n", place()))
}

fn print(text: &str) -> Result<Exit, Failure> {
    to_stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Exit::Clean)
}

fn write_report(report: &Report, target: &Target, color: Color) -> Result<(), Failure> {
    let Some(path) = &target.file else {
        return to_stdout(|out| (target.format.write)(report, terminal(color, io::stdout().is_terminal()), out));
    };
    let failed = |error| Failure::Output(format!("`{}`", path.display()), error);
    let mut file = io::BufWriter::new(File::create(path).map_err(failed)?);
    (target.format.write)(report, terminal(color, false), &mut file).map_err(failed)?;
    file.flush().map_err(failed)
}

fn run_simulate(arguments: &cli::Simulate) -> Result<Exit, Failure> {
    let mut unusable = None;
    to_stdout(|out| match simulate::run(arguments, out) {
        Ok(()) => Ok(()),
        Err(simulate::Failure::Output(error)) => Err(error),
        Err(simulate::Failure::Input(message)) => {
            unusable = Some(message);
            Ok(())
        }
    })?;
    unusable.map_or(Ok(Exit::Clean), |message| Err(Failure::Usage(message)))
}

fn run_explain(arguments: &cli::Explain) -> Result<Exit, Failure> {
    let text = match &arguments.rule {
        None => explain::list(),
        Some(rule) => explain::rule(rule).map_err(Failure::Usage)?,
    };
    print(&text)
}

fn print_completions(arguments: &cli::Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "mfagate", &mut script);
    to_stdout(|out| out.write_all(&script))?;
    Ok(Exit::Clean)
}

fn print_man_page(arguments: &cli::Man) -> Result<Exit, Failure> {
    let mut program = Cli::command().after_help(None::<&str>);
    program.build();
    let command = match &arguments.command {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::Usage(format!("there is no command `{name}`; `mfagate help` lists them all")))?,
    };
    let checks = arguments.command.as_deref().is_none_or(|name| name == "check");
    to_stdout(|out| {
        clap_mangen::Man::new(command).render(&mut &mut *out)?;
        if checks { writeln!(out, ".SH \"EXIT STATUS\"\n{}", cli::EXIT_STATUS) } else { Ok(()) }
    })?;
    Ok(Exit::Clean)
}

/// Writes to standard output. A reader who has seen enough (`mfagate | head`) is not an error.
fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Output("standard output".to_owned(), error))
        }
        _ => Ok(()),
    }
}

/// Colour and width, decided once. `shown` tells whether a terminal shows it; a file has neither width nor colour.
fn terminal(color: Color, shown: bool) -> Terminal {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    let colour = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => shown && !refused,
    };
    let width =
        terminal_size::terminal_size_of(io::stdout()).filter(|_| shown).map_or(100, |(width, _)| width.0.into());
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    // Where nothing is set, as in containers, what shows the terminal most often knows UTF-8 all the same.
    let ascii = shown && locale.is_some_and(|value| !is_utf8(&value.to_string_lossy()));
    // Lines that are longer than this are hard to read, however wide the window.
    Terminal { colour, width: usize::clamp(width, 40, 120), ascii }
}

/// Whether the text of a locale, such as `de_DE.UTF-8`, is UTF-8.
fn is_utf8(locale: &str) -> bool {
    let name = locale.to_ascii_lowercase();
    name.contains("utf-8") || name.contains("utf8")
}
