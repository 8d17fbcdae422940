#include "aws/config_file.hpp"
#include "tests/support/fake_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::aws {
namespace {

using ::testing::ElementsAre;
using testing::FakeMachine;
using ::testing::HasSubstr;

constexpr const char* config_path = "/fake/home/.aws/config";
constexpr const char* credentials_path = "/fake/home/.aws/credentials";

SharedConfig load(FakeMachine& machine) {
    auto config = load_shared_config(machine.environment());
    EXPECT_TRUE(config.has_value()) << config.error().message;
    return config ? *std::move(config) : SharedConfig{};
}

TEST(ConfigFile, SectionsOfEveryKindAreSortedIn) {
    FakeMachine machine;
    machine.files[config_path] = "# comment\n"
                                 "[default]\n"
                                 "Region=eu-west-1\n"
                                 "; another\n"
                                 "[profile dev]\n"
                                 "  region : eu-west-2  \n"
                                 "[profile \"my profile\"]\n"
                                 "region = us-east-1\n"
                                 "[sso-session corp]\n"
                                 "sso_region = us-west-2\n"
                                 "[services here]\n"
                                 "ecs =\n"
                                 "  endpoint_url = http://127.0.0.1:4510\n"
                                 "sts = \n"
                                 "  endpoint_url = http://127.0.0.1:4511\n"
                                 "[preview]\n"
                                 "x = 1\n";
    const SharedConfig config = load(machine);
    EXPECT_THAT(config.profile_names(), ElementsAre("default", "dev", "my profile"));
    EXPECT_EQ(config.profile("default")->get("region"), "eu-west-1");
    EXPECT_EQ(config.profile("dev")->get("region"), "eu-west-2");
    EXPECT_EQ(config.sso_sessions.at("corp").get("sso_region"), "us-west-2");
    EXPECT_EQ(config.services.at("here").nested.at("ecs").at("endpoint_url"), "http://127.0.0.1:4510");
    EXPECT_EQ(config.services.at("here").nested.at("sts").at("endpoint_url"), "http://127.0.0.1:4511");
    EXPECT_EQ(config.profile("preview"), nullptr);
}

TEST(ConfigFile, CredentialsFileWinsKeyByKey) {
    FakeMachine machine;
    machine.files[config_path] = "[profile dev]\nregion = eu-west-1\naws_access_key_id = from-config\n";
    machine.files[credentials_path] = "[dev]\naws_access_key_id = from-credentials\n[other]\nregion = us-east-1\n";
    const SharedConfig config = load(machine);
    EXPECT_EQ(config.profile("dev")->get("region"), "eu-west-1");
    EXPECT_EQ(config.profile("dev")->get("aws_access_key_id"), "from-credentials");
    EXPECT_EQ(config.credentials.at("dev").get("region"), std::nullopt);
    EXPECT_NE(config.profile("other"), nullptr);
}

TEST(ConfigFile, ValuesMayHoldDelimitersCommentsAndCarriageReturns) {
    FakeMachine machine;
    machine.files[credentials_path] =
        "\xef\xbb\xbf[default]\r\naws_secret_access_key = a=b:c#d ; e\r\n\r\naws_session_token==x\r\n";
    const SharedConfig config = load(machine);
    EXPECT_EQ(config.profile("default")->get("aws_secret_access_key"), "a=b:c#d ; e");
    EXPECT_EQ(config.profile("default")->get("aws_session_token"), "=x");
}

TEST(ConfigFile, IndentedLineContinuesAValue) {
    FakeMachine machine;
    machine.files[config_path] = "[default]\nkey = one\n    two\nnext = 3\n";
    const SharedConfig config = load(machine);
    EXPECT_EQ(config.profile("default")->get("key"), "one\ntwo");
    EXPECT_EQ(config.profile("default")->get("next"), "3");
}

TEST(ConfigFile, FilesNamedByTheEnvironmentAreRead) {
    FakeMachine machine;
    machine.variables["AWS_CONFIG_FILE"] = "~/other";
    machine.variables["AWS_SHARED_CREDENTIALS_FILE"] = "/etc/keys";
    machine.files["/fake/home/other"] = "[default]\nregion = eu-west-3\n";
    machine.files["/etc/keys"] = "[default]\naws_access_key_id = AK\n";
    const SharedConfig config = load(machine);
    EXPECT_EQ(config.profile("default")->get("region"), "eu-west-3");
    EXPECT_EQ(config.profile("default")->get("aws_access_key_id"), "AK");
}

TEST(ConfigFile, MissingFilesAreEmpty) {
    FakeMachine machine;
    EXPECT_TRUE(load(machine).profiles.empty());
}

TEST(ConfigFile, FileThatCannotBeReadIsAnError) {
    FakeMachine machine;
    Environment environment = machine.environment();
    environment.read_file = [](const std::string& path) -> Result<std::string> {
        return fail(ErrorKind::Io, "cannot read " + path + ": Permission denied");
    };
    const auto config = load_shared_config(environment);
    ASSERT_FALSE(config.has_value());
    EXPECT_EQ(config.error().kind, ErrorKind::Usage);
    EXPECT_EQ(config.error().message, "cannot read /fake/home/.aws/config: Permission denied");
}

TEST(ConfigFile, BadLinesAreNamedByNumberAndNeverQuoted) {
    const std::pair<const char*, const char*> cases[] = {
        {"[default]\nsecret-without-equals\n", "f:2: expected \"key = value\" or \"[section]\""},
        {"\n\n= secret\n", "f:3: expected \"key = value\" or \"[section]\""},
        {"key = secret\n", "f:1: a key stands before the first [section]"},
        {"[default\n", "f:1: a section begins with [name]"},
        {"[]\n", "f:1: a section begins with [name]"},
        {"[a]\n[b]\n[a]\n", "f:3: the section [a] is there twice"},
        {"[a]\nk = 1\nK = secret\n", "f:3: the key k is there twice"},
        {"[a]\nk =\n  secret\n", "f:3: expected \"key = value\" below k"},
    };
    for (const auto& [text, message] : cases) {
        const auto sections = parse_config_text(text, "f");
        ASSERT_FALSE(sections.has_value()) << text;
        EXPECT_EQ(sections.error().kind, ErrorKind::Usage);
        EXPECT_EQ(sections.error().message, message);
    }
}

TEST(ChooseProfile, FlagThenEnvironmentThenDefault) {
    FakeMachine machine;
    machine.files[config_path] = "[profile a]\n[profile b]\n[profile c]\n";
    const SharedConfig config = load(machine);
    EXPECT_EQ(choose_profile(machine.environment(), config, std::nullopt), "default");
    machine.variables["AWS_DEFAULT_PROFILE"] = "c";
    EXPECT_EQ(choose_profile(machine.environment(), config, std::nullopt), "c");
    machine.variables["AWS_PROFILE"] = "b";
    EXPECT_EQ(choose_profile(machine.environment(), config, std::nullopt), "b");
    EXPECT_EQ(choose_profile(machine.environment(), config, "a"), "a");
}

TEST(ChooseProfile, UnknownProfileIsRefusedWithTheNearestName) {
    FakeMachine machine;
    machine.files[config_path] = "[profile production]\n";
    const SharedConfig config = load(machine);
    const auto profile = choose_profile(machine.environment(), config, "prodution");
    ASSERT_FALSE(profile.has_value());
    EXPECT_EQ(profile.error().kind, ErrorKind::Usage);
    EXPECT_EQ(profile.error().message, "there is no profile \"prodution\" in /fake/home/.aws/config or "
                                       "/fake/home/.aws/credentials; is it \"production\"?");
}

} // namespace
} // namespace ecsr::aws
