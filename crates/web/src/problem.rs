//! What the API answers instead of a result: `application/problem+json` of RFC 9457, from one type.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use relance_domain::campaign;
use relance_domain::outcome::FieldProblem;
use relance_scheduler::{Error, SpoolError};
use relance_store::StoreError;
use serde::{Deserialize, Serialize};

/// Media type of every problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Declares the kinds of problem: each has one stable type, one status and one title.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $status:ident, $path:literal, $title:literal;)+) => {
        /// What kind of problem it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind { $($(#[$doc])* $kind),+ }

        impl Kind {
            /// Every kind.
            pub(crate) const ALL: &[Self] = &[$(Self::$kind),+];

            /// Its status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status),+ }
            }

            /// Its type: stable, for programs.
            pub(crate) const fn path(self) -> &'static str {
                match self { $(Self::$kind => concat!("/problems/", $path)),+ }
            }

            /// Its title: the same for every problem of the kind, for people.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title),+ }
            }
        }
    };
}

kinds! {
    /// Bad JSON, an unknown key, a bad path or query.
    InvalidRequest = BAD_REQUEST, "invalid-request", "The request cannot be read";
    /// No token, or one that signs nobody in.
    Unauthenticated = UNAUTHORIZED, "unauthenticated", "Sign in first";
    /// The role may not do this.
    Forbidden = FORBIDDEN, "forbidden", "Your role may not do this";
    /// The user is disabled.
    UserDisabled = FORBIDDEN, "user-disabled", "The user is disabled";
    /// There is no such thing.
    NotFound = NOT_FOUND, "not-found", "There is no such thing";
    /// The operator holds no such assignment.
    NotYourAssignment = NOT_FOUND, "not-your-assignment", "You hold no such assignment";
    /// The path takes other methods.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "The method does not fit this path";
    /// It contradicts what is there.
    Conflict = CONFLICT, "conflict", "It contradicts what is there";
    /// The campaign cannot do that now.
    InvalidTransition = CONFLICT, "invalid-transition", "The campaign cannot do that now";
    /// The order cannot take that now.
    OrderRefused = CONFLICT, "order-refused", "The order cannot take that now";
    /// Another outcome is recorded already.
    ContradictingOutcome = CONFLICT, "contradicting-outcome", "Another outcome is recorded already";
    /// The outcome came after its assignment had ended.
    LateOutcome = CONFLICT, "late-outcome", "The outcome came late and is kept for review";
    /// The assignment has ended.
    AssignmentEnded = CONFLICT, "assignment-ended", "The assignment has ended";
    /// The request is being answered.
    IdempotencyInProgress = CONFLICT, "idempotency-in-progress", "This request is being answered";
    /// The body is too large.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large";
    /// The body is of another kind.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is not JSON";
    /// Fields are wrong.
    InvalidFields = UNPROCESSABLE_ENTITY, "invalid-fields", "Fields are wrong";
    /// Campaign or tariff files are wrong.
    InvalidFiles = UNPROCESSABLE_ENTITY, "invalid-files", "The files have problems";
    /// A list file cannot be taken.
    InvalidListFile = UNPROCESSABLE_ENTITY, "invalid-list-file", "The list file cannot be read";
    /// The key came with another request before.
    IdempotencyMismatch = UNPROCESSABLE_ENTITY, "idempotency-mismatch", "The key belongs to another request";
    /// Another database gave no list.
    SourceFailed = BAD_GATEWAY, "source-failed", "The other database gave no list";
    /// A fault of the program or its data.
    Internal = INTERNAL_SERVER_ERROR, "internal", "The server failed";
    /// Another transaction was in the way.
    Busy = SERVICE_UNAVAILABLE, "busy", "The server is busy";
    /// The database does not answer.
    DatabaseAway = SERVICE_UNAVAILABLE, "database-away", "The database cannot be reached";
    /// The database went away while it was asked to commit.
    CommitInDoubt = SERVICE_UNAVAILABLE, "commit-in-doubt", "Whether it was done is not known";
    /// The database has not answered in time.
    DatabaseSlow = SERVICE_UNAVAILABLE, "database-slow", "The database takes too long";
    /// The database takes no writes.
    DatabaseReadOnly = SERVICE_UNAVAILABLE, "database-read-only", "The database takes no writes";
    /// This node lacks a key that suppressions are hashed with.
    SuppressionKey = SERVICE_UNAVAILABLE, "suppression-key", "The server lacks a suppression key";
    /// The server is ending.
    ShuttingDown = SERVICE_UNAVAILABLE, "shutting-down", "The server is shutting down";
    /// The server cannot serve yet.
    NotReady = SERVICE_UNAVAILABLE, "not-ready", "The server is not ready";
    /// The disk for temporary files is full.
    DiskFull = INSUFFICIENT_STORAGE, "disk-full", "The server's disk is full";
    /// The database's disk is full.
    DatabaseFull = INSUFFICIENT_STORAGE, "database-full", "The database's disk is full";
}

