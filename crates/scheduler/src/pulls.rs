//! Lists that a campaign pulls by itself, and trying that dry.

use jiff::Timestamp;
use relance_domain::Span;
use relance_domain::campaign::state::CampaignState;
use relance_domain::client::UpdatePolicy;
use relance_domain::definition::Definition;
use relance_domain::list::MappedColumn;
use relance_domain::pull::{self, Pull, PullFrom};
use relance_domain::{CampaignId, ListId};
use relance_lists::{Delimiter, Encoding, HeaderPlace, Wishes};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::list::ListState;
use relance_store::pull::PullTurn;
use serde::{Deserialize, Serialize};

use crate::load_report::{LoadReport, Tally};
use crate::loads::refuse_open_questions;
use crate::{Engine, Error, ListToLoad, Result};

/// A pull of a campaign, and what its latest turn came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PullSummary {
    /// Short name of the campaign.
    pub campaign: String,
    /// Short name of the pull.
    pub pull: String,
    /// `clients` or `database`.
    #[schema(example = "clients")]
    pub from: String,
    /// The database, by its name in the settings.
    pub database: Option<String>,
    /// How often it is pulled; on request only without it.
    #[schema(value_type = Option<String>, example = "6h")]
    pub every: Option<Span>,
    /// When it was pulled last.
    pub pulled_at: Option<Timestamp>,
    /// The list that was made then; none where nobody was new.
    pub list: Option<ListId>,
    /// New leads that were made then.
    pub new_leads: i64,
    /// Why nothing came of it.
    pub failure: Option<String>,
    /// When it is pulled next: only while the campaign runs.
    pub next_due: Option<Timestamp>,
}

impl Engine {
    /// The pulls that campaigns declare, by campaign, in the order of their files.
    pub async fn pulls(&self, campaign: Option<&str>) -> Result<Vec<PullSummary>> {
        let campaigns = match campaign {
            Some(name) => vec![self.store.campaign(name).await?],
            None => self.store.campaigns().await?,
        };
        let turns = self.store.pull_turns(None).await?;
        let mut pulls = Vec::new();
        for campaign in campaigns {
            let definition = self.definition(campaign.id, campaign.version).await?;
            for pull in &definition.pulls {
                let turn = turns.iter().find(|turn| turn.campaign == campaign.id && turn.pull == pull.name);
                pulls.push(self.summary(&campaign, pull, turn));
            }
        }
        Ok(pulls)
    }

    fn summary(&self, campaign: &Campaign, pull: &Pull, turn: Option<&PullTurn>) -> PullSummary {
        let running = campaign.state == CampaignState::Running;
        let next = |every: Span| turn.map_or(self.now(), |turn| every.after(turn.pulled_at));
        PullSummary {
            campaign: campaign.campaign.clone(),
            pull: pull.name.clone(),
            from: pull.from.as_str().to_owned(),
            database: match &pull.from {
                PullFrom::Database { database, .. } => Some(database.clone()),
                PullFrom::Clients(_) => None,
            },
            every: pull.every,
            pulled_at: turn.map(|turn| turn.pulled_at),
            list: turn.and_then(|turn| turn.list),
            new_leads: turn.map_or(0, |turn| turn.new_leads),
            failure: turn.and_then(|turn| turn.failure.clone()),
            next_due: pull.every.filter(|_| running).map(next),
        }
    }

    /// Pulls a list now, whether or not its turn has come; or says what that would do. Where nobody is new, no list is made.
    pub async fn pull_list(&self, campaign: &str, pull: &str, dry_run: bool) -> Result<LoadReport> {
        let campaign = self.store.campaign(campaign).await?;
        let definition = self.definition(campaign.id, campaign.version).await?;
        let pull = definition.pull(pull).ok_or_else(|| StoreError::not_found("pull of this campaign", pull))?;
        if dry_run {
            return self.pull(&campaign, &definition, pull, true).await;
        }
        let now = self.now();
        self.store.begin_pull(campaign.id, &pull.name, Timestamp::MAX, now).await?;
        self.turn(&campaign, &definition, pull, now).await
    }

