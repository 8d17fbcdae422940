#include "cli/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Variables variables(std::map<std::string, std::string> values = {}) {
    return [values](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

Invocation parsed(const std::vector<std::string>& arguments, std::map<std::string, std::string> environment = {}) {
    auto line = parse_command_line(arguments, variables(std::move(environment)));
    if (!line.parsed) { throw std::runtime_error(line.parsed.error().message); }
    return std::get<Invocation>(*line.parsed);
}

std::string refusal(const std::vector<std::string>& arguments, std::map<std::string, std::string> environment = {}) {
    auto line = parse_command_line(arguments, variables(std::move(environment)));
    if (line.parsed) { return "(accepted)"; }
    EXPECT_EQ(line.parsed.error().kind, ErrorKind::Usage);
    return line.prefix + ": " + line.parsed.error().message;
}

TEST(CommandLine, DefaultsComeFromTheTable) {
    const auto invocation = parsed({"recycle", "--service", "web"});
    EXPECT_EQ(invocation.command().name, "recycle");
    EXPECT_EQ(invocation.text("cluster"), "default");
    EXPECT_EQ(invocation.amount("batch"), (Amount{1, false}));
    EXPECT_EQ(invocation.duration("timeout"), std::chrono::hours(4));
    EXPECT_EQ(invocation.optional_amount("surge"), std::nullopt);
    EXPECT_FALSE(invocation.is_set("plan"));
}

TEST(CommandLine, AFlagWinsOverItsVariableAndTheVariableOverTheDefault) {
    const std::map<std::string, std::string> environment{{"ECS_RECYCLER_BATCH", "3"}, {"ECS_RECYCLER_CLUSTER", "blue"}};
    const auto invocation = parsed({"recycle", "--service", "web", "--batch", "50%"}, environment);
    EXPECT_EQ(invocation.amount("batch"), (Amount{50, true}));
    EXPECT_EQ(invocation.text("cluster"), "blue");
}

TEST(CommandLine, AnEmptyVariableIsNotSet) {
    EXPECT_EQ(parsed({"status", "--service", "web"}, {{"ECS_RECYCLER_CLUSTER", ""}}).text("cluster"), "default");
}

TEST(CommandLine, ARequiredOptionMayComeFromItsVariable) {
    EXPECT_EQ(parsed({"status"}, {{"ECS_RECYCLER_SERVICE", "web"}}).text("service"), "web");
    EXPECT_EQ(refusal({"status"}),
              "ecs-recycler status: --service NAME|ARN is missing (or ECS_RECYCLER_SERVICE in the environment)");
}

TEST(CommandLine, ARepeatableOptionKeepsEveryValueInOrder) {
    EXPECT_EQ(parsed({"recycle", "--service", "s", "--task", "b", "--task=a"}).list("task"),
              (std::vector<std::string>{"b", "a"}));
    EXPECT_EQ(parsed({"recycle", "--service", "s"}, {{"ECS_RECYCLER_ALARM", "5xx, slow"}}).list("alarm"),
              (std::vector<std::string>{"5xx", "slow"}));
}

TEST(CommandLine, AnOptionGivenTwiceCountsAsGivenLast) {
    EXPECT_EQ(parsed({"recycle", "--service", "s", "--batch", "1", "--batch", "2"}).amount("batch").value, 2);
}

TEST(CommandLine, AValueMayLookLikeAList) {
    EXPECT_EQ(parsed({"recycle", "--service", "s", "--reason", "[a,b]"}).text("reason"), "[a,b]");
}

TEST(CommandLine, SwitchesAreSetByFlagLetterAndVariable) {
    EXPECT_TRUE(parsed({"recycle", "--service", "s", "-y"}).is_set("yes"));
    EXPECT_TRUE(parsed({"recycle", "--service", "s"}, {{"ECS_RECYCLER_PLAN", "True"}}).is_set("plan"));
    EXPECT_FALSE(parsed({"recycle", "--service", "s"}, {{"ECS_RECYCLER_PLAN", "0"}}).is_set("plan"));
    EXPECT_EQ(refusal({"recycle", "--service", "s"}, {{"ECS_RECYCLER_PLAN", "perhaps"}}),
              "ecs-recycler recycle: ECS_RECYCLER_PLAN \"perhaps\" is not one of true, false, yes, no, on, off, 1, 0");
}

TEST(CommandLine, ABadValueIsRefusedWithWhatIsAllowed) {
    EXPECT_EQ(refusal({"recycle", "--service", "s", "--batch", "x"}),
              "ecs-recycler recycle: --batch \"x\" is not a number of tasks (0 to 5000) or a percentage (0% to 100%)");
    EXPECT_EQ(refusal({"recycle", "--service", "s", "--batch", "0"}),
              "ecs-recycler recycle: --batch \"0\" is too small; allowed: 1 or more tasks, or a percentage above 0%");
    EXPECT_EQ(
        refusal({"recycle", "--service", "s", "--drain", "scalein"}),
        "ecs-recycler recycle: --drain \"scalein\" is not one of auto, scale-in, stop-task; did you mean scale-in?");
    EXPECT_EQ(refusal({"local", "up", "--port", "70000"}),
              "ecs-recycler local up: --port \"70000\" is not a whole number from 0 to 65535");
    EXPECT_THAT(refusal({"recycle", "--service", "s", "--wait", "30"}), HasSubstr("--wait \"30\" is not a duration"));
    EXPECT_THAT(refusal({"recycle", "--service", ""}), HasSubstr("--service \"\" is empty"));
    EXPECT_THAT(refusal({"status", "--service", "s", "--endpoint-url", "ftp://x"}), HasSubstr("--endpoint-url"));
}

TEST(CommandLine, ABadVariableIsNamed) {
    EXPECT_THAT(refusal({"recycle", "--service", "s"}, {{"ECS_RECYCLER_ORDER", "eldest"}}),
                StartsWith("ecs-recycler recycle: ECS_RECYCLER_ORDER \"eldest\" is not one of oldest, newest"));
}

TEST(CommandLine, AMissingValueIsNamed) {
    EXPECT_EQ(refusal({"recycle", "--service", "s", "--wait"}), "ecs-recycler recycle: --wait needs a value: TIME");
}

TEST(CommandLine, AMistypedFlagOrCommandGetsASuggestion) {
    EXPECT_EQ(refusal({"recycle", "--service", "s", "--bacth", "2"}),
              "ecs-recycler recycle: --bacth is not an option of this command; did you mean --batch?");
    EXPECT_EQ(refusal({"recylce"}), "ecs-recycler: \"recylce\" is not a command; did you mean recycle?");
    EXPECT_EQ(refusal({"runs", "lst"}), "ecs-recycler: \"runs lst\" is not a command; did you mean runs list?");
    EXPECT_EQ(refusal({"runs"}), "ecs-recycler: runs needs one more word: list, show, resume, abort");
    EXPECT_THAT(refusal({"xyzzy"}), HasSubstr("commands are recycle, status"));
    EXPECT_EQ(refusal({"--region", "eu-west-1", "status"}),
              "ecs-recycler: --region stands before the command; write: ecs-recycler COMMAND --region ...");
    EXPECT_EQ(refusal({}), "ecs-recycler: a command is missing; see ecs-recycler --help");
}

TEST(CommandLine, ArgumentsAreCountedAndChecked) {
    EXPECT_EQ(parsed({"runs", "show", "demo"}).positional(0), "demo");
    EXPECT_THAT(refusal({"runs", "show"}), StartsWith("ecs-recycler runs show: ID is missing"));
    EXPECT_THAT(refusal({"runs", "show", "a", "b"}), HasSubstr("\"b\" is one argument too many"));
    EXPECT_EQ(refusal({"completion", "tcsh"}), "ecs-recycler completion: SHELL \"tcsh\" is not one of bash, zsh, fish");
}

TEST(CommandLine, AWorkloadGetsItsOwnArgumentsUntouched) {
    const auto invocation = parsed({"workload", "web", "--port", "-x"});
    EXPECT_EQ(invocation.positional(0), "web");
    EXPECT_EQ(invocation.positionals_from(1), (std::vector<std::string>{"--port", "-x"}));
}

TEST(CommandLine, HelpAndVersionNeedNothingElse) {
    const auto wanted = [](const std::vector<std::string>& arguments) {
        return parse_command_line(arguments, variables());
    };
    EXPECT_EQ(std::get<HelpWanted>(*wanted({"--help"}).parsed).command, nullptr);
    EXPECT_EQ(std::get<HelpWanted>(*wanted({"recycle", "-h"}).parsed).command, find_command("recycle"));
    EXPECT_EQ(std::get<HelpWanted>(*wanted({"help", "runs", "show"}).parsed).command, find_command("runs show"));
    EXPECT_EQ(std::get<HelpWanted>(*wanted({"runs", "--help"}).parsed).group->name, "runs");
    EXPECT_EQ(std::get<HelpWanted>(*wanted({"help", "local"}).parsed).group->name, "local");
    EXPECT_TRUE(std::holds_alternative<VersionWanted>(*wanted({"--version"}).parsed));
}

} // namespace
} // namespace ecsr::cli
