//! Tariffs.

use std::path::Path;

use anyhow::{Context as _, Result};
use relance_analytics::TariffReport;
use relance_scheduler::{PriceCurve, TariffDetails, TariffPreview, TariffPublication, TariffSummary, TariffWithdrawal};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Session, folder};
use crate::args::questions::Format;
use crate::args::tariffs::{FileOrTariff, Tariff, TariffReport as ReportOf};
use crate::print::{curve as print_curve, preview as print_preview, tariffs as print};
use crate::transport::Call;
use crate::{Exit, out};

/// A tariff file that is right.
#[derive(Debug, Deserialize)]
struct Checked {
    tariff: String,
}

/// `relance tariff …`
pub(super) async fn run(session: &Session, tariff: Tariff) -> Result<Exit> {
    match tariff {
        Tariff::Check(of) => {
            let file = folder::source_file(&of.file)?;
            let answer = session.api.ask(Call::post(&["tariffs", "check"]).json(&file)?).await?;
            session.show::<Checked>(&answer, |checked| format!("✓ {}: tariff {} is right", file.path, checked.tariff))
        }
        Tariff::Preview(of) => {
            let answer = session.api.ask(Call::post(&["tariffs", "preview"]).json(&which(&of)?)?).await?;
            session.show::<TariffPreview>(&answer, print_preview::preview)
        }
        Tariff::Curve(of) => {
            let call = Call::get(&["campaigns", &of.campaign, "price-curve"]).with("tariff", of.tariff.as_ref());
            let answer = session.api.ask(call).await?;
            if let Some(file) = &of.svg {
                let picture = print_curve::picture(&answer.decode()?);
                std::fs::write(file, picture).with_context(|| format!("{} cannot be written", file.display()))?;
            }
            session.show::<PriceCurve>(&answer, print_curve::curve)
        }
        Tariff::Publish(of) => {
            let answer = session.api.ask(Call::post(&["tariffs", "publish"]).json(&which(&of)?)?).await?;
            session.show::<TariffPublication>(&answer, print::published)
        }
        Tariff::Withdraw(of) => {
            let answer = session.api.ask(Call::post(&["tariffs", &of.tariff, "withdraw"])).await?;
            session.show::<TariffWithdrawal>(&answer, print::withdrawn)
        }
        Tariff::Show(of) => {
            let answer = session.api.ask(Call::get(&["tariffs", &of.tariff])).await?;
            session.show::<TariffDetails>(&answer, print::details)
        }
        Tariff::Report(of) => report(session, &of).await,
        Tariff::List => {
            let answer = session.api.ask(Call::get(&["tariffs"])).await?;
            session.show::<Vec<TariffSummary>>(&answer, |tariffs| print::tariffs(tariffs))
        }
    }
}

async fn report(session: &Session, of: &ReportOf) -> Result<Exit> {
    let usual = if session.json { Format::Json } else { Format::Table };
    let call = Call::get(&["tariffs", &of.tariff, "report"]);
    match of.format.unwrap_or(usual) {
        Format::Csv => session.api.stream(call.for_csv(), |piece| out::bytes(&piece)).await?,
        Format::Json => out::line(&session.api.ask(call).await?.text)?,
        Format::Table => out::text(&print::report(&session.api.ask(call).await?.decode::<TariffReport>()?))?,
    }
    Ok(Exit::Done)
}

/// What looks like a file is one; everything else is the name of a stored tariff.
fn which(of: &FileOrTariff) -> Result<Value> {
    let path = Path::new(&of.tariff);
    let looks_like_a_file =
        path.extension().is_some_and(|extension| extension == "toml") || of.tariff.contains(['/', '\\']);
    if looks_like_a_file {
        return Ok(json!({ "file": folder::source_file(path)? }));
    }
    Ok(json!({ "tariff": of.tariff }))
}
