//! Leads to call, and what became of calls.

use jiff::SignedDuration;
use relance_scheduler::{LeadAnswer, NextAnswer, NobodyAnswer, Offer, OpenPromise, OrderFieldAsked, RecordedOutcome};
use relance_store::claim::{Decision, EarlierTry};

use super::{DEMONSTRATION, facts, features, indented, instant, listed, perhaps, sections, table};

/// A lead to call, or why there is none.
pub(crate) fn next(answer: &NextAnswer) -> String {
    match answer {
        NextAnswer::Lead(lead) => self::lead(lead),
        NextAnswer::Nobody(nobody) => self::nobody(nobody),
    }
}

fn nobody(nobody: &NobodyAnswer) -> String {
    let rows = nobody.reasons.iter().map(|at| vec![at.leads.to_string(), at.in_words.clone(), perhaps(at.next_at)]);
    let rows = if nobody.reasons.is_empty() {
        String::new()
    } else {
        table(&["leads>", "where they stand", "next change"], rows)
    };
    sections([nobody.because.clone(), rows])
}

fn lead(lead: &LeadAnswer) -> String {
    let head = facts(&[
        ("call", dialled(&lead.phone, lead.extension.as_deref())),
        ("or", listed(lead.other_phones.iter().map(|other| dialled(&other.phone, other.extension.as_deref())))),
        ("lead", format!("{} of {}", lead.lead, lead.campaign)),
        ("assignment", format!("{}, for {} until {}", lead.assignment, lead.operator, instant(lead.lease_until))),
        ("token", lead.token.clone()),
        ("why", lead.because.clone()),
    ]);
    let client: Vec<_> = lead.client.iter().map(|field| (field.label.as_str(), field.value.clone())).collect();
    let attributes: Vec<_> = lead.attributes.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let reasons = lead.reasons.iter().map(|reason| match reason.asks.as_slice() {
        [] => reason.code.clone(),
        asks => {
            let if_known = |detail| if reason.optional.contains(detail) { " if known" } else { "" };
            let asks: Vec<_> = asks.iter().map(|detail| format!("{}{}", detail.as_str(), if_known(detail))).collect();
            format!("{} ({})", reason.code, asks.join(", "))
        }
    });
    let may_record = facts(&[
        ("dispositions", listed(lead.dispositions.iter().map(|d| coded(&d.code, d.class.as_str())))),
        ("refusal reasons", listed(reasons)),
        ("order form", listed(lead.order_form.iter().map(form_field))),
    ]);
    let terms = &lead.order_terms;
    let visit = terms.appointment.as_ref().map(|visit| {
        let due = visit.amount_due.map(|due| format!(", {due} on the spot")).unwrap_or_default();
        let days = format!("in {} to {} days", visit.earliest_days, visit.latest_days);
        format!("{}: {days}, {}{due}{}", visit.label, visit.windows.join(" | "), only_with(visit.only_with.as_ref()))
    });
    let told =
        terms.told.iter().map(|told| format!("{}: {}{}", told.code, told.label, only_with(told.only_with.as_ref())));
    let with_order = facts(&[
        ("visit", visit.unwrap_or_default()),
        ("account", terms.account.clone().unwrap_or_default()),
        ("tell the client", told.collect::<Vec<_>>().join("\n")),
        ("checks", terms.checks.join("\n")),
    ]);
    let draft = lead.order_draft.as_ref().map(|draft| super::orders::draft(Some(draft))).unwrap_or_default();
    let note = if lead.decision.clearance.demonstration { DEMONSTRATION.to_owned() } else { String::new() };
    sections([
        head,
        titled("Client", &facts(&client)),
        titled("From the list", &facts(&attributes)),
        titled("Script", &lead.script),
        titled("Offers", &lead.offers.iter().map(offer).collect::<Vec<_>>().join("\n")),
        titled("Earlier tries", &lead.history.iter().map(earlier).collect::<Vec<_>>().join("\n")),
        titled("To be recorded", &may_record),
        titled("With an order", &with_order),
        titled("Typed so far", &draft),
        titled("Why this call is allowed", &decision(&lead.decision)),
        note,
    ])
}

/// A number and what to dial when it is answered.
fn dialled(phone: &str, extension: Option<&str>) -> String {
    extension.map_or_else(|| phone.to_owned(), |extension| format!("{phone}, then {extension}"))
}

/// A code with the class it belongs to, where the code does not say it.
pub(super) fn coded(code: &str, class: &str) -> String {
    if code == class { code.to_owned() } else { format!("{code} ({class})") }
}

/// A title and, moved to the right, what stands under it; nothing where there is nothing.
pub(super) fn titled(title: &str, text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("{title}\n{}", indented(text)) }
}

