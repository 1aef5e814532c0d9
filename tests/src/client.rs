//! A small client of the API that waits for each answer.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

/// No request of a test takes longer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Somebody who is signed in, or nobody in particular.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    server: String,
    token: Option<String>,
}

/// What the server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What kind of body it is.
    pub content_type: String,
    /// The body; null where it is not JSON.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// Seconds after which the server says that it is worth asking again.
    pub retry_after_s: Option<u64>,
}

/// No answer came: the server is gone, or went while it answered. Whether it did what was asked is not known.
#[derive(Debug)]
pub struct NoAnswer(String);

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer: {}", self.0)
    }
}

impl Client {
    /// Somebody with a token, at a server such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(server: &str, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::nobody(server) }
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn nobody(server: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build();
        Self { agent: config.new_agent(), server: server.to_owned(), token: None }
    }

    /// Asks for a path below `/api/v1`.
    pub fn get(&self, path: &str) -> Result<Answer, NoAnswer> {
        let request = self.agent.get(self.address(path));
        let request = match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        read(request.call())
    }

    /// Asks whether the server can serve.
    pub fn ready(&self) -> Result<Answer, NoAnswer> {
        read(self.agent.get(format!("{}/readyz", self.server)).call())
    }

    /// Sends JSON to a path below `/api/v1`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, NoAnswer> {
        self.send(path, "application/json", body.to_string().as_bytes())
    }

    /// The same under a key: sent again with it, the request is answered once.
    pub fn post_keyed(&self, path: &str, body: &Value, key: &str) -> Result<Answer, NoAnswer> {
        let request =
            self.agent.post(self.address(path)).content_type("application/json").header("Idempotency-Key", key);
        let request = match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        read(request.send(body.to_string().as_bytes()))
    }

    /// Sends any bytes to a path below `/api/v1`.
    pub fn send(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Answer, NoAnswer> {
        let request = self.agent.post(self.address(path)).content_type(content_type);
        let request = match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        read(request.send(body))
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.server)
    }
}

fn read(response: Result<Response<Body>, ureq::Error>) -> Result<Answer, NoAnswer> {
    let no_answer = |error: ureq::Error| NoAnswer(error.to_string());
    let mut response = response.map_err(no_answer)?;
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after_s = retry_after.and_then(|seconds| seconds.parse().ok());
    let text = response.body_mut().read_to_string().map_err(no_answer)?;
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer { status: response.status().as_u16(), content_type, body, text, retry_after_s })
}

impl Answer {
    /// The body of an answer that says yes.
    ///
    /// # Panics
    ///
    /// Where it says no.
    #[must_use]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "the server refused with {}: {}", self.status, self.text);
        self.body
    }

    /// The stable type of the problem that it tells, or nothing.
    #[must_use]
    pub fn problem(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }

    /// The fields that it finds fault with.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let problems = self.body["problems"].as_array().map(Vec::as_slice).unwrap_or_default();
        problems.iter().filter_map(|problem| problem["field"].as_str()).collect()
    }
}
