#!/usr/bin/env python3
"""Imports a generated archive with keeptrail, DuckDB and ClickHouse and asks each the documents' two Lake queries.

usage: compare.py ARCHIVE WORK [--keeptrail BINARY] [--only ENGINE]
needs: pip install duckdb chdb

Each import runs in a process of its own; CPU seconds and the largest resident size are the operating system's.
DuckDB and ClickHouse get the columns that the queries need and the whole record; they do not look for doubles.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

NOW = "2026-11-25 00:00:00"
SECRET = "ethos/prod/channels/telegram/default/botToken"
SPANS = {"24h": 24, "7d": 168, "30d": 720}
RUNS = 7

DUCKDB_IMPORT = """
CREATE TABLE events AS
SELECT (r->>'eventTime')::TIMESTAMP AS eventtime, r->>'eventSource' AS eventsource, r->>'eventName' AS eventname,
       r->>'sourceIPAddress' AS sourceipaddress, r->>'errorCode' AS errorcode, r->>'eventID' AS eventid,
       r->'$.userIdentity'->>'arn' AS user_arn, from_json(r->'requestParameters', '"MAP(VARCHAR, JSON)"') AS requestparameters,
       r::VARCHAR AS eventjson
FROM (SELECT unnest(Records) AS r FROM read_json('{archive}/**/*.json.gz', columns={{Records: 'JSON[]'}}, maximum_object_size=268435456));
"""
DUCKDB_QUERIES = {
    "one secret": "SELECT eventtime, user_arn, requestparameters['secretId']->>'$' FROM events WHERE eventname = 'GetSecretValue' "
    "AND requestparameters['secretId']->>'$' = '{secret}' AND eventtime > TIMESTAMP '{now}' - INTERVAL {hours} HOUR ORDER BY eventtime DESC",
    "other principals": "SELECT eventtime, user_arn, requestparameters['secretId']->>'$', sourceipaddress FROM events "
    "WHERE eventname = 'GetSecretValue' AND requestparameters['secretId']->>'$' LIKE 'ethos/%' AND user_arn NOT LIKE '%EthosInstanceRole%' "
    "AND eventtime > TIMESTAMP '{now}' - INTERVAL {hours} HOUR ORDER BY eventtime DESC",
}

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
CLICKHOUSE_QUERIES = {
    "one secret": "SELECT eventtime, user_arn, requestparameters['secretId'] FROM bench.events WHERE eventname = 'GetSecretValue' "
    "AND requestparameters['secretId'] = '{secret}' AND eventtime > toDateTime('{now}') - INTERVAL {hours} HOUR ORDER BY eventtime DESC",
    "other principals": "SELECT eventtime, user_arn, requestparameters['secretId'], sourceipaddress FROM bench.events "
    "WHERE eventname = 'GetSecretValue' AND requestparameters['secretId'] LIKE 'ethos/%' AND user_arn NOT LIKE '%EthosInstanceRole%' "
    "AND eventtime > toDateTime('{now}') - INTERVAL {hours} HOUR ORDER BY eventtime DESC",
}


def queries(of):
    for span, hours in SPANS.items():
        for name, query in of.items():
            yield f"{name}, {span}", query.format(secret=SECRET, now=NOW, hours=hours)


def timed(run, of):
    """Median milliseconds and rows of each query; the first run is not counted."""
    results = {}
    for name, query in queries(of):
        times = []
        rows = 0
        for _ in range(RUNS + 1):
            start = time.perf_counter()
            rows = run(query)
            times.append((time.perf_counter() - start) * 1e3)
        results[name] = {"rows": rows, "ms": round(statistics.median(times[1:]), 1)}
    return results


def duckdb_engine(archive, work, step):
    import duckdb

    connection = duckdb.connect(str(work / "duckdb.db"))
    connection.execute("SET TimeZone = 'UTC'")
    if step == "import":
        connection.execute(DUCKDB_IMPORT.format(archive=archive))
        return {"events": connection.execute("SELECT count(*) FROM events").fetchone()[0]}
    return timed(lambda query: len(connection.execute(query).fetchall()), DUCKDB_QUERIES)


def clickhouse_engine(archive, work, step):
    from chdb import session

    connection = session.Session(str(work / "clickhouse"))
    if step == "import":
        for statement in CLICKHOUSE_IMPORT:
            connection.query(statement.format(archive=archive))
        return {"events": int(str(connection.query("SELECT count() FROM bench.events", "TabSeparated")).strip())}
    return timed(lambda query: str(connection.query(query, "TabSeparated")).count("\n"), CLICKHOUSE_QUERIES)


ENGINES = {"duckdb": duckdb_engine, "clickhouse": clickhouse_engine}


def size(path):
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def measured(command):
    """A command's JSON output with its CPU seconds, wall seconds and largest resident size."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    timed_command = ["/usr/bin/time", "-f", "%M", *command] if os.path.exists("/usr/bin/time") else command
    done = subprocess.run(timed_command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    result = json.loads(done.stdout.strip().splitlines()[-1])
    result |= {"cpu_s": round(cpu, 2), "wall_s": round(time.perf_counter() - start, 2)}
    last = (done.stderr.strip().splitlines() or [""])[-1]
    if last.isdigit():
        result["rss_mib"] = int(last) // 1024
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--keeptrail", default="target/dist/keeptrail")
    parser.add_argument("--only")
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
            done = measured([arguments.keeptrail, "import", str(archive), "--lake", str(lake), "--json", *extra])
            done["events_per_cpu_s"] = round(done["events"] / done["cpu_s"])
            done["bytes_at_rest"] = size(lake / "events")
            done |= {key: len(value) for key, value in done.items() if key == "failures"}
            report[name] = done
    for engine in ENGINES:
        if arguments.only in (None, engine):
            command = [sys.executable, __file__, str(archive), str(work), "--engine", engine, "--step"]
            done = measured([*command, "import"])
            done["events_per_cpu_s"] = round(done["events"] / done["cpu_s"])
            done["queries"] = measured([*command, "query"])
            report[engine] = done
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
