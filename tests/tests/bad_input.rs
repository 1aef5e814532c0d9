//! Bad input, given to the real binary on the command line and over HTTP: each gets an error that says where it is and
//! what would be right, the right exit code or status, and changes nothing.

#[path = "bad_input/database.rs"]
mod database;
#[path = "bad_input/lists.rs"]
mod lists;
#[path = "bad_input/office.rs"]
mod office;

use std::fs;
use std::process::Command;

use relance_tests::binary;
use relance_tests::campaigns;
use relance_tests::database::Database;
use serde_json::json;

use office::{Office, assert_fails, assert_refused};

/// What begins every PNG picture.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x10\x08\x06\x00\x00\x00\x1f\xf3\xffa";

#[test]
fn a_list_without_its_phone_column() {
    let office = Office::open();
    let list = b"Name,Town\nAnn,Huron\n";
    let file = office.file("towns.csv", list);
    let ran = office.unchanged(|| office.load(&file));
    let place = format!("{}:1: ", file.display());
    assert_fails(&ran, 1, &[&place, "nothing says which column holds the phone number", "\"Name\", \"Town\"", "--map"]);
    let answer = office.unchanged(|| office.send_list("fibre-winback", list));
    assert_refused(&answer, 422, "/problems/invalid-list-file", &["nothing says which column holds the phone number"]);
    assert_eq!(answer.body["line"], 1);
}

#[test]
fn a_file_that_is_no_list() {
    let office = Office::open();
    for (name, content, says) in [
        ("picture.csv", PNG, "the file is a picture (png), not text: export the list as CSV"),
        ("empty.csv", b"".as_slice(), "the file is empty"),
        ("cut.csv", b"Phone,First Name\n+33199000009,\"Ann\n".as_slice(), "never closed"),
    ] {
        let file = office.file(name, content);
        let ran = office.unchanged(|| office.load(&file));
        assert_fails(&ran, 1, &[&file.display().to_string(), says]);
        let answer = office.unchanged(|| office.send_list("fibre-winback", content));
        assert_refused(&answer, 422, "/problems/invalid-list-file", &[says]);
    }
    let missing = office.database.argument().replace("sqlite:", "") + ".csv";
    assert_fails(&office.unchanged(|| office.load(missing.as_ref())), 1, &[&missing, "No such file"]);
}

#[test]
fn a_cell_of_a_wrong_type() {
    let office = Office::open();
    let list = b"Phone,Tenure Months\n+33199000011,many\n+33199000012,7\n";
    let file = office.file("tenure.csv", list).display().to_string();
    let about = ["--campaign", "fibre-winback", "--name", "a list", "--source", "existing"];
    let [c, campaign, n, name, s, source] = about;
    let ran = office.unchanged(|| office.run(["list", "check", &file, c, campaign, n, name, s, source]));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    for part in ["field_invalid", "line 2", "Tenure Months", "write digits"] {
        assert!(ran.stdout.contains(part), "{part:?} is not in {}", ran.stdout);
    }
    let report = office.send_list("fibre-winback", list).ok();
    assert_eq!((&report["counts"]["rejected"], &report["counts"]["new_leads"]), (&json!(1), &json!(1)));
    let example = &report["rejects"][0]["examples"][0];
    assert_eq!((&example["line"], &example["column"]), (&json!(2), &json!("Tenure Months")));
}

#[test]
fn a_campaign_file_with_a_wrong_type() {
    let office = Office::open();
    let folder = campaigns::path("fibre-winback");
    let text = fs::read_to_string(folder.join("campaign.toml")).expect("the campaign is there");
    let wrong = text.replace("lease = \"15m\"", "lease = 15");
    assert_ne!(text, wrong, "the campaign has a lease");
    let line = 1 + wrong.lines().position(|line| line == "lease = 15").expect("it was put there");
    let file = office.file("campaign.toml", wrong.as_bytes());
    let place = format!("{}:{line}: ", file.display());
    let folder = file.parent().expect("it is in a folder").display().to_string();
    let ran = office.unchanged(|| office.run(["campaign", "apply", &folder]));
    assert_fails(&ran, 1, &[&place, "lease"]);
    let sent = json!({ "campaign": { "path": "campaign.toml", "text": wrong }, "tariffs": [] });
    let answer = office.unchanged(|| office.manager().post("/campaigns/apply", &sent).expect("the server answers"));
    assert_refused(&answer, 422, "/problems/invalid-files", &["lease"]);
    assert_eq!(answer.body["files"][0]["line"], line);
}

