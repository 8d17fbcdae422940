"""SNS, CloudWatch Logs and EventBridge of the local ECS, by boto3: every answer is parsed by botocore and checked
against its service model.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_messages_test.py
"""

import contextlib
import http.server
import json
import re
import threading
import time
import unittest
import urllib.request
from pathlib import Path

from local_ecs import LocalEcs, refused, wait_for


def setUpModule():
    global LOCAL
    LOCAL = LocalEcs()


def tearDownModule():
    code = LOCAL.stop()
    assert code == 0, f"local up ended with {code}"


class Subscriber:
    """An HTTP endpoint of a user: keeps what it gets, answers `status`."""

    def __init__(self, status=200):
        self.letters = []
        subscriber = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                subscriber.letters.append((dict(self.headers), body.decode()))
                self.send_response(subscriber.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.status = status
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def letter(self, kind):
        def find():
            return [(headers, body) for headers, body in self.letters if headers["x-amz-sns-message-type"] == kind]
        return wait_for(f"a {kind}", find)[-1]


class Sns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sns = LOCAL.client("sns")

    def topic(self, name, **more):
        return self.sns.create_topic(Name=name, **more)["TopicArn"]

    def test_a_topic_lives_from_creation_to_deletion(self):
        arn = self.topic("whole-life", Attributes={"DisplayName": "Whole"}, Tags=[{"Key": "team", "Value": "orders"}])
        self.assertEqual(arn, "arn:aws:sns:us-east-1:000000000000:whole-life")
        self.assertEqual(self.topic("whole-life"), arn)
        self.assertIn({"TopicArn": arn}, self.sns.list_topics()["Topics"])
        attributes = self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        self.assertEqual((attributes["DisplayName"], attributes["Owner"]), ("Whole", "000000000000"))
        self.assertEqual(json.loads(attributes["Policy"])["Id"], "__default_policy_ID")
        retries = json.loads(attributes["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]
        self.assertEqual((retries["numRetries"], retries["minDelayTarget"]), (3, 20))
        self.sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Changed")
        self.assertEqual(self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"], "Changed")
        # Terraform sets all of these.
        for protocol in ("HTTP", "Firehose", "Lambda", "Application", "SQS"):
            self.sns.set_topic_attributes(TopicArn=arn, AttributeName=protocol + "SuccessFeedbackSampleRate",
                                          AttributeValue="0")
        with refused(self, "InvalidParameter", "Invalid parameter: AttributeName"):
            self.sns.set_topic_attributes(TopicArn=arn, AttributeName="Colour", AttributeValue="red")
        self.sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "b"}])
        self.sns.untag_resource(ResourceArn=arn, TagKeys=["team"])
        self.assertEqual(self.sns.list_tags_for_resource(ResourceArn=arn)["Tags"], [{"Key": "a", "Value": "b"}])
        self.sns.delete_topic(TopicArn=arn)
        self.sns.delete_topic(TopicArn=arn)
        with refused(self, "NotFound", "Topic does not exist"):
            self.sns.get_topic_attributes(TopicArn=arn)
        with refused(self, "NotFound", "Topic does not exist"):
            self.sns.publish(TopicArn=arn, Message="m")

    def test_topics_come_in_pages_of_a_hundred(self):
        made = {self.topic(f"page-{i}") for i in range(105)}
        self.assertEqual(len(self.sns.list_topics()["Topics"]), 100)
        listed = [topic["TopicArn"] for part in self.sns.get_paginator("list_topics").paginate()
                  for topic in part["Topics"]]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertLessEqual(made, set(listed))
        for arn in made:
            self.sns.delete_topic(TopicArn=arn)

    def test_an_http_subscriber_confirms_and_is_told(self):
        arn = self.topic("told")
        with contextlib.closing(Subscriber()) as subscriber:
            asked = self.sns.subscribe(TopicArn=arn, Protocol="http", Endpoint=subscriber.url)
            self.assertEqual(asked["SubscriptionArn"], "pending confirmation")
            listed, = self.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
            self.assertEqual(listed["SubscriptionArn"], "PendingConfirmation")
            confirmation = json.loads(subscriber.letter("SubscriptionConfirmation")[1])
            self.assertEqual(confirmation["Type"], "SubscriptionConfirmation")
            with urllib.request.urlopen(confirmation["SubscribeURL"], timeout=10) as answer:
                self.assertIn(b"ConfirmSubscriptionResult", answer.read())
            listed, = self.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
            self.assertTrue(listed["SubscriptionArn"].startswith(arn + ":"))

            color = {"DataType": "String", "StringValue": "red"}
            sent = self.sns.publish(TopicArn=arn, Subject="Hello", Message="multi\nline ü",
                                    MessageAttributes={"color": color})
            headers, body = subscriber.letter("Notification")
            told = json.loads(body)
            self.assertEqual((told["MessageId"], told["TopicArn"], told["Subject"], told["Message"]),
                             (sent["MessageId"], arn, "Hello", "multi\nline ü"))
            self.assertEqual(told["MessageAttributes"], {"color": {"Type": "String", "Value": "red"}})
            self.assertRegex(told["Timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertEqual(headers["x-amz-sns-subscription-arn"], listed["SubscriptionArn"])
            kept, = wait_for("the delivery", lambda: [
                message for message in LOCAL.page("/_local/messages?topic=told")["messages"]
                if message["deliveries"][0]["status"] == "delivered"])
            self.assertEqual((kept["subject"], kept["message"]), ("Hello", "multi\nline ü"))
            self.assertEqual(kept["attributes"], {"color": "red"})

            self.sns.unsubscribe(SubscriptionArn=listed["SubscriptionArn"])
            self.assertEqual(self.sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"], [])
            subscriber.letter("UnsubscribeConfirmation")

    def test_a_subscriber_that_fails_is_tried_again(self):
        arn = self.topic("stubborn")
        with contextlib.closing(Subscriber()) as subscriber:
            policy = json.dumps({"healthyRetryPolicy": {"numRetries": 1, "minDelayTarget": 1, "maxDelayTarget": 1}})
            subscription = self.sns.subscribe(TopicArn=arn, Protocol="http", Endpoint=subscriber.url,
                                              ReturnSubscriptionArn=True,
                                              Attributes={"DeliveryPolicy": policy, "RawMessageDelivery": "true"})
            token = json.loads(subscriber.letter("SubscriptionConfirmation")[1])["Token"]
            self.assertEqual(self.sns.confirm_subscription(TopicArn=arn, Token=token)["SubscriptionArn"],
                             subscription["SubscriptionArn"])
            subscriber.status = 503
            self.sns.publish(TopicArn=arn, Message="raw")

            def given_up():
                message, = LOCAL.page("/_local/messages?topic=stubborn")["messages"]
                return message["deliveries"][0] if message["deliveries"][0]["status"] == "gave up" else None
            delivery = wait_for("the end of the attempts", given_up)
            self.assertEqual((delivery["attempts"], delivery["detail"]), (2, "HTTP 503"))
            self.assertEqual(subscriber.letter("Notification")[1], "raw")

    def test_what_is_not_delivered_is_kept_and_told(self):
        arn = self.topic("kept")
        queue = "arn:aws:sqs:us-east-1:000000000000:q"
        made = self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
        attributes = self.sns.get_subscription_attributes(SubscriptionArn=made)["Attributes"]
        self.assertEqual((attributes["PendingConfirmation"], attributes["Endpoint"]), ("false", queue))
        self.sns.set_subscription_attributes(SubscriptionArn=made, AttributeName="RawMessageDelivery",
                                             AttributeValue="true")
        self.assertIn(made, [each["SubscriptionArn"] for each in self.sns.list_subscriptions()["Subscriptions"]])
        self.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ops@example.com")
        self.sns.publish(TopicArn=arn, Message=json.dumps({"default": "d", "sqs": "q"}), MessageStructure="json")
        told = LOCAL.page("/_local/messages?topic=kept")
        message, = told["messages"]
        self.assertEqual((message["message"], message["deliveries"][0]["status"]), ("d", "not delivered"))
        waiting, = told["unconfirmed"]
        self.assertEqual(waiting["endpoint"], "ops@example.com")
        urllib.request.urlopen(waiting["confirmUrl"], timeout=10).close()
        self.assertEqual(LOCAL.page("/_local/messages?topic=kept")["unconfirmed"], [])

    def test_batches(self):
        arn = self.topic("batches")
        entries = [{"Id": "a", "Message": "one"}, {"Id": "b", "Message": "two", "Subject": "x" * 101}]
        answer = self.sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
        self.assertEqual([each["Id"] for each in answer["Successful"]], ["a"])
        failed, = answer["Failed"]
        self.assertEqual((failed["Id"], failed["Code"], failed["SenderFault"]), ("b", "InvalidParameter", True))
        with refused(self, "BatchEntryIdsNotDistinct"):
            self.sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[entries[0], entries[0]])
        with refused(self, "TooManyEntriesInBatchRequest"):
            self.sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[
                {"Id": str(i), "Message": "m"} for i in range(11)])

    def test_refusals(self):
        arn = self.topic("refusals")
        with refused(self, "InvalidParameter", "Invalid parameter: Topic Name"):
            self.sns.create_topic(Name="no spaces")
        with refused(self, "InvalidParameter"):
            self.sns.create_topic(Name="refusals", Attributes={"DisplayName": "other"})
        with refused(self, "InvalidParameter", "Invalid parameter: Subject"):
            self.sns.publish(TopicArn=arn, Message="m", Subject="x" * 101)
        with refused(self, "InvalidParameter", "Invalid parameter: Message too long"):
            self.sns.publish(TopicArn=arn, Message="m" * 262145)
        with refused(self, "InvalidParameter", "Invalid parameter: Endpoint must match the specified protocol"):
            self.sns.subscribe(TopicArn=arn, Protocol="http", Endpoint="ftp://x")
        with refused(self, "InvalidParameter", "Invalid parameter: Token"):
            self.sns.confirm_subscription(TopicArn=arn, Token="made-up")


def millis():
    return int(time.time() * 1000)


class Logs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.logs = LOCAL.client("logs")

    def messages(self, group, stream, **more):
        return [event["message"] for event in
                self.logs.get_log_events(logGroupName=group, logStreamName=stream, **more)["events"]]

    def group_with(self, group, stream, messages):
        self.logs.create_log_group(logGroupName=group)
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        start = millis() - 1000
        self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
            {"timestamp": start + i, "message": message} for i, message in enumerate(messages)])
        return start

    def test_a_group_lives_from_creation_to_deletion(self):
        self.logs.create_log_group(logGroupName="/life", tags={"team": "orders"})
        with refused(self, "ResourceAlreadyExistsException", "The specified log group already exists"):
            self.logs.create_log_group(logGroupName="/life")
        group, = self.logs.describe_log_groups(logGroupNamePrefix="/li")["logGroups"]
        arn = group["logGroupArn"]
        self.assertEqual((group["arn"], arn), (arn + ":*", "arn:aws:logs:us-east-1:000000000000:log-group:/life"))
        self.assertNotIn("retentionInDays", group)
        self.logs.put_retention_policy(logGroupName="/life", retentionInDays=14)
        group, = self.logs.describe_log_groups(logGroupNamePattern="LIF")["logGroups"]
        self.assertEqual(group["retentionInDays"], 14)
        with refused(self, "InvalidParameterException"):
            self.logs.put_retention_policy(logGroupName="/life", retentionInDays=2)
        self.logs.delete_retention_policy(logGroupName="/life")
        self.logs.tag_resource(resourceArn=arn, tags={"a": "b"})
        self.logs.untag_resource(resourceArn=arn, tagKeys=["team"])
        self.assertEqual(self.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"a": "b"})
        self.logs.tag_log_group(logGroupName="/life", tags={"older": "way"})
        self.logs.untag_log_group(logGroupName="/life", tags=["a"])
        self.assertEqual(self.logs.list_tags_log_group(logGroupName="/life")["tags"], {"older": "way"})
        self.logs.delete_log_group(logGroupName="/life")
        with refused(self, "ResourceNotFoundException", "The specified log group does not exist."):
            self.logs.delete_log_group(logGroupName="/life")

    def test_streams_are_described_by_name_and_by_last_event(self):
        start = self.group_with("/streams", "b", ["x", "y"])
        self.logs.create_log_stream(logGroupName="/streams", logStreamName="a")
        told = self.logs.describe_log_streams(logGroupName="/streams")["logStreams"]
        self.assertEqual([stream["logStreamName"] for stream in told], ["a", "b"])
        self.assertEqual((told[1]["firstEventTimestamp"], told[1]["lastEventTimestamp"]), (start, start + 1))
        newest = self.logs.describe_log_streams(logGroupName="/streams", orderBy="LastEventTime", descending=True,
                                                limit=1)
        self.assertEqual([stream["logStreamName"] for stream in newest["logStreams"]], ["b"])
        self.assertIn("nextToken", newest)
        self.logs.delete_log_stream(logGroupName="/streams", logStreamName="a")
        with refused(self, "ResourceNotFoundException", "The specified log stream does not exist."):
            self.messages("/streams", "a")

    def test_events_are_read_forward_and_backward(self):
        self.group_with("/read", "s", [str(i) for i in range(10)])
        self.assertEqual(self.messages("/read", "s", limit=3), ["7", "8", "9"])
        page = self.logs.get_log_events(logGroupName="/read", logStreamName="s", limit=4, startFromHead=True)
        self.assertEqual([event["message"] for event in page["events"]], ["0", "1", "2", "3"])
        seen = []
        token = page["nextForwardToken"]
        while True:
            page = self.logs.get_log_events(logGroupName="/read", logStreamName="s", limit=4, nextToken=token)
            seen += [event["message"] for event in page["events"]]
            if page["nextForwardToken"] == token:
                break
            token = page["nextForwardToken"]
        self.assertEqual(seen, ["4", "5", "6", "7", "8", "9"])
        newest = self.logs.get_log_events(logGroupName="/read", logStreamName="s", limit=2)
        self.assertEqual(self.messages("/read", "s", limit=2, nextToken=newest["nextBackwardToken"]), ["6", "7"])
        self.logs.put_log_events(logGroupName="/read", logStreamName="s",
                                 logEvents=[{"timestamp": millis(), "message": "later"}])
        self.assertEqual(self.messages("/read", "s", nextToken=token), ["later"])
        with refused(self, "InvalidParameterException", "The specified nextToken is invalid."):
            self.messages("/read", "s", nextToken="made-up")

    def test_events_are_filtered(self):
        start = self.group_with("/filter", "one", ["ERROR a", "fine", '{"level": "error", "ms": 120}'])
        self.logs.create_log_stream(logGroupName="/filter", logStreamName="two")
        self.logs.put_log_events(logGroupName="/filter", logStreamName="two",
                                 logEvents=[{"timestamp": start + 1, "message": "ERROR b"}])

        def found(pattern, **more):
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName="/filter",
                                                                          filterPattern=pattern, **more)
            return [(event["logStreamName"], event["message"]) for page in pages for event in page["events"]]
        self.assertEqual(found("ERROR"), [("one", "ERROR a"), ("two", "ERROR b")])
        self.assertEqual(found("ERROR", PaginationConfig={"PageSize": 1}), [("one", "ERROR a"), ("two", "ERROR b")])
        self.assertEqual(found("ERROR -b"), [("one", "ERROR a")])
        self.assertEqual(len(found("?fine ?ERROR")), 3)
        self.assertEqual(len(found("{ $.level = err* && $.ms > 100 }")), 1)
        self.assertEqual(found("ERROR", logStreamNames=["two"]), [("two", "ERROR b")])
        self.assertEqual(found("", startTime=start + 2, endTime=start + 3)[0][1], '{"level": "error", "ms": 120}')
        with refused(self, "InvalidParameterException"):
            found("{ $.level }")

    def test_what_cannot_be_taken_is_refused_or_told(self):
        self.group_with("/put", "s", ["x"])
        now = millis()

        def put(*times):
            return self.logs.put_log_events(logGroupName="/put", logStreamName="s", logEvents=[
                {"timestamp": at, "message": "m"} for at in times])
        with refused(self, "InvalidParameterException",
                     "Log events in a single PutLogEvents request must be in chronological order."):
            put(now, now - 1)
        with refused(self, "InvalidParameterException"):
            put(now - 25 * 3600 * 1000, now)
        day = 24 * 3600 * 1000
        self.assertEqual(put(now - 14 * day - 60000, now - 14 * day + 60000)["rejectedLogEventsInfo"],
                         {"tooOldLogEventEndIndex": 1})
        self.assertEqual(put(now, now + 3 * 3600 * 1000)["rejectedLogEventsInfo"], {"tooNewLogEventStartIndex": 1})
        self.logs.put_retention_policy(logGroupName="/put", retentionInDays=1)
        self.assertEqual(put(now - day - 60000, now - 60000)["rejectedLogEventsInfo"], {"expiredLogEventEndIndex": 1})
        with refused(self, "InvalidParameterException"):
            self.logs.put_log_events(logGroupName="/put", logStreamName="s",
                                     logEvents=[{"timestamp": now, "message": "m" * (1 << 20)}])


