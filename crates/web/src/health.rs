//! Whether the server lives and can serve, and its metrics. None of these asks for a token.

use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use relance_store::StoreError;
use serde_json::{Value, json};

use crate::Server;
use crate::extract::Json;
use crate::problem::{Kind, Problem};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

const PAGE: &str = include_str!("page.html");

/// The process lives.
pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "live": true }))
}

/// The database answers and has all its tables.
pub(crate) async fn ready(State(server): State<Server>) -> Result<Json<Value>, Problem> {
    check(&server).await?;
    Ok(Json(json!({ "ready": true })))
}

/// The metrics in the text format of Prometheus.
pub(crate) async fn metrics(State(server): State<Server>) -> Result<Response, Problem> {
    let Some(metrics) = &server.metrics else {
        return Err(Problem::new(Kind::NotFound, "this server keeps no metrics: start it with relance serve"));
    };
    metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, metrics.render()).into_response())
}

/// A page that says what this is and where to go on.
pub(crate) async fn page(State(server): State<Server>) -> Response {
    let state = match check(&server).await {
        Ok(()) => "ready",
        Err(_) => "not ready",
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")];
    (policy, Html(PAGE.replace("{state}", state))).into_response()
}

async fn check(server: &Server) -> Result<(), Problem> {
    let store = server.engine.store();
    let asked = tokio::time::timeout(PATIENCE, async {
        store.ping().await?;
        let pending = store.pending_migrations().await?;
        Ok::<_, StoreError>((pending, store.suppression_keys().await?))
    });
    match asked.await {
        Err(_) => {
            Err(Problem::new(Kind::NotReady, format!("the database has not answered for {} s", PATIENCE.as_secs())))
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "ready.no");
            Err(Problem::new(Kind::NotReady, "the database does not answer as it should"))
        }
        Ok(Ok((pending, _))) if !pending.is_empty() => {
            let numbers = pending.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let detail = format!("the database lacks the migrations {numbers}: run relance migrate");
            Err(Problem::new(Kind::NotReady, detail))
        }
        Ok(Ok((_, keys))) => match keys.iter().find(|key| !key.matches) {
            Some(key) => {
                let version = key.version;
                let detail = format!(
                    "version {version} of the suppression key is not the one of this server: correct its suppression_key_file"
                );
                Err(Problem::new(Kind::NotReady, detail))
            }
            None => Ok(()),
        },
    }
}
