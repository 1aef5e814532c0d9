//! The real program, as somebody types it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder of its own for a test, with the program run in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relance"));
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null()).env_remove("RELANCE__DATABASE");
        command
    }

    fn run(&self, arguments: &[&str]) -> Done {
        Done::from(self.command(arguments).output().expect("the program runs"))
    }

    /// Runs what must be done.
    fn done(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}{}", done.out, done.err);
        done.out
    }
}

struct Done {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self { code: output.status.code().expect("an exit code"), out: text(output.stdout), err: text(output.stderr) }
    }
}

fn campaign(name: &str) -> String {
    format!("{}/../../campaigns/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn wrong_usage_ends_with_2() {
    let place = Place::new();
    for arguments in [
        &["no-such-command"][..],
        &["next", "--operater", "olga"],
        &["next"],
        &["why"],
        &["outcome", "refused", "--operator", "olga", "--price-ceiling", "30"],
        &["outcome", "call_back", "--operator", "olga", "--callback-at", "tomorrow"],
        &["queue", "x", "--database", "mysql://h/d"],
        &["queue", "x", "--database", "sqlite:x.db", "--server", "http://localhost:1"],
        &["list", "load", "x.csv", "--campaign", "c", "--name", "n", "--source", "stolen"],
    ] {
        let done = place.run(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}{}", done.out, done.err);
        assert!(done.err.starts_with("error: ") && done.out.is_empty(), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn what_is_mistyped_is_told_how_it_is_written() {
    let place = Place::new();
    let refused =
        |flags: &[&'static str]| [&["outcome", "refused", "--operator", "olga", "--reason", "price"], flags].concat();
    for (arguments, says) in [
        (refused(&["--contract-end", "31.12.2026"]), "\"31.12.2026\" is not a date: write it as 2026-12-31"),
        (refused(&["--call-after", "soon"]), "\"soon\" is not a date: write it as 2026-12-31"),
        (vec!["orders", "--since", "2026-11-25T08"], "is not an instant: write it as 2026-11-25T08:00:00Z"),
        (vec!["outcomes", "--until", "yesterday"], "\"yesterday\" is not an instant: write it as"),
        (vec!["webhooks", "replay"], "<--id <ID>|--since <INSTANT>>"),
    ] {
        let done = place.run(&arguments);
        assert!(done.code == 2 && done.err.contains(says), "{arguments:?}: {}", done.err);
    }
    for command in ["orders", "outcomes"] {
        place.done(&[command, "--since", "2026-11-25", "--until", "2026-11-26"]);
    }
    place.done(&["webhooks", "replay", "--since", "2026-11-25"]);
}

#[test]
fn a_broken_campaign_folder_is_told_file_and_line() {
    let place = Place::new();
    place.write("broken/campaign.toml", "campaign = \"broken\"\ngaol = \"none\"\nlease = \"soon\"\n");
    let done = place.run(&["campaign", "check", "broken"]);
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(done.out.contains("✗ known-keys") && done.out.contains("broken/campaign.toml:2"), "{}", done.out);
    assert!(done.out.contains("broken/campaign.toml:3") && done.out.contains("✓ "), "{}", done.out);
    assert!(!place.path().join("relance-data").exists(), "checking makes no database");

    let done = place.run(&["campaign", "apply", "broken"]);
    assert_eq!(done.code, 1);
    assert!(done.err.starts_with("error: ") && done.err.contains("\n  broken/campaign.toml:2: "), "{}", done.err);

    place.write("unread/campaign.toml", "campaign = \"unread\"\nname = Netz\n");
    let done = place.run(&["campaign", "check", "unread"]);
    assert!(done.out.contains("unread/campaign.toml:2: ") && done.out.contains("name = \"Netz\""), "{}", done.out);
    let left_out = "\n33 checks were not run, because the file cannot be read.\n\n1 problem.\n";
    assert!(done.out.ends_with(left_out) && done.out.lines().count() == 5, "{}", done.out);

    let done = place.run(&["campaign", "check", "nowhere"]);
    assert_eq!((done.code, done.err.as_str()), (1, "error: there is no folder nowhere\n"));
}

#[test]
fn what_is_not_there_is_named() {
    let place = Place::new();
    let done = place.run(&["queue", "no-such-campaign"]);
    assert_eq!((done.code, done.err.as_str()), (1, "error: there is no campaign \"no-such-campaign\"\n"));
    let done = place.run(&["list", "check", "no.csv", "--campaign", "c", "--name", "n", "--source", "existing"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("no.csv"), "{}", done.err);
    let done = place.run(&["queue", "x", "--server", "http://127.0.0.1:1", "--token", "s3cret"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("http://127.0.0.1:1") && !done.err.contains("s3cret"), "{}", done.err);
}

#[test]
fn settings_that_nobody_reads_are_refused() {
    let place = Place::new();
    let refused =
        place.command(&["campaign", "list"]).env("RELANCE_DATABASE", "sqlite:x.db").output().expect("it runs");
    let done = Done::from(refused);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("RELANCE__DATABASE"), "{}", done.err);
    place.write("relance.toml", "listen = \"127.0.0.1:0\"\nport = 1\n");
    let done = place.run(&["campaign", "list"]);
    assert_eq!(done.code, 1);
    assert!(done.err.contains("relance.toml:2") && done.err.contains("\"port\""), "{}", done.err);
}

#[test]
fn a_token_without_a_server_is_no_key_to_the_database() {
    let place = Place::new();
    let refused = place.run(&["--token", "rl_x", "list", "show"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("--server"), "{}", refused.err);
    assert!(!place.path().join("relance-data").exists(), "no database is made");
}

#[test]
fn a_list_without_phone_column_is_refused_and_one_with_bad_rows_ends_with_3() {
    let place = Place::new();
    place.done(&["campaign", "apply", &campaign("bank-loan")]);
    let of = ["--campaign", "bank-loan", "--name", "Spring", "--source", "existing"];
    let load = |command: &str, file: &str| place.run(&[&["list", command, file][..], &of].concat());

    place.write("no-phone.csv", "Nom,Ville\nDupont,Lyon\n");
    let done = load("load", "no-phone.csv");
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(done.err.starts_with("error: no-phone.csv:1: ") && done.err.contains("--map"), "{}", done.err);

    place.write("twice.csv", "Nom,TÃ©lÃ©phone\nLefÃ¨vre,01 99 00 12 34\nHÃ©bert,01 99 00 12 35\n");
    let done = load("check", "twice.csv");
    assert_eq!(done.code, 1, "{}{}", done.out, done.err);
    assert!(done.err.contains("besides, ") && done.err.contains("--repair encoded-twice"), "{}", done.err);
    let alone = place.run(&["list", "check", "twice.csv", "--country", "FR", "--repair", "encoded-twice"]);
    assert_eq!(alone.code, 0, "{}{}", alone.out, alone.err);
    assert!(alone.out.contains("people to call") && !alone.out.contains("new leads"), "{}", alone.out);

    place.write("mixed.csv", "Téléphone,Nom,Code postal\n01 99 00 12 34,Dupont,69001\n12,Durand,69002\n");
    let done = load("check", "mixed.csv");
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    let done = load("load", "mixed.csv");
    assert_eq!(done.code, 3, "{}{}", done.out, done.err);
    assert!(done.out.contains("line 3") && !done.out.contains("99 00"), "{}", done.out);

    let list = done.out.split_once("Loaded as list ").and_then(|(_, rest)| rest.split_once('.')).expect("its number").0;
    place.done(&["list", "rejects", list, "--out", "rejects.csv"]);
    let rejects = std::fs::read_to_string(place.path().join("rejects.csv")).expect("a file");
    assert!(rejects.contains("country code\",12,Durand,69002"), "{rejects}");
    assert!(place.done(&["list", "undo", list]).contains("1 lead and 1 client removed"));
}

#[test]
fn a_call_from_next_to_why() {
    let place = Place::new();
    place.done(&["campaign", "apply", &campaign("fibre-winback")]);
    place.write("one.csv", "Phone,First Name,State,Zip Code\n+1 949-555-0122,Ann,CA,92270\n");
    place.done(&["list", "load", "one.csv", "-c", "fibre-winback", "-n", "One", "-s", "existing"]);
    place.done(&["campaign", "start", "fibre-winback"]);
    place.done(&["operator", "add", "olga"]);
    let lead = place.done(&["next", "--operator", "olga"]);
    assert!(lead.contains("+19495550122") && lead.contains("demonstration"), "{lead}");
    assert!(place.done(&["next", "--operator", "olga", "--json"]).contains("\"kind\":\"lead\""));

    let incomplete = place.run(&["outcome", "refused", "--operator", "olga", "--reason", "price"]);
    assert_eq!(incomplete.code, 1);
    assert!(incomplete.err.contains("\n  refusal.price_ceiling: "), "{}", incomplete.err);
    let below = ["outcome", "refused", "--operator", "olga", "--reason", "price", "--price-ceiling", "-5"];
    let below = place.run(&below);
    let says = "refusal.price_ceiling: must be more than nothing (--price-ceiling)";
    assert!(below.code == 1 && below.err.contains(says), "{}", below.err);
    let refused = ["outcome", "refused", "--operator", "olga", "--reason", "price", "--price-ceiling", "30.00"];
    place.done(&[&refused[..], &["--want", "speed_mbps=500", "--want", "tv", "--note", "\u{1b}[31mred"]].concat());

    let nobody = place.done(&["next", "--operator", "olga"]);
    assert!(nobody.starts_with("Nobody is"), "{nobody}");
    let shown = place.done(&["outcomes"]);
    assert!(shown.contains("30.00 USD") && !shown.contains('\u{1b}'), "{shown}");
    assert!(place.done(&["tariff", "publish", "fibre-25"]).contains("1 lead put back"));
    for about in [&["why", "+19495550122"][..], &["why", "(949) 555-0122", "--country", "US"], &["why", "lead:1"]] {
        let why = place.done(about);
        assert!(why.contains("Fibre 25") && why.contains("+19•••••••22"), "{why}");
    }
    assert!(place.done(&["report", "fibre-winback"]).contains("fibre-25"));
}

#[test]
fn a_lead_is_held_and_handed_back() {
    let place = Place::new();
    place.done(&["campaign", "apply", &campaign("fibre-winback")]);
    place.write("one.csv", "Phone,First Name,State,Zip Code\n+1 949-555-0122,Ann,CA,92270\n");
    place.done(&["list", "load", "one.csv", "-c", "fibre-winback", "-n", "One", "-s", "existing"]);
    place.done(&["campaign", "start", "fibre-winback"]);
    place.done(&["operator", "add", "olga"]);
    let nothing = place.run(&["hold", "--operator", "olga"]);
    assert_eq!((nothing.code, nothing.err.contains("no lead is held")), (1, true), "{}", nothing.err);
    place.done(&["next", "--operator", "olga"]);
    let held = place.done(&["hold", "--operator", "olga"]);
    assert!(held.contains("Assignment 1 is held until"), "{held}");
    assert!(place.done(&["hold", "--operator", "olga", "--json"]).contains("\"held_at_most\":"));
    let back = place.done(&["hand-back", "--operator", "olga", "--reason", "my neighbour"]);
    assert!(back.contains("Lead 1 is handed back as not called"), "{back}");
    let why = place.done(&["why", "lead:1"]);
    assert!(why.contains("handed back as not called (my neighbour)") && why.contains(": 1 time"), "{why}");

    place.done(&["operator", "add", "paul"]);
    place.done(&["operator", "add", "zoe"]);
    place.done(&["next", "--operator", "paul"]);
    let taken = place.done(&["take", "2", "--to", "zoe", "--reason", "gone home"]);
    assert!(
        taken.contains("Lead 1 is taken from paul, which ends assignment 2; zoe has it as assignment 3"),
        "{taken}"
    );
    assert!(place.done(&["next", "--operator", "zoe"]).contains("handed over from paul: gone home"));

    let lead = place.done(&["next", "--operator", "zoe", "--json"]);
    let token = lead.split_once("\"token\":\"").and_then(|(_, rest)| rest.split_once('"')).expect("a token").0;
    place.done(&["hand-back", "--operator", "zoe", "--reason", "too late"]);
    assert!(place.done(&["late", "list"]).contains("No late outcome"));
    let late = ["outcome", "no_answer", "--operator", "zoe", "--assignment", "3", "--assignment-token", token];
    assert!(place.run(&late).err.contains("late outcome 1"));
    let listed = place.done(&["late", "list"]);
    assert!(listed.contains("no_answer") && listed.contains("returned") && !listed.contains("5550122"), "{listed}");
    let reviewed = place.done(&["late", "review", "1", "--note", "asked zoe"]);
    assert!(reviewed.contains("Late outcome 1 is reviewed"), "{reviewed}");
    assert!(place.done(&["late", "list", "--json"]).contains("\"rows\":[]"));
    assert!(place.done(&["late", "list", "--all"]).contains("asked zoe"));

    assert!(place.done(&["operator", "away", "zoe", "--from", "+1h", "--until", "+2d"]).contains("zoe is away: "));
    assert!(place.done(&["operator", "list"]).contains(" to "));
    assert_eq!(place.done(&["operator", "back", "zoe"]), "zoe is back.\n");
    assert!(place.done(&["callbacks", "--overdue"]).contains("No promise to call back is overdue."));
}

#[test]
fn doctor_tells_settings_without_secrets_and_fails_with_the_database() {
    let place = Place::new();
    let doctor = place.done(&["doctor"]);
    assert!(doctor.contains("✓ time zones") && doctor.contains("✓ clock"), "{doctor}");
    assert!(!place.path().join("relance-data").exists(), "looking makes no database");
    place.done(&["migrate"]);
    assert!(place.done(&["doctor"]).contains("✓ migrations"));
    let broken = place.run(&["doctor", "--database", "postgres://ann:s3cret@127.0.0.1:1/relance"]);
    assert_eq!(broken.code, 1);
    assert!(broken.out.contains("✗ database") && broken.out.contains("ann:****@"), "{}", broken.out);
    assert!(!broken.out.contains("s3cret") && !broken.err.contains("s3cret"), "{}{}", broken.out, broken.err);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let place = Place::new();
    let mut child = place.command(&["openapi"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(child.stdout.take());
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_key_is_made_once_and_missed_when_it_is_gone() {
    let place = Place::new();
    let (file, kept) = (place.path().join("relance-data/suppression.key"), place.path().join("kept"));
    assert!(place.done(&["doctor"]).contains("relance-data/suppression.key"));
    assert!(!file.exists(), "looking makes no key");
    place.done(&["suppress", "+33199001234"]);
    let text = std::fs::read_to_string(&file).expect("a file");
    let key = text.lines().last().expect("a key");
    assert_eq!(key.len(), 64, "{text}");
    let doctor = place.done(&["doctor"]);
    assert!(doctor.contains("version 1 matches") && !doctor.contains(key), "{doctor}");

    std::fs::rename(&file, &kept).expect("put aside");
    let lost = place.run(&["suppress", "+33199001235"]);
    assert_eq!(lost.code, 1);
    assert!(
        lost.err.contains("relance-data/suppression.key") && lost.err.contains("suppression_key_file"),
        "{}",
        lost.err
    );
    assert!(!file.exists(), "a lost key is not replaced by another one");
    let doctor = place.run(&["doctor"]);
    assert!(doctor.code == 1 && doctor.out.contains("✗ suppression key"), "{}", doctor.out);

    std::fs::write(&file, format!("{}\n", "ab".repeat(32))).expect("another key");
    let other = place.run(&["suppress", "+33199001235"]);
    assert!(
        other.code == 1 && other.err.contains("version 1") && other.err.contains("suppression_key_file"),
        "{}",
        other.err
    );
    assert!(!other.err.contains("abab"), "{}", other.err);
    place.write("relance.toml", "suppression_key_file = \"kept\"\n");
    place.done(&["suppress", "+33199001235"]);
    let given = |keys: &str, arguments: &[&str]| {
        Done::from(place.command(arguments).env("RELANCE__SUPPRESSION_KEY", keys).output().expect("it runs"))
    };
    assert_eq!(given(key, &["suppress", "+33199001236"]).code, 0);
    let wrong = given(&key[1..], &["suppress", "+33199001236"]);
    assert!(
        wrong.code == 1 && wrong.err.contains("RELANCE__SUPPRESSION_KEY") && !wrong.err.contains(&key[1..]),
        "{}",
        wrong.err
    );
}

#[test]
fn a_key_is_rotated_and_people_stay_suppressed() {
    let place = Place::new();
    place.done(&["suppress", "+33199001234"]);
    let early = place.run(&["suppress", "rotate-key"]);
    assert!(early.code == 1 && early.err.contains("append a new key"), "{}", early.err);
    let file = place.path().join("relance-data/suppression.key");
    let first = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, format!("{first}{}\n", "cd".repeat(32))).expect("appended");
    assert!(place.done(&["doctor"]).contains("version 2 is not in use yet"));
    let rotated = place.done(&["suppress", "rotate-key"]);
    assert!(rotated.contains("key version 2 now; 1 had an older one"), "{rotated}");
    assert!(place.done(&["why", "+33199001234"]).contains("+33•••••••34"));
    std::fs::write(&file, first).expect("the new key is lost");
    let lost = place.run(&["why", "+33199001234"]);
    assert!(lost.code == 1 && lost.err.contains("lacks version 2"), "{}", lost.err);
}

#[test]
fn an_erased_client_is_nobody() {
    let place = Place::new();
    place.done(&["campaign", "apply", &campaign("fibre-winback")]);
    place.write("one.csv", "Phone,First Name,State,Zip Code\n+1 949-555-0122,Ann,CA,92270\n");
    place.done(&["list", "load", "one.csv", "-c", "fibre-winback", "-n", "One", "-s", "existing"]);
    assert_eq!(place.run(&["client", "erase", "1"]).code, 2, "a reason is needed");
    let erased = place.done(&["client", "erase", "1", "--reason", "asked by letter"]);
    assert!(erased.contains("Client 1 is erased"), "{erased}");
    let shown = place.done(&["client", "show", "1"]);
    assert!(shown.contains("erased") && !shown.contains("+19"), "{shown}");
    let why = place.done(&["why", "lead:1"]);
    assert!(why.contains("erased"), "{why}");
    assert_eq!(place.run(&["why", "+19495550122"]).code, 1);
    let again = place.run(&["client", "erase", "1", "--reason", "again"]);
    assert!(again.code == 1 && again.err.contains("was erased at"), "{}", again.err);
}
