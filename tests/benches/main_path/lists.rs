//! What loading a list costs: from a file of ten columns to committed leads, beside the fastest way of putting the same clean rows
//! into the same tables with the same indexes; and how long operators wait meanwhile.
//!
//! `cargo xtask bench lists` runs it.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use relance_domain::list::Provenance;
use relance_scheduler::{ListToLoad, NextAnswer};
use sqlx::AssertSqlSafe;

use crate::bare::Bare;
use crate::lab::Lab;
use crate::median;
use crate::table::percentile;

/// Leads that are there before, for the operator who calls meanwhile.
const READY: usize = 20_000;
/// Such a call is begun every so often, whether or not the one before has been answered: who waits is counted.
const EVERY: Duration = Duration::from_millis(20);
/// Rows per statement, or piece of COPY, of the bare load.
const CHUNK: usize = 5_000;

/// Measures one store.
pub(crate) async fn measure(store: &str, rows: usize) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    write_rows(file.path(), rows, 0);

    let lab = Lab::new(store).await;
    let (engine, resident) = peak_while(load(&lab, file.path(), rows)).await;
    lab.close().await;

    let lab = Lab::new(store).await;
    let clean: Vec<Chunk> =
        (0..rows).step_by(CHUNK).map(|from| Chunk::new(store, from, (from + CHUNK).min(rows))).collect();
    let clock = Instant::now();
    lab.bare.put(&clean).await;
    let bare = clock.elapsed();
    lab.close().await;

    let per_second = |time: Duration| rows as f64 / time.as_secs_f64();
    println!(
        "| {store} | {rows} | {:.1} | {:.0} | {:.0} | {:.2} | {} |",
        engine.as_secs_f64(),
        per_second(engine),
        per_second(bare),
        bare.as_secs_f64() / engine.as_secs_f64(),
        resident.map_or_else(|| "?".to_owned(), |kib| format!("{}", kib / 1024)),
    );
}

/// Measures how long an operator waits for the next lead: with nothing else going on, and while a list is loaded.
pub(crate) async fn measure_waiting(store: &str, rows: usize) {
    let lab = Lab::new(store).await;
    lab.load(READY).await;
    let quiet = call_for(&lab, "quiet", async { tokio::time::sleep(Duration::from_secs(10)).await }).await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    write_rows(file.path(), rows, READY);
    let busy = call_for(&lab, "busy", async {
        load(&lab, file.path(), rows).await;
    })
    .await;
    for (when, waits) in [("nothing else", quiet), ("a list is loaded", busy)] {
        let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
        let longest = waits.iter().max().copied().unwrap_or_default();
        println!(
            "| {store} | {when} | {} | {:.1} | {:.1} | {:.1} |",
            waits.len(),
            ms(median(&waits)),
            ms(percentile(&waits, 99)),
            ms(longest)
        );
    }
    lab.close().await;
}

async fn load(lab: &Lab, path: &Path, rows: usize) -> Duration {
    let clock = Instant::now();
    let file = std::fs::File::open(path).expect("the file is there");
    let file = lab.engine.spool_list(file).await.expect("spooled");
    let load = ListToLoad::new("bench", Provenance::existing("a list"));
    let report = lab.engine.load_list(load, file).await.expect("loaded");
    assert_eq!(report.counts.new_leads, rows as i64, "{:?}", report.rejects);
    clock.elapsed()
}

