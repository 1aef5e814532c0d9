//! The server's health, and that it ends in good order.

use axum::body::Body;
use axum::http::Request;
use relance_web::{Server, router, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::site::{Site, engine, open, send};

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn it_is_ready_when_its_tables_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("relance.db")).await;
    let router = router(Server { engine: engine(store.clone()), metrics: None });
    let problem = send(&router, get("/readyz")).await.problem(503, "not-ready");
    assert!(problem["detail"].as_str().expect("a detail").contains("run relance migrate"), "{problem}");
    assert!(send(&router, get("/")).await.text.contains("<strong>not ready</strong>"));
    send(&router, get("/healthz")).await.expect(200);
    store.migrate().await.expect("tables");
    assert_eq!(send(&router, get("/readyz")).await.expect(200)["ready"], true);
    assert!(send(&router, get("/")).await.text.contains("<strong>ready</strong>"));
    store.close().await;
    send(&router, get("/readyz")).await.problem(503, "not-ready");
}

#[tokio::test]
async fn metrics_name_routes_and_no_keys() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _local = metrics::set_default_local_recorder(&recorder);
    let site = Site::new().await;
    let router = router(Server { engine: site.engine.clone(), metrics: Some(handle) });
    for path in ["/api/v1/lists/1717", "/api/v1/lists/1818", "/nothing/1919"] {
        send(&router, get(path)).await;
    }
    let text = send(&router, get("/metrics")).await.text;
    let counted = r#"relance_http_requests_total{method="GET",route="/api/v1/lists/{list}",status="401"} 2"#;
    assert!(text.contains(counted), "{text}");
    assert!(text.contains(r#"route="none",status="404""#), "{text}");
    assert!(!text.contains("1717") && !text.contains("/nothing"), "{text}");
    site.get("admin", "/metrics").await.problem(404, "not-found");
}

#[tokio::test]
async fn every_answer_has_an_id_and_is_kept_by_nobody() {
    let site = Site::new().await;
    let answer = site.get("admin", "/api/v1/me").await;
    assert!(answer.headers.contains_key("x-request-id"));
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_stop() {
    let site = Site::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, site.router.clone(), async {
        let _ = stopped.await;
    }));
    let mut connection = tokio::net::TcpStream::connect(address).await.expect("a connection");
    connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stop.send(()).expect("it runs");
    serving.await.expect("no panic").expect("a good end");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
