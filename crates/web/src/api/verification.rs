//! Whether what is on record keeps the promises. It may take minutes, so that the answer tells how far it has come.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use relance_scheduler::{Engine, Verification, VerificationProgress};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, VerifyLedger};
use crate::problem::{Problem, ProblemDetails};

/// How often the answer tells how far it has come.
const EVERY: Duration = Duration::from_millis(500);

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(verify_ledger))
}

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum VerificationLine {
    /// How far it has come.
    Progress(VerificationProgress),
    /// What it found: the last line.
    Verification(Verification),
    /// Why it could not be done: the last line.
    Problem(ProblemDetails),
}

/// Verify the ledger
///
/// Reads everything on record as of one moment and decides each hand-out once more, by the rules and the facts of its instant. Hand-outs
/// go on meanwhile. The answer is lines of JSON: how far it has come, about twice a second, and at last what was found. A node
/// does one at a time.
#[utoipa::path(
    get, path = "/verification", tag = "questions",
    responses((status = 200, description = "Lines of progress, then one of the result", content_type = "application/x-ndjson",
        body = VerificationLine)),
)]
async fn verify_ledger(_caller: May<VerifyLedger>, State(server): State<Server>) -> Response {
    let (lines, received) = mpsc::channel(4);
    tokio::spawn(tell(server.engine, lines));
    let body = stream::unfold(received, |mut received| async move {
        let line: VerificationLine = received.recv().await?;
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        Some((Ok::<_, Infallible>(Bytes::from(text)), received))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(body)).into_response()
}

/// Verifies, and tells how far it has come; stops where nobody listens any more.
async fn tell(engine: Engine, lines: mpsc::Sender<VerificationLine>) {
    let (progress, seen) = watch::channel(VerificationProgress::default());
    let mut verifying = std::pin::pin!(engine.verify(&progress));
    let mut ticks = tokio::time::interval(EVERY);
    let last = loop {
        tokio::select! {
            found = &mut verifying => break found,
            () = lines.closed() => return,
            _ = ticks.tick() => {
                // A reader that is slow misses a line of progress, and the work does not wait for it.
                let _ = lines.try_send(VerificationLine::Progress(*seen.borrow()));
            }
        }
    };
    let last = match last {
        Ok(verification) => VerificationLine::Verification(verification),
        Err(error) => VerificationLine::Problem(Problem::from(error).details()),
    };
    // A caller who went away meanwhile does not need it.
    let _ = lines.send(last).await;
}
