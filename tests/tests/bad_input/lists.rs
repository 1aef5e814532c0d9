//! Files that are no lists, lists that nobody should load as they are, and disks without room for them.

use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use relance_tests::binary::{self, Ran};
use relance_tests::database::Database;

use crate::office::{Office, assert_fails};

/// A person of a list: no message shows the number in full, nor the name.
const NUMBER: &str = "199004711";
const NAME: &str = "Brzeczyszczykiewicz";

/// Runs a load of a file that is refused and changes nothing; tells what was said.
#[track_caller]
fn refused(office: &Office, file: &Path, with: &[&str], says: &[&str]) -> Ran {
    let path = file.display().to_string();
    let ran = office.unchanged(|| office.load_with(file, with));
    assert_fails(&ran, 1, says);
    assert!(!ran.stderr.contains(NUMBER) && !ran.stderr.contains(NAME), "personal data: {}", ran.stderr);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{path}: {}", ran.stderr);
    ran
}

/// A list in French with a person of ours and these headers.
fn list(headers: &str) -> Vec<u8> {
    format!("{headers}\n{NAME};0{NUMBER}\n").into_bytes()
}

#[test]
fn what_is_no_file_to_read() {
    let office = Office::closed();
    let file = office.file("list.csv", &list("Last Name;Phone"));
    let folder = file.parent().expect("it is in a folder");
    refused(&office, folder, &[], &[&folder.display().to_string(), "is a folder"]);
    refused(&office, &folder.join("missing.csv"), &[], &["missing.csv", "No such file"]);
    refused(&office, &file.join("below.csv"), &[], &["below.csv", "Not a directory"]);
    if let Some(closed) = unreadable(&office) {
        refused(&office, &closed, &[], &["closed.csv", "Permission denied"]);
    }
    refused(&office, &office.file("empty.csv", b""), &[], &["the file is empty"]);
    refused(&office, &office.file("blank.csv", b"\r\n\r\n \r\n"), &[], &["the file is empty"]);
}

/// A file that may not be read; none for who may read everything.
fn unreadable(office: &Office) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let closed = office.file("closed.csv", &list("Last Name;Phone"));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("it is ours");
    fs::read(&closed).is_err().then_some(closed)
}

#[test]
fn a_list_from_a_pipe_is_loaded() {
    let office = Office::closed();
    let pipe = office.file("pipe.csv", b"");
    fs::remove_file(&pipe).expect("it was just made");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is everywhere");
    assert!(made.success());
    let writer = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::write(pipe, "Phone,Last Name\n+33199000077,Miller\n").expect("written"))
    };
    let ran = office.load_with(&pipe, &[]);
    writer.join().expect("it was read");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(office.database.look().number("SELECT COUNT(*) FROM lead"), 4);
}

#[test]
fn a_file_larger_than_any_list_is_not_read() {
    let office = Office::closed();
    let file = office.file("hole.csv", b"Phone\n");
    // A file with a hole: long, and not on the disk.
    File::options().write(true).open(&file).expect("ours").set_len(2 * 1024 * 1024 * 1024 + 1).expect("a hole");
    let ran = refused(&office, &file, &[], &["hole.csv", "longer than 2 GiB", "split it into several files"]);
    assert!(ran.stdout.is_empty());
}

#[test]
fn a_record_without_an_end() {
    let office = Office::closed();
    let long = [b"Phone,Note\n+33199000031,".as_slice(), &vec![b'x'; 10 * 1024 * 1024], b"\n"].concat();
    refused(&office, &office.file("long.csv", &long), &[], &["long.csv:2: ", "longer than 1 MiB", "a quote"]);
    let quoted =
        [list("Last Name;Phone"), b"\"Ann;0199000032\n".to_vec(), b"Ben;0199000033\n".repeat(100_000)].concat();
    refused(&office, &office.file("quote.csv", &quoted), &[], &["quote.csv:3: ", "a quote"]);
}

/// A zip archive of one file.
fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file(name, packed).expect("a zip");
    zip.write_all(content).expect("a zip");
    zip.finish().expect("a zip").into_inner()
}