# What a container needs to ask the endpoints that it is told of.
ASK = """
import json, os, time, urllib.request
def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method="GET" if body is None else "PUT")
    return json.load(urllib.request.urlopen(request, timeout=10))
"""


class Tasks(unittest.TestCase):
    """What tasks of a service write and do, as Logs and EventBridge tell it."""

    @classmethod
    def setUpClass(cls):
        cls.ecs, cls.logs = LOCAL.client("ecs"), LOCAL.client("logs")
        cls.events, cls.sns = LOCAL.client("events"), LOCAL.client("sns")
        cls.ecs.create_cluster(clusterName="messages")

    def run_task(self, family, container, **more):
        self.ecs.register_task_definition(family=family, containerDefinitions=[{"name": "app", "memory": 64,
                                                                               "image": "any", **container}])
        task, = self.ecs.run_task(cluster="messages", taskDefinition=family, **more)["tasks"]
        return task["taskArn"]

    def stopped(self, arn):
        def look():
            task, = self.ecs.describe_tasks(cluster="messages", tasks=[arn])["tasks"]
            return task if task["lastStatus"] == "STOPPED" else None
        return wait_for("a stopped task", look)

    def test_the_output_of_a_container_is_in_its_stream(self):
        self.logs.create_log_group(logGroupName="/ecs/talk")
        options = {"awslogs-group": "/ecs/talk", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "shop"}
        arn = self.run_task("talk", {"command": ["sh", "-c", "echo one; echo two >&2; printf three"],
                                     "logConfiguration": {"logDriver": "awslogs", "options": options}})
        stream = "shop/app/" + arn.rsplit("/", 1)[1]
        self.stopped(arn)
        told = wait_for("three lines", lambda: [
            events for events in [self.logs.get_log_events(logGroupName="/ecs/talk", logStreamName=stream)["events"]]
            if len(events) == 3])[0]
        self.assertEqual([event["message"] for event in told], ["one", "two", "three"])
        self.assertLess(abs(told[0]["timestamp"] - millis()), 60000)

    def test_a_group_that_is_not_there_keeps_the_task_from_starting(self):
        options = {"awslogs-group": "/ecs/missing", "awslogs-stream-prefix": "shop"}
        container = {"command": ["true"], "logConfiguration": {"logDriver": "awslogs", "options": options}}
        task = self.stopped(self.run_task("logless", container))
        self.assertEqual((task["stopCode"], task["stoppedReason"]), ("TaskFailedToStart", "Task failed to start"))
        self.assertEqual(task["containers"][0]["reason"],
                         "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: "
                         "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group "
                         "does not exist.")
        container["logConfiguration"]["options"] = {**options, "awslogs-create-group": "true"}
        self.assertEqual(self.stopped(self.run_task("logging", container))["stopCode"], "EssentialContainerExited")
        self.assertEqual(len(self.logs.describe_log_streams(logGroupName="/ecs/missing")["logStreams"]), 1)

    def told_by_container(self, family, script, **service):
        """Runs the Python text in a container, alone or as a service; returns what it printed, as JSON."""
        options = {"awslogs-group": "/ecs/" + family, "awslogs-stream-prefix": "p", "awslogs-create-group": "true"}
        container = {"name": "app", "image": "any", "memory": 128, "command": ["python3", "-c", ASK + script],
                     "logConfiguration": {"logDriver": "awslogs", "options": options}}
        self.ecs.register_task_definition(family=family, containerDefinitions=[container])
        if service:
            self.ecs.create_service(cluster="messages", taskDefinition=family, desiredCount=1, **service)
        else:
            self.ecs.run_task(cluster="messages", taskDefinition=family)

        def look():
            with contextlib.suppress(self.logs.exceptions.ResourceNotFoundException):
                return self.logs.filter_log_events(logGroupName="/ecs/" + family)["events"]
        return json.loads(wait_for("what the container prints", look)[0]["message"])

    def test_a_container_asks_about_itself(self):
        """ECS behaviour F7."""
        told = self.told_by_container("curious", """
told = {name: ask(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + name)
        for name in ("", "/task", "/stats", "/task/stats")}
print(json.dumps(told), flush=True)""")
        self.assertEqual((told["/task"]["Family"], told["/task"]["Cluster"]), ("curious", "messages"))
        task, = self.ecs.describe_tasks(cluster="messages", tasks=[told["/task"]["TaskARN"]])["tasks"]
        self.assertEqual(task["containers"][0]["runtimeId"], told[""]["DockerId"])
        self.assertEqual((told[""]["Name"], told[""]["Limits"]["Memory"]), ("app", 128))
        self.assertEqual(told["/task"]["Containers"], [told[""]])
        self.assertGreater(told["/stats"]["memory_stats"]["usage"], 100_000)
        self.assertEqual(told["/task/stats"][told[""]["DockerId"]]["memory_stats"]["limit"], 128 << 20)

    def test_a_task_protects_itself(self):
        """ECS behaviour B13."""
        script = """
uri = os.environ["ECS_AGENT_URI"] + "/task-protection/v1/state"
told = [ask(uri), ask(uri, {"ProtectionEnabled": True, "ExpiresInMinutes": 60}), ask(uri)]
print(json.dumps(told), flush=True)
time.sleep(1000)"""
        before, after, again = self.told_by_container("careful", script, serviceName="careful")
        self.assertIs(before["protection"]["ProtectionEnabled"], False)
        self.assertEqual(after, again)
        self.assertIs(after["protection"]["ProtectionEnabled"], True)
        arn = after["protection"]["TaskArn"]
        protected, = self.ecs.get_task_protection(cluster="messages", tasks=[arn])["protectedTasks"]
        self.assertTrue(protected["protectionEnabled"])
        self.assertEqual(protected["expirationDate"].strftime("%Y-%m-%dT%H:%M"),
                         after["protection"]["ExpirationDate"][:16])
        self.ecs.delete_service(cluster="messages", service="careful", force=True)
        alone = self.told_by_container("careless", script.replace("time.sleep(1000)", ""))
        self.assertEqual(alone[1]["failure"]["Reason"], "TASK_NOT_VALID")

    def subscribe(self, rule, pattern):
        """A rule whose events come to a topic of the same name; returns a function that reads them."""
        topic = self.sns.create_topic(Name=rule)["TopicArn"]
        self.events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        answer = self.events.put_targets(Rule=rule, Targets=[{"Id": "topic", "Arn": topic}])
        self.assertEqual(answer["FailedEntryCount"], 0)

        def told():
            messages = LOCAL.page(f"/_local/messages?topic={rule}")["messages"]
            return [json.loads(message["message"]) for message in reversed(messages)]
        self.addCleanup(self.events.delete_rule, Name=rule)
        self.addCleanup(self.events.remove_targets, Rule=rule, Ids=["topic"])
        return told

    def test_a_service_tells_its_deployment_and_the_life_of_its_tasks(self):
        told = self.subscribe("life", {"source": ["aws.ecs"], "resources": [{"wildcard": "*messages/*"}]})
        self.ecs.register_task_definition(family="life", containerDefinitions=[
            {"name": "app", "image": "any", "memory": 64, "command": ["sleep", "1000"],
             "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 5}}])
        service = self.ecs.create_service(cluster="messages", serviceName="lively", taskDefinition="life",
                                          desiredCount=1)["service"]
        wait_for("a steady state", lambda: any(
            event["detail"].get("eventName") == "SERVICE_STEADY_STATE" for event in told()))
        events = told()
        for event in events:
            self.assertEqual({"version", "id", "detail-type", "source", "account", "time", "region", "resources",
                              "detail"}, set(event))
        deployments = [event for event in events if event["detail-type"] == "ECS Deployment State Change"]
        self.assertEqual([event["detail"]["eventName"] for event in deployments],
                         ["SERVICE_DEPLOYMENT_IN_PROGRESS", "SERVICE_DEPLOYMENT_COMPLETED"])
        deployment = service["deployments"][0]["id"]
        self.assertEqual(deployments[0]["resources"], [service["serviceArn"]])
        self.assertEqual({key: value for key, value in deployments[0]["detail"].items() if key != "updatedAt"},
                         {"eventType": "INFO", "eventName": "SERVICE_DEPLOYMENT_IN_PROGRESS",
                          "deploymentId": deployment, "reason": f"ECS deployment {deployment} in progress."})
        steady = [event for event in events if event["detail-type"] == "ECS Service Action"][-1]["detail"]
        self.assertEqual((steady["eventType"], steady["clusterArn"]), ("INFO", service["clusterArn"]))

        states = [event["detail"] for event in events if event["detail-type"] == "ECS Task State Change"]
        statuses = [state["lastStatus"] for state in states]
        self.assertEqual(sorted(set(statuses), key=statuses.index),
                         ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"])
        self.assertEqual([state["version"] for state in states], sorted({state["version"] for state in states}))
        described, = self.ecs.describe_tasks(cluster="messages", tasks=[states[-1]["taskArn"]])["tasks"]
        for name in ("group", "startedBy", "clusterArn", "taskDefinitionArn", "launchType", "cpu", "memory",
                     "containerInstanceArn", "availabilityZone", "desiredStatus"):
            self.assertEqual(states[-1][name], described[name], name)
        self.assertNotIn("healthStatus", states[-1])

        self.ecs.delete_service(cluster="messages", service="lively", force=True)
        last = wait_for("a stopped task", lambda: [
            event["detail"] for event in told() if event["detail"].get("lastStatus") == "STOPPED"])[-1]
        self.assertEqual((last["stopCode"], last["desiredStatus"]), ("ServiceSchedulerInitiated", "STOPPED"))

    def test_the_out_of_memory_rule_of_the_terraform_module_fires(self):
        """ECS behaviour F6; the pattern is the one in deploy/terraform/alarms.tf."""
        pattern = terraform_pattern("out_of_memory_pattern", {
            "local.ecs_prefix": "arn:aws:ecs:us-east-1:000000000000", "var.ecs_cluster_name": "messages",
            "var.ecs_service_name": "leaky"})
        told = self.subscribe("out-of-memory", pattern)
        leak = [{"name": "LEAK_BYTES_PER_SECOND", "value": str(200 << 20)}]
        self.ecs.register_task_definition(family="leaky", networkMode="awsvpc", containerDefinitions=[
            {"name": "web", "image": "ecs-recycler/leaky-web", "memory": 32, "environment": leak,
             "portMappings": [{"containerPort": 8080}]}])
        self.ecs.create_service(
            cluster="messages", serviceName="leaky", taskDefinition="leaky", desiredCount=1,
            networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-a"]}})
        event = wait_for("the rule to fire", told)[0]
        self.ecs.delete_service(cluster="messages", service="leaky", force=True)
        container, = event["detail"]["containers"]
        self.assertEqual((event["detail"]["group"], event["detail"]["lastStatus"], container["exitCode"]),
                         ("service:leaky", "STOPPED", 137))
        self.assertEqual(container["reason"], "OutOfMemoryError: Container killed due to memory usage")


def terraform_pattern(name, variables):
    """The object of that name in the module's alarms.tf, which is HCL of the plainest kind."""
    text = (Path(__file__).parents[2] / "deploy/terraform/alarms.tf").read_text(encoding="utf-8")
    block = terraform_local(text, name)
    for variable, value in variables.items():
        block = block.replace("${" + variable + "}", value)
    block = re.sub(r"#.*", "", block)
    block = re.sub(r'"?([\w$-]+)"?\s*=\s*', r'"\1": ', block)
    return json.loads(re.sub(r'(["\]}])\n(\s*["{])', r"\1,\n\2", block))


def terraform_local(text, name):
    """What a name stands for under `locals`, and so the names within it."""
    start = re.search(rf"^(\s*){name} = ([{{\[])$", text, re.MULTILINE)
    close = "}" if start.group(2) == "{" else "]"
    end = text.index("\n" + start.group(1) + close, start.end())
    block = start.group(2) + text[start.end():end] + "\n" + close
    return re.sub(r"(= )local\.(\w+)", lambda found: found.group(1) + terraform_local(text, found.group(2)), block)


class EventBridge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.events, cls.sns, cls.logs = LOCAL.client("events"), LOCAL.client("sns"), LOCAL.client("logs")

    def put(self, **more):
        entry = {"Source": "shop", "DetailType": "Order", "Detail": json.dumps({"id": "o-1", "total": 12.5}), **more}
        return self.events.put_events(Entries=[entry])

    def test_a_rule_lives_from_creation_to_deletion(self):
        arn = self.events.put_rule(Name="whole-life", EventPattern='{"source":["x"]}', Description="d",
                                   Tags=[{"Key": "team", "Value": "orders"}])["RuleArn"]
        self.assertEqual(arn, "arn:aws:events:us-east-1:000000000000:rule/whole-life")
        rule = self.events.describe_rule(Name="whole-life")
        self.assertEqual((rule["State"], rule["Description"], rule["EventPattern"]),
                         ("ENABLED", "d", '{"source":["x"]}'))
        self.events.disable_rule(Name="whole-life")
        listed, = self.events.list_rules(NamePrefix="whole")["Rules"]
        self.assertEqual(listed["State"], "DISABLED")
        self.events.enable_rule(Name="whole-life")
        self.events.tag_resource(ResourceARN=arn, Tags=[{"Key": "a", "Value": "b"}])
        self.events.untag_resource(ResourceARN=arn, TagKeys=["team"])
        self.assertEqual(self.events.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "a", "Value": "b"}])
        target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:q", "InputPath": "$.detail"}
        self.events.put_targets(Rule="whole-life", Targets=[target])
        self.assertEqual(self.events.list_targets_by_rule(Rule="whole-life")["Targets"], [target])
        self.assertEqual(self.events.list_rule_names_by_target(TargetArn=target["Arn"])["RuleNames"], ["whole-life"])
        with refused(self, "ValidationException", "Rule can't be deleted since it has targets."):
            self.events.delete_rule(Name="whole-life")
        self.assertEqual(self.events.remove_targets(Rule="whole-life", Ids=["q", "none"])["FailedEntryCount"], 1)
        self.events.delete_rule(Name="whole-life")
        with refused(self, "ResourceNotFoundException", "Rule whole-life does not exist on EventBus default."):
            self.events.describe_rule(Name="whole-life")

    def test_an_event_is_transformed_for_its_targets(self):
        topic = self.sns.create_topic(Name="orders")["TopicArn"]
        self.logs.create_log_group(logGroupName="/aws/events/orders")
        self.events.put_rule(Name="orders", EventPattern=json.dumps({"detail": {"total": [{"numeric": [">", 10]}]}}))
        self.events.put_targets(Rule="orders", Targets=[
            {"Id": "topic", "Arn": topic, "InputTransformer": {
                "InputPathsMap": {"id": "$.detail.id", "total": "$.detail.total"},
                "InputTemplate": '"Order <id> of <total>"'}},
            {"Id": "log", "Arn": "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/orders"}])
        answer = self.put()
        self.assertEqual(answer["FailedEntryCount"], 0)
        self.put(Detail='{"total": 1}')
        message, = LOCAL.page("/_local/messages?topic=orders")["messages"]
        self.assertEqual(message["message"], '"Order o-1 of 12.5"')
        logged, = self.logs.get_log_events(logGroupName="/aws/events/orders", logStreamName="orders")["events"]
        event = json.loads(logged["message"])
        self.assertEqual((event["id"], event["source"], event["detail"]),
                         (answer["Entries"][0]["EventId"], "shop", {"id": "o-1", "total": 12.5}))

    def test_entries_that_are_no_events_are_told(self):
        self.assertEqual(self.put(Source="aws.ecs")["Entries"][0]["ErrorCode"], "NotAuthorizedForSourceException")
        self.assertEqual(self.put(Detail="{")["Entries"][0]["ErrorCode"], "MalformedDetail")
        self.assertEqual(self.put(Detail="")["Entries"][0]["ErrorCode"], "InvalidArgument")

    def test_patterns_can_be_tried(self):
        event = {"id": "1", "account": "0", "source": "shop", "time": "2026-01-02T03:04:05Z", "region": "r",
                 "resources": [], "detail-type": "t", "detail": {"a": "b"}}
        for pattern, result in (({"detail": {"a": [{"prefix": "b"}]}}, True), ({"detail": {"a": ["c"]}}, False)):
            answer = self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
            self.assertIs(answer["Result"], result)
        with refused(self, "InvalidEventPatternException"):
            self.events.test_event_pattern(EventPattern='{"a":[]}', Event=json.dumps(event))

    def test_refusals(self):
        with refused(self, "InvalidEventPatternException", 'Event pattern is not valid. Reason: "source" must be an '
                                                           'object or an array'):
            self.events.put_rule(Name="bad", EventPattern='{"source":"x"}')
        with refused(self, "ValidationException"):
            self.events.put_rule(Name="clock", ScheduleExpression="rate(1 minute)")
        with refused(self, "ResourceNotFoundException", "Event bus other does not exist."):
            self.events.put_rule(Name="bus", EventPattern='{"source":["x"]}', EventBusName="other")
        with refused(self, "ResourceNotFoundException"):
            self.events.put_targets(Rule="none", Targets=[{"Id": "1", "Arn": "arn:x"}])


if __name__ == "__main__":
    unittest.main()
