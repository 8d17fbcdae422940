#include "aws/environment.hpp"
#include "aws/process.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

namespace ecsr::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Result<std::string> shell(const std::string& script, Millis timeout = 30s, std::stop_token stop = {}) {
    return run_process({"sh", "-c", script}, timeout, stop);
}

TEST(Process, StandardOutputComesBackAndStandardInputIsEmpty) {
    const auto output = shell("cat; printf 'one\\ntwo'");
    ASSERT_TRUE(output.has_value()) << output.error().message;
    EXPECT_EQ(*output, "one\ntwo");
}

TEST(Process, WordsReachTheProgramUnchanged) {
    const auto output = run_process({"printf", "%s|", "a b", "$HOME", "`id`", ";", "'"}, 30s, {});
    ASSERT_TRUE(output.has_value()) << output.error().message;
    EXPECT_EQ(*output, "a b|$HOME|`id`|;|'|");
}

TEST(Process, FailureTellsTheExitCodeButNotTheOutput) {
    const auto output = shell("echo secret; exit 7");
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().kind, ErrorKind::Io);
    EXPECT_EQ(output.error().message, "sh failed with exit code 7");
}

TEST(Process, DeathBySignalIsAFailure) {
    const auto output = shell("kill -9 $$");
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().message, "sh was killed by signal 9");
}

TEST(Process, MissingProgramIsNotFound) {
    const auto output = run_process({"/nowhere/helper"}, 30s, {});
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().kind, ErrorKind::NotFound);
    EXPECT_THAT(output.error().message, HasSubstr("cannot run /nowhere/helper"));
}

TEST(Process, ProgramThatDoesNotEndIsKilledWithAllItStarted) {
    const std::string folder = ::testing::TempDir() + "ecsr-process-XXXXXX";
    std::string path = folder;
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    const auto output = shell("sleep 1000 & echo $! > " + path + "/pid; wait", 300ms);
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().kind, ErrorKind::Timeout);
    EXPECT_EQ(output.error().message, "sh did not end within 300ms");

    pid_t grandchild = 0;
    std::ifstream(path + "/pid") >> grandchild;
    std::filesystem::remove_all(path);
    ASSERT_GT(grandchild, 0);
    // It is nobody's child any more and is reaped by whoever adopted it; until then it is a zombie without a command
    // line.
    const auto is_gone = [&] {
        std::ifstream file("/proc/" + std::to_string(grandchild) + "/cmdline");
        return file.peek() == std::ifstream::traits_type::eof();
    };
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!is_gone() && std::chrono::steady_clock::now() < deadline) { std::this_thread::yield(); }
    EXPECT_TRUE(is_gone());
}

TEST(Process, StopEndsTheWait) {
    std::stop_source stop;
    std::jthread user([&] { stop.request_stop(); });
    const auto output = shell("sleep 1000", 60s, stop.get_token());
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().kind, ErrorKind::Interrupted);
}

TEST(Process, FloodOfOutputIsRefused) {
    const auto output = shell("yes");
    ASSERT_FALSE(output.has_value());
    EXPECT_EQ(output.error().kind, ErrorKind::Io);
    EXPECT_THAT(output.error().message, HasSubstr("printed more than 1048576 bytes"));
}

TEST(Process, OutputIsReadEvenWhenADescendantKeepsThePipe) {
    const auto output = shell("sleep 1000 & printf done");
    ASSERT_TRUE(output.has_value()) << output.error().message;
    EXPECT_EQ(*output, "done");
}

TEST(CommandLine, IsSplitAsAShellSplitsWords) {
    const auto split = [](std::string_view text) {
        return split_command_line(text).value_or(std::vector<std::string>{});
    };
    EXPECT_THAT(split("helper  --flag\tvalue "), ElementsAre("helper", "--flag", "value"));
    EXPECT_THAT(split("'my helper' \"two words\" a'b c'd"), ElementsAre("my helper", "two words", "ab cd"));
    EXPECT_THAT(split(R"(a\ b "x\"y\\z\n" 'no\escape' "")"), ElementsAre("a b", "x\"y\\z\\n", "no\\escape", ""));
    EXPECT_THAT(split("sh -c 'echo $HOME; id'"), ElementsAre("sh", "-c", "echo $HOME; id"));
    EXPECT_THAT(split("a # b"), ElementsAre("a", "#", "b"));
}

TEST(CommandLine, WhatCannotBeSplitIsRefusedWithoutQuotingIt) {
    for (const char* text : {"", "   ", "helper 'secret", "helper \"secret", "secret\\"}) {
        const auto words = split_command_line(text);
        ASSERT_FALSE(words.has_value()) << text;
        EXPECT_THAT(words.error().message, Not(HasSubstr("secret")));
    }
}

TEST(SystemEnvironment, ReadsVariablesAndFiles) {
    const Environment environment = system_environment();
    ::setenv("ECSR_TEST_VARIABLE", "", 1);
    EXPECT_EQ(environment.get("ECSR_TEST_VARIABLE"), "");
    EXPECT_EQ(environment.non_empty("ECSR_TEST_VARIABLE"), std::nullopt);
    ::setenv("ECSR_TEST_VARIABLE", "True", 1);
    EXPECT_TRUE(environment.is_true("ECSR_TEST_VARIABLE"));
    ::unsetenv("ECSR_TEST_VARIABLE");
    EXPECT_EQ(environment.get("ECSR_TEST_VARIABLE"), std::nullopt);
    EXPECT_FALSE(environment.home.empty());

    const auto source = environment.read_file(std::string(ECSR_SOURCE_DIR) + "/CMakeLists.txt");
    ASSERT_TRUE(source.has_value()) << source.error().message;
    EXPECT_THAT(*source, HasSubstr("project(ecs_recycler"));
    EXPECT_EQ(environment.read_file("/nowhere/file").error().kind, ErrorKind::NotFound);
    EXPECT_EQ(environment.read_file("/").error().kind, ErrorKind::Io);
}

} // namespace
} // namespace ecsr::aws
