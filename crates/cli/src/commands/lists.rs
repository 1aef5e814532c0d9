//! Lists.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use axum::body::Body;
use futures_util::StreamExt;
use indicatif::ProgressBar;
use relance_scheduler::LoadReport;
use relance_store::list::{List as StoredList, Undo};
use tokio_util::io::ReaderStream;

use super::{Session, pages};
use crate::args::lists::{List, ListFile, ListRejects};
use crate::print::lists as print;
use crate::refusal::Refusal;
use crate::transport::Call;
use crate::{Exit, Usage, out, progress};

/// Bytes of a file read at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Rows of a page of rejects.
const PAGE_ROWS: i64 = 10_000;

/// `relance list …`
pub(super) async fn run(session: &Session, list: List) -> Result<Exit> {
    match list {
        List::Check(file) => load(session, &file, true).await,
        List::Load(file) => load(session, &file, false).await,
        List::Show(show) => match show.list {
            Some(list) => {
                let answer = session.api.ask(Call::get(&["lists", &list.to_string()])).await?;
                session.show::<StoredList>(&answer, print::list)
            }
            None => {
                let answer = session.api.ask(Call::get(&["lists"]).with("campaign", show.campaign)).await?;
                session.show::<Vec<StoredList>>(&answer, |lists| print::lists(lists))
            }
        },
        List::Undo(undo) => {
            let call = Call::post(&["lists", &undo.list.to_string(), "undo"]);
            let call = call.json(&serde_json::json!({ "dry_run": undo.dry_run }))?;
            session.show::<Undo>(&session.api.ask(call).await?, |done| print::undone(done, undo.dry_run))
        }
        List::Rejects(of) => rejects(session, &of).await,
    }
}

async fn load(session: &Session, file: &ListFile, dry_run: bool) -> Result<Exit> {
    let call = Call::post(&["campaigns", &file.campaign, "lists"])
        .with("name", Some(&file.name))
        .with("source", Some(file.source.as_str()))
        .with("vendor", file.vendor.as_ref())
        .with("cost", file.cost.as_ref())
        .with("licence_until", file.licence_until)
        .with("consent_basis", file.consent_basis.as_ref())
        .with("encoding", file.encoding)
        .with("delimiter", file.delimiter)
        .with("country", file.country.as_ref())
        .with("dry_run", dry_run.then_some(true));
    let (body, bar) = body_of(&file.file, session.json).await?;
    let asked = session.api.ask(call.file(body)).await;
    bar.finish_and_clear();
    let name = file.file.display().to_string();
    let answer = asked.map_err(|error| match error.downcast::<Refusal>() {
        Ok(refusal) => refusal.of_file(&name).into(),
        Err(error) => error,
    })?;
    let report: LoadReport = answer.decode()?;
    session.show(&answer, print::loaded)?;
    Ok(if report.counts.rejected > 0 { Exit::RowsRejected } else { Exit::Done })
}

/// The file as it is read, and the bar that shows how far that has come.
async fn body_of(path: &Path, quiet: bool) -> Result<(Body, ProgressBar)> {
    let cannot = || format!("cannot read {}", path.display());
    let file = tokio::fs::File::open(path).await.with_context(cannot)?;
    let about = file.metadata().await.with_context(cannot)?;
    if about.is_dir() {
        anyhow::bail!("{} is a folder, not a list file", path.display());
    }
    let bar = progress::bar(about.len(), quiet);
    let shown = bar.clone();
    let pieces = ReaderStream::with_capacity(file, PIECE_BYTES).inspect(move |piece| {
        if let Ok(piece) = piece {
            shown.inc(piece.len() as u64);
        }
    });
    Ok((Body::from_stream(pieces), bar))
}

async fn rejects(session: &Session, of: &ListRejects) -> Result<Exit> {
    let list = of.list.to_string();
    let call = |after: Option<i64>| {
        Call::get(&["lists", &list, "rejects"]).with("after_line", after).with("limit", Some(PAGE_ROWS))
    };
    match (&of.out, session.json) {
        (Some(_), true) => {
            return Err(Usage("--out writes CSV: leave out --json, or redirect it to a file".into()).into());
        }
        (None, true) => pages::as_one_json(&session.api, None, call).await?,
        (None, false) => {
            session.api.stream(Call::get(&["lists", &list, "rejects"]).for_csv(), |piece| out::bytes(&piece)).await?;
        }
        (Some(path), false) => {
            to_file(session, Call::get(&["lists", &list, "rejects"]).for_csv(), path).await?;
            out::note(&format!("written to {}", path.display()));
        }
    }
    Ok(Exit::Done)
}

/// Writes an answer to a file. The file has its name only when it is whole.
async fn to_file(session: &Session, call: Call, path: &Path) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if path.exists() {
        bail!("{} is there already, perhaps with mended rows: name another file", path.display());
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = std::fs::File::create(&part).with_context(cannot)?;
    let streamed = session.api.stream(call, |piece| file.write_all(&piece).with_context(cannot)).await;
    let written = streamed.and_then(|()| file.sync_all().with_context(cannot));
    match written.and_then(|()| std::fs::rename(&part, path).with_context(cannot)) {
        Ok(()) => Ok(()),
        Err(error) => {
            // The error that counts is the one before.
            let _ = std::fs::remove_file(&part);
            Err(error)
        }
    }
}
