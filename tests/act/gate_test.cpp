#include "act/gate.hpp"
#include "tests/act/scratch.hpp"
#include "tests/act/service_world.hpp"
#include "tests/support/scripted_caller.hpp"

namespace ecsr::act {
namespace {

using namespace ecsr::testing;
using namespace ecsr::recycle;

constexpr const char* cluster = R"("cluster":"arn:aws:ecs:eu-west-1:123456789012:cluster/prod")";

struct TheGate : ::testing::Test {
    // Makes the change against a script; the calls must be exactly those.
    Result<Status> perform(const Change& change, std::vector<ScriptedCall> script) {
        caller = std::make_unique<ScriptedCaller>(std::move(script));
        const auto lock = journal->begin(run, web, claim("ann"));
        EXPECT_TRUE(lock.has_value());
        HeldRun held(*journal, *lock, clock, *caller, {}, {});
        Gate gate(*caller, clock, held, limits);
        run.pending = change;
        if (before_perform) { before_perform(*lock); }
        auto made = gate.perform(run, change, "because", unsaved, snapshot, {});
        EXPECT_EQ(caller->unused(), 0U);
        return made;
    }

    static std::vector<std::string> lines_of(const std::vector<Entry>& entries) {
        std::vector<std::string> lines;
        for (const Entry& entry : entries) {
            if (entry.kind != EntryKind::Started) { lines.push_back(to_string(entry.kind) + (": " + entry.text)); }
        }
        return lines;
    }

    std::vector<std::string> journalled() { return lines_of(*journal->entries("r1")); }

    ManualClock clock;
    std::unique_ptr<Journal> journal = open(":memory:");
    std::unique_ptr<ScriptedCaller> caller;
    Limits limits;
    recycle::Run run = rolling_run();
    Snapshot snapshot = three_healthy_tasks();
    std::vector<Entry> unsaved; // lines of the story
    std::function<void(const Lock&)> before_perform;
};

using Lines = std::vector<std::string>;

TEST_F(TheGate, JournalsTheIntentMakesTheCallAndTellsTheOutcome) {
    const std::string body = std::string("{") + cluster + R"(,"service":"web","desiredCount":4})";
    const auto made = perform(SetDesiredCount{3, 4}, {{"UpdateService", body,
                                                       R"({"service": {"serviceName": "web", "status": "ACTIVE",
                                                           "desiredCount": 4, "runningCount": 3}})"}});
    ASSERT_TRUE(made.has_value() && made->has_value());
    EXPECT_EQ(snapshot.service.desired_count, 4) << "the answer counts as a look";
    EXPECT_EQ(snapshot.service_at, clock.now());
    EXPECT_EQ(journalled(), Lines{"intent: desired count 3 -> 4: because"});
    EXPECT_EQ(lines_of(unsaved), Lines{"outcome: desired count 3 -> 4: done"});
}

TEST_F(TheGate, JournalsWhatLedToTheChangeTogetherWithTheIntent) {
    unsaved = {{0, clock.now(), EntryKind::Decided, "surge", {}}, {0, clock.now(), EntryKind::Note, "told", {}}};
    const Error no{ErrorKind::Remote, "no", "ClientException", 400, false};
    const std::string body = std::string("{") + cluster + R"(,"service":"web","desiredCount":4})";
    ASSERT_TRUE(perform(SetDesiredCount{3, 4}, {{"UpdateService", body, std::unexpected(no)}}).has_value());
    EXPECT_EQ(journalled(), (Lines{"decided: surge", "note: told", "intent: desired count 3 -> 4: because"}));
    EXPECT_EQ(lines_of(unsaved), Lines{"outcome: desired count 3 -> 4: not made: no"});
}

TEST_F(TheGate, MakesNoCallBeyondALimitAndNamesIt) {
    const auto made = perform(StopTask{task_arn(1), "x"}, {});
    ASSERT_TRUE(made.has_value());
    ASSERT_FALSE(made->has_value());
    EXPECT_EQ(made->error().kind, ErrorKind::Refused);
    EXPECT_NE(made->error().message.find("healthy-floor"), std::string::npos);
    EXPECT_TRUE(journalled().empty()) << "nothing was about to be made";
    ASSERT_EQ(unsaved.size(), 1U);
    EXPECT_EQ(unsaved.back().kind, EntryKind::Outcome);
    EXPECT_EQ(unsaved.back().facts.at("limit"), "healthy-floor");
}

TEST_F(TheGate, MakesNoCallWhenTheHoldIsLost) {
    before_perform = [&](const Lock&) {
        ASSERT_TRUE(journal->take("r1", claim("bob", fixed_epoch + std::chrono::minutes(1))));
    };
    const auto made = perform(SetDesiredCount{3, 4}, {});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().kind, ErrorKind::Locked);
    EXPECT_TRUE(journalled().empty());
}

TEST_F(TheGate, HandsBackWhatAwsSaidAndJournalsTheDoubt) {
    const Error lost{ErrorKind::Unreachable, "connection reset", "", 0, true};
    const std::string body = std::string("{") + cluster + R"(,"service":"web","desiredCount":4})";
    const auto made = perform(SetDesiredCount{3, 4}, {{"UpdateService", body, std::unexpected(lost)}});
    ASSERT_TRUE(made.has_value());
    ASSERT_FALSE(made->has_value());
    EXPECT_TRUE(made->error().request_may_have_been_executed);
    EXPECT_EQ(snapshot.service.desired_count, 3);
    EXPECT_EQ(lines_of(unsaved),
              Lines{"outcome: desired count 3 -> 4: it is not known whether it was made: connection reset"});
}

TEST_F(TheGate, StopsATaskAndLearnsThatItIsStopping) {
    add_task(snapshot, 4, fixed_epoch);
    const std::string body = "{" + std::string(cluster) + ",\"task\":\"" + task_arn(1) + "\",\"reason\":\"leak\"}";
    const auto made =
        perform(StopTask{task_arn(1), "leak"},
                {{"StopTask", body,
                  R"({"task": {"taskArn": ")" + task_arn(1) +
                      R"(", "lastStatus": "RUNNING", "desiredStatus": "STOPPED", "stoppingAt": 1767323045.5}})"}});
    ASSERT_TRUE(made.has_value() && made->has_value());
    EXPECT_FALSE(is_live(snapshot.tasks.at(task_arn(1))));
    EXPECT_EQ(snapshot.tasks.at(task_arn(1)).created_at, fixed_epoch - Seconds(3600)) << "known facts are kept";
}

