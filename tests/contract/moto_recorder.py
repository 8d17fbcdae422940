"""moto's AWS in this process, which keeps what it is asked as actions of IAM."""

import io
import json
import logging
import re
import threading

import boto3
from moto.awslambda.models import lambda_backends
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

ACCOUNT, REGION = "123456789012", "us-east-1"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
# Rights of the writes in a transaction of DynamoDB; the call itself has none.
OF_TRANSACTION = {"Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem", "Delete": "dynamodb:DeleteItem",
                  "ConditionCheck": "dynamodb:ConditionCheckItem"}


class RecordedMoto:
    def __init__(self, runs_functions=False):
        """`runs_functions`: an invocation of a function that there is is answered, though nothing runs."""
        self.runs_functions = runs_functions
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.actions = []
        self.backend = DomainDispatcherApplication(create_backend_app)
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, environ, start_response):
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if target.startswith("DynamoDB_"):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            self.record(target.rsplit(".", 1)[1], json.loads(body))
            environ["wsgi.input"] = io.BytesIO(body)
        invoked = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", environ["PATH_INFO"])
        if invoked and self.runs_functions:
            lambda_backends[ACCOUNT][REGION].get_function(invoked[1])
            event = environ.get("HTTP_X_AMZ_INVOCATION_TYPE") == "Event"
            start_response("202 Accepted" if event else "200 OK", [("Content-Type", "application/json")])
            return [b"" if event else b'{"statusCode": 200}']
        return self.backend(environ, start_response)

    def record(self, operation, body):
        if operation == "TransactWriteItems":
            self.actions += [OF_TRANSACTION[kind] for item in body["TransactItems"] for kind in item]
        else:
            self.actions.append("dynamodb:" + operation)

    def create_table(self, name):
        boto3.client("dynamodb", endpoint_url=self.url, **KEYS).create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                                  {"AttributeName": "sk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}])

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
