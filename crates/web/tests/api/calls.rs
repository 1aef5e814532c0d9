//! The operator's work through the API.

use std::time::Duration;

use serde_json::{Value, json};

use crate::site::{CAMPAIGN, LIST, LOAD, Site};

async fn next(site: &Site, role: &str) -> Value {
    site.post(role, "/api/v1/next", &json!({})).await.expect(200)
}

fn outcome_path(lead: &Value) -> String {
    format!("/api/v1/assignments/{}/outcome", lead["assignment"])
}

#[tokio::test]
async fn a_lead_is_held_until_its_outcome_is_recorded() {
    let site = Site::calling().await;
    site.get("operator", "/api/v1/assignment").await.problem(404, "not-found");
    let lead = next(&site, "operator").await;
    assert_eq!(lead["phone"], "+33199001201");
    assert_eq!(next(&site, "operator").await, lead);
    let held = site.get("operator", "/api/v1/assignment").await.expect(200);
    assert_eq!(held["assignment"], lead["assignment"]);

    let report = json!({ "token": lead["token"], "report": { "disposition": "no_answer" } });
    let recorded = site.post("operator", &outcome_path(&lead), &report).await.expect(200);
    assert_eq!(recorded["lead_state"], "scheduled");
    let again = site.post("operator", &outcome_path(&lead), &report).await.expect(200);
    assert_eq!(again, recorded);
    let other = json!({ "token": lead["token"], "report": { "disposition": "wrong_number" } });
    site.post("operator", &outcome_path(&lead), &other).await.problem(409, "contradicting-outcome");
    assert_ne!(next(&site, "operator").await["assignment"], lead["assignment"]);
}

#[tokio::test]
async fn nobody_touches_the_assignment_of_another() {
    let site = Site::calling().await;
    let lead = next(&site, "operator").await;
    let report = |token: &Value| json!({ "token": token, "report": { "disposition": "no_answer" } });
    let token = &lead["token"];
    for (role, token) in [("operator", &json!("wrong")), ("supervisor", token), ("admin", token)] {
        let problem = site.post(role, &outcome_path(&lead), &report(token)).await.problem(404, "not-your-assignment");
        let detail = format!("assignment {} is not yours, or the token is not its", lead["assignment"]);
        assert!(problem["detail"].as_str().is_some_and(|told| told.starts_with(&detail)), "{problem}");
    }
    let unknown = site.post("operator", "/api/v1/assignments/999/outcome", &report(token)).await;
    let problem = unknown.problem(404, "not-your-assignment");
    let detail = "assignment 999 is not yours, or the token is not its";
    assert!(problem["detail"].as_str().is_some_and(|told| told.starts_with(detail)), "{problem}");
    let wrong = json!({ "token": token, "report": { "disposition": "refused" } });
    let problem = site.post("operator", &outcome_path(&lead), &wrong).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "refusal");
}

#[tokio::test]
async fn who_may_call_for_others_names_an_operator() {
    let site = Site::calling().await;
    let named = |name: &str| json!({ "operator": name });
    site.post("operator", "/api/v1/next", &named("supervisor")).await.problem(403, "forbidden");
    site.get("operator", "/api/v1/assignment?operator=supervisor").await.problem(403, "forbidden");
    site.get("operator", "/api/v1/callbacks?operator=supervisor").await.problem(403, "forbidden");
    let own = site.post("operator", "/api/v1/next", &named("operator")).await.expect(200);
    let asked = site.post("supervisor", "/api/v1/next", &named("operator")).await.expect(200);
    assert_eq!(own, asked);
    for wrong in ["nobody", "analyst", "manager"] {
        let problem = site.post("supervisor", "/api/v1/next", &named(wrong)).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], "operator", "{wrong}");
    }
    site.post("admin", "/api/v1/users/operator/disable", &json!({})).await.expect(200);
    site.post("supervisor", "/api/v1/next", &named("operator")).await.problem(422, "invalid-fields");
    site.post("supervisor", "/api/v1/next", &json!({ "campaign": "x" })).await.problem(404, "not-found");
}

#[tokio::test]
async fn promises_are_seen_by_those_who_keep_them() {
    let site = Site::calling().await;
    for role in ["operator", "supervisor"] {
        let lead = next(&site, role).await;
        let callback = json!({ "due_at": "2026-11-25T10:00:00Z", "personal": true });
        let report = json!({ "token": lead["token"], "report": { "disposition": "call_back", "callback": callback } });
        site.post(role, &outcome_path(&lead), &report).await.expect(200);
    }
    let seen = async |role: &str, query: &str| {
        let callbacks = site.get(role, &format!("/api/v1/callbacks{query}")).await.expect(200);
        callbacks.as_array().expect("a list").len()
    };
    assert_eq!(seen("operator", "").await, 1);
    assert_eq!(seen("operator", "?operator=operator&campaign=tiny").await, 1);
    assert_eq!(seen("supervisor", "").await, 2);
    assert_eq!(seen("manager", "?operator=operator").await, 1);
    site.get("manager", "/api/v1/callbacks?operator=nobody").await.problem(422, "invalid-fields");
}