#[test]
fn a_request_of_a_wrong_type() {
    let office = Office::open();
    let olga = office.olga();
    let held = office.next(&olga);
    let path = format!("/assignments/{}/outcome", held.assignment);
    for (body, field) in [
        (json!({ "token": 5, "report": { "disposition": "busy" } }), "token"),
        (json!({ "token": "x", "report": { "disposition": "busy", "duration_s": "long" } }), "report.duration_s"),
        (json!({ "token": "x", "report": { "disposition": "busy", "noet": "typed in haste" } }), "report.noet"),
        (json!({ "token": "x", "report": {} }), "report.disposition"),
    ] {
        let answer = office.unchanged(|| olga.post(&path, &body).expect("the server answers"));
        assert_refused(&answer, 400, "/problems/invalid-request", &["line 1, column"]);
        assert_eq!(answer.fields(), [field]);
    }
    let answer =
        office.unchanged(|| olga.send(&path, "application/json", b"{\"token\": ").expect("the server answers"));
    assert_refused(&answer, 400, "/problems/invalid-request", &["is not JSON"]);
}

#[test]
fn an_unknown_code() {
    let office = Office::open();
    let olga = office.olga();
    let held = office.next(&olga);
    let answer = office.unchanged(|| held.report(&olga, &json!({ "disposition": "vanished" })));
    assert_refused(&answer, 422, "/problems/invalid-fields", &["vanished", "no_answer, busy"]);
    assert_eq!(answer.fields(), ["disposition"]);
    let reason = json!({ "disposition": "refused", "refusal": { "reason": "mood" } });
    let answer = office.unchanged(|| held.report(&olga, &reason));
    assert_refused(&answer, 422, "/problems/invalid-fields", &["mood", "price"]);
    assert_eq!(answer.fields(), ["refusal.reason"]);
    let ran = office.unchanged(|| office.run(["outcome", "vanished", "--operator", "olga"]));
    assert_fails(&ran, 1, &["disposition: ", "vanished", "no_answer, busy"]);
}

#[test]
fn a_campaign_that_does_not_exist() {
    let office = Office::open();
    let file = office.file("list.csv", b"Phone\n+33199000021\n").display().to_string();
    let about = ["--campaign", "fiber-winback", "--name", "a list", "--source", "existing"];
    let [c, campaign, n, name, s, source] = about;
    let ran = office.unchanged(|| office.run(["list", "load", &file, c, campaign, n, name, s, source]));
    assert_fails(&ran, 1, &["no campaign", "fiber-winback"]);
    let answer = office.unchanged(|| office.send_list("fiber-winback", b"Phone\n+33199000021\n"));
    assert_refused(&answer, 404, "/problems/not-found", &["no campaign", "fiber-winback"]);
    let next = json!({ "campaign": "fiber-winback" });
    let answer = office.unchanged(|| office.olga().post("/next", &next).expect("the server answers"));
    assert_refused(&answer, 404, "/problems/not-found", &["fiber-winback"]);
    let ran = office.unchanged(|| office.run(["campaign", "pause", "fiber-winback"]));
    assert_fails(&ran, 1, &["fiber-winback"]);
}

#[test]
fn an_outcome_for_the_assignment_of_somebody_else() {
    let office = Office::open();
    let (olga, boris) = (office.olga(), office.boris());
    let held = office.next(&olga);
    let _ = office.next(&boris);
    let answer = office.unchanged(|| held.report(&boris, &json!({ "disposition": "no_answer" })));
    assert_refused(
        &answer,
        404,
        "/problems/not-your-assignment",
        &["is not yours, or the token is not its", "ask for"],
    );
    let (assignment, token) = (held.assignment.as_str(), held.token.as_str());
    let whose = ["--operator", "boris", "--assignment", assignment, "--assignment-token", token];
    let [o, operator, a, assignment, t, token] = whose;
    let ran = office.unchanged(|| office.run(["outcome", "no_answer", o, operator, a, assignment, t, token]));
    assert_fails(&ran, 1, &["is not yours, or the token is not its"]);
    let ran =
        office.unchanged(|| office.run(["outcome", "no_answer", "--operator", "olga", a, assignment, t, "guessed"]));
    assert_fails(&ran, 1, &["is not yours, or the token is not its"]);
}

#[test]
fn a_refusal_without_what_its_reason_asks_for() {
    let office = Office::open();
    let olga = office.olga();
    let held = office.next(&olga);
    let bare = json!({ "disposition": "refused", "refusal": { "reason": "affordable_speed" } });
    let answer = office.unchanged(|| held.report(&olga, &bare));
    assert_refused(&answer, 422, "/problems/invalid-fields", &["is missing", "affordable_speed"]);
    assert_eq!(answer.fields(), ["refusal.price_ceiling", "refusal.wanted_features"]);
    let ran = office.unchanged(|| office.run(["outcome", "refused", "--operator", "olga", "--reason", "price"]));
    assert_fails(&ran, 1, &["refusal.price_ceiling: is missing", "price"]);
    let ran = office.unchanged(|| office.run(["outcome", "refused", "--operator", "olga"]));
    assert_fails(&ran, 1, &["refusal: is missing", "name the reason", "(--reason)"]);
}

