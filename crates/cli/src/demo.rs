//! The demonstration: two campaigns with their clients, a login for every role, and a server.

mod campaigns;
mod logins;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use axum::body::Body;
use relance_domain::campaign::state::{CampaignEvent, CampaignState};
use relance_scheduler::{Engine, Error};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::list::List;
use tokio::net::TcpListener;

use crate::args::server::Demo;
use crate::database::Database;
use crate::refusal::Refusal;
use crate::settings::{Settings, Source};
use crate::transport::{Api, Call};
use crate::{Exit, Usage, calling_rules, out, serve, sources};
use campaigns::{EMBEDDED, Embedded};
use logins::{Login, Logins};

/// Ports tried one after another when nobody named one.
const PORTS: std::ops::RangeInclusive<u16> = 8080..=8099;

/// The files of a demo.
struct Files {
    folder: PathBuf,
    database: PathBuf,
    logins: PathBuf,
}

impl Files {
    fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), database: folder.join("relance.db"), logins: folder.join("demo-logins.json") }
    }

    /// Refuses a folder with somebody's own database in it.
    fn check(&self) -> Result<()> {
        if self.database.exists() && !self.logins.exists() {
            bail!(
                "{} is a database that no demo made (there is no {}): choose another folder with --dir",
                self.database.display(),
                self.logins.display()
            );
        }
        Ok(())
    }

    /// Removes what an earlier demo made, and nothing else. The logins go last: without them nothing is removed.
    fn remove(&self) -> Result<()> {
        let beside = |suffix: &str| {
            let mut name = self.database.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        for path in [self.database.clone(), beside("-wal"), beside("-shm"), self.logins.clone()] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// `relance demo`
pub(crate) async fn run(demo: &Demo, settings: &Settings) -> Result<Exit> {
    serve::opens_a_database(settings)?;
    if matches!(settings.database.source, Source::Flag(_)) {
        return Err(
            Usage("a demo keeps its own database: leave out --database, or choose a folder with --dir".into()).into()
        );
    }
    let rules = calling_rules::read(settings)?;
    let files = Files::of(&demo.dir);
    std::fs::create_dir_all(&files.folder)
        .with_context(|| format!("cannot make the folder {}", files.folder.display()))?;
    files.check()?;
    let mut logins = Logins::open(&files.logins)?;
    if demo.fresh {
        drop(logins);
        files.remove()?;
        logins = Logins::open(&files.logins)?;
    }
    let store = Database::Sqlite(files.database.clone()).open_current(true, &settings.keys()).await?;
    let engine = sources::engine(store, rules, settings)?;
    add_users(&engine, &logins).await?;
    let api = Api::of(engine.clone());
    for embedded in EMBEDDED {
        prepare(&api, embedded).await.with_context(|| format!("campaign {}", embedded.campaign))?;
    }
    let listener = listen(settings).await?;
    let url = serve::tell_address(&listener)?;
    // Whoever reads no further than the address still gets a server.
    let _ = out::text(&welcome(&url, &files, &logins.logins));
    serve::until_stopped(engine, listener).await?;
    Ok(Exit::Done)
}

async fn listen(settings: &Settings) -> Result<TcpListener> {
    if settings.listen.source != Source::Default {
        return serve::bind(&settings.listen.value).await;
    }
    for port in PORTS {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => {
                if port != *PORTS.start() {
                    out::note(&format!("port {} is taken, so the demo listens on {port}", PORTS.start()));
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).with_context(|| format!("cannot listen on 127.0.0.1:{port}")),
        }
    }
    bail!("the ports {} to {} are all taken: name one with --listen", PORTS.start(), PORTS.end())
}

async fn add_users(engine: &Engine, logins: &Logins) -> Result<()> {
    for Login { name, role, token } in &logins.logins {
        match engine.add_user_with_token(name, *role, token).await {
            // There since an earlier start.
            Ok(_) | Err(Error::Store(StoreError::Conflict(_))) => {}
            Err(error) => return Err(error).with_context(|| format!("cannot add {name}")),
        }
    }
    Ok(())
}

/// Makes a campaign what it should be, as far as nobody did so before.
async fn prepare(api: &Api, embedded: &Embedded) -> Result<()> {
    let mut campaign = match api.ask(Call::get(&["campaigns", embedded.campaign])).await {
        Ok(answer) => answer.decode::<relance_scheduler::CampaignDetails>()?.campaign,
        Err(error) if error.downcast_ref::<Refusal>().is_some_and(|no| no.kind.ends_with("/not-found")) => {
            let call = Call::post(&["campaigns", "apply"]).json(&embedded.folder()?)?;
            api.ask(call).await?.decode::<relance_scheduler::AppliedCampaign>()?.campaign
        }
        Err(error) => return Err(error),
    };
    let lists: Vec<List> = api.ask(Call::get(&["lists"]).with("campaign", Some(embedded.campaign))).await?.decode()?;
    if lists.is_empty() {
        out::note(&format!("loading the clients of {}…", embedded.campaign));
        let call = Call::post(&["campaigns", embedded.campaign, "lists"])
            .with("name", Some(embedded.list_name))
            .with("source", Some("existing"))
            .with("relationship", Some(embedded.relationship.as_str()));
        api.ask(call.file(Body::from(embedded.clients))).await?;
    }
    if campaign.state == CampaignState::Draft {
        let event = serde_json::json!({ "event": CampaignEvent::Start });
        let started = api.ask(Call::post(&["campaigns", embedded.campaign, "state"]).json(&event)?).await?;
        campaign = started.decode::<Campaign>()?;
    }
    tracing::info!(campaign = campaign.campaign, state = campaign.state.as_str(), "demo.campaign_ready");
    Ok(())
}

/// What somebody sees who has just started the demo.
fn welcome(url: &str, files: &Files, logins: &[Login]) -> String {
    // Where a server listens everywhere, it is asked here.
    let url = url.replace("http://0.0.0.0:", "http://127.0.0.1:").replace("http://[::]:", "http://[::1]:");
    let program = std::env::args().next().unwrap_or_else(|| "relance".to_owned());
    let who = logins.iter().map(|login| format!("  {:8}{:12}{}", login.name, login.role.as_str(), login.token));
    let token = |name: &str| logins.iter().find(|login| login.name == name).map_or("", |login| &login.token);
    let server = |name: &str| format!("--server {url} --token {}", token(name));
    format!(
        "\nLogins (name, role, token), kept in {logins}:\n{who}\n\nTry next, in another terminal:\n\
         \x20 {program} next {olga}\n\
         \x20 {program} queue fibre-winback {marc}\n\
         \x20 {program} report fibre-winback {anna}\n\n\
         The API is described at {url}/api/v1/openapi.json. Stop with Ctrl-C; `demo --fresh` begins anew.",
        logins = files.logins.display(),
        who = who.collect::<Vec<_>>().join("\n"),
        olga = server("olga"),
        marc = server("marc"),
        anna = server("anna"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_s_own_database_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::of(folder.path());
        files.check().expect("an empty folder will do");
        std::fs::write(&files.database, "theirs").expect("a file");
        assert!(files.check().is_err());
        Logins::open(&files.logins).expect("logins");
        files.check().expect("a demo's folder");
        std::fs::write(folder.path().join("notes.txt"), "theirs").expect("a file");
        files.remove().expect("removed");
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}
