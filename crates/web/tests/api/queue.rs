//! What decides who receives a lead: abilities, shares of lists, and leads that are kept for somebody.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

async fn put(site: &Site, role: &str, path: &str, body: &Value) -> Answer {
    let request = site.request(role, Method::PUT, path).header(header::CONTENT_TYPE, "application/json");
    site.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn abilities_are_given_and_replaced() {
    let site = Site::new().await;
    let new = json!({ "name": "olga", "role": "operator", "skills": ["loans", "cards"], "languages": ["fr"] });
    let added = site.post("admin", "/api/v1/users", &new).await.expect(201);
    assert_eq!((&added["user"]["skills"], &added["user"]["languages"]), (&json!(["cards", "loans"]), &json!(["fr"])));
    let path = "/api/v1/users/olga/abilities";
    let able = put(&site, "supervisor", path, &json!({ "languages": ["nl", "de"] })).await.expect(200);
    assert_eq!((&able["skills"], &able["languages"]), (&json!(["cards", "loans"]), &json!(["de", "nl"])));
    let able = put(&site, "supervisor", path, &json!({ "skills": [] })).await.expect(200);
    assert_eq!((&able["skills"], &able["languages"]), (&json!([]), &json!(["de", "nl"])));
    let users = site.get("manager", "/api/v1/users").await.expect(200);
    let olga = users.as_array().expect("users").iter().find(|user| user["name"] == "olga").expect("olga");
    assert_eq!(olga["languages"], json!(["de", "nl"]));
    for (body, field) in [
        (json!({}), "skills"),
        (json!({ "skills": ["Home loans"] }), "skills[0]"),
        (json!({ "languages": ["fr", "french"] }), "languages[1]"),
    ] {
        let problem = put(&site, "supervisor", path, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], field, "{problem}");
    }
    put(&site, "supervisor", "/api/v1/users/nobody/abilities", &json!({ "skills": [] }))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn lists_share_the_queue() {
    let site = Site::calling().await;
    let load = "/api/v1/campaigns/tiny/lists?source=existing&country=FR&name=B";
    site.upload(load, "Phone,Name\n01 99 00 12 80,Zoé\n").await.expect(200);
    let path = "/api/v1/campaigns/tiny/mix";
    let mix = put(&site, "manager", path, &json!({ "shares": { "1": 2 } })).await.expect(200);
    let shares = |mix: &Value| -> Vec<(i64, i64, f64)> {
        let list = |list: &Value| (list["list"].as_i64(), list["share"].as_i64(), list["percent"].as_f64());
        let lists = mix["lists"].as_array().expect("lists").iter().map(list);
        lists
            .map(|(list, share, percent)| (list.expect("a key"), share.expect("a share"), percent.expect("a number")))
            .collect()
    };
    assert_eq!(shares(&mix), [(1, 2, 66.7), (2, 1, 33.3)]);
    let mix = put(&site, "manager", path, &json!({ "shares": { "1": 0, "2": 30 } })).await.expect(200);
    assert_eq!(shares(&mix), [(1, 0, 0.0), (2, 30, 100.0)]);
    let queue = site.get("manager", "/api/v1/campaigns/tiny/queue").await.expect(200);
    assert!(queue["standings"].to_string().contains("list_switched_off"), "{queue}");
    for (shares, field) in
        [(json!({}), "shares"), (json!({ "9": 1 }), "shares.9"), (json!({ "1": 10_001 }), "shares.1")]
    {
        let problem = put(&site, "manager", path, &json!({ "shares": shares })).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], field, "{problem}");
    }
    let problem = put(&site, "manager", path, &json!({ "shares": { "2": 0 } })).await.problem(409, "conflict");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("adds up to nothing")), "{problem}");
    put(&site, "manager", path, &json!({ "shares": { "1": -1 } })).await.problem(400, "invalid-request");
    put(&site, "manager", "/api/v1/campaigns/none/mix", &json!({ "shares": { "1": 1 } }))
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_lead_is_kept_for_its_operator() {
    let site = Site::calling().await;
    let lead =
        site.post("supervisor", "/api/v1/next", &json!({ "operator": "operator" })).await.expect(200)["lead"].clone();
    let path = format!("/api/v1/leads/{lead}/reservation");
    let kept = put(&site, "manager", &path, &json!({ "operator": "supervisor" })).await.expect(200);
    assert_eq!(kept, json!({ "lead": lead, "operator": "supervisor" }));
    let kept = put(&site, "supervisor", &path, &json!({ "anybody": true })).await.expect(200);
    assert_eq!(kept["operator"], json!(null));
    for body in [json!({}), json!({ "operator": "analyst" }), json!({ "operator": "operator", "anybody": true })] {
        let problem = put(&site, "supervisor", &path, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], "operator", "{problem}");
    }
    put(&site, "supervisor", "/api/v1/leads/999/reservation", &json!({ "anybody": true }))
        .await
        .problem(404, "not-found");
}
