//! The README's tutorial, run as it is written.
//!
//! Each `sh` block between the headings "Tutorial" and the next one runs in one folder, in order. The `text` block behind
//! it is what the reader should see: its lines, in order, each somewhere in the output; `…` stands for anything.

use std::path::Path;
use std::process::Command;

/// A command of the tutorial and what it should show.
#[derive(Debug, Default)]
struct Step {
    commands: String,
    shown: Vec<String>,
}

#[test]
fn the_tutorial_runs_as_written() {
    follow(None);
}

/// The same commands, with the database named in the environment.
#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_runs_on_postgresql() {
    let database = relance_testkit::postgres::fresh_database().await;
    let url = database.url.clone();
    tokio::task::spawn_blocking(move || follow(Some(&url))).await.expect("followed");
}

fn follow(database: Option<&str>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    let steps = steps(&readme);
    assert!(steps.len() >= 9, "the tutorial tells the whole story");
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(root.join("campaigns"), folder.path().join("campaigns")).expect("the sample campaigns");
    for step in steps {
        let output = run(&step.commands, folder.path(), database);
        if let Some(expected) = missing(&step.shown, &output) {
            panic!("after\n{}\nthe tutorial shows\n  {expected}\nbut the output was\n{output}", step.commands);
        }
    }
}

fn run(commands: &str, folder: &Path, database: Option<&str>) -> String {
    let binary = relance_tests::binary::path();
    let programs = binary.parent().expect("the binary lies in a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", commands]).current_dir(folder).env("PATH", format!("{programs}:{path}"));
    match database {
        Some(url) => bash.env("RELANCE__DATABASE", url),
        None => bash.env_remove("RELANCE__DATABASE"),
    };
    let output = bash.output().expect("bash runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "failed: {commands}\n{text}");
    text
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block = None;
    let tutorial =
        readme.lines().skip_while(|line| *line != "## Tutorial").skip(1).take_while(|line| !line.starts_with("## "));
    for line in tutorial {
        match (line, block) {
            ("```sh", None) => {
                steps.push(Step::default());
                block = Some("sh");
            }
            ("```text", None) => block = Some("text"),
            ("```", Some(_)) => block = None,
            (command, Some("sh")) => {
                let step = steps.last_mut().expect("a step was begun");
                step.commands.push_str(command);
                step.commands.push('\n');
            }
            (shown, Some(_)) => steps.last_mut().expect("a text follows a command").shown.push(shown.to_owned()),
            _ => {}
        }
    }
    steps
}

/// The first expected line that does not follow in the output.
fn missing<'a>(shown: &'a [String], output: &str) -> Option<&'a str> {
    let mut lines = output.lines();
    let expected = shown.iter().map(|line| line.trim()).filter(|line| *line != "…" && !line.is_empty());
    let mut left = expected.skip_while(|expected| lines.by_ref().any(|line| fits(expected, line)));
    left.next()
}

/// Whether a line holds the expected text, `…` standing for anything.
fn fits(expected: &str, line: &str) -> bool {
    let mut rest = line;
    expected.split('…').map(str::trim).filter(|part| !part.is_empty()).all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn an_expected_line_stands_for_itself_and_an_ellipsis_for_anything() {
    assert!(fits("over 30.00 USD…costs 24.99", "refused: over 30.00 USD a month; Fibre 25 now costs 24.99 USD"));
    assert!(!fits("costs 24.99…over 30.00", "over 30.00 USD a month; costs 24.99"));
    let shown = ["first".to_owned(), "…".to_owned(), "third".to_owned()];
    assert!(missing(&shown, "the first\nx\nthe third").is_none());
    assert!(missing(&shown, "the third\nthe first").is_some());
}
