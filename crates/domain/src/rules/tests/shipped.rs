use super::super::RuleSet;

#[test]
fn the_shipped_files_are_read_without_a_problem() {
    let read =
        |path: &str| std::fs::read_to_string(format!("{}/../../rules/{path}", env!("CARGO_MANIFEST_DIR"))).expect(path);
    let (pack, holidays) = (read("calling-rules.toml"), read("holidays.toml"));
    if let Err(problems) = RuleSet::compile(("calling-rules.toml", &pack), ("holidays.toml", &holidays)) {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    }
}
