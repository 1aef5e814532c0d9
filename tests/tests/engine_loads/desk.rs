//! What the stories share: files, loads, and the next lead.

use std::io::Cursor;

use relance_domain::E164;
use relance_domain::client::UpdatePolicy;
use relance_domain::list::MappedColumn;
use relance_scheduler::{Engine, Error, LeadAnswer, ListToLoad, LoadReport, NextAnswer, Wishes};
use relance_store::user::User;
use relance_testkit::World;
use relance_testkit::builders::provenance;

/// A list of the seller's own clients, for a campaign.
pub(crate) fn into(campaign: &str, name: &str) -> ListToLoad {
    ListToLoad::new(campaign, provenance(name))
}

/// The same, only tried.
pub(crate) fn dry(load: ListToLoad) -> ListToLoad {
    ListToLoad { dry_run: true, ..load }
}

/// The same with a policy.
pub(crate) fn with_policy(load: ListToLoad, policy: UpdatePolicy) -> ListToLoad {
    ListToLoad { policy, ..load }
}

/// The same with columns that somebody named.
pub(crate) fn mapped(load: ListToLoad, columns: &[(&str, &str)]) -> ListToLoad {
    let named = |(column, field): &(&str, &str)| MappedColumn { column: (*column).into(), field: (*field).into() };
    let mapping = columns.iter().map(named).collect();
    ListToLoad { wishes: Wishes { mapping, ..load.wishes }, ..load }
}

/// Loads a file, or tries that.
pub(crate) async fn try_load(engine: &Engine, load: ListToLoad, file: impl AsRef<[u8]>) -> Result<LoadReport, Error> {
    let file = engine.spool_list(Cursor::new(file.as_ref().to_vec())).await?;
    engine.load_list(load, file).await
}

/// Loads a file that can be loaded.
pub(crate) async fn load(world: &World, load: ListToLoad, file: impl AsRef<[u8]>) -> LoadReport {
    let report = try_load(&world.engine, load, file).await.expect("loaded");
    assert!(report.counts.adds_up(), "{:?}", report.counts);
    report
}

/// What a dry run tells that a load tells too.
pub(crate) fn told(report: &LoadReport) -> LoadReport {
    LoadReport { dry_run: false, list: None, resumed: false, ..report.clone() }
}

/// The next lead of an operator.
pub(crate) async fn next(world: &World, operator: &User) -> LeadAnswer {
    match world.engine.next_lead(operator.id, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("{}", nobody.because),
    }
}

/// Nobody is there for an operator.
pub(crate) async fn nobody(engine: &Engine, operator: &User) {
    let answer = engine.next_lead(operator.id, None).await.expect("an answer");
    assert!(matches!(answer, NextAnswer::Nobody(_)), "{answer:?}");
}

/// A number in full.
pub(crate) fn number(n: u32) -> String {
    let phone: E164 = relance_testkit::builders::phone(n);
    phone.reveal().to_owned()
}
