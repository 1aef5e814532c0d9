//! Candidates: locked and read as they stand now, all that were foreseen at once, and put to the law one by one.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use relance_domain::eligibility::{self, Callee, Verdict};
use relance_domain::fault::{self, Fault};
use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::list::ListedConsent;
use relance_domain::phone;
use relance_domain::rules::Whereabouts;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{ClientId, LeadId, ReopeningId, ZoneName};
use relance_store::Result;
use relance_store::claim::{ReopeningDecision, RunningCampaign};

use super::asking::promises_due_ms;
use super::facts::{self, Known, Person, RegisterDays};
use super::floor::Candidate;
use super::numbers::{self, LeadOf, Number};
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
pub(super) struct CandidateRow {
    pub(super) id: i64,
    pub(super) client_id: i64,
    pub(super) list_id: i64,
    state: String,
    due_at_ms: i64,
    block: Option<String>,
    closed_reason: Option<String>,
    pub(super) priority: i64,
    pub(super) reopening_id: Option<i64>,
    pub(super) reserved_for: Option<i64>,
    phone: String,
    phone_wrong: bool,
    country: String,
    region: Option<String>,
    time_zone: Option<String>,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    hours_waiver: Option<String>,
    relationship: String,
    pub(super) source: String,
    pub(super) consent_basis: Option<String>,
    pub(super) licence_until: Option<String>,
}

/// A candidate that this transaction holds, with all that decides about a call.
pub(super) struct Held {
    pub(super) row: CandidateRow,
    pub(super) state: LeadState,
    pub(super) reopening: Option<ReopeningDecision>,
    known: Known,
    /// The person's numbers, where there is more than one.
    numbers: Vec<Number>,
}

/// Holds those of the candidates that are still in the queue and with nobody else, and reads what decides about them.
pub(super) async fn hold(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    campaigns: &[std::sync::Arc<RunningCampaign>],
    candidates: &[Candidate],
    now: Timestamp,
) -> Result<HashMap<LeadId, Held>> {
    let leads: BTreeSet<LeadId> = candidates.iter().map(|candidate| candidate.head.lead).collect();
    let rows = sqlx::query_as::<Engine, CandidateRow>(dialect::LOCK_CANDIDATES)
        .bind(to_json(&leads))
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let of_lead: HashMap<LeadId, &RunningCampaign> =
        candidates.iter().map(|candidate| (candidate.head.lead, campaigns[candidate.campaign].as_ref())).collect();
    let person = |row: &'_ CandidateRow| {
        let campaign = of_lead[&LeadId(row.id)];
        (ClientId(row.client_id), campaign)
    };
    let people: Vec<Person<'_>> = rows
        .iter()
        .map(|row| {
            let (client, campaign) = person(row);
            Person {
                client,
                phone: &row.phone,
                seller: &campaign.definition.seller,
                campaign: campaign.id,
                tries_since: campaign.law.looks_back_to(now),
            }
        })
        .collect();
    let known = facts::of(&mut *connection, keys, &people).await?;
    let several = rows.iter().zip(&known).filter(|(_, known)| known.has_further_phones());
    let several: Vec<LeadOf> = several.map(|(row, _)| LeadOf { lead: row.id, client: row.client_id }).collect();
    let mut numbers = numbers::of(&mut *connection, &several).await?;
    let reopenings = reopenings(connection, rows.iter().filter_map(|row| row.reopening_id), now).await?;
    let held = rows.into_iter().zip(known).map(|(row, known)| {
        let (due_at_ms, block, closed) = (row.due_at_ms, row.block.as_deref(), row.closed_reason.as_deref());
        let state = Origin::new("lead", row.id).lead_state(&row.state, due_at_ms, block, closed)?;
        let reopening = row.reopening_id.and_then(|id| reopenings.get(&id).cloned());
        let numbers = numbers.remove(&LeadId(row.id)).unwrap_or_default();
        Ok((LeadId(row.id), Held { row, state, reopening, known, numbers }))
    });
    held.collect()
}

/// What reopened leads; nothing of those who are called without being offered it.
async fn reopenings(
    connection: &mut Connection,
    wanted: impl Iterator<Item = i64>,
    now: Timestamp,
) -> Result<HashMap<i64, ReopeningDecision>> {
    let wanted: BTreeSet<i64> = wanted.collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, (i64, String, String, String)>(concat!(
        "-- claim: which tariffs reopened the leads
        SELECT reopening.id, tariff.tariff, tariff_version.definition, reopening.because
        FROM ",
        dialect::sent!("$1"),
        " JOIN reopening ON reopening.id = CAST(sent.value AS BIGINT) JOIN tariff ON tariff.id = reopening.tariff_id
        JOIN tariff_version ON tariff_version.tariff_id = reopening.tariff_id AND tariff_version.version = reopening.tariff_version
        WHERE reopening.hold_out IS NULL OR reopening.hold_out <> 'without_offer' OR reopening.hold_out_until_ms <= $2"
    ))
    .bind(to_json(&wanted))
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let decision = |(id, tariff, definition, because): (i64, String, String, String)| {
        let offer: relance_domain::tariff::Tariff = Origin::new("reopening", id).json("definition", &definition)?;
        Ok((id, ReopeningDecision { id: ReopeningId(id), tariff, price: offer.price, because }))
    };
    rows.into_iter().map(decision).collect()
}

