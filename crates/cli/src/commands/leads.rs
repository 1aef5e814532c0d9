//! Leads.

use anyhow::Result;
use relance_scheduler::KeptLead;

use super::Session;
use crate::Exit;
use crate::args::leads::Lead;
use crate::print::leads as print;
use crate::transport::Call;

/// `relance lead …`
pub(super) async fn run(session: &Session, lead: Lead) -> Result<Exit> {
    let Lead::Reserve(of) = lead;
    let body = match &of.operator {
        Some(operator) => serde_json::json!({ "operator": operator }),
        None => serde_json::json!({ "anybody": of.anybody }),
    };
    let call = Call::put(&["leads", &of.lead.to_string(), "reservation"]).json(&body)?;
    session.show::<KeptLead>(&session.api.ask(call).await?, print::kept)
}
