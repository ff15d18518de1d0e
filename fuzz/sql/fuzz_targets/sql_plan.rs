//! Any text as a statement: parsed, rewritten, planned and planned to be run, or refused in words for its writer. A panic or
//! a fault of the engine's own is a find. Nothing is run, for a statement may rightly ask for more than the fuzzer has time.

#![no_main]

use std::sync::{Arc, LazyLock};

use datafusion::datasource::MemTable;
use keeptrail_sql::{Engine, ErrorKind, Limits, Stores, schema::lake_schema};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

struct Lake {
    runtime: Runtime,
    engine: Engine,
    stores: Stores,
}

static LAKE: LazyLock<Lake> = LazyLock::new(|| {
    let store = MemTable::try_new(lake_schema(), vec![Vec::new()]).expect("a table without rows");
    Lake {
        runtime: Builder::new_current_thread().enable_all().build().expect("a runtime"),
        engine: Engine::new(Limits { parallelism: 1, ..Limits::default() }).expect("an engine"),
        stores: Stores::every(Arc::new(store)),
    }
});

fuzz_target!(|statement: &str| {
    let Lake { runtime, engine, stores } = &*LAKE;
    match runtime.block_on(engine.explain(statement, stores)) {
        Ok(plan) => assert!(!plan.is_empty()),
        Err(error) => {
            assert!(error.kind != ErrorKind::Internal, "{error}");
            assert!(!error.message.is_empty());
        }
    }
});
