//! Why a lead is called, or is not.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use relance_domain::assignment::Ending;
use relance_domain::definition::Definition;
use relance_domain::eligibility::{self, Verdict};
use relance_domain::funnel::{self, LaneOpening, Standing, Surroundings};
use relance_domain::lead::LeadState;
use relance_domain::matching;
use relance_domain::reopening::Budget;
use relance_domain::rules::{Findings, ObstacleKind, Place, RuleFinding, RuleKind};
use relance_domain::{AssignmentId, E164, LeadId};
use relance_lists::phone;
use relance_store::StoreError;
use relance_store::claim::Decision;
use relance_store::client::MergedClient;
use relance_store::question::{About, CallInQuestion, LeadInQuestion};
use relance_store::register::Suppression;
use serde::{Deserialize, Serialize};

use crate::orders::cancelled_in_words;
use crate::{Engine, Error, Result};

/// Whom the question is about: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhyQuestion {
    /// A lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// An assignment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<AssignmentId>,
    /// A phone, in international form or as written in `country`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2 code that a national number is read in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The answer, one entry per lead of the person or assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WhyAnswer {
    /// Each lead.
    pub leads: Vec<LeadWhy>,
    /// What keeps the person, or the phone, from being called, for whomever it holds: the oldest first.
    pub suppressions: Vec<Suppression>,
    /// Clients that became one with the person, the oldest merge first.
    pub merged: Vec<MergedClient>,
}

/// Why one lead is called, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeadWhy {
    /// The lead.
    pub lead: LeadId,
    /// The campaign's short name.
    pub campaign: String,
    /// The list's name.
    pub list: String,
    /// The number, masked.
    pub phone: String,
    /// The lead that was asked for, where it became one with this one when two clients were merged.
    pub merged_from: Option<LeadId>,
    /// Where the lead stands: its one blocking reason, or `callable`.
    pub standing: Standing,
    /// The first instant at which that could change, where it is known.
    pub until: Option<Timestamp>,
    /// In a sentence.
    pub sentence: String,
    /// The jurisdictions that the person is in, by number and by address.
    #[schema(value_type = String, example = "FR")]
    pub place: Place,
    /// What each calling rule that applies says now.
    pub rules: Vec<RuleFinding>,
    /// The first instant from now on at which the calling rules let the person be called; absent where time alone does not.
    pub callable_from: Option<Timestamp>,
    /// The only operator who receives it.
    pub reserved_for: Option<String>,
    /// Until when it is kept for `reserved_for`; absent where for good.
    pub reserved_until: Option<Timestamp>,
    /// Why a tariff reopened it.
    pub reopened_because: Option<String>,
    /// What its place among the reopened leads rests on.
    #[schema(
        example = "640 points: 24 % below what they would pay (+240), 3 more met than asked (+225), refused 45 days ago (+175)"
    )]
    pub score_because: Option<String>,
    /// The last time it was handed out, and what that rested on.
    pub last_hand_out: Option<LastHandOut>,
}

/// The last time a lead was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LastHandOut {
    /// The assignment.
    pub assignment: AssignmentId,
    /// To whom.
    pub operator: String,
    /// When.
    pub handed_at: Timestamp,
    /// When it ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub ending: Option<Ending>,
    /// Why it was handed back or taken, in the words of whoever did.
    pub ended_because: Option<String>,
    /// How often the lead was handed back as not called, by whomever.
    pub hand_backs: i64,
    /// What it rested on.
    pub decision: Decision,
}

impl Engine {
    /// Why a lead, an assignment's lead or a phone's leads are called or are not.
    pub async fn why(&self, question: &WhyQuestion) -> Result<WhyAnswer> {
        let about = about(question)?;
        let found = self.store.leads_in_question(&about).await?;
        let suppressions = self.store.suppressions(&about).await?;
        if found.is_empty() && suppressions.is_empty() {
            let (what, which) = match about {
                About::Lead(lead) => ("lead", lead.to_string()),
                About::Assignment(assignment) => ("assignment", assignment.to_string()),
                About::Phone(phone) => ("lead with the phone", phone.masked()),
                About::Client(client) => ("client", client.to_string()),
            };
            return Err(StoreError::not_found(what, which).into());
        }
        let merged = match found.first() {
            Some(lead) => self.store.merged_into(lead.client).await?,
            None => Vec::new(),
        };
        let asked = question.lead;
        let mut leads = Vec::with_capacity(found.len());
        for lead in found {
            let merged_from = asked.filter(|asked| *asked != lead.lead);
            leads.push(LeadWhy { merged_from, ..self.why_lead(lead, &suppressions).await? });
        }
        Ok(WhyAnswer { leads, suppressions, merged })
    }

