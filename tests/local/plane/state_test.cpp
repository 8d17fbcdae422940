#include "local/plane/state_folder.hpp"
#include "local/plane/state_json.hpp"
#include "tests/local/plane/fakes.hpp"

#include <fstream>

namespace ecsr::local {
namespace {

using namespace testing;
using namespace std::chrono_literals;

const Instant at = ecsr::testing::fixed_epoch;

Task busy_task() {
    Task task;
    task.id = "t1";
    task.cluster = "c";
    task.service = "s";
    task.task_definition = "arn:td";
    task.last_status = TaskStatus::Running;
    Container container;
    container.name = "app";
    container.exit_code = 3;
    container.reason = "r";
    container.last_status = TaskStatus::Running;
    container.health = Health::Healthy;
    container.network_bindings = {{"127.0.0.1", 80, 40'000, "udp"}};
    task.containers = {container};
    task.targets = {{"arn:g", "127.0.0.2", 80}};
    task.started_at = at + 1ms;
    task.protection_expires_at = at + 1h;
    task.version = 7;
    task.tags = {{"a", "b"}};
    task.status_due_at = at;
    task.overrides.memory_mib = 99;
    task.overrides.containers = {{"app", {"run"}, {{"A", "1"}}, 1, 2, 3}};
    task.launched = task.was_healthy = true;
    return task;
}

Service busy_service() {
    Service service;
    service.cluster = "c";
    service.name = "s";
    service.desired_count = 3;
    service.deployment_configuration.maximum_percent = 150;
    service.deployment_configuration.alarm_names = {"high"};
    service.load_balancers = {{"arn:g", "app", 80}};
    service.health_check_grace_period = 30s;
    Deployment deployment;
    deployment.id = "ecs-svc/1";
    deployment.rollout_state = RolloutState::Failed;
    deployment.status = DeploymentStatus::Active;
    deployment.start_failures = 2;
    deployment.created_at = at;
    service.deployments = {deployment};
    ServiceDeployment record;
    record.id = "A-_";
    record.target = "ecs-svc/1";
    record.sources = {"ecs-svc/0"};
    record.status = ServiceDeploymentStatus::RollbackFailed;
    record.alarms = MonitorStatus::MonitoringComplete;
    record.configuration.breaker_threshold_type = "COUNT";
    record.bake_until = at + 5min;
    service.service_deployments = {record};
    service.revisions = {{"ecs-svc/1", "arn:td", "EC2", service.load_balancers, "{}", at}};
    service.events = {{"e2", at, "newer"}, {"e1", at, "older"}};
    service.document = R"({"propagateTags":"SERVICE"})";
    service.steady_since = at;
    service.blocked_by_protection = true;
    service.rebalancing = true;
    return service;
}

Target target(const std::string& id, TargetState state) {
    Target made;
    made.id = id;
    made.port = 80;
    made.state = state;
    return made;
}

TaskDefinition busy_definition() {
    ContainerDefinition container;
    container.name = "app";
    container.command = {"run"};
    container.environment = {{"A", "B"}};
    container.health_check = HealthCheck();
    container.health_check->interval = 6s;
    container.depends_on = {{"app", "START"}};
    container.port_mappings = {{80, 81, "tcp", "web"}};
    container.memory_mib = 64;
    container.stop_timeout = 2s;
    container.restart_policy = RestartPolicy{{0, 3}, 60s};
    container.log = LogConfiguration{"g", "p", true, ""};
    TaskDefinition definition;
    definition.family = "f";
    definition.revision = 1;
    definition.network_mode = NetworkMode::Awsvpc;
    definition.containers = {container};
    definition.cpu = 256;
    return definition;
}

TargetGroup busy_group() {
    TargetGroup group;
    group.arn = "arn:g";
    group.health_check_interval = 5s;
    group.attributes = {{"deregistration_delay.timeout_seconds", "3"}};
    group.targets = {target("127.0.0.2", TargetState::Healthy), target("127.0.0.3", TargetState::Draining),
                     target("127.0.0.4", TargetState::Unhealthy)};
    group.targets[1].draining_until = at + 1min;
    return group;
}

Alarm busy_alarm() {
    Alarm alarm;
    alarm.name = "high";
    alarm.metric = AlarmMetric{"n", "m", {{"a", "b"}}, 120s, "p99", "Percent"};
    alarm.queries = {{"m1", alarm.metric, "", "l", "1", false, std::nullopt},
                     {"e1", std::nullopt, "m1 * 2", "", "", std::nullopt, 60s}};
    alarm.threshold = 0.1;
    alarm.datapoints_to_alarm = 2;
    alarm.alarm_actions = {"arn:t"};
    alarm.state = AlarmState::Alarm;
    alarm.reason_data = "{}";
    return alarm;
}

ScalableTarget busy_target() {
    ScalableTarget target;
    target.suspended.dynamic_scaling_in = true;
    target.policies["p"].tracking.emplace().metric.emplace().dimensions = {{"a", "b"}};
    target.policies["p"].out_at = at;
    target.policies["q"].step.emplace().steps = {{0.5, std::nullopt, -2}};
    target.policies["q"].step->cooldown = 7s;
    target.scheduled["s"].next_at = at + 1min;
    target.held["high"].value = 3;
    return target;
}

State busy_state() {
    State state;
    state.identity.region = "eu-west-1";
    state.clusters["c"].name = "c";
    state.clusters["c"].container_instance_id = "0123456789abcdef0123456789abcdef";
    state.task_definitions["f"] = {busy_definition()};
    state.services[{"c", "s"}] = busy_service();
    state.tasks.add(busy_task());
    state.target_groups["arn:g"] = busy_group();
    state.load_balancers["arn:l"].subnets = {"a"};
    state.listeners["arn:i"].bound_port = 41'000;
    state.listeners["arn:i"].attributes = {{"a", "b"}};
    state.scalable_targets["r"] = busy_target();
    state.scaling_activities.emplace_back().not_scaled = {"AlreadyAtMaxCapacity", 4, {}, {}};
    put_alarm(state, busy_alarm(), at);
    state.alarms.scaling_actions.emplace_back().alarm_name = "high";
    state.random = Random(99);
    state.random.next();
    state.next_address = 77;
    state.run_tokens[{"c", "token"}] = {"{}", {"t1"}, at};
    state.capacity.tasks = 5;
    state.messaging.topics["arn:t"] = {"t", "arn:t", {{"DisplayName", "T"}}, {{"a", "b"}}, 1};
    state.messaging.subscriptions["arn:t:1"].endpoint = "http://127.0.0.1:9/";
    state.messaging.messages.emplace_back().text = "m";
    state.endpoint_url = "http://127.0.0.1:4510";
    state.logs.groups["g"].retention_days = 3;
    state.logs.groups["g"].streams["s"].last_taken_in_at = at;
    state.logs.events->by_stream[{"g", "s"}].emplace_back().message = "line";
    state.rules.by_name["r"].targets["1"].input_paths = {{"a", "$.b"}};
    return state;
}

TEST(StateText, HoldsEverything) {
    const State state = busy_state();
    const std::string text = state_to_json(state);
    const auto back = state_from_json(text);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->tasks.at("t1").containers.at(0).network_bindings.at(0).host_port, 40'000);
    EXPECT_EQ(back->tasks.at("t1").started_at, at + 1ms);
    EXPECT_EQ(back->services.at({"c", "s"}).deployments.at(0).rollout_state, RolloutState::Failed);
    EXPECT_EQ(back->services.at({"c", "s"}).next_decision_at, Instant::max());
    EXPECT_EQ(back->task_definitions.at("f").at(0).containers.at(0).health_check->interval, 6s);
    EXPECT_EQ(back->target_groups.at("arn:g").targets.at(1).draining_until, at + 1min);
    EXPECT_EQ(back->services.at({"c", "s"}).service_deployments.at(0).status, ServiceDeploymentStatus::RollbackFailed);
    EXPECT_EQ(back->services.at({"c", "s"}).service_deployments.at(0).bake_until, at + 5min);
    EXPECT_EQ(back->services.at({"c", "s"}).revisions.at(0).load_balancers.at(0).container_port, 80);
    EXPECT_TRUE(back->services.at({"c", "s"}).rebalancing);
    EXPECT_EQ(back->task_definitions.at("f").at(0).containers.at(0).restart_policy->attempt_period, 60s);
    EXPECT_TRUE(back->task_definitions.at("f").at(0).containers.at(0).log->creates_group);
    EXPECT_EQ(back->tasks.at("t1").overrides.containers.at(0).memory_reservation_mib, 3);
    EXPECT_EQ(back->run_tokens.at({"c", "token"}).task_ids, (std::vector<std::string>{"t1"}));
    EXPECT_FALSE(back->capacity.tasks) << "that of the plane that runs holds, not of the one that saved";
    const ScalableTarget& target = back->scalable_targets.at("r");
    EXPECT_TRUE(target.suspended.dynamic_scaling_in);
    EXPECT_EQ(target.policies.at("p").tracking->metric->dimensions.at("a"), "b");
    EXPECT_EQ(target.policies.at("q").step->steps.at(0).lower, 0.5);
    EXPECT_EQ(target.policies.at("q").step->cooldown, 7s);
    EXPECT_EQ(target.scheduled.at("s").next_at, at + 1min);
    EXPECT_TRUE(target.held.empty()) << "the next minute brings it again";
    EXPECT_EQ(back->scaling_activities.at(0).not_scaled->maximum, 4);
    const Alarm& alarm = back->alarms.by_name.at("high");
    EXPECT_EQ(alarm.state, AlarmState::Alarm);
    EXPECT_EQ(alarm.threshold, 0.1);
    EXPECT_EQ(alarm.queries.at(1).period, 60s);
    EXPECT_EQ(back->alarms.history.at(0).type, "ConfigurationUpdate");
    EXPECT_TRUE(back->alarms.scaling_actions.empty()) << "the next minute brings them again";
    EXPECT_EQ(back->messaging.topics.at("arn:t").attributes.at("DisplayName"), "T");
    EXPECT_EQ(back->messaging.subscriptions.at("arn:t:1").endpoint, "http://127.0.0.1:9/");
    EXPECT_TRUE(back->messaging.messages.empty()) << "SNS keeps no messages";
    EXPECT_EQ(back->endpoint_url, "");
    EXPECT_EQ(back->logs.groups.at("g").streams.at("s").last_taken_in_at, at);
    EXPECT_TRUE(back->logs.events->by_stream.empty()) << "what was written is in memory alone";
    EXPECT_EQ(back->rules.by_name.at("r").targets.at("1").input_paths.at("a"), "$.b");
    State restored = *back;
    State original = state;
    restored.random = original.random = Random(1);
    EXPECT_EQ(state_to_json(restored), state_to_json(original));
}

TEST(StateText, ASavedGeneratorDoesNotRepeatItself) {
    State state = busy_state();
    auto back = state_from_json(state_to_json(state));
    ASSERT_TRUE(back);
    EXPECT_NE(back->random.next(), Random(99).next());
    EXPECT_EQ(back->random.next() == state.random.next(), false);
}

TEST(StateText, MissingMembersKeepTheirDefaults) {
    const auto state = state_from_json(R"({"format":1,"state":{"tasks":{"x":{"id":"x"}}}})");
    ASSERT_TRUE(state);
    EXPECT_EQ(state->tasks.at("x").launch_type, "EC2");
}

TEST(StateText, SaysWhatIsWrongAndWhere) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "it is not JSON (incomplete JSON)"},
        {"[]", "it is not a state of format 1"},
        {R"({"format":2,"state":{}})", "it is not a state of format 1"},
        {R"({"format":1,"state":3})", "the state: must be an object"},
        {R"({"format":1,"state":{"tasks":{"x":{"last_status":"LOST"}}}})",
         "tasks.x.last_status: is no value that is known here"},
        {R"({"format":1,"state":{"services":[{"desired_count":"1"}]}})",
         "services.0.desired_count: must be a whole number in its range"},
        {R"({"format":1,"state":{"services":[{"desired_count":99999999999}]}})",
         "services.0.desired_count: must be a whole number in its range"},
        {R"({"format":1,"state":{"clusters":{"c":{"tags":[]}}}})", "clusters.c.tags: must be an object"},
        {R"({"format":1,"state":{"clusters":{"c":{"name":1}}}})", "clusters.c.name: must be a string"},
        {R"({"format":1,"state":{"tasks":{"x":{"launched":1}}}})", "tasks.x.launched: must be true or false"},
        {R"({"format":1,"state":{"tasks":{"x":{"containers":{}}}}})", "tasks.x.containers: must be a list"},
    };
    for (const auto& [text, wanted] : cases) {
        const auto state = state_from_json(text);
        ASSERT_FALSE(state) << text;
        EXPECT_EQ(state.error().message, wanted);
    }
}

TEST(StateFolder, GivesBackWhatWasSavedLast) {
    const TemporaryFolder temporary;
    const auto folder = StateFolder::open(temporary.path() / "made" / "here");
    ASSERT_TRUE(folder) << folder.error().message;
    EXPECT_FALSE(*folder->load());
    ASSERT_TRUE(folder->save(state_to_json(State{})));
    ASSERT_TRUE(folder->save(state_to_json(busy_state())));
    const auto loaded = folder->load();
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_EQ((**loaded).tasks.size(), 1U);
}

TEST(StateFolder, AHalfWrittenFileIsNotTheState) {
    const TemporaryFolder temporary;
    const auto folder = StateFolder::open(temporary.path());
    ASSERT_TRUE(folder->save(state_to_json(busy_state())));
    std::ofstream(temporary.path() / "state.json.new") << "{\"format\":";
    EXPECT_EQ((**folder->load()).tasks.size(), 1U);
}

TEST(StateFolder, ACorruptFileIsNamed) {
    const TemporaryFolder temporary;
    const auto folder = StateFolder::open(temporary.path());
    std::ofstream(temporary.path() / "state.json") << "{\"format\":";
    const auto loaded = folder->load();
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().message, "cannot use the saved state " + (temporary.path() / "state.json").string() +
                                          ": it is not JSON (incomplete JSON); remove the file to start empty");
}