fn only_with(offers: Option<&Vec<String>>) -> String {
    match offers.map(Vec::as_slice) {
        None => String::new(),
        Some([]) => " (with none of these offers)".to_owned(),
        Some(offers) => format!(" (with {} only)", offers.join(", ")),
    }
}

fn form_field(field: &OrderFieldAsked) -> String {
    let choices = if field.choices.is_empty() { field.kind.clone() } else { field.choices.join(" | ") };
    let needed = match (&field.prefilled, field.required) {
        (Some(_), _) => ", filled in",
        (None, true) => ", needed",
        (None, false) => "",
    };
    format!("{} ({choices}{needed}){}", field.name, only_with(field.only_with.as_ref()))
}

fn offer(offer: &Offer) -> String {
    let fees = offer.fees.iter().map(|fee| format!(", {} {}", fee.name, fee.amount)).collect::<String>();
    let features = features(&offer.features).iter().map(|feature| format!("; {feature}")).collect::<String>();
    format!("{}: {}, {} per {}{fees}{features}", offer.tariff, offer.name, offer.price, offer.per)
}

fn earlier(earlier: &EarlierTry) -> String {
    let reason = earlier.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let note = earlier.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    format!("{}, {}: {}{reason}{note}", instant(earlier.at), earlier.operator, earlier.disposition)
}

/// What a hand-out rests on.
pub(super) fn decision(decision: &Decision) -> String {
    let clearance = &decision.clearance;
    let caps = clearance.rules.iter().filter_map(|rule| {
        let used = rule.used?;
        Some(format!("{} of {} tries by {}", used.used, used.max, rule.id))
    });
    let by = match clearance.rule_set.as_str() {
        "" => "none".to_owned(),
        version => {
            format!("{version} in {}: {}", clearance.place, listed(clearance.rules.iter().map(|rule| rule.id.clone())))
        }
    };
    let licence = decision.licence_until.map(|date| format!(", licence until {date}")).unwrap_or_default();
    let consent = decision.consent_basis.as_ref().map(|basis| format!(", consent: {basis}")).unwrap_or_default();
    let reopened = decision.reopening.as_ref();
    facts(&[
        ("local time", format!("{} in {}", clearance.local_time, clearance.time_zone)),
        ("permitted", format!("{}, profile {}", clearance.window, clearance.profile)),
        ("caps", listed(caps)),
        ("rules", by),
        ("list", format!("{}{consent}{licence}", decision.list_source.as_str())),
        ("reopened by", reopened.map(|r| format!("{} at {}: {}", r.tariff, r.price, r.because)).unwrap_or_default()),
        ("definition", format!("version {}, priority {}", decision.definition_version, decision.priority)),
    ])
}

/// An outcome that was recorded.
pub(crate) fn recorded(recorded: &RecordedOutcome) -> String {
    let RecordedOutcome { attempt, assignment, lead_state, promised } = recorded;
    let moved = promised.as_ref().and_then(|promised| Some((promised, promised.moved_because.as_ref()?)));
    let moved = moved.map_or_else(String::new, |(promised, because)| {
        let (due, callable) = (instant(promised.due_at), instant(promised.callable_at));
        format!("\nThe call promised for {due} is moved to {callable}, the next permitted moment: {because}.")
    });
    format!("Recorded as attempt {attempt}, which ends assignment {assignment}; the lead is {lead_state}.{moved}")
}

/// Promises that are open.
pub(crate) fn callbacks(promises: &[OpenPromise], overdue: bool) -> String {
    if promises.is_empty() {
        return format!("No promise to call back is {}.", if overdue { "overdue" } else { "open" });
    }
    let row = |OpenPromise { promise, overdue_s }: &OpenPromise| {
        let whose = match (&promise.operator, promise.escalated_at) {
            (Some(operator), None) => operator.clone(),
            (Some(operator), Some(_)) => format!("{operator}, now anybody"),
            (None, _) => "anybody".to_owned(),
        };
        let callable = if promise.callable_at > promise.due_at { instant(promise.callable_at) } else { String::new() };
        vec![
            instant(promise.due_at),
            callable,
            overdue_s.map(waited).unwrap_or_default(),
            whose,
            promise.campaign.clone(),
            promise.lead.to_string(),
            promise.phone.clone(),
            promise.note.clone().unwrap_or_default(),
        ]
    };
    table(&["due", "allowed from", "overdue>", "whose", "campaign", "lead>", "phone", "note"], promises.iter().map(row))
}

/// Seconds as people say them, to the minute: `2h 5m`.
fn waited(seconds: i64) -> String {
    match SignedDuration::from_mins(seconds / 60) {
        SignedDuration::ZERO => "less than 1m".to_owned(),
        waited => format!("{waited:#}"),
    }
}
