//! The end of a life: somebody new goes on asking until nobody is left to be called. Nobody may have been forgotten.

use relance_domain::Span;

use super::almanac::{FrenchLaw, Local};
use super::facts;
use super::oracle::{Verdict, broken, hold};
use super::plan::CAMPAIGNS;
use super::site::Site;
use crate::reports;

/// Longer than any cool-down and any window of a cap.
const DAYS_MAX: i64 = 100;
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
            self.begin_step(*step);
            self.nodes.iter().for_each(|node| node.weather.roughen(0));
            // A round is bounded: where people are is found by steps.
            for _ in 0..3 {
                self.loops().await?;
            }
            for _ in 0..LEADS_MAX {
                self.ask(&[last]).await?;
                let Some(held) = self.operators[last].held.clone() else { break };
                self.send(last, held, reports::not_interested()).await?;
            }
            if self.is_worked_off().await {
                break;
            }
            let step = self.until_something_opens().await;
            self.world.clock.advance(step);
        }
        Ok(())
    }

    /// Nothing waits for time any more.
    async fn is_worked_off(&self) -> bool {
        let waiting =
            "FROM lead WHERE state IN ('ready', 'assigned') OR (state = 'scheduled' AND due_at_ms < 4102444800000)";
        facts::rows(&self.world, &["id"], waiting).await.is_empty()
    }

    /// The time to the next instant at which the engine says that somebody may be callable; a day at most, for it may be wrong.
    async fn until_something_opens(&mut self) -> Span {
        let operator = self.operators[self.operators.len() - 1].id;
        let answer = self.nodes[0].engine.next_lead(operator, None).await;
        let next_at = match answer {
            Ok(relance_scheduler::NextAnswer::Nobody(nobody)) => nobody.next_at,
            _ => None,
        };
        let seconds = next_at.map_or(86_400, |at| at.duration_since(self.now()).as_secs());
        Span::of_seconds(seconds.clamp(60, 86_400))
    }

    /// Whoever is still open may not be called at all, by the oracle's own account.
    pub(super) async fn hold_nobody_forgotten(&mut self) -> Verdict {
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
        for row in facts::rows(&self.world, &columns, rest).await {
            let lead: i64 = row.get(0);
            let told = || format!("lead {lead} is {} {} until {}", row.text(5), row.text(6), row.text(7));
            let Some(person) = facts::person(&self.world, lead).await else {
                return broken("a lead has a person", told());
            };
            let local = person.zone.as_deref().and_then(|zone| Local::at(self.now().as_millisecond(), zone));
            let Some(local) = local else { continue };
            let is_lawful = row.text(3) == CAMPAIGNS[0];
            let given = person.consent_on.as_deref().and_then(|day| day.parse().ok());
            let given = given.filter(|_| person.consent.as_deref() == Some("yes") && person.has_evidence);
            let may_be_called = person.consent.as_deref() != Some("no")
                && (!is_lawful
                    || person.relationship == "contract"
                    || given.is_some_and(|given| {
                        FrenchLaw::consent_holds(super::almanac::Edition::Shipped, given, local.date)
                    }));
            let suppressed = self.oracle.is_suppressed(&self.world, row.get(1), row.text(4), row.get(2)).await;
            hold(!may_be_called || suppressed, "nobody who may be called is forgotten", told)?;
        }
        Ok(())
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
