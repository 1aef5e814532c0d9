//! The end of a life: somebody new goes on asking until nobody is left to be called. Nobody may have been forgotten.

use relance_domain::Span;

use super::almanac::{Edition, FrenchLaw, Local};
use super::facts::{self, PersonRow};
use super::oracle::{Verdict, hold};
use super::plan::CAMPAIGNS;
use super::site::Site;
use crate::reports;

/// Longer than any cool-down and any window of a cap.
const DAYS_MAX: i64 = 100;
/// The shortest pause after a look in vain: shorter than any window of permitted hours, and no part of a day.
const LOOK_PAUSE_S: i64 = 175 * 60;
/// Leads that one look works off at most: more than there are.
const LEADS_MAX: usize = 2_000;

impl Site {
    /// Days go by in which everybody is called who may be, and says no.
    pub(super) async fn work_off(&mut self, step: &mut u64) -> Verdict {
        *step += 1;
        self.begin_step(*step);
        self.tidy().await?;
        let last = self.operators.len() - 1;
        let ends = Span::days(DAYS_MAX).after(self.now());
        while self.now() < ends {
            *step += 1;
            self.use_rules().await;
            self.begin_step(*step);
            self.nodes.iter().for_each(|node| node.weather.roughen(0));
            self.loops().await?;
            let mut called = 0;
            while called < LEADS_MAX {
                self.ask(&[last]).await?;
                let Some(held) = self.operators[last].held.clone() else { break };
                self.send(last, held, reports::not_interested()).await?;
                called += 1;
            }
            if self.left().await.is_empty() && self.unfinished_publications().await.is_empty() {
                break;
            }
            let step = self.until_something_opens(called > 0);
            self.world.clock.advance(step);
        }
        Ok(())
    }

    /// The time to the next instant at which the engine said that somebody may be callable; a day at most, for it may be wrong.
    /// Where a look was in vain it was that of a promise which cannot be kept, and which is looked at every hour.
    fn until_something_opens(&self, was_called: bool) -> Span {
        let seconds = self.next_at.map_or(86_400, |at| at.duration_since(self.now()).as_secs());
        Span::of_seconds(seconds.clamp(if was_called { 60 } else { LOOK_PAUSE_S }, 86_400))
    }

    /// Leads that are open though their people may be called, by the oracle's own account.
    async fn left(&self) -> Vec<String> {
        let columns = [
            "lead.id",
            "lead.client_id",
            "campaign.id",
            "campaign.campaign",
            "campaign.seller",
            "lead.state",
            "lead.block",
            "lead.due_at_ms",
        ];
        let rest =
            "FROM lead JOIN campaign ON campaign.id = lead.campaign_id WHERE lead.state <> 'closed' ORDER BY lead.id";
        let mut left = Vec::new();
        for row in facts::rows(&self.world, &columns, rest).await {
            let lead = row.get(0);
            let person = facts::person(&self.world, lead).await;
            let is_lawful = row.text(3) == CAMPAIGNS[0];
            if person.is_some_and(|person| self.may_be_called(&person, is_lawful))
                && !self.oracle.is_suppressed(&self.world, row.get(1), row.text(4), row.get(2)).await
            {
                left.push(format!("lead {lead} is {} {} until {}", row.text(5), row.text(6), row.text(7)));
            }
        }
        left
    }

    /// Whether time alone can bring a call to somebody.
    fn may_be_called(&self, person: &PersonRow, is_lawful: bool) -> bool {
        let local = person.zone.as_deref().and_then(|zone| Local::at(self.now().as_millisecond(), zone));
        let Some(local) = local.filter(|_| person.consent.as_deref() != Some("no")) else { return false };
        let given = person.consent_on.as_deref().and_then(|day| day.parse().ok());
        let given = given.filter(|_| person.consent.as_deref() == Some("yes") && person.has_evidence);
        let agreed = || given.is_some_and(|given| FrenchLaw::consent_holds(Edition::Shipped, given, local.date));
        !is_lawful || person.relationship == "contract" || agreed()
    }

    pub(super) async fn hold_nobody_forgotten(&mut self) -> Verdict {
        let left = self.left().await;
        hold(left.is_empty(), "nobody who may be called is forgotten", || left.join("; "))
    }

    /// A promise that is still open is to somebody who may not be called.
    pub(super) async fn hold_promises_accounted_for(&mut self) -> Verdict {
        let open: Vec<_> = self.oracle.promises.values().filter(|promise| promise.state == "open").collect();
        for promise in open {
            let rest = format!("FROM lead WHERE id = {} AND state = 'scheduled' AND block = 'callback'", promise.lead);
            let waits = !facts::rows(&self.world, &["id"], &rest).await.is_empty();
            // Whoever may be called is told of above.
            hold(waits, "P6: every promise is kept, dropped with its person, or waits", || format!("{promise:?}"))?;
        }
        Ok(())
    }

    pub(super) async fn hold_publications_finished(&mut self) -> Verdict {
        let unfinished = self.unfinished_publications().await;
        hold(unfinished.is_empty(), "P7: a publication that was cut off is finished", || format!("{unfinished:?}"))
    }
}
