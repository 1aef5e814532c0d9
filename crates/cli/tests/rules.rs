//! `relance rules`, and a site's own calling rules in force.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A pack of a site: one country, open from eight to nine.
const PACK: &str = r#"[pack]
name = "ours"
edition = 2026-11-01

[[jurisdictions]]
code = "FR"
name = "France"
numbers = ["+33"]
countries = ["FR"]
reviewed = 2026-11-01

[[rules]]
id = "OUR-HOURS"
in = "FR"
kind = "hours"
basis = "law"
audience = "any"
purpose = "any"
mode = "any"
windows = { mon = ["08:00-09:00"], tue = ["08:00-09:00"], wed = [], thu = [], fri = [], sat = [], sun = [] }
holiday = "same"
source = "our counsel"
evidence = "primary"
verified = true
"#;

/// A folder of its own for a test, with the program run in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A folder whose settings name a pack.
    fn under(pack: &str) -> Self {
        let place = Self::new();
        place.write("relance.toml", "rules = \"our-rules.toml\"\n");
        place.write("our-rules.toml", pack);
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("a file");
    }

    /// The exit code, standard output and standard error of a run.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relance"));
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null()).env_remove("RELANCE__DATABASE");
        let Output { status, stdout, stderr } = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (status.code().expect("an exit code"), text(stdout), text(stderr))
    }

    /// Names a holidays file that ended with 2020.
    fn end_holidays(&self) {
        let shipped = include_str!("../../../rules/holidays.toml");
        let is_year = |line: &str| line.starts_with("years = ");
        let is_day = |line: &&str| !line.trim_start().starts_with("{ date");
        let old = shipped.lines().filter(is_day).map(|line| if is_year(line) { "years = [2020]" } else { line });
        self.write("old.toml", &old.collect::<Vec<_>>().join("\n"));
        self.write("relance.toml", "holidays = \"old.toml\"\n");
    }

    fn test(&self, arguments: &[&str]) -> (i32, String) {
        let (code, out, err) = self.run(&[&["rules", "test"], arguments].concat());
        (code, out + &err)
    }
}

#[test]
fn who_may_be_called_and_who_may_not() {
    let place = Place::new();
    let french = ["--number", "+33612345678", "--at"];
    let number = |at: &'static str, more: &[&'static str]| [&french[..], &[at], more].concat();
    for (arguments, code, says) in [
        (
            number("2026-11-24T15:00", &["--relationship", "contract"]),
            0,
            "The call may be made.\nThe hours are 14:00-20:00.",
        ),
        (number("2026-11-24T15:00", &["--consent-on", "2026-09-01"]), 0, "the person said yes on a known day"),
        (number("2026-11-24T13:00", &["--consent-on", "2026-09-01"]), 4, "by FR-HOURS (outside_hours)"),
        (
            number("2026-11-24T13:00", &["--relationship", "contract"]),
            4,
            "It may be made from Tuesday 2026-11-24 14:00 on",
        ),
        (
            number("2026-11-24T13:00", &["--consent-on", "2026-09-01", "--hours-waiver"]),
            0,
            "outside the permitted hours",
        ),
        (number("2026-11-24T15:00", &[]), 4, "by FR-CONSENT-OPTIN (no_consent)"),
        (
            number("2026-11-24T15:00", &["--no-consent", "--relationship", "contract"]),
            4,
            "the person refused to be called",
        ),
        (number("2026-11-24T15:00", &["--relationship", "contract", "--tries", "4"]), 4, "4 of 4 tries"),
        (
            number("2026-11-24T15:00", &["--relationship", "contract", "--refused-at", "2026-11-20T10:00"]),
            4,
            "2027-01-20",
        ),
        (
            number("2026-11-24T15:00", &["--consent-on", "2026-09-01", "--sector", "home-energy"]),
            4,
            "FR-BAN-RENOV (banned)",
        ),
        (number("2026-08-10T15:00", &["--register", "bloctel=2026-06-01"]), 4, "by FR-DNC-BLOCTEL (register_too_old)"),
        (number("2026-11-24T15:00", &["--purpose", "service"]), 0, "may be made"),
        (
            vec!["--number", "+262262161234", "--relationship", "contract", "--at", "2026-11-24T12:00[Europe/Paris]"],
            0,
            "15:00 in Indian/Reunion",
        ),
        (vec!["--number", "+18002345678", "--at", "2026-11-24T13:00"], 4, "(no_jurisdiction)"),
    ] {
        let (found, text) = place.test(&arguments);
        assert_eq!(found, code, "{arguments:?}: {text}");
        assert!(text.contains(says) && text.contains("•"), "{arguments:?}: {text}");
        assert!(!text.contains("612345678"), "{text}");
    }
    let json = place.run(&[&["rules", "test", "--json"][..], &number("2026-11-24T13:00", &[])].concat());
    let answer: serde_json::Value = serde_json::from_str(&json.1).expect("JSON");
    assert_eq!((json.0, &answer["callable"]), (4, &false.into()));
    assert!(!place.path().join("relance-data").exists(), "testing makes no database");
}

