//! Requests that carry an `Idempotency-Key` are answered once: a retry gets the first answer.
//!
//! Some routes need no key and pay no heed to it:
//! - a list upload is known by its file's own hash, and hashing its body beforehand would mean keeping it in memory;
//! - a register's file replaces itself, and is as long as a list's;
//! - asking for the next lead gives the same lead until its outcome is recorded, while an answer kept here would show a
//!   person's number long after the lead is somebody else's;
//! - adding a user answers with a token, which is stored nowhere; a retry finds the name taken.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use relance_domain::UserId;
use relance_store::idempotency::{KeptAnswer, Request as Reserved, Reservation};
use sha2::{Digest, Sha256};

use crate::Server;
use crate::auth::Caller;
use crate::extract::whole_body;
use crate::problem::{Kind, PROBLEM_JSON, Problem};

/// The header with the key.
pub(crate) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header that marks an answer given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// A reservation older than this was left by a node that died.
const STALE_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// The pause between two tries to settle a key.
const SETTLE_PAUSE: Duration = Duration::from_secs(1);
/// Routes of the API that need no key.
const WITHOUT_KEY: &[&str] = &["/campaigns/{campaign}/lists", "/suppressions/registers/{register}", "/next", "/users"];

/// Whether requests to a route of the API heed the key.
pub(crate) fn heeds_key(route: &str) -> bool {
    !WITHOUT_KEY.contains(&route.strip_prefix(crate::API).unwrap_or(route))
}

/// Answers a request that carries a key once.
pub(crate) async fn answer_once(
    State(server): State<Server>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let route = request.extensions().get::<MatchedPath>();
    let heeds = request.method() == Method::POST && route.is_some_and(|route| heeds_key(route.as_str()));
    let user = request.extensions().get::<Caller>().and_then(Caller::stored);
    let (true, Some(user), Some(key)) = (heeds, user, request.headers().get(KEY)) else {
        return Ok(next.run(request).await);
    };
    let key = checked(key)?;
    let (parts, body) = request.into_parts();
    let body = whole_body(body).await?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let now = server.engine.now();
    let reserved = Reserved {
        user,
        key: key.clone(),
        request_sha256: sha256_of(&[parts.method.as_str().as_bytes(), path.as_bytes(), &body]),
        stale_before: now.checked_sub(STALE_AFTER).unwrap_or(now),
    };
    match server.engine.store().reserve_key(&reserved, now).await? {
        Reservation::Yours => {
            let response = next.run(Request::from_parts(parts, Body::from(body))).await;
            Ok(keep(&server, user, &key, response).await)
        }
        Reservation::Answered(kept) => replay(kept),
        Reservation::InProgress => Err(Problem::new(
            Kind::IdempotencyInProgress,
            "a request with this key is being answered: ask again in a moment",
        )),
        Reservation::OtherRequest => Err(Problem::new(
            Kind::IdempotencyMismatch,
            "this key came with another request before: a new request needs a new key",
        )),
    }
}

fn checked(key: &HeaderValue) -> Result<String, Problem> {
    let visible = |text: &&str| (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    let key = key.to_str().ok().filter(visible).map(str::to_owned);
    key.ok_or_else(|| {
        let message = "is not 1 to 200 visible ASCII characters without spaces, as a UUID is";
        Problem::of_field(Kind::InvalidRequest, "Idempotency-Key", message)
    })
}

/// SHA-256 over parts that cannot be taken for one another: each goes in after its length.
fn sha256_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps an answer for retries. A failure of the server is not kept: a retry may fare better. Nor is that a request could not be read:
/// what is mended is another request, and belongs to the same key.
async fn keep(server: &Server, user: UserId, key: &str, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let body = match to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let answer = match std::str::from_utf8(&body) {
        Ok(text) if !parts.status.is_server_error() && parts.status != StatusCode::BAD_REQUEST => {
            Some(KeptAnswer { status: parts.status.as_u16(), body: text.to_owned() })
        }
        _ => None,
    };
    if settle(server, user, key, answer.as_ref()).await.is_err() {
        // The request was carried out: its answer is worth more than a word about the key, which is settled later.
        tokio::spawn(settle_later(server.clone(), user, key.to_owned(), answer));
    }
    Response::from_parts(parts, Body::from(body))
}

/// Keeps the answer under its key, or frees the key where there is none to be kept.
async fn settle(server: &Server, user: UserId, key: &str, answer: Option<&KeptAnswer>) -> relance_store::Result<()> {
    match answer {
        Some(answer) => server.engine.store().keep_answer(user, key, answer).await,
        None => server.engine.store().free_key(user, key).await,
    }
}

/// Tries to settle a key until it is stale for everybody: whoever repeats a request that met a database that was away must not be
/// told until then that it is being answered.
async fn settle_later(server: Server, user: UserId, key: String, answer: Option<KeptAnswer>) {
    for _ in 0..STALE_AFTER.as_secs() {
        tokio::time::sleep(SETTLE_PAUSE).await;
        match settle(&server, user, &key, answer.as_ref()).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "idempotency.not_settled"),
        }
    }
}

fn replay(kept: KeptAnswer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(kept.status).map_err(|error| Problem::internal(&error))?;
    let success = status.is_success();
    let kind = HeaderValue::from_static(if success { "application/json" } else { PROBLEM_JSON });
    let headers = [(header::CONTENT_TYPE, kind), (REPLAYED, HeaderValue::from_static("true"))];
    Ok((status, headers, kept.body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii() {
        for key in ["k", "0192f1a0-0000-7000-8000-000000000000", &"x".repeat(200)] {
            assert!(checked(&HeaderValue::from_str(key).expect("a header")).is_ok(), "{key}");
        }
        for key in ["", "a b", "é", &"x".repeat(201)] {
            assert!(checked(&HeaderValue::from_bytes(key.as_bytes()).expect("a header")).is_err(), "{key}");
        }
    }

    #[test]
    fn parts_are_not_taken_for_one_another() {
        assert_ne!(sha256_of(&[b"ab", b"c"]), sha256_of(&[b"a", b"bc"]));
    }
}
