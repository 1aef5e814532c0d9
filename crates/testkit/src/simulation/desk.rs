//! What operators do, and what they must be answered.

use relance_domain::assignment::Ending;
use relance_domain::outcome::OutcomeReport;
use relance_domain::{AssignmentId, Span};
use relance_scheduler::{Error, LeadAnswer, NextAnswer};

use super::oracle::{Verdict, broken, hold};
use super::site::{Held, Site};
use crate::reports;

const ANSWERED: &str = "P3: an outcome is answered as what stands says";

impl Site {
    /// Operators ask for the next lead, all of them at once on one node, or one on any.
    pub(super) async fn ask(&mut self, who: &[usize]) -> Verdict {
        let before: Vec<Option<i64>> = who.iter().map(|at| self.open_of(*at)).collect();
        self.deed.asked.extend(who.iter().map(|at| self.operators[*at].id.0));
        let mut answers = Vec::new();
        if let [at] = *who {
            let id = self.operators[at].id;
            answers.push(self.request("next", false, async |node| node.next_lead(id, None).await).await?);
        } else {
            answers = self.ask_at_once(who).await;
        }
        self.look().await?;
        for ((at, before), answer) in who.iter().zip(before).zip(answers) {
            self.was_answered(*at, before, answer)?;
        }
        Ok(())
    }

