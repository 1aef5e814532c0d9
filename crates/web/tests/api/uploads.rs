//! Lists through the API.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, header};
use futures_util::stream;
use serde_json::json;
use tower::ServiceExt;

use crate::site::{LIST, LOAD, Site};

#[tokio::test]
async fn a_list_is_tried_loaded_and_taken_back() {
    let site = Site::calling().await;
    let more = "Phone;Name\n01 99 00 12 04;Émile\n";
    let query = "/api/v1/campaigns/tiny/lists?name=Second&source=purchased&vendor=V&consent_basis=contract&cost=12,50\
        &licence_until=2027-01-31&encoding=utf-8&delimiter=%3B&country=FR";
    let dry = site.upload(&format!("{query}&dry_run=true"), more).await.expect(200);
    assert_eq!((&dry["dry_run"], &dry["list"], &dry["counts"]["new_leads"]), (&json!(true), &json!(null), &json!(1)));
    let loaded = site.upload(query, more).await.expect(200);
    assert_eq!(loaded["counts"]["new_leads"], 1);
    site.upload(query, more).await.problem(409, "conflict");

    let list = loaded["list"].to_string();
    let shown = site.get("analyst", &format!("/api/v1/lists/{list}")).await.expect(200);
    assert_eq!((&shown["cost_minor"], &shown["licence_until"]), (&json!(1250), &json!("2027-01-31")));
    let lists = site.get("analyst", "/api/v1/lists?campaign=tiny").await.expect(200);
    assert_eq!(lists.as_array().map(Vec::len), Some(2));
    for dry_run in [true, false] {
        let undo = json!({ "dry_run": dry_run });
        let undone = site.post("manager", &format!("/api/v1/lists/{list}/undo"), &undo).await.expect(200);
        assert_eq!(undone["removed_leads"], 1);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_list_is_told() {
    let site = Site::calling().await;
    for (query, field) in [
        ("name=N&source=existing&encoding=utf-9", "encoding"),
        ("name=N&source=existing&delimiter=%3A", "delimiter"),
        ("name=N&source=existing&cost=much", "cost"),
        ("name=N&source=purchased", "source"),
        ("source=existing", "name"),
        ("name=N", "source"),
        ("name=N&source=existing&header=first", "header"),
    ] {
        let answer = site.upload(&format!("/api/v1/campaigns/tiny/lists?{query}"), LIST).await;
        let problem = answer.problem(422, "invalid-fields");
        assert_eq!(problem["problems"][0]["field"], field, "{problem}");
    }
    for query in ["name=N&source=stolen", "name=N&source=existing&licence=2027-01-31"] {
        site.upload(&format!("/api/v1/campaigns/tiny/lists?{query}"), LIST).await.problem(400, "invalid-request");
    }
    let unclosed = site.upload(LOAD, "Phone,Name\n01 99 00 12 09,\"Anna\n").await.problem(422, "invalid-list-file");
    assert_eq!(unclosed["line"], 2, "{unclosed}");
    site.upload("/api/v1/campaigns/x/lists?name=N&source=existing", LIST).await.problem(404, "not-found");
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let site = Site::calling().await;
    let pieces = [
        Ok(Bytes::from_static(b"Phone,Name\n01 99 00 12 05,Fay\n")),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    let request = site.request("manager", Method::POST, LOAD).header(header::CONTENT_TYPE, "text/csv");
    let request = request.body(Body::from_stream(stream::iter(pieces))).expect("a request");
    site.send(request).await.problem(400, "invalid-request");
    assert_eq!(site.engine.lists(None).await.expect("lists").len(), 1);
}

#[tokio::test]
async fn a_change_runs_to_its_end_without_its_caller() {
    let site = Site::calling().await;
    let request = site.posting("manager", "/api/v1/campaigns/tiny/state").body(Body::from(r#"{"event":"pause"}"#));
    let mut answering = Box::pin(site.router.clone().oneshot(request.expect("a request")));
    // The request has begun, and its caller goes away.
    assert!(futures_util::poll!(&mut answering).is_pending());
    drop(answering);
    let paused = async {
        while site.engine.campaign("tiny").await.expect("the campaign").campaign.state.as_str() != "paused" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), paused).await.expect("the campaign is paused");
}
