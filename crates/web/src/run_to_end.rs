//! State changes run to their end although the caller goes away.
//!
//! A server drops a request's future when its connection closes. In the middle of a transaction that would leave work
//! half-done and a connection of the pool in an unknown state, so that everything but a question gets a task of its own.

use std::any::Any;

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::problem::{Kind, Problem};

/// Tells a request that only waits that nobody waits for its answer any more.
#[derive(Clone)]
pub(crate) struct CallerGone(pub(crate) CancellationToken);

/// Runs a request in a task of its own, unless it only asks.
pub(crate) async fn run_to_end(mut request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let gone = CancellationToken::new();
    request.extensions_mut().insert(CallerGone(gone.clone()));
    // Dropped with this future, which the server drops when the connection closes.
    let _here = gone.drop_guard();
    match tokio::spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => panicked(panic),
            Err(_) => {
                Problem::new(Kind::ShuttingDown, "the server is shutting down: ask again in a moment").into_response()
            }
        },
    }
}

/// What a panic looks like from outside.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = words.unwrap_or("without a word"), "http.panicked");
    Problem::failed().into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn panics() {
        panic!("+33199001234 is a secret");
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_that_tells_nothing() {
        let router: Router = Router::new()
            .route("/", get(panics).post(panics))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(run_to_end));
        for method in [Method::GET, Method::POST] {
            let request = Request::builder().method(method).uri("/").body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
            let text = String::from_utf8(body.to_vec()).expect("text");
            assert!(text.contains("/problems/internal") && !text.contains("secret"), "{text}");
        }
    }
}
