//! What everybody else does: supervisors, campaign managers, administrators.

use relance_domain::campaign::state::CampaignEvent;
use relance_domain::{ClientId, Span};
use relance_scheduler::{Engine, Error, SuppressFor, loops};
use relance_store::StoreError;

use super::facts;
use super::oracle::{Suppressed, Verdict, broken};
use super::plan::{self, CAMPAIGNS, SELLERS};
use super::site::Site;
use crate::builders;

impl Site {
    /// A round of the loops on a node.
    pub(super) async fn loops(&mut self) -> Verdict {
        self.deed.loops = true;
        // A round goes on with the other loops where one failed, so that it is made once.
        let at = self.dice.below(self.nodes.len());
        let report = loops::run_once(&self.nodes[at].engine).await;
        let log = self.nodes[at].weather.log();
        self.trace.wrote(at, &log.writes);
        match report {
            Ok(report) => self.trace.note(format!("node {at} made a round: {report:?}")),
            Err(_) if log.disturbed => self.trace.note(format!("node {at} failed in a round")),
            Err(error) => return broken("an error has a cause", format!("a round of the loops: {error}: {error:?}")),
        }
        self.look().await
    }

    /// A number must not be called any more: by anybody, by a seller, or by a campaign.
    pub(super) async fn suppress(&mut self, person: u32) -> Verdict {
        let phone = builders::phone(person);
        let campaign = self.dice.below(CAMPAIGNS.len());
        let (scope, of_campaign) = match self.dice.below(3) {
            0 => (SuppressFor::default(), None),
            1 => (SuppressFor { seller: Some(SELLERS[campaign].to_owned()), campaign: None }, None),
            _ => (SuppressFor { seller: None, campaign: Some(CAMPAIGNS[campaign].to_owned()) }, Some(campaign)),
        };
        let campaign_id = match of_campaign {
            Some(campaign) => Some(self.campaign_id(campaign).await),
            None => None,
        };
        self.deed.objected = true;
        self.trace.note(format!("person {person} is suppressed for {:?} {:?}", scope.seller, scope.campaign));
        let made =
            async |node: Engine| node.suppress(phone.reveal(), "FR", scope.clone(), "asked by letter", None).await;
        let answer = self.request("suppress", true, made).await?;
        self.oracle.suppressed.push(Suppressed {
            phone: phone.reveal().to_owned(),
            seller: scope.seller.clone(),
            campaign: campaign_id,
        });
        match answer {
            Some(Err(error)) => broken("an error has a cause", format!("suppress: {error}")),
            _ => self.look().await,
        }
    }

    pub(super) async fn campaign_id(&self, campaign: usize) -> i64 {
        self.world.store.campaign(CAMPAIGNS[campaign]).await.expect("the campaign is there").id.0
    }

    /// A campaign is paused or goes on.
    pub(super) async fn change_state(&mut self, campaign: usize, event: CampaignEvent) -> Verdict {
        let name = CAMPAIGNS[campaign];
        self.trace.note(format!("{name}: {event:?}"));
        let made = async |node: Engine| node.change_campaign_state(name, event).await;
        let answer = self.request("campaign state", true, made).await?;
        let is_running = event != CampaignEvent::Pause;
        match answer {
            // It was so already, or a try that nobody heard of made it so.
            Some(Ok(_) | Err(Error::Store(StoreError::Transition(_)))) => {}
            other => return broken("an error has a cause", format!("{name}: {other:?}")),
        }
        let id = self.campaign_id(campaign).await;
        if is_running {
            self.oracle.running.insert(id)
        } else {
            self.oracle.running.remove(&id)
        };
        self.look().await
    }

    /// A campaign has another definition from now on.
    pub(super) async fn apply(&mut self, campaign: usize, variant: usize) -> Verdict {
        let definition = plan::definition(campaign, variant);
        self.trace.note(format!("{} has variant {variant} of its definition", CAMPAIGNS[campaign]));
        let made = async |node: Engine| Ok(node.store().apply_campaign(&definition, None, node.now()).await?);
        match self.request("apply", true, made).await? {
            Some(Ok(applied)) => {
                let of = (applied.campaign.id.0, applied.campaign.version);
                self.oracle.limits.insert(of, plan::limits(campaign, variant));
                self.look().await
            }
            other => broken("an error has a cause", format!("apply: {other:?}")),
        }
    }

