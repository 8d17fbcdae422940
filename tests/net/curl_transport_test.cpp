#include "net/curl_transport.hpp"
#include "tests/net/loopback_server.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <thread>

namespace ecsr {
namespace {

using namespace std::chrono_literals;
using testing::Connection;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::LoopbackServer;
using ::testing::Not;
using ::testing::StartsWith;

// Sets an environment variable for one test.
class ScopedVariable {
public:
    ScopedVariable(const char* name, const std::string& value) : name_(name) {
        if (const char* old = std::getenv(name); old != nullptr) { old_ = old; }
        ::setenv(name, value.c_str(), 1);
    }
    ~ScopedVariable() {
        if (old_) {
            ::setenv(name_, old_->c_str(), 1);
        } else {
            ::unsetenv(name_);
        }
    }
    ScopedVariable(const ScopedVariable&) = delete;
    ScopedVariable& operator=(const ScopedVariable&) = delete;

private:
    const char* name_;
    std::optional<std::string> old_;
};

std::unique_ptr<CurlTransport> make_transport() {
    auto transport = CurlTransport::create({});
    EXPECT_TRUE(transport.has_value());
    return std::move(*transport);
}

HttpRequest post(const std::string& url, std::string body = "{}") {
    return HttpRequest{"POST", url, {{"Content-Type", "application/x-amz-json-1.1"}}, std::move(body)};
}

TransportOptions within(Millis timeout) {
    TransportOptions options;
    options.timeout = timeout;
    return options;
}

// Answers every request of every connection with 200 and the request itself.
void echo(Connection& connection) {
    for (std::string request = connection.read_request(); !request.empty(); request = connection.read_request()) {
        connection.answer(200, request);
    }
}

TEST(CurlTransport, StatusHeadersAndBodyOfTheAnswerComeBack) {
    LoopbackServer server([](Connection& connection) {
        connection.read_request();
        connection.write("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n");
        connection.answer(404, std::string("no\0body", 7), "Date:  Fri, 02 Jan 2026 03:04:05 GMT \r\nx-two: a:b\r\n");
    });
    const auto answer = make_transport()->send({"GET", server.url() + "/x", {}, ""}, {}, {});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, 404);
    EXPECT_EQ(answer->body, std::string("no\0body", 7));
    EXPECT_EQ(find_header(answer->headers, "date"), "Fri, 02 Jan 2026 03:04:05 GMT");
    EXPECT_EQ(find_header(answer->headers, "X-Two"), "a:b");
    EXPECT_EQ(find_header(answer->headers, "X-Interim"), "");
}

TEST(CurlTransport, PathAndQueryAreSentAsTheyStand) {
    LoopbackServer server(echo);
    const std::string target = "/a/../b//c/./%2F?z=1&a=%3A";
    const auto answer = make_transport()->send({"GET", server.url() + target, {}, ""}, {}, {});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_THAT(answer->body, StartsWith("GET " + target + " HTTP/1.1\r\n"));
}

TEST(CurlTransport, OnlyTheHeadersAskedForAreAdded) {
    LoopbackServer server(echo);
    auto request = post(server.url() + "/");
    request.headers.emplace_back("X-Empty", "");
    request.headers.emplace_back("X-Twice", "1");
    request.headers.emplace_back("X-Twice", "2");
    const auto answer = make_transport()->send(request, {}, {});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_THAT(answer->body, HasSubstr("\r\nContent-Type: application/x-amz-json-1.1\r\n"));
    EXPECT_THAT(answer->body, HasSubstr("\r\nX-Empty:\r\n"));
    EXPECT_THAT(answer->body, HasSubstr("\r\nX-Twice: 1\r\nX-Twice: 2\r\n"));
    EXPECT_THAT(answer->body, Not(HasSubstr("Expect")));
    EXPECT_THAT(answer->body, Not(HasSubstr("Accept")));
    EXPECT_THAT(answer->body, Not(HasSubstr("User-Agent")));
}

TEST(CurlTransport, LargeBinaryBodyArrivesUnchanged) {
    LoopbackServer server(echo);
    std::string body(3'000'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) { body[i] = static_cast<char>(i * 31 % 251); }
    for (const std::string method : {"POST", "PUT", "PATCH"}) {
        auto request = post(server.url() + "/", body);
        request.method = method;
        const auto answer = make_transport()->send(request, {}, {});
        ASSERT_TRUE(answer.has_value()) << method << ": " << answer.error().message;
        EXPECT_THAT(answer->body, StartsWith(method + " / HTTP/1.1\r\n"));
        EXPECT_TRUE(answer->body.ends_with("\r\n\r\n" + body)) << method;
    }
}

TEST(CurlTransport, PostWithoutBodySaysThatItIsEmpty) {
    LoopbackServer server(echo);
    const auto answer = make_transport()->send({"POST", server.url() + "/", {}, ""}, {}, {});
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_THAT(answer->body, HasSubstr("\r\nContent-Length: 0\r\n"));
    EXPECT_THAT(answer->body, Not(HasSubstr("Content-Type")));
}

TEST(CurlTransport, ConnectionIsKeptForTheNextRequest) {
    LoopbackServer server(echo);
    const auto transport = make_transport();
    for (int i = 0; i < 5; ++i) { ASSERT_TRUE(transport->send(post(server.url()), {}, {}).has_value()); }
    EXPECT_EQ(server.connections(), 1);
}

TEST(CurlTransport, ServerThatClosedAnIdleConnectionIsReachedAgain) {
    LoopbackServer server([](Connection& connection) {
        connection.read_request();
        connection.answer(200, "once");
    });
    const auto transport = make_transport();
    for (int i = 1; i <= 3; ++i) {
        const auto answer = transport->send(post(server.url()), {}, {});
        ASSERT_TRUE(answer.has_value()) << answer.error().message;
        server.wait_for_closed(i);
    }
    EXPECT_EQ(server.connections(), 3);
}

TEST(CurlTransport, RequestWhoseAnswerIsLostIsNotRepeatedSilently) {
    std::atomic<int> requests = 0;
    LoopbackServer server([&](Connection& connection) {
        while (!connection.read_request().empty()) {
            if (++requests == 2) { return; } // on a connection that has been used before
            connection.answer(200, "");
        }
    });
    const auto transport = make_transport();
    ASSERT_TRUE(transport->send(post(server.url()), {}, {}).has_value());
    const auto lost = transport->send(post(server.url()), {}, {});
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().kind, ErrorKind::Unreachable);
    EXPECT_TRUE(lost.error().request_may_have_been_executed);
    EXPECT_THAT(lost.error().message, EndsWith("closed the connection without an answer"));
    EXPECT_EQ(requests, 2);
}

