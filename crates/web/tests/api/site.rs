//! A server over a SQLite file of its own, with a user of every role and, where a test wants it, a campaign.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::Timestamp;
use relance_domain::abilities::Abilities;
use relance_domain::suppression::{SuppressionKey, SuppressionKeys};
use relance_domain::user::Role;
use relance_scheduler::{Chance, Clock, Engine};
use relance_store::Store;
use relance_store_sqlite::SqliteStore;
use relance_web::{Server, router};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

/// A small campaign that calls at all hours.
pub(crate) const CAMPAIGN: &str = r#"
campaign = "tiny"
name = "Tiny"
goal = "Sell a little."
seller = "Seller"
country = "FR"
currency = "EUR"
lease = "15m"
script = "Bonjour {{ client.first_name }}."
shown = ["first_name"]

[calling]
profile = "demonstration-always"
rules = "demonstration"
default_time_zone = "Europe/Paris"
hours = "always"
caps = [{ max = 4, window = "30d" }]
days_after_refusal = 0

[columns]
phone = ["Phone"]
first_name = ["Name"]

[[dispositions]]
code = "ordered"
label = "Ordered"
class = "order"

[[dispositions]]
code = "refused"
label = "Refused"
class = "refusal"

[[dispositions]]
code = "call_back"
label = "Call back"
class = "callback"

[[dispositions]]
code = "no_answer"
label = "Nobody answered"
class = "no_answer"
retry = { after = "1d", max = 3 }

[[dispositions]]
code = "do_not_call"
label = "Do not call again"
class = "do_not_call"

[[dispositions]]
code = "wrong_number"
label = "Wrong number"
class = "wrong_number"

[[reasons]]
code = "price"
label = "Too expensive"
asks = ["price_ceiling"]
reopened_by = ["price_within_ceiling"]

[callbacks]
horizon = "30d"
personal_grace = "1h"

[[order_form]]
name = "first_name"
label = "Name"
kind = "text"
required = true
prefill = "first_name"
"#;

/// A list of three people and one broken row.
pub(crate) const LIST: &str = "Phone,Name\n01 99 00 12 01,Anna\n01 99 00 12 02,Boris\n01 99 00 12 03,Chloé\n12,=Dora\n";

/// Loads [`LIST`] into the campaign.
pub(crate) const LOAD: &str = "/api/v1/campaigns/tiny/lists?name=First&source=existing";

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        "2026-11-24T10:00:00Z".parse().expect("an instant")
    }
}

#[derive(Default)]
struct Counting(AtomicU64);

impl Chance for Counting {
    fn word(&self) -> String {
        format!("word{:028}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text))
    }

    /// The body as JSON, after the status was found to be what the test expects.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The problem, after its status, type and media type were found to be what the test expects.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        problem
    }
}

/// A server under test.
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) engine: Engine,
    tokens: BTreeMap<&'static str, String>,
    _folder: TempDir,
}

impl Site {
    /// A server whose database is empty but for a user of every role, named like it.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = open(&folder.path().join("relance.db")).await;
        store.migrate().await.expect("tables");
        let engine = engine(store);
        let mut tokens = BTreeMap::new();
        for role in Role::ALL {
            let added = engine.add_user(role.as_str(), role, Abilities::default()).await.expect("a user");
            tokens.insert(role.as_str(), added.token);
        }
        let router = router(Server { engine: engine.clone(), metrics: None });
        Self { router, engine, tokens, _folder: folder }
    }

    /// The same with the campaign running and its list loaded.
    pub(crate) async fn calling() -> Self {
        let site = Self::new().await;
        let folder = json!({ "campaign": { "path": "campaign.toml", "text": CAMPAIGN } });
        site.post("manager", "/api/v1/campaigns/apply", &folder).await.expect(200);
        site.post("manager", "/api/v1/campaigns/tiny/state", &json!({ "event": "start" })).await.expect(200);
        site.upload(LOAD, LIST).await.expect(200);
        site
    }

    /// A request by somebody of a role.
    pub(crate) fn request(&self, role: &str, method: Method, path: &str) -> axum::http::request::Builder {
        let token = &self.tokens[role];
        Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"))
    }

    /// Asks a question.
    pub(crate) async fn get(&self, role: &str, path: &str) -> Answer {
        self.send(self.request(role, Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, role: &str, path: &str, body: &Value) -> Answer {
        self.send(self.posting(role, path).body(Body::from(body.to_string())).expect("a request")).await
    }

    /// A request that carries JSON.
    pub(crate) fn posting(&self, role: &str, path: &str) -> axum::http::request::Builder {
        self.request(role, Method::POST, path).header(header::CONTENT_TYPE, "application/json")
    }

    /// Loads a list.
    pub(crate) async fn upload(&self, path: &str, file: &str) -> Answer {
        let request = self.request("manager", Method::POST, path).header(header::CONTENT_TYPE, "text/csv");
        self.send(request.body(Body::from(file.to_owned())).expect("a request")).await
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }
}

/// Sends a request to a router.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a whole body");
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    Answer { status: parts.status, headers: parts.headers, text }
}

/// A SQLite file.
pub(crate) async fn open(file: &Path) -> Arc<dyn Store> {
    let key = SuppressionKey::new([1; 32]);
    let keys = SuppressionKeys::new(vec![key]).expect("a key");
    Arc::new(SqliteStore::open(file, keys).await.expect("a database"))
}

/// An engine whose clock stands still.
pub(crate) fn engine(store: Arc<dyn Store>) -> Engine {
    Engine::new(store, Arc::new(StandingClock), Arc::new(Counting::default()))
}
