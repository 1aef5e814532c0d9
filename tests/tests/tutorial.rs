//! The README's tutorial and the pages on lists, calling rules and tariffs, run as they are written.
//!
//! Each `sh` block runs in one folder, in order. The `text` block behind it is what the reader should see: its lines, in
//! order, each somewhere in the output; `…` stands for anything. A command may say that rows were rejected or that a call may
//! not be made; the last one of a block may fail where the text shows its error.

use std::path::Path;
use std::process::Command;

/// A page that is run: the whole of it, or one part.
struct Page {
    file: &'static str,
    /// The heading of the part that is run; the whole page without one.
    part: Option<&'static str>,
    steps_least: usize,
}

const TUTORIAL: Page = Page { file: "README.md", part: Some("## Tutorial"), steps_least: 9 };
const LISTS: Page = Page { file: "docs/loading-a-list.md", part: None, steps_least: 9 };
const TARIFF: Page = Page { file: "docs/a-new-tariff.md", part: None, steps_least: 9 };
const ORDERS: Page = Page { file: "docs/orders.md", part: None, steps_least: 6 };
const RULES: Page = Page { file: "docs/calling-rules.md", part: None, steps_least: 9 };

/// What the exit code says where rows were rejected or something is to be decided.
const ROWS_REJECTED: i32 = 3;
/// What it says where the call that was tested may not be made.
const NOT_CALLABLE: i32 = 4;

/// A command of a page and what it should show.
#[derive(Debug, Default)]
struct Step {
    commands: String,
    shown: Vec<String>,
}

#[test]
fn the_tutorial_runs_as_written() {
    follow(&TUTORIAL, None);
}

/// The same commands, with the database named in the environment.
#[tokio::test(flavor = "multi_thread")]
async fn the_tutorial_runs_on_postgresql() {
    follow_on_postgresql(&TUTORIAL).await;
}

#[test]
fn the_page_on_lists_runs_as_written() {
    follow(&LISTS, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_lists_runs_on_postgresql() {
    follow_on_postgresql(&LISTS).await;
}

#[test]
fn the_page_on_orders_runs_as_written() {
    follow(&ORDERS, None);
}

#[test]
fn the_page_on_calling_rules_runs_as_written() {
    follow(&RULES, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_calling_rules_runs_on_postgresql() {
    follow_on_postgresql(&RULES).await;
}

#[test]
fn the_page_on_a_new_tariff_runs_as_written() {
    follow(&TARIFF, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_a_new_tariff_runs_on_postgresql() {
    follow_on_postgresql(&TARIFF).await;
}

async fn follow_on_postgresql(page: &'static Page) {
    let database = relance_testkit::postgres::fresh_database().await;
    let url = database.url.clone();
    tokio::task::spawn_blocking(move || follow(page, Some(&url))).await.expect("followed");
}

fn follow(page: &Page, database: Option<&str>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let text = std::fs::read_to_string(root.join(page.file)).expect("the page");
    let steps = steps(&text, page.part);
    assert!(steps.len() >= page.steps_least, "{} tells the whole story", page.file);
    let folder = tempfile::tempdir().expect("a folder");
    for given in ["campaigns", "rules", "tests"] {
        std::os::unix::fs::symlink(root.join(given), folder.path().join(given)).expect("what comes with the project");
    }
    for step in steps {
        let output = run(&step, folder.path(), database);
        if let Some(expected) = missing(&step.shown, &output) {
            let Page { file, .. } = page;
            panic!("after\n{}\n{file} shows\n  {expected}\nbut the output was\n{output}", step.commands);
        }
    }
}

fn run(step: &Step, folder: &Path, database: Option<&str>) -> String {
    let binary = relance_tests::binary::path();
    let programs = binary.parent().expect("the binary lies in a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let go_on = format!(
        "trap 'code=$?; [ $code -eq {ROWS_REJECTED} ] || [ $code -eq {NOT_CALLABLE} ] || exit $code' ERR\n{}",
        step.commands
    );
    let mut bash = Command::new("bash");
    bash.args(["-uo", "pipefail", "-c", &go_on]).current_dir(folder).env("PATH", format!("{programs}:{path}"));
    match database {
        Some(url) => bash.env("RELANCE__DATABASE", url),
        None => bash.env_remove("RELANCE__DATABASE"),
    };
    let output = bash.output().expect("bash runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let shows_error = step.shown.iter().any(|line| line.starts_with("error:"));
    let expected: &[i32] = if shows_error { &[1] } else { &[0, ROWS_REJECTED, NOT_CALLABLE] };
    let code = output.status.code();
    assert!(code.is_some_and(|code| expected.contains(&code)), "ended with {code:?}: {}\n{text}", step.commands);
    text
}

/// The steps of a page, or of one part of it.
fn steps(page: &str, part: Option<&str>) -> Vec<Step> {
    match part {
        None => steps_in(page.lines()),
        Some(heading) => {
            let part = page.lines().skip_while(|line| *line != heading).skip(1);
            steps_in(part.take_while(|line| !line.starts_with("## ")))
        }
    }
}

fn steps_in<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block = None;
    for line in lines {
        match (line, block) {
            ("```sh", None) => {
                steps.push(Step::default());
                block = Some("sh");
            }
            ("```text", None) => block = Some("text"),
            // A block of another kind is read and not run.
            (fence, None) if fence.starts_with("```") => block = Some("other"),
            ("```", Some(_)) => block = None,
            (command, Some("sh")) => {
                let step = steps.last_mut().expect("a step was begun");
                step.commands.push_str(command);
                step.commands.push('\n');
            }
            (shown, Some("text")) => {
                steps.last_mut().expect("a text follows a command").shown.push(shown.to_owned());
            }
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
