//! State changes run to their end although the caller goes away.
//!
//! A server drops a request's future when its connection closes. In the middle of a transaction that would leave work
//! half-done and a connection of the pool in an unknown state, so that everything but a question gets a task of its own.
//!
//! The caller does not wait for ever: after a time the answer is that the database takes too long, and the task goes on.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::problem::{ASK_AGAIN, Kind, Problem};

/// Tells a request that only waits that nobody waits for its answer any more.
#[derive(Clone)]
pub(crate) struct CallerGone(pub(crate) CancellationToken);

/// How long a caller waits for the database at most.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(15);
/// Routes of the API that take as long as a file, somebody else's database or everybody's data takes, or that look after the time
/// themselves.
const PATIENT: &[&str] = &[
    "/campaigns/apply",
    "/campaigns/plan",
    "/campaigns/{campaign}/lists",
    "/campaigns/{campaign}/mix",
    "/campaigns/{campaign}/price-curve",
    "/campaigns/{campaign}/pulls/{pull}",
    "/campaigns/{campaign}/report",
    "/lists/check",
    "/lists/{list}/undo",
    "/next",
    "/suppressions/registers/{register}",
    "/suppressions/rotate-key",
    "/tariffs/preview",
    "/tariffs/publish",
    "/tariffs/{tariff}/report",
    "/tariffs/{tariff}/withdraw",
];

/// Runs a request in a task of its own, unless it only asks, and answers within a time.
pub(crate) async fn run_to_end(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_patient = route.strip_prefix(crate::API).is_some_and(|route| PATIENT.contains(&route));
    if is_patient {
        return to_end(request, next).await;
    }
    answer_within(ANSWER_MAX, to_end(request, next)).await
}

/// The answer, or that it takes too long.
async fn answer_within(at_most: Duration, answer: impl Future<Output = Response>) -> Response {
    timeout(at_most, answer).await.unwrap_or_else(|_| too_slow().into_response())
}

/// The database has not answered in time.
pub(crate) fn too_slow() -> Problem {
    let waited_s = ANSWER_MAX.as_secs();
    tracing::warn!(waited_s, "http.database_slow");
    let detail = format!("the database has not answered for {waited_s} s: {ASK_AGAIN}");
    Problem::new(Kind::DatabaseSlow, detail)
}

async fn to_end(mut request: Request, next: Next) -> Response {
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
    async fn whoever_asked_a_database_that_does_not_answer_is_told_when_to_ask_again() {
        let response = answer_within(Duration::from_millis(1), std::future::pending()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        assert!(body.windows(23).any(|text| text == b"/problems/database-slow"), "{body:?}");
    }

    #[tokio::test]
    async fn what_is_begun_ends_though_its_caller_was_told_that_it_takes_too_long() {
        let done = CancellationToken::new();
        let (went_on, go_on) = (done.clone(), CancellationToken::new());
        let may_go_on = go_on.clone();
        let slow = move || async move {
            may_go_on.cancelled().await;
            went_on.cancel();
        };
        let within = |request, next| answer_within(Duration::from_millis(1), to_end(request, next));
        let router: Router = Router::new().route("/", axum::routing::post(slow)).layer(from_fn(within));
        let request = Request::builder().method(Method::POST).uri("/").body(Body::empty()).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        go_on.cancel();
        done.cancelled().await;
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
