use std::io::{Cursor, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Formula, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::table::Batch;

const XLS: &[u8] = include_bytes!("../../tests/data/clients.xls");
const CORNERS: &[u8] = include_bytes!("../../tests/data/corners.xls");
const LOCKED: &[u8] = include_bytes!("../../tests/data/password.xlsx");

fn file(bytes: &[u8]) -> ListFile {
    ListFile::from_bytes(bytes).expect("a temporary file can be had")
}

fn choose(bytes: &[u8], format: Format, wanted: Option<&str>) -> Result<(Sheet, Vec<String>), ContainerError> {
    Sheet::choose(file(bytes), format, wanted)
}

/// All rows of a sheet, each with its number, its cells put together by `|`.
fn rows(sheet: &Sheet) -> Result<Vec<(u64, String)>, ListError> {
    let mut table = sheet.table()?;
    let mut batch = Batch::default();
    while table.fill(&mut batch, 7)? {}
    assert_eq!(table.position(), sheet.file.length());
    let shown = |record: crate::table::Record<'_>| record.cells().collect::<Vec<_>>().join("|");
    Ok(batch.records().map(|record| (record.lines.first, shown(record))).collect())
}

fn first_rows(bytes: &[u8], format: Format) -> Vec<(u64, String)> {
    let (sheet, _) = choose(bytes, format, None).expect("it opens");
    rows(&sheet).expect("it can be read")
}

fn owned<const N: usize>(rows: [(u64, &str); N]) -> Vec<(u64, String)> {
    rows.map(|(line, row)| (line, row.to_owned())).into()
}

fn saved(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().expect("memory can be written to")
}

fn xlsx(fill: impl FnOnce(&mut Workbook) -> Result<(), rust_xlsxwriter::XlsxError>) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook).expect("the workbook can be made");
    saved(workbook)
}

fn small_xlsx() -> Vec<u8> {
    xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "Phone")?.write(0, 1, "Name")?;
        sheet.write(1, 0, 33_612_345_678_u64)?.write(1, 1, "Chloé")?;
        Ok(())
    })
}

fn zip_of(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a file can be begun");
        zip.write_all(text.as_bytes()).expect("memory can be written to");
    }
    zip.finish().expect("the archive can be ended").into_inner()
}

/// A workbook by hand, with the rows and the shared strings as given.
fn raw_xlsx(sheet: &str, strings: &str) -> Vec<u8> {
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |target: &str, kind: &str| {
        let relation = format!(r#"<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>"#);
        format!(r#"<Relationships xmlns="{package}">{relation}</Relationships>"#)
    };
    zip_of(&[
        ("_rels/.rels", &relations("xl/workbook.xml", "officeDocument")),
        (
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns:r="{office}"><sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        ("xl/_rels/workbook.xml.rels", &relations("worksheets/sheet1.xml", "worksheet")),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/drawings/vmlDrawing1.vml", "<xml><div>a note<br></div></xml>"),
        ("xl/sharedStrings.xml", strings),
    ])
}

#[test]
fn case_22_and_23_cells_of_a_workbook_are_what_was_typed() {
    let bytes = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        let day = Style::new().set_num_format("dd/mm/yyyy");
        let instant = Style::new().set_num_format("dd/mm/yyyy hh:mm:ss");
        let duration = Style::new().set_num_format("[h]:mm:ss");
        let phone = Style::new().set_num_format("0#########");
        sheet.write(0, 0, 33_612_345_678_u64)?;
        sheet.write_with_format(0, 1, 612_345_678, &phone)?;
        sheet.write(0, 2, 12.5)?.write(0, 3, true)?.write(0, 4, " as it stands ")?;
        sheet.write_with_format(1, 0, ExcelDateTime::from_ymd(2026, 11, 23)?, &day)?;
        sheet.write_with_format(1, 1, ExcelDateTime::from_ymd(2026, 11, 23)?.and_hms(10, 30, 0)?, &instant)?;
        sheet.write_with_format(1, 2, 1.5, &duration)?;
        sheet.write_with_format(1, 3, 33_612_345_678_u64, &day)?;
        sheet.write(4, 2, "far right")?;
        Ok(())
    });
    let expected = owned([
        (1, "33612345678|612345678|12.5|true| as it stands "),
        (2, "2026-11-23|2026-11-23T10:30:00|36:00:00|33612345678"),
        (5, "||far right"),
    ]);
    assert_eq!(first_rows(&bytes, Format::Xlsx), expected);
}

#[test]
fn formulas_are_never_evaluated() {
    let bytes = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "=HYPERLINK(\"https://example.org\",\"Ann\")")?;
        sheet.write_formula(1, 0, Formula::new("=1+1").set_result("2"))?;
        sheet.write_formula(1, 2, Formula::new("=HYPERLINK(\"https://example.org\",\"Ann\")").set_result("Ann"))?;
        sheet.write_formula(1, 3, Formula::new("=1/0").set_result("#DIV/0!"))?;
        sheet.write(2, 0, "end")?;
        Ok(())
    });
    let rows = first_rows(&bytes, Format::Xlsx);
    assert_eq!(rows[0].1, "=HYPERLINK(\"https://example.org\",\"Ann\")");
    assert_eq!(rows[1].1, "2||Ann");
    let uncached = r#"<worksheet><sheetData><row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><v>5</v></c></row></sheetData>
        </worksheet>"#;
    assert_eq!(first_rows(&raw_xlsx(uncached, "<sst/>"), Format::Xlsx), owned([(1, "|5")]));
}

