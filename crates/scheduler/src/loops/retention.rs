//! People whose data must go: whoever is kept for as long as a rule of retention allows is erased. Their suppressions stay.

use relance_domain::ClientId;
use relance_domain::campaign::state::CampaignState;
use relance_domain::rules::{CallKind, Whereabouts, retention};
use relance_store::StoreError;
use relance_store::client::{ClientForRetention, Erase};

use crate::{Engine, Result};

/// People looked at in one transaction.
const PAGE: i64 = 1_000;

/// Looks at everybody once and erases whoever must go; tells how many. People with an order or a contract are the seller's clients:
/// how long their data is kept is not a matter of calling.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    engine.forget_messages().await?;
    let calls = kinds_of_calls(engine).await?;
    let (mut after, mut erased) = (ClientId(0), 0);
    loop {
        let page = engine.store.clients_for_retention(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(erased) };
        after = last.client;
        for client in page.iter().filter(|client| !client.has_order && !client.has_contract) {
            let Some(rule) = must_go(engine, client, &calls) else { continue };
            let erase = Erase { client: client.client, reason: format!("kept as long as {rule} allows"), by: None };
            match engine.store.erase_client(&erase, engine.now()).await {
                Ok(_) => erased += 1,
                // Somebody speaks with them, or they are in a list that is being loaded: the next round looks again.
                Err(StoreError::Conflict(_) | StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// The kinds of calls that the campaigns make that are held to the law.
async fn kinds_of_calls(engine: &Engine) -> Result<Vec<CallKind>> {
    let mut kinds: Vec<CallKind> = Vec::new();
    for campaign in engine.store.campaigns().await? {
        let calling = &engine.definition(campaign.id, campaign.version).await?.calling;
        let is_held = !calling.demonstration && campaign.state != CampaignState::Draft;
        if is_held && !kinds.contains(&calling.call) {
            kinds.push(calling.call.clone());
        }
    }
    Ok(kinds)
}

/// The rule by which somebody's data must go today, if one says so. The longest that any kind of call may keep it counts: who is a
/// client for one purpose is not erased for another.
fn must_go(engine: &Engine, client: &ClientForRetention, calls: &[CallKind]) -> Option<String> {
    let rules = engine.rules();
    let utc = |at: jiff::Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (today, came) = (utc(engine.now()), utc(client.came_at));
    let place = rules.place(&Whereabouts {
        number: client.phone.reveal(),
        country: &client.country,
        region: client.region.as_deref(),
    });
    let mut latest = None;
    for call in calls {
        let found = retention(today, rules, &place, call, came, client.last_contact_at.map(utc));
        let (Some(from), Some(rule)) = (found.must_erase_from, found.rules.first()) else { return None };
        if latest.as_ref().is_none_or(|(other, _)| *other < from) {
            latest = Some((from, (*rule).to_owned()));
        }
    }
    latest.filter(|(from, _)| *from <= today).map(|(_, rule)| rule)
}
