#include "local/workload/leak.hpp"
#include "local/workload/workload.hpp"
#include "tests/support/manual_clock.hpp"

#include <atomic>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <thread>

namespace ecsr::local {
namespace {

using ecsr::testing::fixed_epoch;
using ecsr::testing::ManualClock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

// Stands where the HTTP server stands, so that tests can ask the handler themselves.
class HandedServer {
public:
    HttpServerFactory factory() {
        return [this](const HttpServerOptions& options, HttpHandler handler) -> Result<std::unique_ptr<HttpServer>> {
            if (!refusal.empty()) { return fail(ErrorKind::Io, refusal); }
            asked = options;
            handler_ = std::move(handler);
            listening = true;
            return std::make_unique<Listening>(*this);
        };
    }
    HttpResponse get(const std::string& url) {
        ++in_flight_;
        HttpResponse answer = handler_({"GET", url, {}, {}});
        --in_flight_;
        return answer;
    }

    HttpServerOptions asked;
    std::string refusal;
    std::atomic<bool> listening = false;

private:
    struct Listening : HttpServer {
        explicit Listening(HandedServer& owner) : owner_(owner) {}
        // As the real server does: running handlers finish first.
        ~Listening() override {
            owner_.listening = false;
            while (owner_.in_flight_ > 0) { std::this_thread::yield(); }
        }
        std::uint16_t port() const override { return owner_.asked.port; }
        HandedServer& owner_;
    };
    HttpHandler handler_;
    std::atomic<int> in_flight_ = 0;
};

class WorkloadTest : public ::testing::Test {
protected:
    WorkloadContext context(Clock& clock) {
        return {[this](std::string_view name) -> std::optional<std::string> {
                    const auto found = environment_.find(name);
                    return found == environment_.end() ? std::nullopt : std::optional(found->second);
                },
                server_.factory(), clock, stop_.get_token()};
    }

    int run(std::string_view name, const std::vector<std::string>& arguments = {}) {
        return run_workload(name, arguments, context(jumping_));
    }

    // The line on stderr of a workload that must end with exit code 2.
    std::string refusal(std::string_view name, const std::vector<std::string>& arguments = {}) {
        CaptureStderr();
        const int exit_code = run(name, arguments);
        EXPECT_EQ(exit_code, 2);
        return GetCapturedStderr();
    }

    // In a thread of its own, on the clock that only the test moves.
    void start(std::string_view name) {
        running_ = std::thread([this, name] { exit_code_ = run_workload(name, {}, context(blocking_)); });
    }
    int join() {
        running_.join();
        return exit_code_;
    }
    ~WorkloadTest() override {
        stop_.request_stop();
        blocking_.advance(std::chrono::hours(24)); // ends waits that do not end by the stop
        if (running_.joinable()) { running_.join(); }
    }

