#include "local/balancer/haproxy_config.hpp"
#include "local/balancer/haproxy_stats.hpp"

#include <gtest/gtest.h>

namespace ecsr::local {
namespace {

constexpr const char* answer = "# pxname,svname,scur,status,check_status,check_code,\n"
                               "tg,t1,3,UP,* L7OK,200,\n"
                               "tg,t2,0,DOWN,L7STS,503,\n"
                               "tg,t3,0,DRAIN 1/3,L4TOUT,,\n"
                               "open,t1,1,no check,,,\n"
                               "tg,t4,0,DRAIN,INI,,\n\n";

TEST(ServerReports, ACheckUnderWayKeepsTheLastResult) {
    const auto reports = parse_server_reports(answer);
    ASSERT_EQ(reports.size(), 5U);
    EXPECT_EQ(reports[0].backend, "tg");
    EXPECT_EQ(reports[0].server, "t1");
    EXPECT_EQ(reports[0].requests_in_flight, 3);
    EXPECT_TRUE(check_passed(reports[0]));
    EXPECT_FALSE(reports[0].down);
    EXPECT_TRUE(reports[0].steady);
}

TEST(ServerReports, AServerThatWasNeverCheckedHasNoResult) {
    const auto reports = parse_server_reports(answer);
    EXPECT_EQ(reports[4].check_status, "");
    EXPECT_FALSE(check_passed(reports[4]));
}

TEST(ServerReports, AVerdictThatChecksBeginToContradictIsNotSteady) {
    const auto reports = parse_server_reports(answer);
    EXPECT_FALSE(reports[2].steady);
    EXPECT_FALSE(reports[2].down);
    EXPECT_EQ(unhealthy_reason(reports[2]).code, "Target.Timeout");
}

TEST(ServerReports, TheCodeOfAWrongAnswerIsTold) {
    const auto reports = parse_server_reports(answer);
    EXPECT_TRUE(reports[1].down);
    EXPECT_EQ(unhealthy_reason(reports[1]).description, "Health checks failed with these codes: [503]");
}

TEST(ServerReports, TextThatIsNoAnswerHasNoServers) {
    EXPECT_TRUE(parse_server_reports("").empty());
    EXPECT_TRUE(parse_server_reports("Unknown command.\n").empty());
    EXPECT_TRUE(parse_server_reports("# pxname,svname\ntg,t1\n").empty());
    EXPECT_TRUE(parse_server_reports("# pxname,svname,scur,status,check_status,check_code\ntg,t1\n").empty());
}

TEST(HaproxyConfig, APathCannotLeaveItsLine) {
    TargetGroup group;
    group.health_check_path = "/a\"b\nbackend evil\n$HOME";
    const auto text = haproxy_config(proxy_settings(group, {7}), "/tmp/s", {}, {});
    EXPECT_NE(text.find("uri \"/a\\\"bbackend evil\\$HOME\" ver"), std::string::npos) << text;
}

TEST(HaproxyConfig, AnIpTargetMustBeAnAddress) {
    EXPECT_EQ(target_address("ip", "127.0.0.5", 80).value_or(""), "127.0.0.5:80");
    EXPECT_EQ(target_address("instance", "i-1", 81).value_or(""), "127.0.0.1:81");
    const auto bad = target_address("ip", "127.0.0.1:80;shutdown", 80);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, "target '127.0.0.1:80;shutdown' is not an IP address");
}

TEST(HaproxyConfig, AGroupWithoutHealthChecksHasNone) {
    TargetGroup group;
    group.health_check_enabled = false;
    const auto text = haproxy_config(proxy_settings(group, {7}), "/tmp/s", {{"t1", "127.0.0.1:1"}}, {});
    EXPECT_EQ(text.find("httpchk"), std::string::npos);
    EXPECT_NE(text.find("  server t1 127.0.0.1:1\n"), std::string::npos);
}

} // namespace
} // namespace ecsr::local
