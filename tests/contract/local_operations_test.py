"""Every operation of the services of the local ECS works, and is refused as AWS refuses it; docs/local-ecs.md tells so.

usage: ECSR_BIN=PATH_OF_ecs-recycler local_operations_test.py
"""

import importlib.machinery
import importlib.util
import re
import unittest
from pathlib import Path

import botocore.session

import conformance_ecs
import conformance_services
from conformance import Conversation
from local_ecs import LocalEcs, error_codes

ROOT = Path(__file__).resolve().parent.parent.parent


def load_tool():
    path = ROOT / "tools" / "local_operations"
    loader = importlib.machinery.SourceFileLoader("local_operations", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


TOOL = load_tool()


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.local = LocalEcs("--runtime", "virtual")
        cls.addClassCleanup(cls.local.close)
        session = botocore.session.get_session()
        cls.models = {service: session.get_service_model(service) for service in TOOL.SERVICES}

    def converse(self, service, scenes, excused=None):
        """Each operation that the documentation says works answers what its model says, and so do its refusals."""
        talk = Conversation(self.local, service)
        for scene in scenes:
            with self.subTest(service=service, scene=scene.__name__):
                scene(talk)
        self.assertEqual(talk.owed(TOOL.classify(self.local.url, self.models[service])[0], excused), [])

    def test_every_operation_of_ecs(self):
        self.converse("ecs", conformance_ecs.SCENES, conformance_ecs.EXCUSED)

    def test_every_operation_of_the_other_services(self):
        for service, scenes in conformance_services.SCENES.items():
            self.converse(service, scenes)
        self.assertEqual({"ecs", *conformance_services.SCENES}, set(TOOL.SERVICES))

    def test_the_tables_of_the_documentation_are_what_is_served(self):
        document = TOOL.DOCUMENT.read_text()
        shown = document[document.index(TOOL.BEGIN) + len(TOOL.BEGIN):document.index(TOOL.END)]
        known = {operation for model in self.models.values() for operation in model.operation_names}
        named = set(re.findall(r"^\| ([A-Z]\w+) \|", shown, re.MULTILINE))
        if named - known:
            self.skipTest(f"this botocore is too old to know {sorted(named - known)}")
        self.assertEqual(shown, TOOL.tables(self.local.url),
                         "run: tools/local_operations build/dev/apps/ecs-recycler --write")

    def test_a_request_without_its_members_is_refused_as_aws_refuses_it(self):
        for service, model in self.models.items():
            for operation in TOOL.classify(self.local.url, model)[0]:
                shape = model.operation_model(operation)
                if not (shape.input_shape and shape.input_shape.required_members):
                    continue
                with self.subTest(service=service, operation=operation):
                    status, code, _ = TOOL.ask(self.local.url, model, operation)
                    self.assertIn(status, (400, 404))
                    self.assertIn(code, error_codes(shape) | {"InvalidParameter", "NotFound", "NotFoundException"})

    def test_what_no_service_has_is_unknown(self):
        for service, model in self.models.items():
            with self.subTest(service):
                is_json = "targetPrefix" in model.metadata
                expected = (404, "UnknownOperationException") if is_json else (400, "InvalidAction")
                self.assertEqual(TOOL.ask(self.local.url, model, "Frobnicate")[:2], expected)


if __name__ == "__main__":
    unittest.main()
