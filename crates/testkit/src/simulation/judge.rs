//! May this person have been handed out then? Asked of every hand-out, whatever the engine decided.

use jiff::civil::Date;

use super::almanac::{Edition, FrenchLaw, Limits, Local};
use super::facts::{self, HandOutRow, PersonRow};
use super::oracle::{Deed, Oracle, Verdict, broken, hold};
use crate::World;

const HOUR: i64 = 3_600_000;

impl Oracle {
    /// Holds a new hand-out to every promise.
    pub(super) async fn judge(&self, world: &World, row: &HandOutRow, deed: &Deed) -> Verdict {
        let told = || format!("assignment {} of client {} to operator {}", row.id, row.client, row.operator);
        hold(deed.asked.contains(&row.operator), "P2: a lead is handed to whoever asks", told)?;
        hold((deed.from..=deed.to).contains(&row.handed_at), "P5: a decision is of its moment", told)?;
        let others = || self.hand_outs.values().filter(|other| other.ended_at.is_none());
        hold(others().all(|other| other.client != row.client), "P1: a person is with one operator at a time", told)?;
        hold(others().all(|other| other.operator != row.operator), "P2: an operator has one lead at a time", told)?;
        hold(self.running.contains(&row.campaign), "P4: a campaign that is stopped calls nobody", told)?;
        let Some(person) = facts::person(world, row.lead).await else {
            return broken("P5: a hand-out is of a lead", told());
        };
        hold(!person.erased, "P4: nobody who was erased is called", told)?;
        let was_worked = || self.hand_outs.values().any(|other| other.lead == row.lead);
        let is_there = person.list_state == "loaded" || (person.list_state == "undone" && was_worked());
        hold(is_there, "P8: nobody is called from a list that is not there", told)?;
        let suppressed = self.is_suppressed(world, row.client, &row.seller, row.campaign).await;
        hold(!suppressed, "P4: nobody who is suppressed is called", told)?;
        let Some(limits) = self.limits.get(&(row.campaign, row.version)) else {
            return broken("P4: a hand-out is made under the present definition", told());
        };
        let is_present = self.limits.range((row.campaign, row.version + 1)..(row.campaign + 1, 0)).next().is_none();
        hold(is_present, "P4: a hand-out is made under the present definition", told)?;
        let decision: serde_json::Value = serde_json::from_str(&row.decision).unwrap_or_default();
        let edition = self.edition(limits, &decision, told)?;
        let Some(local) = person.zone.as_deref().and_then(|zone| Local::at(row.handed_at, zone)) else {
            return broken("P4: nobody is called whose time is not known", told());
        };
        let noted = decision["clearance"]["local_time"].as_str().unwrap_or_default();
        hold(noted == local.in_words(), "P5: the decision tells the person's own time", || {
            format!("{}: {noted}, and it was {}", told(), local.in_words())
        })?;
        hold(limits.is_open(local), "P4: nobody is called outside their own hours", || {
            format!("{}: {}", told(), local.in_words())
        })?;
        self.hold_caps(row, limits, edition)?;
        self.hold_pause(row, limits, &person, local)?;
        hold_consent(&person, limits, edition, local, told)?;
        self.hold_promise(world, row).await
    }

    /// The rules that the decision says it rests on.
    fn edition(&self, limits: &Limits, decision: &serde_json::Value, told: impl Fn() -> String) -> Verdict<Edition> {
        let version = decision["clearance"]["rule_set"].as_str().unwrap_or_default();
        match (limits.lawful, self.editions.get(version)) {
            (true, Some(edition)) => Ok(*edition),
            (false, None) if version.is_empty() => Ok(Edition::Shipped),
            _ => broken("P5: the decision tells its rules", format!("{}: version {version:?}", told())),
        }
    }

