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
        for problem in &self.problems {
            let said = format!("{}: {}", problem.field, problem.message);
            if said != detail {
                write!(f, "\n  {said}")?;
            }
            if let Some(flag) = flag(problem) {
                write!(f, " ({flag})")?;
            }
        }
        self.files.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// The flag that gives a field of an outcome or an order.
fn flag(problem: &FieldProblem) -> Option<String> {
    let mut path = problem.field.split('.');
    let (part, field) = (path.next()?, path.next());
    let own = |field: &str| Some(format!("--{}", field.replace('_', "-")));
    match (part, field) {
        ("refusal", None) => own("reason"),
        ("refusal", Some("wanted_features")) => own("want"),
        ("refusal", Some(field)) => own(field),
        ("callback", None | Some("due_at")) => own("callback_at"),
        ("callback", Some(field)) => own(field),
        // Of an order that is corrected the tariff stays.
        ("order", None) => own("tariff").filter(|_| problem.message.starts_with("is missing")),
        ("order", Some("fields")) => own("field"),
        ("order", Some("appointment")) => match path.next() {
            None | Some("date") => own("appointment"),
            Some("materials") => own("material"),
            Some(field) => own(field),
        },
        ("order", Some(field)) => own(field),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

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
        let shown = "the outcome cannot be taken as it is\n  note: is long\n  order: is missing (--tariff)";
        assert_eq!(refusal.to_string(), shown);
        let single = read(
            r#"{"type":"x","title":"t","detail":"name: is taken","problems":[{"field":"name","message":"is taken"}]}"#,
        );
        assert_eq!(single.to_string(), "name: is taken");
    }

    #[test]
    fn the_flags_of_an_outcome_are_named() {
        let outcome = crate::args::Arguments::command();
        let outcome = outcome.find_subcommand("outcome").expect("the command");
        for (field, named) in [
            ("refusal", "reason"),
            ("refusal.reason", "reason"),
            ("refusal.price_ceiling", "price-ceiling"),
            ("refusal.max_months", "max-months"),
            ("refusal.wanted_features.tv", "want"),
            ("refusal.coverage", "coverage"),
            ("refusal.competitor", "competitor"),
            ("refusal.competitor_price", "competitor-price"),
            ("refusal.contract_end", "contract-end"),
            ("refusal.call_after", "call-after"),
            ("refusal.tariff_offered", "tariff-offered"),
            ("callback", "callback-at"),
            ("callback.due_at", "callback-at"),
            ("callback.personal", "personal"),
            ("order", "tariff"),
            ("order.tariff", "tariff"),
            ("order.fields.street", "field"),
            ("order.appointment", "appointment"),
            ("order.appointment.date", "appointment"),
            ("order.appointment.window", "window"),
            ("order.appointment.materials", "material"),
            ("order.appointment.amount_due", "amount-due"),
            ("order.told", "told"),
            ("order.account", "account"),
        ] {
            assert_eq!(flag(&FieldProblem::new(field, "is missing")), Some(format!("--{named}")), "{field}");
            assert!(outcome.get_arguments().any(|flag| flag.get_long() == Some(named)), "--{named} is no flag");
        }
        assert_eq!(flag(&FieldProblem::new("order", "changes nothing")), None);
        assert_eq!(flag(&FieldProblem::new("name", "is taken")), None);
        let single = read(
            r#"{"type":"x","title":"t","detail":"refusal: is missing","problems":[{"field":"refusal","message":"is missing"}]}"#,
        );
        assert_eq!(single.to_string(), "refusal: is missing (--reason)");
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
