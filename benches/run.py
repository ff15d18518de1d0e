#!/usr/bin/env python3
"""keeptrail and OpenBao under the same load, one after the other, and the table of it. See README.md."""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
KEEPTRAIL, OPENBAO = "127.0.0.1:7421", "127.0.0.1:8211"
SECRETS, VALUE = 64, "0123456789abcdef" * 4
# Seconds between a trail's log files.
INTERVAL = 2
# What monitors the reads meanwhile, as the tutorials in the documentation set it up.
FILTER = (
    '{ ($.eventName = "GetSecretValue") && ($.requestParameters.secretId = "ethos/*")'
    ' && ($.userIdentity.arn != "*EthosInstanceRole*") }'
)


class Server:
    """A child process with its own directory."""

    def __init__(self, command, log, **environment):
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})

    @property
    def pid(self):
        return self.process.pid

    def until(self, url, status=200):
        """Waits for an answer of `url`; the seconds since the start."""
        while True:
            if self.process.poll() is not None:
                sys.exit(f"{self.process.args[0]} ended with {self.process.returncode}")
            try:
                answered = urllib.request.urlopen(url, timeout=5).status
            except urllib.error.HTTPError as error:
                answered = error.code
            except OSError:
                answered = None
            if answered == status:
                return time.monotonic() - self.began
            time.sleep(0.002)

    def resident(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def serve(binary, directory, log, **environment):
    server = Server([binary, "serve", "--data", f"{directory}/keeptrail", "--listen", KEEPTRAIL], log, **environment)
    server.started = server.until(f"http://{KEEPTRAIL}/healthz")
    return server


def keeptrail(binary, directory, log, watched=True, lake=False):
    """Starts a server and gives it a user with a policy, 64 secrets and, if `watched`, everything that watches reads."""
    environment = {
        "KEEPTRAIL_ACCOUNT_ID": "111122223333",
        "KEEPTRAIL_ROOT_ACCESS_KEY_ID": "AKIAROOTROOTROOTROOT",
        "KEEPTRAIL_ROOT_SECRET_ACCESS_KEY": "root-secret-root-secret-root-secret-root",
        "KEEPTRAIL_TRAIL_INTERVAL": f"{INTERVAL}s",
    }
    server = serve(binary, directory, log, **environment)
    time.sleep(1)
    server.idle = server.resident()

    def client(service, **options):
        return boto3.client(
            service,
            endpoint_url=f"http://{KEEPTRAIL}",
            region_name="us-east-1",
            aws_access_key_id=environment["KEEPTRAIL_ROOT_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["KEEPTRAIL_ROOT_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 1}, **options),
        )

    secrets, iam = client("secretsmanager"), client("iam")
    for number in range(SECRETS):
        secrets.create_secret(Name=f"bench/{number}", SecretString=VALUE)
    iam.create_user(UserName="bench")
    allow = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "arn:aws:secretsmanager:*:*:secret:bench/*",
        },
    }
    iam.put_user_policy(UserName="bench", PolicyName="read", PolicyDocument=json.dumps(allow))
    server.key = iam.create_access_key(UserName="bench")["AccessKey"]
    server.secrets, server.trails, server.store = secrets, client("cloudtrail"), None
    if lake:
        server.store = server.trails.create_event_data_store(Name="reads")["EventDataStoreArn"].rsplit("/")[-1]
    if watched:
        watch(client)
    return server


def ask(server, statement):
    """The first page of a query's rows."""
    query = server.trails.start_query(QueryStatement=statement)["QueryId"]
    while True:
        answer = server.trails.get_query_results(QueryId=query)
        if answer["QueryStatus"] not in ("QUEUED", "RUNNING"):
            return answer["QueryResultRows"]


def seen_after(server):
    """Seconds from the answer of a read until a query has found it, polling included: the median and the worst of 20."""
    times = []
    for _ in range(20):
        read = server.secrets.get_secret_value(SecretId="bench/0")["ResponseMetadata"]["RequestId"]
        began = time.monotonic()
        while not ask(server, f"SELECT eventID FROM {server.store} WHERE requestID = '{read}'"):
            pass
        times.append(time.monotonic() - began)
    return statistics.median(times), max(times)


