//! Files that are sent as they are made, and pages.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

use crate::site::{Answer, Site};

async fn csv(site: &Site, role: &str, path: &str) -> Answer {
    let request = site.request(role, Method::GET, path).header(header::ACCEPT, "text/csv");
    let answer = site.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let disposition = answer.headers[header::CONTENT_DISPOSITION].to_str().expect("text");
    assert!(disposition.starts_with("attachment; filename="), "{disposition}");
    answer
}

#[tokio::test]
async fn rejected_rows_are_a_file_to_be_mended() {
    let site = Site::calling().await;
    let file = csv(&site, "manager", "/api/v1/lists/1/rejects").await.text;
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("_line,_code,_column,_message,Phone,Name"));
    assert!(
        lines.next().is_some_and(|line| line.starts_with("5,phone_invalid,Phone,") && line.ends_with(",12,'=Dora")),
        "{file}"
    );
    assert_eq!(lines.next(), None);
    let mended = file.replace(",12,'=Dora", ",01 99 00 12 04,'=Dora");
    let loaded = site.upload("/api/v1/campaigns/tiny/lists?name=Mended&source=existing", &mended).await.expect(200);
    assert_eq!(loaded["counts"]["new_leads"], 1, "{loaded}");
    let page = site.get("manager", "/api/v1/lists/1/rejects?limit=1").await.expect(200);
    assert_eq!((&page["rows"][0]["line"], &page["next"]), (&json!(5), &json!(null)));
    let rest = site.get("manager", "/api/v1/lists/1/rejects?after_line=5").await.expect(200);
    assert_eq!(rest["rows"], json!([]));
    let request = site.request("manager", Method::GET, "/api/v1/lists/9/rejects").header(header::ACCEPT, "text/csv");
    site.send(request.body(Body::empty()).expect("a request")).await.problem(404, "not-found");
}

#[tokio::test]
async fn outcomes_are_paged_and_a_file() {
    let site = Site::calling().await;
    assert_eq!(csv(&site, "analyst", "/api/v1/outcomes").await.text.lines().count(), 1);
    for note in ["=1+1", "b", "c"] {
        let lead = site.post("operator", "/api/v1/next", &json!({})).await.expect(200);
        let report = json!({ "token": lead["token"], "report": { "disposition": "wrong_number", "note": note } });
        let path = format!("/api/v1/assignments/{}/outcome", lead["assignment"]);
        site.post("operator", &path, &report).await.expect(200);
    }
    let first = site.get("analyst", "/api/v1/outcomes?limit=2&campaign=tiny").await.expect(200);
    assert_eq!(first["rows"].as_array().map(Vec::len), Some(2));
    let rest = site.get("analyst", &format!("/api/v1/outcomes?limit=2&after={}", first["next"])).await.expect(200);
    assert_eq!((rest["rows"].as_array().map(Vec::len), &rest["next"]), (Some(1), &json!(null)));
    let filtered = "/api/v1/outcomes?operator=operator&disposition=wrong_number&list=1&since=2026-11-24T10:00:00Z\
        &until=2026-11-25T00:00:00Z";
    assert_eq!(site.get("analyst", filtered).await.expect(200)["rows"].as_array().map(Vec::len), Some(3));
    let file = csv(&site, "analyst", "/api/v1/outcomes").await.text;
    assert_eq!(file.lines().count(), 4);
    assert!(file.contains("'=1+1"), "{file}");
}
