//! Reopened leads that wait for a budget, let through in order.

use relance_domain::tariff::TariffState;
use relance_store::tariff::{BudgetRelease, DayBudget};

use crate::{Engine, Result};

/// Leads released in one transaction, at most: operators wait for no longer than that.
const STEP_LEADS: u32 = 500;

impl Engine {
    /// Makes those callable who wait for a budget, as many as campaigns and tariffs have left of their days; tells how many.
    pub(crate) async fn release_for_budgets(&self) -> Result<u64> {
        let (now, mut released) = (self.now(), 0);
        let waiting = self.store.campaigns_waiting_for_budget().await?;
        if waiting.is_empty() {
            return Ok(released);
        }
        let tariffs = self.store.tariffs().await?;
        for campaign in self.store.campaigns().await?.into_iter().filter(|campaign| waiting.contains(&campaign.id)) {
            let definition = self.definition(campaign.id, campaign.version).await?;
            // While a tariff still looks for its refusals the best of them is not known.
            let complete = tariffs.iter().filter(|stored| {
                stored.state == TariffState::Published
                    && stored.reopened_all_at.is_some()
                    && stored.campaigns.contains(&campaign.id)
            });
            let release = BudgetRelease {
                campaign: campaign.id,
                budget: definition.reopening.budget.as_ref().map(|budget| DayBudget::of(budget, now)),
                tariffs: complete
                    .map(|stored| (stored.id, stored.tariff.budget().map(|budget| DayBudget::of(&budget, now))))
                    .collect(),
                kept_for: definition.reopening.first_operator,
                limit: STEP_LEADS,
            };
            loop {
                let step = self.store.release_for_budget(&release, now).await?;
                released += step;
                if step < u64::from(STEP_LEADS) {
                    break;
                }
            }
        }
        Ok(released)
    }
}
