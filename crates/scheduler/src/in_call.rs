//! What may be offered in a call: the tariffs as they were when it began, where the client lives or wants the service.

use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::definition::Definition;
use relance_domain::tariff::{Address, Tariff, TariffState};
use relance_store::claim::HandOut;
use relance_store::tariff::StoredTariff;

use crate::{Engine, Result};

impl Engine {
    /// The present tariffs as of a call. Of one whose next version has taken over since, the client was told of the version before.
    pub(crate) async fn tariffs_in_call(
        &self,
        present: Arc<[StoredTariff]>,
        hand_out: &HandOut,
    ) -> Result<Arc<[StoredTariff]>> {
        let at = hand_out.handed_at;
        let is_newer = |stored: &StoredTariff| stored.version > 1 && stored.published_at.is_some_and(|from| from > at);
        if !present.iter().any(is_newer) {
            return Ok(present);
        }
        let mut then = Vec::with_capacity(present.len());
        for stored in present.iter() {
            then.push(if is_newer(stored) { self.as_offered(stored, at).await? } else { stored.clone() });
        }
        Ok(then.into())
    }

    /// A tariff in the version that was offered at an instant; where none was, as it is.
    async fn as_offered(&self, stored: &StoredTariff, at: Timestamp) -> Result<StoredTariff> {
        let mut then = stored.clone();
        let history = self.store.tariff_history(stored.id).await?;
        let period = history.prices.iter().find(|price| price.from <= at && price.until.is_none_or(|until| at < until));
        let version = period.and_then(|price| history.versions.iter().find(|version| version.version == price.version));
        if let (Some(period), Some(version)) = (period, version) {
            then.published_at = Some(period.from);
            then.version = version.version;
            then.tariff = version.tariff.clone();
        }
        Ok(then)
    }
}

/// The tariff of a name.
pub(crate) fn named<'t>(tariffs: &'t [StoredTariff], name: &str) -> Option<&'t StoredTariff> {
    tariffs.iter().find(|stored| stored.tariff.tariff == name)
}

/// Why a tariff, as of a call, cannot be offered in it; `wanted_at` is the postcode that the client names, where it is not theirs.
pub(crate) fn why_not_offered(
    stored: &StoredTariff,
    hand_out: &HandOut,
    definition: &Definition,
    wanted_at: Option<&str>,
    as_of: Timestamp,
) -> Option<&'static str> {
    let tariff = &stored.tariff;
    let had_ended = stored.retired_at.is_some_and(|at| at <= hand_out.handed_at);
    if !tariff.campaigns.contains(&definition.campaign) {
        Some("is not offered by this campaign")
    } else if stored.state == TariffState::Draft || had_ended {
        Some("is not published: only a published tariff can be offered")
    } else if ![hand_out.handed_at, as_of].into_iter().any(|at| tariff.valid_at(at)) {
        Some("is not to be had on this day")
    } else if !is_to_be_had(tariff, hand_out, definition, wanted_at) {
        Some("is not to be had at the client's address")
    } else {
        None
    }
}

/// Whether a tariff covers the client's address, or the one for which they want the service: named in this call, or in the refusal
/// that brought them back.
fn is_to_be_had(tariff: &Tariff, hand_out: &HandOut, definition: &Definition, wanted_at: Option<&str>) -> bool {
    let field = |name: &str| hand_out.client.get(name).map(String::as_str);
    let country = field("country").unwrap_or(&definition.country);
    let home = Address { country, region: field("region"), postcode: field("postcode") };
    let wanted = [wanted_at, hand_out.wanted_at.as_deref()].into_iter().flatten();
    let wanted = wanted.map(|postcode| Address { country, region: None, postcode: Some(postcode) });
    std::iter::once(home).chain(wanted).any(|address| tariff.covers(&address))
}
