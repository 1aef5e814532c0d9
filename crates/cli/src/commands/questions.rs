//! Questions: why, the funnel, outcomes, the report.

use anyhow::Result;
use relance_analytics::Report;
use relance_scheduler::{Funnel, WhyAnswer, WhyQuestion};
use relance_store::question::OutcomeRow;

use super::Session;
use super::pages::{self, Page, Pages};
use crate::args::questions::{About, Format, Outcomes, Queue, Report as ReportOf, Why};
use crate::print::{outcomes as print_outcomes, questions as print};
use crate::transport::Call;
use crate::{Exit, Usage, out};

/// Rows of a page unless told.
const PAGE_ROWS: i64 = 100;
/// Rows of a page when all pages are wanted.
const PAGE_ROWS_MAX: i64 = 1_000;

/// `relance why`
pub(super) async fn why(session: &Session, why: Why) -> Result<Exit> {
    let mut question =
        WhyQuestion { lead: why.lead, assignment: why.assignment, phone: why.phone, country: why.country };
    match why.about {
        Some(About::Lead(lead)) => question.lead = Some(lead),
        Some(About::Assignment(assignment)) => question.assignment = Some(assignment),
        Some(About::Phone(phone)) => question.phone = Some(phone),
        None => {}
    }
    let answer = session.api.ask(Call::post(&["why"]).json(&question)?).await?;
    session.show::<WhyAnswer>(&answer, print::why)
}

/// `relance queue`
pub(super) async fn queue(session: &Session, queue: Queue) -> Result<Exit> {
    let answer = session.api.ask(Call::get(&["campaigns", &queue.campaign, "queue"])).await?;
    session.show::<Funnel>(&answer, print::funnel)
}

/// `relance report`
pub(super) async fn report(session: &Session, report: ReportOf) -> Result<Exit> {
    let answer = session.api.ask(Call::get(&["campaigns", &report.campaign, "report"])).await?;
    session.show::<Report>(&answer, print::report)
}

/// `relance outcomes`
pub(super) async fn outcomes(session: &Session, outcomes: Outcomes) -> Result<Exit> {
    let usual = if session.json { Format::Json } else { Format::Table };
    let format = outcomes.format.unwrap_or(usual);
    let first = outcomes.after.map(|after| after.0);
    let rows = if outcomes.all { PAGE_ROWS_MAX } else { outcomes.limit.map_or(PAGE_ROWS, i64::from) };
    let call = |after: Option<i64>| filtered(&outcomes).with("after", after).with("limit", Some(rows));
    match format {
        Format::Csv if outcomes.limit.is_some() => {
            return Err(Usage("CSV always holds every row that fits: leave out --limit".to_owned()).into());
        }
        Format::Csv => {
            let call = filtered(&outcomes).with("after", first).for_csv();
            session.api.stream(call, |piece| out::bytes(&piece)).await?;
        }
        Format::Json if outcomes.all => pages::as_one_json(&session.api, first, call).await?,
        Format::Json => out::line(&session.api.ask(call(first)).await?.text)?,
        Format::Table => {
            let wanted = if outcomes.all { Pages::All } else { Pages::One };
            let printed = |page: Page<OutcomeRow>| {
                out::text(&print_outcomes::rows(&page.rows))?;
                match page.next {
                    Some(next) if !outcomes.all => out::text(&format!("\nThere are more: --after {next}, or --all.")),
                    _ => Ok(()),
                }
            };
            pages::each(&session.api, wanted, first, call, printed).await?;
        }
    }
    Ok(Exit::Done)
}

fn filtered(outcomes: &Outcomes) -> Call {
    Call::get(&["outcomes"])
        .with("campaign", outcomes.campaign.as_ref())
        .with("list", outcomes.list)
        .with("operator", outcomes.operator.as_ref())
        .with("disposition", outcomes.disposition.as_ref())
        .with("reason", outcomes.reason.as_ref())
        .with("tariff", outcomes.tariff.as_ref())
        .with("since", outcomes.since)
        .with("until", outcomes.until)
}
