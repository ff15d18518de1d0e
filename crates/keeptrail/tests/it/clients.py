"""What boto3 does with the server, over TLS: CBOR and gzip to CloudWatch, checksums and chunks to S3, paging and errors."""
import datetime
import gzip
import io

import boto3
import botocore.exceptions

sent = []
session = boto3.session.Session()


def client(name):
    made = session.client(name)
    made.meta.events.register("before-send", lambda request, **_: sent.append(request) and None)
    return made


# boto3 would take JSON; its CBOR is as good a second opinion as any.
loader = session._session.get_component("data_loader")
load = loader.load_service_model


def with_cbor(name, kind, *rest, **options):
    model = load(name, kind, *rest, **options)
    if (name, kind) == ("cloudwatch", "service-2"):
        model["metadata"].update(protocol="smithy-rpc-v2-cbor", protocols=["smithy-rpc-v2-cbor"])
    return model


loader.load_service_model = with_cbor
cloudwatch = client("cloudwatch")
# All points at one time would be one datapoint: a quarter of an hour, far enough from now that none lies in the future.
start = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0) - datetime.timedelta(minutes=30)
points = [{"MetricName": "m", "Timestamp": start + datetime.timedelta(seconds=n), "Value": float(n),
           "Dimensions": [{"Name": "a-rather-long-name", "Value": "a-rather-long-value"}]} for n in range(900)]
cloudwatch.put_metric_data(Namespace="boto3", MetricData=points)
headers = {name.lower(): value for name, value in sent[-1].headers.items()}
assert headers["smithy-protocol"] in ("rpc-v2-cbor", b"rpc-v2-cbor"), headers
assert headers["content-encoding"] in ("gzip", b"gzip"), headers
found = cloudwatch.get_metric_statistics(
    Namespace="boto3", MetricName="m", Dimensions=points[0]["Dimensions"], Period=60,
    StartTime=start, EndTime=start + datetime.timedelta(hours=1), Statistics=["SampleCount", "Maximum"])
assert sum(point["SampleCount"] for point in found["Datapoints"]) == 900, found
assert max(point["Maximum"] for point in found["Datapoints"]) == 899.0, found
try:
    cloudwatch.put_metric_data(Namespace="boto3", MetricData=[{"MetricName": "m", "Value": float("nan")}])
    raise AssertionError("NaN is no value")
except botocore.exceptions.ClientError as error:
    assert error.response["Error"]["Code"].startswith("InvalidParameterValue"), error.response

secrets = client("secretsmanager")
for number in range(25):
    secrets.create_secret(Name=f"boto3/{number}", SecretBinary=bytes([number]))
pages = secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 10})
assert len([secret for page in pages for secret in page["SecretList"]]) == 25
assert secrets.get_secret_value(SecretId="boto3/7")["SecretBinary"] == b"\x07"
try:
    secrets.get_secret_value(SecretId="boto3/none")
    raise AssertionError("there is none")
except secrets.exceptions.ResourceNotFoundException:
    pass

s3 = client("s3")
s3.create_bucket(Bucket="boto3")
content = b"content " * 2_000_000
s3.upload_fileobj(io.BytesIO(content), "boto3", "big")
assert s3.get_object(Bucket="boto3", Key="big")["Body"].read() == content
s3.put_object(Bucket="boto3", Key="packed", Body=gzip.compress(content), ContentEncoding="gzip")
assert gzip.decompress(s3.get_object(Bucket="boto3", Key="packed")["Body"].read()) == content
print("done")
