//! What is wrong with a request is told, with the place and without repeating values.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

async fn posted(site: &Site, path: &str, body: &str) -> Answer {
    site.send(site.posting("admin", path).body(Body::from(body.to_owned())).expect("a request")).await
}

/// Path, body, the field at fault, and what the detail says.
const UNREADABLE: &[(&str, &str, Option<&str>, &str)] = &[
    ("/next", "{\n  \"campaign\": }", None, "line 2, column 15: the body is not JSON"),
    ("/next", "", None, "the body is empty"),
    ("/next", "{} {}", None, "the body is not JSON: trailing characters"),
    ("/next", r#"{"kampagne":"x"}"#, Some("kampagne"), "unknown field `kampagne`"),
    ("/next", r#"{"campaign":7}"#, Some("campaign"), "expected a string, found integer"),
    ("/why", r#"{"lead":"+33199001234"}"#, Some("lead"), "expected i64, found string"),
    ("/users", r#"{"name":"a"}"#, Some("role"), "missing field `role`"),
    ("/users", r#"{"name":"a","role":"boss"}"#, Some("role"), "unknown variant `boss`, expected one of `operator`"),
    ("/users", "7", Some("body"), "found integer"),
    (
        "/assignments/1/outcome",
        r#"{"token":"t","report":{"disposition":"x","nota":"Dupont"}}"#,
        Some("report.nota"),
        "unknown field",
    ),
    (
        "/assignments/1/outcome",
        r#"{"token":"t","report":{"disposition":"x","callback":{"due_at":"Dupont, +33199001234"}}}"#,
        Some("report.callback.due_at"),
        "is not an instant: write it as 2026-11-25T08:00:00Z",
    ),
    (
        "/assignments/1/outcome",
        r#"{"token":"t","report":{"disposition":"x","refusal":{"reason":"price","contract_end":"31.12.2026"}}}"#,
        Some("report.refusal.contract_end"),
        "is not a date: write it as 2026-12-31",
    ),
];

#[tokio::test]
async fn json_that_cannot_be_read() {
    let site = Site::new().await;
    for (path, body, field, detail) in UNREADABLE {
        let answer = posted(&site, &format!("/api/v1{path}"), body).await;
        let problem = answer.problem(400, "invalid-request");
        assert!(problem["detail"].as_str().expect("a detail").contains(detail), "{body}: {problem}");
        assert_eq!(problem["problems"][0]["field"].as_str(), *field, "{body}: {problem}");
        assert!(!answer.text.contains("33199001234") && !answer.text.contains("Dupont"), "{problem}");
    }
}

#[tokio::test]
async fn bodies_of_another_kind_or_size() {
    let site = Site::new().await;
    let request = site.request("admin", Method::POST, "/api/v1/next").header(header::CONTENT_TYPE, "text/plain");
    site.send(request.body(Body::from("{}")).expect("a request")).await.problem(415, "unsupported-media-type");
    let large = format!("{{\"campaign\":\"{}\"}}", "x".repeat(4 * 1024 * 1024));
    posted(&site, "/api/v1/next", &large).await.problem(413, "body-too-large");
    let keyed = site.posting("admin", "/api/v1/suppressions").header("Idempotency-Key", "k").body(Body::from(large));
    site.send(keyed.expect("a request")).await.problem(413, "body-too-large");
}

#[tokio::test]
async fn paths_and_queries_that_cannot_be_read() {
    let site = Site::new().await;
    for (path, field) in [
        ("/lists?campain=x", Some("campain")),
        ("/outcomes?limit=many", Some("limit")),
        ("/outcomes?limit=0", Some("limit")),
        ("/outcomes?limit=1001", Some("limit")),
        ("/outcomes?since=yesterday", Some("since")),
        ("/lists/first", None),
    ] {
        let problem = site.get("admin", &format!("/api/v1{path}")).await.problem(400, "invalid-request");
        assert_eq!(problem["problems"][0]["field"].as_str(), field, "{path}: {problem}");
    }
    for path in ["/outcomes?since=yesterday", "/orders?until=2026-11-25"] {
        let problem = site.get("admin", &format!("/api/v1{path}")).await.problem(400, "invalid-request");
        let message = problem["problems"][0]["message"].as_str();
        assert_eq!(message, Some("is not an instant: write it as 2026-11-25T08:00:00Z"), "{path}: {problem}");
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let site = Site::new().await;
    for path in [
        "/campaigns/x",
        "/campaigns/x/queue",
        "/campaigns/x/report",
        "/lists/9",
        "/lists/9/rejects",
        "/lists?campaign=x",
        "/callbacks?campaign=x",
        "/outcomes?campaign=x",
        "/outcomes?operator=x",
        "/outcomes?tariff=x",
        "/outcomes?list=9",
        "/nothing",
        "/assignment",
    ] {
        site.get("admin", &format!("/api/v1{path}")).await.problem(404, "not-found");
    }
    site.get("admin", "/nothing").await.problem(404, "not-found");
    let wrong = site.request("admin", Method::DELETE, "/api/v1/campaigns").body(Body::empty()).expect("a request");
    let answer = site.send(wrong).await;
    answer.problem(405, "method-not-allowed");
    assert_eq!(answer.headers[header::ALLOW], "GET,HEAD");
    let wrong = site.request("admin", Method::POST, "/healthz").body(Body::empty()).expect("a request");
    site.send(wrong).await.problem(405, "method-not-allowed");
}

#[tokio::test]
async fn files_and_fields_that_are_wrong() {
    let site = Site::calling().await;
    let folder = json!({ "campaign": { "path": "c.toml", "text": "campaign = 7\n" } });
    let report = site.post("manager", "/api/v1/campaigns/check", &folder).await.expect(200);
    assert_eq!(report["passed"], false);
    let problem = site.post("manager", "/api/v1/campaigns/plan", &folder).await.problem(422, "invalid-files");
    let located = |file: &Value| file["file"] == "c.toml" && file["line"] == 1;
    assert!(problem["files"].as_array().expect("files").iter().any(located), "{problem}");
    for (path, body, field) in [
        ("/users", json!({ "name": "Marie Dupont", "role": "operator" }), "name"),
        ("/suppressions", json!({ "phone": "01 99 00 12 34", "reason": "r" }), "phone"),
        ("/suppressions", json!({ "phone": "+33199001234", "reason": " " }), "reason"),
        ("/tariffs/publish", json!({}), "tariff"),
        ("/why", json!({}), "lead"),
    ] {
        let problem = site.post("admin", &format!("/api/v1{path}"), &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], field, "{problem}");
    }
    let problem = site.post("manager", "/api/v1/campaigns/tiny/state", &json!({ "event": "resume" })).await;
    let problem = problem.problem(409, "invalid-transition");
    assert!(problem["detail"].as_str().expect("a detail").contains("it can pause or finish"), "{problem}");
    site.post("admin", "/api/v1/users", &json!({ "name": "operator", "role": "admin" })).await.problem(409, "conflict");
    site.post("admin", "/api/v1/tariffs/preview", &json!({ "tariff": "x" })).await.problem(404, "not-found");
}