    std::map<std::string, std::string, std::less<>> environment_;
    HandedServer server_;
    std::stop_source stop_;
    ManualClock jumping_;
    ManualClock blocking_{fixed_epoch, ManualClock::Sleepers::Block};
    std::thread running_;
    std::atomic<int> exit_code_ = -1;
};

TEST_F(WorkloadTest, TheNamesAreKnown) {
    EXPECT_THAT(workload_names(), ElementsAre("crash", "leaky-web", "sleeper", "web"));
}

TEST_F(WorkloadTest, AnUnknownNameIsRefusedWithTheKnownOnes) {
    EXPECT_EQ(refusal("wbe"),
              "ecs-recycler workload: there is no workload \"wbe\"; there are crash, leaky-web, sleeper, web\n");
}

TEST_F(WorkloadTest, ArgumentsAreRefused) {
    EXPECT_EQ(refusal("web", {"--port", "80"}),
              "ecs-recycler workload: web takes no argument (got \"--port\"); it is set up by environment variables\n");
}

TEST_F(WorkloadTest, EverythingWrongWithTheEnvironmentIsSaidInOneLine) {
    environment_ = {
        {"PORT", "80x"}, {"STARTUP_SECONDS", "-1"}, {"HEALTH_STATUS", "99"}, {"LEAK_BYTES_PER_SECOND", "1MB"}};
    EXPECT_EQ(
        refusal("leaky-web"),
        "ecs-recycler workload: PORT=\"80x\" is not a whole number from 1 to 65535; STARTUP_SECONDS=\"-1\" is not a "
        "number of seconds from 0 to 604800; HEALTH_STATUS=\"99\" is not a whole number from 200 to 599; "
        "LEAK_BYTES_PER_SECOND=\"1MB\" is not a whole number from 0 to 1099511627776\n");
    environment_ = {{"EXIT_CODE", "256"}};
    EXPECT_THAT(refusal("crash"), HasSubstr("EXIT_CODE=\"256\" is not a whole number from 0 to 255"));
    environment_ = {{"IGNORE_SIGTERM", "yes"}};
    EXPECT_THAT(refusal("sleeper"), HasSubstr("IGNORE_SIGTERM=\"yes\" is not 1, true, 0 or false"));
    environment_ = {{"AFTER_SECONDS", "nan"}};
    EXPECT_THAT(refusal("crash"), HasSubstr("AFTER_SECONDS=\"nan\" is not a number of seconds"));
}

TEST_F(WorkloadTest, CrashEndsWithItsExitCodeAfterItsTime) {
    environment_ = {{"EXIT_CODE", "42"}, {"AFTER_SECONDS", "2.5"}};
    EXPECT_EQ(run("crash"), 42);
    EXPECT_THAT(jumping_.sleeps(), ElementsAre(Millis(2500)));
    environment_ = {};
    EXPECT_EQ(run("crash"), 1);
}

TEST_F(WorkloadTest, CrashEndsEarlierWhenItIsStopped) {
    environment_ = {{"AFTER_SECONDS", "60"}};
    start("crash");
    blocking_.wait_for_sleepers(1);
    stop_.request_stop();
    EXPECT_EQ(join(), 143);
}

TEST_F(WorkloadTest, ASleeperSleepsUntilItIsStopped) {
    start("sleeper");
    blocking_.wait_for_sleepers(1);
    stop_.request_stop();
    EXPECT_EQ(join(), 143);
}

TEST_F(WorkloadTest, ASleeperThatIgnoresSigtermSleepsOn) {
    environment_ = {{"IGNORE_SIGTERM", "1"}};
    std::atomic<int> sleeps = 0;
    struct Enough {};
    struct CountingClock : Clock {
        explicit CountingClock(std::atomic<int>& counts) : count(counts) {}
        Instant now() override { return fixed_epoch; }
        Millis steady() override { return Millis(0); }
        bool sleep_until(Instant, std::stop_token) override {
            if (++count == 3) { throw Enough(); } // the only way out of a sleep for ever
            return true;
        }
        std::atomic<int>& count;
    } clock(sleeps);
    stop_.request_stop();
    EXPECT_THROW(run_workload("sleeper", {}, context(clock)), Enough);
}

TEST_F(WorkloadTest, WebListensWhereItIsToldAfterItsStartUpTime) {
    environment_ = {{"HOST", "127.3.4.5"}, {"PORT", "81"}, {"STARTUP_SECONDS", "3"}};
    start("web");
    blocking_.wait_for_sleepers(1);
    EXPECT_FALSE(server_.listening);
    blocking_.advance(Millis(2999));
    blocking_.wait_for_sleepers(1);
    EXPECT_FALSE(server_.listening);
    blocking_.advance(Millis(1));
    while (!server_.listening) { std::this_thread::yield(); }
    EXPECT_EQ(server_.asked.address, "127.3.4.5");
    EXPECT_EQ(server_.asked.port, 81);
    stop_.request_stop();
    EXPECT_EQ(join(), 0);
}

TEST_F(WorkloadTest, WebThatIsStoppedWhileItStartsNeverListens) {
    environment_ = {{"STARTUP_SECONDS", "3"}};
    start("web");
    blocking_.wait_for_sleepers(1);
    stop_.request_stop();
    EXPECT_EQ(join(), 0);
    EXPECT_TRUE(server_.asked.port == 0);
}

TEST_F(WorkloadTest, WebSaysWhyItCannotListen) {
    server_.refusal = "cannot listen on 127.0.0.1:80: Address already in use";
    CaptureStderr();
    EXPECT_EQ(run("web"), 1);
    EXPECT_EQ(GetCapturedStderr(), "cannot listen on 127.0.0.1:80: Address already in use\n");
}

class WebTest : public WorkloadTest {
protected:
    void start_listening(std::string_view name) {
        start(name);
        while (!server_.listening) { std::this_thread::yield(); }
        blocking_.wait_for_sleepers(1);
    }
};

TEST_F(WebTest, AnswersWithTheTask) {
    environment_ = {{"LOCAL_ECS_TASK_ID", "0123abcd"}};
    start_listening("web");
    const auto answer = server_.get("/?q=1");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "task 0123abcd\n");
    EXPECT_EQ(server_.get("/health").status, 200);
    EXPECT_EQ(server_.get("/nosuch").status, 404);
}

TEST_F(WebTest, HealthIsAsConfigured) {
    environment_ = {{"HEALTH_STATUS", "503"}};
    start_listening("web");
    EXPECT_EQ(server_.get("/health").status, 503);
    EXPECT_EQ(server_.get("/").status, 200);
}

TEST_F(WebTest, HealthEndsAfterItsTime) {
    environment_ = {{"UNHEALTHY_AFTER_SECONDS", "10"}};
    start_listening("web");
    blocking_.advance(Millis(9999));
    EXPECT_EQ(server_.get("/health").status, 200);
    blocking_.advance(Millis(1));
    EXPECT_EQ(server_.get("/health").status, 503);
    EXPECT_EQ(server_.get("/").status, 200);
}

TEST_F(WebTest, AnswersTakeTheirTimeAlsoWhenStopped) {
    environment_ = {{"RESPONSE_MS", "250"}};
    start_listening("web");
    std::atomic<int> status = 0;
    std::thread client([&] { status = server_.get("/").status; });
    blocking_.wait_for_sleepers(2);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(server_.get("/health").status, 200); // at once
    stop_.request_stop();
    blocking_.advance(Millis(250));
    client.join();
    EXPECT_EQ(status, 200);
}

TEST_F(WebTest, StopsListeningAtOnceAndLeavesAfterItsShutdownTime) {
    environment_ = {{"SHUTDOWN_SECONDS", "5"}};
    start_listening("web");
    stop_.request_stop();
    while (server_.listening) { std::this_thread::yield(); }
    blocking_.wait_for_sleepers(1);
    EXPECT_EQ(exit_code_, -1);
    blocking_.advance(Seconds(5));
    EXPECT_EQ(join(), 0);
}

std::uint64_t resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) { return std::stoull(line.substr(6)); }
    }
    return 0;
}

