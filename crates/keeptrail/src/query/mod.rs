//! `keeptrail query` and `keeptrail shell`: SQL over a Lake or an archive, without a server.

mod complete;
mod output;
mod samples;
mod shell;
mod source;

use std::io::{IsTerminal, Write};

use keeptrail_lake::LakeError;
use keeptrail_sql::{Answer, Engine, Limits, SqlError, Stores};
use tokio::runtime::Runtime;

pub(crate) use self::{output::Format, samples::print as print_samples};
use crate::{
    cli::{QueryArgs, ShellArgs},
    import::CommandError,
};

/// Why a query was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("{0}")]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Source(#[from] CommandError),
    #[error("writing the result: {0}")]
    Write(#[from] std::io::Error),
    #[error("writing the result: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    #[error("Parquet is no text: name a file with --to FILE")]
    ParquetToTerminal,
    #[error("the shell: {0}")]
    Shell(#[from] rustyline::error::ReadlineError),
}

impl From<LakeError> for QueryError {
    fn from(error: LakeError) -> Self {
        Self::Source(error.into())
    }
}

/// What both commands need.
struct Session {
    runtime: Runtime,
    engine: Engine,
    source: source::Source,
}

impl Session {
    fn open(place: &str, limits: Limits) -> Result<Self, QueryError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let source = source::open(place, &runtime)?;
        let engine = source::engine(limits)?;
        Ok(Self { runtime, engine, source })
    }

    fn stores(&self) -> &Stores {
        &self.source.stores
    }

    /// Runs a statement and writes its answer. Control-C cancels it.
    fn answer(&self, statement: &str, format: Format, out: &mut dyn Write) -> Result<Answer, QueryError> {
        self.runtime.block_on(async {
            let answered = async {
                let mut answer = self.engine.query(statement, self.stores()).await?;
                output::write(&mut answer, format, out).await?;
                Ok(answer)
            };
            tokio::select! {
                answered = answered => answered,
                _ = tokio::signal::ctrl_c() => Err(QueryError::Sql(SqlError::cancelled())),
            }
        })
    }
}

/// Answers one statement.
pub(crate) fn run(args: &QueryArgs, out: &mut impl Write) -> Result<(), QueryError> {
    let format = args.output.unwrap_or(match &args.to {
        Some(path) => Format::of_file(path),
        None if std::io::stdout().is_terminal() => Format::Table,
        None => Format::Csv,
    });
    if format == Format::Parquet && args.to.is_none() && std::io::stdout().is_terminal() {
        return Err(QueryError::ParquetToTerminal);
    }
    let session = Session::open(&args.source, args.limits.limits())?;
    if args.explain {
        let plan = session.runtime.block_on(session.engine.explain(&args.statement, session.stores()))?;
        return Ok(writeln!(out, "{}", output::visible(&plan, true))?);
    }
    match &args.to {
        Some(path) => {
            let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
            session.answer(&args.statement, format, &mut file)?;
            Ok(file.flush()?)
        }
        None => session.answer(&args.statement, format, out).map(drop),
    }
}

/// Runs the shell until its user leaves it.
pub(crate) fn shell(args: &ShellArgs, out: &mut impl Write) -> Result<(), QueryError> {
    let session = Session::open(&args.source, args.limits.limits())?;
    shell::run(&session, out)
}
