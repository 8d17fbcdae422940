#include "observe/observe.hpp"
#include "tests/observe/world.hpp"

#include <gmock/gmock.h>

namespace ecsr {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Instant start = fixed_epoch;
const Instant later = fixed_epoch + Seconds(10);

// Looks with a script, and checks that all of the script was needed.
Status look_with(std::vector<ScriptedCall> script, const Look& look, Snapshot& snapshot, Instant now = start) {
    ScriptedCaller caller(std::move(script));
    Status status = Observer(caller, "prod", "web").look(look, snapshot, now, {});
    EXPECT_EQ(caller.unused(), 0U);
    return status;
}

Snapshot known_snapshot(const std::string& ids = "ab") {
    std::string tasks;
    for (const char id : ids) { tasks += (tasks.empty() ? "" : ",") + task_json(id); }
    std::vector<ScriptedCall> script{describe_service(service_json()), list_tasks_giving(ids)};
    if (!ids.empty()) { script.push_back(describe_tasks(ids, tasks_json(tasks))); }
    Snapshot snapshot;
    const Status status = look_with(script, {.service = true, .list_tasks = true, .tasks = {}, .alarms = {}}, snapshot);
    EXPECT_TRUE(status) << status.error().message;
    return snapshot;
}

Look listing() {
    return {.list_tasks = true, .tasks = {}, .alarms = {}};
}

Look tasks_named(std::vector<std::string> tasks) {
    return {.tasks = std::move(tasks), .alarms = {}};
}

TEST(Observer, AFirstLookReadsEveryPartInAsFewCallsAsPossible) {
    Snapshot snapshot;
    const Status status =
        look_with({describe_service(service_json()), list_tasks_giving("ab"),
                   describe_tasks("ab", tasks_json(task_json('a') + "," + task_json('b'))), describe_definition(),
                   describe_groups(), describe_group_attributes(),
                   describe_health(target_xml("10.0.0.97", 8080, "healthy")), describe_scaling(scaling_json),
                   get_protection("ab", protection_json('b')), describe_alarms(R"("all","errors")", alarms_json)},
                  {.service = true,
                   .list_tasks = true,
                   .tasks = {},
                   .task_definitions = true,
                   .target_groups = true,
                   .targets = true,
                   .scaling = true,
                   .protection = true,
                   .alarms = {"errors", "all", "errors"}},
                  snapshot);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(snapshot.service.name, "web");
    EXPECT_EQ(snapshot.service.tags.at("team"), "blue");
    EXPECT_EQ(snapshot.service_at, start);
    EXPECT_EQ(snapshot.tasks.size(), 2U);
    EXPECT_EQ(snapshot.tasks.at(task_arn('a')).created_at, from_epoch_seconds(1767000010.25));
    EXPECT_EQ(snapshot.task_at.at(task_arn('b')), start);
    EXPECT_TRUE(snapshot.listed.contains(task_arn('a')));
    EXPECT_EQ(snapshot.listed_at, start);
    EXPECT_EQ(snapshot.task_definitions.at(definition_arn).memory_mib, 512);
    EXPECT_EQ(snapshot.target_groups.at(group_arn).deregistration_delay, Seconds(45));
    EXPECT_EQ(snapshot.target_groups.at(group_arn).health_check_interval, Seconds(5));
    ASSERT_EQ(snapshot.targets.size(), 1U);
    EXPECT_EQ(snapshot.targets[0].target_id, "10.0.0.97");
    EXPECT_EQ(snapshot.scalable_target->max_capacity, 6);
    EXPECT_TRUE(snapshot.scalable_target->suspended.dynamic_scaling_in);
    EXPECT_FALSE(snapshot.scalable_target->suspended.scheduled_scaling);
    EXPECT_TRUE(snapshot.protection.at(task_arn('b')).enabled);
    ASSERT_EQ(snapshot.alarms.size(), 2U);
    EXPECT_EQ(snapshot.alarms[0].state, "ALARM");
    EXPECT_EQ(targets_of(snapshot, snapshot.tasks.at(task_arn('a'))).size(), 1U);
}

TEST(Observer, WhatNeverChangesIsReadOnce) {
    Snapshot snapshot = known_snapshot();
    const Look look{.tasks = {}, .task_definitions = true, .target_groups = true, .alarms = {}};
    ASSERT_TRUE(look_with({describe_definition(), describe_groups(), describe_group_attributes()}, look, snapshot));
    ASSERT_TRUE(look_with({}, look, snapshot, later));
}

TEST(Observer, ListingDescribesOnlyTasksThatAreNew) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(look_with({list_tasks_giving("abc"), describe_tasks("c", tasks_json(task_json('c', "PENDING")))},
                          listing(), snapshot, later));
    EXPECT_EQ(snapshot.tasks.at(task_arn('c')).last_status, "PENDING");
    EXPECT_EQ(snapshot.task_at.at(task_arn('a')), start);
    ASSERT_TRUE(look_with({list_tasks_giving("abc")}, listing(), snapshot, later));
}

