//! `serve` and `demo` as processes, asked over the network by the same program.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

fn relance(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relance"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

fn out(folder: &Path, arguments: &[&str]) -> String {
    let done = relance(folder, arguments).output().expect("the program runs");
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

/// A server that is told to stop when the test ends, however it ends.
struct Serving {
    child: Child,
    url: String,
    rest: BufReader<ChildStdout>,
}

impl Serving {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child =
            relance(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
        let mut rest = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        rest.read_line(&mut line).expect("a line");
        let url = line.trim().strip_prefix("listening on ").expect("the address").to_owned();
        Self { child, url, rest }
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill runs").success());
        assert!(self.child.wait().expect("it ends").success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // After a stop in good order there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_answers_as_the_database_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let campaign = format!("{}/../../campaigns/bank-loan", env!("CARGO_MANIFEST_DIR"));
    let added: serde_json::Value =
        serde_json::from_str(&out(folder, &["operator", "add", "marc", "--role", "manager", "--json"])).expect("JSON");
    let token = added["token"].as_str().expect("a token");
    let server = Serving::start(folder, &["serve", "--listen", "127.0.0.1:0"]);
    let to = ["--server", &server.url, "--token", token];
    out(folder, &[&["campaign", "apply", &campaign][..], &to].concat());
    let clients = format!("{campaign}/clients.csv");
    let load = ["list", "load", &clients, "-c", "bank-loan", "-n", "Spring", "-s", "existing"];
    assert!(out(folder, &[&load[..], &to].concat()).contains("2000"));
    for question in [&["queue", "bank-loan"][..], &["report", "bank-loan"], &["list", "show"], &["campaign", "list"]] {
        let over_the_network = out(folder, &[question, &["--json"], &to].concat());
        assert_eq!(over_the_network, out(folder, &[question, &["--json"]].concat()), "{question:?}");
    }
    let stranger = relance(folder, &["queue", "bank-loan", "--server", &server.url, "--token", "rl_none"])
        .output()
        .expect("it runs");
    assert_eq!(stranger.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stranger.stderr).contains("signs nobody in"));
    assert!(out(folder, &[&["doctor"][..], &to].concat()).contains("you are marc (manager)"));
    server.stop();
}

/// What the server tells of itself, once it tells what is looked for.
fn metrics_with(url: &str, wanted: &str) -> String {
    let address = url.strip_prefix("http://").expect("an address");
    loop {
        let mut connection = TcpStream::connect(address).expect("it listens");
        write!(connection, "GET /metrics HTTP/1.1\r\nHost: relance\r\nConnection: close\r\n\r\n").expect("written");
        let mut text = String::new();
        connection.read_to_string(&mut text).expect("an answer");
        if text.contains(wanted) {
            return text;
        }
    }
}

#[test]
fn a_server_that_stops_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let added: serde_json::Value =
        serde_json::from_str(&out(folder, &["operator", "add", "olga", "--json"])).expect("JSON");
    let token = added["token"].as_str().expect("a token");
    let server = Serving::start(folder, &["serve", "--listen", "127.0.0.1:0"]);
    let waiting = relance(folder, &["next", "--wait", "60s", "--server", &server.url, "--token", token])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    // The desk has told her that there is nobody: from now on she waits.
    metrics_with(&server.url, "relance_claim_batch_size_count 1");
    server.stop();
    let told = waiting.wait_with_output().expect("it ends");
    assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).contains("Nobody is left"), "{told:?}");
}

#[test]
fn a_demo_goes_on_where_it_stood() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let start = ["demo", "--dir", "demo", "--listen", "127.0.0.1:0"];
    let mut demo = Serving::start(folder, &start);
    let mut lines = (&mut demo.rest).lines().map_while(Result::ok);
    let olga = lines.find(|line| line.trim_start().starts_with("olga")).expect("a login");
    let token = olga.split_whitespace().last().expect("a token").to_owned();
    let command = lines.find(|line| line.contains(" next ")).expect("a command to try");
    let next: Vec<&str> = command.split_whitespace().skip(1).collect();
    let lead = out(folder, &next);
    assert!(lead.starts_with("call ") && next.contains(&token.as_str()), "{lead}");
    let second = relance(folder, &start).output().expect("it runs");
    assert!(String::from_utf8_lossy(&second.stderr).contains("a demo is running"), "{second:?}");
    demo.stop();

    let again = Serving::start(folder, &start);
    let same = out(folder, &["next", "--server", &again.url, "--token", &token]);
    assert_eq!(same, lead, "the same login holds the same lead");
    again.stop();

    let fresh = Serving::start(folder, &[&start[..], &["--fresh"]].concat());
    let gone = relance(folder, &["next", "--server", &fresh.url, "--token", &token]).output().expect("it runs");
    assert_eq!(gone.status.code(), Some(1));
    fresh.stop();
    std::fs::remove_file(folder.join("demo/demo-logins.json")).expect("a file");
    let refused = relance(folder, &[&start[..], &["--fresh"]].concat()).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(1));
    assert!(folder.join("demo/relance.db").exists(), "somebody's database is left alone");
}
