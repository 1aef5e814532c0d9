//! Campaigns: checked, planned, applied, started and stopped.

use std::sync::Arc;

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::campaign::{
    Change, CheckReport, Folder, Loaded, Misfit, Problem, check_folder, load, misfits, plan,
};
use relance_domain::definition::Definition;
use relance_domain::matching::in_units_of;
use relance_domain::tariff::TariffState;
use relance_domain::{CampaignId, UserId};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::order::OrderFilter;
use serde::{Deserialize, Serialize};

use crate::rules::unknown_sector;
use crate::{Engine, Error, Result};

/// What a new definition would take the meaning from: the check that finds it, and what would be right.
type Kept = (&'static str, String);

/// What applying a campaign folder would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CampaignPlan {
    /// The campaign's short name.
    pub campaign: String,
    /// The version that is applied now; none for a new campaign.
    pub present_version: Option<i64>,
    /// Each change of meaning.
    pub changes: Vec<Change>,
}

/// What was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppliedCampaign {
    /// The campaign afterwards.
    pub campaign: Campaign,
    /// Each change of meaning; none when the definition was the same.
    pub changes: Vec<Change>,
    /// Short names of the folder's tariffs, now stored as drafts unless they are published already.
    pub tariffs: Vec<String>,
}

/// A campaign with its definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CampaignDetails {
    /// The campaign.
    pub campaign: Campaign,
    /// Its present definition.
    #[schema(value_type = Object)]
    pub definition: Definition,
}

impl Engine {
    /// Runs every check over a campaign folder. Nothing is stored.
    #[must_use]
    pub fn check_campaign(&self, folder: &Folder) -> CheckReport {
        check_folder(folder)
    }

    /// What applying a folder would change.
    pub async fn plan_campaign(&self, folder: &Folder) -> Result<CampaignPlan> {
        let Loaded { definition, .. } = checked(folder)?;
        let present = self.present_definition(&definition.campaign).await?;
        self.keep_what_stands(folder, present.as_ref(), &definition).await?;
        Ok(CampaignPlan {
            campaign: definition.campaign.clone(),
            present_version: present.as_ref().map(|(campaign, _)| campaign.version),
            changes: plan(present.as_ref().map(|(_, definition)| definition.as_ref()), &definition),
        })
    }

    /// Applies a folder: its definition becomes the present version, its tariffs become drafts.
    pub async fn apply_campaign(&self, folder: &Folder, by: Option<UserId>) -> Result<AppliedCampaign> {
        let Loaded { definition, tariffs } = checked(folder)?;
        if let Some(message) = definition.calling.call.sector.as_deref().and_then(|it| unknown_sector(self.rules(), it))
        {
            return Err(Error::field("campaign", "calling.sector", message));
        }
        let present = self.present_definition(&definition.campaign).await?;
        self.keep_what_stands(folder, present.as_ref(), &definition).await?;
        let changes = plan(present.as_ref().map(|(_, definition)| definition.as_ref()), &definition);
        let applied = self.store.apply_campaign(&definition, by, self.now()).await?;
        let mut names = Vec::with_capacity(tariffs.len());
        for tariff in tariffs {
            self.store.save_tariff(&in_units_of(&tariff, &definition), self.now()).await?;
            names.push(tariff.tariff);
        }
        tracing::info!(
            campaign = definition.campaign,
            version = applied.campaign.version,
            changes = changes.len(),
            "campaign.applied"
        );
        Ok(AppliedCampaign { campaign: applied.campaign, changes, tariffs: names })
    }

    /// Refuses a definition under which something that stands would lose its meaning.
    async fn keep_what_stands(
        &self,
        folder: &Folder,
        present: Option<&(Campaign, Arc<Definition>)>,
        definition: &Definition,
    ) -> Result<()> {
        let Some((campaign, present)) = present else { return Ok(()) };
        let mut kept = self.reasons_gone(campaign, present, definition).await?;
        if kept.is_empty() && present.currency != definition.currency && self.counts_money(campaign.id).await? {
            kept.push(("currency-kept", format!(
                "currency: refusals and orders of the campaign are counted in {}: keep it, and make a campaign of its own for {}",
                present.currency, definition.currency
            )));
        }
        kept.extend(self.tariffs_misfit(&campaign.campaign, definition).await?);
        let problems = kept.into_iter().map(|(check, message)| {
            let file = folder.campaign.path.clone();
            Problem { file, line: None, check: check.into(), message }
        });
        let problems: Vec<Problem> = problems.collect();
        if problems.is_empty() { Ok(()) } else { Err(Error::Files { problems }) }
    }

