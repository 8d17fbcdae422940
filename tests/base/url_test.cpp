#include "base/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr {
namespace {

using ::testing::HasSubstr;

TEST(Url, IsTakenApart) {
    const auto url = parse_url("HTTPS://User:Word@Ecs.Example:8443/a/../b?x=1&y#part");
    ASSERT_TRUE(url.has_value()) << url.error().message;
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "ecs.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/a/../b");
    EXPECT_EQ(url->query, "x=1&y");
}

TEST(Url, WithoutPathOrWithoutQuery) {
    EXPECT_EQ(parse_url("http://h")->path, "");
    EXPECT_EQ(parse_url("http://h?a=1")->query, "a=1");
    EXPECT_EQ(parse_url("http://h?a=1")->path, "");
    EXPECT_EQ(parse_url("http://h/p")->query, "");
    EXPECT_EQ(parse_url("http://h#x/y?z")->path, "");
}

TEST(Url, AuthorityLeavesOutTheSchemesOwnPort) {
    EXPECT_EQ(parse_url("http://h:80/")->authority(), "h");
    EXPECT_EQ(parse_url("https://h:443/")->authority(), "h");
    EXPECT_EQ(parse_url("https://h:80/")->authority(), "h:80");
    EXPECT_EQ(parse_url("http://[::1]:4510/")->authority(), "[::1]:4510");
    EXPECT_EQ(parse_url("http://h:/")->authority(), "h");
}

TEST(Url, WhatIsNoUrlIsRefusedWithAReason) {
    const std::pair<const char*, const char*> cases[] = {{"", "must begin with http"},
                                                         {"ecs.example", "must begin with http"},
                                                         {"ftp://h", "must begin with http"},
                                                         {"http://", "no valid host"},
                                                         {"http:///path", "no valid host"},
                                                         {"http://a b/", "no valid host"},
                                                         {"http://[::1/", "no valid host"},
                                                         {"http://[::1]x/", "no valid host"},
                                                         {"http://h:0/", "port"},
                                                         {"http://h:65536/", "port"},
                                                         {"http://h:port/", "port"},
                                                         {"http://h\r\nX: 1/", "no valid host"}};
    for (const auto& [text, why] : cases) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url.has_value()) << text;
        EXPECT_EQ(url.error().kind, ErrorKind::Usage);
        EXPECT_THAT(url.error().message, HasSubstr(why)) << text;
    }
}

TEST(Url, LocalIsWhatCannotLeaveThisMachineOrItsLink) {
    for (const char* text : {"http://localhost:1/", "http://a.localhost/", "http://127.0.0.1/", "http://127.9.8.7/",
                             "http://[::1]/", "http://169.254.169.254/", "http://[fd00:ec2::254]/"}) {
        EXPECT_TRUE(parse_url(text)->is_local()) << text;
    }
    for (const char* text :
         {"http://example.com/", "http://127.example.com/", "http://10.0.0.1/", "http://169.253.1.1/",
          "http://127.0.0.1.nip.io/", "http://[2001:db8::1]/", "http://notlocalhost/"}) {
        EXPECT_FALSE(parse_url(text)->is_local()) << text;
    }
}

} // namespace
} // namespace ecsr