#[test]
fn an_error_that_calamine_does_not_know_is_an_empty_cell() {
    let sheet = r#"<worksheet><sheetData><row r="1"><c r="A1" t="e"><v>#SPILL!</v></c><c r="B1" t="e"><v>#N/A</v></c>
        <c r="C1"><v>5</v></c></row></sheetData></worksheet>"#;
    assert_eq!(first_rows(&raw_xlsx(sheet, "<sst/>"), Format::Xlsx), owned([(1, "||5")]));
}

#[test]
fn the_first_visible_sheet_with_a_cell_is_read_and_the_others_are_told() {
    let bytes = xlsx(|workbook| {
        workbook.add_worksheet().set_name("Secret")?.set_hidden(true).write(0, 0, "hidden")?;
        workbook.add_worksheet().set_name("Empty")?.set_active(true);
        workbook.add_worksheet().set_name("Clients")?.write(0, 0, "Phone")?;
        workbook.add_worksheet().set_name("Archive 2025")?.write(0, 0, "old")?;
        Ok(())
    });
    let (sheet, notices) = choose(&bytes, Format::Xlsx, None).expect("it opens");
    assert_eq!((sheet.name(), sheet.format()), ("Clients", Format::Xlsx));
    assert_eq!(rows(&sheet).expect("it can be read"), owned([(1, "Phone")]));
    let told = "the sheet \"Clients\" is read; \"Archive 2025\" also has cells: choose with --sheet NAME";
    assert_eq!(notices, [told, "1 hidden sheet is not read"]);

    for (wanted, first) in [("Archive 2025", "old"), (" archive 2025", "old"), ("Secret", "hidden")] {
        let (sheet, _) = choose(&bytes, Format::Xlsx, Some(wanted)).expect("it is there");
        assert_eq!(rows(&sheet).expect("it can be read"), owned([(1, first)]), "{wanted}");
    }
    let error = choose(&bytes, Format::Xlsx, Some("Clienst")).expect_err("no such sheet").to_string();
    assert_eq!(
        error,
        "the workbook has no sheet \"Clienst\": it has \"Empty\", \"Clients\", \"Archive 2025\" (--sheet NAME)"
    );
}

#[test]
fn a_workbook_without_a_visible_cell_is_refused() {
    let bytes = xlsx(|workbook| {
        workbook.add_worksheet().set_hidden(true).write(0, 0, "hidden")?;
        workbook.add_worksheet().set_active(true);
        Ok(())
    });
    let error = choose(&bytes, Format::Xlsx, None).expect_err("nothing to read").to_string();
    assert!(error.contains("no visible sheet of the workbook has a cell (1 sheet is hidden)"), "{error}");
}

#[test]
fn an_old_workbook_is_read() {
    let (sheet, notices) = choose(XLS, Format::Xls, None).expect("it opens");
    assert_eq!(notices, ["1 hidden sheet is not read"]);
    let expected = owned([
        (2, "Nom|Téléphone|Mobile|Né le|Vu le|Solde|Actif"),
        (4, "Chloé Дубова|33612345678|612345678|1980-04-03|2026-11-23T10:30:00|12.5|true"),
        (5, "|+33199001234"),
    ]);
    let rows = rows(&sheet).expect("it can be read");
    assert_eq!(rows[..2], expected[..2]);
    assert!(rows[2].1.ends_with("|+33199001234"), "{rows:?}");
}

