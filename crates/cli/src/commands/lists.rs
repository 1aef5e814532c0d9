//! Lists.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use relance_domain::ListId;
use relance_scheduler::{LoadReport, PullSummary, QueueMix};
use relance_store::list::{List as StoredList, Undo};

use super::list_file;
use super::{Session, pages};
use crate::args::lists::{List, ListFile, ListMix, ListPull, ListRejects, Source};
use crate::print::lists as print;
use crate::print::loaded::loaded;
use crate::print::pulls as print_pulls;
use crate::transport::Call;
use crate::{Exit, Usage, out};

/// Rows of a page of rejects.
const PAGE_ROWS: i64 = 10_000;

/// `relance list …`
pub(super) async fn run(session: &Session, list: List) -> Result<Exit> {
    match list {
        List::Check(check) => {
            let call = match &check.campaign {
                Some(campaign) => Call::post(&["campaigns", campaign, "lists"]).with("dry_run", Some(true)),
                None => Call::post(&["lists", "check"]),
            };
            let source = check.source.unwrap_or(Source::Existing);
            load(session, call.with("source", Some(source.as_str())), &check.file, check.campaign.is_some()).await
        }
        List::Load(load) => {
            let call = Call::post(&["campaigns", &load.campaign, "lists"]);
            self::load(session, call.with("source", Some(load.source.as_str())), &load.file, true).await
        }
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
        List::Pulls(of) => {
            let answer = session.api.ask(Call::get(&["pulls"]).with("campaign", of.campaign)).await?;
            session.show::<Vec<PullSummary>>(&answer, |pulls| print_pulls::pulls(pulls))
        }
        List::Pull(of) => pull(session, &of).await,
        List::Mix(of) => mix(session, &of).await,
        List::Rejects(of) => rejects(session, &of).await,
    }
}

async fn mix(session: &Session, of: &ListMix) -> Result<Exit> {
    let mut shares: BTreeMap<ListId, u32> = BTreeMap::new();
    for (list, share) in &of.shares {
        if shares.insert(*list, *share).is_some() {
            return Err(Usage(format!("list {list} is given two shares: give it one")).into());
        }
    }
    let call = Call::put(&["campaigns", &of.campaign, "mix"]).json(&serde_json::json!({ "shares": shares }))?;
    session.show::<QueueMix>(&session.api.ask(call).await?, print::mix)
}

async fn pull(session: &Session, of: &ListPull) -> Result<Exit> {
    let call = Call::post(&["campaigns", &of.campaign, "pulls", &of.pull]);
    let answer = session.api.ask(call.json(&serde_json::json!({ "dry_run": of.dry_run }))?).await?;
    let report: LoadReport = answer.decode()?;
    session.show(&answer, print_pulls::pulled)?;
    Ok(if report.counts.rejected == 0 { Exit::Done } else { Exit::RowsRejected })
}

async fn load(session: &Session, call: Call, file: &ListFile, of_campaign: bool) -> Result<Exit> {
    let answer = list_file::send(session, described(call, file)?, &file.file).await?;
    let report: LoadReport = answer.decode()?;
    session.show(&answer, |report| loaded(report, of_campaign))?;
    let clean = report.counts.rejected == 0 && report.inspection.questions.is_empty();
    Ok(if clean { Exit::Done } else { Exit::RowsRejected })
}

/// What is said of the file, as the API takes it.
fn described(call: Call, file: &ListFile) -> Result<Call> {
    let stem = file.file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut map = BTreeMap::new();
    for (column, field) in &file.map {
        if map.insert(column.as_str(), field.as_str()).is_some() {
            return Err(Usage(format!("--map names the column {column:?} twice: a column feeds one field")).into());
        }
    }
    let map = if map.is_empty() { None } else { Some(serde_json::to_string(&map)?) };
    let repair: Vec<&str> = file.repair.iter().map(|mend| mend.as_str()).collect();
    Ok(call
        .with("name", file.name.clone().or(stem))
        .with("vendor", file.vendor.as_ref())
        .with("cost", file.cost.as_ref())
        .with("purchased_on", file.purchased_on)
        .with("licence_until", file.licence_until)
        .with("contract", file.contract.as_ref())
        .with("consent_basis", file.consent_basis.as_ref())
        .with("relationship", Some(file.relationship.as_str()))
        .with("policy", Some(file.update.as_str()))
        .with("country", file.country.as_ref())
        .with("map", map)
        .with("trust_phones", file.trust_phones.then_some(true))
        .with("encoding", file.encoding)
        .with("other_encoding", file.other_encoding)
        .with("delimiter", file.delimiter)
        .with("header", file.header.as_ref())
        .with("sheet", file.sheet.as_ref())
        .with("repair", (!repair.is_empty()).then(|| repair.join(","))))
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
