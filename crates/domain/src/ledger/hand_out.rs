//! One hand-out, decided once more: by the rules and the definition that its decision names, on the facts as they stood.

use jiff::civil::Date;
use serde::Deserialize;

use super::TOGETHER;
use super::books::{Books, Standing};
use super::facts::{At, instant};
use super::found::{Findings, NotJudged, Promise};
use super::record::{ClientRecord, HandOutRecord, LeadRecord, PersonRecord, PhoneRecord};
use crate::campaign::state::CampaignState;
use crate::definition::Definition;
use crate::eligibility::{self, Callee, Clearance, Facts, Law, Verdict};
use crate::lead::{Block, ClosedReason};
use crate::list::ListedConsent;
use crate::rules::{Relationship, RuleFinding, Whereabouts};
use crate::{Money, ZoneName};

/// What of a decision is decided once more.
#[derive(Deserialize)]
struct Decided {
    definition_version: i64,
    clearance: Clearance,
    licence_until: Option<Date>,
    consent_basis: Option<String>,
    reopening: Option<DecidedReopening>,
}

#[derive(Deserialize)]
struct DecidedReopening {
    id: i64,
    tariff: String,
    price: Money,
}

/// Judges the hand-out at a place among its person's.
pub(super) fn judge(person: &PersonRecord, place: usize, books: &Books, found: &mut Findings) {
    let one = &person.hand_outs[place];
    campaign_ran(one, books, found);
    found.check(Promise::P5, "hand-outs, each against its decision, its lead and its reopening");
    let Ok(decided) = serde_json::from_str::<Decided>(&one.decision) else {
        return found.violation(Promise::P5, "assignment", one.id, "its decision cannot be read");
    };
    reopened(one, &decided, books, found);
    let Some(lead) = its_lead(person, one, found) else { return };
    let Some(client) = &person.record else {
        return found.violation(Promise::P5, "assignment", one.id, "its client is not there");
    };
    let Some((definition, law)) = what_decided(one, &decided, books, found) else { return };
    let since = if client.erased_at_ms.is_some() {
        Some(NotJudged::Erased)
    } else if client.merged_at_ms.is_some_and(|at| at >= one.handed_at_ms) {
        Some(NotJudged::Merged)
    } else if dialled(client, one).is_none() {
        Some(NotJudged::NumberGone)
    } else {
        None
    };
    match since {
        Some(why) => found.cannot_judge(Promise::P4, why),
        None => Replay { person, place, books, client, lead, definition, law, decided: &decided }.judge(found),
    }
}

/// A campaign that does not run hands nobody out, and its present definition decides.
fn campaign_ran(one: &HandOutRecord, books: &Books, found: &mut Findings) {
    found.check(Promise::P4, "hand-outs, each against the state and version of its campaign");
    match books.standing(one.campaign, one.id) {
        Standing::NotKept => found.cannot_judge(Promise::P4, NotJudged::CampaignStatesNotKept),
        Standing::Kept(Some(CampaignState::Running), version) if version == one.campaign_version => {}
        Standing::Kept(Some(CampaignState::Running), version) => {
            let what = format!("version {version} of its campaign was in force, and it names {}", one.campaign_version);
            found.violation(Promise::P4, "assignment", one.id, what);
        }
        Standing::Kept(..) => {
            found.violation(Promise::P4, "assignment", one.id, "it was handed out while its campaign did not run");
        }
    }
}

/// The tariff that brought the lead back, and its price.
fn reopened(one: &HandOutRecord, decided: &Decided, books: &Books, found: &mut Findings) {
    let mut wrong = |promise, what| found.violation(promise, "assignment", one.id, what);
    match (one.reopening, one.reopened) {
        (None, _) => {}
        (Some(_), None) => wrong(Promise::P7, "the reopening that it names is not there"),
        (Some(_), Some((lead, ..))) if lead != one.lead => {
            wrong(Promise::P7, "the reopening that it names is another lead's");
        }
        (Some(_), Some((_, at, _))) if at > one.handed_at_ms.saturating_add(TOGETHER.seconds() * 1_000) => {
            wrong(Promise::P7, "it was handed out before the reopening that it names");
        }
        _ => {}
    }
    let says = decided.reopening.as_ref();
    let told = one.reopening.filter(|_| !one.reopening_untold);
    if says.map(|reopening| reopening.id) != told {
        return wrong(Promise::P5, "its decision names another reopening than the assignment");
    }
    let (Some(says), Some((.., tariff))) = (says, one.reopened) else { return };
    let offered = books.tariffs.get(&tariff);
    if offered.is_none_or(|offered| offered.tariff.tariff != says.tariff || offered.tariff.price != says.price) {
        wrong(Promise::P5, "its decision names another tariff or price than its reopening");
    }
}

fn its_lead<'a>(person: &PersonRecord, one: &'a HandOutRecord, found: &mut Findings) -> Option<&'a LeadRecord> {
    let mut wrong = |what| found.violation(Promise::P5, "assignment", one.id, what);
    let Some(lead) = &one.lead_now else {
        wrong("its lead is not there");
        return None;
    };
    if lead.client != person.client || lead.campaign != one.campaign || (lead.list != one.list && !lead.is_merged) {
        wrong("its lead is another client's, campaign's or list's");
        return None;
    }
    Some(lead)
}

