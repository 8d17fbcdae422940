"""Our SigV4 signer against botocore's, over requests of which libcurl's own signer gets many wrong.

usage: sigv4_test.py PATH_OF_sign_request
"""

import datetime
import json
import subprocess
import sys
import unittest
from unittest import mock

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
ECS = "https://ecs.eu-west-1.amazonaws.com/"
LAMBDA = "https://lambda.eu-west-1.amazonaws.com"
ECS_HEADERS = [
    ("Content-Type", "application/x-amz-json-1.1"),
    ("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.DescribeServices"),
]
FORM = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
LONG_TOKEN = "FwoGZXIvYXdzE" + "A/+=" * 2048


def case(name, method="GET", url=ECS, headers=(), body=b"", token="", service="ecs", region="eu-west-1", s3=False):
    return {
        "name": name, "method": method, "url": url, "headers": [list(h) for h in headers], "body_hex": body.hex(),
        "access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token": token,
        "region": region, "service": service, "s3": s3, "now": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def lambda_path(name, path):
    return case(name, url=LAMBDA + path, service="lambda")


def query(name, text):
    return case(name, url=f"https://scheduler.eu-west-1.amazonaws.com/schedules{text}", service="scheduler")


def header(name, *headers):
    return case(name, "POST", headers=[*ECS_HEADERS, *headers], body=b"{}")


def s3(name, path, method="GET", body=b"", headers=()):
    return case(name, method, "https://s3.eu-west-1.amazonaws.com" + path, headers, body, service="s3", s3=True)


CASES = [
    case("JSON POST", "POST", headers=ECS_HEADERS, body=b'{"cluster":"c"}'),
    case("JSON POST without body", "POST", headers=ECS_HEADERS),
    case("JSON POST with a session token", "POST", headers=ECS_HEADERS, body=b"{}", token="FwoGZXIvYXdzEXAMPLE=="),
    case("JSON POST with an 8 kB session token", "POST", headers=ECS_HEADERS, body=b"{}", token=LONG_TOKEN),
    case("JSON POST with NUL bytes", "POST", headers=ECS_HEADERS, body=b'{"a":"\0\0b"}\0'),
    case("JSON POST of 300 kB", "POST", headers=ECS_HEADERS, body=b"x" * 300_000),
    case("JSON POST in UTF-8", "POST", headers=ECS_HEADERS, body='{"reason":"Größe €"}'.encode()),
    case("query POST", "POST", "https://sts.amazonaws.com/", FORM,
         b"Action=GetCallerIdentity&Version=2011-06-15", service="sts", region="us-east-1"),
    case("query POST with members", "POST", "https://elasticloadbalancing.eu-west-1.amazonaws.com/", FORM,
         b"Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn=arn%3Aaws%3Ax&Targets.member.1.Id=10.0.0.1",
         service="elasticloadbalancing"),
    case("no path at all", url="https://ecs.eu-west-1.amazonaws.com"),
    case("a query without a path", url="https://ecs.eu-west-1.amazonaws.com?b=2&a=1"),
    lambda_path("plain REST path", "/2015-03-31/functions/fn"),
    lambda_path("final slash", "/2015-03-31/functions/"),
    lambda_path("%3A in the path", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Afn"),
    lambda_path("%20 in the path", "/a%20b/c"),
    lambda_path("UTF-8 in the path, encoded", "/Gr%C3%B6%C3%9Fe"),
    lambda_path("UTF-8 in the path, raw", "/Größe"),
    lambda_path("raw : in the path", "/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:fn/invocations"),
    lambda_path("raw $ in the path", "/2015-03-31/functions/fn:$LATEST/invocations"),
    lambda_path("raw + in the path", "/a+b"),
    lambda_path("raw * in the path", "/a*b"),
    lambda_path("raw @ ! ' ( ) , ; = in the path", "/@!'(),;="),
    lambda_path("unreserved characters in the path", "/-_.~"),
    lambda_path("double slash", "//a//b//"),
    lambda_path("dot segments", "/a/./b/."),
    lambda_path("parent segments", "/a/b/../c"),
    lambda_path("more parents than segments", "/../../a"),
    lambda_path("nothing but dots", "/./../"),
    query("sorted query", "?a=1&b=2"),
    query("unsorted query", "?b=2&a=1&c=3"),
    query("valueless key", "?policy"),
    query("valueless keys between others", "?z&b=1&a"),
    query("repeated keys, unsorted", "?k=b&k=a&k=c"),
    query("%XX in query values", "?filter=a%20b%2Fc%3D"),
    query("upper and lower case keys", "?b=1&B=2&a=3&A=4"),
    query("keys where one begins with the other", "?a-b=1&a=2&ab=3"),
    query("equals sign in a value", "?a=b=c&b"),
    header("custom header", ("X-Custom", "value")),
    header("blanks around and inside a value", ("X-Custom", "  a   b\t c  ")),
    header("empty header", ("X-Foo", "")),
    header("repeated header", ("X-Foo", "two"), ("X-Foo", "one")),
    header("repeated header in another case", ("X-Foo", "two"), ("x-foo", "  one  ")),
    header("headers that are not signed", ("User-Agent", "ecs-recycler/0.1.0"), ("Connection", "keep-alive"),
           ("X-Amzn-Trace-Id", "Root=1-5"), ("Keep-Alive", "5"), ("TE", "trailers")),
    header("Accept and Expect present", ("Accept", "*/*"), ("Expect", "100-continue")),
    header("SDK headers", ("amz-sdk-invocation-id", "0a1b"), ("amz-sdk-request", "attempt=1; max=3")),
    header("a date of our own that is replaced", ("X-Amz-Date", "20200101T000000Z")),
    header("an old signature that is replaced", ("Authorization", "AWS4-HMAC-SHA256 Credential=old")),
    header("a payload hash given by the caller", ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")),
    header("custom Host", ("Host", "ecs.example.com")),
    header("custom Host with a port", ("host", "ecs.example.com:8443")),
    case("custom port", "POST", "http://127.0.0.1:4510/", ECS_HEADERS, b"{}"),
    case("default port of https named", "POST", "https://ecs.eu-west-1.amazonaws.com:443/", ECS_HEADERS, b"{}"),
    case("default port of http named", "POST", "http://localhost:80/", ECS_HEADERS, b"{}"),
    case("port of the other scheme", "POST", "https://localhost:80/", ECS_HEADERS, b"{}"),
    case("IPv6 host", "POST", "http://[::1]:4510/", ECS_HEADERS, b"{}"),
    case("upper-case host", "POST", "https://ECS.EU-WEST-1.amazonaws.com/", ECS_HEADERS, b"{}"),
    case("user info in the URL", "POST", "http://user:word@127.0.0.1:4510/", ECS_HEADERS, b"{}"),
    case("PUT", "PUT", LAMBDA + "/x", body=b"abc", service="lambda"),
    case("PATCH", "PATCH", LAMBDA + "/x", body=b"abc", service="lambda"),
    case("DELETE", "DELETE", LAMBDA + "/x", service="lambda"),
    case("China", "POST", "https://ecs.cn-north-1.amazonaws.com.cn/", ECS_HEADERS, b"{}", region="cn-north-1"),
    s3("S3 GET", "/bucket/key"),
    s3("S3 GET with a session token and a query", "/bucket?list-type=2&prefix=a%2Fb"),
    s3("S3 key with %XX", "/bucket/a%20b%3Ac"),
    s3("S3 key with double slash and dots", "/bucket//a/./b/../c"),
    s3("S3 PUT", "/bucket/key", "PUT", b"content"),
    s3("S3 PUT with a stale payload hash", "/bucket/key", "PUT", b"content", [("x-amz-content-sha256", "00")]),
]


def sign_with_botocore(item):
    request = AWSRequest(method=item["method"], url=item["url"], data=bytes.fromhex(item["body_hex"]))
    for name, value in item["headers"]:
        request.headers.add_header(name, value)
    credentials = Credentials(item["access_key"], item["secret_key"], item["token"] or None)
    signer = (S3SigV4Auth if item["s3"] else SigV4Auth)(credentials, item["service"], item["region"])
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
        signer.add_auth(request)
    return request.headers.items()


def comparable(headers):
    return sorted((name.lower(), value) for name, value in headers)


class SigV4(unittest.TestCase):
    def test_every_case_is_signed_as_botocore_signs_it(self):
        self.assertGreaterEqual(len(CASES), 39)
        self.assertEqual(len(CASES), len({item["name"] for item in CASES}))
        run = subprocess.run([PROGRAM], input=json.dumps(CASES), capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stderr)
        answers = json.loads(run.stdout)
        self.assertEqual(len(answers), len(CASES))
        for item, ours in zip(CASES, answers):
            with self.subTest(item["name"]):
                self.assertEqual(comparable(ours), comparable(sign_with_botocore(item)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop(1)
    unittest.main()
