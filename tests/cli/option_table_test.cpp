#include "cli/help.hpp"
#include "cli/option_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace ecsr::cli {
namespace {

using ::testing::HasSubstr;

TEST(OptionTable, EveryCommandIsFoundByItsName) {
    for (const auto& command : command_table()) { EXPECT_EQ(find_command(command.name), &command); }
    EXPECT_EQ(find_command("recycl"), nullptr);
}

TEST(OptionTable, NoCommandHasAFlagOrALetterTwice) {
    for (const auto& command : command_table()) {
        std::set<std::string_view> flags;
        std::set<char> letters;
        for (const auto& option : command.options) {
            EXPECT_TRUE(flags.insert(option.flag).second) << command.name << " --" << option.flag;
            if (option.letter != '\0') { EXPECT_TRUE(letters.insert(option.letter).second) << option.letter; }
        }
    }
}

TEST(OptionTable, EveryDefaultIsAllowed) {
    for (const auto& command : command_table()) {
        for (const auto& option : command.options) {
            if (!option.fallback.empty()) { EXPECT_TRUE(check_value(option, option.fallback)) << option.flag; }
        }
    }
}

TEST(OptionTable, EveryOptionHasHelpAGroupAndAValueName) {
    for (const auto& command : command_table()) {
        for (const auto& option : command.options) {
            EXPECT_FALSE(option.help.empty()) << option.flag;
            EXPECT_FALSE(option.group.empty()) << option.flag;
            EXPECT_FALSE(option.help.ends_with('.')) << option.flag;
            EXPECT_EQ(option.value_name.empty(), option.kind == ValueKind::Switch) << option.flag;
            EXPECT_EQ(option.choices.empty(), option.kind != ValueKind::Choice) << option.flag;
        }
    }
}

TEST(OptionTable, AFlagMeansTheSameInEveryCommand) {
    std::map<std::string_view, const OptionSpec*> first;
    for (const auto& command : command_table()) {
        for (const auto& option : command.options) {
            const auto* known = first.emplace(option.flag, &option).first->second;
            EXPECT_EQ(known->kind, option.kind) << option.flag;
            EXPECT_EQ(known->choices, option.choices) << option.flag;
        }
    }
}

TEST(OptionTable, HelpNamesEveryVisibleOptionAndEveryExitCode) {
    const auto* recycle = find_command("recycle");
    const std::string help = command_help(*recycle);
    for (const auto& option : recycle->options) {
        if (option.hidden) {
            EXPECT_THAT(help, ::testing::Not(HasSubstr("--" + std::string(option.flag)))) << option.flag;
        } else {
            EXPECT_THAT(help, HasSubstr("--" + std::string(option.flag))) << option.flag;
        }
    }
    for (const auto& [code, meaning] : exit_code_table()) {
        EXPECT_THAT(help, HasSubstr(std::to_string(code) + "  " + std::string(meaning)));
    }
}

TEST(OptionTable, HelpFitsItsWidth) {
    for (const auto& command : command_table()) {
        std::istringstream lines(command_help(command));
        for (std::string line; std::getline(lines, line);) { EXPECT_LE(line.size(), 100U) << line; }
    }
}

TEST(OptionTable, HiddenCommandsStayOutOfHelpManPageAndCompletion) {
    EXPECT_THAT(program_help(), ::testing::Not(HasSubstr("workload")));
    EXPECT_THAT(man_page(), ::testing::Not(HasSubstr("workload")));
    EXPECT_THAT(completion_script("fish"), ::testing::Not(HasSubstr("workload")));
}

TEST(OptionTable, TheManPageHasEveryCommandAndNoBareHyphenInOptions) {
    const std::string page = man_page();
    EXPECT_THAT(page, HasSubstr(".SS \"ecs\\-recycler runs show ID\""));
    EXPECT_THAT(page, HasSubstr(".B \\-\\-max\\-unavailable N|N%"));
    EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
}

TEST(OptionTable, VariablesAreNamedAfterFlags) {
    EXPECT_EQ(environment_name("max-unavailable"), "ECS_RECYCLER_MAX_UNAVAILABLE");
}

} // namespace
} // namespace ecsr::cli
