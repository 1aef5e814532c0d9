//! The demo's logins. They are kept in a file, so that asking again prints the same; the file also marks the folder as a
//! demo's and, being locked, as one that is in use.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use relance_domain::user::Role;
use relance_scheduler::Chance;
use serde::{Deserialize, Serialize};

use crate::world::SystemChance;

/// Who signs in to a demo.
const PEOPLE: [(&str, Role); 5] = [
    ("olga", Role::Operator),
    ("marc", Role::Manager),
    ("sofia", Role::Supervisor),
    ("anna", Role::Analyst),
    ("ada", Role::Admin),
];

/// Somebody's login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Login {
    /// Their name.
    pub(super) name: String,
    /// What they may do.
    pub(super) role: Role,
    /// Their token.
    pub(super) token: String,
}

/// Everybody's logins; the file stays locked as long as this lives.
pub(super) struct Logins {
    /// One for each role.
    pub(super) logins: Vec<Login>,
    _locked: File,
}

impl Logins {
    /// Reads the file, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if !path.exists() {
            write_new(path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("a demo is running with {}: stop it first, or choose another --dir", path.display())
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
        let logins = serde_json::from_str(&text);
        let logins = logins.with_context(|| {
            format!("{} holds no logins of a demo: remove it, or choose another --dir", path.display())
        })?;
        Ok(Self { logins, _locked: file })
    }
}

/// Writes new logins, for their owner's eyes only. The file has its name only when it is whole.
fn write_new(path: &Path) -> Result<()> {
    let login = |(name, role): (&str, Role)| Login {
        name: name.to_owned(),
        role,
        token: format!("rl_{}", SystemChance.word()),
    };
    let text = serde_json::to_string_pretty(&PEOPLE.map(login))?;
    let part = PathBuf::from(format!("{}.part", path.display()));
    let _ = std::fs::remove_file(&part);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(std::fs::rename(&part, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_again_gives_the_same_logins() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo-logins.json");
        let first = Logins::open(&path).expect("logins").logins;
        let again = Logins::open(&path).expect("logins");
        assert!(first == again.logins && first.len() == Role::ALL.len());
        assert!(Logins::open(&path).is_err(), "the file is locked");
        drop(again);
        std::fs::write(&path, "{}").expect("a file");
        assert!(Logins::open(&path).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_them() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demo-logins.json");
        Logins::open(&path).expect("logins");
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