const TARIFF: &str = r#"
tariff = "small"
name = "Small"
price = "19.00"
currency = "EUR"
per = "month"
valid_from = 2026-01-01
time_zone = "Europe/Paris"
campaigns = ["tiny"]
"#;

#[tokio::test]
async fn a_refusal_comes_back_with_a_tariff_that_answers_it() {
    let site = Site::calling().await;
    let lead = next(&site, "operator").await;
    let refusal = json!({ "reason": "price", "price_ceiling": "20" });
    let report = json!({ "token": lead["token"], "report": { "disposition": "refused", "refusal": refusal } });
    site.post("operator", &outcome_path(&lead), &report).await.expect(200);

    let file = json!({ "path": "small.toml", "text": TARIFF });
    let checked = site.post("analyst", "/api/v1/tariffs/check", &file).await.expect(200);
    assert_eq!(checked, json!({ "tariff": "small", "ok": true }));
    let preview = site.post("manager", "/api/v1/tariffs/preview", &json!({ "file": file })).await.expect(200);
    assert_eq!(preview["reopened_now"], 1);
    let published = site.post("manager", "/api/v1/tariffs/publish", &json!({ "file": file })).await.expect(200);
    assert_eq!(published["reopened"], 1);
    let again = site.post("manager", "/api/v1/tariffs/publish", &json!({ "tariff": "small" })).await.expect(200);
    assert_eq!(again["reopened"], 0);

    let back = next(&site, "operator").await;
    assert_eq!((&back["lead"], &back["why"]), (&lead["lead"], &json!("reopened")));
    let why = site.post("supervisor", "/api/v1/why", &json!({ "phone": "+33 1 99 00 12 01" })).await.expect(200);
    assert_eq!(why["leads"][0]["standing"], "assigned");
    let withdrawn = site.post("manager", "/api/v1/tariffs/small/withdraw", &json!({})).await.expect(200);
    assert_eq!(withdrawn["taken_back"], 0, "the one it brought back is with an operator");
    let shown = site.get("analyst", "/api/v1/tariffs/small").await.expect(200);
    assert_eq!((&shown["summary"]["state"], &shown["prices"][0]["version"]), (&json!("retired"), &json!(1)));
    let report = site.get("analyst", "/api/v1/campaigns/tiny/report").await.expect(200);
    assert_eq!(report["reopenings"]["lines"][0]["reopened"], 1);
}

#[tokio::test]
async fn who_waits_is_told_when_the_time_is_over_and_how_long_that_may_be() {
    let site = Site::new().await;
    let nobody = site.post("operator", "/api/v1/next", &json!({ "wait_s": 1 })).await.expect(200);
    assert_eq!(nobody["kind"], "nobody");
    let problem = site.post("operator", "/api/v1/next", &json!({ "wait_s": 61 })).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "wait_s");
    let ended = async { site.engine.end_waits() };
    let waiting = json!({ "wait_s": 60 });
    let (answer, ()) = tokio::join!(site.post("operator", "/api/v1/next", &waiting), ended);
    assert_eq!(answer.expect(200)["kind"], "nobody", "a server that stops keeps nobody waiting");
}

/// The server drops the request of a connection that was closed; the task that answers it must not go on waiting.
#[tokio::test]
async fn who_goes_away_while_waiting_gets_no_lead() {
    let site = Site::new().await;
    let folder = json!({ "campaign": { "path": "campaign.toml", "text": CAMPAIGN } });
    site.post("manager", "/api/v1/campaigns/apply", &folder).await.expect(200);
    site.post("manager", "/api/v1/campaigns/tiny/state", &json!({ "event": "start" })).await.expect(200);
    let waiting = json!({ "wait_s": 60 });
    let gone = tokio::time::timeout(Duration::from_millis(300), site.post("operator", "/api/v1/next", &waiting)).await;
    assert!(gone.is_err(), "nobody is callable");
    site.upload(LOAD, LIST).await.expect(200);
    assert_eq!(next(&site, "supervisor").await["phone"], "+33199001201");
    site.get("operator", "/api/v1/assignment").await.problem(404, "not-found");
}
