//! The keys that suppressed numbers are hashed with: from a setting, or from a file beside the database.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use relance_domain::suppression::{NotAKey, SuppressionKey, SuppressionKeys, WrongKeys};
use relance_scheduler::Chance;

use crate::database::Database;
use crate::out;
use crate::world::SystemChance;

/// The file's name where no setting gives one.
const FILE: &str = "suppression.key";
/// The folder of the file of a database that is no file.
const FOLDER: &str = "relance-data";
/// What a file begins with that was made here.
const HEAD: &str = "\
# Numbers that must not be called are kept as hashes under this key. Without it nobody can tell any more who said no:
# keep a copy of this file, but never beside a copy of the database. Every node of a database needs the same file.
# A new key is appended on a line of its own, and no line is ever removed; then: relance suppress rotate-key
";

/// Keys as a setting gives them: hexadecimal, the oldest first, with commas between them. They never show themselves.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeyList(SuppressionKeys);

/// Why a text gives no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotKeys {
    /// A piece of it is none.
    #[error("key {0} is {NotAKey}")]
    Key(usize),
    /// They cannot be used together.
    #[error(transparent)]
    Together(#[from] WrongKeys),
}

impl FromStr for KeyList {
    type Err = NotKeys;

    fn from_str(text: &str) -> Result<Self, NotKeys> {
        let key = |(at, text): (usize, &str)| text.trim().parse().map_err(|NotAKey| NotKeys::Key(at + 1));
        let keys: Vec<SuppressionKey> = text.split(',').enumerate().map(key).collect::<Result<_, _>>()?;
        Ok(Self(SuppressionKeys::new(keys)?))
    }
}

impl fmt::Debug for KeyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for KeyList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

/// What the settings say of keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeySettings {
    /// The keys themselves; they count more than a file.
    pub(crate) keys: Option<KeyList>,
    /// The file that holds them.
    pub(crate) file: Option<PathBuf>,
}

impl KeySettings {
    /// The file of a database's keys: the one that is set, or the one beside the database.
    pub(crate) fn file_of(&self, database: &Database) -> PathBuf {
        match (&self.file, database) {
            (Some(file), _) => file.clone(),
            (None, Database::Sqlite(path)) => path.with_file_name(FILE),
            (None, Database::Postgres(_)) => Path::new(FOLDER).join(FILE),
        }
    }

    /// The keys of a database; none where no setting gives them and there is no file.
    pub(crate) fn read(&self, database: &Database) -> Result<Option<SuppressionKeys>> {
        match &self.keys {
            Some(KeyList(keys)) => Ok(Some(keys.clone())),
            None => read(&self.file_of(database)),
        }
    }
}

/// The keys of a file; none where there is none.
fn read(file: &Path) -> Result<Option<SuppressionKeys>> {
    let shown = file.display();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read the suppression keys of {shown}")),
    };
    warn_if_others_read(file);
    let mut keys = Vec::new();
    for (at, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.parse::<SuppressionKey>() {
            Ok(key) => keys.push(key),
            Err(error) => bail!("{shown}:{}: {error}; a comment begins with #", at + 1),
        }
    }
    match SuppressionKeys::new(keys) {
        Ok(keys) => Ok(Some(keys)),
        Err(error) => bail!("the suppression keys of {shown} cannot be used: {error}"),
    }
}

#[cfg(unix)]
fn warn_if_others_read(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let others = fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    if others {
        let shown = file.display();
        out::note(&format!("warning: other users of this machine may read {shown}: run chmod 600 {shown}"));
    }
}

#[cfg(not(unix))]
fn warn_if_others_read(_: &Path) {}

/// A key that nobody has seen before, and its text.
fn fresh() -> (SuppressionKeys, String) {
    let text = SystemChance.word();
    let key = text.parse().expect("a word of chance is 32 bytes in hexadecimal");
    (SuppressionKeys::new(vec![key]).expect("one key stands there once"), text)
}

/// Keys that are forgotten with the process: for looking, which makes no file.
pub(crate) fn passing() -> SuppressionKeys {
    fresh().0
}

/// Makes the file with a fresh key in it, for its owner alone, and reads it back. Where another process makes it at the same
/// moment, that one's counts.
pub(crate) fn make(file: &Path) -> Result<SuppressionKeys> {
    let (_, key) = fresh();
    let cannot = || format!("cannot make the file of suppression keys {}", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(cannot)?;
    // Whole or not at all: it is written under another name first.
    let aside = folder.join(format!(".{FILE}.{}", &SystemChance.word()[..16]));
    let made = write_whole(&aside, &format!("{HEAD}{key}\n")).and_then(|()| match fs::hard_link(&aside, file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(folder),
    });
    let removed = fs::remove_file(&aside);
    made.and(removed).with_context(cannot)?;
    read(file)?.with_context(cannot)
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A key that the database has taken must outlive a power cut, and so must the name of its file.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_keys_is_read_and_hidden() {
        let (one, two) = ("ab".repeat(32), "cd".repeat(32));
        let keys: KeyList = format!("{one}, {two}").parse().expect("keys");
        assert_eq!((keys.0.newest(), format!("{keys} {keys:?}").as_str()), (2, "**** ****"));
        assert_eq!(format!("{one},{}", &two[1..]).parse::<KeyList>(), Err(NotKeys::Key(2)));
        assert!(matches!(format!("{one},{one}").parse::<KeyList>(), Err(NotKeys::Together(_))));
        assert_eq!("".parse::<KeyList>().expect_err("none").to_string(), format!("key 1 is {NotAKey}"));
    }

    #[test]
    fn a_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("data").join(FILE);
        assert_eq!(read(&file).expect("nothing is wrong"), None);
        let keys = make(&file).expect("made");
        assert_eq!(make(&file).expect("there already"), keys);
        assert_eq!(read(&file).expect("read"), Some(keys));
        assert_eq!(fs::read_dir(folder.path().join("data")).expect("a folder").count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_malformed_file_is_told_by_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(FILE);
        let error = |text: &str| {
            fs::write(&file, text).expect("written");
            format!("{:#}", read(&file).expect_err("refused"))
        };
        let key = "ab".repeat(32);
        let wrong = error(&format!("# one\n\n{key}\n{}\n", &key[1..]));
        assert!(wrong.contains("suppression.key:4: ") && wrong.contains("64") && !wrong.contains("abab"), "{wrong}");
        assert!(error("# nothing\n").contains("there is no key"));
        assert!(error(&format!("{key}\n{key}\n")).contains("key 2 is the same as key 1"));
    }
}