class Asking:
    """Asks the document's query, over and over, while it lasts."""

    def __init__(self, server):
        self.times, self.over = [], threading.Event()
        statement = f"""SELECT eventTime, userIdentity.arn, requestParameters.secretId FROM {server.store}
            WHERE eventName = 'GetSecretValue' AND requestParameters.secretId = 'bench/1'
            AND eventTime > DATE_ADD('hour', -24, now()) ORDER BY eventTime DESC LIMIT 100"""
        self.thread = threading.Thread(target=self.ask, args=(server, statement))

    def ask(self, server, statement):
        while not self.over.is_set():
            began = time.monotonic()
            ask(server, statement)
            self.times.append(time.monotonic() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def watch(client):
    """A trail into a bucket and a log group, a metric filter and an alarm on it, a rule for events."""
    iam, logs = client("iam"), client("logs")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
    role = iam.create_role(RoleName="trail", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    write = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"},
    }
    iam.put_role_policy(RoleName="trail", PolicyName="write", PolicyDocument=json.dumps(write))
    buckets, trails = client("s3", s3={"addressing_style": "path"}), client("cloudtrail")
    buckets.create_bucket(Bucket="trail-files")
    owner = {"Service": "cloudtrail.amazonaws.com"}
    bucket_policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": owner, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::trail-files"},
            {
                "Effect": "Allow",
                "Principal": owner,
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::trail-files/AWSLogs/111122223333/*",
                "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ],
    }
    buckets.put_bucket_policy(Bucket="trail-files", Policy=json.dumps(bucket_policy))
    logs.create_log_group(logGroupName="trail")
    trails.create_trail(
        Name="all",
        S3BucketName="trail-files",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn="arn:aws:logs:us-east-1:111122223333:log-group:trail:*",
        CloudWatchLogsRoleArn=role,
    )
    trails.start_logging(Name="all")
    logs.put_metric_filter(
        logGroupName="trail",
        filterName="unauthorized",
        filterPattern=FILTER,
        metricTransformations=[
            {"metricName": "UnauthorizedAccess", "metricNamespace": "Ethos/Security", "metricValue": "1"}
        ],
    )
    topic = client("sns").create_topic(Name="alerts")["TopicArn"]
    client("cloudwatch").put_metric_alarm(
        AlarmName="unauthorized",
        MetricName="UnauthorizedAccess",
        Namespace="Ethos/Security",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Period=300,
        Statistic="Sum",
        Threshold=0,
        AlarmActions=[topic],
    )
    events = client("events")
    pattern = {"source": ["aws.secretsmanager"], "detail": {"eventName": ["DeleteSecret"]}}
    events.put_rule(
        Name="deletions",
        EventPattern=json.dumps(pattern),
        State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    )
    events.put_targets(Rule="deletions", Targets=[{"Id": "topic", "Arn": topic}])


def openbao(binary, directory, log):
    """Starts OpenBao with storage in memory and a file audit device, and gives it 64 secrets and a token with a policy."""
    settings = Path(directory, "openbao.hcl")
    settings.write_text(
        f"""
        storage "inmem" {{}}
        listener "tcp" {{
          address     = "{OPENBAO}"
          tls_disable = true
        }}
        audit "file" "file" {{
          options = {{ file_path = "{directory}/openbao-audit.log" }}
        }}
        log_level = "error"
        """
    )
    server = Server([binary, "server", f"-config={settings}"], log)
    server.started = server.until(f"http://{OPENBAO}/v1/sys/health", status=501)

    def call(path, token="", **body):
        headers = {"X-Vault-Token": token} if token else {}
        request = urllib.request.Request(f"http://{OPENBAO}/v1/{path}", json.dumps(body).encode(), headers, method="POST")
        answer = urllib.request.urlopen(request).read()
        return json.loads(answer) if answer else None

    keys = call("sys/init", secret_shares=1, secret_threshold=1)
    call("sys/unseal", key=keys["keys"][0])
    server.until(f"http://{OPENBAO}/v1/sys/health")
    root = keys["root_token"]
    call("sys/mounts/secret", root, type="kv", options={"version": "2"})
    # The engine makes itself ready in the background.
    time.sleep(1)
    server.idle = server.resident()
    for number in range(SECRETS):
        call(f"secret/data/bench/{number}", root, data={"value": VALUE})
    call("sys/policies/acl/read", root, policy='path "secret/data/bench/*" { capabilities = ["read"] }')
    server.token = call("auth/token/create", root, policies=["read"], ttl="1h")["auth"]["client_token"]
    return server


def load(generator, server, kind, connections, arguments):
    command = [generator, kind, "--address", KEEPTRAIL if kind == "keeptrail" else OPENBAO]
    command += ["--pid", str(server.pid), "--value", VALUE, "--secrets", str(SECRETS)]
    command += ["--connections", str(connections), "--seconds", str(arguments.seconds), "--warm-up", "1"]
    if kind == "keeptrail":
        extra = {"AWS_ACCESS_KEY_ID": server.key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": server.key["SecretAccessKey"]}
    else:
        extra = {"BAO_TOKEN": server.token}
    output = subprocess.run(command, env={**os.environ, **extra}, stdout=subprocess.PIPE, check=True).stdout
    return {"server": kind, "connections": connections, **json.loads(output)}


def caught_up():
    """Waits until every reader has passed the journal's head; the seconds it took, and the records left at the end."""
    began, left = time.monotonic(), None
    while True:
        text = urllib.request.urlopen(f"http://{KEEPTRAIL}/metrics").read().decode()
        head = float(re.search(r"^keeptrail_journal_head (\S+)", text, re.M)[1])
        cursors = {name: float(at) for name, at in re.findall(r'^keeptrail_reader_cursor\{reader="(.+?)"\} (\S+)', text, re.M)}
        if left is None:
            left = {name: int(head - at) for name, at in cursors.items()}
        if cursors and all(at >= head for at in cursors.values()):
            return time.monotonic() - began, left
        if time.monotonic() - began > 60:
            return float("inf"), left
        time.sleep(0.02)


def files_written(trails, began):
    """Waits until the trail's files hold all that was read so far; the seconds since `began`."""
    # The next file that is due holds what the reader has passed by now.
    due = (time.time() // INTERVAL + 1) * INTERVAL
    while time.monotonic() - began < 60:
        delivered = trails.get_trail_status(Name="all").get("LatestDeliveryTime")
        if delivered and delivered.timestamp() >= due:
            return time.monotonic() - began
        time.sleep(0.1)
    return float("inf")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keeptrail", default=ROOT / "target/release/keeptrail")
    parser.add_argument("--generator", default=ROOT / "target/release/keeptrail-load")
    parser.add_argument("--openbao", default=None, help="OpenBao's server; without it only keeptrail is measured")
    parser.add_argument("--connections", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--seconds", type=int, default=6, help="of each measurement, after a second of warming up")
    parser.add_argument("--unwatched", action="store_true", help="no trail, filter, alarm and rule")
    parser.add_argument("--lake", action="store_true", help="an event data store takes the reads, too")
    parser.add_argument("--asking", action="store_true", help="with --lake: a query follows the other meanwhile")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    # On the disk that the repository is on: /tmp may be in memory, where a sync costs nothing.
    (ROOT / "target").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "target") as directory:
        with open(f"{directory}/log", "w+") as log:
            runs, bao = [], None
            lake = arguments.lake or arguments.asking
            trail = keeptrail(arguments.keeptrail, directory, log, not arguments.unwatched, lake)
            if arguments.openbao:
                bao = openbao(arguments.openbao, directory, log)
            try:
                for connections in arguments.connections:
                    if bao:
                        runs.append(load(arguments.generator, bao, "openbao", connections, arguments))
                    asking = Asking(trail) if arguments.asking else contextlib.nullcontext()
                    with asking:
                        runs.append(load(arguments.generator, trail, "keeptrail", connections, arguments))
                    if arguments.asking:
                        print(f"asked meanwhile: {len(asking.times)} queries, median {statistics.median(asking.times):.3f} s")
                    ended = time.monotonic()
                    seconds, left = caught_up()
                    runs[-1].update(caught_up=round(seconds, 2), left=max(left.values()))
                    if not arguments.unwatched:
                        runs[-1].update(files=round(files_written(trail.trails, ended), 1))
                    if lake:
                        print("seen by a query after: median {:.3f} s, worst {:.3f} s".format(*seen_after(trail)))
            except subprocess.CalledProcessError as error:
                log.seek(0)
                sys.exit(f"{error}\n{log.read()[-2000:]}")
            finally:
                trail.stop()
                if bao:
                    bao.stop()
            again = serve(arguments.keeptrail, directory, log)
            again.stop()
    if arguments.json:
        print(json.dumps(runs))
        return
    for name, server in [("keeptrail", trail), ("keeptrail again", again), ("OpenBao", bao)]:
        if server:
            idle = f", idle {server.idle:.0f} MiB" if hasattr(server, "idle") else ""
            print(f"{name}: start {server.started * 1000:.0f} ms{idle}")
    print("| server | connections | reads/s | p50 ms | p90 ms | p99 ms | server CPU µs/read (user + system) | generator CPU µs/read | resident MiB | readers caught up after | log files written after |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for run in runs:
        behind = f"{run['caught_up']} s ({run['left']} records)" if "caught_up" in run else ""
        files = f"{run['files']} s" if "files" in run else ""
        cpu = f"{run['server_user'] + run['server_system']:.1f} ({run['server_user']:.1f} + {run['server_system']:.1f})"
        times = " | ".join(f"{run[at] / 1000:.1f}" for at in ("p50", "p90", "p99"))
        print(
            f"| {run['server']} | {run['connections']} | {run['rate']:.0f} | {times} | {cpu} | {run['generator']:.1f}"
            f" | {run['resident_mib']} | {behind} | {files} |"
        )


if __name__ == "__main__":
    main()
