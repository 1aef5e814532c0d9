use super::*;

fn environment(variables: &[(&str, &str)]) -> Map<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with_file(text: &str, variables: &[(&str, &str)], flags: Flags) -> Result<Settings> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(FILE);
    std::fs::write(&file, text).expect("a file");
    Settings::assemble(&file, environment(variables), flags)
}

fn error(settings: Result<Settings>) -> String {
    format!("{:#}", settings.expect_err("refused"))
}

#[test]
fn nothing_set_gives_the_defaults() {
    let settings = Settings::assemble(Path::new("no/such/file"), Map::new(), Flags::default()).expect("settings");
    assert_eq!(settings.database.value.to_string(), "sqlite:relance-data/relance.db");
    assert_eq!((settings.listen.value.as_str(), settings.listen.source), ("127.0.0.1:8080", Source::Default));
    assert!(settings.server.value.is_none() && settings.migrate_at_start.value);
}

#[test]
fn the_later_layer_counts_and_is_named() {
    let file = "listen = \"127.0.0.1:1\"\nlog = \"info\"\nmigrate_at_start = false\n";
    let variables = [("RELANCE__LISTEN", "127.0.0.1:2"), ("RELANCE__LOG_FORMAT", "json"), ("RELANCE__LOG", "")];
    let settings = with_file(file, &variables, Flags::default()).expect("settings");
    assert_eq!(settings.listen.value, "127.0.0.1:2");
    assert_eq!(settings.listen.source.to_string(), "environment RELANCE__LISTEN");
    assert_eq!((settings.log_format.value, settings.migrate_at_start.value), (LogFormat::Json, false));
    assert!(matches!(settings.migrate_at_start.source, Source::File(_)));
    // An empty variable is as good as none.
    assert_eq!(settings.log.value.as_deref(), Some("info"));
    let flags = Flags { listen: Some("127.0.0.1:3".into()), ..Flags::default() };
    let settings = with_file(file, &variables, flags).expect("settings");
    assert_eq!((settings.listen.value.as_str(), settings.listen.source), ("127.0.0.1:3", Source::Flag("--listen")));
}

#[test]
fn a_database_of_the_command_line_is_meant() {
    let flags = Flags { database: Some("sqlite:x.db".parse().expect("a database")), ..Flags::default() };
    let variables = [("RELANCE__SERVER", "http://localhost:8080")];
    let settings = Settings::assemble(Path::new("none"), environment(&variables), flags).expect("settings");
    assert!(settings.server.value.is_none());
    let settings = Settings::assemble(Path::new("none"), environment(&variables), Flags::default()).expect("settings");
    assert!(settings.server.value.is_some());
}

#[test]
fn unknown_names_are_refused_with_the_right_ones() {
    let refused = error(with_file("log = \"info\"\ndatbase = \"x\"\n", &[], Flags::default()));
    assert!(
        refused.contains("relance.toml:2") && refused.contains("\"datbase\"") && refused.contains("database"),
        "{refused}"
    );
    let refused = error(with_file("", &[("RELANCE_DATABASE", "sqlite:x")], Flags::default()));
    assert!(refused.contains("did you mean RELANCE__DATABASE?"), "{refused}");
    let refused = error(with_file("", &[("RELANCE__PORT", "1")], Flags::default()));
    assert!(refused.contains("RELANCE__LISTEN"), "{refused}");
    for fine in ["RELANCE_TEST_POSTGRES", "RELANCE_BIN", "OTHER_RELANCE_X"] {
        with_file("", &[(fine, "x")], Flags::default()).expect(fine);
    }
}

#[test]
fn a_wrong_value_says_where_it_comes_from() {
    let refused = error(with_file("migrate_at_start = \"perhaps\"", &[], Flags::default()));
    assert!(refused.contains("migrate_at_start") && refused.contains("relance.toml"), "{refused}");
    let refused = error(with_file("", &[("RELANCE__DATABASE", "mysql://a:s3cret@h/d")], Flags::default()));
    assert!(refused.contains("RELANCE__DATABASE") && !refused.contains("s3cret"), "{refused}");
    let refused = error(with_file("listen = \n", &[], Flags::default()));
    assert!(refused.contains("relance.toml:1: this is not TOML"), "{refused}");
    let flags = Flags { config: Some("no/such.toml".into()), ..Flags::default() };
    assert!(error(with_file("", &[], flags)).contains("no/such.toml"));
}

#[test]
fn printing_settings_hides_secrets() {
    let variables = [("RELANCE__DATABASE", "postgres://ann:s3cret@db/relance"), ("RELANCE__TOKEN", "rl_s3cret")];
    let settings = with_file("", &variables, Flags::default()).expect("settings");
    let shown = format!("{settings:?}");
    assert!(!shown.contains("s3cret") && shown.contains("postgres://ann:****@db/relance"), "{shown}");
    assert_eq!(settings.token.value.expect("a token").reveal(), "rl_s3cret");
}

#[test]
fn other_databases_are_named_in_the_file_and_the_environment() {
    let file = "[sources.crm]\nurl = \"sqlite:crm.db\"\n[sources.old-shop]\nurl = \"postgres://ann:s3cret@db/shop\"\n";
    let settings = with_file(file, &[], Flags::default()).expect("settings");
    let shown: Vec<_> = settings.sources.iter().map(|(name, from)| format!("{name} {}", from.value)).collect();
    assert_eq!(shown, ["crm sqlite:crm.db", "old-shop postgres://ann:****@db/shop"]);
    let variables = [("RELANCE__SOURCES__OLD_SHOP__URL", "postgres://bob:s3cret@other/shop")];
    let settings = with_file(file, &variables, Flags::default()).expect("settings");
    let shop = &settings.sources["old-shop"];
    assert_eq!((settings.sources.len(), shop.value.to_string().as_str()), (2, "postgres://bob:****@other/shop"));
    assert_eq!(shop.source.to_string(), "environment RELANCE__SOURCES__OLD_SHOP__URL");
    assert!(!format!("{settings:?}").contains("s3cret"));
}

#[test]
fn what_is_wrong_with_other_databases_is_told() {
    for (file, says) in [
        ("log = \"info\"\n[sources.crm]\npath = \"x\"\n", "relance.toml:2: sources.crm.path is not a setting"),
        ("[sources.CRM]\nurl = \"sqlite:x.db\"\n", "lower-case"),
        ("sources = 3\n", "no table"),
        ("[sources.crm]\n", "has no url"),
        ("[webhooks.provider]\nsecret = \"x\"\n", "webhooks.provider has no url"),
        ("[webhooks.provider]\nurl = \"https://p.example\"\n", "neither secret nor secret_file"),
        ("[webhooks.provider]\nurl = \"http://p.example\"\nsecret = \"whsec_s3cret\"\n", "webhooks.provider.url"),
        ("[webhooks.provider]\nurl = \"https://p.example\"\nsecret = \"whsec_s3cret\"\n", "is no secret of webhooks"),
        ("[webhooks.provider]\nurl = \"https://p.example\"\nkey = \"x\"\n", "there is url, secret, secret_file"),
        ("[sources.crm]\nurl = \"mysql://a:s3cret@h/d\"\n", "sources.crm.url"),
    ] {
        let refused = error(with_file(file, &[], Flags::default()));
        assert!(refused.contains(says) && !refused.contains("s3cret"), "{refused}");
    }
    let refused = error(with_file("", &[("RELANCE__SOURCES__CRM", "sqlite:x.db")], Flags::default()));
    assert!(refused.contains("RELANCE__SOURCES__NAME__URL"), "{refused}");
}