TEST(StateFolder, IsHeldByOneAtATime) {
    const TemporaryFolder temporary;
    {
        const auto first = StateFolder::open(temporary.path());
        const auto second = StateFolder::open(temporary.path());
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().kind, ErrorKind::Locked);
        EXPECT_EQ(second.error().message, "another local ECS keeps its state in " + temporary.path().string());
    }
    EXPECT_TRUE(StateFolder::open(temporary.path()));
}

TEST(StateFolder, ThatCannotBeMadeIsNamed) {
    const TemporaryFolder temporary;
    std::ofstream(temporary.path() / "file") << "x";
    const auto folder = StateFolder::open(temporary.path() / "file" / "folder");
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().kind, ErrorKind::Usage);
    EXPECT_NE(folder.error().message.find((temporary.path() / "file" / "folder").string()), std::string::npos);
}

TEST(Restart, TasksThatRanAreStoppedAsIfTheirHostWereGone) {
    State state = busy_state();
    lose_tasks(state, at + 1h);
    const Task& task = state.tasks.at("t1");
    EXPECT_EQ(task.last_status, TaskStatus::Stopped);
    EXPECT_EQ(task.desired_status, TaskStatus::Stopped);
    EXPECT_EQ(task.stop_code, "TerminationNotice");
    EXPECT_EQ(task.stopped_reason, "Host EC2 (instance i-0123456789abcdef0) stopped.");
    EXPECT_EQ(task.stopped_at, at + 1h);
    EXPECT_EQ(task.containers.at(0).last_status, TaskStatus::Stopped);
    EXPECT_FALSE(task.status_due_at);
    EXPECT_TRUE(state.services.at({"c", "s"}).touched);
}

TEST(Restart, OnlyTargetsThatSomebodyElseRegisteredStay) {
    State state = busy_state();
    lose_tasks(state, at + 1h);
    const auto& targets = state.target_groups.at("arn:g").targets;
    ASSERT_EQ(targets.size(), 1U);
    EXPECT_EQ(targets[0].id, "127.0.0.4");
    EXPECT_EQ(targets[0].state, TargetState::Initial);
}

TEST(Restart, TasksThatHadStoppedKeepTheirReason) {
    State state = busy_state();
    Task& task = state.tasks.at("t1");
    task.last_status = task.desired_status = TaskStatus::Stopped;
    task.stop_code = "UserInitiated";
    task.stopped_at = at;
    lose_tasks(state, at + 1h);
    EXPECT_EQ(task.stop_code, "UserInitiated");
    EXPECT_EQ(task.stopped_at, at);
}

} // namespace
} // namespace ecsr::local