    /// A new tariff is published, or one that is offered is withdrawn.
    pub(super) async fn publish(&mut self) -> Verdict {
        let (number, price) = (self.number(), self.dice.between(15, 45) * 100);
        let of: &[&str] = if self.dice.in_thousand(700) { &CAMPAIGNS[..2] } else { &CAMPAIGNS[2..] };
        let tariff = builders::tariff(&format!("offer-{number}-{price}"), price, of);
        self.trace.note(format!("tariff {} is published", tariff.tariff));
        let made = async |node: Engine| node.publish_tariff(&tariff).await;
        match self.request("publish", false, made).await? {
            None | Some(Ok(_)) => self.look().await,
            Some(Err(error)) => broken("an error has a cause", format!("publish: {error}: {error:?}")),
        }
    }

    pub(super) async fn withdraw(&mut self) -> Verdict {
        let published = self.world.texts("SELECT tariff FROM tariff WHERE state = 'published' ORDER BY tariff").await;
        let Some(tariff) = self.dice.pick(&published).cloned() else { return Ok(()) };
        self.trace.note(format!("tariff {tariff} is withdrawn"));
        let made = async |node: Engine| node.withdraw_tariff(&tariff).await;
        match self.request("withdraw", false, made).await? {
            None | Some(Ok(_)) => self.look().await,
            Some(Err(error)) => broken("an error has a cause", format!("withdraw: {error}")),
        }
    }

    async fn some_client(&mut self) -> Option<ClientId> {
        let clients = self.world.numbers("SELECT id FROM client WHERE erased_at_ms IS NULL ORDER BY id").await;
        self.dice.pick(&clients).map(|id| ClientId(*id))
    }

    /// Two clients are one. One that is in a call, or in a list that is being loaded, is left alone.
    pub(super) async fn merge(&mut self) -> Verdict {
        let (Some(keep), Some(other)) = (self.some_client().await, self.some_client().await) else { return Ok(()) };
        if keep == other {
            return Ok(());
        }
        self.trace.note(format!("client {other} is merged into client {keep}"));
        let made = async |node: Engine| node.merge_clients(keep, other, None, false).await;
        match self.request("merge", false, made).await? {
            None | Some(Ok(_) | Err(Error::Store(StoreError::Conflict(_)))) => self.look().await,
            Some(Err(error)) => broken("an error has a cause", format!("merge: {error}: {error:?}")),
        }
    }

    /// A client asks to be erased.
    pub(super) async fn erase(&mut self) -> Verdict {
        let Some(client) = self.some_client().await else { return Ok(()) };
        self.trace.note(format!("client {client} is erased"));
        let made = async |node: Engine| node.erase_client(client, "asked by letter", None).await;
        match self.request("erase", false, made).await? {
            None | Some(Ok(_) | Err(Error::Store(StoreError::Conflict(_)))) => self.look().await,
            Some(Err(error)) => broken("an error has a cause", format!("erase: {error}: {error:?}")),
        }
    }

    /// An operator goes away for a while, or is back.
    pub(super) async fn absence(&mut self, at: usize) -> Verdict {
        let name = self.operators[at].name.clone();
        let until = self.dice.in_thousand(600).then(|| Span::minutes(self.dice.between(30, 3 * 24 * 60)));
        let until = until.map(|span| span.after(self.now()));
        self.trace.note(format!("{name} is away until {until:?}"));
        let made = async |node: Engine| match until {
            Some(until) => node.set_away(&name, None, until).await,
            None => node.end_away(&name).await,
        };
        match self.request("away", true, made).await? {
            None | Some(Ok(_)) => self.look().await,
            // So slow an answer that the absence was over.
            Some(Err(Error::Invalid { .. })) => self.look().await,
            Some(Err(error)) => broken("an error has a cause", format!("away: {error}")),
        }
    }

    /// An operator leaves for good, and somebody else comes.
    pub(super) async fn dismiss(&mut self, at: usize) -> Verdict {
        let name = self.operators[at].name.clone();
        self.trace.note(format!("{name} is disabled"));
        let made = async |node: Engine| node.disable_user(&name).await;
        if let Some(Err(error)) = self.request("disable", true, made).await? {
            return broken("an error has a cause", format!("disable: {error}"));
        }
        self.operators[at].disabled = true;
        self.hire().await;
        self.look().await
    }

    /// Looks at what the step has changed so far.
    pub(super) async fn look(&mut self) -> Verdict {
        self.deed.to = self.now().as_millisecond();
        self.oracle.look(&self.world, &self.deed).await
    }

    /// Every publication is finished in the end.
    pub(super) async fn unfinished_publications(&self) -> Vec<String> {
        let rest = "FROM tariff WHERE state = 'published' AND reopened_all_at_ms IS NULL";
        facts::rows(&self.world, &["tariff"], rest).await.into_iter().map(|row| row.text(0).to_owned()).collect()
    }
}
