//! Other systems that are told of orders, over HTTP.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use relance_domain::webhook::SigningSecret;
use relance_scheduler::{Delivery, NotDelivered, Webhooks};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The address that a system takes messages at: `https://…`, or `http://…` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SinkUrl(Uri);

/// The text is no address that messages may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no address for webhooks: write it as in https://provider.example/orders; http:// is for this machine only"
)]
pub(crate) struct NotASink;

impl FromStr for SinkUrl {
    type Err = NotASink;

    fn from_str(text: &str) -> Result<Self, NotASink> {
        let uri: Uri = text.parse().map_err(|_| NotASink)?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@')) && !host.is_empty();
        let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let safe = uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && here);
        if named && safe { Ok(Self(uri)) } else { Err(NotASink) }
    }
}

impl fmt::Display for SinkUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What stands behind the path may be a token of the provider's.
        let (scheme, authority) = (self.0.scheme_str().unwrap_or_default(), self.0.authority());
        write!(f, "{scheme}://{}{}", authority.map_or("", |authority| authority.as_str()), self.0.path())
    }
}

/// The secrets that messages to a system are signed with, one line or word each: several while one replaces another.
#[derive(Debug, Clone)]
pub(crate) struct Secrets(Vec<SigningSecret>);

impl FromStr for Secrets {
    type Err = relance_domain::webhook::NotASecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let secrets: Vec<SigningSecret> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        if secrets.is_empty() { Err(relance_domain::webhook::NotASecret) } else { Ok(Self(secrets)) }
    }
}

/// A system to be told.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    /// Where.
    pub(crate) url: SinkUrl,
    /// Signed with what.
    pub(crate) secrets: Secrets,
}

/// The systems of the settings.
pub(crate) struct Sinks {
    sinks: BTreeMap<String, Sink>,
    client: Connection,
}

enum Connection {
    /// Every address is one of this machine's: nobody's certificates are needed.
    Plain(Client<HttpConnector, Body>),
    Encrypted(Client<HttpsConnector<HttpConnector>, Body>),
}

impl Sinks {
    /// Prepares to send; nothing is sent yet.
    pub(crate) fn new(sinks: BTreeMap<String, Sink>) -> Result<Arc<Self>> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.enforce_http(false);
        let builder = Client::builder(TokioExecutor::new());
        // Neither client follows redirects.
        let client = if sinks.values().any(|sink| sink.url.0.scheme_str() == Some("https")) {
            let tls = HttpsConnectorBuilder::new().with_native_roots();
            let tls = tls.context("this system's certificates cannot be read: install ca-certificates")?;
            // Plain HTTP is left to the addresses, which have it for this machine only.
            Connection::Encrypted(builder.build(tls.https_or_http().enable_http1().wrap_connector(tcp)))
        } else {
            Connection::Plain(builder.build(tcp))
        };
        Ok(Arc::new(Self { sinks, client }))
    }
}

#[async_trait]
impl Webhooks for Sinks {
    fn sinks(&self) -> Vec<String> {
        self.sinks.keys().cloned().collect()
    }

    async fn send(&self, sink: &str, delivery: &Delivery) -> Result<(), NotDelivered> {
        let Some(Sink { url, secrets: Secrets(secrets) }) = self.sinks.get(sink) else {
            return Err(NotDelivered::Away(format!("this node knows no system {sink:?}")));
        };
        let Delivery { id, at, payload } = delivery;
        let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(id, *at, payload)).collect();
        let request = Request::post(url.0.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("relance/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", id)
            .header("webhook-timestamp", at.as_second())
            .header("webhook-signature", signatures.join(" "))
            .body(Body::from(payload.clone()))
            .map_err(|error| NotDelivered::Away(error.to_string()))?;
        let answer = match &self.client {
            Connection::Plain(client) => client.request(request).await,
            Connection::Encrypted(client) => client.request(request).await,
        };
        let answer = answer.map_err(|error| {
            let cause = std::iter::successors(error.source(), |&error| error.source()).last();
            NotDelivered::Away(cause.map_or_else(|| error.to_string(), ToString::to_string))
        })?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(NotDelivered::Status(status.as_u16())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_leave_encrypted_or_not_at_all() {
        for right in ["https://provider.example/orders", "http://127.0.0.1:9/x", "http://[::1]:9", "http://localhost/x"]
        {
            assert!(right.parse::<SinkUrl>().is_ok(), "{right}");
        }
        for wrong in
            ["http://provider.example", "provider.example", "ftp://x", "https://u:p@x/", "", "http://127.0.0.1.example"]
        {
            assert_eq!(wrong.parse::<SinkUrl>(), Err(NotASink), "{wrong}");
        }
        let shown = "https://provider.example/in?token=s3cret".parse::<SinkUrl>().map(|url| url.to_string());
        assert_eq!(shown.as_deref(), Ok("https://provider.example/in"));
    }

    /// A system that keeps what it gets, answers, and sends on to elsewhere.
    async fn system() -> (std::net::SocketAddr, tokio::sync::mpsc::UnboundedReceiver<(axum::http::HeaderMap, String)>) {
        use axum::http::StatusCode;
        use axum::routing::post;
        let (keep, kept) = tokio::sync::mpsc::unbounded_channel();
        let take = post(move |headers: axum::http::HeaderMap, body: String| async move {
            drop(keep.send((headers, body)));
            StatusCode::NO_CONTENT
        });
        let router = axum::Router::new()
            .route("/in", take)
            .route("/elsewhere", post(|| async { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/in")]) }))
            .route("/broken", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        (address, kept)
    }

    #[tokio::test]
    async fn a_message_arrives_signed_and_is_sent_nowhere_else() {
        let (address, mut kept) = system().await;
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let two = format!("{secret} whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let sink = |path: &str| Sink {
            url: format!("http://{address}/{path}").parse().expect("an address"),
            secrets: two.parse().expect("secrets"),
        };
        let names = ["in", "elsewhere", "broken"];
        let sinks = Sinks::new(names.map(|name| (name.to_owned(), sink(name))).into()).expect("a client");
        let at = jiff::Timestamp::from_second(1_614_265_330).expect("in range");
        let delivery =
            Delivery { id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(), at, payload: r#"{"test": 2432232314}"#.into() };
        assert_eq!(sinks.send("in", &delivery).await, Ok(()));
        let (headers, body) = kept.recv().await.expect("it arrived");
        let signature = headers["webhook-signature"].to_str().expect("text");
        assert!(signature.starts_with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,"), "{signature}");
        assert_eq!(headers["webhook-id"], delivery.id);
        assert_eq!(headers["webhook-timestamp"], "1614265330");
        assert_eq!(body, delivery.payload);
        assert_eq!(sinks.send("elsewhere", &delivery).await, Err(NotDelivered::Status(307)));
        assert_eq!(sinks.send("broken", &delivery).await, Err(NotDelivered::Status(500)));
        assert!(matches!(sinks.send("unknown", &delivery).await, Err(NotDelivered::Away(_))));
        assert!(kept.try_recv().is_err(), "no redirect is followed");
    }
}