TEST_F(WebTest, LeakyWebLeaksForEveryAnswerButThoseOfHealthChecks) {
    environment_ = {{"LEAK_BYTES_PER_REQUEST", "10485760"}};
    start_listening("leaky-web");
    const auto before = resident_kib();
    for (int i = 0; i < 5; ++i) { server_.get("/health"); }
    EXPECT_LT(resident_kib(), before + 10'000);
    for (int i = 0; i < 5; ++i) { server_.get("/"); }
    EXPECT_GE(resident_kib(), before + 50'000);
}

TEST_F(WebTest, LeakyWebLeaksWithTime) {
    environment_ = {{"LEAK_BYTES_PER_SECOND", "10485760"}};
    start_listening("leaky-web");
    const auto before = resident_kib();
    blocking_.advance(Seconds(5));
    while (resident_kib() < before + 40'000) { std::this_thread::yield(); }
    EXPECT_LT(resident_kib(), before + 70'000);
}

TEST_F(WebTest, WebDoesNotLeak) {
    environment_ = {{"LEAK_BYTES_PER_REQUEST", "10485760"}};
    start_listening("web");
    const auto before = resident_kib();
    for (int i = 0; i < 5; ++i) { server_.get("/"); }
    EXPECT_LT(resident_kib(), before + 10'000);
}

TEST(LeakPace, CarriesFractionsOverAndTakesNothingBack) {
    LeakPace pace(15, fixed_epoch);
    EXPECT_EQ(pace.due(fixed_epoch + Millis(100)), 1U);
    EXPECT_EQ(pace.due(fixed_epoch + Millis(200)), 2U);
    EXPECT_EQ(pace.due(fixed_epoch), 0U);
    EXPECT_EQ(pace.due(fixed_epoch + Millis(1000)), 12U);
}

TEST(Leak, HoldsWhatItTook) {
    Leak leak;
    leak.grow(1);
    leak.grow(200'000);
    EXPECT_EQ(leak.size(), 200'001U);
}

} // namespace
} // namespace ecsr::local