#[test]
fn a_tariff_with_a_negative_price() {
    let office = Office::open();
    let text = fs::read_to_string(campaigns::path("fibre-winback").join("tariffs/fibre-25.toml")).expect("it is there");
    let wrong = text.replace("fibre-25", "fibre-minus").replace("price = \"24.99\"", "price = \"-24.99\"");
    let line = 1 + wrong.lines().position(|line| line.starts_with("price")).expect("a tariff has a price");
    let file = office.file("minus.toml", wrong.as_bytes()).display().to_string();
    let place = format!("{file}:{line}: ");
    for doing in ["check", "preview", "publish"] {
        let ran = office.unchanged(|| office.run(["tariff", doing, &file]));
        assert_fails(&ran, 1, &[&place, "-24.99", "0 or more"]);
    }
    let sent = json!({ "file": { "path": "minus.toml", "text": wrong } });
    let answer = office.unchanged(|| office.manager().post("/tariffs/publish", &sent).expect("the server answers"));
    assert_refused(&answer, 422, "/problems/invalid-files", &["-24.99", "0 or more"]);
    assert_eq!(answer.body["files"][0]["line"], line);
}

#[test]
fn a_database_that_is_away() {
    let folder = tempfile::tempdir().expect("a folder for the files");
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").expect("the folder can be written to");
    let inside = Database::in_folder(&file).argument();
    // Nobody may listen on port 1 but whoever runs the machine.
    let nobody = "postgres://relance:s3cret@127.0.0.1:1/relance";
    let ran = binary::run(["serve", "--database", nobody]);
    assert_fails(&ran, 1, &["cannot connect to postgres://relance:****@127.0.0.1:1/relance", "Connection refused"]);
    for command in ["migrate", "serve"] {
        let ran = binary::run([command, "--database", &inside]);
        assert_fails(&ran, 1, &["cannot make the folder", &file.display().to_string()]);
    }
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "not a folder");
    let ran = binary::run(["queue", "fibre-winback", "--database", "mysql://127.0.0.1/relance"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("sqlite:PATH"), "{}", ran.stderr);
}

/// The disk is full for the server alone: it may write no file longer than this, which is more than the database and the
/// list have, and less than a load needs.
#[test]
fn a_database_that_is_full() {
    const KIB_MAX: u32 = 1_536;
    let office = Office::open().serve(|server| {
        let mut limited = Command::new("bash");
        limited
            .arg("-c")
            .arg(format!("trap '' XFSZ; ulimit -f {KIB_MAX}; exec \"$0\" \"$@\""))
            .arg(server.get_program());
        let arguments: Vec<_> = server.get_args().map(ToOwned::to_owned).collect();
        binary::without_settings(limited, arguments)
    });
    let rows = (0..6_000).map(|number| format!("+3326191{number:04},Ann,{}\n", "Miller".repeat(20)));
    let list = "Phone,First Name,Last Name\n".to_owned() + &rows.collect::<String>();
    let answer = office.send_list("fibre-winback", list.as_bytes());
    assert_refused(&answer, 507, "/problems/database-full", &["nothing was changed", "make room"]);
    let loaded = "SELECT COUNT(*) FROM list WHERE state = 'loaded'";
    assert_eq!(office.database.look().number(loaded), 1);
    // What the load had written is not seen by anybody, and cannot be removed without room either.
    let seen = "SELECT COUNT(*) FROM lead JOIN list ON list.id = lead.list_id WHERE list.state = 'loaded'";
    assert_eq!(office.database.look().number(seen), 3);
    let campaigns = office.manager().get("/campaigns").expect("the server answers").ok();
    assert_eq!(campaigns[0]["state"], "running", "what is there can still be read");
    for event in ["pause", "resume"] {
        let path = "/campaigns/fibre-winback/state";
        let small = office.manager().post(path, &json!({ "event": event })).expect("the server answers");
        assert_eq!(small.status, 200, "what there is room for can still be written: {}", small.text);
    }
    // With room again, the same file is loaded.
    let office = office.serve(|server| server);
    let report = office.send_list("fibre-winback", list.as_bytes()).ok();
    assert_eq!((&report["counts"]["new_leads"], &report["counts"]["rows_read"]), (&json!(6_000), &json!(6_000)));
    assert_eq!(office.database.look().number(seen), 6_003);
}
