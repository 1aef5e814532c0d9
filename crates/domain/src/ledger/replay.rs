//! A hand-out that is decided once more on the facts of its instant, and what is made of the answer.

use jiff::civil::Date;

use super::TOGETHER;
use super::books::Books;
use super::facts::{At, instant};
use super::found::{Findings, NotJudged, Promise};
use super::hand_out::Decided;
use super::record::{ClientRecord, HandOutRecord, LeadRecord, PersonRecord, PhoneRecord};
use crate::ZoneName;
use crate::definition::Definition;
use crate::eligibility::{self, Callee, Clearance, Facts, Law, Verdict};
use crate::lead::{Block, ClosedReason};
use crate::list::ListedConsent;
use crate::rules::{Place, Relationship, RuleFinding, Whereabouts};

/// A hand-out to be decided once more.
pub(super) struct Replay<'a> {
    pub(super) person: &'a PersonRecord,
    pub(super) place: usize,
    pub(super) books: &'a Books,
    pub(super) client: &'a ClientRecord,
    pub(super) lead: &'a LeadRecord,
    /// The number that was dialled, where it is still the client's.
    pub(super) number: Option<&'a PhoneRecord>,
    pub(super) definition: &'a Definition,
    pub(super) law: &'a Law,
    pub(super) decided: &'a Decided,
}

/// Where the person was, and by which clock they lived.
struct Home {
    place: Place,
    zone: Option<ZoneName>,
}

/// What came of it.
enum Again {
    /// The call might be made, for the reasons that the decision gives.
    Agrees,
    /// It might have been made a moment earlier or later, for these reasons.
    Together,
    /// It might be made, for other reasons.
    Differs(String),
    /// It might not.
    Forbidden(String),
}

