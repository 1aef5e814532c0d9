//! Messages that tell other systems of orders.

use relance_scheduler::{SinkOverview, WebhookOverview};
use relance_store::webhook::MessageState;

use super::{count, instant, perhaps, sections, table};

/// How the systems stand, and what waits for them.
pub(crate) fn overview(overview: &WebhookOverview) -> String {
    if overview.sinks.is_empty() {
        return "This node has no other system in its settings, and no message is on record.".to_owned();
    }
    let sink = |sink: &SinkOverview| {
        let state = &sink.state;
        let standing = match (state.rests_until, sink.known_here) {
            (_, false) => "not in the settings of this node".to_owned(),
            (Some(until), true) => format!("away, tried again at {}", instant(until)),
            (None, true) if state.taken == 0 => "has taken none yet".to_owned(),
            (None, true) => "answers".to_owned(),
        };
        vec![
            state.sink.clone(),
            standing,
            state.waiting.to_string(),
            perhaps(state.oldest_at),
            state.dead.to_string(),
            state.taken.to_string(),
        ]
    };
    let headers = ["system", "stands", "waiting>", "since", "given up>", "taken>"];
    let message = |message: &MessageState| {
        vec![
            message.id.to_string(),
            message.sink.clone(),
            message.number.clone(),
            format!("{} ({})", message.event, message.sequence),
            message.state.clone(),
            message.tries.to_string(),
            instant(message.due_at),
            message.last_error.clone().unwrap_or_default(),
        ]
    };
    let rows = match overview.rows.is_empty() {
        true => String::new(),
        false => table(
            &["message>", "system", "order", "what", "state", "tries>", "next try", "last fault"],
            overview.rows.iter().map(message),
        ),
    };
    let more = overview.next.map(|next| format!("There are more: --after {next}")).unwrap_or_default();
    sections([table(&headers, overview.sinks.iter().map(sink)), rows, more])
}

/// How many messages are sent again.
pub(crate) fn replayed(replayed: u64) -> String {
    format!("{} will be sent again.", count(replayed, "message"))
}