#[test]
fn wrong_questions_fail_otherwise_than_calls_that_may_not_be_made() {
    let place = Place::new();
    let (code, text) = place.test(&["--number", "+34612345678", "--at", "2026-11-24T13:00"]);
    assert!(code == 1 && text.contains("Atlantic/Canary, Europe/Madrid: name the time zone"), "{text}");
    let (code, text) = place.test(&["--number", "12"]);
    assert!(code == 1 && text.starts_with("error: "), "{text}");
    for wrong in [
        &["--number", "+33612345678", "--mode", "loud"][..],
        &["--number", "+33612345678", "--consent-wording"],
        &["--number", "+33612345678", "--tries", "2", "--tried-at", "2026-11-24T13:00"],
        &["--number", "+33612345678", "--register", "tps"],
        &["--at", "2026-11-24T13:00"],
    ] {
        assert_eq!(place.test(wrong).0, 2, "{wrong:?}");
    }
}

#[test]
fn rules_are_listed_and_shown() {
    let place = Place::new();
    let (code, out, _) = place.run(&["rules", "list", "--in", "FR", "--kind", "hours"]);
    assert!(code == 0 && out.contains("FR-HOURS") && out.contains("mon to fri 10:00-13:00 and 14:00-20:00"), "{out}");
    assert!(out.contains("1 rule of relance of ") && !out.contains("DEFAULT-HOURS"), "{out}");
    let (_, unverified, _) = place.run(&["rules", "list", "--unverified"]);
    assert!(unverified.contains("DEFAULT-HOURS") && !unverified.contains("FR-HOURS"), "{unverified}");
    let (code, out, _) = place.run(&["rules", "show", "FR-HOURS"]);
    assert!(code == 0 && out.contains("D.223-9") && out.contains("https://www.legifrance.gouv.fr/"), "{out}");
    let (_, kept, _) = place.run(&["rules", "show", "US-ABANDON-3"]);
    assert!(kept.contains("max: 3 per cent") && kept.contains("kept for the record"), "{kept}");
    let (code, _, err) = place.run(&["rules", "show", "NO-SUCH"]);
    assert_eq!((code, err.as_str()), (1, "error: there is no calling rule \"NO-SUCH\"\n"));
}

#[test]
fn a_site_s_own_rules_are_in_force() {
    let place = Place::under(PACK);
    let (code, out) = place.test(&["--number", "+33612345678", "--at", "2026-11-24T08:30"]);
    assert!(code == 0 && out.contains("OUR-HOURS") && out.contains("ours of 2026-11-01"), "{out}");
    assert_eq!(
        place.test(&["--number", "+33612345678", "--at", "2026-11-24T15:00", "--relationship", "contract"]).0,
        4
    );
    assert!(place.test(&["--number", "+447400123456", "--at", "2026-11-24T08:30"]).1.contains("(no_jurisdiction)"));
    let (code, out, _) = place.run(&["doctor"]);
    assert!(code == 0 && out.contains("our-rules.toml") && out.contains("file relance.toml"), "{out}");
    assert!(
        out.contains("✓ calling rules: ours of 2026-11-01, version ") && out.contains("1 rule, 0 of them unverified"),
        "{out}"
    );
    assert!(out.contains("✓ holidays: known until the end of "), "{out}");
    assert_eq!(place.run(&["campaign", "list"]).0, 0);
}