TEST(CurlTransport, RefusedConnectionWasNotExecuted) {
    const auto closed = testing::bound_socket();
    const auto answer = make_transport()->send(post(url_of(closed)), {}, {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Unreachable);
    EXPECT_FALSE(answer.error().request_may_have_been_executed);
    EXPECT_THAT(answer.error().message, HasSubstr("cannot reach " + url_of(closed)));
}

TEST(CurlTransport, UnknownHostWasNotExecuted) {
    // RFC 6761: names under .invalid never resolve.
    const auto answer = make_transport()->send(post("http://ecs.invalid/"), {}, {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Unreachable);
    EXPECT_FALSE(answer.error().request_may_have_been_executed);
    EXPECT_THAT(answer.error().message, HasSubstr("ecs.invalid"));
}

TEST(CurlTransport, AnswerThatDoesNotComeInTimeMayHaveBeenExecuted) {
    std::promise<void> test_over;
    LoopbackServer server([&, over = test_over.get_future().share()](Connection& connection) {
        connection.read_request();
        over.wait();
    });
    const auto answer = make_transport()->send(post(server.url()), within(80ms), {});
    test_over.set_value();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
    EXPECT_TRUE(answer.error().request_may_have_been_executed);
    EXPECT_EQ(answer.error().message, "no answer from " + server.url() + " within 80ms");
}

TEST(CurlTransport, HalfAnAnswerIsNotAnAnswer) {
    LoopbackServer server([&](Connection& connection) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    });
    const auto answer = make_transport()->send(post(server.url()), {}, {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Unreachable);
    EXPECT_TRUE(answer.error().request_may_have_been_executed);
}

TEST(CurlTransport, ConnectionThatIsNeverAcceptedTimesOutAndWasNotExecuted) {
    const testing::FullBacklog backlog;
    const auto answer = make_transport()->send(post(backlog.url()), within(100ms), {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout) << answer.error().message;
    EXPECT_FALSE(answer.error().request_may_have_been_executed);
}

TEST(CurlTransport, StopEndsAWaitingExchangeAtOnce) {
    std::promise<void> received;
    std::promise<void> test_over;
    LoopbackServer server([&, over = test_over.get_future().share()](Connection& connection) {
        connection.read_request();
        received.set_value();
        over.wait();
    });
    std::stop_source stop;
    std::jthread user([&] {
        received.get_future().wait();
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = make_transport()->send(post(server.url()), within(60s), stop.get_token());
    test_over.set_value();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Interrupted);
    EXPECT_TRUE(answer.error().request_may_have_been_executed);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(CurlTransport, StopBeforeTheRequestSendsNothing) {
    LoopbackServer server(echo);
    std::stop_source stop;
    stop.request_stop();
    const auto answer = make_transport()->send(post(server.url()), {}, stop.get_token());
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Interrupted);
    EXPECT_FALSE(answer.error().request_may_have_been_executed);
    EXPECT_EQ(server.connections(), 0);
}

TEST(CurlTransport, ProxyIsUsedForTheInternetButNotForThisMachine) {
    LoopbackServer proxy(echo);
    LoopbackServer server(echo);
    const ScopedVariable variable("http_proxy", proxy.url());
    const auto transport = make_transport();

    const auto direct = transport->send({"GET", server.url() + "/direct", {}, ""}, {}, {});
    ASSERT_TRUE(direct.has_value()) << direct.error().message;
    EXPECT_EQ(proxy.connections(), 0);

    const auto proxied = transport->send({"GET", "http://ecs.invalid/far", {}, ""}, {}, {});
    ASSERT_TRUE(proxied.has_value()) << proxied.error().message;
    EXPECT_THAT(proxied->body, StartsWith("GET http://ecs.invalid/far HTTP/1.1\r\n"));

    TransportOptions bypass;
    bypass.bypass_proxy = true;
    EXPECT_FALSE(transport->send({"GET", "http://ecs.invalid/far", {}, ""}, bypass, {}).has_value());
}

TEST(CurlTransport, ManyThreadsShareOneTransport) {
    LoopbackServer server(echo);
    const auto transport = make_transport();
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        threads.reserve(8);
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 25; ++i) {
                    const std::string body = std::to_string(t) + ":" + std::to_string(i);
                    const auto answer = transport->send(post(server.url(), body), {}, {});
                    good += answer && answer->body.ends_with("\r\n\r\n" + body) ? 1 : 0;
                }
            });
        }
    }
    EXPECT_EQ(good, 200);
    EXPECT_LE(server.connections(), 8);
}

