//! Who may use whom, and how long and how named a file may be. ARCHITECTURE.md explains; this holds it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

const ALL: &[&str] =
    &["domain", "lists", "store", "store-sqlite", "store-postgres", "scheduler", "analytics", "sources", "web"];

/// Each crate of ours, and those of ours it may use. A crate that is not here has no place yet: give it one.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("lists", &["domain"]),
    ("store", &["domain"]),
    ("store-sqlite", &["domain", "store"]),
    ("store-postgres", &["domain", "store"]),
    ("scheduler", &["domain", "lists", "store"]),
    ("analytics", &["domain", "store"]),
    ("sources", &["domain", "scheduler"]),
    ("web", &["domain", "store", "scheduler", "analytics"]),
    ("cli", ALL),
    ("testkit", &["domain", "lists", "store", "store-sqlite", "store-postgres", "scheduler"]),
    ("xtask", &[]),
    ("tests", &[]),
];

/// What a crate of ours keeps out, whoever asks for it.
const KEEPS_OUT: &[(&str, &[&str])] = &[
    ("domain", &["tokio", "sqlx", "axum"]),
    ("lists", &["sqlx", "axum"]),
    ("store", &["sqlx", "axum"]),
    ("scheduler", &["sqlx", "axum"]),
    ("analytics", &["sqlx", "axum"]),
    ("web", &["sqlx"]),
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"];

const LINES_MAX: usize = 500;

#[test]
fn crates_use_only_the_crates_they_may() {
    let metadata = metadata();
    let mut broken = Vec::new();
    for package in metadata.workspace_packages() {
        let name = short(&package.name);
        let Some((_, may_use)) = MAY_USE.iter().find(|(user, _)| *user == name) else {
            broken.push(format!("{name} is not in the table"));
            continue;
        };
        for used in shipped(package).filter_map(|used| used.strip_prefix("relance-")) {
            if !may_use.contains(&used) {
                broken.push(format!("{name} uses {used}, and may use only {may_use:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_crate_of_the_table_exists() {
    let metadata = metadata();
    let existing: BTreeSet<_> = metadata.workspace_packages().iter().map(|package| short(&package.name)).collect();
    let missing: Vec<_> = MAY_USE.iter().map(|(name, _)| *name).filter(|name| !existing.contains(name)).collect();
    assert!(missing.is_empty(), "in the table, but not in the workspace: {missing:?}");
}

#[test]
fn the_testkit_is_shipped_with_nothing() {
    let metadata = metadata();
    let users = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| shipped(package).any(|used| used == "relance-testkit"));
    let users: Vec<_> = users.map(|package| short(&package.name)).collect();
    assert!(users.is_empty(), "relance-testkit belongs under [dev-dependencies] of {users:?}");
}

/// Where the feature is that builds deliberate faults in, and where it is passed on: tests.
const MAY_HAVE_FAULTS: &[&str] = &["domain", "testkit", "tests"];

#[test]
fn deliberate_faults_are_shipped_with_nothing() {
    let mut broken = Vec::new();
    for package in metadata().workspace_packages() {
        let name = short(&package.name);
        if package.features.contains_key("faults") && !MAY_HAVE_FAULTS.contains(&name) {
            broken.push(format!("{name} has a feature `faults`"));
        }
        if package.features.get("default").is_some_and(|on| on.iter().any(|feature| feature.contains("faults"))) {
            broken.push(format!("{name} has `faults` on by default"));
        }
        let asked = package.dependencies.iter().filter(|used| used.features.iter().any(|feature| feature == "faults"));
        broken.extend(asked.map(|used| format!("{name} asks for the faults of {}", used.name)));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crates_keep_out_what_is_not_theirs() {
    let metadata = metadata();
    let mut broken = Vec::new();
    for (name, kept_out) in KEEPS_OUT {
        for package in metadata.workspace_packages().iter().filter(|package| short(&package.name) == *name) {
            let found: Vec<_> = shipped(package).filter(|used| kept_out.contains(used)).collect();
            broken.extend(found.iter().map(|used| format!("{name} uses {used}")));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_file_is_longer_than_it_can_be_read() {
    let mut broken = Vec::new();
    for file in rust_files() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        if lines > LINES_MAX {
            broken.push(format!("{} has {lines} lines, more than {LINES_MAX}: split it by subject", shown(&file)));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_module_has_a_name_that_says_something() {
    let named_empty = |file: &PathBuf| {
        let relative = shown(file);
        let without_ending = relative.strip_suffix(".rs").unwrap_or(&relative);
        without_ending.split('/').any(|part| EMPTY_NAMES.contains(&part))
    };
    let broken: Vec<_> = rust_files().iter().filter(|file| named_empty(file)).map(|file| shown(file)).collect();
    assert!(broken.is_empty(), "name these after what is in them: {broken:?}");
}

fn metadata() -> Metadata {
    MetadataCommand::new().current_dir(root()).no_deps().exec().expect("cargo metadata runs in the workspace")
}

/// The names of what a crate is built with; what only its tests use is left out.
fn shipped(package: &Package) -> impl Iterator<Item = &str> {
    let shipped = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    shipped.map(|dependency| dependency.name.as_str())
}

fn short(name: &str) -> &str {
    name.strip_prefix("relance-").unwrap_or(name)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A path as it is written in the workspace, with `/` between its parts.
fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// Every Rust file of the workspace that is ours.
fn rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("crates"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the workspace can be listed") {
            let path = entry.expect("a folder of the workspace can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "no Rust file was found under {}", root().display());
    files.sort();
    files
}
