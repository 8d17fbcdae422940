"""SNS of the local ECS, by boto3: every answer is parsed by botocore and checked against its service model.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_messages_test.py
"""

import contextlib
import http.server
import json
import threading
import unittest
import urllib.request

from local_ecs import LocalEcs, refused, wait_for


def setUpModule():
    global LOCAL
    LOCAL = LocalEcs()


def tearDownModule():
    code = LOCAL.stop()
    assert code == 0, f"local up ended with {code}"


def page(path):
    with urllib.request.urlopen(LOCAL.url + path, timeout=10) as answer:
        return json.load(answer)


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
                message for message in page("/_local/messages?topic=told")["messages"]
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
                message, = page("/_local/messages?topic=stubborn")["messages"]
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
        told = page("/_local/messages?topic=kept")
        message, = told["messages"]
        self.assertEqual((message["message"], message["deliveries"][0]["status"]), ("d", "not delivered"))
        waiting, = told["unconfirmed"]
        self.assertEqual(waiting["endpoint"], "ops@example.com")
        urllib.request.urlopen(waiting["confirmUrl"], timeout=10).close()
        self.assertEqual(page("/_local/messages?topic=kept")["unconfirmed"], [])

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


if __name__ == "__main__":
    unittest.main()