TEST(CurlTransport, RedirectIsAnAnswer) {
    LoopbackServer server([](Connection& connection) {
        connection.read_request();
        connection.answer(301, "", "Location: http://ecs.invalid/\r\n");
    });
    const auto answer = make_transport()->send(post(server.url()), {}, {});
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 301);
}

TEST(CurlTransport, WhatIsNotHttpIsRefused) {
    for (const std::string url : {"file:///etc/passwd", "ftp://127.0.0.1/", "ecs.eu-west-1.amazonaws.com", ""}) {
        const auto answer = make_transport()->send({"GET", url, {}, ""}, {}, {});
        ASSERT_FALSE(answer.has_value()) << url;
        EXPECT_EQ(answer.error().kind, ErrorKind::Unreachable);
    }
}

TEST(CurlTransport, HeaderWithALineBreakIsRefusedWithoutItsValue) {
    LoopbackServer server(echo);
    const auto answer =
        make_transport()->send({"GET", server.url(), {{"Authorization", "secret\r\nX-Other: 1"}}, ""}, {}, {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().message, "the header Authorization cannot be sent: it has a line break");
    EXPECT_EQ(server.connections(), 0);
}

TEST(CurlTransport, MissingCertificateBundleIsNamed) {
    const auto transport = CurlTransport::create({.ca_bundle = "/nowhere/ca.pem", .verify_tls = true});
    ASSERT_FALSE(transport.has_value());
    EXPECT_EQ(transport.error().kind, ErrorKind::Usage);
    EXPECT_EQ(transport.error().message, "the certificate bundle /nowhere/ca.pem (AWS_CA_BUNDLE) cannot be read");
}

} // namespace
} // namespace ecsr
