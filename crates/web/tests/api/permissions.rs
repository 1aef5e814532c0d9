//! Who may do what: every operation of the document, by everybody.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, header};
use jiff::Timestamp;
use relance_domain::UserId;
use relance_domain::user::Role;
use relance_store::user::User;
use relance_web::ActAs;
use serde_json::json;

use crate::document::operations;
use crate::site::Site;

const ALL: &str = "operator manager supervisor analyst admin";
const SEE: &str = "manager supervisor analyst admin";
const RUN: &str = "manager admin";
const LOOK_AFTER: &str = "supervisor admin";
const CALL: &str = "operator supervisor admin";

/// Each operation and the roles that may use it.
const TABLE: &[(&str, &str)] = &[
    ("DELETE /clients/{client}", "admin"),
    ("DELETE /users/{name}/away", LOOK_AFTER),
    ("GET /assignment", CALL),
    ("GET /callbacks", "operator manager supervisor admin"),
    ("GET /campaigns", SEE),
    ("GET /campaigns/{campaign}", SEE),
    ("GET /campaigns/{campaign}/price-curve", SEE),
    ("GET /campaigns/{campaign}/queue", SEE),
    ("GET /campaigns/{campaign}/report", SEE),
    ("GET /clients/joins", "manager supervisor admin"),
    ("GET /clients/{client}", "manager supervisor admin"),
    ("GET /late-outcomes", LOOK_AFTER),
    ("GET /lists", SEE),
    ("GET /lists/{list}", SEE),
    ("GET /lists/{list}/rejects", RUN),
    ("GET /loads/{ticket}", SEE),
    ("GET /me", ALL),
    ("GET /orders", SEE),
    ("GET /orders/{order}", "manager supervisor admin"),
    ("GET /outcomes", SEE),
    ("GET /webhooks", "manager supervisor admin"),
    ("POST /orders/{order}/cancel", "manager supervisor admin"),
    ("POST /orders/{order}/correct", "manager supervisor admin"),
    ("POST /orders/{order}/fulfil", "manager supervisor admin"),
    ("POST /orders/{order}/verify", "manager supervisor admin"),
    ("POST /webhooks/replay", RUN),
    ("GET /suppressions/registers", SEE),
    ("GET /pulls", SEE),
    ("GET /rules", SEE),
    ("GET /rules/{rule}", SEE),
    ("GET /tariffs", SEE),
    ("GET /tariffs/{tariff}", SEE),
    ("GET /tariffs/{tariff}/report", SEE),
    ("GET /users", "manager supervisor admin"),
    ("GET /verification", "admin"),
    ("POST /assignments/{assignment}/heartbeat", CALL),
    ("POST /assignments/{assignment}/outcome", CALL),
    ("POST /assignments/{assignment}/return", CALL),
    ("POST /assignments/{assignment}/take", LOOK_AFTER),
    ("POST /campaigns/apply", RUN),
    ("POST /campaigns/check", SEE),
    ("POST /campaigns/plan", RUN),
    ("POST /campaigns/{campaign}/lists", RUN),
    ("POST /campaigns/{campaign}/pulls/{pull}", RUN),
    ("POST /campaigns/{campaign}/state", RUN),
    ("POST /clients/find", "manager supervisor admin"),
    ("POST /clients/{keep}/merge", RUN),
    ("POST /late-outcomes/{late_outcome}/review", LOOK_AFTER),
    ("POST /lists/check", RUN),
    ("POST /lists/{list}/undo", RUN),
    ("POST /next", CALL),
    ("POST /rules/test", SEE),
    ("POST /suppressions", RUN),
    ("POST /suppressions/rotate-key", "admin"),
    ("POST /suppressions/registers/{register}", RUN),
    ("POST /tariffs/check", SEE),
    ("POST /tariffs/preview", SEE),
    ("POST /tariffs/publish", RUN),
    ("POST /tariffs/{tariff}/withdraw", RUN),
    ("POST /users", "admin"),
    ("POST /users/{name}/disable", "admin"),
    ("PUT /users/{name}/away", LOOK_AFTER),
    ("POST /why", "manager supervisor admin"),
    ("PUT /assignments/{assignment}/order-draft", CALL),
    ("PUT /campaigns/{campaign}/mix", RUN),
    ("PUT /leads/{lead}/reservation", "manager supervisor admin"),
    ("PUT /users/{name}/abilities", LOOK_AFTER),
];

