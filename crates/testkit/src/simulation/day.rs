//! The course of a day: the time goes on, and somebody does something.

use std::collections::BTreeSet;

use jiff::Timestamp;
use relance_domain::Span;
use relance_domain::campaign::state::CampaignEvent;

use super::almanac::Edition;
use super::lists::PEOPLE;
use super::oracle::{Deed, Verdict};
use super::plan::{CAMPAIGNS, VARIANTS};
use super::site::Site;

/// When lives begin: in October and in March, so that the clocks of Paris and New York change within the first four weeks, and those
/// of Réunion and Kolkata do not.
const BEGINNINGS: [&str; 2] = ["2026-10-12T06:00:00Z", "2027-03-08T06:00:00Z"];

/// What somebody may do.
#[derive(Debug, Clone, Copy)]
enum Act {
    AtDesk,
    Crowd,
    Loops,
    Load,
    Undo,
    Register,
    Publish,
    Withdraw,
    Suppress,
    PauseOrResume,
    Apply,
    Merge,
    Erase,
    Absence,
    Dismiss,
    Take,
    Forge,
    Kill,
    OtherRules,
    Jump,
}

/// How often each comes, in all 1,000.
const ACTS: [(usize, Act); 20] = [
    (560, Act::AtDesk),
    (40, Act::Crowd),
    (180, Act::Loops),
    (22, Act::Load),
    (5, Act::Undo),
    (10, Act::Register),
    (14, Act::Publish),
    (6, Act::Withdraw),
    (12, Act::Suppress),
    (24, Act::PauseOrResume),
    (14, Act::Apply),
    (10, Act::Merge),
    (5, Act::Erase),
    (18, Act::Absence),
    (4, Act::Dismiss),
    (16, Act::Take),
    (12, Act::Forge),
    (28, Act::Kill),
    (10, Act::OtherRules),
    (10, Act::Jump),
];

impl Site {
    /// The site as it opens: two nodes, some operators, three campaigns with a list each.
    pub(super) async fn open(&mut self) -> Verdict {
        let beginning = self.dice.below(BEGINNINGS.len());
        self.world.clock.set(BEGINNINGS[beginning].parse::<Timestamp>().expect("an instant"));
        for edition in [Edition::Shipped, Edition::Shipped] {
            let node = self.node(edition);
            self.nodes.push(node);
        }
        for _ in 0..5 {
            self.hire().await;
        }
        self.begin_step(0);
        for campaign in 0..CAMPAIGNS.len() {
            self.apply(campaign, 0).await?;
            self.change_state(campaign, CampaignEvent::Start).await?;
            self.load(campaign).await?;
        }
        Ok(())
    }

    /// Mostly minutes, sometimes hours, now and then a night.
    pub(super) fn pass_time(&mut self) {
        let (least, most) =
            self.dice.weighed(&[(60, (0, 180)), (25, (300, 2_400)), (12, (3_600, 14_400)), (3, (30_000, 60_000))]);
        let seconds = self.dice.between(least, most);
        self.world.clock.advance(Span::of_seconds(seconds));
    }

    pub(super) fn begin_step(&mut self, step: u64) {
        self.trace.note(format!("{step}  {}", self.now()));
        // Weather comes in spells.
        for at in 0..self.nodes.len() {
            let rough = self.dice.weighed(&[(6, 0), (3, 60), (1, 300)]);
            self.nodes[at].weather.roughen(rough);
        }
        self.deed = Deed { from: self.earliest(), to: self.now().as_millisecond(), ..Deed::default() };
    }

