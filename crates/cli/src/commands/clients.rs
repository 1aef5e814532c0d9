//! Clients.

use anyhow::Result;
use relance_domain::ClientId;
use relance_scheduler::ClientCard;
use relance_store::client::{Erased, Merged, OpenJoin};

use super::Session;
use crate::Exit;
use crate::args::clients::{Client, ClientShow};
use crate::print::clients as print;
use crate::transport::Call;

/// `relance client …`
pub(super) async fn run(session: &Session, client: Client) -> Result<Exit> {
    match client {
        Client::Show(show) => {
            let answer = session.api.ask(looked_up(&show)?).await?;
            session.show::<ClientCard>(&answer, print::client)
        }
        Client::Joins(of) => {
            let call = Call::get(&["clients", "joins"]).with("list", of.list).with("limit", Some(of.limit));
            session.show::<Vec<OpenJoin>>(&session.api.ask(call).await?, |joins| print::joins(joins))
        }
        Client::Merge(merge) => {
            let call = Call::post(&["clients", &merge.keep.to_string(), "merge"]);
            let call = call.json(&serde_json::json!({ "other": merge.other, "dry_run": merge.dry_run }))?;
            session.show::<Merged>(&session.api.ask(call).await?, print::merged)
        }
        Client::Erase(erase) => {
            let call = Call::delete(&["clients", &erase.client.to_string()]);
            let call = call.json(&serde_json::json!({ "reason": erase.reason }))?;
            session.show::<Erased>(&session.api.ask(call).await?, print::erased)
        }
    }
}

/// By key, or by phone: a phone never stands in an address.
fn looked_up(show: &ClientShow) -> Result<Call> {
    // No key begins with a zero, and no national number without one can be read without its country.
    let key = Some(show.client.trim()).filter(|text| !text.starts_with(['0', '+']) && show.country.is_none());
    match key.and_then(|text| text.parse::<ClientId>().ok()) {
        Some(client) => Ok(Call::get(&["clients", &client.to_string()])),
        None => {
            let mut body = serde_json::json!({ "phone": show.client });
            if let Some(country) = &show.country {
                body["country"] = country.clone().into();
            }
            Call::post(&["clients", "find"]).json(&body)
        }
    }
}
