//! The shares of a campaign's lists in its queue.

use std::collections::BTreeMap;

use relance_domain::ListId;
use relance_domain::outcome::FieldProblem;
use relance_domain::queue::WEIGHT_MAX;
use relance_store::list::{List, ListState};
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// How a campaign's lists share its queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QueueMix {
    /// The campaign's short name.
    pub campaign: String,
    /// Its loaded lists, oldest first.
    pub lists: Vec<ListShare>,
}

/// The share of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListShare {
    /// Key.
    pub list: ListId,
    /// The name people read.
    pub name: String,
    /// Its share, as it stands to those of the other lists; 1 for a list of which nobody has said anything.
    pub share: u32,
    /// Of a hundred leads that are handed out while every list has somebody to call, those of this list; to a tenth.
    pub percent: f64,
}

impl Engine {
    /// Gives lists of a campaign their shares of its queue. Lists that are not named keep theirs; one with 0 is handed out no more.
    pub async fn mix_lists(&self, campaign: &str, shares: &BTreeMap<ListId, u32>) -> Result<QueueMix> {
        let campaign = self.store.campaign(campaign).await?;
        let known = self.store.lists(Some(campaign.id)).await?;
        let problems = problems(shares, &known);
        if !problems.is_empty() {
            return Err(Error::Invalid { what: "the mix", problems });
        }
        let shares: Vec<(ListId, u32)> = shares.iter().map(|(list, share)| (*list, *share)).collect();
        let lists = self.store.mix_lists(campaign.id, &shares).await?;
        tracing::info!(campaign = campaign.id.0, lists = shares.len(), "campaign.mixed");
        Ok(QueueMix { campaign: campaign.campaign, lists: in_percent(&lists) })
    }
}

fn is_loaded(list: &&List) -> bool {
    list.state == ListState::Loaded
}

fn problems(shares: &BTreeMap<ListId, u32>, known: &[List]) -> Vec<FieldProblem> {
    if shares.is_empty() {
        return vec![FieldProblem::new("shares", "names no list: give at least one list its share, as in 1=70")];
    }
    let loaded: Vec<ListId> = known.iter().filter(is_loaded).map(|list| list.id).collect();
    let one = |(list, share): (&ListId, &u32)| {
        let message = if !loaded.contains(list) {
            format!("is no loaded list of this campaign: {}", which(&loaded))
        } else if *share > WEIGHT_MAX {
            format!("is {share}: give a whole number from 0 to {WEIGHT_MAX}")
        } else {
            return None;
        };
        Some(FieldProblem::new(format!("shares.{list}"), message))
    };
    shares.iter().filter_map(one).collect()
}

fn which(loaded: &[ListId]) -> String {
    let names: Vec<String> = loaded.iter().rev().map(ToString::to_string).collect();
    if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) }
}

fn in_percent(lists: &[List]) -> Vec<ListShare> {
    let share = |list: &List| list.weight.unwrap_or(1);
    let loaded: Vec<&List> = lists.iter().filter(is_loaded).collect();
    let total: u32 = loaded.iter().map(|list| share(list)).sum::<u32>().max(1);
    let shown = |list: &&List| {
        let share = share(list);
        let percent = (f64::from(share) * 1_000.0 / f64::from(total)).round() / 10.0;
        ListShare { list: list.id, name: list.name.clone(), share, percent }
    };
    // The store tells the newest first.
    loaded.iter().rev().map(shown).collect()
}
