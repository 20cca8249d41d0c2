//! What happens before and after a command: parse, logging, runtime, exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{Cli, Color};
use crate::commands;
use crate::failure::{Failure, Kind};
use crate::report::escape::safe_lines;

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return refused(&told),
    };
    log(cli.show.verbose);
    let color = cli.show.color;
    // One thread: a call of the SDK costs half the time on it that it costs on several.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(cli)),
        Err(error) => Err(Failure::failed(format!("could not start: {error}"))),
    };
    done.unwrap_or_else(|failure| {
        say(&failure, color);
        failure.exit_code()
    })
}

/// Help and version are results; everything else that clap says is wrong usage.
fn refused(told: &clap::Error) -> ExitCode {
    let printed = told.print();
    match (told.kind(), printed) {
        (ErrorKind::DisplayHelp | ErrorKind::DisplayVersion, Err(error))
            if error.kind() != io::ErrorKind::BrokenPipe =>
        {
            let failure = Failure::failed(format!("could not write the result: {error}"));
            say(&failure, Color::Auto);
            failure.exit_code()
        }
        (ErrorKind::DisplayHelp | ErrorKind::DisplayVersion, _) => ExitCode::SUCCESS,
        // There is nowhere left to say that it cannot be printed.
        _ => Failure::usage("").exit_code(),
    }
}

fn say(failure: &Failure, color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    let mut err = anstream::AutoStream::new(std::io::stderr(), choice);
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let head = match failure.kind {
        Kind::Interrupted => "",
        Kind::Failed | Kind::Usage => "error: ",
    };
    let text = failure.to_string();
    for (number, line) in safe_lines(&text).enumerate() {
        let head = if number == 0 { format!("{red}{head}{red:#}") } else { String::new() };
        let _ = writeln!(err, "{head}{line}");
    }
}

/// Logs of libraries go to stderr, and only when they are asked for. Bodies and credentials are never logged.
fn log(verbose: u8) {
    let filter = match verbose {
        0 => return,
        1 => "warn",
        _ => "info,aws_smithy_runtime=warn",
    };
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
