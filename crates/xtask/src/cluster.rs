//! A private PostgreSQL that never outlives us.
//!
//! Its folder is temporary, its port free, and only this machine reaches it. It is as durable as a real one, because
//! tests that kill a node trust what was committed.
//!
//! The server is ended by a process of its own that waits for the end of its input. However we end (a result, an
//! error, ctrl-c, `kill -9`), our side of that pipe closes, and the server and its folder go.

use std::env;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::SERVER_VARIABLE;
use crate::programs::Programs;

/// Settings that differ from PostgreSQL's own, or that the tests rely on. `wal_compression` is what we ask of sites, too: a page that is
/// changed for the first time after a checkpoint goes to the log whole, and with many leads nearly every change meets such a page.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
";

/// Another program may take a free port before the server does; it is tried this often.
const START_ATTEMPTS: u32 = 3;

/// The server that tests use: the one of the environment, or a private one.
pub(crate) enum Server {
    /// Somebody else's, named by the environment.
    Given(String),
    /// Ours, ended with this value.
    Private(Cluster),
}

impl Server {
    /// Takes the server that the environment names, or starts one.
    pub(crate) fn ready() -> Result<Self> {
        match env::var(SERVER_VARIABLE) {
            Ok(url) if !url.is_empty() => {
                println!("xtask: using the server of {SERVER_VARIABLE}");
                Ok(Self::Given(url))
            }
            _ => Cluster::start().map(Self::Private),
        }
    }

    /// The URL of a database on the server.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Given(url) => url,
            Self::Private(cluster) => cluster.url(),
        }
    }
}

/// A running private PostgreSQL; dropping it ends the server and removes its folder.
pub(crate) struct Cluster {
    url: String,
    programs: PathBuf,
    folder: PathBuf,
    _ending: Ending,
}

impl Cluster {
    /// Creates a cluster, starts it on a free port and waits until it answers.
    pub(crate) fn start() -> Result<Self> {
        let programs = Programs::find_or_install()?;
        let (folder, ending) = prepare_folder(&programs)?;
        initialise(&programs, &folder)?;
        let port = start_on_free_port(&programs, &folder)?;
        println!("xtask: PostgreSQL from {} listens on 127.0.0.1:{port}", programs.folder.display());
        let url = format!("postgres://relance@127.0.0.1:{port}/postgres");
        Ok(Self { url, programs: programs.folder, folder, _ending: ending })
    }

    /// The arguments of ours that restart the cluster at once, as after a crash: [`restart`].
    pub(crate) fn restart_arguments(&self) -> [String; 5] {
        let shown = |path: &Path| path.display().to_string();
        let [task, programs, folder] = ["restart-cluster", "--programs", "--folder"].map(str::to_owned);
        [task, programs, shown(&self.programs), folder, shown(&self.folder)]
    }

    /// The URL of the cluster's first database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

/// The process that ends the server. Dropping this lets it do so, and waits until it has.
struct Ending {
    process: Child,
    input: Option<ChildStdin>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        drop(self.input.take());
        match self.process.wait() {
            Ok(status) if status.success() => {}
            result => eprintln!("xtask: the private PostgreSQL may still run: {result:?}"),
        }
    }
}

/// Makes the folder, gives it to the server's account, and starts the process that will remove it.
fn prepare_folder(programs: &Programs) -> Result<(PathBuf, Ending)> {
    let folder = tempfile::Builder::new()
        .prefix("relance-postgres-")
        .tempdir()
        .context("cannot create a temporary folder for PostgreSQL")?;
    if let Some(account) = programs.account() {
        chown(folder.path(), Some(account.user), Some(account.group))
            .with_context(|| format!("cannot give {} to PostgreSQL's account", folder.path().display()))?;
    }
    let mut process = Command::new(env::current_exe().context("cannot find our own program")?)
        .arg("end-cluster")
        .arg("--programs")
        .arg(&programs.folder)
        .arg("--folder")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn()
        .context("cannot start the process that ends PostgreSQL")?;
    let input = process.stdin.take();
    Ok((folder.keep(), Ending { process, input }))
}

/// Waits for the end of standard input, then stops the server and removes its folder.
pub(crate) fn end_when_input_ends(programs: &Path, folder: &Path) -> Result<()> {
    io::copy(&mut io::stdin(), &mut io::sink())?;
    if data_folder(folder).join("postmaster.pid").exists() {
        let mut stop = Programs::in_folder(programs.to_path_buf())?.command("pg_ctl");
        stop.args(["stop", "--silent", "--mode", "fast", "--pgdata"]).arg(data_folder(folder)).current_dir(folder);
        ensure!(stop.status()?.success(), "cannot stop the PostgreSQL in {}", folder.display());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// Ends every process of the server at once and starts it again on the same port: it recovers as after a crash.
pub(crate) fn restart(programs: &Path, folder: &Path) -> Result<()> {
    let mut restart = Programs::in_folder(programs.to_path_buf())?.command("pg_ctl");
    restart.args(["restart", "--wait", "--timeout", "60", "--silent", "--mode", "immediate", "--log"]);
    restart.arg(folder.join("log")).arg("--pgdata").arg(data_folder(folder)).current_dir(folder);
    ensure!(restart.stdin(Stdio::null()).status()?.success(), "cannot restart the PostgreSQL in {}", folder.display());
    Ok(())
}

fn data_folder(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Creates the cluster. It orders text by the rules of a language, as production servers do and SQLite does not: a
/// statement that leans on the order of bytes is found here. `--no-sync` concerns this first filling alone.
fn initialise(programs: &Programs, folder: &Path) -> Result<()> {
    let output = programs
        .command("initdb")
        .args(["--username", "relance", "--auth", "trust", "--encoding", "UTF8", "--no-sync", "--no-instructions"])
        .args(["--no-locale", "--locale-provider", "icu", "--icu-locale", "en-US", "--pgdata"])
        .arg(data_folder(folder))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .with_context(|| {
            format!(
                "cannot run initdb in {} (its account must be able to reach it; TMPDIR names another place)",
                folder.display()
            )
        })?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let settings = data_folder(folder).join("postgresql.auto.conf");
    fs::write(&settings, SETTINGS).with_context(|| format!("cannot write {}", settings.display()))
}

fn start_on_free_port(programs: &Programs, folder: &Path) -> Result<u16> {
    for _ in 0..START_ATTEMPTS {
        let port = free_port()?;
        let started = programs
            .command("pg_ctl")
            .args(["start", "--wait", "--timeout", "60", "--silent", "--options"])
            .arg(format!("-p {port}"))
            .arg("--log")
            .arg(folder.join("log"))
            .arg("--pgdata")
            .arg(data_folder(folder))
            .current_dir(folder)
            .stdin(Stdio::null())
            .status()
            .context("cannot run pg_ctl")?;
        if started.success() {
            return Ok(port);
        }
    }
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    bail!("PostgreSQL did not start; its log says:\n{log}")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot find a free port")?;
    Ok(listener.local_addr()?.port())
}
