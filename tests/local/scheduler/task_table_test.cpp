#include "local/state/agenda.hpp"
#include "local/state/task_table.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <utility>

namespace ecsr::local {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};

Task task_of(const std::string& id, const std::string& service) {
    Task task;
    task.id = id;
    task.cluster = "c";
    task.service = service;
    return task;
}

std::vector<std::string> ids_of(const TaskTable& tasks, const ServiceKey& service) {
    std::vector<std::string> ids;
    for (const Task* task : tasks.of_service(service)) { ids.push_back(task->id); }
    return ids;
}

TaskTable four_tasks() {
    TaskTable tasks;
    tasks.add(task_of("b", "web"));
    tasks.add(task_of("a", "web"));
    tasks.add(task_of("d", "api"));
    tasks.add(task_of("c", "")); // standalone
    return tasks;
}

TEST(TaskTable, KnowsTheTasksOfEachServiceInTheOrderOfTheirIds) {
    const TaskTable tasks = four_tasks();
    EXPECT_EQ(ids_of(tasks, {"c", "web"}), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(ids_of(tasks, {"c", "api"}), (std::vector<std::string>{"d"}));
    EXPECT_TRUE(ids_of(tasks, {"other", "web"}).empty());
    EXPECT_TRUE(ids_of(tasks, {"c", ""}).empty());
    EXPECT_EQ(tasks.size(), 4U);
}

TEST(TaskTable, AnErasedTaskIsGoneFromItsService) {
    TaskTable tasks = four_tasks();
    tasks.erase(tasks.find("a"));
    tasks.erase(tasks.find("c"));
    tasks.erase(tasks.find("d"));
    EXPECT_EQ(ids_of(tasks, {"c", "web"}), (std::vector<std::string>{"b"}));
    EXPECT_TRUE(ids_of(tasks, {"c", "api"}).empty());
    EXPECT_FALSE(tasks.contains("a"));
    EXPECT_EQ(tasks.find("a"), tasks.end());
}

TEST(TaskTable, ACopyHasTasksOfItsOwn) {
    std::optional<TaskTable> original(four_tasks());
    TaskTable copy = *original;
    copy.of_service({"c", "web"}).front()->last_status = TaskStatus::Running;
    EXPECT_EQ(original->at("a").last_status, TaskStatus::Provisioning);
    original.reset();
    EXPECT_EQ(copy.at("a").last_status, TaskStatus::Running);
    EXPECT_EQ(ids_of(copy, {"c", "web"}), (std::vector<std::string>{"a", "b"}));
    copy = four_tasks();
    EXPECT_EQ(copy.at("a").last_status, TaskStatus::Provisioning);
    const TaskTable moved = std::move(copy);
    EXPECT_EQ(ids_of(moved, {"c", "web"}), (std::vector<std::string>{"a", "b"}));
}

TEST(Agenda, TellsWhatIsDueOnceAndInTheOrderOfIds) {
    Agenda agenda;
    EXPECT_EQ(agenda.next(), Instant{}); // not filled: somebody has to look
    agenda.fill(four_tasks(), [](const Task& task) { return task.id == "a" ? start + 2s : Instant::max(); });
    EXPECT_EQ(agenda.next(), start + 2s);
    agenda.add("z", start + 1s);
    agenda.add("b", start + 2s);
    agenda.add("a", start + 1s);
    EXPECT_TRUE(agenda.take(start).empty());
    EXPECT_EQ(agenda.take(start + 2s), (std::vector<std::string>{"a", "b", "z"}));
    EXPECT_EQ(agenda.next(), Instant::max());
}

} // namespace
} // namespace ecsr::local