    pub(super) async fn act(&mut self) -> Verdict {
        let operator = self.dice.below(self.operators.len());
        let campaign = self.dice.below(CAMPAIGNS.len());
        match self.dice.weighed(&ACTS) {
            Act::AtDesk => self.at_desk(operator).await,
            Act::Crowd => self.crowd().await,
            Act::Loops => self.loops().await,
            Act::Load => self.load(campaign).await,
            Act::Undo => self.undo().await,
            Act::Register => self.register().await,
            Act::Publish => self.publish().await,
            Act::Withdraw => self.withdraw().await,
            Act::Suppress => {
                let person = u32::try_from(self.dice.below(PEOPLE as usize)).unwrap_or(0);
                self.suppress(person).await
            }
            Act::PauseOrResume => {
                let is_running = self.oracle.running.contains(&self.campaign_id(campaign).await);
                let event =
                    if is_running && self.dice.in_thousand(400) { CampaignEvent::Pause } else { CampaignEvent::Resume };
                self.change_state(campaign, event).await
            }
            Act::Apply => {
                let variant = self.dice.below(VARIANTS);
                self.apply(campaign, variant).await
            }
            Act::Merge => self.merge().await,
            Act::Erase => self.erase().await,
            Act::Absence => self.absence(operator).await,
            Act::Dismiss => self.dismiss(operator).await,
            Act::Take => self.supervise().await,
            Act::Forge => self.forge_some(operator).await,
            Act::Kill => self.kill(),
            Act::OtherRules => {
                let at = self.dice.below(self.nodes.len());
                let edition = self.dice.weighed(&[(3, Edition::Shipped), (2, Edition::Stricter)]);
                self.restart(at, edition);
                Ok(())
            }
            Act::Jump => {
                let minutes = self.dice.between(60, 26 * 60);
                self.trace.note(format!("the clocks jump ahead by {minutes} minutes"));
                self.world.clock.advance(Span::minutes(minutes));
                Ok(())
            }
        }
    }

    /// What an operator does next, who has a lead on their page or has none.
    async fn at_desk(&mut self, at: usize) -> Verdict {
        let Some(held) = self.operators[at].held.clone() else {
            // Who has heard no answer to a report sends it again, and so does who clicks twice.
            let sent = self.operators[at].sent.clone().filter(|_| self.dice.in_thousand(80));
            return match sent {
                None => self.ask(&[at]).await,
                Some((held, report)) => {
                    let report = if self.dice.in_thousand(700) { report } else { self.report(&held) };
                    self.send(at, held, report).await
                }
            };
        };
        match self.dice.weighed(&[(56, 0), (8, 1), (7, 2), (14, 3), (11, 4), (4, 5)]) {
            0 => {
                let report = self.report(&held);
                self.send(at, held, report).await
            }
            1 => self.hold_on(at, &held).await,
            2 => self.hand_back(at, &held).await,
            // Stalls: the lease may run out meanwhile.
            3 => Ok(()),
            4 => self.ask(&[at]).await,
            // Vanishes: the page is closed.
            _ => {
                self.trace.note(format!("{} is gone", self.operators[at].name));
                self.operators[at].held = None;
                Ok(())
            }
        }
    }

    async fn crowd(&mut self) -> Verdict {
        let all: BTreeSet<usize> = (0..4).map(|_| self.dice.below(self.operators.len())).collect();
        let all: Vec<usize> = all.into_iter().collect();
        self.ask(&all).await
    }

    async fn supervise(&mut self) -> Verdict {
        let open: Vec<i64> =
            self.oracle.hand_outs.values().filter(|row| row.ended_at.is_none()).map(|row| row.id).collect();
        let Some(assignment) = self.dice.pick(&open).copied() else { return Ok(()) };
        let to = self.dice.in_thousand(500).then(|| self.dice.below(self.operators.len()));
        self.trace.note(format!("assignment {assignment} is taken, for {to:?}"));
        self.take_lead(assignment, to).await
    }

    async fn forge_some(&mut self, at: usize) -> Verdict {
        let open: Vec<i64> =
            self.oracle.hand_outs.values().filter(|row| row.ended_at.is_none()).map(|row| row.id).collect();
        // Their own lead with a token of before, or another's.
        let own = self.oracle.open_of(self.operators[at].id.0).map(|row| row.id);
        let Some(assignment) = own.or_else(|| self.dice.pick(&open).copied()) else { return Ok(()) };
        self.trace.note(format!("{} shows another token than that of {assignment}", self.operators[at].name));
        self.forge(at, assignment).await
    }

    /// A node is about to die: with one of its next writes.
    fn kill(&mut self) -> Verdict {
        let at = self.dice.below(self.nodes.len());
        let writes = u32::try_from(self.dice.below(6)).unwrap_or(0);
        self.trace.note(format!("node {at} dies with its write {} from now", writes + 1));
        self.nodes[at].weather.die_after(writes);
        Ok(())
    }

    /// The site as somebody would want it who clears up: every campaign runs under its first definition, every node is there.
    pub(super) async fn tidy(&mut self) -> Verdict {
        for at in 0..self.nodes.len() {
            self.restart(at, Edition::Shipped);
        }
        for campaign in 0..CAMPAIGNS.len() {
            self.apply(campaign, 0).await?;
            self.change_state(campaign, CampaignEvent::Resume).await?;
        }
        self.hire().await;
        Ok(())
    }
}
