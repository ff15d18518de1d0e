#!/usr/bin/env python3
"""Imports a generated archive with keeptrail, DuckDB and ClickHouse and asks each, and DataFusion, the documents' two Lake queries.

usage: compare.py ARCHIVE WORK [--keeptrail BINARY] [--only ENGINE] [--skip-import]
needs: pip install duckdb chdb datafusion

Each import runs in a process of its own; CPU seconds and the largest resident size are the operating system's. The
queries of each engine run in one process, over a table that is there: keeptrail's through `keeptrail shell`, timed from the
statement to its last line, planning included. keeptrail and DuckDB write their answers as CSV (DuckDB to a
file, keeptrail through a pipe), ClickHouse as text with tabs, DataFusion as batches in memory. DuckDB and ClickHouse
get the columns that the queries need and the whole record, in their native tables; they do not look for doubles. DataFusion
reads keeptrail's own Parquet files, as plain files and with its own settings.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

NOW = "2026-11-25 00:00:00"
SECRET = "ethos/prod/channels/telegram/default/botToken"
SPANS = {"24h": 24, "7d": 168, "30d": 720}
RUNS = 15

DUCKDB_IMPORT = """
CREATE TABLE events AS
SELECT (r->>'eventTime')::TIMESTAMP AS eventtime, r->>'eventSource' AS eventsource, r->>'eventName' AS eventname,
       r->>'sourceIPAddress' AS sourceipaddress, r->>'errorCode' AS errorcode, r->>'eventID' AS eventid,
       r->'$.userIdentity'->>'arn' AS user_arn, from_json(r->'requestParameters', '"MAP(VARCHAR, JSON)"') AS requestparameters,
       r::VARCHAR AS eventjson
