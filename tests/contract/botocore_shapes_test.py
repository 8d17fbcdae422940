"""Compares our typed AWS services with botocore's models: names, types, required members, enumerations, wire facts.

usage: botocore_shapes_test.py PATH_OF_print_shapes
"""
import copy
import json
import pathlib
import re
import subprocess
import sys
import unittest

import botocore.session

PRINT_SHAPES = sys.argv[1]
SOURCE_DIR = pathlib.Path(__file__).resolve().parents[2]
SESSION = botocore.session.get_session()
SCALARS = {"string", "boolean", "integer", "double", "timestamp"}
# Structs of model/ whose enumeration comments speak of a member of an API struct.
MODEL_VOCABULARY = {
    "service.hpp": {"Service": "ecs", "Deployment": "ecs"},
    "task.hpp": {"Task": "ecs", "Container": "ecs"},
    "balancing.hpp": {"TargetHealth": "elbv2", "TargetGroup": "elbv2"},
}


def model_of(service):
    return SESSION.get_service_model(service)


def compare(ours, theirs, where, problems):
    """Every member of ours exists in theirs with the same type, and is spelt on the wire as the model says."""
    if ours["type"] == "string" and theirs.type_name == "blob":
        return  # base64 on the wire
    if ours["type"] != theirs.type_name:
        problems.append(f"{where}: we say {ours['type']}, the API says {theirs.type_name}")
        return
    if ours["type"] == "list":
        if theirs.serialization.get("flattened") or theirs.member.serialization.get("name", "member") != "member":
            problems.append(f"{where}: this list is not a plain one on the wire: {theirs.serialization}")
        compare(ours["item"], theirs.member, where + "[]", problems)
    elif ours["type"] == "map":
        halves = (theirs.key.serialization.get("name"), theirs.value.serialization.get("name"))
        if theirs.serialization.get("flattened") or halves not in ((None, None), ("Name", "Value")):
            problems.append(f"{where}: this map is not a plain one on the wire: {theirs.serialization}, {halves}")
        compare(ours["item"], theirs.value, where + "{}", problems)
    elif ours["type"] == "structure":
        for name, member in ours["members"].items():
            if name not in theirs.members:
                problems.append(f"{where}.{name}: the API has no such member (has {', '.join(theirs.members)})")
                continue
            wire_name = theirs.members[name].serialization.get("name", name)
            if wire_name != name:
                problems.append(f"{where}.{name}: is called {wire_name} on the wire")
            compare(member["shape"], theirs.members[name], f"{where}.{name}", problems)
    else:
        assert ours["type"] in SCALARS, ours


def compare_required(ours, theirs, where, problems):
    """What the API requires in a request can be said in ours, at every depth."""
    if ours["type"] == "list":
        compare_required(ours["item"], theirs.member, where + "[]", problems)
    if ours["type"] != "structure" or theirs.type_name != "structure":
        return
    for name in theirs.required_members:
        if name not in ours["members"]:
            problems.append(f"{where}.{name}: required by the API, missing in ours")
    for name, member in ours["members"].items():
        if name in theirs.members:
            compare_required(member["shape"], theirs.members[name], f"{where}.{name}", problems)


def side(service, operation, which):
    """The botocore shape of a request or an answer; None when the API has none."""
    model = model_of(service).operation_model(operation["name"])
    return model.input_shape if which == "request" else model.output_shape


def shape_problems(document):
    problems = []
    for service in document["services"]:
        known = model_of(service["botocore"]).operation_names
        for operation in service["operations"]:
            if operation["name"] not in known:
                problems.append(f"{service['botocore']}: the API has no operation {operation['name']}")
                continue
            for which in ("request", "answer"):
                where = f"{service['botocore']} {operation['name']} {which}"
                theirs = side(service["botocore"], operation, which)
                if theirs is None:
                    if operation[which]["members"]:
                        problems.append(f"{where}: the API has none")
                    continue
                compare(operation[which], theirs, where, problems)
                if which == "request":
                    compare_required(operation[which], theirs, where, problems)
    return problems


def members_by_struct(document):
    """{(service, C++ struct, C++ member): {enumerations that the API has there}}"""
    found = {}

    def walk(service, ours, theirs):
        if ours["type"] == "list":
            walk(service, ours["item"], theirs.member)
        elif ours["type"] == "structure":
            for name, member in ours["members"].items():
                if name in theirs.members:
                    key = (service, ours["struct"], member["cpp"])
                    found.setdefault(key, set()).update(getattr(theirs.members[name], "enum", []))
                    walk(service, member["shape"], theirs.members[name])

    for service in document["services"]:
        for operation in service["operations"]:
            for which in ("request", "answer"):
                theirs = side(service["botocore"], operation, which)
                if theirs is not None:
                    walk(service["botocore"], operation[which], theirs)
    return found


