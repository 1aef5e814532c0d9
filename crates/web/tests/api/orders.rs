//! Orders through the API: typed, placed, looked after, and what is refused.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

const TARIFF: &str = r#"
tariff = "small"
name = "Small"
price = "9.99"
currency = "EUR"
per = "month"
valid_from = 2026-01-01
time_zone = "Europe/Paris"
campaigns = ["tiny"]
"#;

/// A site where the operator holds a lead that can order.
async fn selling() -> (Site, Value) {
    let site = Site::calling().await;
    let file = json!({ "file": { "path": "small.toml", "text": TARIFF } });
    site.post("manager", "/api/v1/tariffs/publish", &file).await.expect(200);
    let lead = site.post("operator", "/api/v1/next", &json!({})).await.expect(200);
    (site, lead)
}

async fn save(site: &Site, lead: &Value, body: &Value) -> Answer {
    let path = format!("/api/v1/assignments/{}/order-draft", lead["assignment"]);
    let request = site.request("operator", Method::PUT, &path).header(header::CONTENT_TYPE, "application/json");
    site.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn a_draft_is_kept_and_not_overwritten_unseen() {
    let (site, lead) = selling().await;
    let typed = |version: i64, name: &str| {
        json!({ "token": lead["token"], "version": version,
            "order": { "tariff": "", "fields": { "first_name": name } } })
    };
    let saved = save(&site, &lead, &typed(0, "An")).await.expect(200);
    assert_eq!((&saved["version"], &saved["lacks"][0]["field"]), (&json!(1), &json!("order.tariff")));
    let problem = save(&site, &lead, &typed(0, "Bo")).await.problem(409, "conflict");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("version 1")), "{problem}");
    let held = site.get("operator", "/api/v1/assignment").await.expect(200);
    assert_eq!(held["order_draft"]["order"]["fields"]["first_name"], "An");
    let problem = save(&site, &lead, &typed(-1, "An")).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "version");
    for wrong in [
        json!({ "token": lead["token"], "version": 1, "order": { "tariff": "small", "fields": { "first_name": 3 } } }),
        json!({ "token": lead["token"], "version": 1, "order": { "tariff": "small", "colour": "red" } }),
        json!({ "token": lead["token"], "version": 1, "order": { "tariff": "small", "appointment": { "date": "soon" } } }),
        json!({ "token": lead["token"], "version": "1", "order": { "tariff": "small" } }),
        json!({ "token": lead["token"], "order": { "tariff": "small" } }),
    ] {
        save(&site, &lead, &wrong).await.problem(400, "invalid-request");
    }
    let unknown =
        json!({ "token": lead["token"], "version": 1, "order": { "tariff": "small", "fields": { "colour": "red" } } });
    let problem = save(&site, &lead, &unknown).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "order.fields.colour");
}

#[tokio::test]
async fn an_order_is_looked_after_by_those_who_may() {
    let (site, lead) = selling().await;
    let outcome = format!("/api/v1/assignments/{}/outcome", lead["assignment"]);
    let order = json!({ "tariff": "none-such" });
    let report = json!({ "token": lead["token"], "report": { "disposition": "ordered", "order": order } });
    let problem = site.post("operator", &outcome, &report).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "order.tariff");
    let order = json!({ "tariff": "small", "told": ["a_joke"], "account": "1", "appointment": { "window": "x" } });
    let report = json!({ "token": lead["token"], "report": { "disposition": "ordered", "order": order } });
    let problem = site.post("operator", &outcome, &report).await.problem(422, "invalid-fields");
    let fields: Vec<_> = problem["problems"].as_array().expect("a list").iter().map(|p| p["field"].clone()).collect();
    assert_eq!(fields, ["order.appointment", "order.told", "order.account"]);
    let report =
        json!({ "token": lead["token"], "report": { "disposition": "ordered", "order": { "tariff": "small" } } });
    site.post("operator", &outcome, &report).await.expect(200);

    let page = site.get("analyst", "/api/v1/orders?campaign=tiny&state=placed").await.expect(200);
    assert_eq!((&page["rows"][0]["number"], &page["rows"][0]["version"]), (&json!("000001"), &json!(1)));
    assert!(!page.to_string().contains("Anna"), "no names in lists");
    site.get("analyst", "/api/v1/orders?state=lost").await.problem(422, "invalid-fields");
    site.get("analyst", "/api/v1/orders?campaign=tiny&form=true").await.problem(403, "forbidden");
    site.get("analyst", "/api/v1/orders/1").await.problem(403, "forbidden");
    let csv = |role: &'static str, path: &'static str| {
        let request = site.request(role, Method::GET, path).header(header::ACCEPT, "text/csv");
        site.send(request.body(Body::empty()).expect("a request"))
    };
    assert!(!csv("analyst", "/api/v1/orders").await.text.contains("Anna"));
    let file = csv("manager", "/api/v1/orders?campaign=tiny&form=true").await;
    assert!(file.text.lines().next().is_some_and(|header| header.ends_with("field_first_name")), "{}", file.text);
    assert!(file.text.contains("Anna"), "{}", file.text);
    csv("manager", "/api/v1/orders?form=true").await.problem(422, "invalid-fields");

    let seen = json!({ "version": 1 });
    site.post("supervisor", "/api/v1/orders/9/verify", &seen).await.problem(404, "not-found");
    site.post("supervisor", "/api/v1/orders/1/fulfil", &seen).await.problem(409, "order-refused");
    site.post("supervisor", "/api/v1/orders/1/verify", &json!({ "version": 7 })).await.problem(409, "conflict");
    let verified = site.post("supervisor", "/api/v1/orders/1/verify", &seen).await.expect(200);
    assert_eq!((&verified["state"], &verified["verified_by"]), (&json!("verified"), &json!("supervisor")));
    let correction = json!({ "version": 2, "why": "spelled again", "order": { "fields": { "first_name": "Hanna" } } });
    let corrected = site.post("manager", "/api/v1/orders/1/correct", &correction).await.expect(200);
    site.post("supervisor", "/api/v1/orders/1/verify", &json!({ "version": 3 })).await.expect(200);
    let row = site.get("analyst", "/api/v1/orders").await.expect(200)["rows"][0].clone();
    assert_eq!((&row["state"], &row["corrected_by"]), (&json!("verified"), &json!("manager")));
    assert_eq!(row["corrected_at"], corrected["history"][2]["at"]);
    let file = csv("analyst", "/api/v1/orders").await.text;
    let stamp = format!("{},manager,", row["corrected_at"].as_str().expect("an instant"));
    assert!(file.contains(&stamp), "when and by whom it was corrected: {file}");
    let cancel = json!({ "version": 4, "reason": "mood" });
    let problem = site.post("supervisor", "/api/v1/orders/1/cancel", &cancel).await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "reason");
    site.post("manager", "/api/v1/webhooks/replay", &json!({})).await.problem(422, "invalid-fields");
    site.get("manager", "/api/v1/webhooks?sink=provid").await.problem(404, "not-found");
    site.get("manager", "/api/v1/webhooks").await.expect(200);
}
