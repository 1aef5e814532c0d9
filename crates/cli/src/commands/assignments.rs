//! The lead that an operator holds.

use anyhow::Result;
use relance_scheduler::{HandedBackLead, HeldLead, LeadAnswer, TakenLead};
use serde_json::{Value, json};

use super::{Session, calls};
use crate::Exit;
use crate::args::assignments::{HandBack, Hold, Take};
use crate::print::assignments as print;
use crate::transport::Call;

/// `relance hold`
pub(super) async fn hold(session: &Session, hold: Hold) -> Result<Exit> {
    let call = with_held(session, hold.operator, "heartbeat", json!({})).await?;
    session.show::<HeldLead>(&session.api.ask(call).await?, print::held)
}

/// `relance hand-back`
pub(super) async fn hand_back(session: &Session, back: HandBack) -> Result<Exit> {
    let call = with_held(session, back.operator, "return", json!({ "reason": back.reason })).await?;
    session.show::<HandedBackLead>(&session.api.ask(call).await?, print::handed_back)
}

/// `relance take`
pub(super) async fn take(session: &Session, take: Take) -> Result<Exit> {
    let body = json!({ "reason": take.reason, "to": take.to });
    let call = Call::post(&["assignments", &take.assignment.to_string(), "take"]).json(&body)?;
    session.show::<TakenLead>(&session.api.ask(call).await?, print::taken)
}

/// A request about the assignment that an operator holds.
async fn with_held(session: &Session, operator: Option<String>, what: &str, mut body: Value) -> Result<Call> {
    calls::name_who_calls(session, operator.as_deref())?;
    let call = Call::get(&["assignment"]).with("operator", operator.as_ref());
    let lead: LeadAnswer = session.api.ask(call).await?.decode()?;
    body["token"] = lead.token.into();
    if let Some(operator) = operator {
        body["operator"] = operator.into();
    }
    Call::post(&["assignments", &lead.assignment.to_string(), what]).json(&body)
}