    /// Takes the turn of a pull that was begun at an instant, and keeps what it came to.
    pub(crate) async fn turn(
        &self,
        campaign: &Campaign,
        definition: &Definition,
        pull: &Pull,
        begun_at: Timestamp,
    ) -> Result<LoadReport> {
        let pulled = self.pull(campaign, definition, pull, false).await;
        let (list, new_leads, failure) = match &pulled {
            Ok(report) => (report.list, report.list.map_or(0, |_| report.counts.new_leads), nothing_usable(report)),
            Err(error) => (None, 0, Some(in_words(error))),
        };
        let turn =
            PullTurn { campaign: campaign.id, pull: pull.name.clone(), pulled_at: begun_at, list, new_leads, failure };
        match self.store.end_pull(&turn).await {
            Ok(true) => {}
            Ok(false) => tracing::info!(campaign = campaign.campaign, pull = pull.name, "pull.overtaken"),
            // What was pulled counts; that it was is told again with the next turn.
            Err(error) => {
                tracing::warn!(campaign = campaign.campaign, pull = pull.name, %error, "pull.end_not_kept");
            }
        }
        let list = list.map(|list| list.0);
        tracing::info!(campaign = campaign.campaign, pull = pull.name, list, new_leads, "list.pulled");
        pulled
    }

    async fn pull(
        &self,
        campaign: &Campaign,
        definition: &Definition,
        pull: &Pull,
        dry_run: bool,
    ) -> Result<LoadReport> {
        let pulled = self.pulled_rows(campaign, definition, pull).await?;
        let nothing = Tally::default().into_dry_report(0);
        if pulled.rows == 0 {
            return Ok(LoadReport { dry_run, sha256: pulled.file.sha256, ..nothing });
        }
        let dry = self.to_load(campaign, definition, pull);
        let would = self.load_list(dry.clone(), pulled.file.clone()).await?;
        if dry_run {
            return Ok(would);
        }
        refuse_open_questions(&would.inspection)?;
        if would.counts.new_leads == 0 || self.is_loaded(campaign.id, &would.sha256).await? {
            return Ok(LoadReport { dry_run, ..would });
        }
        self.load_list(ListToLoad { dry_run, ..dry }, pulled.file).await
    }

    /// The pulled file as it is loaded: tried dry at first. People who are known stay as they are.
    fn to_load(&self, campaign: &Campaign, definition: &Definition, pull: &Pull) -> ListToLoad {
        let name = format!("{}, {}", pull.name, self.now().strftime("%-d %B %Y %H:%M UTC"));
        let mapping = match &pull.from {
            PullFrom::Clients(_) => pull::columns(definition),
            PullFrom::Database { .. } => Vec::new(),
        };
        let mapped = |field: &str| MappedColumn { column: field.to_owned(), field: field.to_owned() };
        ListToLoad {
            campaign: Some(campaign.campaign.clone()),
            provenance: pull.provenance(name),
            wishes: Wishes {
                encoding: Some(Encoding::default()),
                delimiter: Some(Delimiter::Comma),
                header: Some(HeaderPlace::Line(1)),
                mapping: mapping.into_iter().map(mapped).collect(),
                ..Wishes::default()
            },
            country: None,
            policy: UpdatePolicy::Keep,
            dry_run: true,
            ticket: None,
        }
    }

    /// Whether this very file is a list of the campaign already: there is nobody new in it, then.
    async fn is_loaded(&self, campaign: CampaignId, sha256: &str) -> Result<bool> {
        let lists = self.store.lists(Some(campaign)).await?;
        Ok(lists.iter().any(|list| list.state == ListState::Loaded && list.sha256 == sha256))
    }
}

/// Rows of which none could be taken: a query or a mapping that went wrong, rather than nobody new.
fn nothing_usable(report: &LoadReport) -> Option<String> {
    let counts = report.counts;
    let first = report.rejects.first().and_then(|group| group.examples.first());
    let why = first.map(|example| format!(", the first because of this: {}", example.message)).unwrap_or_default();
    let rejected = counts.rejected;
    (rejected > 0 && rejected == counts.rows_read).then(|| format!("all {rejected} rows were rejected{why}"))
}

/// An error with every field that it is about.
fn in_words(error: &Error) -> String {
    match error {
        Error::Invalid { problems, .. } => {
            let problems = problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message));
            format!("{error}: {}", problems.collect::<Vec<_>>().join("; "))
        }
        error => error.to_string(),
    }
}
