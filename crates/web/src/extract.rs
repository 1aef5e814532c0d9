//! What requests carry, read strictly. What cannot be read is a problem that names the field or the line, and never
//! repeats a value: it could be somebody's number or name.

use axum::body::{Body, to_bytes};
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::LengthLimitError;
use relance_domain::phone::mask;
use relance_domain::written::{NOT_A_DATE, NOT_AN_INSTANT};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::problem::{Kind, Problem};

/// The largest body of JSON.
pub(crate) const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A body of JSON, in either direction.
pub(crate) struct Json<T>(pub(crate) T);

/// Parameters of the query.
pub(crate) struct Query<T>(pub(crate) T);

/// A parameter of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())) {
            let detail = "this request takes JSON: send it with content-type: application/json";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        read_json(&whole_body(request.into_body()).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The whole body, if it is not too large.
pub(crate) async fn whole_body(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, JSON_BYTES_MAX).await.map_err(|error| {
        let too_large = std::error::Error::source(&error).is_some_and(|source| source.is::<LengthLimitError>());
        if too_large {
            let mib = JSON_BYTES_MAX / 1024 / 1024;
            Problem::new(Kind::BodyTooLarge, format!("the body is larger than {mib} MiB; only list files may be"))
        } else {
            Problem::new(Kind::InvalidRequest, "the body broke off before its end: send the request again")
        }
    })
}

fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || (essence.len() > 5 && essence.is_char_boundary(essence.len() - 5) && {
            let (kind, suffix) = essence.split_at(essence.len() - 5);
            kind.contains('/') && suffix.eq_ignore_ascii_case("+json")
        })
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        json_problem(&path, body, error.inner())
    })?;
    json.end().map_err(|error| json_problem(".", body, &error))?;
    Ok(value)
}

fn json_problem(path: &str, body: &[u8], error: &serde_json::Error) -> Problem {
    if body.trim_ascii().is_empty() {
        return Problem::new(Kind::InvalidRequest, "the body is empty: send JSON, as in {}");
    }
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    match error.classify() {
        Category::Data => {
            let (field, message) = (field_at_fault(path, message), without_values(message));
            Problem::of_field(Kind::InvalidRequest, &field, message).at(&place)
        }
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::new(Kind::InvalidRequest, format!("the body is not JSON: {message}")).at(&place)
        }
    }
}

/// The field that an error is about: the one at its path, or the one that it says is missing there.
fn field_at_fault(path: &str, message: &str) -> String {
    let path = if path == "." { "" } else { path };
    let named = message.split('`').nth(1).unwrap_or_default();
    let names_it = message.starts_with("missing field") || message.starts_with("unknown field");
    let last = path.rsplit('.').next().unwrap_or_default();
    match (path, names_it && last != named) {
        ("", true) => named.to_owned(),
        ("", false) => "body".to_owned(),
        (path, true) => format!("{path}.{named}"),
        (path, false) => path.to_owned(),
    }
}

/// What a deserialiser says, without the value it was given.
fn without_values(message: &str) -> String {
    // These end with how it is written, in digits of their own.
    if let Some(told) = [NOT_A_DATE, NOT_AN_INSTANT].into_iter().find(|told| message.ends_with(told)) {
        return told.to_owned();
    }
    let speaks_of_keys = ["unknown field", "unknown variant", "missing field", "duplicate field"];
    if speaks_of_keys.iter().any(|beginning| message.starts_with(beginning)) {
        return mask_numbers(message);
    }
    let wrong = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = wrong.and_then(|wrong| wrong.rsplit_once(", expected ")) {
        let found = found.split(['"', '`']).next().unwrap_or_default().trim();
        return format!("expected {expected}, found {}", if found.is_empty() { "something else" } else { found });
    }
    let unquoted: Vec<&str> =
        message.split('"').enumerate().map(|(at, part)| if at % 2 == 1 { "…" } else { part }).collect();
    mask_numbers(&unquoted.join("\""))
}

/// Hides what could be a phone number: seven digits or more, whatever stands between them.
fn mask_numbers(text: &str) -> String {
    let in_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '/' | '(' | ')');
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_number) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|c| !in_number(c)).unwrap_or(from.len()));
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        masked.push_str(before);
        masked.push_str(&if digits >= 7 { mask(run) } else { run.to_owned() });
        rest = after;
    }
    masked + rest
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(error) => Err(query_problem(&error)),
        }
    }
}

fn query_problem(error: &QueryRejection) -> Problem {
    let text = error.body_text();
    let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
    let (path, message) = match text.split_once(": ") {
        Some((path, message)) if !path.contains(' ') => (path, message),
        _ => (".", text),
    };
    Problem::of_field(Kind::InvalidRequest, &field_at_fault(path, message), without_values(message))
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(parameter)) => Ok(Self(parameter)),
            Err(error) => Err(path_problem(&error)),
        }
    }
}

fn path_problem(error: &PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failure) = error else {
        return Problem::internal(error);
    };
    let detail = match failure.kind() {
        ErrorKind::ParseError { .. } | ErrorKind::ParseErrorAtKey { .. } | ErrorKind::ParseErrorAtIndex { .. } => {
            "the path names a key that is not a whole number, as in 12"
        }
        ErrorKind::InvalidUtf8InPathParam { .. } => "the path is not text in UTF-8",
        _ => return Problem::internal(error),
    };
    Problem::new(Kind::InvalidRequest, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_repeated() {
        for (said, told) in [
            ("invalid type: string \"Dupont\", expected i64", "expected i64, found string"),
            ("invalid type: integer `33199001234`, expected a string", "expected a string, found integer"),
            (
                "unknown field `operater`, expected one of `campaign`, `operator`",
                "unknown field `operater`, expected one of `campaign`, `operator`",
            ),
            ("unknown field `+33199001234`, expected `phone`", "unknown field `+33•••••••34`, expected `phone`"),
            ("failed to parse \"Dupont\" as a date", "failed to parse \"…\" as a date"),
            ("\"+33199001234\" is not a date: write it as 2026-12-31", "is not a date: write it as 2026-12-31"),
            ("invalid digit found in string", "invalid digit found in string"),
        ] {
            assert_eq!(without_values(said), told);
        }
    }

    #[test]
    fn json_is_known_by_its_type() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert!(is_json(Some(json)), "{json}");
        }
        for other in [None, Some(""), Some("text/plain"), Some("+json"), Some("é+js")] {
            assert!(!is_json(other), "{other:?}");
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        for (path, message, field) in [
            (".", "missing field `name`", "name"),
            ("report", "missing field `disposition`", "report.disposition"),
            ("report.note", "invalid type: integer `1`, expected a string", "report.note"),
            ("report.nota", "unknown field `nota`, expected `note`", "report.nota"),
            (".", "invalid type: sequence, expected struct NextRequest", "body"),
        ] {
            assert_eq!(field_at_fault(path, message), field);
        }
    }
}