    /// Tries of the person for the seller: hand-outs, however they ended, but not those handed back as not called.
    fn tries(&self, row: &HandOutRow, hours: i64) -> usize {
        let counts = |other: &&HandOutRow| {
            (other.client, &other.seller) == (row.client, &row.seller)
                && other.handed_at > row.handed_at - hours * HOUR
                && (other.ending.as_deref() != Some("returned") || self.late.contains(&other.id))
        };
        self.hand_outs.values().filter(counts).count()
    }

    fn hold_caps(&self, row: &HandOutRow, limits: &Limits, edition: Edition) -> Verdict {
        let law = limits.lawful.then(|| (FrenchLaw::cap(edition), 30 * 24));
        for (most, hours) in limits.caps.iter().copied().chain(law) {
            let tries = self.tries(row, hours);
            hold(tries < most, "P4: nobody is called more often than the caps allow", || {
                format!(
                    "client {} for {}: {tries} tries before, within {hours} hours, and {most} are the most",
                    row.client, row.seller
                )
            })?;
        }
        Ok(())
    }

    fn hold_pause(&self, row: &HandOutRow, limits: &Limits, person: &PersonRow, local: Local) -> Verdict {
        let of_seller = self.attempts.values().filter(|one| (one.client, &one.seller) == (row.client, &row.seller));
        for attempt in of_seller.filter(|one| one.counts_as == "refusal") {
            let refused = person.zone.as_deref().and_then(|zone| Local::at(attempt.recorded_at, zone));
            let rested = refused.map_or(Date::MIN, |refused| limits.rested(refused.date));
            hold(rested <= local.date, "P4: nobody is called soon after a refusal", || {
                format!("client {} refused in attempt {}: not before {rested}", row.client, attempt.id)
            })?;
        }
        Ok(())
    }

    /// A promise is kept when it is due, by whoever gave it where that was promised and they are there.
    async fn hold_promise(&self, world: &World, row: &HandOutRow) -> Verdict {
        let open = self.promises.values().find(|promise| promise.lead == row.lead && promise.state == "open");
        let Some(promise) = open.filter(|_| row.taken_from.is_none()) else { return Ok(()) };
        hold(promise.due_at <= row.handed_at, "P6: nobody is called before it was promised", || {
            format!("{promise:?} was handed out at {}", row.handed_at)
        })?;
        let Some(owner) = promise.operator.filter(|owner| *owner != row.operator) else { return Ok(()) };
        let at = row.handed_at;
        let rest = format!(
            "FROM app_user WHERE id = {owner} AND (disabled_at_ms IS NOT NULL OR (away_from_ms <= {at} AND away_until_ms > {at}))"
        );
        let is_gone = !facts::rows(world, &["id"], &rest).await.is_empty();
        hold(is_gone, "P6: a personal promise waits for whoever gave it", || {
            format!("{promise:?} was handed to operator {}", row.operator)
        })
    }
}

fn hold_consent(
    person: &PersonRow,
    limits: &Limits,
    edition: Edition,
    local: Local,
    told: impl Fn() -> String + Copy,
) -> Verdict {
    let day = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
    let licensed = person.licence_until.is_none() || day(&person.licence_until).is_some_and(|last| local.date <= last);
    hold(licensed, "P4: nobody is called past the licence of their list", || {
        format!("{}: the licence ended on {:?}", told(), person.licence_until)
    })?;
    hold(person.consent.as_deref() != Some("no"), "P4: nobody is called who refused to be", told)?;
    if !limits.lawful || person.relationship == "contract" {
        return Ok(());
    }
    let given = day(&person.consent_on).filter(|_| person.consent.as_deref() == Some("yes") && person.has_evidence);
    let holds = given.is_some_and(|given| FrenchLaw::consent_holds(edition, given, local.date));
    hold(holds, "P4: nobody is called past their consent", || {
        format!(
            "{}: consent {:?} of {:?}, under {edition:?}, on {}",
            told(),
            person.consent,
            person.consent_on,
            local.date
        )
    })
}
