//! Phones that must not be called.

use std::collections::BTreeMap;

use anyhow::Result;
use relance_scheduler::{RegisterReport, RegisterShown, SuppressedPhone};
use relance_store::suppression::KeyRotation;

use super::Session;
use super::list_file;
use crate::args::suppress::{RegisterLoad, Suppress, Suppressions};
use crate::print::suppress as print;
use crate::transport::Call;
use crate::{Exit, Usage};

/// `relance suppress …`
pub(super) async fn run(session: &Session, suppress: Suppress) -> Result<Exit> {
    match suppress.many {
        Some(Suppressions::Load(load)) => self::load(session, &load).await,
        Some(Suppressions::Registers) => {
            let answer = session.api.ask(Call::get(&["suppressions", "registers"])).await?;
            session.show::<Vec<RegisterShown>>(&answer, |registers| print::registers(registers))
        }
        Some(Suppressions::RotateKey) => {
            let answer = session.api.ask(Call::post(&["suppressions", "rotate-key"])).await?;
            session.show::<KeyRotation>(&answer, print::rotated)
        }
        None => phone(session, suppress).await,
    }
}

async fn phone(session: &Session, suppress: Suppress) -> Result<Exit> {
    let Suppress { many: _, phone, country, seller, campaign, reason } = suppress;
    let Some(phone) = phone else {
        return Err(Usage("which phone? Write it as in +33199001234".to_owned()).into());
    };
    let mut body = serde_json::json!({ "phone": phone, "reason": reason });
    for (key, value) in [("country", country), ("seller", seller), ("campaign", campaign)] {
        if let Some(value) = value {
            body[key] = value.into();
        }
    }
    let answer = session.api.ask(Call::post(&["suppressions"]).json(&body)?).await?;
    session.show::<SuppressedPhone>(&answer, print::suppressed)
}

async fn load(session: &Session, load: &RegisterLoad) -> Result<Exit> {
    let map: BTreeMap<&str, &str> = load.map.iter().map(|(column, field)| (column.as_str(), field.as_str())).collect();
    let map = if map.is_empty() { None } else { Some(serde_json::to_string(&map)?) };
    let call = Call::post(&["suppressions", "registers", &load.register])
        .with("as_of", Some(load.as_of))
        .with("country", load.country.as_ref())
        .with("seller", load.seller.as_ref())
        .with("campaign", load.campaign.as_ref())
        .with("map", map)
        .with("trust_phones", load.trust_phones.then_some(true))
        .with("encoding", load.encoding)
        .with("delimiter", load.delimiter)
        .with("header", load.header.as_ref())
        .with("sheet", load.sheet.as_ref());
    let answer = list_file::send(session, call, &load.file).await?;
    let report: RegisterReport = answer.decode()?;
    session.show(&answer, print::loaded)?;
    Ok(if report.rejected == 0 { Exit::Done } else { Exit::RowsRejected })
}
