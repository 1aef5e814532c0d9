//! A small call centre over a SQLite file: a running campaign, a list, a manager and two operators.

use std::ffi::OsString;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use relance_tests::binary::{self, Ran, Server};
use relance_tests::campaigns;
use relance_tests::client::{Answer, Client};
use relance_tests::database::Database;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A list that is right.
const LIST: &str = "Phone,First Name,Last Name,State,Tenure Months\n\
    +33199000001,Ann,Miller,CA,3\n+33199000002,Ben,Miller,CA,4\n+33199000003,Cleo,Miller,CA,5\n";

/// The call centre.
pub(crate) struct Office {
    folder: TempDir,
    pub(crate) database: Database,
    server: Option<Server>,
    people: People,
}

/// The tokens of those who work there.
#[derive(Clone)]
struct People {
    manager: String,
    olga: String,
    boris: String,
}

/// The files of an office that has just been made, and its people. The others begin as copies of it, which is faster than
/// making each.
struct Model {
    files: Vec<(OsString, Vec<u8>)>,
    people: People,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder for the files");
    let database = Database::in_folder(folder.path());
    let office = Office::make(folder, database);
    let files = fs::read_dir(office.folder.path()).expect("it is there").map(|file| {
        let file = file.expect("it can be listed");
        (file.file_name(), fs::read(file.path()).expect("it can be read"))
    });
    Model { files: files.collect(), people: office.people.clone() }
});

impl Office {
    /// Opens for business.
    pub(crate) fn open() -> Self {
        Self::closed().serve(|command| command)
    }

    /// An office without a server: all is done with the command line.
    pub(crate) fn closed() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the files");
        for (name, content) in &MODEL.files {
            fs::write(folder.path().join(name), content).expect("room for a copy");
        }
        Self { database: Database::in_folder(folder.path()), folder, server: None, people: MODEL.people.clone() }
    }

    /// An office without a server, over any database that is new.
    pub(crate) fn closed_over(database: Database) -> Self {
        Self::make(tempfile::tempdir().expect("a folder for the files"), database)
    }

    fn make(folder: TempDir, database: Database) -> Self {
        let token = |name: &str, role: &str| {
            let arguments = ["operator", "add", name, "--role", role, "--json", "--database", &database.argument()];
            let added: Value = serde_json::from_str(&binary::run(arguments).ok()).expect("JSON was asked for");
            added["token"].as_str().expect("a new user has a token").to_owned()
        };
        let people = People {
            manager: token("marc", "manager"),
            olga: token("olga", "operator"),
            boris: token("boris", "operator"),
        };
        let office = Self { folder, database, server: None, people };
        let campaign = campaigns::path("fibre-winback").display().to_string();
        let _ = office.run(["campaign", "apply", &campaign]).ok();
        let _ = office.run(["campaign", "start", "fibre-winback"]).ok();
        let _ = office.load(&office.file("clients.csv", LIST.as_bytes())).ok();
        office
    }

    /// Starts the server anew, with whatever `around` puts around its command.
    pub(crate) fn serve(mut self, around: impl FnOnce(Command) -> Command) -> Self {
        self.server = None;
        let database = self.database.argument();
        let command = binary::command(["serve", "--database", &database, "--listen", "127.0.0.1:0"]);
        self.server = Some(Server::launch(around(command)));
        self
    }

    /// Starts the server anew over the same database, which it reaches by this address.
    pub(crate) fn serve_over(mut self, address: &str) -> Self {
        self.server = Some(Server::start(address));
        self
    }

    /// Runs a command over the database.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
        let arguments = arguments.into_iter().map(str::to_owned);
        binary::run(arguments.chain(["--database".to_owned(), self.database.argument()]))
    }

    /// Loads a file with the command line.
    pub(crate) fn load(&self, file: &Path) -> Ran {
        self.load_with(file, &[])
    }

    /// The same with options.
    pub(crate) fn load_with(&self, file: &Path, options: &[&str]) -> Ran {
        let file = file.display().to_string();
        let load = ["list", "load", &file, "--campaign", "fibre-winback", "--name", "a list", "--source", "existing"];
        self.run(load.iter().chain(options).copied())
    }

    /// Loads a file over HTTP.
    pub(crate) fn send_list(&self, campaign: &str, file: &[u8]) -> Answer {
        let path = format!("/campaigns/{campaign}/lists?name=a%20list&source=existing");
        self.manager().send(&path, "text/csv", file).expect("the server answers")
    }

    /// A file with this content.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, content).expect("the folder can be written to");
        file
    }

    /// The campaign manager.
    pub(crate) fn manager(&self) -> Client {
        self.client(&self.people.manager)
    }

    /// An operator.
    pub(crate) fn olga(&self) -> Client {
        self.client(&self.people.olga)
    }

    /// Another operator.
    pub(crate) fn boris(&self) -> Client {
        self.client(&self.people.boris)
    }

    fn client(&self, token: &str) -> Client {
        Client::new(&self.server.as_ref().expect("the server runs").url, token)
    }

    /// The lead that an operator gets: the path of its outcome, and its token.
    pub(crate) fn next(&self, operator: &Client) -> Held {
        let next = operator.post("/next", &json!({})).expect("the server answers").ok();
        assert_eq!(next["kind"], "lead", "{next}");
        let token = next["token"].as_str().expect("an assignment has a token").to_owned();
        Held { assignment: next["assignment"].to_string(), token }
    }

    /// Does something that must not change anything.
    pub(crate) fn unchanged<T: Debug>(&self, doing: impl FnOnce() -> T) -> T {
        let before = self.database.shape();
        let done = doing();
        assert_eq!(before, self.database.shape(), "changed by {done:?}");
        done
    }
}

/// A lead that an operator holds.
pub(crate) struct Held {
    pub(crate) assignment: String,
    pub(crate) token: String,
}

impl Held {
    /// Sends a report about it.
    pub(crate) fn report(&self, operator: &Client, report: &Value) -> Answer {
        let body = json!({ "token": self.token, "report": report });
        operator.post(&format!("/assignments/{}/outcome", self.assignment), &body).expect("the server answers")
    }
}

/// A command that failed, with a message that says all of this.
#[track_caller]
pub(crate) fn assert_fails(ran: &Ran, code: i32, says: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.starts_with("error: "), "one error, and nothing else: {:?}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "{part:?} is not in {:?}", ran.stderr);
    }
}

/// A request that was refused, with a detail that says all of this.
#[track_caller]
pub(crate) fn assert_refused(answer: &Answer, status: u16, problem: &str, says: &[&str]) {
    assert_eq!((answer.status, answer.problem()), (status, problem), "{}", answer.text);
    assert_eq!(answer.content_type, "application/problem+json");
    for part in says {
        assert!(answer.text.contains(part), "{part:?} is not in {}", answer.text);
    }
}
