#!/usr/bin/env python3
"""tools/tidy: each rule on a small tree that breaks it, and on one that does not."""

import contextlib
import importlib.machinery
import importlib.util
import io
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TIDY = ROOT / "tools" / "tidy"

CMAKE = """project(x)
ecsr_room(base FOLDER base LINKS fmt::fmt PRIVATE_LINKS spdlog::spdlog)
ecsr_room(model FOLDER model LINKS ecsr_base)
ecsr_room(net FOLDER net LINKS ecsr_base PRIVATE_LINKS CURL::libcurl)
ecsr_room(local_state FOLDER local/state LINKS ecsr_base)
"""


A_CPP = "src/model/a.cpp"


def load_tidy():
    loader = importlib.machinery.SourceFileLoader("tidy", str(TIDY))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
    sys.dont_write_bytecode = True
    sys.modules["tidy"] = module
    loader.exec_module(module)
    return module


tidy = load_tidy()


class TidyCase(unittest.TestCase):
    def findings(self, files: dict[str, str], cmake: str = CMAKE) -> list[str]:
        """The findings on a tree of these files, without the figures."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "CMakeLists.txt").write_text(cmake)
            for room in ("base", "model", "net", "local/state"):
                (root / "src" / room).mkdir(parents=True)
                (root / "src" / room / "README.md").write_text("# Room\n")
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                code = tidy.main(["--root", folder])
            found = [line for line in output.getvalue().splitlines() if re.match(r"[^ ]+:\d+: ", line)]
            self.assertEqual(code, 1 if found else 0)
            return found

    def assert_one(self, files: dict[str, str], place: str, words: str, cmake: str = CMAKE):
        found = self.findings(files, cmake)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(place + ": "), found[0])
        self.assertIn(words, found[0])

    def assert_clean(self, files: dict[str, str]):
        self.assertEqual(self.findings(files), [])


def header(body: str) -> str:
    return "// What this is.\n#pragma once\n" + body


class IncludesTest(TidyCase):
    def test_a_room_may_include_what_it_links_directly_or_further_down(self):
        self.assert_clean({"src/base/a.hpp": header(""), "src/model/b.cpp": '#include "base/a.hpp"\n',
                           "src/local/state/c.cpp": '#include "local/state/c.hpp"\n',
                           "src/local/state/c.hpp": header("")})

    def test_a_link_that_cmake_does_not_have(self):
        self.assert_one({"src/base/a.cpp": '#include "model/b.hpp"\n'}, "src/base/a.cpp:1",
                        "base may not include model")

    def test_no_room_links_net(self):
        self.assert_one({}, "CMakeLists.txt:1", "only apps may",
                        CMAKE.replace("local/state LINKS ecsr_base", "local/state LINKS ecsr_net"))

    def test_a_path_that_does_not_start_at_src(self):
        self.assert_one({"src/base/a.cpp": '#include "a.hpp"\n'}, "src/base/a.cpp:1",
                        'write the path from src/ ("base/...")')

    def test_a_file_outside_every_room(self):
        self.assert_one({"src/lost/a.cpp": "\n"}, "src/lost/a.cpp:1", "belongs to no room")

    def test_a_library_in_the_wrong_room(self):
        self.assert_one({A_CPP: "#include <curl/curl.h>\n"}, A_CPP + ":1", "libcurl does not belong")

    def test_a_heavy_library_in_a_header(self):
        self.assert_one({"src/net/a.hpp": header("#include <curl/curl.h>\n")}, "src/net/a.hpp:3",
                        "every user compile it")

    def test_json_stays_inside_its_room_also_through_other_headers(self):
        inner = {"src/base/a_json.hpp": header("#include <boost/json.hpp>\n"),
                 "src/base/b.hpp": header('#include "base/a_json.hpp"\n'),
                 "src/model/m.cpp": '#include "base/b.hpp"\n'}
        self.assert_clean(inner)
        self.assert_one(inner | {"src/model/m.hpp": header('#include "base/b.hpp"\n')}, "src/model/m.hpp:3",
                        "brings a heavy library into a header of another room")

    def test_sockets_are_opened_in_net_alone(self):
        self.assert_one({A_CPP: "#include <sys/socket.h>\n"}, A_CPP + ":1", "only src/net opens sockets")
        self.assert_clean({"src/net/a.cpp": "#include <sys/socket.h>\n"})


class BannedCallsTest(TidyCase):
    def test_each_banned_call_is_found_with_what_to_do_instead(self):
        for code, hint in [
            ("auto t = std::chrono::system_clock::now();", "Clock port"),
            ("auto t = time(nullptr);", "Clock port"),
            ("void f() { std::this_thread::sleep_for(1s); }", "deadline"),
            ("void f() { usleep(10); }", "deadline"),
            ("int r = rand();", "base/random.hpp"),
            ("std::random_device d;", "seed_from_system"),
            ("std::regex r;", "base/text.hpp"),
            ("auto h = std::getenv(0);", "one place"),
            ("auto s = std::format(x);", "fmt::format"),
            ("void f() { assert(x); }", "ECSR_ASSERT"),
            ("using namespace std;", "write std::"),
            ("auto r = std::system(x);", "start the program itself"),
        ]:
            with self.subTest(code):
                self.assert_one({A_CPP: code + "\n"}, A_CPP + ":1", hint)

    def test_a_test_that_is_switched_off(self):
        self.assert_one({"tests/a_test.cpp": "TEST(A, DISABLED_B) {}\n"}, "tests/a_test.cpp:1", "switched off")

    def test_comments_and_literals_are_not_code(self):
        self.assert_clean({A_CPP: '// rand() and sleep(1)\n/* assert(x)\n */ auto a = "rand()";\n'
                                              'auto b = R"(time(nullptr))";\nauto n = 10\'000; char q = \'"\';\n'})

    def test_names_that_only_look_alike(self):
        self.assert_clean({A_CPP: "Random random(seed);\nint random_(int);\nauto x = values.rand();\n"
                                              "static_assert(true);\nauto y = Clock::now();\nauto z = f.system();\n"})

    def test_net_may_read_the_real_clock(self):
        self.assert_clean({"src/net/a.cpp": "auto t = std::chrono::steady_clock::now();\n"})

    def test_a_suppression_needs_a_reason(self):
        mark = "// NO" + "LINT"
        self.assert_one({A_CPP: f"int a; {mark}(bugprone-x)\n"}, A_CPP + ":1", "without a reason")
        self.assert_clean({A_CPP: f"int a; {mark}(bugprone-x): the C API wants it\n"})


class NamesTest(TidyCase):
    def test_empty_words_in_identifiers(self):
        for name in ("StubClock", "dummy_value", "simpleParser", "BasicThing"):
            with self.subTest(name):
                self.assert_one({A_CPP: f"int {name};\n"}, A_CPP + ":1", name)

    def test_the_standard_library_and_longer_words_are_left_alone(self):
        self.assert_clean({A_CPP: "std::basic_string<char> s; int simplest; int basically; int simplified;\n"})


class ShapeTest(TidyCase):
    def test_a_header_says_what_it_is_and_is_included_once(self):
        self.assert_one({"src/model/a.hpp": "// A.\nint x;\n"}, "src/model/a.hpp:1", "#pragma once")
        self.assert_one({"src/model/a.hpp": "#pragma once\n"}, "src/model/a.hpp:1", "begins without a comment")

    def test_long_lines_tabs_and_ragged_ends(self):
        self.assert_one({A_CPP: "//" + "x" * 119 + "\n"}, A_CPP + ":1", "has 121 columns")
        self.assert_clean({A_CPP: "//" + "ä" * 118 + "\n"})
        self.assert_one({A_CPP: "int x; \n"}, A_CPP + ":1", "white space")
        self.assert_one({A_CPP: "\tint x;\n"}, A_CPP + ":1", "tab")
        self.assert_one({A_CPP: "int x;"}, A_CPP + ":1", "line break")

    def test_long_files(self):
        self.assert_clean({A_CPP: "\n" * 600, "tests/a_test.cpp": "\n" * 900})
        self.assert_one({A_CPP: "\n" * 601}, "src/model/a.cpp:601", "has 601 lines")
        self.assert_one({"tests/a_test.cpp": "\n" * 901}, "tests/a_test.cpp:901", "900 are allowed")

    def test_long_functions(self):
        body = "    ++x;\n"
        self.assert_clean({A_CPP: "void f() {\n" + body * 68 + "}\n"})
        self.assert_one({A_CPP: "\nvoid f() {\n" + body * 69 + "}\n"}, A_CPP + ":2", "f has 71 lines")
        self.assert_one({"tools/long": "#!/usr/bin/env python3\ndef f():\n" + "    pass\n" * 70}, "tools/long:2",
                        "f has 71 lines")

    def test_unfinished_work_and_places_of_one_machine(self):
        self.assert_one({"docs/a.md": "# A\n" + "TO" + "DO later\n"}, "docs/a.md:2", "finish it")
        self.assert_one({A_CPP: "// see /" + "root/notes\n"}, A_CPP + ":1", "one machine")

    def test_documents_have_one_title(self):
        self.assert_one({"docs/a.md": "no title\n"}, "docs/a.md:1", "title")
        self.assert_one({"docs/a.md": "# A\n# B\n"}, "docs/a.md:2", "second title")
        self.assert_clean({"docs/a.md": "# A\n```\n# a comment in a script\n```\n"})

    def test_a_room_without_its_page(self):
        self.assert_one({"src/extra/a.cpp": "\n"}, "src/extra/README.md:1", "is missing",
                        CMAKE + "ecsr_room(extra FOLDER extra LINKS ecsr_base)\n")


class ProgramTest(unittest.TestCase):
    def test_a_folder_that_is_no_source_tree_is_a_usage_error(self):
        run = subprocess.run([str(TIDY), "--root", "/usr"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("not the root of the source tree", run.stderr)

    def test_it_prints_how_large_things_are(self):
        run = subprocess.run([str(TIDY)], capture_output=True, text=True, check=False)
        self.assertRegex(run.stdout, r"lines of a function: +median \d+, p90 \d+, max \d+ \(\d+\)")


class FunctionsTest(unittest.TestCase):
    def functions(self, code: str) -> list[tuple[str, int, int]]:
        return [tuple(function) for function in tidy.cpp_functions(tidy.strip_cpp(code))]

    def test_free_functions_and_methods(self):
        code = "namespace a {\nint f(int x) {\n    if (x) { return 1; }\n    return 2;\n}\nclass C : public B {\n" \
               "public:\n    int g() const override {\n        return 1;\n    }\n};\n} // namespace a\n"
        self.assertEqual(self.functions(code), [("f", 2, 4), ("g", 8, 3)])

    def test_constructors_with_braces_in_their_initialisers(self):
        self.assertEqual(self.functions("C::C(int x)\n    : a_{x}, b_(x),\n      c_{1} {\n    run();\n}\n"),
                         [("C::C", 1, 5)])

    def test_templates_operators_and_trailing_types(self):
        code = "template <typename T = std::vector<int>>\nauto f(T x) -> std::map<int, T> {\n}\n" \
               "bool operator==(const A& a, const A& b) {\n    return true;\n}\n"
        self.assertEqual([name for name, _, _ in self.functions(code)], ["f", "operator=="])

    def test_values_are_no_functions(self):
        code = "const std::map<int, int> m = {\n    {1, 2},\n};\nconst auto t = std::array<T>({\n    {f(1)},\n});\n" \
               "enum class E { A, B };\nstruct S {\n    int x{0};\n};\nconst auto l = [](int x) {\n    return x;\n};\n"
        self.assertEqual(self.functions(code), [])

    def test_tests_are_named_by_their_case(self):
        self.assertEqual(self.functions("TEST_F(Fixture, ItWorks) {\n    EXPECT_TRUE(x);\n}\n"),
                         [("Fixture.ItWorks", 1, 3)])

    def test_a_macro_call_without_semicolon_does_not_join_the_next_function(self):
        self.assertEqual(self.functions("DESCRIBE(A, (), (x))\n\nDESCRIBE(B, (), (x))\n\nint f() {\n}\n"),
                         [("f", 5, 2)])

    def test_preprocessor_lines_are_skipped(self):
        self.assertEqual(self.functions("#define M(x) \\\n    { x }\nint f() {\n}\n"), [("f", 3, 2)])


if __name__ == "__main__":
    unittest.main()
