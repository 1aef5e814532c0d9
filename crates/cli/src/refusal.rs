//! What a server says no with, as people read it.

use std::fmt;

use axum::http::StatusCode;
use relance_domain::campaign::Problem;
use relance_domain::outcome::FieldProblem;
use serde::Deserialize;

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The problem's stable type; empty where the answer was none of ours.
    pub(crate) kind: String,
    detail: String,
    problems: Vec<FieldProblem>,
    files: Vec<Problem>,
    line: Option<u64>,
    /// The file that was sent.
    file: Option<String>,
}

/// `application/problem+json` as far as it is understood here.
#[derive(Debug, Deserialize)]
struct Details {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    problems: Vec<FieldProblem>,
    #[serde(default)]
    files: Vec<Problem>,
    #[serde(default)]
    line: Option<u64>,
}

impl Refusal {
    /// Reads the body of an answer that is no success.
    pub(crate) fn read(status: StatusCode, body: &[u8]) -> Self {
        match serde_json::from_slice::<Details>(body) {
            Ok(Details { kind, title, detail, problems, files, line }) => {
                let detail = detail.unwrap_or(title);
                Self { kind, detail, problems, files, line, file: None }
            }
            // Something on the way, like a proxy, has answered.
            Err(_) => Self {
                kind: String::new(),
                detail: format!("the answer was {status} and not one of a Relance server: is the address right?"),
                problems: Vec::new(),
                files: Vec::new(),
                line: None,
                file: None,
            },
        }
    }

    /// The same, said of a file that was sent.
    pub(crate) fn of_file(self, file: &str) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = match (&self.file, self.line) {
            // The place goes in front, where editors find it.
            (Some(file), Some(line)) => {
                let rest = self.detail.strip_prefix(&format!("line {line}"));
                let rest = rest.and_then(|rest| rest.strip_prefix(": ").or(rest.strip_prefix(", ")));
                format!("{file}:{line}: {}", rest.unwrap_or(&self.detail))
            }
            (Some(file), None) if self.kind.ends_with("/invalid-list-file") => format!("{file}: {}", self.detail),
            _ => self.detail.clone(),
        };
        f.write_str(&detail)?;
        for FieldProblem { field, message } in &self.problems {
            let said = format!("{field}: {message}");
            if said != detail {
                write!(f, "\n  {said}")?;
            }
        }
        self.files.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Refusal {
        Refusal::read(StatusCode::UNPROCESSABLE_ENTITY, body.as_bytes())
    }

    #[test]
    fn each_problem_has_a_line_of_its_own() {
        let refusal = read(
            r#"{"type":"/problems/invalid-fields","title":"t","status":422,"detail":"the outcome cannot be taken as it is",
                "problems":[{"field":"note","message":"is long"},{"field":"order","message":"is missing"}]}"#,
        );
        let shown = "the outcome cannot be taken as it is\n  note: is long\n  order: is missing";
        assert_eq!(refusal.to_string(), shown);
        let single = read(
            r#"{"type":"x","title":"t","detail":"name: is taken","problems":[{"field":"name","message":"is taken"}]}"#,
        );
        assert_eq!(single.to_string(), "name: is taken");
    }

    #[test]
    fn files_are_named_with_their_line() {
        let refusal = read(
            r#"{"type":"x","title":"t","detail":"the files have 1 problem",
                "files":[{"file":"a/campaign.toml","line":3,"check":"known-keys","message":"`gaol` is not a key"}]}"#,
        );
        let shown = "the files have 1 problem\n  a/campaign.toml:3: `gaol` is not a key [known-keys]";
        assert_eq!(refusal.to_string(), shown);
        let list =
            r#"{"type":"/problems/invalid-list-file","title":"t","detail":"line 7, column 2: a NUL byte","line":7}"#;
        assert_eq!(read(list).of_file("x.csv").to_string(), "x.csv:7: column 2: a NUL byte");
        let list = r#"{"type":"/problems/invalid-list-file","title":"t","detail":"the file is empty"}"#;
        assert_eq!(read(list).of_file("x.csv").to_string(), "x.csv: the file is empty");
    }

    #[test]
    fn what_a_proxy_says_is_not_repeated() {
        let refusal = Refusal::read(StatusCode::BAD_GATEWAY, b"<html>\x1b[31m");
        assert!(refusal.to_string().contains("502 Bad Gateway"), "{refusal}");
    }
}
