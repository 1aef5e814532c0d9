//! Small workbooks, written by hand so that each holds exactly what a case is about.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

/// A sheet: its name, whether it is hidden, and its rows as XML (`<row>…</row>`).
pub(crate) struct Sheet<'a> {
    pub(crate) name: &'a str,
    pub(crate) hidden: bool,
    pub(crate) rows: String,
}

/// A cell of text.
pub(crate) fn text(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{escaped}</t></is></c>")
}

/// A cell of a number; `style` is 0 for none, 1 for a date, 2 for ten digits with a leading zero.
pub(crate) fn number(number: &str, style: u8) -> String {
    format!("<c s=\"{style}\"><v>{number}</v></c>")
}

pub(crate) fn row(cells: &[String]) -> String {
    format!("<row>{}</row>", cells.concat())
}

pub(crate) fn xlsx(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let numbered = || (1..).zip(sheets);
    let types: String = numbered()
        .map(|(at, _)| {
            format!(
                "<Override PartName=\"/xl/worksheets/sheet{at}.xml\" \
        ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            )
        })
        .collect();
    let list: String = numbered()
        .map(|(at, sheet)| {
            let state = if sheet.hidden { " state=\"hidden\"" } else { "" };
            format!("<sheet name=\"{}\" sheetId=\"{at}\"{state} r:id=\"rId{at}\"/>", sheet.name)
        })
        .collect();
    let links: String = numbered()
        .map(|(at, _)| {
            format!(
                "<Relationship Id=\"rId{at}\" \
        Type=\"{OFFICE}/relationships/worksheet\" Target=\"worksheets/sheet{at}.xml\"/>"
            )
        })
        .collect();
    let mut parts = vec![
        (
            "[Content_Types].xml".to_owned(),
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" \
            ContentType=\"application/xml\"/><Default Extension=\"rels\" \
            ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override \
            PartName=\"/xl/workbook.xml\" \
            ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>{types}</Types>"
            ),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
            Type=\"{OFFICE}/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}/relationships\">\
            <sheets>{list}</sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\">{links}\
            <Relationship Id=\"rIdStyles\" Type=\"{OFFICE}/relationships/styles\" Target=\"styles.xml\"/>\
            </Relationships>"
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"1\"><numFmt \
            numFmtId=\"164\" formatCode=\"0#########\"/></numFmts><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf \
            numFmtId=\"14\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    parts.extend(numbered().map(|(at, sheet)| {
        (
            format!("xl/worksheets/sheet{at}.xml"),
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{}</sheetData></worksheet>", sheet.rows),
        )
    }));
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, part)| (name.as_str(), part.as_bytes())).collect();
    archive(&parts)
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// A zip archive of these files.
pub(crate) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a file in memory");
        zip.write_all(bytes).expect("a file in memory");
    }
    zip.finish().expect("a file in memory").into_inner()
}
