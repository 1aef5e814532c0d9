//! `cargo xtask simulate`: many lives of a simulated call centre, or each deliberate fault until it is found.
//! `docs/reliability.md` tells what it does and what was seen.

#![expect(clippy::disallowed_methods, reason = "it says how long it took")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Instant;

use relance_domain::fault::Fault;
use relance_testkit::simulation::{Broken, Lived, On, Settings, live, live_with};

/// Seeds in which a fault must be found.
const SEEDS_PER_FAULT: u64 = 40;

struct Arguments {
    seeds: u64,
    settings: Settings,
    /// Only the seed of the settings.
    one: bool,
    faults: bool,
}

fn arguments() -> Result<Arguments, String> {
    let mut read = Arguments { seeds: 20, settings: Settings::of(1), one: false, faults: false };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let mut number = |of: &str| {
            let value = words.next().and_then(|value| value.parse::<u64>().ok());
            value.ok_or_else(|| format!("{of} needs a number"))
        };
        match word.as_str() {
            "--seeds" => read.seeds = number("--seeds")?,
            "--seed" => (read.settings.seed, read.one) = (number("--seed")?, true),
            "--days" => read.settings.days = i64::try_from(number("--days")?).map_err(|error| error.to_string())?,
            "--steps" => read.settings.steps = Some(number("--steps")?),
            "--faults" => read.faults = true,
            "--aloud" => read.settings.aloud = true,
            "--store" => {
                read.settings.on = match words.next().as_deref() {
                    Some("sqlite") => On::Sqlite,
                    Some("postgres") => On::Postgres,
                    other => return Err(format!("--store is sqlite or postgres, not {other:?}")),
                }
            }
            other => {
                return Err(format!(
                    "{other:?} is not known: --seeds N, --seed N, --days N, --steps N, --store sqlite|postgres, --faults, --aloud"
                ));
            }
        }
    }
    Ok(read)
}

fn main() -> ExitCode {
    match arguments() {
        Err(message) => {
            eprintln!("simulate: {message}");
            ExitCode::FAILURE
        }
        Ok(read) if read.faults => find_faults(&read),
        Ok(read) if read.one => tell(&live(read.settings)),
        Ok(read) => live_all(&read),
    }
}

fn tell(life: &Result<Lived, Box<Broken>>) -> ExitCode {
    match life {
        Ok(lived) => {
            println!("no promise was broken: {lived:?}");
            ExitCode::SUCCESS
        }
        Err(broken) => {
            println!("{broken}");
            ExitCode::FAILURE
        }
    }
}

/// Works on numbers from a counter on every processor, until the last or until one says no.
fn on_every_processor(last: u64, work: impl Fn(u64) -> bool + Sync) {
    let (next, stop) = (AtomicU64::new(1), AtomicU64::new(0));
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number > last || stop.load(Ordering::Relaxed) > 0 {
                        break;
                    }
                    if !work(number) {
                        stop.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}

fn live_all(read: &Arguments) -> ExitCode {
    let (began, lives) = (Instant::now(), Mutex::new(Vec::new()));
    on_every_processor(read.seeds, |seed| {
        let life = live(Settings { seed, ..read.settings });
        let is_good = life.is_ok();
        lives.lock().expect("no life panics here").push(life);
        is_good
    });
    let lives = lives.into_inner().expect("no life panics here");
    if let Some(broken) = lives.iter().find(|life| life.is_err()) {
        return tell(broken);
    }
    let (mut steps, mut days, mut hand_outs, mut attempts, mut promises) = (0, 0, 0, 0, 0);
    for lived in lives.iter().flatten() {
        steps += lived.steps;
        days += lived.days;
        hand_outs += lived.hand_outs;
        attempts += lived.attempts;
        promises += lived.promises;
    }
    println!(
        "{} seeds, {} weeks of virtual time, {steps} steps: {hand_outs} hand-outs, {attempts} attempts, {promises} promises to call \
         back, and no promise broken; {:.0} s",
        lives.len(),
        days / 7,
        began.elapsed().as_secs_f64(),
    );
    ExitCode::SUCCESS
}

/// Lives without a fault, by seed, each lived once: what is broken in one of these as well is not the fault's doing.
#[derive(Default)]
struct Clean(Mutex<BTreeMap<u64, Arc<OnceLock<bool>>>>);

impl Clean {
    fn keeps_every_promise(&self, settings: Settings) -> bool {
        let life = Arc::clone(self.0.lock().expect("no life panics here").entry(settings.seed).or_default());
        *life.get_or_init(|| live(settings).inspect_err(|broken| println!("without any fault:\n{broken}\n")).is_ok())
    }
}

fn find_faults(read: &Arguments) -> ExitCode {
    if !cfg!(feature = "faults") {
        eprintln!(
            "simulate: faults are not built in: build with the feature `faults`, as `cargo xtask simulate --faults` does"
        );
        return ExitCode::FAILURE;
    }
    let (began, found, clean) = (Instant::now(), Mutex::new(Vec::new()), Clean::default());
    on_every_processor(Fault::ALL.len() as u64, |number| {
        let fault = Fault::ALL[usize::try_from(number).unwrap_or(1) - 1];
        let broken = (1..=SEEDS_PER_FAULT).find_map(|seed| {
            let settings = Settings { seed, ..read.settings };
            live_with(settings, Some(fault), None).err().filter(|_| clean.keeps_every_promise(settings))
        });
        if read.settings.aloud
            && let Some(broken) = &broken
        {
            println!("{fault:?}\n{broken}\n");
        }
        found.lock().expect("no life panics here").push((number, fault, broken));
        true
    });
    let mut found = found.into_inner().expect("no life panics here");
    found.sort_by_key(|(number, ..)| *number);
    println!("| fault | found as | seed | step |\n|---|---|---|---|");
    let mut missed = 0;
    for (_, fault, broken) in &found {
        match broken {
            Some(broken) => {
                println!("| {} | {} | {} | {} |", fault.in_words(), broken.promise, broken.seed, broken.step);
            }
            None => {
                missed += 1;
                println!("| {} | not found in {SEEDS_PER_FAULT} seeds | | |", fault.in_words());
            }
        }
    }
    println!("\n{} of {} faults found; {:.0} s", found.len() - missed, found.len(), began.elapsed().as_secs_f64());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
