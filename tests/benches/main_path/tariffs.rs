//! What publishing a tariff costs beside bare statements that reopen the same leads, and what operators notice of it.

use std::time::{Duration, Instant};

use relance_domain::campaign::SourceFile;
use relance_domain::tariff::Tariff;

use crate::lab::Lab;
use crate::lists::call_for;
use crate::median;
use crate::table::{self, Line, percentile};

/// How long operators call before anything is measured: the first calls make plans and fetch pages, which neither line is about.
const WARM_UP: Duration = Duration::from_secs(5);
/// How long operators call while nothing else happens.
const QUIET: Duration = Duration::from_secs(10);

/// Measures one store: a publication alone, what it put back taken back, and a publication while operators call.
pub(crate) async fn measure(store: &str, refusals: usize) {
    println!("\n{store}\n");
    table::print_header();
    let bare = filled(store, refusals).await;
    let clock = Instant::now();
    let reopened = bare.bare.publish().await;
    let bare_time = clock.elapsed();
    bare.close().await;

    let lab = filled(store, refusals).await;
    let tariff = lab.engine.check_tariff(&cheaper("cheaper")).await.expect("a tariff that fits");
    let clock = Instant::now();
    let publication = lab.engine.publish_tariff(&tariff).await.expect("published");
    table::print(&Line::rate("publish, 1 in 10 matches", refusals, refusals, clock.elapsed(), bare_time));
    assert_eq!(publication.reopened, reopened, "the bare statement reopens the same");
    let clock = Instant::now();
    let withdrawn = lab.engine.withdraw_tariff("cheaper").await.expect("withdrawn");
    assert_eq!(withdrawn.taken_back, reopened, "nobody was called");
    let leads = usize::try_from(reopened).expect("a count");
    table::print(&Line::rate("withdraw, nobody called", refusals, leads, clock.elapsed(), bare_time));
    measure_waiting(&lab, refusals).await;
    lab.close().await;
}

/// How long operators wait for the next lead, quiet and while a tariff is published.
async fn measure_waiting(lab: &Lab, refusals: usize) {
    let tariff: Tariff = lab.engine.check_tariff(&cheaper("cheaper-still")).await.expect("a tariff that fits");
    call_for(lab, "warm", async { tokio::time::sleep(WARM_UP).await }).await;
    let quiet = call_for(lab, "quiet", async { tokio::time::sleep(QUIET).await }).await;
    let busy = call_for(lab, "busy", async {
        let published = lab.engine.publish_tariff(&tariff).await.expect("published");
        assert!(published.reopened > 0, "one refusal in ten matches");
    })
    .await;
    println!("\n| next lead while | refusals | calls | p50 ms | p99 ms | longest ms |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (when, waits) in [("nothing else", quiet), ("a tariff is published", busy)] {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let longest = waits.iter().max().copied().unwrap_or_default();
        println!(
            "| {when} | {refusals} | {} | {:.1} | {:.1} | {:.1} |",
            waits.len(),
            ms(median(&waits)),
            ms(percentile(&waits, 99)),
            ms(longest)
        );
    }
}

/// A database with so many refusals by bare SQL; one lead in fifty is callable in place of refused.
async fn filled(store: &str, refusals: usize) -> Lab {
    let lab = Lab::new(store).await;
    lab.bare.load(refusals).await;
    lab.bare.refuse_all(refusals).await;
    lab.bare.free_some().await;
    lab
}

/// A tariff that is within the ceilings of one refusal in ten.
pub(crate) fn cheaper(name: &str) -> SourceFile {
    let text = format!(
        r#"
        tariff = "{name}"
        name = "Cheaper"
        price = "20.00"
        currency = "EUR"
        per = "month"
        valid_from = 2020-01-01
        time_zone = "Europe/Paris"
        campaigns = ["bench"]
    "#
    );
    SourceFile { path: format!("{name}.toml"), text }
}
