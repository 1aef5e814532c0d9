//! Reading campaign folders and tariff files from the disk.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use relance_domain::campaign::{Folder, SourceFile};

/// A list's header is looked at, and nothing else of it.
const HEADER_BYTES_MAX: usize = 64 * 1024;

/// Reads a campaign folder. Problems will name its files as they were typed.
pub(super) fn read(folder: &Path) -> Result<Folder> {
    if !folder.is_dir() {
        bail!("there is no folder {}", folder.display());
    }
    let campaign = source_file(&folder.join("campaign.toml"))?;
    let mut paths = toml_files(&folder.join("tariffs"))?;
    paths.sort();
    let tariffs = paths.iter().map(|path| source_file(path)).collect::<Result<_>>()?;
    let clients = folder.join("clients.csv");
    let clients = if clients.is_file() { Some(header_of(&clients)?) } else { None };
    Ok(Folder { campaign, tariffs, clients })
}

/// Reads one file of text.
pub(super) fn source_file(path: &Path) -> Result<SourceFile> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceFile { path: path.display().to_string(), text }),
        Err(error) => {
            let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = valid.filter(|byte| **byte == b'\n').count() + 1;
            bail!("{}:{line}: this is not text in UTF-8: save the file as UTF-8", path.display())
        }
    }
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect())
}

fn header_of(path: &Path) -> Result<SourceFile> {
    use std::io::{BufRead, BufReader, Read};
    let cannot = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(cannot)?.take(HEADER_BYTES_MAX as u64);
    let mut header = Vec::new();
    BufReader::new(file).read_until(b'\n', &mut header).with_context(cannot)?;
    // The list itself may be in any encoding; that is told when it is loaded.
    Ok(SourceFile { path: path.display().to_string(), text: String::from_utf8_lossy(&header).into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_in_order_and_without_its_clients() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("tariffs")).expect("a folder");
        for (name, text) in [
            ("campaign.toml", "a = 1\n"),
            ("tariffs/b.toml", ""),
            ("tariffs/a.toml", ""),
            ("tariffs/notes.txt", ""),
            ("clients.csv", "Phone,Name\n+33199001234,Ann\n"),
        ] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let read = read(folder.path()).expect("a folder");
        let names: Vec<_> = read.tariffs.iter().map(|file| file.path.rsplit('/').next()).collect();
        assert_eq!(names, [Some("a.toml"), Some("b.toml")]);
        assert_eq!(read.clients.map(|file| file.text).as_deref(), Some("Phone,Name\n"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = |path: &Path| format!("{:#}", read(path).expect_err("refused"));
        assert!(error(&folder.path().join("none")).contains("there is no folder"));
        assert!(error(folder.path()).contains("campaign.toml"));
        std::fs::write(folder.path().join("campaign.toml"), b"a = 1\nb = \"\xe9\"\n").expect("a file");
        assert!(error(folder.path()).contains("campaign.toml:2: this is not text in UTF-8"));
    }
}