impl Replay<'_> {
    pub(super) fn judge(&self, found: &mut Findings) {
        found.check(Promise::P4, "hand-outs, decided once more by the rules of their instant");
        let Some(number) = self.number else { return self.judge_as_decided(NotJudged::NumberGone, found) };
        let zone: Option<ZoneName> = match self.client.time_zone.as_deref().map(str::parse) {
            None => None,
            Some(Ok(zone)) => Some(zone),
            Some(Err(_)) => return found.cannot_judge(Promise::P4, NotJudged::ZoneUnknown),
        };
        let whereabouts = Whereabouts {
            number: &number.number,
            country: &self.client.country,
            region: self.client.region.as_deref(),
        };
        let home = Home { place: self.law.place(&whereabouts), zone };
        match self.decide(&home) {
            Again::Agrees => self.not_wholly(found),
            Again::Differs(_) | Again::Forbidden(_) if self.moved_since() => {
                self.judge_as_decided(NotJudged::AddressChanged, found);
            }
            again => self.tell(again, found),
        }
    }

    /// Where the person was is not on record any more: they may have been where the decision says. Nothing else is excused by it,
    /// neither a suppression nor a licence, a cap or a cool-down.
    fn judge_as_decided(&self, why: NotJudged, found: &mut Findings) {
        let Clearance { place, time_zone, .. } = &self.decided.clearance;
        match self.decide(&Home { place: place.clone(), zone: Some(time_zone.clone()) }) {
            Again::Agrees | Again::Together => found.cannot_judge(Promise::P4, why),
            again => self.tell(again, found),
        }
    }

    /// A list may have changed or given back the person's address or zone since. Which list had changed whom is not kept once it is
    /// taken back.
    fn moved_since(&self) -> bool {
        let handed_at_ms = self.one().handed_at_ms;
        let changed = self.client.changed_at_ms;
        changed.is_some_and(|at| at.saturating_add(TOGETHER.seconds() * 1_000) >= handed_at_ms)
            || self.books.undone_since(handed_at_ms)
    }

    fn tell(&self, again: Again, found: &mut Findings) {
        let id = self.one().id;
        match again {
            Again::Agrees => {}
            Again::Together => found.cannot_judge(Promise::P4, NotJudged::Together),
            Again::Differs(what) => found.violation(Promise::P5, "assignment", id, what),
            Again::Forbidden(what) => found.violation(Promise::P4, "assignment", id, what),
        }
    }

    /// What was asked of registers is told by their present files only.
    fn not_wholly(&self, found: &mut Findings) {
        let at = self.at(self.one().handed_at_ms);
        if at.lacks_register_files() {
            found.cannot_judge(Promise::P4, NotJudged::RegisterFilesNotKept);
        } else if at.has_newer_register() {
            found.cannot_judge(Promise::P4, NotJudged::RegisterReplaced);
        }
    }

    fn one(&self) -> &HandOutRecord {
        &self.person.hand_outs[self.place]
    }

    fn at(&self, as_of_ms: i64) -> At<'_> {
        At {
            books: self.books,
            person: self.person,
            phones: &self.client.phones,
            earlier: &self.person.hand_outs[..self.place],
            hand_out: self.one(),
            as_of_ms,
        }
    }

    /// Decides as of the instant, or as of a moment before or behind it: of what instants alone tell, either may have come first.
    fn decide(&self, home: &Home) -> Again {
        let handed_at_ms = self.one().handed_at_ms;
        let at = |by: i64| self.decide_as_of(home, handed_at_ms.saturating_add(by));
        let apart_ms = TOGETHER.seconds() * 1_000;
        match at(0) {
            Again::Agrees => Again::Agrees,
            _ if [-apart_ms, apart_ms].into_iter().any(|by| matches!(at(by), Again::Agrees)) => Again::Together,
            again => again,
        }
    }

    fn decide_as_of(&self, home: &Home, as_of_ms: i64) -> Again {
        let Ok((callee, licence_until)) = self.callee(home) else {
            return Again::Differs("what its lead or its list says of consent or licence cannot be read".to_owned());
        };
        let at = self.at(as_of_ms);
        let facts = Facts { licence_until, ..at.facts(self.law, self.definition.subject()) };
        match eligibility::decide_in(instant(self.one().handed_at_ms), self.law, &home.place, &callee, &facts) {
            Verdict::Callable(clearance) => {
                let of_list = licence_until != self.decided.licence_until
                    || self.lead.consent_basis != self.decided.consent_basis;
                let other = of_list.then(|| "it says other than its list of licence or basis of consent".to_owned());
                let differs = difference(&clearance, &self.decided.clearance).or(other);
                differs.map_or(Again::Agrees, |what| {
                    Again::Differs(format!("its decision is not that of the facts: {what}"))
                })
            }
            Verdict::Never(reason) => Again::Forbidden(self.never(&at, reason)),
            Verdict::Wait { block, .. } => Again::Forbidden(self.wait(home, &callee, &facts, block)),
        }
    }

    /// The person as the law looked at them.
    fn callee<'b>(&'b self, home: &'b Home) -> Result<(Callee<'b>, Option<Date>), ()> {
        let day = |text: &Option<String>| text.as_deref().map(str::parse::<Date>).transpose().map_err(|_| ());
        let said = ListedConsent {
            given: self.lead.consent.as_deref().map(|word| word == "yes"),
            on: day(&self.lead.consent_on)?,
            wording: self.lead.consent_wording.clone(),
            hours_waiver: self.lead.hours_waiver.as_deref().map(|word| word == "yes"),
        };
        let relationship: Relationship = super::books::word(&self.lead.relationship).ok_or(())?;
        let number = self.number.map_or("", |number| &number.number);
        let callee = Callee {
            whereabouts: Whereabouts { number, country: &self.client.country, region: self.client.region.as_deref() },
            zone: home.zone.as_ref(),
            consent: said.for_rules(self.lead.consent_basis.is_some()),
            relationship,
        };
        Ok((callee, day(&self.lead.licence_until)?))
    }

    fn never(&self, at: &At<'_>, reason: ClosedReason) -> String {
        match (reason, at.suppressed_by()) {
            (ClosedReason::Suppressed, Some(by)) => {
                format!("it was handed out after the person was suppressed (row {} of suppression)", by.id)
            }
            (ClosedReason::Suppressed, None) => {
                "it was handed out while a number of the person stood in a do-not-call register".to_owned()
            }
            (ClosedReason::Expired, _) => "it was handed out after the licence of its list had ended".to_owned(),
            (other, _) => format!("it was handed out and should have been closed as {}", other.as_str()),
        }
    }

    fn wait(&self, home: &Home, callee: &Callee<'_>, facts: &Facts, block: Block) -> String {
        let handed_at = instant(self.one().handed_at_ms);
        let (findings, _) = eligibility::explain_in(handed_at, self.law, &home.place, callee, facts);
        let obstacle = findings.obstacle.map(|obstacle| {
            let rule = obstacle.rule.map(|rule| format!("{rule}: ")).unwrap_or_default();
            format!(": {rule}{}", obstacle.sentence)
        });
        format!("it was handed out against {}{}", block.as_str(), obstacle.unwrap_or_default())
    }
}

/// What one clearance says and the other does not. Sentences may be worded otherwise by another version of the program.
fn difference(again: &Clearance, decided: &Clearance) -> Option<String> {
    let differs = [
        ("profile", again.profile != decided.profile),
        ("demonstration", again.demonstration != decided.demonstration),
        ("place", again.place != decided.place),
        ("time zone", again.time_zone != decided.time_zone),
        ("local time", again.local_time != decided.local_time),
        ("window", again.window != decided.window),
        ("consent", again.consent != decided.consent),
        ("relationship", again.relationship != decided.relationship),
    ];
    let mut names: Vec<&str> = differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect();
    let said = |finding: &RuleFinding| (finding.id.clone(), finding.kind, finding.passed, finding.until, finding.used);
    let (mut one, mut other): (Vec<_>, Vec<_>) =
        (again.rules.iter().map(said).collect(), decided.rules.iter().map(said).collect());
    one.sort_by(|a, b| a.0.cmp(&b.0));
    other.sort_by(|a, b| a.0.cmp(&b.0));
    if one != other {
        names.push("what each rule found");
    }
    (!names.is_empty()).then(|| format!("it says otherwise of {}", names.join(", ")))
}
