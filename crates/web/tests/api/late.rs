//! Outcomes that came late, through the API.

use serde_json::{Value, json};

use crate::site::Site;

#[tokio::test]
async fn a_late_outcome_is_shown_and_reviewed() {
    let site = Site::calling().await;
    let mut late = Vec::new();
    for disposition in ["no_answer", "wrong_number"] {
        let lead = site.post("operator", "/api/v1/next", &json!({})).await.expect(200);
        let path = |what: &str| format!("/api/v1/assignments/{}/{what}", lead["assignment"]);
        site.post("supervisor", &path("take"), &json!({ "reason": "gone home" })).await.expect(200);
        let report = json!({ "disposition": disposition, "note": "on line two" });
        let report = json!({ "token": lead["token"], "report": report });
        site.post("operator", &path("outcome"), &report).await.problem(409, "late-outcome");
        late.push(lead["lead"].clone());
    }
    let page = site.get("supervisor", "/api/v1/late-outcomes?open=true&limit=1").await.expect(200);
    let newest = &page["rows"][0];
    assert_eq!((&newest["disposition"], &newest["note"]), (&json!("wrong_number"), &json!("on line two")));
    assert_eq!((&newest["ending"], &newest["lead"], &newest["review"]), (&json!("revoked"), &late[1], &Value::Null));
    assert!(!page.to_string().contains("99001201"), "{page}");
    let rest = format!("/api/v1/late-outcomes?campaign=tiny&before={}", page["next"]);
    let rest = site.get("admin", &rest).await.expect(200);
    assert_eq!((&rest["rows"][0]["disposition"], &rest["next"]), (&json!("no_answer"), &Value::Null));

    let path = format!("/api/v1/late-outcomes/{}/review", newest["id"]);
    let review = |note: &str| json!({ "verdict": "noted", "note": note });
    site.post("supervisor", &path, &review(" ")).await.problem(422, "invalid-fields");
    site.post("supervisor", &path, &json!({ "verdict": "ignored", "note": "x" })).await.problem(400, "invalid-request");
    let reviewed = site.post("supervisor", &path, &review("the number is right")).await.expect(200);
    assert_eq!((&reviewed["review"]["by"], &reviewed["id"]), (&json!("supervisor"), &newest["id"]));
    assert_eq!(site.post("admin", &path, &review("the number is right")).await.expect(200), reviewed);
    site.post("admin", &path, &review("it is wrong")).await.problem(409, "conflict");
    site.post("admin", "/api/v1/late-outcomes/999/review", &review("x")).await.problem(404, "not-found");
    let open = site.get("supervisor", "/api/v1/late-outcomes?open=true").await.expect(200);
    assert_eq!(open["rows"].as_array().map(Vec::len), Some(1));
    site.get("supervisor", "/api/v1/late-outcomes?limit=0").await.problem(400, "invalid-request");
    site.get("supervisor", "/api/v1/late-outcomes?campaign=none").await.problem(404, "not-found");
}