#[test]
fn archives_and_workbooks_that_are_traps() {
    let office = Office::closed();
    let bomb = zip("bomb.csv", &b"Phone\n".repeat(20_000_000));
    refused(&office, &office.file("bomb.zip", &bomb), &[], &["bomb.zip", "zip bomb"]);
    let secret = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lists/tests/data/password.xlsx"));
    let secret = office.file("password.xlsx", &secret.expect("it is in the repository"));
    refused(&office, &secret, &[], &["password.xlsx", "password"]);
    let workbook = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lists/tests/data/clients.xls"));
    let workbook = office.file("clients.xls", &workbook.expect("it is in the repository"));
    refused(&office, &workbook, &["--sheet", "Juni"], &["Juni", "sheet"]);
    let two = zip("inner.zip", &zip("list.csv", b"Phone\n+33199000033\n"));
    refused(&office, &office.file("two.zip", &two), &[], &["inner.zip"]);
}

#[test]
fn a_header_in_a_language_that_nobody_knows() {
    let office = Office::closed();
    for (name, headers) in [("pl.csv", "Nazwisko;Nr tel. kom. klienta"), ("hu.csv", "Vezetéknév;Hívószám")] {
        let file = office.file(name, &list(headers));
        let column = headers.split(';').nth(1).expect("two columns");
        let about = ["--country", "FR"];
        refused(
            &office,
            &file,
            &about,
            &[name, "which column holds the phone number", &format!("--map '{column}=phone'")],
        );
        let map = format!("{column}=phone");
        let ran = office.run(["list", "check", &file.display().to_string(), "--country", "FR", "--map", &map]);
        assert_eq!(ran.code, Some(0), "the option answers: {ran:?}");
    }
}

#[test]
fn a_mapping_of_what_is_not_there() {
    let office = Office::closed();
    let file = office.file("list.csv", &list("Last Name;Phone"));
    refused(&office, &file, &["--map", "Telefon=phone"], &["no column \"Telefon\"", "\"Last Name\", \"Phone\""]);
    refused(&office, &file, &["--map", "Phone=telephone"], &["no field \"telephone\"", "phone, "]);
    refused(
        &office,
        &file,
        &["--map", "Phone=phone", "--map", "Last Name=phone", "--country", "Frankreich"],
        &["Frankreich"],
    );
    let twice = office.unchanged(|| office.load_with(&file, &["--map", "Phone=phone", "--map", "Phone=city"]));
    assert_fails(&twice, 2, &["--map names the column \"Phone\" twice"]);
    for (option, value) in [("--map", "Phone"), ("--encoding", "ebcdic"), ("--delimiter", "comma"), ("--update", "all")]
    {
        let ran = office.unchanged(|| office.load_with(&file, &[option, value]));
        assert_eq!(ran.code, Some(2), "{option} {value}: {ran:?}");
        assert!(ran.stderr.contains(option), "{}", ran.stderr);
    }
}