#[test]
fn holidays_that_have_ended_are_told() {
    let place = Place::new();
    place.end_holidays();
    let (code, out, _) = place.run(&["doctor"]);
    assert!(code == 1 && out.contains("✗ holidays: known until the end of 2020; the holidays of "), "{out}");
    let (code, out) =
        place.test(&["--number", "+33612345678", "--at", "2026-11-24T15:00", "--relationship", "contract"]);
    assert!(code == 4 && out.contains("Warning: the holidays of "), "{out}");
}

#[cfg(unix)]
#[test]
fn a_server_logs_its_rules_and_warns_of_the_end_of_holidays() {
    use std::io::{BufRead, BufReader};
    let place = Place::new();
    place.end_holidays();
    let mut command = Command::new(env!("CARGO_BIN_EXE_relance"));
    command.current_dir(place.path()).args(["serve", "--listen", "127.0.0.1:0"]).env_remove("RELANCE__DATABASE");
    let streams = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut server = streams.spawn().expect("it runs");
    let lines = BufReader::new(server.stderr.take().expect("its log")).lines().map_while(Result::ok);
    let until_started: Vec<String> = lines.take_while(|line| !line.contains("server.started")).collect();
    server.kill().expect("it is there");
    server.wait().expect("it ends");
    let log = until_started.join("\n");
    assert!(log.contains("rules.in_force") && log.contains("pack=\"relance\""), "{log}");
    assert!(log.contains("WARN") && log.contains("rules.holidays_end") && log.contains("Load a newer"), "{log}");
}

#[test]
fn a_pack_with_problems_is_refused_at_start_with_every_line() {
    let line = |text: &str| PACK.lines().position(|line| line.starts_with(text)).expect("a line") + 1;
    let windows = PACK.replace("\"08:00-09:00\"], tue", "\"08:00-09:00\", \"08:30-10:00\"], tue");
    for (pack, at) in [
        (PACK.replace("kind = \"hours\"", "kind = \"houres\""), line("kind")),
        (windows, line("windows")),
        (PACK.replace("edition = 2026-11-01", "edition = \"2026-13-01\""), line("edition")),
        (PACK.replace("source = \"our counsel\"\n", ""), line("[[rules]]")),
        (PACK.replace("basis = \"law\"", "basis = \"law\"\ncolour = \"red\""), line("basis") + 1),
    ] {
        let place = Place::under(&pack);
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["campaign", "list"], &["rules", "list"], &["demo"]]
        {
            let (code, out, err) = place.run(command);
            assert_eq!((code, out.as_str()), (1, ""), "{command:?}: {err}");
            assert!(err.starts_with("error: the calling rules have "), "{err}");
            assert!(
                err.contains(&format!("\n  our-rules.toml:{at}: ")) && err.trim_end().ends_with(']'),
                "line {at}: {err}"
            );
        }
        assert!(!place.path().join("relance-data").exists(), "nothing is made before the rules are read");
        let (code, out, _) = place.run(&["doctor"]);
        assert!(code == 1 && out.contains("✗ calling rules") && out.contains("our-rules.toml:"), "{out}");
    }
    let two = PACK
        .replace("kind = \"hours\"", "kind = \"houres\"")
        .replace("evidence = \"primary\"", "evidence = \"hearsay\"");
    let (_, _, err) = Place::under(&two).run(&["campaign", "list"]);
    assert!(err.matches("\n  our-rules.toml:").count() >= 2, "{err}");
    let place = Place::new();
    place.write("relance.toml", "rules = \"gone.toml\"\n");
    let (code, _, err) = place.run(&["campaign", "list"]);
    assert!(code == 1 && err.contains("cannot read gone.toml of the setting rules"), "{err}");
}
