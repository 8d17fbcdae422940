#include "net/http_server.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <fmt/format.h>
#include <future>
#include <gmock/gmock.h>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace ecsr {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A blocking client that sends exactly the bytes it is told to. Every read has a deadline of ten seconds.
class RawClient {
public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{10, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool connected() const { return connected_; }

    // False when the peer has closed.
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) { return false; }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // The next whole answer with a Content-Length, or what came before the peer closed or the deadline passed.
    std::string receive() {
        while (true) {
            const auto head = received_.find("\r\n\r\n");
            if (head != std::string::npos) {
                const auto size = head + 4 + content_length(received_.substr(0, head));
                if (received_.size() >= size) {
                    std::string answer = received_.substr(0, size);
                    received_.erase(0, size);
                    return answer;
                }
            }
            if (!receive_more()) { return std::exchange(received_, {}); }
        }
    }

    std::string exchange(std::string_view bytes) {
        send(bytes);
        return receive();
    }

    // True when the peer closes (or resets) without sending anything more.
    bool is_closed_by_peer() {
        char byte = 0;
        const auto got = ::recv(socket_, &byte, 1, 0);
        return got == 0 || (got < 0 && errno == ECONNRESET);
    }

private:
    static std::size_t content_length(const std::string& head) {
        static constexpr std::string_view name = "Content-Length: ";
        const auto at = head.find(name);
        return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
    }

    bool receive_more() {
        std::array<char, 4096> bytes{};
        const auto got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (got <= 0) { return false; }
        received_.append(bytes.data(), static_cast<std::size_t>(got));
        return true;
    }

    int socket_;
    bool connected_ = false;
    std::string received_;
};

// Holds handlers until the test lets them go on.
class Gate {
public:
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return open_; });
    }
    void await_waiting(int count) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, Seconds(10), [&] { return waiting_ >= count; }));
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool open_ = false;
};

HttpResponse echo(const HttpRequest& request) {
    return {200, {{"Content-Type", "text/plain"}}, fmt::format("{} {} {}", request.method, request.url, request.body)};
}

std::unique_ptr<HttpServer> started(HttpHandler handler, const HttpServerOptions& options = {}) {
    auto server = start_http_server(options, std::move(handler));
    EXPECT_TRUE(server.has_value());
    return std::move(server).value();
}

constexpr std::string_view get = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(HttpServer, AnswersSeveralRequestsOnOneConnection) {
    const auto server = started(echo);
    RawClient client(server->port());
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.exchange(get);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(answer, HasSubstr("GET /a?b=c "));
    }
}

TEST(HttpServer, ClosesTheConnectionWhereTheHandlerHasNoAnswer) {
    const auto server = started([](const HttpRequest&) { return HttpResponse{}; });
    RawClient client(server->port());
    client.send(get);
    EXPECT_TRUE(client.is_closed_by_peer());
    EXPECT_TRUE(RawClient(server->port()).connected());
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    const auto server = started(echo);
    RawClient client(server->port());
    client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.receive(), HasSubstr("GET /1"));
    EXPECT_THAT(client.receive(), HasSubstr("GET /2"));
}

TEST(HttpServer, PassesHeadersAndBodyOn) {
    const auto server = started([](const HttpRequest& request) {
        return HttpResponse{201, {{"X-Seen", std::string(find_header(request.headers, "x-sent"))}}, request.body};
    });
    RawClient client(server->port());
    const auto answer = client.exchange("POST / HTTP/1.1\r\nHost: x\r\nX-Sent: yes\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n"));
    EXPECT_THAT(answer, HasSubstr("X-Seen: yes\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\n\r\nhello"));
}