TEST(Observer, ATaskThatLeftTheListIsDescribedUntilItIsKnownToStop) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(
        look_with({list_tasks_giving("b"), describe_tasks("a", tasks_json(task_json('a', "DEACTIVATING", "STOPPED")))},
                  listing(), snapshot, later));
    EXPECT_FALSE(is_live(snapshot.tasks.at(task_arn('a'))));
    EXPECT_EQ(snapshot.tasks.size(), 2U);
    ASSERT_TRUE(look_with({list_tasks_giving("b")}, listing(), snapshot, later));
}

TEST(Observer, ATaskThatLeftAStaleListStaysWhatItIs) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(look_with({list_tasks_giving("b"), describe_tasks("a", tasks_json(task_json('a')))}, listing(),
                          snapshot, later));
    EXPECT_TRUE(is_running(snapshot.tasks.at(task_arn('a'))));
}

TEST(Observer, DescribingListedTasksAgainTakesOneCallForAll) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(look_with(
        {list_tasks_giving("bc"), describe_tasks("abc", tasks_json(task_json('a', "STOPPED", "STOPPED") + "," +
                                                                   task_json('b') + "," + task_json('c')))},
        {.list_tasks = true, .describe_listed = true, .tasks = {task_arn('a'), task_arn('b')}, .alarms = {}}, snapshot,
        later));
    EXPECT_EQ(snapshot.task_at.at(task_arn('b')), later);
    EXPECT_TRUE(is_stopped(snapshot.tasks.at(task_arn('a'))));
}

TEST(Observer, ATaskAskedForByIdIsTheSameAsTheListedOne) {
    Snapshot snapshot;
    ASSERT_TRUE(look_with({list_tasks_giving("a"), describe_tasks("a", tasks_json(task_json('a')))},
                          {.list_tasks = true, .tasks = {std::string(32, 'a')}, .alarms = {}}, snapshot));
    EXPECT_EQ(snapshot.tasks.size(), 1U);
}

TEST(Observer, AFreshTaskThatEcsDoesNotKnowYetIsMissingAndAskedForAgain) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(look_with({list_tasks_giving("abc"), describe_tasks("c", tasks_json("", task_arn('c')))}, listing(),
                          snapshot, later));
    EXPECT_TRUE(snapshot.missing.contains(task_arn('c')));
    EXPECT_FALSE(snapshot.tasks.contains(task_arn('c')));
    ASSERT_TRUE(look_with({list_tasks_giving("abc"), describe_tasks("c", tasks_json(task_json('c')))}, listing(),
                          snapshot, later));
    EXPECT_THAT(snapshot.missing, IsEmpty());
}