    async fn why_lead(&self, lead: LeadInQuestion, suppressions: &[Suppression]) -> Result<LeadWhy> {
        let now = self.now();
        let Judged { standing, until, place, rules, obstacle, callable_from } = self.judged(&lead, now).await?;
        let last_hand_out = match lead.last_assignment {
            None => None,
            Some(assignment) => {
                let hand_out = self.store.hand_out(assignment).await?;
                Some(LastHandOut {
                    assignment,
                    operator: hand_out.operator_name,
                    handed_at: hand_out.handed_at,
                    ended_at: hand_out.ended_at,
                    ending: hand_out.ending,
                    ended_because: hand_out.ended_because,
                    hand_backs: hand_out.hand_backs,
                    decision: hand_out.decision,
                })
            }
        };
        let against: Vec<&Suppression> = match standing {
            Standing::Suppressed => {
                suppressions.iter().filter(|s| s.holds_for(&lead.seller, &lead.campaign_name)).collect()
            }
            _ => Vec::new(),
        };
        Ok(LeadWhy {
            lead: lead.lead,
            campaign: lead.campaign_name,
            list: lead.list_name,
            phone: lead.phone_masked,
            merged_from: None,
            standing,
            until,
            sentence: sentence(standing, until, lead.reserved_for.as_deref(), obstacle.as_deref(), &against),
            place,
            rules,
            callable_from: callable_from.filter(|_| standing.is_open()),
            reserved_for: lead.reserved_for,
            reserved_until: lead.reserved_until,
            reopened_because: lead.reopened_because,
            score_because: lead.score_because,
            last_hand_out,
        })
    }

    /// The budget that a lead waits for: its campaign's, or else its tariff's.
    async fn budget_of(&self, lead: &LeadInQuestion, definition: &Definition) -> Result<Option<Budget>> {
        match (&definition.reopening.budget, &lead.reopened_by) {
            (Some(budget), _) => Ok(Some(budget.clone())),
            (None, Some(tariff)) => Ok(self.store.tariff(tariff).await?.tariff.budget()),
            (None, None) => Ok(None),
        }
    }

    /// Over what the person of a lead refused, in words, and before which day no tariff brings them back.
    async fn refused_terms(&self, lead: LeadId, definition: &Definition, now: Timestamp) -> Result<Option<String>> {
        let Some(stands) = self.store.stands_refused(lead).await? else { return Ok(None) };
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let mut told = format!("on {}, {}", day(stands.refused_at), matching::terms(&stands.refusal, definition));
        if let Some((tariff, price)) = &stands.offered {
            told.push_str(&format!("; offered {tariff} for {price}"));
        }
        if let Some(from) = matching::first_day(&stands.refusal, stands.refused_at, definition, day(now)) {
            told.push_str(&format!("; a tariff that meets it is looked for from {from} on"));
        }
        Ok(Some(told))
    }

    /// What the calling rules say of a lead now, and where it therefore stands. One that looks callable is put to the same check as
    /// a hand-out.
    async fn judged(&self, lead: &LeadInQuestion, now: Timestamp) -> Result<Judged> {
        let definition = self.definition(lead.campaign, lead.campaign_version).await?;
        let law = self.law(&definition);
        let call = CallInQuestion::new(lead.lead, definition.subject(), law.looks_back_to(now));
        let person = self.store.person_in_question(&call).await?;
        let callee = person.callee();
        let (place, findings, callable_from) = eligibility::explain(now, &law, &callee, &person.facts);
        let open = Surroundings { campaign: lead.campaign_state, lane: LaneOpening::Open };
        let (mut standing, mut until) = funnel::standing(lead.state, open, now);
        if standing == Standing::Callable {
            let state = match eligibility::decide(now, &law, &callee, &person.facts) {
                Verdict::Callable(_) => lead.state,
                Verdict::Wait { block, until } => LeadState::Scheduled { due_at: until, block },
                Verdict::Never(reason) => LeadState::Closed(reason),
            };
            let lane = match lead.reserved_for {
                Some(_) => LaneOpening::OpenForOne,
                None => LaneOpening::Open,
            };
            (standing, until) = funnel::standing(state, Surroundings { lane, ..open }, now);
            // As in the funnel, a switched-off list is the reason whatever else keeps its people; nobody gets to them.
            let off = Surroundings { lane: LaneOpening::SwitchedOff, ..open };
            if lead.list_weight == Some(0)
                && standing.is_open()
                && funnel::standing(lead.state, off, now).0 == Standing::ListSwitchedOff
            {
                (standing, until) = (Standing::ListSwitchedOff, None);
            }
        }
        let mut obstacle = obstacle(standing, &findings);
        if let (Standing::Budget, Some(ahead)) = (standing, lead.ahead) {
            let budget = self.budget_of(lead, &definition).await?;
            until = budget.as_ref().map(|budget| budget.release_at(now, ahead));
            obstacle = budget.map(|budget| format!("at most {} a day; {ahead} go before it", budget.per_day));
        }
        if standing == Standing::Refused {
            obstacle = self.refused_terms(lead.lead, &definition, now).await?;
        }
        // Of an order that came to nothing the lead's own standing says no word.
        if standing == Standing::Ordered {
            obstacle = self.cancelled_order(lead.lead, &definition).await?;
        }
        if standing == Standing::RetryLater
            && let Some(order) = self.store.cancelled_order(lead.lead).await?.filter(|order| order.reopens_at == until)
        {
            obstacle = Some(cancelled_in_words(&order, &definition));
        }
        Ok(Judged { standing, until, place, rules: findings.rules, obstacle, callable_from })
    }
}

