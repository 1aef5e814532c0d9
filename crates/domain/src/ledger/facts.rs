//! What the hand-out looked at, as it stood at its instant: gathered from the person's record.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::books::{Books, RegisterFile};
use super::record::{AttemptRecord, HandOutRecord, InRegister, PersonRecord, PhoneRecord, SuppressionRecord};
use crate::eligibility::{Facts, Law};
use crate::rules::{LastEvents, RegisterHit, Try};

/// A hand-out among those of its person.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) books: &'a Books,
    pub(super) person: &'a PersonRecord,
    pub(super) phones: &'a [PhoneRecord],
    /// The hand-outs before it, by key.
    pub(super) earlier: &'a [HandOutRecord],
    pub(super) hand_out: &'a HandOutRecord,
    /// Until when a thing had happened that only its instant puts before the hand-out or behind it.
    pub(super) as_of_ms: i64,
}

impl At<'_> {
    /// The facts of the instant, but for the licence.
    pub(super) fn facts(&self, law: &Law, subject: &str) -> Facts {
        let since = law.looks_back_to(instant(self.hand_out.handed_at_ms));
        let earlier = || self.earlier.iter().filter(|one| one.seller == self.hand_out.seller);
        let tries = earlier().filter(|one| self.is_try(one) && instant(one.handed_at_ms) > since);
        Facts {
            suppressed: self.suppressed_by().is_some(),
            hits: self.hits(),
            registers: self.register_days(),
            open_elsewhere_until: None,
            tries: tries.map(|one| self.as_try(one, subject)).collect(),
            last: last_events(earlier().filter_map(|one| one.attempt.as_ref())),
            last_handed_at: earlier().map(|one| instant(one.handed_at_ms)).max(),
            licence_until: None,
        }
    }

    /// One that was handed back as not called counts only where an outcome came in late after all.
    fn is_try(&self, one: &HandOutRecord) -> bool {
        one.ending.as_deref() != Some("returned") || one.late_at_ms.is_some_and(|at| at <= self.as_of_ms)
    }

    fn as_try(&self, one: &HandOutRecord, subject: &str) -> Try {
        Try {
            at: instant(one.handed_at_ms),
            // Those of before subjects were kept count for every subject.
            same_subject: one.subject.is_empty() || one.subject == subject,
            same_number: one.phone_position == self.hand_out.phone_position,
            connected: one.attempt.as_ref().map(|attempt| was_connected(&attempt.class)),
        }
    }

    /// What forbade to call the person, other than a register.
    pub(super) fn suppressed_by(&self) -> Option<&SuppressionRecord> {
        let mut standing = self.person.suppressions.iter().filter(|one| one.register.is_none() && self.holds(one));
        standing.find(|one| self.was_before(one))
    }

    /// Whether it holds for the campaign, on a number that was the person's at the time.
    fn holds(&self, one: &SuppressionRecord) -> bool {
        let mut phones = self.phones.iter();
        let phone = phones.find(|phone| phone.position == one.position);
        one.seller.as_ref().is_none_or(|seller| *seller == self.hand_out.seller)
            && one.campaign.is_none_or(|campaign| campaign == self.hand_out.campaign)
            && phone.is_some_and(|phone| phone.since_ms.is_none_or(|since| since <= self.hand_out.handed_at_ms))
    }

    /// Whether it came before the hand-out: by key where the last hand-out before it is kept. What took the hand-out back came later,
    /// whatever the instants say.
    fn was_before(&self, one: &SuppressionRecord) -> bool {
        let took_it_back =
            self.hand_out.ending.as_deref() == Some("revoked") && self.hand_out.ended_at_ms == Some(one.created_at_ms);
        match one.after_assignment {
            Some(last) => last < self.hand_out.id,
            None => one.created_at_ms < self.as_of_ms && !took_it_back,
        }
    }

    fn hits(&self) -> Vec<RegisterHit> {
        let hit = |one: &SuppressionRecord| {
            let InRegister { register, name, generation } = one.register.as_ref()?;
            let stood = self.holds(one) && one.created_at_ms < self.as_of_ms;
            let file = self.file_of(*register).filter(|(file, _)| file.generation >= *generation);
            stood.then(|| RegisterHit { register: name.clone(), since: file.map(|(_, day)| *day) })
        };
        self.person.suppressions.iter().filter_map(hit).collect()
    }

    /// The file of a register that counted.
    fn file_of(&self, register: i64) -> Option<&(RegisterFile, Date)> {
        let files = self.books.register_files.iter().filter(|(file, _)| file.register == register);
        files.filter(|(file, _)| file.counts_from_ms <= self.as_of_ms).max_by_key(|(file, _)| file.generation)
    }

    fn register_days(&self) -> BTreeMap<String, Date> {
        let mut days: BTreeMap<String, Date> = BTreeMap::new();
        for (file, _) in self.files() {
            let Some((_, as_of)) = self.file_of(file.register) else { continue };
            let day = days.entry(file.name.clone()).or_insert(*as_of);
            *day = (*day).max(*as_of);
        }
        days
    }

    /// The files of every register that holds for the campaign.
    fn files(&self) -> impl Iterator<Item = &(RegisterFile, Date)> {
        self.books.register_files.iter().filter(|(file, _)| {
            file.seller.as_ref().is_none_or(|seller| *seller == self.hand_out.seller)
                && file.campaign.is_none_or(|campaign| campaign == self.hand_out.campaign)
        })
    }

    /// A register has had another file since, whose numbers stand in the place of those that were asked.
    pub(super) fn has_newer_register(&self) -> bool {
        self.files().any(|(file, _)| file.counts_from_ms > self.hand_out.handed_at_ms && file.generation > 1)
    }

    /// A register had a file before the first one that is on record.
    pub(super) fn lacks_register_files(&self) -> bool {
        self.files().any(|(file, _)| {
            let first = self
                .files()
                .filter(|(other, _)| other.register == file.register)
                .all(|(other, _)| other.generation >= file.generation);
            first && file.generation > 1 && file.counts_from_ms > self.hand_out.handed_at_ms
        })
    }
}

fn last_events<'a>(attempts: impl Iterator<Item = &'a AttemptRecord>) -> LastEvents {
    let mut last = LastEvents::default();
    for attempt in attempts {
        let at = Some(instant(attempt.recorded_at_ms));
        match attempt.counts_as.as_str() {
            "refusal" => last.refusal = last.refusal.max(at),
            "objection" => last.objection = last.objection.max(at),
            "abandoned" => last.abandoned = last.abandoned.max(at),
            _ => {}
        }
        if was_connected(&attempt.class) && attempt.counts_as != "abandoned" {
            last.conversation = last.conversation.max(at);
        }
    }
    last
}

/// Whether somebody was reached in an attempt of this class.
fn was_connected(class: &str) -> bool {
    !matches!(class, "no_answer" | "busy" | "machine" | "unreachable")
}

/// A stored instant; one that is out of the calendar's range is at its end.
pub(super) fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