/// The definition and the rules that the decision names.
fn what_decided<'a>(
    one: &HandOutRecord,
    decided: &Decided,
    books: &'a Books,
    found: &mut Findings,
) -> Option<(&'a Definition, &'a Law)> {
    let mut wrong = |what: String| found.violation(Promise::P5, "assignment", one.id, what);
    if decided.definition_version != one.campaign_version {
        wrong("its decision names another version of the campaign than the assignment".to_owned());
        return None;
    }
    let version = one.campaign_version;
    let Some(definition) = books.definition(one.campaign, version) else {
        wrong(format!("version {version} of its campaign, which it names, is not kept"));
        return None;
    };
    let set = &decided.clearance.rule_set;
    let law = books.law(one.campaign, version, set);
    if law.is_none() {
        wrong(format!(
            "the calling rules {set:?}, which it names, are not kept as they were, or do not bind its campaign"
        ));
    }
    Some((definition, law?))
}

/// The number that was dialled, where it is still the client's. A position that is no more fell back to the first number.
fn dialled<'a>(client: &'a ClientRecord, one: &HandOutRecord) -> Option<&'a PhoneRecord> {
    let phone = client.phones.iter().find(|phone| phone.position == one.phone_position)?;
    phone.since_ms.is_none_or(|since| since <= one.handed_at_ms).then_some(phone)
}

/// A hand-out to be decided once more.
struct Replay<'a> {
    person: &'a PersonRecord,
    place: usize,
    books: &'a Books,
    client: &'a ClientRecord,
    lead: &'a LeadRecord,
    definition: &'a Definition,
    law: &'a Law,
    decided: &'a Decided,
}

/// What came of it.
enum Again {
    /// The call might be made, for the reasons that the decision gives.
    Agrees,
    /// It might be made, for other reasons.
    Differs(String),
    /// It might not.
    Forbidden(String),
}

impl Replay<'_> {
    fn judge(&self, found: &mut Findings) {
        let one = self.one();
        found.check(Promise::P4, "hand-outs, decided once more by the rules of their instant");
        let zone: Option<ZoneName> = match self.client.time_zone.as_deref().map(str::parse) {
            None => None,
            Some(Ok(zone)) => Some(zone),
            Some(Err(_)) => return found.cannot_judge(Promise::P4, NotJudged::ZoneUnknown),
        };
        let apart_ms = TOGETHER.seconds() * 1_000;
        let at = |as_of_ms| self.decide(zone.as_ref(), as_of_ms);
        let again = at(one.handed_at_ms);
        if matches!(again, Again::Agrees) {
            return self.not_wholly(found);
        }
        if [-apart_ms, apart_ms].into_iter().any(|by| matches!(at(one.handed_at_ms.saturating_add(by)), Again::Agrees))
        {
            return found.cannot_judge(Promise::P4, NotJudged::Together);
        }
        let changed = self.client.changed_at_ms.max(self.books.undone_at_ms);
        if changed.is_some_and(|at| at.saturating_add(apart_ms) >= one.handed_at_ms) {
            return found.cannot_judge(Promise::P4, NotJudged::AddressChanged);
        }
        match again {
            Again::Agrees => {}
            Again::Differs(what) => found.violation(Promise::P5, "assignment", one.id, what),
            Again::Forbidden(what) => found.violation(Promise::P4, "assignment", one.id, what),
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

    fn decide(&self, zone: Option<&ZoneName>, as_of_ms: i64) -> Again {
        let Some(number) = dialled(self.client, self.one()) else { return Again::Agrees };
        let Ok((callee, licence_until)) = self.callee(zone, number) else {
            return Again::Differs("what its lead or its list says of consent or licence cannot be read".to_owned());
        };
        let at = self.at(as_of_ms);
        let facts = Facts { licence_until, ..at.facts(self.law, self.definition.subject()) };
        match eligibility::decide(instant(self.one().handed_at_ms), self.law, &callee, &facts) {
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
            Verdict::Wait { block, .. } => Again::Forbidden(self.wait(&callee, &facts, block)),
        }
    }

    /// The person as the law looked at them.
    fn callee<'b>(
        &'b self,
        zone: Option<&'b ZoneName>,
        number: &'b PhoneRecord,
    ) -> Result<(Callee<'b>, Option<Date>), ()> {
        let day = |text: &Option<String>| text.as_deref().map(str::parse::<Date>).transpose().map_err(|_| ());
        let said = ListedConsent {
            given: self.lead.consent.as_deref().map(|word| word == "yes"),
            on: day(&self.lead.consent_on)?,
            wording: self.lead.consent_wording.clone(),
            hours_waiver: self.lead.hours_waiver.as_deref().map(|word| word == "yes"),
        };
        let region = self.client.region.as_deref();
        let relationship: Relationship = super::books::word(&self.lead.relationship).ok_or(())?;
        let callee = Callee {
            whereabouts: Whereabouts { number: &number.number, country: &self.client.country, region },
            zone,
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

    fn wait(&self, callee: &Callee<'_>, facts: &Facts, block: Block) -> String {
        let handed_at = instant(self.one().handed_at_ms);
        let (_, findings, _) = eligibility::explain(handed_at, self.law, callee, facts);
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
