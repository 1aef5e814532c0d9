//! Operators who are away and promises that are overdue, through the API.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

async fn send(site: &Site, role: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = site.request(role, method, path).header(header::CONTENT_TYPE, "application/json");
    site.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn an_absence_is_said_by_oneself_or_a_supervisor() {
    let site = Site::calling().await;
    let path = "/api/v1/users/operator/away";
    let absence = json!({ "from": "2026-11-25T08:00:00Z", "until": "2026-11-26T08:00:00Z" });
    let away = send(&site, "operator", Method::PUT, path, &absence).await.expect(200);
    assert_eq!(away["away"], absence);
    let from_now = send(&site, "supervisor", Method::PUT, path, &json!({ "until": "2026-11-26T08:00:00Z" })).await;
    assert_eq!(from_now.expect(200)["away"]["from"], "2026-11-24T10:00:00Z");
    for role in ["analyst", "manager"] {
        send(&site, role, Method::PUT, path, &absence).await.problem(403, "forbidden");
        send(&site, role, Method::DELETE, path, &json!({})).await.problem(403, "forbidden");
    }
    for (from, until) in
        [(Value::Null, "2026-11-24T10:00:00Z"), (json!("2026-11-27T08:00:00Z"), "2026-11-26T08:00:00Z")]
    {
        let wrong = json!({ "from": from, "until": until });
        let problem = send(&site, "operator", Method::PUT, path, &wrong).await.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], "until");
    }
    let unknown = send(&site, "admin", Method::PUT, "/api/v1/users/nobody/away", &absence).await;
    unknown.problem(404, "not-found");
    for _ in 0..2 {
        let back = send(&site, "operator", Method::DELETE, path, &json!({})).await.expect(200);
        assert_eq!(back["away"], Value::Null);
    }
}

#[tokio::test]
async fn overdue_promises_say_for_how_long() {
    let site = Site::calling().await;
    let lead = site.post("operator", "/api/v1/next", &json!({})).await.expect(200);
    let callback = json!({ "due_at": "2026-11-25T10:00:00Z", "personal": true });
    let report = json!({ "token": lead["token"], "report": { "disposition": "call_back", "callback": callback } });
    let path = format!("/api/v1/assignments/{}/outcome", lead["assignment"]);
    site.post("operator", &path, &report).await.expect(200);
    let open = site.get("supervisor", "/api/v1/callbacks").await.expect(200);
    assert_eq!((&open[0]["lead"], &open[0]["overdue_s"]), (&lead["lead"], &Value::Null));
    assert_eq!(site.get("supervisor", "/api/v1/callbacks?overdue=true").await.expect(200), json!([]));
}
