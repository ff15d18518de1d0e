"""Writes botocore_requests.json: requests that botocore signs, for botocore.rs to verify.

Run it with a botocore that has S3's checksum trailers (1.36 or later); nothing is sent.
"""

import base64
import datetime
import io
import json
import pathlib
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 3, 4, 5, 6, 7)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGION = "eu-west-1"
TOKEN = "FwoGZXIvYXdzEBYaD//+token==/with+signs"
requests = []


def record(name, service, request):
    url = urlsplit(request.url)
    headers = [[k, v.decode() if isinstance(v, bytes) else str(v)] for k, v in request.headers.items()]
    if not any(k.lower() == "host" for k, _ in headers):
        headers.insert(0, ["Host", botocore.auth._host_from_url(request.url)])  # as HTTP clients write it
    body = request.prepare().body if isinstance(request, AWSRequest) else request.body
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    requests.append(
        {
            "name": name,
            "service": service,
            "region": "us-east-1" if service == "iam" else REGION,  # IAM's one region
            "method": request.method,
            "path": url.path or "/",
            "query": url.query,
            "headers": headers,
            "body": base64.b64encode(body or b"").decode(),
        }
    )


def client(service, token=None, endpoint=None, **config):
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", SECRET, token)
    made = session.create_client(
        service, region_name=REGION, endpoint_url=endpoint, config=Config(retries={"max_attempts": 0}, user_agent="botocore", **config)
    )
    return made


def call(name, signing_name, made, operation, **arguments):
    """Signs the call of a real client and takes the request where it would be sent."""

    def taken(request, **_):
        record(name, signing_name, request)
        return AWSResponse(request.url, 500, {}, io.BytesIO())

    made.meta.events.register("before-send", taken)
    try:
        getattr(made, operation)(**arguments)
    except Exception:  # the answer is made up, so the client complains
        pass
    made.meta.events.unregister("before-send", taken)


def sign(name, method, url, service="execute-api", auth=botocore.auth.SigV4Auth, token=None, body=b"", headers=(), **more):
    """Signs a hand-made request, for what no operation of a client can make."""
    request = AWSRequest(method=method, url=url, data=body)
    for key, value in headers:
        request.headers.add_header(key, value)
    auth(Credentials("AKIDEXAMPLE", SECRET, token), service, REGION, **more).add_auth(request)
    record(name, service, request)


def presigned(name, made, operation, arguments, service, expires=900, method=None):
    url = made.generate_presigned_url(operation, Params=arguments, ExpiresIn=expires, HttpMethod=method)
    record(name, service, AWSRequest(method=method or "GET", url=url))


def services():
    secrets = client("secretsmanager")
    call("secret", "secretsmanager", secrets, "get_secret_value", SecretId="prod/db")
    call("secret with unicode", "secretsmanager", secrets, "create_secret", Name="n", SecretString="gr\u00fc\u00df \u20ac \U0001f511")
    call("secret with a token", "secretsmanager", client("secretsmanager", TOKEN), "list_secrets")
    call("secret at a port", "secretsmanager", client("secretsmanager", endpoint="http://127.0.0.1:7420"), "list_secrets")
    call("secret at the default port", "secretsmanager", client("secretsmanager", endpoint="http://localhost:80"), "list_secrets")
    call("trail", "cloudtrail", client("cloudtrail"), "describe_trails")
    call("identity", "sts", client("sts"), "get_caller_identity")
    call("role", "sts", client("sts"), "assume_role", RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="s p+a=c&e")
    call("user", "iam", client("iam"), "create_user", UserName="a+b=c,d@e-f_g", Path="/p/")
    call("topic", "sns", client("sns"), "publish", TopicArn="arn:aws:sns:eu-west-1:123456789012:t", Message="<&> \u20ac\n")
    data = [{"MetricName": "m", "Value": 1.5, "Timestamp": NOW}]
    call("metric", "monitoring", client("cloudwatch"), "put_metric_data", Namespace="n", MetricData=data)
    call("metric, compressed", "monitoring", client("cloudwatch"), "put_metric_data", Namespace="n", MetricData=data * 500)
    logs = client("logs")
    call("log events", "logs", logs, "put_log_events", logGroupName="g", logStreamName="s", logEvents=[{"timestamp": 1, "message": "m"}])
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    call("function", "lambda", client("lambda"), "invoke", FunctionName=arn, Payload=b'{"a": 1}')
    call("function with a query", "lambda", client("lambda"), "list_functions", Marker="a/b c+d", MaxItems=5)
    audit = {"auditEvents": [{"id": "1", "eventData": "{}"}], "channelArn": "arn:aws:cloudtrail:eu-west-1:123456789012:channel/c"}
    call("audit events", "cloudtrail-data", client("cloudtrail-data"), "put_audit_events", **audit)
    presigned("identity, presigned", client("sts"), "get_caller_identity", {}, "sts", 60, "GET")
    presigned("identity, presigned with a token", client("sts", TOKEN), "get_caller_identity", {}, "sts", 60, "GET")
    presigned("identity, presigned to be posted", client("sts"), "get_caller_identity", {}, "sts", 900, "POST")