    /// Reasons that are dropped while people stand refused for them: nothing could reopen them any more, nor say why.
    async fn reasons_gone(
        &self,
        campaign: &Campaign,
        present: &Definition,
        definition: &Definition,
    ) -> Result<Vec<Kept>> {
        let mut gone = Vec::new();
        for dropped in present.reasons.iter().filter(|reason| definition.reason(&reason.code).is_none()) {
            let refusals = self.store.standing_refusals(campaign.id, Some(&dropped.code)).await?;
            if refusals > 0 {
                gone.push(("reasons-kept", format!(
                    "the reason {:?} is gone, but refusals for it still stand ({refusals}): keep it, without reopened_by if nothing shall \
                     bring those people back",
                    dropped.code
                )));
            }
        }
        Ok(gone)
    }

    /// Whether amounts of the campaign are recorded.
    async fn counts_money(&self, campaign: CampaignId) -> Result<bool> {
        if self.store.standing_refusals(campaign, None).await? > 0 {
            return Ok(true);
        }
        let any = OrderFilter { campaign: Some(campaign), limit: 1, ..OrderFilter::default() };
        Ok(!self.store.orders(&any).await?.is_empty())
    }

    /// Tariffs that are offered, or will be, and would not fit any more.
    async fn tariffs_misfit(&self, campaign: &str, definition: &Definition) -> Result<Vec<Kept>> {
        let mut found = Vec::new();
        for stored in self.store.tariffs().await? {
            if !stored.tariff.campaigns.iter().any(|name| name == campaign) {
                continue;
            }
            let mut offered = Vec::new();
            if let Some(next) = stored.next {
                let versions = self.store.tariff_history(stored.id).await?.versions;
                offered
                    .extend(versions.into_iter().find(|version| version.version == next.version).map(|it| it.tariff));
            }
            if stored.state == TariffState::Published {
                offered.push(stored.tariff);
            }
            let misfits = offered
                .iter()
                .flat_map(|tariff| misfits(tariff, definition).into_iter().map(move |misfit| (tariff, misfit)));
            found.extend(misfits.map(|(tariff, misfit)| {
                let Misfit { check, key, message } = misfit;
                (check, format!(
                    "tariff {:?} is offered and would not fit any more: {key}: {message}; publish a version that fits both first, or \
                     withdraw it",
                    tariff.tariff
                ))
            }));
        }
        Ok(found)
    }

    async fn present_definition(&self, campaign: &str) -> Result<Option<(Campaign, Arc<Definition>)>> {
        match self.store.campaign(campaign).await {
            Ok(present) => {
                let definition = self.definition(present.id, present.version).await?;
                Ok(Some((present, definition)))
            }
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Every campaign.
    pub async fn campaigns(&self) -> Result<Vec<Campaign>> {
        Ok(self.store.campaigns().await?)
    }

    /// A campaign with its definition.
    pub async fn campaign(&self, campaign: &str) -> Result<CampaignDetails> {
        let campaign = self.store.campaign(campaign).await?;
        let definition = self.definition(campaign.id, campaign.version).await?;
        Ok(CampaignDetails { campaign, definition: definition.as_ref().clone() })
    }

    /// Starts, pauses, resumes or finishes a campaign.
    pub async fn change_campaign_state(&self, campaign: &str, event: CampaignEvent) -> Result<Campaign> {
        let present = self.store.campaign(campaign).await?;
        let changed = self.store.change_campaign_state(present.id, event).await?;
        tracing::info!(campaign, from = present.state.as_str(), to = changed.state.as_str(), "campaign.state_changed");
        Ok(changed)
    }
}

fn checked(folder: &Folder) -> Result<Loaded> {
    load(folder).map_err(|report| Error::Files { problems: report.problems().into_iter().cloned().collect() })
}