TEST(HttpServer, ReadsChunkedBodies) {
    const auto server = started(echo);
    RawClient client(server->port());
    const auto answer = client.exchange("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("PUT / abcdefg"));
}

TEST(HttpServer, InvitesTheBodyWhenTheClientWaitsForThat) {
    const auto server = started(echo);
    RawClient client(server->port());
    const auto invitation =
        client.exchange("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(invitation, "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_THAT(client.exchange("hi"), HasSubstr("POST / hi"));
}

TEST(HttpServer, ClosesWhenTheClientWantsTo) {
    const auto server = started(echo);
    RawClient client(server->port());
    EXPECT_THAT(client.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServer, LeavesTheBodyOutForHead) {
    const auto server = started([](const HttpRequest&) { return HttpResponse{200, {}, "12345"}; });
    RawClient client(server->port());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = client.receive(); // waits for five bytes that never come, then for the close
    EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(HttpServer, IdleConnectionsDoNotKeepOthersWaiting) {
    HttpServerOptions options;
    options.threads = 2;
    const auto server = started(echo, options);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<RawClient>(server->port()));
        ASSERT_TRUE(clients.back()->connected());
    }
    for (int round = 0; round < 3; ++round) {
        for (const auto& client : clients) { ASSERT_TRUE(client->send(get)); }
        for (const auto& client : clients) { ASSERT_THAT(client->receive(), HasSubstr("GET /a?b=c")); }
    }
}

TEST(HttpServer, AHandlerThatWaitsDoesNotKeepThoseWaitingThatAnswerAtOnce) {
    HttpServerOptions options;
    options.threads = 1;
    options.is_answered_at_once = [](const HttpRequest& request) { return request.url != "/wait"; };
    std::promise<void> go_on;
    const auto waiting = [&, may_go_on = go_on.get_future().share()](const HttpRequest& request) {
        if (request.url == "/wait") { may_go_on.wait(); }
        return HttpResponse{200, {}, request.url};
    };
    const auto server = started(waiting, options);
    RawClient slow(server->port());
    RawClient second(server->port());
    slow.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    second.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"); // waits for the only thread of the pool
    RawClient other(server->port());
    for (int i = 0; i < 3; ++i) { EXPECT_THAT(other.exchange(get), HasSubstr("/a?b=c")); }
    go_on.set_value();
    EXPECT_THAT(slow.receive(), HasSubstr("/wait"));
    EXPECT_THAT(second.receive(), HasSubstr("/wait"));
}

TEST(HttpServer, AnswersWith500WhenAHandlerThrowsThatAnswersAtOnce) {
    HttpServerOptions options;
    options.is_answered_at_once = [](const HttpRequest&) { return true; };
    const auto server =
        started([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("broken"); }, options);
    RawClient client(server->port());
    EXPECT_THAT(client.exchange(get), StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(client.exchange(get), StartsWith("HTTP/1.1 500 "));
}

TEST(HttpServer, SlowClientsDoNotKeepOthersWaiting) {
    HttpServerOptions options;
    options.threads = 1;
    const auto server = started(echo, options);
    RawClient slow(server->port());
    slow.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Le");
    RawClient other(server->port());
    EXPECT_THAT(other.exchange(get), HasSubstr("GET /a?b=c"));
    slow.send("ngth: 4\r\n\r\nsl");
    EXPECT_THAT(other.exchange(get), HasSubstr("GET /a?b=c"));
    EXPECT_THAT(slow.exchange("ow"), HasSubstr("POST / slow"));
}

TEST(HttpServer, GivesUpOnRequestsThatNeverEnd) {
    HttpServerOptions options;
    options.request_timeout = Millis(100);
    const auto server = started(echo, options);
    RawClient client(server->port());
    client.send("GET / HTTP/1.1\r\nHo");
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServer, ClosesIdleConnections) {
    HttpServerOptions options;
    options.idle_timeout = Millis(100);
    const auto server = started(echo, options);
    RawClient client(server->port());
    EXPECT_THAT(client.exchange(get), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServer, RefusesABodyOverTheLimitByItsDeclaredLength) {
    const auto server = started(echo);
    RawClient client(server->port());
    client.send(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", (16U << 20U) + 1));
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 413 "));
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServer, TellsAClientThatSendsItsWholeOversizeBodyWhyItWasRefused) {
    HttpServerOptions options;
    options.body_limit = 1000;
    const auto server = started(echo, options);
    RawClient client(server->port());
    const std::string body(4U << 20U, 'x');
    ASSERT_TRUE(client.send(fmt::format(
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n", body.size(), body)));
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, TakesABodyAtTheLimit) {
    const auto server =
        started([](const HttpRequest& request) { return HttpResponse{200, {}, std::to_string(request.body.size())}; });
    RawClient client(server->port());
    const std::string body(16U << 20U, 'x');
    client.send(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
    EXPECT_TRUE(client.receive().ends_with("\r\n\r\n16777216"));
}

TEST(HttpServer, RefusesOversizeHeaders) {
    const auto server = started(echo);
    RawClient client(server->port());
    client.send(fmt::format("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", std::string(100'000, 'x')));
    EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 431 "));
}

TEST(HttpServer, RefusesWhatIsNotHttp) {
    const auto server = started(echo);
    RawClient client(server->port());
    EXPECT_THAT(client.exchange("hello there\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServer, AnswersWith500WhenTheHandlerThrows) {
    const auto server =
        started([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("broken on purpose"); });
    RawClient client(server->port());
    const auto answer = client.exchange(get);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_EQ(answer.find("broken on purpose"), std::string::npos);
}

TEST(HttpServer, FinishesRunningHandlersBeforeItEnds) {
    Gate gate;
    auto server = started([&](const HttpRequest& request) {
        gate.pass();
        return echo(request);
    });
    RawClient busy(server->port());
    RawClient idle(server->port());
    const auto port = server->port();
    busy.send(get);
    gate.await_waiting(1);
    std::thread ending([&] { server.reset(); });
    EXPECT_TRUE(idle.is_closed_by_peer()); // the server has begun to stop
    EXPECT_FALSE(RawClient(port).connected());
    gate.open();
    const auto answer = busy.receive();
    ending.join();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST(HttpServer, EndsWhileRequestsKeepComing) {
    std::atomic<bool> ended = false;
    auto server = started(echo);
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&, port = server->port()] {
            while (!ended) {
                RawClient client(port);
                for (int n = 0; n < 5 && client.exchange(get).starts_with("HTTP/1.1 200"); ++n) { ++answered; }
            }
        });
    }
    while (answered < 100) { std::this_thread::yield(); }
    server.reset();
    ended = true;
    for (auto& client : clients) { client.join(); }
    EXPECT_GE(answered, 100);
}

TEST(HttpServer, SaysWhyItCannotListen) {
    const auto server = started(echo);
    HttpServerOptions taken;
    taken.port = server->port();
    const auto second = start_http_server(taken, echo);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().kind, ErrorKind::Io);
    EXPECT_EQ(second.error().message,
              fmt::format("cannot listen on 127.0.0.1:{}: Address already in use", server->port()));
}

TEST(HttpServer, ListensOnLoopbackOnly) {
    for (const auto* address : {"0.0.0.0", "10.0.0.1", "localhost", ""}) {
        HttpServerOptions options;
        options.address = address;
        const auto server = start_http_server(options, echo);
        ASSERT_FALSE(server.has_value()) << address;
        EXPECT_EQ(server.error().kind, ErrorKind::Usage) << address;
    }
}

TEST(HttpServer, ListensOnTheAddressOfATask) {
    HttpServerOptions options;
    options.address = "127.9.8.7";
    EXPECT_NE(started(echo, options)->port(), 0);
}

} // namespace
} // namespace ecsr
