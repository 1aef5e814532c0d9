//! What publishing a tariff would do.

use relance_domain::forecast::Forecast;
use relance_domain::reopening::HeldOutHow;
use relance_scheduler::{CallsAhead, HeldCount, HeldOutPeople, OrdersAhead, PreviewShare, RestsOn, TariffPreview};

use super::{count, perhaps, sections, table};

/// Rows of a table of lists or regions; `--json` has all.
const ROWS: usize = 20;

/// What publishing would do.
pub(crate) fn preview(preview: &TariffPreview) -> String {
    let TariffPreview {
        tariff,
        starts_at,
        refusals,
        taken_back,
        reopened_now,
        reopened_later,
        held_back,
        held_out: of_hold_out,
        by_reason,
        by_list,
        by_region,
        by_age,
        held_by,
        rules_forbid,
        calls,
        orders,
        orders_together,
        examples,
    } = preview;
    let rows = [
        Some(("people who stand refused", refusals)),
        Some(("  taken back first from what this ends", taken_back)).filter(|(_, leads)| **leads > 0),
        Some(("  answered, back at once", reopened_now)),
        Some(("  answered, back when what holds them is over", reopened_later)),
        Some(("answered, but not back, wherever their lead is", held_back)),
    ];
    let rows = rows.into_iter().flatten().map(|(name, number)| format!("{name:46}{number:>8}"));
    let rows = rows.collect::<Vec<_>>().join("\n");
    let when = match starts_at {
        Some(at) => format!(" It begins on {}, and is counted as if that were now.", perhaps(Some(*at))),
        None => String::new(),
    };
    let what = format!("This is what publishing {tariff} would do; nothing was stored.{when}\n\n{rows}");
    let reasons = by_reason.iter().map(|share| vec![share.reason.clone(), share.refusals.to_string()]);
    let reasons = if by_reason.is_empty() { String::new() } else { table(&["reason", "come back>"], reasons) };
    let examples = examples.iter().map(|example| {
        let from = perhaps(example.not_before);
        let from = if from.is_empty() { String::new() } else { format!(" (from {from} on)") };
        format!("  {}: {}{from}", example.phone, example.because)
    });
    let examples: Vec<_> = examples.collect();
    let examples = if examples.is_empty() { String::new() } else { format!("Some of them:\n{}", examples.join("\n")) };
    let forbidden = held("the calling rules forbid for now", rules_forbid);
    sections([
        what,
        of_hold_out.as_ref().map(held_out).unwrap_or_default(),
        reasons,
        shares("list", by_list),
        shares("where", by_region),
        shares("refused", by_age),
        held("held by", held_by),
        forbidden,
        calls.iter().filter(|ahead| ahead.people > 0).map(calls_ahead).collect::<Vec<_>>().join("\n"),
        orders_ahead(orders, orders_together.as_ref()),
        examples,
    ])
}

fn held_out(people: &HeldOutPeople) -> String {
    let HeldOutPeople { refusals, percent, how } = people;
    let how = match how {
        HeldOutHow::Uncalled => "they stay refused until the time of the hold-out is over",
        HeldOutHow::WithoutOffer => "they are called like the others, and no operator is told of the tariff",
    };
    format!("Of those who come back {refusals} are held out, where {percent} % are declared: {how}.")
}

fn shares(of: &str, shares: &[PreviewShare]) -> String {
    if shares.is_empty() {
        return String::new();
    }
    let shown = shares.iter().take(ROWS).map(|share| vec![share.name.clone(), share.refusals.to_string()]);
    let rest: i64 = shares.iter().skip(ROWS).map(|share| share.refusals).sum();
    let rest = (rest != 0).then(|| vec![format!("{} others", shares.len() - ROWS), rest.to_string()]);
    table(&[of, "come back>"], shown.chain(rest))
}

fn held(by: &str, held: &[HeldCount]) -> String {
    if held.is_empty() {
        return String::new();
    }
    let row = |held: &HeldCount| {
        let free = held.free.iter().filter(|band| band.refusals != 0).map(|band| match band.within_days {
            Some(days) => format!("{} within {days} d", band.refusals),
            None => format!("{} later", band.refusals),
        });
        let free = free.collect::<Vec<_>>().join(", ");
        vec![held.by.clone(), held.refusals.to_string(), perhaps(held.first_until), perhaps(held.last_until), free]
    };
    table(&[by, "people>", "first until", "last until", "free"], held.iter().map(row))
}

fn calls_ahead(ahead: &CallsAhead) -> String {
    let CallsAhead { campaign, people, rate, since, work } = ahead;
    let since = perhaps(*since);
    let since = if since.is_empty() { String::new() } else { format!(" since {since}") };
    let calls = format!("{}{since}, in which {} were reached", count(rate.attempts, "call"), rate.reached);
    match work {
        Some(work) => format!(
            "Calling the {people} of {campaign} takes about {} calls and {:.1} hours of operators, at the rate of its latest {calls}.",
            work.calls, work.operator_hours
        ),
        None => format!(
            "How many calls the {people} of {campaign} take cannot be said: there is no rate yet, with {calls}."
        ),
    }
}

fn orders_ahead(orders: &[OrdersAhead], together: Option<&Forecast>) -> String {
    if orders.is_empty() {
        return String::new();
    }
    let row = |ahead: &OrdersAhead| {
        let rests_on = match ahead.rests_on {
            RestsOn::CampaignAndReason => "the same reason",
            RestsOn::Campaign => "the campaign",
            RestsOn::Seller => "the seller",
            RestsOn::Nothing => "no history",
        };
        let (expected, range) = match &ahead.forecast {
            Some(forecast) => (format!("{:.1}", forecast.expected), format!("{} to {}", forecast.low, forecast.high)),
            None => (String::new(), String::new()),
        };
        vec![
            ahead.campaign.clone(),
            ahead.reason.clone(),
            ahead.people.to_string(),
            expected,
            range,
            rests_on.to_owned(),
            format!("{} of {}", ahead.ordered, ahead.tried),
        ]
    };
    let headings = ["campaign", "reason", "people>", "orders>", "nine times in ten>", "rests on", "that ordered>"];
    let rows = table(&headings, orders.iter().map(row));
    match together {
        None => format!(
            "{rows}\n\nNo reopening of the seller's has come to an end yet: there is no history to guess orders from."
        ),
        Some(all) => format!(
            "{rows}\n\nTogether {:.1} orders are to be expected of those with a history, and nine times in ten {} to {}.",
            all.expected, all.low, all.high
        ),
    }
}