TEST(Observer, AKnownTaskThatIsNeitherListedNorKnownToEcsHasEnded) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(look_with({list_tasks_giving("b"), describe_tasks("a", tasks_json("", task_arn('a')))}, listing(),
                          snapshot, later));
    EXPECT_TRUE(is_stopped(snapshot.tasks.at(task_arn('a'))));
    EXPECT_TRUE(snapshot.missing.contains(task_arn('a')));
}

TEST(Observer, AListedTaskThatIsBrieflyMissingKeepsItsState) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(
        look_with({describe_tasks("a", tasks_json("", task_arn('a')))}, tasks_named({task_arn('a')}), snapshot, later));
    EXPECT_TRUE(is_running(snapshot.tasks.at(task_arn('a'))));
}

TEST(Observer, AnotherServicesTaskIsNotTakenIn) {
    Snapshot snapshot;
    std::string foreign = task_json('z');
    foreign.replace(foreign.find("service:web"), 11, "service:api");
    ASSERT_TRUE(look_with({describe_tasks("z", tasks_json(foreign))}, tasks_named({task_arn('z')}), snapshot));
    EXPECT_THAT(snapshot.tasks, IsEmpty());
    EXPECT_TRUE(snapshot.missing.contains(task_arn('z')));
}

TEST(Observer, AStaleAnswerDoesNotBringAStoppedTaskBackToLife) {
    Snapshot snapshot = known_snapshot();
    ASSERT_TRUE(look_with({describe_tasks("a", tasks_json(task_json('a', "STOPPING", "STOPPED")))},
                          tasks_named({task_arn('a')}), snapshot));
    ASSERT_TRUE(
        look_with({describe_tasks("a", tasks_json(task_json('a')))}, tasks_named({task_arn('a')}), snapshot, later));
    EXPECT_EQ(snapshot.tasks.at(task_arn('a')).last_status, "STOPPING");
    EXPECT_EQ(snapshot.task_at.at(task_arn('a')), later);
}

TEST(Observer, ATaskWithoutACreationTimeIsNewNotOld) {
    Snapshot snapshot;
    std::string fresh = task_json('a', "PROVISIONING");
    fresh.replace(fresh.find("1767000010.25"), 13, "null");
    ASSERT_TRUE(look_with({describe_tasks("a", tasks_json(fresh))}, tasks_named({task_arn('a')}), snapshot));
    ASSERT_TRUE(look_with({describe_tasks("a", tasks_json(fresh))}, tasks_named({task_arn('a')}), snapshot, later));
    EXPECT_EQ(snapshot.tasks.at(task_arn('a')).created_at, start);
}

TEST(Observer, MoreThanAHundredTasksAreListedPageByPageAndDescribedInHundreds) {
    const auto id = [](int i) { return fmt::format("{}task/prod/{:032}", arns, i); };
    const auto quoted = [&](int first, int last) {
        std::string list;
        for (int i = first; i <= last; ++i) { list += (list.empty() ? "\"" : ",\"") + id(i) + "\""; }
        return list;
    };
    const auto described = [&](int first, int last) {
        std::string tasks;
        for (int i = first; i <= last; ++i) {
            tasks += (tasks.empty() ? "" : ",") + fmt::format(R"({{"taskArn":"{}","desiredStatus":"RUNNING"}})", id(i));
        }
        return tasks_json(tasks);
    };
    ScriptedCall second_page = list_tasks(R"({"taskArns":[)" + quoted(100, 149) + "]}");
    second_page.body.insert(second_page.body.size() - 1, R"(,"nextToken":"page 2")");
    Snapshot snapshot;
    ASSERT_TRUE(
        look_with({list_tasks(R"({"taskArns":[)" + quoted(0, 99) + R"(],"nextToken":"page 2"})"),
                   second_page,
                   {"DescribeTasks", R"({"cluster":"prod","tasks":[)" + quoted(0, 99) + "]}", described(0, 99)},
                   {"DescribeTasks", R"({"cluster":"prod","tasks":[)" + quoted(100, 149) + "]}", described(100, 149)}},
                  listing(), snapshot));
    EXPECT_EQ(snapshot.listed.size(), 150U);
    EXPECT_EQ(snapshot.tasks.size(), 150U);
}

