"""Support for contract tests of every operation: calls that must work, calls that must be refused, and what is owed.

Every answer goes through the strict check of local_ecs.watch_answers and through botocore's own parser.
"""

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local_ecs import CREDENTIALS, REGION, watch_answers


class Conversation:
    """Calls of one service. What each operation has answered is kept: `worked` and `refused` (code by operation)."""

    def __init__(self, local, service):
        session = boto3.Session(aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
        # What is not in the model must reach the server too.
        config = Config(retries={"mode": "standard", "max_attempts": 1}, parameter_validation=False)
        self.service = service
        self.local = local
        self.client = session.client(service, endpoint_url=local.url, config=config)
        watch_answers(self.client)
        self.model = self.client.meta.service_model
        self._methods = {operation: method for method, operation in self.client.meta.method_to_api_mapping.items()}
        self.worked = set()
        self.refusals = {}

    def call(self, operation, **parameters):
        return getattr(self.client, self._methods[operation])(**parameters)

    def works(self, operation, **parameters):
        answer = self.call(operation, **parameters)
        self.worked.add(operation)
        return answer

    def refuses(self, operation, code, message=None, **parameters):
        """`message`: what AWS says, to the letter; None where its words are not known."""
        try:
            answer = self.call(operation, **parameters)
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] != code or message not in (None, told["Message"]):
                raise AssertionError(f"{operation}: {code} {message!r} expected, {told} came") from error
            self.refusals.setdefault(operation, set()).add(code)
            return
        raise AssertionError(f"{operation} must be refused with {code}, and answered {answer}")

    def finds_failure(self, operation, reason, **parameters):
        """A 200 with one entry in `failures` (ECS behaviour A4)."""
        failure, = self.works(operation, **parameters)["failures"]
        if failure["reason"] != reason:
            raise AssertionError(f"{operation}: failure {reason} expected, {failure} came")

    def documented(self, operation):
        """The errors that the model gives the operation, as they stand on the wire."""
        return {shape.metadata.get("error", {}).get("code", shape.name)
                for shape in self.model.operation_model(operation).error_shapes}

    def owed(self, served, excused=None):
        """What is missing, as sentences. `excused`: reasons by error code, or by (operation, error code), where each
        documented error has to be told or excused; None: any refusal will do."""
        missing = [f"{operation}: no call that works" for operation in served if operation not in self.worked]
        for operation in served:
            seen = self.refusals.get(operation, set())
            documented = self.documented(operation)
            if documented and not seen:
                missing.append(f"{operation}: no call that is refused")
            for code in sorted(documented) if excused is not None else ():
                excuse = excused.get((operation, code)) or excused.get(code)
                if code in seen and (operation, code) in excused:
                    missing.append(f"{operation}: {code} is told, and excused: {excuse}")
                if code not in seen and excuse is None:
                    missing.append(f"{operation}: {code} is documented, neither told nor excused")
        return missing