impl Kind {
    /// Seconds after which it is worth asking again.
    const fn retry_after_s(self) -> Option<u64> {
        match self {
            Self::Busy | Self::IdempotencyInProgress => Some(1),
            Self::DatabaseAway
            | Self::CommitInDoubt
            | Self::DatabaseSlow
            | Self::DatabaseReadOnly
            | Self::ShuttingDown
            | Self::NotReady => Some(5),
            Self::DatabaseFull | Self::DiskFull => Some(60),
            _ => None,
        }
    }
}

/// A problem on its way to the caller.
#[derive(Debug)]
pub(crate) struct Problem {
    kind: Kind,
    detail: String,
    problems: Vec<FieldProblem>,
    files: Vec<campaign::Problem>,
    line: Option<u64>,
}

/// A problem as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemDetails {
    /// What kind of problem it is: stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid-fields")]
    pub kind: String,
    /// The same for people.
    pub title: String,
    /// The status of the answer.
    #[schema(example = 422)]
    pub status: u16,
    /// What was wrong this time, and what would be right.
    pub detail: String,
    /// Each field at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    /// What is wrong with campaign or tariff files, with file and line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<campaign::Problem>,
    /// The line of a list file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

impl Problem {
    /// A problem of a kind.
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), problems: Vec::new(), files: Vec::new(), line: None }
    }

    /// One field of the request is wrong.
    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self::of_field(Kind::InvalidFields, field, message)
    }

    /// One key or parameter of the request is wrong.
    pub(crate) fn of_field(kind: Kind, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let detail = format!("{field}: {message}");
        Self { problems: vec![FieldProblem::new(field, message)], ..Self::new(kind, detail) }
    }

    /// The same, saying where it stands.
    pub(crate) fn at(self, place: &str) -> Self {
        Self { detail: format!("{place}: {}", self.detail), ..self }
    }

    /// A fault of the program. The cause goes to the log and to nobody else.
    pub(crate) fn internal(cause: Fault<'_>) -> Self {
        tracing::error!(error = chain(cause), "http.failed");
        Self::failed()
    }

    /// The problem as it is sent.
    pub(crate) fn details(self) -> ProblemDetails {
        ProblemDetails {
            kind: self.kind.path().to_owned(),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail,
            problems: self.problems,
            files: self.files,
            line: self.line,
        }
    }

    /// A fault whose cause is logged already.
    pub(crate) fn failed() -> Self {
        Self::new(
            Kind::Internal,
            "this is a fault of the server; its log tells the cause beside this answer's x-request-id",
        )
    }
}

/// What a caller does whom a passing fault of the database met. A request may be several transactions: some may have been made.
pub(crate) const ASK_AGAIN: &str = "send the same request again; what was done already is not done twice";