#[test]
fn a_bought_list_says_where_it_came_from() {
    let office = Office::closed();
    let file = office.file("bought.csv", &list("Last Name;Phone")).display().to_string();
    let load = |with: &[&str]| {
        let about = ["list", "load", &file, "--campaign", "fibre-winback", "--country", "FR"];
        office.unchanged(|| office.run(about.iter().chain(with).copied()))
    };
    let ran = load(&[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("--source"), "{}", ran.stderr);
    assert_fails(&load(&["--source", "purchased"]), 1, &["vendor"]);
    assert_fails(&load(&["--source", "purchased", "--vendor", "Data GmbH"]), 1, &["consent"]);
    let bought = ["--source", "purchased", "--vendor", "Data GmbH", "--consent-basis", "opt-in form"];
    assert_fails(&load(&[&bought[..], &["--cost", "cheap"]].concat()), 1, &["cost"]);
}

#[test]
fn a_header_where_none_is() {
    let office = Office::closed();
    let file = office.file("list.csv", &list("Last Name;Phone"));
    for (header, says) in [("4", "no header is there"), ("0", "is no line"), ("first", "is no line")] {
        refused(&office, &file, &["--header", header], &[says, "header"]);
    }
    let headless = office.file("headless.csv", "Martin;0199004712\nDurand;0199004713\n".as_bytes());
    let ran = office.load_with(&headless, &["--header", "none", "--country", "FR", "--map", "col 2=phone"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(office.database.look().number("SELECT COUNT(*) FROM lead"), 5, "the first row is not lost");
}

#[test]
fn what_a_spreadsheet_would_run_is_harmless_in_every_file() {
    let office = Office::closed();
    let rows =
        "Phone,Last Name,City,Hobby\n12,=Dupont,+1+2,@SUM(A1)\n,-Martin,Lyon,=1\n+33199000041,Good,Paris,chess\n";
    let ran = office.load_with(&office.file("formulas.csv", rows.as_bytes()), &[]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let rejects = office.file("rejects.csv", b"");
    fs::remove_file(&rejects).expect("it was just made");
    let _ = office.run(["list", "rejects", "2", "--out", &rejects.display().to_string()]).ok();
    let text = fs::read_to_string(&rejects).expect("it was written");
    assert!(text.starts_with("_line,_code,_column,_message,Phone,Last Name,City,Hobby\n"), "{text}");
    assert!(text.contains(",12,'=Dupont,'+1+2,'@SUM(A1)\n") && text.contains(",,'-Martin,Lyon,'=1\n"), "{text}");
    let mended = text.replace(",12,'", ",+33199000042,'").replace(",,'-M", ",+33199000043,'-M");
    let ran = office.load_with(&office.file("mended.csv", mended.as_bytes()), &["--country", "FR"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut look = office.database.look();
    assert_eq!(look.number("SELECT COUNT(*) FROM lead"), 6, "the mended rows are leads");
    let stored = look.texts(
        "SELECT last_name || ' ' || city || ' ' || attributes FROM lead JOIN client ON client.id = lead.client_id
        WHERE list_id = 3 ORDER BY lead.id",
    );
    assert_eq!(stored, ["=Dupont +1+2 {\"Hobby\":\"@SUM(A1)\"}", "-Martin Lyon {\"Hobby\":\"=1\"}"]);
    let _ = office.run(["next", "--operator", "olga"]).ok();
    let note = ["outcome", "no_answer", "--operator", "olga", "--note", "=HYPERLINK(\"http://example.org\")"];
    let _ = office.run(note).ok();
    let outcomes = office.run(["outcomes", "--format", "csv"]).ok();
    assert!(outcomes.contains("\"'=HYPERLINK("), "{outcomes}");
}

/// There is no room for the copy that a load reads: one sentence, no file left behind, nothing stored. On PostgreSQL nothing
/// but that copy is on this machine.
fn no_room_for_the_copy(office: &Office) {
    let rows = (0..40_000).map(|number| format!("+33{},{NAME}\n", 199_000_000 + number));
    let file = office.file("large.csv", ("Phone,Last Name\n".to_owned() + &rows.collect::<String>()).as_bytes());
    let script = "ulimit -f 900; exec \"$0\" \"$@\"";
    let mut limited = Command::new("bash");
    limited.args(["-c", &format!("trap '' XFSZ; {script}")]).arg(binary::path());
    let about = ["--campaign", "fibre-winback", "--name", "large", "--source", "existing"];
    let (file, at) = (file.display().to_string(), office.database.argument());
    let arguments = ["list", "load", &file].into_iter().chain(about).chain(["--database", &at]);
    let ran = office.unchanged(|| binary::ran(binary::without_settings(limited, arguments)));
    assert_fails(&ran, 1, &["the disk is full", "make room in the folder for temporary files"]);
    assert_eq!(ran.stderr.trim().lines().count(), 1, "one sentence: {}", ran.stderr);
    // Where nobody ignores the signal by which the system tells of the limit, it must not end the program without a word.
    let mut limited = Command::new("bash");
    limited.args(["-c", script]).arg(binary::path());
    let arguments = ["list", "load", &file].into_iter().chain(about).chain(["--database", &at]);
    let ran = office.unchanged(|| binary::ran(binary::without_settings(limited, arguments)));
    assert_fails(&ran, 1, &["the disk is full"]);
}

#[test]
fn no_room_for_the_copy_sqlite() {
    no_room_for_the_copy(&Office::closed());
}

#[test]
fn no_room_for_the_copy_postgres() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let database = runtime.block_on(relance_testkit::postgres::fresh_database());
    no_room_for_the_copy(&Office::closed_over(Database::Postgres(database.url.clone())));
}