/// Calls of operators at a steady pace until something else ends; how long each waited from the moment the call was due.
pub(crate) async fn call_for(lab: &Lab, name: &str, until: impl Future<Output = ()>) -> Vec<Duration> {
    let mut until = std::pin::pin!(until);
    let mut calls = tokio::task::JoinSet::new();
    let mut pace = tokio::time::interval(EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut operators = Vec::new();
    for number in 0..64 {
        operators.push(lab.operator(&format!("{name}-{number}")).await);
    }
    let mut free: std::collections::VecDeque<_> = operators.into();
    let mut waits = Vec::new();
    loop {
        tokio::select! {
            () = &mut until => break,
            due = pace.tick() => {
                // A pace that all operators together cannot keep is an endless wait: nobody is left to ask.
                let Some(operator) = free.pop_front() else { waits.push(EVERY * 64); continue };
                let lab = lab.clone();
                calls.spawn(async move {
                    let answer = lab.engine.next_lead(operator, None).await.expect("an answer");
                    let waited = due.elapsed();
                    let NextAnswer::Lead(lead) = answer else { panic!("a lead is callable") };
                    lab.refuse(operator, &lead).await;
                    (operator, waited)
                });
            }
            Some(done) = calls.join_next() => {
                let (operator, waited) = done.expect("a call");
                waits.push(waited);
                free.push_back(operator);
            }
        }
    }
    while let Some(done) = calls.join_next().await {
        waits.push(done.expect("a call").1);
    }
    waits
}

/// The most memory the process had at once, in KiB, where the system tells (Linux).
async fn peak_while<T>(work: impl Future<Output = T>) -> (T, Option<u64>) {
    // Writing 5 begins the peak anew (proc(5)). Where it cannot be, the peak since the start of the process is told.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let done = work.await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    (done, peak)
}

/// The nth client's number behind +33: mobiles in no order, as vendors have them. They never leave the benchmark.
fn digits(number: usize) -> String {
    // 7,368,787 is prime and shares no factor with the 27 million numbers from 0611000000 on: none comes twice.
    format!("6{:08}", 11_000_000 + (number * 7_368_787) % 27_000_000)
}

const CITIES: [(&str, &str); 4] =
    [("69001", "Lyon"), ("34500", "Béziers"), ("94240", "L'Haÿ-les-Roses"), ("75011", "Paris")];

/// A list as a vendor writes it: semicolons, numbers in several spellings, decimal commas.
fn write_rows(path: &Path, rows: usize, first: usize) {
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    writeln!(out, "phone;reference;first_name;last_name;street;city;postcode;bill;provider;note").expect("written");
    for number in first..first + rows {
        let digits = digits(number);
        let spaced: Vec<&str> = [&digits[..1], &digits[1..3], &digits[3..5], &digits[5..7], &digits[7..]].into();
        let phone = match number % 4 {
            0 => format!("+33{digits}"),
            1 => format!("0{digits}"),
            2 => format!("0{}", spaced.join(" ")),
            _ => format!("0{}", spaced.join(".")),
        };
        let (postcode, city) = CITIES[number % CITIES.len()];
        writeln!(out, "{phone};R{number};Zoé;Martin {number};{number} rue Haute;{city};{postcode};40,05;Ouest;a note")
            .expect("written");
    }
    out.flush().expect("written");
}

/// Clean rows as the store takes them fastest.
pub(crate) enum Chunk {
    /// Literal values of one statement for clients and one for leads.
    Sqlite { clients: String, leads: String },
    /// COPY's text for clients and for leads.
    Postgres { clients: String, leads: String },
}

impl Chunk {
    fn new(store: &str, from: usize, to: usize) -> Self {
        let (mut clients, mut leads) = (Vec::new(), Vec::new());
        let facts = r#"{"bill":"40.05","provider":"Ouest"}"#;
        let attributes = r#"{"note":"a note"}"#;
        for number in from..to {
            let (id, line, digits) = (number + 1, number + 2, digits(number));
            let (postcode, city) = CITIES[number % CITIES.len()];
            if store == "sqlite" {
                let city = city.replace('\'', "''");
                clients.push(format!(
                    "({id},'+33{digits}','R{number}','Zoé','Martin {number}','{number} rue Haute','{city}','{postcode}','FR',\
                     'Europe/Paris','address',1,0)"
                ));
                leads.push(format!("(1,{id},1,{line},1,'ready',2,0,'{facts}','{attributes}',0)"));
            } else {
                clients.push(format!(
                    "{id}\t+33{digits}\tR{number}\tZoé\tMartin {number}\t{number} rue Haute\t{city}\t{postcode}\tFR\t\
                     Europe/Paris\taddress\t1\t0\n"
                ));
                leads.push(format!("1\t{id}\t1\t{line}\t1\tready\t2\t0\t{facts}\t{attributes}\t0\n"));
            }
        }
        match store {
            "sqlite" => Self::Sqlite {
                clients: format!("INSERT INTO client ({CLIENT}) VALUES {}", clients.join(",")),
                leads: format!("INSERT INTO lead ({LEAD}) VALUES {}", leads.join(",")),
            },
            _ => Self::Postgres { clients: clients.concat(), leads: leads.concat() },
        }
    }
}

const CLIENT: &str =
    "id, phone, reference, first_name, last_name, street, city, postcode, country, time_zone, zone_source,
    created_by_list_id, created_at_ms";
const LEAD: &str =
    "campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, facts, attributes, created_at_ms";

impl Bare {
    /// Puts clean rows into the tables in one transaction: on PostgreSQL by COPY, on SQLite by statements of many rows.
    pub(crate) async fn put(&self, chunks: &[Chunk]) {
        self.list_and_lane().await;
        if let Some(pool) = self.sqlite_pool() {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.expect("begun");
            for chunk in chunks {
                let Chunk::Sqlite { clients, leads } = chunk else { panic!("rows for SQLite") };
                for statement in [clients, leads] {
                    sqlx::query(AssertSqlSafe(statement.clone()))
                        .persistent(false)
                        .execute(&mut *transaction)
                        .await
                        .expect("inserted");
                }
            }
            transaction.commit().await.expect("committed");
        }
        if let Some(pool) = self.postgres_pool() {
            let mut transaction = pool.begin().await.expect("begun");
            for chunk in chunks {
                let Chunk::Postgres { clients, leads } = chunk else { panic!("rows for PostgreSQL") };
                for (table, columns, text) in [("client", CLIENT, clients), ("lead", LEAD, leads)] {
                    let statement = format!("COPY {table} ({columns}) FROM STDIN");
                    let mut copy = transaction.copy_in_raw(&statement).await.expect("begun");
                    copy.send(text.as_bytes()).await.expect("sent");
                    copy.finish().await.expect("copied");
                }
            }
            transaction.commit().await.expect("committed");
        }
    }
}
