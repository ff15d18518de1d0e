//! A table for people.

use std::io::Write;

use comfy_table::{Cell, ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY};
use keeptrail_sql::Answer;

use super::{QueryError, visible};

/// So many rows share one table's widths; more go into further tables, so that memory stays bounded.
const ROWS: usize = 1_000;
/// The most characters of a value.
const WIDEST: usize = 1_000;

pub(super) async fn write(answer: &mut Answer, out: &mut dyn Write) -> Result<(), QueryError> {
    let header: Vec<_> = answer.columns().iter().map(|column| visible(&column.name, false)).collect();
    let mut pending: Vec<Vec<Option<String>>> = Vec::new();
    let mut shown = 0_usize;
    while let Some(rows) = answer.next_rows().await? {
        for row in rows {
            pending.push(row);
            if pending.len() == ROWS {
                shown += pending.len();
                print(&header, std::mem::take(&mut pending), out)?;
            }
        }
    }
    shown += pending.len();
    if !pending.is_empty() || shown == 0 {
        print(&header, pending, out)?;
    }
    Ok(writeln!(out, "{shown} row{}", if shown == 1 { "" } else { "s" })?)
}

fn print(header: &[String], rows: Vec<Vec<Option<String>>>, out: &mut dyn Write) -> Result<(), QueryError> {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_header(header);
    for row in rows {
        table.add_row(row.into_iter().map(|value| Cell::new(cell(value))));
    }
    Ok(writeln!(out, "{table}")?)
}

fn cell(value: Option<String>) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    let value = visible(&value, false);
    match value.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value,
    }
}
