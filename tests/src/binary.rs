//! The real binary: commands that run to their end, and a server that can be killed at any moment.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The variable that names the binary; `cargo xtask test` builds it and sets this.
const BINARY_VARIABLE: &str = "RELANCE_BIN";
/// The key that the binary hashes suppressed numbers with: the first one of the testkit, so that tests can look a number up.
pub const SUPPRESSION_KEY: &str = "0101010101010101010101010101010101010101010101010101010101010101";
/// What `relance serve` prints when it takes requests.
const READY: &str = "listening on ";
/// No server takes longer to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained about.
    pub stderr: String,
}

/// Where the binary is: named by the environment, or beside the tests.
///
/// # Panics
///
/// Where it has not been built.
#[must_use]
pub fn path() -> PathBuf {
    let path = match env::var_os(BINARY_VARIABLE) {
        Some(path) if !path.is_empty() => PathBuf::from(path),
        _ => {
            let test = env::current_exe().expect("a test knows its own program");
            let folder = test.ancestors().nth(2).expect("tests are built into target/PROFILE/deps");
            folder.join(format!("relance{EXE_SUFFIX}"))
        }
    };
    let missing = "run `cargo xtask test`, which builds it, or `cargo build -p relance-cli` first";
    assert!(path.is_file(), "there is no {}: {missing}", path.display());
    path
}

/// The binary with nothing of our own settings in its environment.
#[must_use]
pub fn command<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    without_settings(Command::new(path()), arguments)
}

/// Any program with arguments, and with nothing of our own settings in its environment.
#[must_use]
pub fn without_settings<A: AsRef<OsStr>>(mut command: Command, arguments: impl IntoIterator<Item = A>) -> Command {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("RELANCE_") {
            command.env_remove(&name);
        }
    }
    command.env("RELANCE__SUPPRESSION_KEY", SUPPRESSION_KEY);
    // Settings files of whoever runs the tests are none of ours.
    command.current_dir(env::temp_dir()).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command of the binary to its end.
///
/// # Panics
///
/// Where it cannot be started.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    ran(command(arguments))
}

/// Runs a command to its end, whatever stands around the binary.
///
/// # Panics
///
/// Where it cannot be started.
#[must_use]
pub fn ran(mut command: Command) -> Ran {
    let output = command.output().expect("the command can be started");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ran {
    /// What a command printed that did what it was asked.
    ///
    /// # Panics
    ///
    /// Where it did not.
    #[must_use]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// A running server. Dropping it kills it.
pub struct Server {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    child: Child,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a database and waits until it takes requests.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    #[must_use]
    pub fn start(database: &str) -> Self {
        Self::launch(command(["serve", "--database", database, "--listen", "127.0.0.1:0"]))
    }

    /// Starts a server with a command of one's own.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    #[must_use]
    pub fn launch(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let log = Arc::new(Mutex::new(String::new()));
        let (sender, receiver) = mpsc::channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let readers = vec![
            keep(stdout.expect("it is piped"), Arc::clone(&log), move |line| {
                if let Some((_, url)) = line.split_once(READY) {
                    // Whoever waited for the first address may have gone.
                    let _ = sender.send(url.trim().to_owned());
                }
            }),
            keep(stderr.expect("it is piped"), Arc::clone(&log), |_| {}),
        ];
        let mut server = Self { url: String::new(), child, log, readers };
        match receiver.recv_timeout(START_TIMEOUT) {
            Ok(url) => server.url = url,
            Err(RecvTimeoutError::Timeout) => panic!("the server did not start within {START_TIMEOUT:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("the server ended before it took requests"),
        }
        server
    }

    /// `kill -9`: the server ends at once, whatever it is doing.
    pub fn kill(mut self) {
        self.end();
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn end(&mut self) {
        // One that has ended by itself cannot be killed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            eprintln!("--- log of the server ---\n{}---", self.log());
        }
    }
}

/// Keeps what a process prints, so that it never waits for a reader.
fn keep(
    output: impl Read + Send + 'static,
    log: Arc<Mutex<String>>,
    mut told: impl FnMut(&str) + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            told(&line);
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push_str(&line);
            log.push('\n');
        }
    })
}