/// The number that would be dialled.
struct Dialled<'a> {
    position: i64,
    number: &'a str,
}

impl Held {
    /// Whether the lead is still where the search saw it: a promise may have been put off meanwhile.
    pub(super) fn is_still(&self, candidate: &Candidate, now: Timestamp) -> bool {
        match (candidate.promise, self.state) {
            (Some(_), LeadState::Scheduled { block: Block::Callback, due_at }) => {
                due_at.as_millisecond() <= promises_due_ms(now)
            }
            (Some(_), _) => false,
            (None, state) => state == LeadState::Ready,
        }
    }

    /// What the law says of a call now, and of which number: the first in turn that may be called; where none may, the one that
    /// may be called first. Whose numbers are all somebody else's is called no more. `open_until` is the end of a lease that the person got meanwhile.
    pub(super) fn verdict(
        &self,
        candidate: &Candidate,
        campaign: &RunningCampaign,
        days: &RegisterDays,
        open_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(Verdict, i64)> {
        // A zone that this node's time-zone database does not know is one that nobody knows here.
        let zone: Option<ZoneName> = self.row.time_zone.as_deref().and_then(|zone| zone.parse().ok());
        let zone = if fault::is_on(Fault::ZoneOfCampaign) {
            campaign.definition.calling.default_time_zone.clone()
        } else {
            zone
        };
        let list = Origin::new("list", self.row.list_id);
        let licence_until = list.parse_some("licence_until", self.row.licence_until.as_deref())?;
        let licence_until = fault::forgets(Fault::LicenceIgnored, licence_until);
        let mut held: Option<(Block, Timestamp, i64)> = None;
        for phone in self.in_turn(candidate) {
            let mut facts = self.known.facts(campaign.definition.subject(), phone.position);
            facts.registers.clone_from(days);
            facts.licence_until = licence_until;
            facts.open_elsewhere_until = facts.open_elsewhere_until.or(open_until);
            match eligibility::decide(now, &campaign.law, &self.callee(zone.as_ref(), &phone)?, &facts) {
                Verdict::Wait { block, until } => {
                    if held.is_none_or(|(_, earliest, _)| until < earliest) {
                        held = Some((block, until, phone.position));
                    }
                }
                decided => return Ok((decided, phone.position)),
            }
        }
        Ok(match held {
            Some((block, until, position)) => (Verdict::Wait { block, until }, position),
            // Found in a call for another campaign, or the right number went with a list that was taken back.
            None => (Verdict::Never(ClosedReason::WrongNumber), 0),
        })
    }

    /// The person as the law looks at them, on the number that would be dialled.
    fn callee<'a>(&'a self, zone: Option<&'a ZoneName>, phone: &'a Dialled<'_>) -> Result<Callee<'a>> {
        let row = &self.row;
        let (lead, list) = (Origin::new("lead", row.id), Origin::new("list", row.list_id));
        let said = ListedConsent {
            given: row.consent.as_deref().map(|word| word == "yes"),
            on: lead.parse_some("consent_on", row.consent_on.as_deref())?,
            wording: row.consent_wording.clone(),
            hours_waiver: row.hours_waiver.as_deref().map(|word| word == "yes"),
        };
        Ok(Callee {
            whereabouts: Whereabouts { number: phone.number, country: &row.country, region: row.region.as_deref() },
            zone,
            consent: said.for_rules(row.consent_basis.is_some()),
            relationship: list.word("relationship", &row.relationship)?,
        })
    }

    /// The client's numbers in the order in which they are tried, but for those that are somebody else's: the one on which the call
    /// was promised and no other, else by turns.
    fn in_turn(&self, candidate: &Candidate) -> Vec<Dialled<'_>> {
        if self.numbers.is_empty() {
            let only = Dialled { position: 0, number: &self.row.phone };
            return if self.row.phone_wrong { Vec::new() } else { vec![only] };
        }
        let mut tried: Vec<_> = self.numbers.iter().map(|number| number.tried).collect();
        tried.retain(|number| !number.wrong);
        if let Some(promise) = candidate.promise
            && tried.iter().any(|number| number.position == promise.phone_position)
        {
            tried.retain(|number| number.position == promise.phone_position);
        }
        let mut in_turn = Vec::new();
        while !tried.is_empty() {
            let position = phone::turn(&tried);
            tried.retain(|number| number.position != position);
            let number = self.numbers.iter().find(|number| number.tried.position == position);
            in_turn.push(Dialled { position, number: number.map_or(&self.row.phone, |number| &number.phone) });
        }
        in_turn
    }
}
