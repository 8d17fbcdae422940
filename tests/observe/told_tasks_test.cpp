// Service events and counts stand in for ListTasks where they account for every change (ECS behaviour C1), and only
// there.
#include "observe/observe.hpp"
#include "tests/observe/world.hpp"

#include <gmock/gmock.h>

namespace ecsr {
namespace {

using namespace testing;

const Instant start = fixed_epoch;
const Instant later = fixed_epoch + Seconds(10);

Look listing(std::vector<std::string> going = {}) {
    return {.service = true, .list_tasks = true, .going = std::move(going), .tasks = {}, .alarms = {}};
}

void look(std::vector<ScriptedCall> script, const Look& look, Snapshot& snapshot, Instant now = later) {
    ScriptedCaller caller(std::move(script));
    const Status status = Observer(caller, "prod", "web").look(look, snapshot, now, {});
    EXPECT_TRUE(status) << status.error().message;
    EXPECT_EQ(caller.unused(), 0U);
}

const std::string steady = event_json(1, "has reached a steady state.");
const std::string started_c = event_json(2, "has started 1 tasks: {c}.") + "," + steady;
const std::string stopped_a = event_json(3, "has stopped 1 running tasks: {a}.") + "," + started_c;

// Tasks a and b, listed and described, and the event that came before.
Snapshot two_tasks() {
    Snapshot snapshot;
    look({describe_service(service_json(2, 2, steady)), list_tasks_giving("ab"),
          describe_tasks("ab", tasks_json(task_json('a') + "," + task_json('b')))},
         listing(), snapshot, start);
    return snapshot;
}

ScriptedCall describe_c() {
    return describe_tasks("c", tasks_json(task_json('c', "PENDING")));
}

TEST(ToldTasks, ATaskThatAnEventNamesIsDescribedWithoutListing) {
    Snapshot snapshot = two_tasks();
    look({describe_service(service_json(3, 3, started_c)), describe_c()}, listing(), snapshot);
    EXPECT_TRUE(snapshot.listed.contains(task_arn('c')));
    EXPECT_EQ(snapshot.tasks.at(task_arn('c')).last_status, "PENDING");
    EXPECT_EQ(snapshot.listed_at, later);
}

TEST(ToldTasks, NothingNewCostsNoCall) {
    Snapshot snapshot = two_tasks();
    look({describe_service(service_json(2, 2, steady))}, listing(), snapshot);
    EXPECT_EQ(snapshot.listed_at, later);
}

TEST(ToldTasks, ATaskThatIsAboutToGoIsKnownToGoByTheEvent) {
    Snapshot snapshot = two_tasks();
    look({describe_service(service_json(2, 2, stopped_a)), describe_c()}, listing({task_arn('a')}), snapshot);
    const Task& gone = snapshot.tasks.at(task_arn('a'));
    EXPECT_FALSE(is_live(gone));
    EXPECT_EQ(gone.stopping_at, Instant(Seconds(1767000103)));
    EXPECT_FALSE(snapshot.listed.contains(task_arn('a')));
}

TEST(ToldTasks, AnotherTaskThatWentIsDescribed) {
    Snapshot snapshot = two_tasks();
    look(
        {describe_service(service_json(2, 2, stopped_a)),
         describe_tasks("ac", tasks_json(task_json('a', "DEACTIVATING", "STOPPED") + "," + task_json('c', "PENDING")))},
        listing({task_arn('b')}), snapshot);
    EXPECT_FALSE(is_live(snapshot.tasks.at(task_arn('a'))));
}

TEST(ToldTasks, ATaskThatEndedByItselfIsFoundByTheCounts) {
    Snapshot snapshot = two_tasks();
    look({describe_service(service_json(2, 1, steady)), list_tasks_giving("b"),
          describe_tasks("a", tasks_json(task_json('a', "STOPPED", "STOPPED")))},
         listing(), snapshot);
    EXPECT_TRUE(is_stopped(snapshot.tasks.at(task_arn('a'))));
}

TEST(ToldTasks, ATaskThatEndedIsNotListedAgainByTheEventThatStartedIt) {
    Snapshot snapshot = two_tasks();
    // The list is fresher than the service, whose last event is still the first one.
    look({describe_service(service_json(2, 1, steady)), list_tasks_giving("bc"),
          describe_tasks("ac", tasks_json(task_json('a', "STOPPED", "STOPPED") + "," + task_json('c')))},
         listing(), snapshot);
    look({describe_tasks("c", tasks_json(task_json('c', "STOPPED", "STOPPED")))},
         {.tasks = {task_arn('c')}, .alarms = {}}, snapshot);
    look({describe_service(service_json(2, 1, started_c))}, listing(), snapshot);
    EXPECT_THAT(snapshot.listed, ::testing::ElementsAre(task_arn('b')));
}

struct Unexplained {
    const char* name;
    int running;
    std::string events;
};

class EventsThatDoNotTell : public ::testing::TestWithParam<Unexplained> {};

TEST_P(EventsThatDoNotTell, AreNoListing) {
    Snapshot snapshot = two_tasks();
    look({describe_service(service_json(3, GetParam().running, GetParam().events)), list_tasks_giving("abc"),
          describe_c()},
         listing(), snapshot);
    EXPECT_EQ(snapshot.listed.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Events, EventsThatDoNotTell,
    ::testing::Values(
        Unexplained{"CountsThatLag", 2, started_c},
        Unexplained{"TheLastKnownIsGone", 2, event_json(7, "has reached a steady state.")}, Unexplained{"None", 2, ""},
        Unexplained{"FewerNamedThanCounted", 3, event_json(2, "has started 2 tasks: {c}.") + "," + steady},
        Unexplained{"NoNumber", 3, event_json(2, "has started some tasks: {c}.") + "," + steady},
        Unexplained{"PendingTasksWithoutNames", 2, event_json(2, "stopped 1 pending tasks.") + "," + steady}),
    [](const auto& param) { return std::string(param.param.name); });

} // namespace
} // namespace ecsr