#[tokio::test]
async fn everybody_may_do_what_their_role_may() {
    let site = Site::new().await;
    let table: BTreeMap<&str, &str> = TABLE.iter().copied().collect();
    let mut walked = 0;
    for (method, path, _) in operations() {
        let operation = format!("{method} {}", path.trim_start_matches("/api/v1"));
        let allowed = table.get(operation.as_str()).unwrap_or_else(|| panic!("{operation} is not in the table"));
        let path = path
            .replace("{list}", "9")
            .replace("{assignment}", "9")
            .replace("{late_outcome}", "9")
            .replace("{client}", "9")
            .replace("{keep}", "9")
            .replace("{lead}", "9")
            .replace("{order}", "9")
            .replace(['{', '}'], "");
        for role in Role::ALL.map(Role::as_str) {
            let request = site
                .request(role, method.parse().expect("a method"), &path)
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from("{}"))
                .expect("a request");
            let answer = site.send(request).await;
            assert_ne!(answer.status, 401, "{operation} as {role}");
            let may = allowed.split(' ').any(|allowed| allowed == role);
            assert_eq!(answer.status != 403, may, "{operation} as {role}: {}", answer.text);
            if !may {
                answer.problem(403, "forbidden");
            }
        }
        walked += 1;
    }
    assert_eq!(walked, TABLE.len());
}

#[tokio::test]
async fn nobody_comes_in_without_a_token() {
    let site = Site::new().await;
    for (method, path, _) in operations() {
        for authorization in [None, Some("Bearer nonsense"), Some("Basic YTpi"), Some("Bearer "), Some("Bearer")] {
            let mut request = Request::builder().method(method.as_str()).uri(path.replace(['{', '}'], ""));
            if let Some(authorization) = authorization {
                request = request.header(header::AUTHORIZATION, authorization);
            }
            let answer = site.send(request.body(Body::empty()).expect("a request")).await;
            answer.problem(401, "unauthenticated");
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        }
    }
}

#[tokio::test]
async fn a_disabled_user_is_nobody() {
    let site = Site::new().await;
    site.get("operator", "/api/v1/me").await.expect(200);
    site.post("admin", "/api/v1/users/operator/disable", &json!({})).await.expect(200);
    site.get("operator", "/api/v1/me").await.problem(401, "unauthenticated");
}

/// A local administrator, who is stored nowhere.
fn local_administrator() -> ActAs {
    ActAs(User {
        id: UserId(0),
        name: "local".into(),
        role: Role::Admin,
        created_at: Timestamp::UNIX_EPOCH,
        disabled_at: None,
        away: None,
        skills: Vec::new(),
        languages: Vec::new(),
    })
}

#[tokio::test]
async fn the_command_line_needs_no_token() {
    let site = Site::calling().await;
    let send = |method: Method, path: &str, body: &str| {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        let request = request.header("Idempotency-Key", "k").extension(local_administrator());
        site.send(request.body(Body::from(body.to_owned())).expect("a request"))
    };
    assert_eq!(send(Method::GET, "/api/v1/me", "").await.expect(200)["name"], "local");
    let problem = send(Method::POST, "/api/v1/next", "{}").await.problem(422, "invalid-fields");
    assert_eq!(problem["problems"][0]["field"], "operator");
    let lead = send(Method::POST, "/api/v1/next", r#"{"operator":"operator"}"#).await.expect(200);
    assert_eq!(lead["kind"], "lead");
    assert_eq!(send(Method::GET, "/api/v1/callbacks", "").await.expect(200), json!([]));
    let suppression = r#"{"phone":"+33199001299","reason":"a letter"}"#;
    send(Method::POST, "/api/v1/suppressions", suppression).await.expect(200);
}