TEST_F(TheGate, TellsAnUnknownTaskAsNotFound) {
    add_task(snapshot, 4, fixed_epoch);
    const std::string body = "{" + std::string(cluster) + ",\"task\":\"" + task_arn(1) + "\",\"reason\":\"leak\"}";
    const Error told{ErrorKind::Remote, "ecs StopTask: InvalidParameterException: The referenced task was not found.",
                     "InvalidParameterException", 400, false};
    const auto made = perform(StopTask{task_arn(1), "leak"}, {{"StopTask", body, std::unexpected(told)}});
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->error().kind, ErrorKind::NotFound);
}

// ---- failures inside HTTP 200 ----

struct Protecting : TheGate {
    Result<Status> protect(const std::string& failures, const std::string& protected_tasks) {
        const std::string body = "{" + std::string(cluster) + ",\"tasks\":[\"" + task_arn(1) + "\",\"" + task_arn(2) +
                                 "\"],\"protectionEnabled\":true,\"expiresInMinutes\":15}";
        return perform(ProtectTasks{{task_arn(1), task_arn(2)}, true, std::chrono::minutes(15)},
                       {{"UpdateTaskProtection", body,
                         R"({"protectedTasks": [)" + protected_tasks + R"(], "failures": [)" + failures + "]}"}});
    }
    static std::string failure(int number, const std::string& reason) {
        return R"({"arn": ")" + task_arn(number) + R"(", "reason": ")" + reason + R"(", "detail": "told"})";
    }
    static std::string told(int number) {
        return R"({"taskArn": ")" + task_arn(number) + R"(", "protectionEnabled": true, "expirationDate": 1767323945})";
    }
};

TEST_F(Protecting, LearnsWhatIsProtected) {
    const auto made = protect("", told(1) + "," + told(2));
    ASSERT_TRUE(made.has_value() && made->has_value());
    EXPECT_TRUE(snapshot.protection.at(task_arn(2)).enabled);
}

TEST_F(Protecting, NeedsNoTaskThatIsGone) {
    const auto made = protect(failure(1, "MISSING"), told(2));
    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(made->has_value());
}

TEST_F(Protecting, IsRefusedWhileProtectedTasksHoldUpADeployment) {
    const auto made = protect(failure(1, "DEPLOYMENT_BLOCKED") + "," + failure(2, "DEPLOYMENT_BLOCKED"), "");
    ASSERT_TRUE(made.has_value() && !made->has_value());
    EXPECT_EQ(made->error().kind, ErrorKind::Refused);
    EXPECT_EQ(made->error().code, "DEPLOYMENT_BLOCKED");
    // By an earlier attempt of the same call whose answer was lost, before the deployment began.
    EXPECT_TRUE(made->error().request_may_have_been_executed);
}

TEST_F(Protecting, LeavesItOpenWhichTasksWereProtectedWhenSomeWere) {
    const auto made = protect(failure(1, "SOMETHING_NEW"), told(2));
    ASSERT_TRUE(made.has_value() && !made->has_value());
    EXPECT_EQ(made->error().kind, ErrorKind::Remote);
    EXPECT_TRUE(made->error().request_may_have_been_executed);
    EXPECT_TRUE(snapshot.protection.at(task_arn(2)).enabled);
}

TEST_F(TheGate, WaitsForAutoscalingThatIsBeingChangedBySomebodyElse) {
    const ScalableTarget before{"service/prod/web", 1, 3, {}};
    ScalableTarget after = before;
    after.suspended.dynamic_scaling_in = true;
    const std::string body =
        R"({"ServiceNamespace":"ecs","ResourceId":"service/prod/web","ScalableDimension":"ecs:service:DesiredCount",)"
        R"("MinCapacity":1,"MaxCapacity":3,"SuspendedState":{"DynamicScalingInSuspended":true,)"
        R"("DynamicScalingOutSuspended":false,"ScheduledScalingSuspended":false}})";
    const Error told{ErrorKind::Remote, "ConcurrentUpdateException", "ConcurrentUpdateException", 400, false};
    const auto made = perform(SetScaling{before, after}, {{"RegisterScalableTarget", body, std::unexpected(told)}});
    ASSERT_TRUE(made.has_value() && !made->has_value());
    EXPECT_EQ(made->error().kind, ErrorKind::Throttled) << "worth another try";
    EXPECT_FALSE(snapshot.scaling_at.has_value());
}

} // namespace
} // namespace ecsr::act
