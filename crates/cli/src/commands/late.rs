//! Outcomes that came late.

use anyhow::Result;
use relance_store::late::LateOutcome;
use serde_json::json;

use super::Session;
use super::pages::Page;
use crate::Exit;
use crate::args::late::Late;
use crate::print::late as print;
use crate::transport::Call;

/// `relance late …`
pub(super) async fn run(session: &Session, late: Late) -> Result<Exit> {
    match late {
        Late::List(list) => {
            let call = Call::get(&["late-outcomes"])
                .with("open", (!list.all).then_some(true))
                .with("campaign", list.campaign)
                .with("before", list.before)
                .with("limit", list.limit);
            let answer = session.api.ask(call).await?;
            session.show::<Page<LateOutcome>>(&answer, |page| print::late(&page.rows, page.next))
        }
        Late::Review(review) => {
            let call = Call::post(&["late-outcomes", &review.late_outcome.to_string(), "review"]);
            let call = call.json(&json!({ "verdict": "noted", "note": review.note }))?;
            session.show::<LateOutcome>(&session.api.ask(call).await?, print::reviewed)
        }
    }
}
