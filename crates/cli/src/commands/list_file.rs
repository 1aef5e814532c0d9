//! A list's file on its way to the API.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt, stream};
use indicatif::ProgressBar;
use relance_scheduler::{Chance, FILE_BYTES_MAX, SpoolError};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::Session;
use crate::progress;
use crate::refusal::Refusal;
use crate::transport::{Answer, Call};
use crate::world::SystemChance;

/// Bytes of a file read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// A list's file, open. What comes from a pipe is read like a file, but has no length, and nothing that could change.
pub(super) struct OpenFile {
    file: File,
    stamp: Option<Stamp>,
}

/// What tells whether a file was written to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self { length: about.len(), modified: about.modified().ok() }
    }

    /// Whether somebody has written to the file since.
    pub(super) fn is_outdated(&self, path: &Path) -> bool {
        std::fs::metadata(path).map_or(true, |about| Self::of(&about) != *self)
    }
}

impl OpenFile {
    /// Opens a file. One that is longer than any list is refused before a byte of it is read.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let cannot = || format!("cannot read {}", path.display());
        if tokio::fs::metadata(path).await.with_context(cannot)?.is_dir() {
            bail!("{} is a folder, not a list file", path.display());
        }
        let file = File::open(path).await.with_context(cannot)?;
        let about = file.metadata().await.with_context(cannot)?;
        if about.len() > FILE_BYTES_MAX {
            bail!("{}: {}", path.display(), SpoolError::TooLarge { most: FILE_BYTES_MAX });
        }
        Ok(Self { file, stamp: about.is_file().then(|| Stamp::of(&about)) })
    }

    /// What tells whether the file was written to since it was opened; none for a pipe.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.stamp.clone()
    }

    /// The bytes, and the bar that shows how far they have come.
    pub(super) async fn into_body(self, quiet: bool) -> Result<(Body, ProgressBar)> {
        let bar = progress::bar(self.stamp.as_ref().map_or(0, |stamp| stamp.length), quiet);
        let shown = bar.clone();
        let pieces = self.pieces().await?.inspect(move |piece| {
            if let Ok(piece) = piece {
                shown.inc(piece.len() as u64);
            }
        });
        Ok((Body::from_stream(pieces), bar))
    }

    /// The bytes in pieces. Where somebody has written to the file meanwhile they end with an error, so that nobody takes half
    /// a file for a whole one.
    async fn pieces(self) -> Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
        let (again, stamp) = (self.file.try_clone().await?, self.stamp);
        let check = stream::once(async move {
            let unchanged = match &stamp {
                Some(stamp) => Stamp::of(&again.metadata().await?) == *stamp,
                None => true,
            };
            if unchanged { Ok(Bytes::new()) } else { Err(io::Error::other("the file changed while it was read")) }
        });
        Ok(ReaderStream::with_capacity(self.file, PIECE_BYTES).chain(check))
    }
}

/// Sends a file with a request, shows how far it has come, and waits for the answer.
pub(super) async fn send(session: &Session, call: Call, path: &Path) -> Result<Answer> {
    let opened = OpenFile::open(path).await?;
    let stamp = opened.stamp();
    let ticket = SystemChance.word();
    let (body, bar) = opened.into_body(session.json).await?;
    let call = call.with("ticket", Some(&ticket)).file(body);
    let asked = progress::followed(&session.api, &ticket, &bar, session.api.ask(call)).await;
    bar.finish_and_clear();
    let name = path.display().to_string();
    let changed = || stamp.as_ref().is_some_and(|stamp| stamp.is_outdated(path));
    asked.map_err(|error| match error.downcast::<Refusal>() {
        Ok(refusal) if refusal.kind != "/problems/invalid-request" || !changed() => refusal.of_file(&name).into(),
        Err(error) if !changed() => error,
        // The body broke off on the way.
        _ => anyhow!("{name} changed while it was read, and nothing of it was taken: try again when it is complete"),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    async fn read(path: &Path, meanwhile: impl FnOnce()) -> io::Result<usize> {
        let file = OpenFile::open(path).await.expect("the file opens");
        let mut pieces = std::pin::pin!(file.pieces().await.expect("it can be read"));
        let mut read = pieces.next().await.map_or(Ok(0), |piece| piece.map(|piece| piece.len()))?;
        meanwhile();
        while let Some(piece) = pieces.next().await {
            read += piece?.len();
        }
        Ok(read)
    }

    #[tokio::test]
    async fn a_file_that_changes_while_it_is_read_is_no_whole_one() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&vec![b'x'; 3 * PIECE_BYTES]).expect("room");
        let path = file.path().to_owned();
        assert_eq!(read(&path, || {}).await.expect("nobody wrote to it"), 3 * PIECE_BYTES);
        let stamp = OpenFile::open(&path).await.expect("the file opens").stamp().expect("a file has one");
        assert!(!stamp.is_outdated(&path));
        let appended = read(&path, || file.write_all(b"more").expect("room")).await;
        assert!(appended.is_err_and(|error| error.to_string().contains("changed while it was read")));
        assert!(stamp.is_outdated(&path));
        let cut = read(&path, || file.as_file().set_len(10).expect("cut")).await;
        assert!(cut.is_err());
    }

    #[tokio::test]
    async fn a_file_beyond_the_limit_is_not_read() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(FILE_BYTES_MAX).expect("a file with a hole");
        assert!(OpenFile::open(file.path()).await.is_ok());
        file.as_file().set_len(FILE_BYTES_MAX + 1).expect("a file with a hole");
        let refused = OpenFile::open(file.path()).await.err().expect("too long").to_string();
        assert!(refused.contains("longer than 2 GiB") && refused.contains("split it"), "{refused}");
    }
}
