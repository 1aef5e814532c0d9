//! CSV files that are sent as they are made.

use std::future::Future;
use std::io;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;

use crate::problem::Problem;

/// Whether the caller asks for CSV.
pub(crate) fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
        let refused = matches!(parameters.trim(), "q=0" | "q=0.0");
        kind.trim().eq_ignore_ascii_case("text/csv") && !refused
    })
}

/// Sends a file piece by piece. The first piece is made before the answer begins, so that what is wrong still gets its
/// status; a later failure breaks the file off, which every client notices.
pub(crate) async fn csv_file<S, F>(name: &str, start: S, piece: fn(S) -> F) -> Result<Response, Problem>
where
    S: Send + 'static,
    F: Future<Output = Result<Option<(String, S)>, Problem>> + Send + 'static,
{
    let (first, next) = match piece(start).await? {
        Some((text, next)) => (text, Some(next)),
        None => (String::new(), None),
    };
    let rest = stream::try_unfold(next, move |next| async move {
        let Some(next) = next else { return Ok(None) };
        match piece(next).await {
            Ok(made) => Ok(made.map(|(text, next)| (Bytes::from(text), Some(next)))),
            Err(_) => Err(io::Error::other("the file could not be finished")),
        }
    });
    let body = Body::from_stream(stream::iter([Ok(Bytes::from(first))]).chain(rest));
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, body).into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn csv_is_asked_for_by_name() {
        for (accept, csv) in [
            ("text/csv", true),
            ("application/json;q=0.5, Text/CSV; q=0.9", true),
            ("text/csv;q=0, */*", false),
            ("*/*", false),
            ("application/json", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(wants_csv(&headers), csv, "{accept}");
        }
        assert!(!wants_csv(&HeaderMap::new()));
    }
}
