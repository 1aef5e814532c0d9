//! Where PostgreSQL's programs are, who may run them, and how they get here.

use std::env;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Where Debian's packages put the programs of each version, out of `PATH`.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// The oldest version that Relance supports, and the one its tests ask for.
const OLDEST_VERSION: u32 = 15;

/// What a person types where nothing can be installed for them.
const INSTALL_LINE: &str = "sudo apt-get update && sudo apt-get install --yes postgresql";

/// PostgreSQL's programs, and the account that runs them.
pub(crate) struct Programs {
    /// The folder that holds `initdb`, `pg_ctl` and `postgres`.
    pub(crate) folder: PathBuf,
    account: Option<Account>,
}

/// A system account without privileges.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Programs {
    /// The newest programs on this machine; installs them where there are none.
    pub(crate) fn find_or_install() -> Result<Self> {
        if newest().is_none() {
            install()?;
        }
        let folder = newest().with_context(|| {
            format!("the package postgresql is installed, but holds no PostgreSQL {OLDEST_VERSION} or newer")
        })?;
        Self::in_folder(folder)
    }

    /// The programs in this folder.
    pub(crate) fn in_folder(folder: PathBuf) -> Result<Self> {
        Ok(Self { folder, account: unprivileged_account()? })
    }

    /// The account the server runs as; `None` is our own.
    pub(crate) fn account(&self) -> Option<Account> {
        self.account
    }

    /// A command that runs one of the programs, untouched by settings of the caller's own PostgreSQL.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }
}

/// PostgreSQL refuses to run as root: root runs it as the account that came with the package, or as nobody.
fn unprivileged_account() -> Result<Option<Account>> {
    if own_user()? != 0 {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let (Ok(user), Ok(group)) = (id(&["-u", name]), id(&["-g", name])) {
            return Ok(Some(Account { user, group }));
        }
    }
    bail!("PostgreSQL does not run as root, and this machine has neither the account postgres nor nobody")
}

fn own_user() -> Result<u32> {
    id(&["-u"])
}

fn id(arguments: &[&str]) -> Result<u32> {
    let output = Command::new("id").args(arguments).output().context("cannot run id")?;
    ensure!(output.status.success(), "id {} failed", arguments.join(" "));
    String::from_utf8_lossy(&output.stdout).trim().parse().context("id did not print a number")
}

fn newest() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    env::split_paths(&path)
        .chain(debian)
        .filter(|folder| ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file()))
        .filter_map(|folder| Some((version(&folder)?, folder)))
        .filter(|(version, _)| *version >= OLDEST_VERSION)
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
}

fn version(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    major_version(&String::from_utf8_lossy(&output.stdout))
}

/// Reads the 15 in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_version(text: &str) -> Option<u32> {
    let version = text.split_whitespace().nth(2)?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn install() -> Result<()> {
    let sudo = own_user()? != 0;
    if !works("apt-get --version") || (sudo && !works("sudo -n true")) {
        bail!(
            "PostgreSQL {OLDEST_VERSION} or newer is missing and cannot be installed from here; type: {INSTALL_LINE}"
        );
    }
    println!("xtask: PostgreSQL {OLDEST_VERSION} or newer is missing; installing the package postgresql with apt-get");
    if let Err(error) = install_as_root(sudo) {
        bail!("PostgreSQL could not be installed ({error:#}); type: {INSTALL_LINE}");
    }
    Ok(())
}

/// Installs the programs only: without the first file Debian's package would also create and start a server.
fn install_as_root(sudo: bool) -> Result<()> {
    let settings = "/etc/postgresql-common/createcluster.d";
    let script = format!(
        "set -e
        export DEBIAN_FRONTEND=noninteractive
        mkdir -p {settings}
        echo 'create_main_cluster = false' > {settings}/relance.conf
        trap 'rm -f {settings}/relance.conf' EXIT
        apt-get update --quiet
        apt-get install --quiet --yes --no-install-recommends postgresql"
    );
    let mut command = Command::new(if sudo { "sudo" } else { "sh" });
    if sudo {
        command.args(["-n", "sh"]);
    }
    let status = command.args(["-c", &script]).stdin(Stdio::null()).status()?;
    ensure!(status.success(), "apt-get: {status}");
    Ok(())
}

fn works(line: &str) -> bool {
    let status =
        Command::new("sh").args(["-c", line]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::major_version;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(major_version("something else"), None);
    }
}
