// A recycler that breaks each rule once: the checkers say so.
#include "tests/simulation/checkers.hpp"
#include "tests/simulation/workload.hpp"
#include "tests/support/manual_clock.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ecsr::simulation {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

Options two_tasks() {
    Options options;
    options.seed = 1;
    options.tasks = 2;
    options.load_balancer = true;
    options.scalable_target = true;
    options.alarm = true;
    options.check_interval = Seconds(5);
    options.stop_timeout = Seconds(2);
    options.slowest_decision = Seconds(1);
    return options;
}

class BadRecycler : public ::testing::Test {
protected:
    void SetUp() override {
        Random random(1);
        make_service(world, options, random);
        others.desired = others.desired_known = others.count_known = options.tasks;
        checkers.begin();
        checkers.process_begins(nullptr);
        checkers.run_begins();
        checkers.run_has_read();
        world.watch([this](Instant) { checkers.look(); });
        run.cutoff = world.now();
        run.restored = true;
        run.ending = recycle::Ending{recycle::Outcome::Done, "all replaced", {}};
    }

    // A call of the recycler that reaches ECS, and what it is told.
    void calls(const std::string& operation, const std::string& body) {
        checkers.asked();
        const auto answer = world.handle({"POST",
                                          "/",
                                          {{"X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + operation},
                                           {"Content-Type", "application/x-amz-json-1.1"}},
                                          body});
        EXPECT_EQ(answer.status, 200) << answer.body;
        checkers.heard({operation, body, true, true});
        world.go_on(Seconds(60));
    }
    void reads(const std::string& operation) { checkers.heard({operation, "{}", true, true}); }
    void intends_to_stop(const std::string& id) {
        recycle::Run under_way;
        under_way.pending_at = world.now();
        checkers.intends(under_way, recycle::StopTask{id, "recycling"});
    }
    void stops(const std::string& id) {
        intends_to_stop(id);
        calls("StopTask", fmt::format(R"({{"cluster":"c","task":"{}"}})", id));
    }
    void sets_desired(int count) {
        calls("UpdateService", fmt::format(R"({{"cluster":"c","service":"s","desiredCount":{}}})", count));
    }
    std::string some_task() const { return world.state().tasks.begin()->first; }

    void ends() {
        act::RunRecord record;
        record.run = run;
        checkers.end(record);
    }
    void expect_broken(const std::string& rule) { EXPECT_THAT(checkers.broken(), Contains(HasSubstr(rule))); }

    const Options options = two_tasks();
    Marks marks;
    Others others;
    VirtualWorld world{{.seed = 1, .start = testing::fixed_epoch, .scheduler = scheduler_of(options)}};
    Checkers checkers{world, options, others, marks};
    recycle::Run run;
};

TEST_F(BadRecycler, StopsAHealthyTaskWithoutASurge) {
    reads("DescribeTargetHealth");
    stops(some_task());
    expect_broken("I1: 1 healthy tasks are left, 2 are wanted");
}

TEST_F(BadRecycler, MayStopOneWhenAThirdIsHealthy) {
    const std::string old = some_task();
    sets_desired(3);
    reads("DescribeTargetHealth");
    stops(old);
    EXPECT_TRUE(checkers.broken().empty()) << checkers.broken().front();
}

TEST_F(BadRecycler, StopsATaskThatWasNotThere) {
    const std::set<std::string> old = [&] {
        std::set<std::string> ids;
        for (const auto& [id, task] : world.state().tasks) { ids.insert(id); }
        return ids;
    }();
    sets_desired(3);
    for (const auto& [id, task] : world.state().tasks) {
        if (!old.contains(id)) { return stops(id), expect_broken("I2: a task was stopped that was not there"); }
    }
    FAIL() << "no new task";
}

TEST_F(BadRecycler, LeavesAnOldTask) {
    ends();
    expect_broken("I2: an old task is left");
}

TEST_F(BadRecycler, LeavesTheDesiredCountRaised) {
    sets_desired(3);
    ends();
    expect_broken("I3: desired count 3 at the end, 2 without us");
}

TEST_F(BadRecycler, LeavesProtection) {
    calls("UpdateTaskProtection",
          fmt::format(R"({{"cluster":"c","tasks":["{}"],"protectionEnabled":true}})", some_task()));
    ends();
    expect_broken("I3: task " + some_task() + " is protected at the end");
}

TEST_F(BadRecycler, LeavesAutoscalingSuspended) {
    world.scaling("RegisterScalableTarget",
                  R"({"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","ResourceId":)"
                  R"("service/c/s","SuspendedState":{"DynamicScalingInSuspended":true}})");
    ends();
    expect_broken("I3: scalable target");
}

TEST_F(BadRecycler, ChangesAServiceThatAnotherHolds) {
    checkers.heard_second({"UpdateService", "{}", true, true});
    expect_broken("I4: a second recycler did UpdateService");
}

TEST_F(BadRecycler, GoesOnAfterItWasAskedToEnd) {
    others.abort_asked_at = world.now();
    world.go_on(Seconds(60));
    intends_to_stop(some_task());
    expect_broken("I5: a task was to be stopped after the run was asked to end");
}

TEST_F(BadRecycler, GoesOnAfterCtrlC) {
    others.interrupted_at = world.now();
    intends_to_stop(some_task());
    expect_broken("I5: a task was to be stopped after the run was asked to end");
}

TEST_F(BadRecycler, StopsAnotherTaskThanItSaid) {
    intends_to_stop("another");
    calls("StopTask", fmt::format(R"({{"cluster":"c","task":"{}"}})", some_task()));
    expect_broken("I5: a task was stopped that was not the last to be stopped");
}

TEST_F(BadRecycler, GoesOnAfterItSawTheAlarm) {
    others.alarm_fires = true;
    reads("DescribeAlarms");
    stops(some_task());
    expect_broken("I5: a task was stopped after the alarm was seen");
}

// What somebody set is overwritten, as there is no compare-and-set; but all rules hold for what the recycler knew.
TEST_F(BadRecycler, RaisesFurtherAfterItOverwroteWhatSomebodySet) {
    others.desired = 5;
    sets_desired(3);
    EXPECT_TRUE(checkers.broken().empty()) << checkers.broken().front();
    sets_desired(4);
    expect_broken("I6: desired count set to 4, others want 2, the surge is 1");
}

TEST_F(BadRecycler, LeavesTheDesiredCountRaisedAfterItOverwroteWhatSomebodySet) {
    others.desired = 5;
    sets_desired(3);
    ends();
    expect_broken("I3: desired count 3 at the end, 2 without us");
}

TEST_F(BadRecycler, AddsTheSurgeTwice) {
    sets_desired(3);
    sets_desired(4);
    expect_broken("I6: desired count set to 4, others want 2, the surge is 1");
}

} // namespace
} // namespace ecsr::simulation
