//! A request with a key is answered once.

use axum::body::Body;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

async fn keyed(site: &Site, role: &str, path: &str, key: &str, body: &Value) -> Answer {
    let request = site.posting(role, &format!("/api/v1{path}")).header("Idempotency-Key", key);
    site.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

fn replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

#[tokio::test]
async fn a_retry_gets_the_first_answer() {
    let site = Site::calling().await;
    let pause = json!({ "event": "pause" });
    let first = keyed(&site, "manager", "/campaigns/tiny/state", "k1", &pause).await;
    assert!(!replayed(&first));
    let retry = keyed(&site, "manager", "/campaigns/tiny/state", "k1", &pause).await;
    assert_eq!(first.expect(200), retry.expect(200));
    assert!(replayed(&retry));
    assert_eq!(first.headers["content-type"], retry.headers["content-type"]);
    let unkeyed = site.post("manager", "/api/v1/campaigns/tiny/state", &pause).await;
    unkeyed.problem(409, "invalid-transition");
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let site = Site::calling().await;
    let resume = json!({ "event": "resume" });
    let first =
        keyed(&site, "manager", "/campaigns/tiny/state", "k1", &resume).await.problem(409, "invalid-transition");
    site.post("manager", "/api/v1/campaigns/tiny/state", &json!({ "event": "pause" })).await.expect(200);
    let retry = keyed(&site, "manager", "/campaigns/tiny/state", "k1", &resume).await;
    assert_eq!(retry.problem(409, "invalid-transition"), first);
    assert!(replayed(&retry));
}

#[tokio::test]
async fn what_cannot_be_read_leaves_its_key_free() {
    let site = Site::calling().await;
    let pause = json!({ "event": "pause" });
    keyed(&site, "manager", "/campaigns/tiny/state", "k1", &json!({ "evnt": "pause" }))
        .await
        .problem(400, "invalid-request");
    let mended = keyed(&site, "manager", "/campaigns/tiny/state", "k1", &pause).await;
    assert!(mended.status == 200 && !replayed(&mended), "{}", mended.text);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_user() {
    let site = Site::calling().await;
    let suppression = |phone: &str| json!({ "phone": phone, "reason": "a letter" });
    let (one, other) = (suppression("+33199001201"), suppression("+33199001202"));
    keyed(&site, "manager", "/suppressions", "k1", &one).await.expect(200);
    keyed(&site, "manager", "/suppressions", "k1", &other).await.problem(422, "idempotency-mismatch");
    keyed(&site, "manager", "/campaigns/tiny/state", "k1", &one).await.problem(422, "idempotency-mismatch");
    let theirs = keyed(&site, "admin", "/suppressions", "k1", &other).await;
    assert!(!replayed(&theirs) && theirs.status == 200, "{}", theirs.text);
}

#[tokio::test]
async fn a_key_is_visible_ascii() {
    let site = Site::new().await;
    for key in ["", "two words", &"x".repeat(201)] {
        let answer = keyed(&site, "manager", "/suppressions", key, &json!({})).await;
        assert_eq!(answer.problem(400, "invalid-request")["problems"][0]["field"], "Idempotency-Key");
    }
}

#[tokio::test]
async fn secrets_and_leads_are_not_kept() {
    let site = Site::calling().await;
    let user = json!({ "name": "new", "role": "operator" });
    keyed(&site, "admin", "/users", "k1", &user).await.expect(201);
    keyed(&site, "admin", "/users", "k1", &user).await.problem(409, "conflict");
    let lead = keyed(&site, "operator", "/next", "k1", &json!({})).await.expect(200);
    let same = keyed(&site, "operator", "/next", "k1", &json!({})).await;
    assert_eq!(same.expect(200), lead);
    assert!(!replayed(&same));
}