/// What the calling rules say of a lead.
struct Judged {
    standing: Standing,
    until: Option<Timestamp>,
    place: Place,
    rules: Vec<RuleFinding>,
    obstacle: Option<String>,
    callable_from: Option<Timestamp>,
}

fn about(question: &WhyQuestion) -> Result<About> {
    match (question.lead, question.assignment, &question.phone) {
        (Some(lead), None, None) => Ok(About::Lead(lead)),
        (None, Some(assignment), None) => Ok(About::Assignment(assignment)),
        (None, None, Some(text)) => asked_phone(text, question.country.as_deref()).map(About::Phone),
        _ => Err(Error::field("the question", "lead", "name exactly one of lead, assignment and phone")),
    }
}

/// The phone that a question names.
pub(crate) fn asked_phone(text: &str, country: Option<&str>) -> Result<E164> {
    let wrong = |message: String| Error::field("the question", "phone", message);
    if !text.trim().starts_with('+') && country.is_none() {
        return Err(wrong("is a national number: write it with + and the country's code, or name the country".into()));
    }
    // A number in international form is read alike in every country.
    phone::normalise(text, country.unwrap_or("FR")).map_err(|problem| wrong(problem.to_string()))
}

fn sentence(
    standing: Standing,
    until: Option<Timestamp>,
    reserved_for: Option<&str>,
    obstacle: Option<&str>,
    against: &[&Suppression],
) -> String {
    let until = until.filter(|at| *at < Timestamp::MAX).map_or_else(String::new, |at| format!(", until {at}"));
    match (standing, reserved_for) {
        (Standing::Callable, _) => "Callable now: an operator who asks could receive it.".to_owned(),
        (Standing::Reserved, Some(operator)) => format!("Callable now by {operator} alone, for whom it is kept."),
        (Standing::Assigned, _) => "With an operator now.".to_owned(),
        (other, _) => {
            let mut because: Vec<String> = against.iter().map(|suppression| in_words(suppression)).collect();
            because.extend(obstacle.map(str::to_owned));
            let because = if because.is_empty() { String::new() } else { format!(" ({})", because.join("; ")) };
            format!("Not callable: {}{because}{until}.", other.in_words())
        }
    }
}

/// What the calling rules say of the standing that a lead has, with the rule in front where it is one: `FR-HOURS: ...`. A lead that
/// waits for one thing can have something graver in its way meanwhile, which is not what its standing tells.
fn obstacle(standing: Standing, findings: &Findings) -> Option<String> {
    let gravest = findings.obstacle.iter().filter(|obstacle| is_of(obstacle.kind, standing));
    let gravest = gravest.map(|obstacle| (obstacle.rule.as_deref(), obstacle.sentence.as_str()));
    let others = findings.rules.iter().filter(|rule| !rule.passed && is_about(rule.kind, standing));
    let others = others.map(|rule| (Some(rule.id.as_str()), rule.sentence.as_str()));
    let (rule, sentence) = gravest.chain(others).next()?;
    Some(rule.map_or_else(|| sentence.to_owned(), |rule| format!("{rule}: {sentence}")))
}

/// Whether an obstacle is what a standing tells.
fn is_of(kind: ObstacleKind, standing: Standing) -> bool {
    let told = match kind {
        ObstacleKind::NoJurisdiction => Standing::NoJurisdiction,
        ObstacleKind::Banned => Standing::Banned,
        ObstacleKind::RegisterTooOld => Standing::RegisterTooOld,
        ObstacleKind::NoConsent => Standing::NoConsent,
        ObstacleKind::CoolDown => Standing::CoolDown,
        ObstacleKind::AttemptCap => Standing::AttemptCap,
        ObstacleKind::OutsideHours => Standing::OutsideHours,
        // Both are told without the rules.
        ObstacleKind::NoTimeZone | ObstacleKind::Registered => return false,
    };
    told == standing
}

/// Whether rules of a kind can be the reason of a standing.
fn is_about(kind: RuleKind, standing: Standing) -> bool {
    matches!(
        (kind, standing),
        (RuleKind::Ban, Standing::Banned)
            | (RuleKind::Dnc, Standing::RegisterTooOld)
            | (RuleKind::Consent, Standing::NoConsent)
            | (RuleKind::Cooldown, Standing::CoolDown)
            | (RuleKind::Cap, Standing::AttemptCap)
            | (RuleKind::Hours, Standing::OutsideHours)
    )
}

/// Why and since when: `stands in the register bloctel as of 2026-11-01`, `asked by letter, 2026-11-01`.
fn in_words(suppression: &Suppression) -> String {
    let Suppression { reason, since, as_of, .. } = suppression;
    match as_of {
        Some(as_of) => format!("{reason} as of {as_of}"),
        None => format!("{reason}, {}", since.strftime("%Y-%m-%d")),
    }
}