def buckets():
    plain = client("s3", endpoint="http://127.0.0.1:7420", signature_version="s3v4", s3={"addressing_style": "path"})
    tls = client("s3", signature_version="s3v4")
    for key in ["key", "a b+c", "\u00fcml\u00e4ut/\u20ac", "a//b/./c/../d", "~-_.!*'()", "%41%2F", "a&b=c?d#e", "trailing/", ":@$,;[]\\^`{|}"]:
        call(f"object {key}", "s3", plain, "get_object", Bucket="b", Key=key)
    call("put", "s3", plain, "put_object", Bucket="b", Key="k", Body=b"body", Metadata={"name": "va  lue", "other": "x"})
    call("put with a trailer", "s3", tls, "put_object", Bucket="b", Key="k", Body=io.BytesIO(b"streamed " * 50))
    call("put with a token", "s3", client("s3", TOKEN), "put_object", Bucket="b", Key="k", Body=b"body")
    call("list", "s3", plain, "list_objects_v2", Bucket="b", Prefix="a b/+%\u20ac", Delimiter="/", StartAfter="&=")
    call("list, first version", "s3", plain, "list_objects", Bucket="b", Marker="AWSLogs/1/", Prefix="AWSLogs/")
    call("tagging", "s3", plain, "get_bucket_tagging", Bucket="b")
    call("copy", "s3", plain, "copy_object", Bucket="b", Key="k", CopySource={"Bucket": "o", "Key": "sp ace/\u20ac"})
    presigned("get, presigned", tls, "get_object", {"Bucket": "b", "Key": "k \u20ac"}, "s3")
    options = {"Bucket": "b", "Key": "k", "ResponseContentType": "text/plain; charset=utf-8"}
    presigned("get, presigned with options and a token", client("s3", TOKEN, signature_version="s3v4"), "get_object", options, "s3", 604800)
    presigned("put, presigned", plain, "put_object", {"Bucket": "b", "Key": "k"}, "s3", 1, "PUT")
    # What boto3 does by default: signature version 2, which is refused.
    presigned("get, presigned in version 2", client("s3"), "get_object", {"Bucket": "b", "Key": "k"}, "s3")


def hand_made():
    base = "https://example.com"
    sign("dot segments", "GET", base + "/./a//b/../c/")
    sign("encoded path", "GET", base + "/%20/%2F/%E2%82%AC/a=b:c@d")
    sign("no path", "GET", base)
    sign("repeated query", "GET", base + "/?b=2&b=1&a=3&B=0&a=&c")
    sign("odd query", "GET", base + "/?a%2Bb=c%20d%26e%3Df&%E2%82%AC=%21%2A")
    sign("header blanks", "GET", base + "/", headers=[("X-Custom", "  a   b  "), ("My-Empty", "")])
    sign("repeated header", "GET", base + "/", headers=[("X-Amz-Meta-List", "b"), ("X-Amz-Meta-List", "a , c")])
    sign("date header", "GET", base + "/", headers=[("Date", "now")])
    sign("delete", "DELETE", base + "/thing", token=TOKEN, headers=[("User-Agent", "unsigned")])
    unsigned = botocore.auth.S3SigV4Auth
    sign("bytes", "POST", base + "/", body=bytes(range(256)), headers=[("Content-Type", "application/octet-stream")])
    sign("s3 bytes", "PUT", base + "/b/k", service="s3", auth=unsigned, body=bytes(range(256)))
    query = botocore.auth.SigV4QueryAuth
    sign("query signed", "GET", base + "/a/b?z=1&y=%2B", auth=query, expires=300)
    sign("query signed with a token", "GET", base + "/?x=1", auth=query, token=TOKEN, expires=300)


with (
    mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: NOW),
    mock.patch("time.time", lambda: NOW.replace(tzinfo=datetime.timezone.utc).timestamp()),
):
    services()
    buckets()
    hand_made()

here = pathlib.Path(__file__).parent
fixture = {"now": NOW.isoformat() + "Z", "secret": SECRET, "requests": requests}
(here / "botocore_requests.json").write_text(json.dumps(fixture, indent=1) + "\n")
print(len(requests), "requests")