def enum_comments(path):
    """(struct, member, values) of lines such as `std::string status; // ACTIVE | DRAINING | INACTIVE`."""
    struct = None
    for line in path.read_text().splitlines():
        if begin := re.match(r"struct (\w+) \{", line):
            struct = begin.group(1)
        member = re.match(r"\s+std::string (\w+);\s+// (\S+(?: \| [\w.\-]+)+)", line)
        if struct and member:
            yield struct, member.group(1), [v.rstrip(";,") for v in member.group(2).split(" | ")]


def vocabulary_problems(document, source_dir):
    enums = members_by_struct(document)
    problems, checked = [], 0
    places = [(path, service["botocore"], None) for service in document["services"]
              for path in sorted((source_dir / "src/aws" / service["folder"]).glob("*.hpp"))]
    places += [(source_dir / "src/model" / name, service, struct)
               for name, structs in MODEL_VOCABULARY.items() for struct, service in structs.items()]
    for path, service, only in places:
        for struct, member, values in enum_comments(path):
            allowed = enums.get((service, struct, member), set())
            if (only and struct != only) or not allowed:
                continue
            checked += 1
            problems += [f"{path.name}: {struct}.{member}: the API has no value {value}"
                         for value in values if value not in allowed]
    return problems, checked


def wire_fact_problems(service):
    theirs = model_of(service["botocore"])
    metadata = theirs.metadata
    problems = []

    def same(what, ours, expected):
        if ours != expected:
            problems.append(f"{service['botocore']} {what}: we say {ours!r}, the API says {expected!r}")

    env = theirs.service_id.hyphenize().replace("-", "_")
    same("signing name", service["signing_name"], theirs.signing_name)
    same("endpoint host", service["endpoint_host"], metadata["endpointPrefix"])
    same("endpoint variable", service["endpoint_env"], env.upper())
    same("config key", service["config_key"], env)
    kind, _, version = service["protocol"].partition(" ")
    if kind not in metadata.get("protocols", [metadata["protocol"]]):
        problems.append(f"{service['botocore']}: does not speak {kind}")
    if kind == "json":
        same("JSON version", version, metadata["jsonVersion"])
        same("target prefix", service["target_prefix"], metadata["targetPrefix"])
    else:
        same("API version", service["api_version"], metadata["apiVersion"])
    return problems


def mutate_first(document, change):
    """A copy of the document in which `change` was applied to the DescribeServices answer."""
    changed = copy.deepcopy(document)
    for operation in changed["services"][0]["operations"]:
        if operation["name"] == "DescribeServices":
            change(operation["answer"]["members"]["services"]["shape"]["item"]["members"])
    return changed


class OurShapes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.document = json.loads(subprocess.run([PRINT_SHAPES], check=True, capture_output=True, timeout=60).stdout)

    def test_every_member_is_one_of_the_api(self):
        self.assertEqual(shape_problems(self.document), [])

    def test_endpoints_protocols_and_signing_names_are_those_of_the_api(self):
        for service in self.document["services"]:
            self.assertEqual(wire_fact_problems(service), [])

    def test_enumerations_in_comments_are_those_of_the_api(self):
        problems, checked = vocabulary_problems(self.document, SOURCE_DIR)
        self.assertEqual(problems, [])
        self.assertGreaterEqual(checked, 15)

    def test_default_values_of_requests_are_allowed(self):
        for entry in self.document["defaults"]:
            members = model_of(entry["botocore"]).operation_model(entry["operation"]).input_shape.members
            self.assertTrue(entry["parameters"], entry)
            for name, value in entry["parameters"].items():
                shape = members[name]
                allowed = shape.member.enum if shape.type_name == "list" else shape.enum
                for item in value if isinstance(value, list) else [value]:
                    self.assertIn(item, allowed, f"{entry['operation']}.{name}")

    def test_a_misspelt_member_is_noticed(self):
        def misspell(members):
            members["desiredCont"] = members.pop("desiredCount")
        self.assertRegex("\n".join(shape_problems(mutate_first(self.document, misspell))),
                         "desiredCont: the API has no such")

    def test_a_wrong_type_is_noticed(self):
        def retype(members):
            members["desiredCount"]["shape"] = {"type": "string"}
        self.assertRegex("\n".join(shape_problems(mutate_first(self.document, retype))),
                         "desiredCount: we say string, the API says integer")

    def test_a_forgotten_required_member_is_noticed(self):
        changed = copy.deepcopy(self.document)
        for operation in changed["services"][0]["operations"]:
            if operation["name"] == "StopTask":
                del operation["request"]["members"]["task"]
        self.assertRegex("\n".join(shape_problems(changed)), "StopTask request.task: required")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