#[test]
fn far_corners_of_an_old_workbook_take_no_memory() {
    let error = choose(CORNERS, Format::Xls, None).expect_err("a rectangle of 16 million cells").to_string();
    assert!(error.contains("more than 4000000 cells") && error.contains("save it as xlsx"), "{error}");
}

#[test]
fn a_password_protected_workbook_gives_a_clear_message() {
    assert_eq!(Ole::identify(&file(LOCKED)).expect("it is whole"), Ole::Encrypted);
    assert_eq!(Ole::identify(&file(XLS)).expect("it is whole"), Ole::Workbook);
    let error = crate::container::open(file(LOCKED), &crate::Wishes::default()).expect_err("it is locked");
    assert_eq!(error.to_string(), "the workbook is protected by a password: save it without one");
}

const ODS_KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";

fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content><office:automatic-styles>
        <style:style style:name="ta1" style:family="table"><style:table-properties table:display="true"/></style:style>
        <style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>
        </office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>
        </office:document-content>"#
    );
    zip_of(&[("mimetype", ODS_KIND), ("content.xml", &content), ("META-INF/manifest.xml", "<manifest:manifest/>")])
}

#[test]
fn an_open_document_spreadsheet_is_read() {
    let text = |text: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#)
    };
    let of = |kind: &str, value: &str| {
        format!(r#"<table:table-cell office:value-type="{kind}" {value}><text:p>shown</text:p></table:table-cell>"#)
    };
    let tables = [
        r#"<table:table table:name="Secret" table:style-name="ta2"><table:table-row>"#,
        &text("hidden"),
        r#"</table:table-row></table:table><table:table table:name="List" table:style-name="ta1">
        <office:forms/><table:shapes><draw:frame><text:p>no cell</text:p></draw:frame></table:shapes>
        <table:table-column table:number-columns-repeated="1024"/>
        <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1024"/>
        </table:table-row>
        <table:table-header-rows><table:table-row>"#,
        &text("A&amp;B&#233;"),
        r#"<table:table-cell table:number-columns-repeated="2"/>"#,
        &text("two</text:p><text:p>lines<text:s text:c=\"2\"/>!"),
        r#"<table:table-cell table:number-columns-repeated="1020"/></table:table-row></table:table-header-rows>
        <table:table-row>"#,
        &of("float", r#"office:value="33612345678""#),
        &of("currency", r#"office:value="12.5""#),
        &of("date", r#"office:date-value="2026-11-23""#),
        &of("date", r#"office:date-value="2026-11-23T10:30:00""#),
        &of("time", r#"office:time-value="PT10H30M00S""#),
        &of("boolean", r#"office:boolean-value="true""#),
        &of("string", r#"calcext:value-type="error" office:string-value="""#),
        r#"<table:table-cell office:value-type="string"><office:annotation><text:p>a note</text:p></office:annotation>
        <text:p>x</text:p></table:table-cell></table:table-row>
        <table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="2"
        office:value-type="float" office:value="7"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048567"><table:table-cell/></table:table-row></table:table>
        <table:table table:name="Other"><table:table-row><table:table-cell/></table:table-row></table:table>"#,
    ];
    let bytes = ods(&tables.concat());
    let container = crate::container::open(file(&bytes), &crate::Wishes::default()).expect("it opens");
    assert_eq!(container.part.as_deref(), Some("List"));
    assert_eq!(container.notices, ["1 hidden sheet is not read"]);
    let expected = owned([
        (3, "A&Bé|||two\nlines  !"),
        (4, "33612345678|12.5|2026-11-23|2026-11-23T10:30:00|10:30:00|true||x"),
        (5, "7|7"),
        (6, "7|7"),
        (7, "7|7"),
    ]);
    assert_eq!(first_rows(&bytes, Format::Ods), expected);
}

#[test]
fn a_spreadsheet_that_says_endless_repetitions_ends() {
    let wide = r#"<table:table table:name="a"><table:table-row><table:table-cell
        table:number-columns-repeated="4000000000" office:value-type="float" office:value="7"/></table:table-row></table:table>"#;
    let (sheet, _) = choose(&ods(wide), Format::Ods, None).expect("it opens");
    let error = rows(&sheet).expect_err("too wide").to_string();
    assert!(error.starts_with("row 1: a cell beyond column 1000"), "{error}");

    let long = r#"<table:table table:name="a"><table:table-row table:number-rows-repeated="4000000000"><table:table-cell
        office:value-type="float" office:value="7"/></table:table-row></table:table>"#;
    let (sheet, _) = choose(&ods(long), Format::Ods, None).expect("it opens");
    let mut table = sheet.table().expect("it opens");
    let (mut batch, mut count) = (Batch::default(), 0);
    while table.fill(&mut batch, 10_000).expect("no fault") {
        count += batch.len();
        batch.clear();
    }
    assert_eq!(count, 1_048_576);
}

#[test]
fn an_encrypted_spreadsheet_says_so() {
    let manifest = r#"<manifest:manifest><manifest:file-entry manifest:full-path="content.xml">
        <manifest:encryption-data/></manifest:file-entry></manifest:manifest>"#;
    let bytes =
        zip_of(&[("mimetype", ODS_KIND), ("content.xml", "\u{1}\u{2}garbage"), ("META-INF/manifest.xml", manifest)]);
    assert!(matches!(choose(&bytes, Format::Ods, None), Err(ContainerError::PasswordProtected)));
}

#[test]
fn a_binary_workbook_is_read() {
    let bytes = xlsb();
    let container = crate::container::open(file(&bytes), &crate::Wishes::default()).expect("it opens");
    assert_eq!(container.part.as_deref(), Some("List"));
    let expected = owned([(1, "Phone|33612345678"), (3, "|612345678|2026-11-23|true||Ann")]);
    assert_eq!(first_rows(&bytes, Format::Xlsb), expected);
}

/// A record of [MS-XLSB]: kind, length, data.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = match kind {
        0..0x80 => vec![kind as u8],
        _ => vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8],
    };
    assert!(data.len() < 128);
    bytes.push(data.len() as u8);
    bytes.extend(data);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [(units.len() as u32).to_le_bytes().to_vec(), units.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat()
}

fn xlsb() -> Vec<u8> {
    let cell = |kind, column: u32, style: u32, value: &[u8]| {
        record(kind, &[&column.to_le_bytes()[..], &style.to_le_bytes(), value].concat())
    };
    let row = |row: u32| record(0x0000, &[&row.to_le_bytes()[..], &[0; 21]].concat());
    let dimensions: Vec<u8> = [0_u32, 2, 0, 5].iter().flat_map(|bound| bound.to_le_bytes()).collect();
    let sheet = [
        record(0x0081, &[]),
        record(0x0094, &dimensions),
        record(0x0091, &[]),
        row(0),
        cell(0x0007, 0, 0, &0_u32.to_le_bytes()),
        cell(0x0005, 1, 0, &33_612_345_678_f64.to_le_bytes()),
        row(2),
        cell(0x0005, 1, 0, &612_345_678_f64.to_le_bytes()),
        cell(0x0002, 2, 1, &((46_349_u32 << 2) | 2).to_le_bytes()),
        cell(0x0004, 3, 0, &[1]),
        cell(0x0003, 4, 0, &[0x2A]),
        cell(0x0006, 5, 0, &wide("Ann")),
        record(0x0092, &[]),
    ];
    let style = |format: u16| record(0x002F, &[&[0; 2][..], &format.to_le_bytes(), &[0; 12]].concat());
    let styles = [record(0x0269, &2_u32.to_le_bytes()), style(0), style(14)];
    let strings = [record(0x009F, &[1, 0, 0, 0, 1, 0, 0, 0]), record(0x0013, &[&[0][..], &wide("Phone")].concat())];
    let book = [
        record(0x0099, &[0; 4]),
        record(0x009C, &[&[0; 8][..], &wide("r1"), &wide("List")].concat()),
        record(0x0090, &[]),
        record(0x009D, &[]),
    ];
    let relations = r#"<Relationships><Relationship Id="r1" Target="worksheets/sheet1.bin"/></Relationships>"#;
    let parts: [(&str, Vec<u8>); 5] = [
        ("xl/workbook.bin", book.concat()),
        ("xl/_rels/workbook.bin.rels", relations.into()),
        ("xl/worksheets/sheet1.bin", sheet.concat()),
        ("xl/styles.bin", styles.concat()),
        ("xl/sharedStrings.bin", strings.concat()),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a file can be begun");
        zip.write_all(&bytes).expect("memory can be written to");
    }
    zip.finish().expect("the archive can be ended").into_inner()
}

#[test]
fn what_would_take_memory_without_end_is_refused() {
    let sheet = "<worksheet><sheetData/></worksheet>";
    let row = |cell: &str| format!("<worksheet><sheetData><row r=\"7\">{cell}</row></sheetData></worksheet>");
    let long = "x".repeat(17 * 1024 * 1024);
    for (bytes, expected) in [
        (raw_xlsx(sheet, "<sst uniqueCount=\"99999999999\"/>"), "promises more strings"),
        (raw_xlsx(sheet, "<sst><si><t>cut"), "cut short"),
        (raw_xlsx("<worksheet><sheetData><row><c><v>1", "<sst/>"), "cut short"),
        (
            raw_xlsx(&row(&format!("<c r=\"A7\" t=\"inlineStr\"><is><t>{long}</t></is></c>")), "<sst/>"),
            "longer than 16 MiB",
        ),
    ] {
        let error = choose(&bytes, Format::Xlsx, None).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let wide = row("<c r=\"ALM7\"><v>1</v></c>");
    let long = row(&format!("<c r=\"A7\" t=\"inlineStr\"><is><t>{}</t></is></c>", &long[..1024 * 1024 + 1]));
    for (sheet, expected) in
        [(wide, "row 7: a cell beyond column 1000"), (long, "row 7: its cells hold more than 1 MiB")]
    {
        let (sheet, _) = choose(&raw_xlsx(&sheet, "<sst/>"), Format::Xlsx, None).expect("it opens");
        let error = rows(&sheet).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(error.line(), Some(7));
    }
}

#[test]
fn a_table_begins_anew_each_time_and_may_be_left() {
    let bytes = xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        for row in 0..3_000 {
            sheet.write(row, 0, row)?;
        }
        Ok(())
    });
    let (sheet, _) = choose(&bytes, Format::Xlsx, None).expect("it opens");
    for _ in 0..2 {
        let mut table = sheet.table().expect("it opens");
        let mut batch = Batch::default();
        assert!(table.fill(&mut batch, 10).expect("no fault"));
        assert_eq!((batch.len(), batch.record(9).map(|record| record.cell(0))), (10, Some("9")));
        assert!(table.position() < sheet.file.length());
    }
    assert_eq!(rows(&sheet).expect("it can be read").len(), 3_000);
}

/// Opens a workbook and reads it to its end, whatever comes of it.
fn read_whatever_it_is(bytes: &[u8], format: Format) {
    if let Ok((sheet, _)) = choose(bytes, format, None) {
        let mut table = sheet.table().expect("a thread can be had");
        let mut batch = Batch::default();
        while let Ok(true) = table.fill(&mut batch, 100) {
            batch.clear();
        }
    }
}

fn spoiled(text: &[u8], places: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut spoiled = text.to_vec();
    for (place, byte) in places {
        let at = place.index(spoiled.len());
        spoiled[at] = *byte;
    }
    spoiled
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn wrong_bytes_never_panic_nor_hang(
        format in 0_usize..4,
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let (bytes, format) = match format {
            0 => (small_xlsx(), Format::Xlsx),
            1 => (xlsb(), Format::Xlsb),
            2 => (ods(r#"<table:table table:name="a"><table:table-row/></table:table>"#), Format::Ods),
            _ => (XLS.to_vec(), Format::Xls),
        };
        let bytes = spoiled(&bytes, &places);
        let end = if cut { end.index(bytes.len()) } else { bytes.len() };
        read_whatever_it_is(&bytes[..end], format);
    }

    #[test]
    fn wrong_xml_never_panics_nor_hangs(
        places in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::sample::select(b"<>/\"' c0A1rows&;!-[]".to_vec())),
            1..6,
        ),
        which in 0..3,
    ) {
        let sheet = r#"<worksheet><dimension ref="A1:B2"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>
            <c r="B1" t="inlineStr"><is><t>x</t></is></c></row><row><c><f>1+1</f><v>2</v></c></row></sheetData>
            </worksheet>"#;
        let strings = r#"<sst count="1" uniqueCount="1"><si><r><t>a</t></r><t>b</t></si></sst>"#;
        let spoil = |text: &str| String::from_utf8(spoiled(text.as_bytes(), &places)).expect("only ASCII was put in");
        let table = r#"<table:table table:name="a"><table:table-row><table:table-cell office:value-type="string"
            table:number-columns-repeated="2"><text:p>a<text:s/>&amp;</text:p></table:table-cell></table:table-row>
            </table:table>"#;
        match which {
            0 => read_whatever_it_is(&raw_xlsx(&spoil(sheet), strings), Format::Xlsx),
            1 => read_whatever_it_is(&raw_xlsx(sheet, &spoil(strings)), Format::Xlsx),
            _ => read_whatever_it_is(&ods(&spoil(table)), Format::Ods),
        }
    }
}
