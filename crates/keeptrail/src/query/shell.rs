//! The shell: statements over several lines, ended by `;`, with history and completion.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};

use keeptrail_sql::schema::lake_schema;
use rustyline::{CompletionType, Config, Editor, error::ReadlineError, history::FileHistory};

use super::{Format, QueryError, Session, complete::Completions, output::visible, samples};

/// What the shell does besides SQL.
pub(super) const COMMANDS: [(&str, &str); 7] = [
    (".help", "this list"),
    (".stores", "the event data stores"),
    (".columns", "the columns"),
    (".functions", "the functions"),
    (".samples", "sample queries; with a name, that one"),
    (".explain", "how the statement behind it would be run"),
    (".output", "table, csv or json"),
];

pub(super) fn run(session: &Session, out: &mut dyn Write) -> Result<(), QueryError> {
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let mut editor: Editor<Completions, FileHistory> = Editor::with_config(config)?;
    editor.set_helper(Some(Completions::new(session.engine.functions(), &session.source.names)));
    let history = history_file();
    if let Some(path) = &history {
        // The first time there is none.
        drop(editor.load_history(path));
    }
    if std::io::stdin().is_terminal() {
        let stores = session.source.names.join(", ");
        writeln!(out, "Stores: {stores}. End statements with ; and leave with Control-D. More: .help")?;
    }
    let mut format = Format::Table;
    loop {
        let line = match editor.readline("keeptrail> ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        };
        let line = line.trim();
        let done = match line.strip_prefix('.') {
            Some(command) => run_command(session, command, &mut format, out),
            None if line.is_empty() => continue,
            None => run_statement(session, line, format, out),
        };
        if let Err(error) = done {
            writeln!(out, "{}", visible(&error.to_string(), true))?;
        }
    }
    if let Some(path) = &history {
        // Without a place to keep it the history ends with the shell.
        drop(editor.save_history(path));
    }
    Ok(())
}

fn run_statement(session: &Session, statement: &str, format: Format, out: &mut dyn Write) -> Result<(), QueryError> {
    let answer = session.answer(statement, format, out)?;
    let statistics = answer.statistics();
    let scanned = statistics.rows_scanned.map(|rows| format!(", {rows} rows read")).unwrap_or_default();
    Ok(writeln!(out, "{:.3} s{scanned}", statistics.elapsed.as_secs_f64())?)
}

fn run_command(session: &Session, command: &str, format: &mut Format, out: &mut dyn Write) -> Result<(), QueryError> {
    let (name, argument) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let argument = argument.trim().trim_end_matches(';');
    match (name, argument) {
        ("help", _) => {
            for (command, about) in COMMANDS {
                writeln!(out, "{command:<12}{about}")?;
            }
        }
        ("stores", _) => writeln!(out, "{}", session.source.names.join("\n"))?,
        ("columns", _) => {
            for field in lake_schema().fields() {
                writeln!(out, "{:<30}{}", field.name(), keeptrail_sql::type_name(field))?;
            }
        }
        ("functions", _) => writeln!(out, "{}", session.engine.functions().join(", "))?,
        ("samples", "") => drop(samples::print(None, out)?),
        ("samples", name) => {
            if !samples::print(Some(name), out)? {
                writeln!(out, "there is no sample {}", visible(name, false))?;
            }
        }
        ("explain", statement) => {
            let plan = session.runtime.block_on(session.engine.explain(statement, session.stores()))?;
            writeln!(out, "{}", visible(&plan, true))?;
        }
        ("output", "table") => *format = Format::Table,
        ("output", "csv") => *format = Format::Csv,
        ("output", "json") => *format = Format::Json,
        ("output", _) => writeln!(out, "write .output table, .output csv or .output json")?,
        _ => writeln!(out, "there is no command .{}; .help lists them", visible(name, false))?,
    }
    Ok(())
}

/// `$XDG_STATE_HOME/keeptrail/history`, readable by its owner alone: statements may name secrets.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let directory =
        state.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?.join("keeptrail");
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(&directory).ok()?;
    Some(directory.join("history"))
}