FROM (SELECT unnest(Records) AS r FROM read_json('{archive}/**/*.json.gz', columns={{Records: 'JSON[]'}}, maximum_object_size=268435456));
"""
CLICKHOUSE_IMPORT = [
    "CREATE DATABASE IF NOT EXISTS bench",
    """CREATE TABLE bench.events (eventtime DateTime, eventsource LowCardinality(String), eventname LowCardinality(String),
    sourceipaddress String, errorcode LowCardinality(String), eventid String, user_arn String, requestparameters Map(String, String),
    eventjson String CODEC(ZSTD(1))) ENGINE = MergeTree ORDER BY eventtime""",
    """INSERT INTO bench.events SELECT parseDateTimeBestEffort(JSONExtractString(r, 'eventTime')), JSONExtractString(r, 'eventSource'),
    JSONExtractString(r, 'eventName'), JSONExtractString(r, 'sourceIPAddress'), JSONExtractString(r, 'errorCode'), JSONExtractString(r, 'eventID'),
    JSONExtractString(r, 'userIdentity', 'arn'), JSONExtract(r, 'requestParameters', 'Map(String, String)'), r
    FROM (SELECT arrayJoin(JSONExtractArrayRaw(json, 'Records')) AS r FROM file('{archive}/**/*.json.gz', 'JSONAsString', 'json String'))
    SETTINGS max_insert_threads = 2""",
]

# How each engine says: the table, the secret's id, the caller's ARN, and a time so many hours before now.
WORDS = {
    "duckdb": {
        "table": "events",
        "secret": "requestparameters['secretId']->>'$'",
        "caller": "user_arn",
        "since": "TIMESTAMP '{now}' - INTERVAL {hours} HOUR",
    },
    "clickhouse": {
        "table": "bench.events",
        "secret": "requestparameters['secretId']",
        "caller": "user_arn",
        "since": "toDateTime('{now}') - INTERVAL {hours} HOUR",
    },
    "keeptrail": {
        "table": "events",
        "secret": "requestParameters.secretId",
        "caller": "userIdentity.arn",
        "since": "date_add('hour', -{hours}, timestamp '{now}')",
    },
    "datafusion": {
        "table": "events",
        "secret": "requestparameters['secretId']",
        "caller": "useridentity['arn']",
        "since": "timestamp '{now}' - interval '{hours} hours'",
    },
}
ONE_SECRET = """SELECT eventtime, {caller}, {secret} FROM {table} WHERE eventname = 'GetSecretValue' AND {secret} = '{name}'
AND eventtime > {since} ORDER BY eventtime DESC"""
OTHER_PRINCIPALS = """SELECT eventtime, {caller}, {secret}, sourceipaddress FROM {table} WHERE eventname = 'GetSecretValue'
AND {secret} LIKE 'ethos/%' AND {caller} NOT LIKE '%EthosInstanceRole%' AND eventtime > {since} ORDER BY eventtime DESC"""
ALL_TIME = "SELECT count(*) FROM {table} WHERE eventname = 'GetSecretValue' AND {secret} = '{name}'"
ALL_READS = "SELECT eventtime, {caller} FROM {table} WHERE eventname = 'GetSecretValue' AND {secret} = '{name}' ORDER BY eventtime DESC"


def queries(engine):
    words = dict(WORDS[engine], name=SECRET)
    for span, hours in SPANS.items():
        since = words["since"].format(now=NOW, hours=hours)
        for name, query in (("one secret", ONE_SECRET), ("other principals", OTHER_PRINCIPALS)):
            yield f"{name}, {span}", query.format(**dict(words, since=since)).replace("\n", " ")
    yield "one secret's reads of all time, counted", ALL_TIME.format(**words)
    yield "one secret's reads of all time", ALL_READS.format(**words)


def own_cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(run, engine, cpu=own_cpu):
    """Rows, and milliseconds: the first run, the median of the others, and the mean of their CPU time."""
    results = {}
    for name, query in queries(engine):
        times = []
        rows = 0
        used = 0
        for number in range(RUNS + 1):
            if number == 1:
                used = cpu()
            start = time.perf_counter()
            rows = run(query)
            times.append((time.perf_counter() - start) * 1e3)
        used = (cpu() - used) * 1e3 / RUNS
        results[name] = {"rows": rows, "first_ms": round(times[0], 1), "ms": round(statistics.median(times[1:]), 1), "cpu_ms": round(used, 1)}
    return results


def duckdb_engine(archive, work, step):
    import duckdb

    connection = duckdb.connect(str(work / "duckdb.db"))
    connection.execute("SET TimeZone = 'UTC'")
    if step == "import":
        connection.execute(DUCKDB_IMPORT.format(archive=archive))
        return {"events": connection.execute("SELECT count(*) FROM events").fetchone()[0]}
    answer = work / "duckdb.csv"
    results = timed(lambda query: connection.execute(f"COPY ({query}) TO '{answer}' (HEADER)").fetchone()[0], "duckdb")
    answer.unlink()
    return results


def clickhouse_engine(archive, work, step):
    from chdb import session

    connection = session.Session(str(work / "clickhouse"))
    if step == "import":
        for statement in CLICKHOUSE_IMPORT:
            connection.query(statement.format(archive=archive))
        return {"events": int(str(connection.query("SELECT count() FROM bench.events", "TabSeparated")).strip())}
    return timed(lambda query: str(connection.query(query, "TabSeparated")).count("\n"), "clickhouse")


def datafusion_engine(archive, work, step):
    from datafusion import SessionContext

    context = SessionContext()
    context.register_parquet("events", str(work / "keeptrail" / "events"))
    return timed(lambda query: sum(batch.num_rows for batch in context.sql(query).collect()), "datafusion")


def keeptrail_queries(binary, lake):
    """Through the shell: each statement's answer ends with a line that tells its time."""
    shell = subprocess.Popen([binary, "shell", str(lake)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    end = re.compile(rb"(?:^|\n)\d+\.\d{3} s(?:, \d+ rows read)?\n$")

    def run(query):
        shell.stdin.write(f"{query};\n".encode())
        last, lines = b"", 0
        while piece := os.read(shell.stdout.fileno(), 1 << 20):
            lines += piece.count(b"\n")
            last = (last + piece)[-100:]
            if end.search(last):
                return lines - 2
        raise SystemExit(f"the shell ended at: {query}")

    def cpu():
        fields = Path(f"/proc/{shell.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    shell.stdin.write(b".output csv\n")
    results = timed(run, "keeptrail", cpu)
    shell.stdin.close()
    shell.wait()
    return results


ENGINES = {"duckdb": duckdb_engine, "clickhouse": clickhouse_engine, "datafusion": datafusion_engine}


def size(path):
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def measured(command):
    """A command's JSON output with its CPU seconds, wall seconds and largest resident size."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    result = json.loads(done.stdout.strip().splitlines()[-1])
    result.pop("failures", None)
    result |= {"user_s": round(user, 2), "system_s": round(system, 2), "wall_s": round(time.perf_counter() - start, 2)}
    result["rss_mib"] = int(done.stderr.strip().splitlines()[-1]) // 1024
    if "events" in result:
        result["events_per_cpu_s"] = round(result["events"] / (user + system))
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--keeptrail", default="target/dist/keeptrail")
    parser.add_argument("--only", choices=["keeptrail", *ENGINES])
    parser.add_argument("--skip-import", action="store_true", help="ask what an earlier run imported")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    archive, work = arguments.archive.resolve(), arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if arguments.engine:
        print(json.dumps(ENGINES[arguments.engine](archive, work, arguments.step)))
        return
    report = {"archive_bytes": size(archive)}
    if arguments.only in (None, "keeptrail"):
        for name, extra in (("keeptrail", []), ("keeptrail_without_raw", ["--without-raw-record"])):
            lake = work / name
            done = {}
            if not arguments.skip_import:
                done = measured([arguments.keeptrail, "import", str(archive), "--lake", str(lake), "--json", *extra])
            done["bytes_at_rest"] = size(lake / "events")
            report[name] = done
        report["keeptrail"]["queries"] = keeptrail_queries(arguments.keeptrail, work / "keeptrail")
    for engine in ENGINES:
        if arguments.only in (None, engine):
            command = [sys.executable, __file__, str(archive), str(work), "--engine", engine, "--step"]
            done = {} if arguments.skip_import or engine == "datafusion" else measured([*command, "import"])
            done["queries"] = measured([*command, "query"])
            stored = {"duckdb": work / "duckdb.db", "clickhouse": work / "clickhouse"}.get(engine)
            if stored:
                done["bytes_at_rest"] = size(stored)
            report[engine] = done
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
