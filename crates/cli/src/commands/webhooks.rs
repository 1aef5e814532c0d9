//! Messages that tell other systems of orders.

use anyhow::Result;
use relance_scheduler::WebhookOverview;
use serde_json::{Value, json};

use super::Session;
use crate::Exit;
use crate::args::webhooks::{Webhooks, WebhooksCommand};
use crate::print::webhooks as print;
use crate::transport::Call;

/// `relance webhooks`
pub(super) async fn run(session: &Session, webhooks: Webhooks) -> Result<Exit> {
    match webhooks.command {
        None => {
            let call = Call::get(&["webhooks"])
                .with("sink", webhooks.sink)
                .with("after", webhooks.after)
                .with("limit", webhooks.limit);
            session.show::<WebhookOverview>(&session.api.ask(call).await?, print::overview)
        }
        Some(WebhooksCommand::Replay(replay)) => {
            let body = json!({ "message": replay.id, "sink": replay.sink, "since": replay.since });
            let answer = session.api.ask(Call::post(&["webhooks", "replay"]).json(&body)?).await?;
            session.show::<Value>(&answer, |answer| print::replayed(answer["replayed"].as_u64().unwrap_or_default()))
        }
    }
}
