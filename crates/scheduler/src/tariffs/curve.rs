//! The curve of ceilings: which price would bring back how many.

use relance_domain::price_curve::{Ceiling, PricePoint, curve, unknown};
use relance_domain::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// Which price would bring back how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PriceCurve {
    /// Short name of the campaign.
    pub campaign: String,
    /// The tariff whose currency, rates and places are meant; none for the campaign's currency and everywhere.
    pub tariff: Option<String>,
    /// The currency of its prices.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// People who named a ceiling and stand refused, where the tariff is to be had.
    pub free: i64,
    /// People who named a ceiling and do not stand refused any more, or live elsewhere.
    pub held: i64,
    /// People who named a ceiling in a currency of which no rate is declared: no point tells of them.
    pub without_rate: i64,
    /// The prices at which somebody more comes back, the cheapest first. Nothing but the ceiling, where the lead is, and where the
    /// tariff is to be had, is looked at.
    pub points: Vec<PricePoint>,
}

impl Engine {
    /// Which price would bring back how many of a campaign.
    pub async fn price_curve(&self, campaign: &str, tariff: Option<&str>) -> Result<PriceCurve> {
        let campaign = self.store.campaign(campaign).await?;
        let definition = self.definition(campaign.id, campaign.version).await?;
        let tariff = match tariff {
            Some(name) => Some(self.stored_tariff(name).await?),
            None => None,
        };
        if let Some(tariff) = tariff.as_ref().filter(|tariff| !tariff.campaigns.contains(&campaign.campaign)) {
            let message = format!("campaign {:?} does not offer tariff {:?}", campaign.campaign, tariff.tariff);
            return Err(Error::field("the curve", "tariff", message));
        }
        let currency = tariff.as_ref().map_or(definition.currency, |tariff| tariff.price.currency);
        let named = self.store.ceilings(campaign.id, tariff.as_ref()).await?;
        let ceilings: Vec<Ceiling> = named
            .iter()
            .map(|count| Ceiling {
                most: Money { minor: count.ceiling_minor, currency: count.currency },
                is_free: count.is_free,
                refusals: count.refusals,
            })
            .collect();
        let sum = |is_free| ceilings.iter().filter(|one| one.is_free == is_free).map(|one| one.refusals).sum();
        Ok(PriceCurve {
            campaign: campaign.campaign,
            currency,
            free: sum(true),
            held: sum(false),
            without_rate: unknown(&ceilings, currency, tariff.as_ref()),
            points: curve(&ceilings, currency, tariff.as_ref()),
            tariff: tariff.map(|tariff| tariff.tariff),
        })
    }
}