TEST(Observer, NothingIsAskedAboutNoTasks) {
    Snapshot snapshot;
    ASSERT_TRUE(look_with({list_tasks_giving("")},
                          {.list_tasks = true, .tasks = {}, .task_definitions = true, .protection = true, .alarms = {}},
                          snapshot));
    EXPECT_EQ(snapshot.protection_at, start);
}

TEST(Observer, PartsThatNeedTheServiceReadItFirstWhenItWasNeverRead) {
    Snapshot snapshot;
    ASSERT_TRUE(look_with({describe_service(service_json()), describe_health("")},
                          {.tasks = {}, .targets = true, .alarms = {}}, snapshot));
    EXPECT_EQ(snapshot.service_at, start);
    ASSERT_TRUE(look_with({describe_health("")}, {.tasks = {}, .targets = true, .alarms = {}}, snapshot, later));
    EXPECT_EQ(snapshot.service_at, start);
    EXPECT_EQ(snapshot.targets_at, later);
}

TEST(Observer, InstanceTargetsAreResolvedOnceThroughTheContainerInstance) {
    Snapshot snapshot = known_snapshot("");
    const std::string on_instance = R"(,"containerInstanceArn":")" + instance_arn + "\"";
    std::string task = task_json('a', "RUNNING", "RUNNING", on_instance);
    task.replace(task.find(R"("networkBindings":[])"), 20,
                 R"("networkBindings":[{"containerPort":8080,"hostPort":49153}])");
    const ScriptedCall describe_instance{"DescribeContainerInstances",
                                         R"({"cluster":"prod","containerInstances":[")" + instance_arn + "\"]}",
                                         R"({"containerInstances":[{"containerInstanceArn":")" + instance_arn +
                                             R"(","ec2InstanceId":"i-0abc","status":"ACTIVE"}]})"};
    const ScriptedCall health =
        describe_health(target_xml("i-0abc", 49153, "healthy") + target_xml("i-0abc", 49154, "draining"));
    ASSERT_TRUE(look_with({list_tasks_giving("a"), describe_tasks("a", tasks_json(task)), health, describe_instance},
                          {.list_tasks = true, .tasks = {}, .targets = true, .alarms = {}}, snapshot));
    ASSERT_TRUE(look_with({health}, {.tasks = {}, .targets = true, .alarms = {}}, snapshot, later));
    const auto targets = targets_of(snapshot, snapshot.tasks.at(task_arn('a')));
    ASSERT_EQ(targets.size(), 1U);
    EXPECT_EQ(targets[0]->port, 49153);
}

TEST(Observer, AServiceWithoutAScalableTargetIsReadAsSuch) {
    Snapshot snapshot = known_snapshot();
    snapshot.scalable_target.emplace();
    ASSERT_TRUE(look_with({describe_scaling(R"({"ScalableTargets":[]})")}, {.tasks = {}, .scaling = true, .alarms = {}},
                          snapshot));
    EXPECT_EQ(snapshot.scalable_target, std::nullopt);
    EXPECT_EQ(snapshot.scaling_at, start);
}

TEST(Observer, AnUpdateAnswerIsALookAtTheService) {
    Snapshot snapshot = known_snapshot();
    snapshot.service_missing = true;
    Service answer = snapshot.service;
    answer.desired_count = 3;
    answer.tags.clear();
    merge_update_answer(snapshot, answer, later);
    EXPECT_EQ(snapshot.service.desired_count, 3);
    EXPECT_EQ(snapshot.service.tags.at("team"), "blue");
    EXPECT_EQ(snapshot.service_at, later);
    EXPECT_FALSE(snapshot.service_missing);
}

} // namespace
} // namespace ecsr
