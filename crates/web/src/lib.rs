//! The HTTP API over the engine, under `/api/v1`, and the server's health beside it.
//!
//! [`router`] is the whole server. The command line calls it in its own process with [`ActAs`], or over the network.
//! A request passes, from outside in: its id, its measure, its own task (`run_to_end`), the net that catches panics, then for
//! the API who asks (`auth`), whether it was answered before (`idempotency`), and its handler in `api`.

mod api;
mod auth;
mod document;
mod download;
mod extract;
mod health;
mod idempotency;
mod metrics;
mod problem;
mod run_to_end;

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use metrics_exporter_prometheus::PrometheusHandle;
use relance_scheduler::Engine;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

pub use auth::ActAs;
pub use document::openapi;
pub use problem::ProblemDetails;

/// Where the API begins.
pub(crate) const API: &str = "/api/v1";

/// How long requests in flight may take to end when the server stops.
const ENDING_MAX: Duration = Duration::from_secs(10);

/// What the server serves.
#[derive(Clone)]
pub struct Server {
    /// The engine.
    pub engine: Engine,
    /// The process's metrics, where they are kept.
    pub metrics: Option<PrometheusHandle>,
}

/// The whole server: the API, `/healthz`, `/readyz`, `/metrics` and a page at `/`.
pub fn router(server: Server) -> Router {
    metrics::describe();
    let (api, _) = api::routes().split_for_parts();
    let api = api
        .route_layer(from_fn_with_state(server.clone(), idempotency::answer_once))
        .route_layer(from_fn_with_state(server.clone(), auth::authenticate))
        .route("/openapi.json", get(document::served))
        .layer(map_response(not_to_be_kept));
    Router::new()
        .nest(API, api)
        .route("/", get(health::page))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .fallback(problem::no_such_path)
        .layer(CatchPanicLayer::custom(run_to_end::panicked))
        .layer(from_fn(run_to_end::run_to_end))
        .layer(from_fn(metrics::measure))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(server)
}

/// Answers hold people's data: nobody on the way keeps them.
async fn not_to_be_kept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Serves until `stop` is done; then accepts nothing more and lets requests in flight end, for at most ten seconds.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopping = CancellationToken::new();
    let stopped = stopping.clone().drop_guard();
    let listener = listener.tap_io(|connection| {
        // Without it small answers wait for the caller's acknowledgement of the ones before.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "http.nodelay_failed");
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        drop(stopped);
    });
    let too_long = async {
        stopping.cancelled().await;
        tokio::time::sleep(ENDING_MAX).await;
    };
    tokio::select! {
        served = async { serving.await } => served,
        () = too_long => {
            tracing::warn!(waited_s = ENDING_MAX.as_secs(), "http.requests_cut_off");
            Ok(())
        }
    }
}