type Fault<'a> = &'a (dyn std::error::Error + 'static);

/// An error and all that caused it.
fn causes(error: Option<Fault<'_>>) -> impl Iterator<Item = Fault<'_>> {
    std::iter::successors(error, |error: &Fault<'_>| (*error).source())
}

/// The same in one line, for the log.
fn chain(error: Fault<'_>) -> String {
    causes(Some(error)).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Store(error) => error.into(),
            Error::Invalid { problems, .. } => Self { problems, ..Self::new(Kind::InvalidFields, detail) },
            Error::Files { problems } => Self { files: problems, ..Self::new(Kind::InvalidFiles, detail) },
            Error::ListFile(error) => Self { line: error.line(), ..Self::new(kind_of_list_fault(&error), detail) },
            Error::Spool(error) => Self::new(kind_of_spool_fault(&error), detail),
            Error::Source { .. } => Self::new(Kind::SourceFailed, detail),
            Error::NotYours(_) => Self::new(Kind::NotYourAssignment, detail),
            Error::Contradicts(_) => Self::new(Kind::ContradictingOutcome, detail),
            Error::Late(_) => Self::new(Kind::LateOutcome, detail),
            Error::Ended { .. } => Self::new(Kind::AssignmentEnded, detail),
            Error::OrderRefused(_) => Self::new(Kind::OrderRefused, detail),
            Error::Disabled => Self::new(Kind::UserDisabled, detail),
            Error::ShuttingDown => Self::new(Kind::ShuttingDown, "the server is shutting down: ask again in a moment"),
        }
    }
}

/// A file that is too large is told from a disk that is full and from a body that broke off.
fn kind_of_spool_fault(error: &SpoolError) -> Kind {
    match error {
        SpoolError::TooLarge { .. } => Kind::BodyTooLarge,
        SpoolError::Read(_) => Kind::InvalidRequest,
        SpoolError::DiskFull(_) => Kind::DiskFull,
        SpoolError::Write(_) => Kind::Internal,
    }
}

/// A file that breaks off is no fault of the file; one that goes on for too long is.
fn kind_of_list_fault(error: Fault<'_>) -> Kind {
    let Some(read) = error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) else {
        return Kind::InvalidListFile;
    };
    let inner = read.get_ref().map(|inner| inner as Fault<'_>);
    if causes(inner).any(|error| error.is::<LengthLimitError>()) { Kind::BodyTooLarge } else { Kind::InvalidRequest }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::NotFound { .. } => Kind::NotFound,
            StoreError::Conflict(_) => Kind::Conflict,
            StoreError::Transition(_) => Kind::InvalidTransition,
            StoreError::Busy(_) => Kind::Busy,
            StoreError::Away(_) => Kind::DatabaseAway,
            StoreError::InDoubt(_) => Kind::CommitInDoubt,
            StoreError::ReadOnly(_) => Kind::DatabaseReadOnly,
            StoreError::Full(_) => Kind::DatabaseFull,
            StoreError::WrongKey(_) => Kind::SuppressionKey,
            StoreError::Corrupt { .. } | StoreError::Database(_) => return Self::internal(&error),
        };
        if kind.status().is_server_error() {
            tracing::warn!(error = chain(&error), "http.unavailable");
        }
        match kind {
            Kind::Busy | Kind::DatabaseAway | Kind::CommitInDoubt => Self::new(kind, format!("{error}: {ASK_AGAIN}")),
            _ => Self::new(kind, error.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = self.kind;
        let mut response = (kind.status(), Json(self.details())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = kind.retry_after_s() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// For paths that nobody serves.
pub(crate) async fn no_such_path() -> Problem {
    Problem::new(Kind::NotFound, "nothing is served at this path: /api/v1/openapi.json lists what is")
}

/// For paths that are served, but not with this method.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(
        Kind::MethodNotAllowed,
        "this path is served, but not with this method: the header Allow tells with which",
    )
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::body::Body;
    use futures_util::TryStreamExt;
    use http_body_util::Limited;

    use super::*;

    #[derive(Debug)]
    struct Unread(io::Error);

    impl std::fmt::Display for Unread {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("cannot be read on")
        }
    }

    impl std::error::Error for Unread {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_is_told_from_one_that_broke_off() {
        let limited = Body::new(Limited::new(Body::from("four"), 3)).into_data_stream();
        let too_large = limited.map_err(io::Error::other).try_collect::<Vec<_>>().await.expect_err("it is too large");
        assert_eq!(kind_of_list_fault(&Unread(too_large)), Kind::BodyTooLarge);
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(kind_of_list_fault(&Unread(broken)), Kind::InvalidRequest);
        assert_eq!(kind_of_list_fault(&Unread(io::Error::other("gone"))), Kind::InvalidRequest);
    }

    #[test]
    fn every_kind_has_a_type_of_its_own() {
        let mut paths: Vec<_> = Kind::ALL.iter().map(|kind| kind.path()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), Kind::ALL.len());
    }

    #[test]
    fn a_fault_is_logged_and_not_shown() {
        let cause = io::Error::other("no such column: secret");
        let problem = Problem::from(StoreError::Database(cause.into()));
        assert_eq!(problem.kind, Kind::Internal);
        assert!(!problem.detail.contains("secret"));
    }
}
