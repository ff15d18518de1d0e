//! keeptrail: a secrets manager that tells you who read what.
//!
//! The binary is wiring: settings, the data directory, the services and what connects them, start and stop.

mod cli;
mod config;
mod coverage;
mod demo;
mod directory;
mod env;
mod import;
mod lake;
mod node;
mod pages;
mod pattern_test;
mod policy_explain;
mod query;
mod serve;
mod tamper;
mod verify;
mod wiring;

use std::{io::Write, process::ExitCode};

use clap::Parser;

use crate::cli::{Cli, Command, PatternCommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(args) => serve::run(*args).map(|()| true).map_err(|error| error.to_string()),
        Command::Env(args) => {
            env::run(&args.data, &mut std::io::stdout()).map(|()| true).map_err(|error| error.to_string())
        }
        Command::Demo(args) => demo::run(args.keep).map(|()| true).map_err(|error| error.to_string()),
        Command::Verify(args) => {
            verify::run(&args.data, args.json, &mut std::io::stdout()).map_err(|error| error.to_string())
        }
        Command::Operations(args) => {
            coverage::run(args.json, &mut std::io::stdout()).map(|()| true).map_err(|error| error.to_string())
        }
        Command::Policy(command) => {
            policy_explain::run(&command, &mut std::io::stdout()).map_err(|error| error.to_string())
        }
        Command::Import(args) => import::run(&args, &mut std::io::stdout()).map_err(|error| error.to_string()),
        Command::Query(args) => {
            query::run(&args, &mut std::io::stdout().lock()).map(|()| true).map_err(|error| error.to_string())
        }
        Command::Shell(args) => {
            query::shell(&args, &mut std::io::stdout()).map(|()| true).map_err(|error| error.to_string())
        }
        Command::Lake(command) => lake::run(command, &mut std::io::stdout()).map_err(|error| error.to_string()),
        Command::Pattern(PatternCommand::Test(args)) => {
            pattern_test::run(&args, &mut std::io::stdout(), &mut std::io::stderr()).map_err(|error| error.to_string())
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            // Standard error may be closed; the exit code still tells.
            drop(writeln!(std::io::stderr(), "keeptrail: {message}"));
            ExitCode::from(2)
        }
    }
}
