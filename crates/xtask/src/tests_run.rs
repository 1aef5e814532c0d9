//! `cargo xtask test`: all tests on both databases, and their sum.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};

use anyhow::{Context, Result};

use crate::cluster::Server;
use crate::{SERVER_VARIABLE, cargo, exit_code};

/// Builds the tests and the program that they start, runs them beside a PostgreSQL server, and prints the sum.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    println!("xtask: building the program and its tests");
    // In one go: by itself the program would be built with other features of its dependencies, which would be compiled twice.
    let built = cargo::command(["test", "--workspace", "--locked", "--no-run"]).status().context("cannot run cargo")?;
    if !built.success() {
        eprintln!("xtask: the program did not build, so no test ran");
        return Ok(exit_code(built));
    }
    let (status, counts) = {
        let server = Server::ready()?;
        println!("xtask: running the tests");
        cargo_test(arguments, &server)?
    };
    if counts.failed == 0 && !status.success() {
        eprintln!(
            "xtask: cargo test failed without a failed test: something did not build or was cut short, see above"
        );
    }
    println!("\n{} passed, {} failed", counts.passed, counts.failed);
    Ok(exit_code(status))
}

fn cargo_test(arguments: &[OsString], server: &Server) -> Result<(ExitStatus, Counts)> {
    let mut tests = cargo::command(["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(arguments)
        .env(SERVER_VARIABLE, server.url())
        .env("RELANCE_BIN", program()?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let output = tests.stdout.take().context("the output of cargo test is not there")?;
    let counts = pass_through(output, &mut io::stdout().lock()).context("cannot pass on the output of cargo test")?;
    Ok((tests.wait().context("cannot wait for cargo test")?, counts))
}

/// The built `relance`: cargo puts it beside this program.
pub(crate) fn program() -> Result<PathBuf> {
    let own = env::current_exe().context("cannot find our own program")?;
    Ok(own.with_file_name(format!("relance{EXE_SUFFIX}")))
}

/// How many tests passed and failed.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u64,
    failed: u64,
}

/// Copies the output line by line, and sums up the result lines in it.
fn pass_through(output: impl Read, to: &mut impl Write) -> io::Result<Counts> {
    let mut output = BufReader::new(output);
    let mut counts = Counts::default();
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        counts.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(counts)
}

impl Counts {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; …`; any other adds nothing.
    fn add(&mut self, line: &str) {
        let Some((_, numbers)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for part in numbers.split(';') {
            match part.trim().split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, pass_through};

    #[test]
    fn result_lines_are_summed_and_every_byte_passes() {
        let output = b"running 3 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            \xff not text\n\
            test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 1.20s\nno end";
        let mut copy = Vec::new();
        let counts = pass_through(&output[..], &mut copy).unwrap();
        assert_eq!(counts, Counts { passed: 5, failed: 1 });
        assert_eq!(copy, output);
    }
}