    /// Whoever asks at once is served in batches. What fails in one is not tried again: they ask again later.
    async fn ask_at_once(&mut self, who: &[usize]) -> Vec<Option<Result<NextAnswer, Error>>> {
        let at = self.dice.below(self.nodes.len());
        let engine = self.nodes[at].engine.clone();
        let ids: Vec<_> = who.iter().map(|at| self.operators[*at].id).collect();
        let asking: Vec<_> = ids
            .into_iter()
            .map(|id| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.next_lead(id, None).await })
            })
            .collect();
        let mut answers = Vec::new();
        for answer in asking {
            answers.push(answer.await.expect("nobody panics who asks"));
        }
        let log = self.nodes[at].weather.log();
        self.trace.wrote(at, &log.writes);
        let excused = |answer: &Result<NextAnswer, Error>| log.disturbed && matches!(answer, Err(Error::Store(_)));
        answers.into_iter().map(|answer| (!excused(&answer)).then_some(answer)).collect()
    }

    fn open_of(&self, at: usize) -> Option<i64> {
        self.oracle.open_of(self.operators[at].id.0).map(|row| row.id)
    }

    fn was_answered(&mut self, at: usize, before: Option<i64>, answer: Option<Result<NextAnswer, Error>>) -> Verdict {
        const SAME: &str = "P2: whoever asks again gets the same lead";
        let open = self.open_of(at);
        let name = self.operators[at].name.clone();
        hold(before.is_none() || before == open, SAME, || format!("{name} had {before:?} and has {open:?}"))?;
        match answer {
            None => self.operators[at].held = None,
            Some(Ok(NextAnswer::Lead(lead))) => {
                hold(Some(lead.assignment.0) == open, SAME, || {
                    format!("{name} has {open:?} and got {}", lead.assignment)
                })?;
                self.trace
                    .note(format!("{name} has assignment {} of lead {}, {:?}", lead.assignment, lead.lead, lead.why));
                self.operators[at].held = Some(held(&lead));
            }
            Some(Ok(NextAnswer::Nobody(nobody))) => {
                self.next_at = nobody.next_at;
                hold(open.is_none(), SAME, || format!("{name} has {open:?} and got nobody"))?;
                self.trace.note(format!(
                    "{name} has nobody to call, the next at {:?}",
                    nobody.next_at.map(|at| at.to_string())
                ));
                self.operators[at].held = None;
            }
            Some(Err(Error::Disabled)) if self.operators[at].disabled => {}
            Some(Err(error)) => return broken(SAME, format!("{name} was answered: {error}: {error:?}")),
        }
        Ok(())
    }

    /// What an operator reports at random.
    pub(super) fn report(&mut self, held: &Held) -> OutcomeReport {
        let offer = self.dice.pick(&held.offers).cloned();
        let in_a_while = Span::minutes(self.dice.between(10, 8 * 24 * 60)).after(self.now());
        let price = format!("{}.00", self.dice.between(15, 45));
        let sold = if offer.is_some() { 6 } else { 0 };
        match self.dice.weighed(&[
            (20, 0),
            (8, 1),
            (8, 2),
            (3, 3),
            (3, 4),
            (4, 5),
            (16, 6),
            (5, 7),
            (18, 8),
            (18, 9),
            (sold, 10),
            (sold, 11),
        ]) {
            0 => reports::plain("no_answer"),
            1 => reports::plain("busy"),
            2 => reports::plain("machine"),
            3 => reports::plain("wrong_number"),
            4 => reports::plain("dead_line"),
            5 => reports::plain("do_not_call"),
            6 => reports::refused_over(&price),
            7 => reports::not_interested(),
            8 => reports::call_later(in_a_while),
            9 => reports::call_later_myself(in_a_while),
            10 => reports::refused_offer(&offer.unwrap_or_default()),
            _ => reports::ordered(&offer.unwrap_or_default()),
        }
    }

    /// An operator reports what happened, as one does who may not hear the answer.
    pub(super) async fn send(&mut self, at: usize, held: Held, report: OutcomeReport) -> Verdict {
        let (id, assignment) = (self.operators[at].id, held.assignment);
        let stood = self.oracle.hand_outs.get(&assignment.0).cloned();
        let earlier = self.oracle.attempts.get(&assignment.0).cloned();
        let sent = self.operators[at].sent.clone().filter(|(sent, _)| sent.assignment == assignment);
        self.deed.reported.insert(assignment.0);
        self.deed.objected |= report.disposition == "do_not_call";
        self.trace.note(format!("{} reports {} of {assignment}", self.operators[at].name, report.disposition));
        let made =
            async |node: relance_scheduler::Engine| node.record_outcome(id, assignment, &held.token, &report).await;
        let answer = self.request("outcome", false, made).await?;
        self.look().await?;
        let Some(stood) = stood else { return broken("P3: an assignment stays on record", format!("{assignment}")) };
        let recorded = self.oracle.attempts.get(&assignment.0).cloned();
        let told = || format!("{assignment} stood as {:?}, and the answer was {answer:?}", stood.ending);
        match (&answer, stood.ending.as_deref()) {
            (None, _) => {}
            (Some(Ok(done)), None) => {
                let is_it = recorded
                    .as_ref()
                    .is_some_and(|row| row.id == done.attempt.0 && row.disposition == report.disposition);
                hold(is_it, ANSWERED, told)?;
            }
            (Some(Ok(done)), Some("outcome")) => {
                let is_same =
                    sent.as_ref().is_none_or(|(_, sent)| *sent == report) || self.is_erased(stood.client).await;
                hold(is_same && earlier.is_some_and(|row| row.id == done.attempt.0), ANSWERED, told)?;
            }
            (Some(Err(Error::Contradicts(_))), Some("outcome")) => {
                hold(sent.as_ref().is_none_or(|(_, sent)| *sent != report), ANSWERED, told)?;
            }
            (Some(Err(Error::Late(late))), Some(ending)) if ending != "outcome" => {
                let kept =
                    format!("SELECT COUNT(*) FROM late_outcome WHERE id = {late} AND assignment_id = {assignment}");
                let kept = self.world.texts(&format!("SELECT CAST(({kept}) AS TEXT)")).await;
                hold(kept == ["1"], "P3: a late outcome is kept", told)?;
                if report.disposition == "do_not_call" {
                    self.oracle.object(&self.world, stood.client, &stood.seller).await;
                }
            }
            _ => return broken(ANSWERED, told()),
        }
        // What contradicts is not what stands, whether anybody heard that it does or not.
        let had_outcome = stood.ending.as_deref() == Some("outcome");
        let may_contradict = matches!(answer, Some(Err(Error::Contradicts(_)))) || (answer.is_none() && had_outcome);
        if !may_contradict {
            self.operators[at].sent = Some((held, report));
        }
        self.operators[at].held = None;
        Ok(())
    }

    async fn is_erased(&self, client: i64) -> bool {
        let erased = format!("SELECT CAST(id AS TEXT) FROM client WHERE id = {client} AND erased_at_ms IS NOT NULL");
        !self.world.texts(&erased).await.is_empty()
    }

    /// Somebody shows another token than the assignment's: a page of an earlier lead, or another's.
    pub(super) async fn forge(&mut self, at: usize, assignment: i64) -> Verdict {
        let (id, assignment) = (self.operators[at].id, AssignmentId(assignment));
        let report = reports::plain("no_answer");
        let made =
            async |node: relance_scheduler::Engine| node.record_outcome(id, assignment, "not-its-token", &report).await;
        let answer = self.request("outcome with another token", false, made).await?;
        self.look().await?;
        match answer {
            None | Some(Err(Error::NotYours(_))) => Ok(()),
            other => broken("P3: an outcome is taken from the holder of the token", format!("{assignment}: {other:?}")),
        }
    }

    /// The call goes on.
    pub(super) async fn hold_on(&mut self, at: usize, held: &Held) -> Verdict {
        let (id, assignment) = (self.operators[at].id, held.assignment);
        let ended = self.ending(assignment);
        let made = async |node: relance_scheduler::Engine| node.hold_lead(id, assignment, &held.token).await;
        let answer = self.request("hold", false, made).await?;
        self.look().await?;
        let lease_until = self.oracle.hand_outs.get(&assignment.0).map_or(0, |row| row.lease_until);
        match (&answer, ended) {
            (None, _) => Ok(()),
            (Some(Ok(held)), None) if held.lease_until.as_millisecond() == lease_until => Ok(()),
            (Some(Err(Error::Ended { ending, .. })), Some(ended)) if ending.as_str() == ended => Ok(()),
            (other, ended) => broken(
                "P3: a lease is what is answered",
                format!("{assignment} ended {ended:?}: {other:?}, {lease_until}"),
            ),
        }
    }

    fn ending(&self, assignment: AssignmentId) -> Option<String> {
        self.oracle.hand_outs.get(&assignment.0).and_then(|row| row.ending.clone())
    }

    /// The lead is handed back as not called.
    pub(super) async fn hand_back(&mut self, at: usize, held: &Held) -> Verdict {
        let (id, assignment) = (self.operators[at].id, held.assignment);
        let ended = self.ending(assignment);
        self.deed.handed_back.insert(assignment.0);
        let made = async |node: relance_scheduler::Engine| {
            node.hand_back(id, assignment, &held.token, "the line is bad").await
        };
        let answer = self.request("hand back", false, made).await?;
        self.look().await?;
        self.operators[at].held = None;
        match (&answer, ended.as_deref()) {
            (None, _) => Ok(()),
            (Some(Ok(_)), None | Some("returned")) => {
                let now = self.ending(assignment);
                hold(
                    now.as_deref() == Some(Ending::Returned.as_str()),
                    "P3: a lead that was handed back is back",
                    || format!("{assignment} is {now:?}"),
                )
            }
            (Some(Err(Error::Ended { ending, .. })), Some(ended)) if ending.as_str() == ended => Ok(()),
            (other, ended) => broken(ANSWERED, format!("hand-back of {assignment}, which ended {ended:?}: {other:?}")),
        }
    }

    /// A supervisor takes a lead, and perhaps gives it to somebody else.
    pub(super) async fn take_lead(&mut self, assignment: i64, to: Option<usize>) -> Verdict {
        let assignment = AssignmentId(assignment);
        let to = to.map(|to| self.operators[to].id);
        self.deed.taken.insert(assignment.0);
        self.deed.asked.extend(to.map(|to| to.0));
        let made = async |node: relance_scheduler::Engine| node.take_lead(None, assignment, "gone home", to).await;
        let answer = self.request("take", false, made).await?;
        self.look().await?;
        match (&answer, self.ending(assignment)) {
            (None, _) | (Some(Ok(_)), Some(_)) => Ok(()),
            // Taken by a try that nobody heard of.
            (Some(Err(Error::Ended { .. })), Some(ended)) if ended == "revoked" => Ok(()),
            (Some(Err(Error::Store(relance_store::StoreError::Conflict(_)))), _) if to.is_some() => Ok(()),
            (other, ended) => broken(ANSWERED, format!("take of {assignment}, which ended {ended:?}: {other:?}")),
        }
    }
}

fn held(lead: &LeadAnswer) -> Held {
    Held {
        assignment: lead.assignment,
        token: lead.token.clone(),
        offers: lead.offers.iter().map(|offer| offer.tariff.clone()).collect(),
    }
}
