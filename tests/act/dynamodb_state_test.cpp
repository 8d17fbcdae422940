// How the state of a run lies in a DynamoDB table: of any size, of any age, and damaged.
#include "act/dynamodb_journal.hpp"
#include "act/dynamodb_state.hpp"
#include "act/run_json.hpp"
#include "aws/dynamodb/client.hpp"
#include "tests/act/fake_table.hpp"
#include "tests/act/scratch.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace ecsr::act {
namespace {

using namespace ecsr::testing;
using ::testing::HasSubstr;

recycle::Run run_of(int tasks, std::uint64_t seed = 1) {
    recycle::Run run = run_named("r1");
    Random random(seed);
    const auto arn = [&] { return "arn:aws:ecs:eu-west-1:123456789012:task/prod/" + random.hex(32); };
    for (int i = 0; i < tasks; ++i) {
        const std::string fresh = arn();
        run.taken_as_replacement.push_back(fresh);
        run.replaced.push_back(
            {arn(), fresh, 1 + i / 100, fixed_epoch + Millis(random.next() % 10'000'000), {}, fixed_epoch});
    }
    return run;
}

struct OnTable : ::testing::Test {
    OnTable() {
        auto caller = std::make_unique<FakeTable>();
        table = caller.get();
        journal = std::make_unique<DynamodbJournal>(std::move(caller), "runs", Random(5));
        lock = journal->begin(run_named("r1"), web, claim("ann")).value();
    }

    Status save(const recycle::Run& run) { return journal->save(lock, run, {}, {}, fixed_epoch); }

    FakeTable::Attributes& run_item() { return table->items.at({"run#r1", "run"}); }

    std::vector<std::string> parts() const {
        std::vector<std::string> keys;
        for (const auto& [key, item] : table->items) {
            if (key.second.starts_with("part#")) { keys.push_back(key.second); }
        }
        return keys;
    }

    void expect_unreadable(const std::string& why) {
        const auto record = journal->load("r1");
        ASSERT_FALSE(record.has_value());
        EXPECT_EQ(record.error().kind, ErrorKind::Io);
        EXPECT_THAT(record.error().message, HasSubstr("journal runs: run r1 cannot be read: " + why));
    }

    FakeTable* table = nullptr;
    std::unique_ptr<DynamodbJournal> journal;
    Lock lock;
};

TEST_F(OnTable, ARunOfFiveHundredTasksIsASmallItem) {
    const recycle::Run run = run_of(500);
    ASSERT_TRUE(save(run).has_value());
    EXPECT_TRUE(parts().empty());
    EXPECT_LT(run_item().at("state").size(), 80'000U); // as base64
    const auto record = journal->load("r1");
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(run_to_json(record->run), run_to_json(run));
}

TEST_F(OnTable, AStateThatAnOlderProgramWroteAsTextIsRead) {
    run_item()["state"] = R"({"S":")" + std::string(R"({\"version\":1,\"run\":{\"id\":\"r1\",\"surge\":7}})") + R"("})";
    EXPECT_EQ(journal->load("r1").value().run.surge, 7);
    ASSERT_TRUE(save(run_of(3)).has_value());
    EXPECT_THAT(run_item().at("state"), HasSubstr(R"({"B":)"));
    EXPECT_EQ(journal->load("r1").value().run.replaced.size(), 3U);
}

TEST_F(OnTable, ALargeRunLiesInParts) {
    const recycle::Run run = run_of(12'000);
    ASSERT_TRUE(save(run).has_value());
    EXPECT_GT(parts().size(), 2U);
    EXPECT_FALSE(run_item().contains("state"));
    for (const std::string& part : parts()) {
        EXPECT_LE(table->items.at({"run#r1", part}).at("data").size(), state_piece_bytes * 4 / 3 + 20);
    }
    const auto record = journal->load("r1");
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(run_to_json(record->run), run_to_json(run));
}

TEST_F(OnTable, PartsOfAnEarlierSaveAreNotTakenForThoseOfTheLast) {
    for (const int tasks : {9'000, 4'000, 10, 5'000, 9'000}) {
        const recycle::Run run = run_of(tasks, static_cast<std::uint64_t>(tasks));
        ASSERT_TRUE(save(run).has_value());
        const auto record = journal->load("r1");
        ASSERT_TRUE(record.has_value()) << tasks << record.error().message;
        EXPECT_EQ(run_to_json(record->run), run_to_json(run)) << tasks;
    }
}

TEST_F(OnTable, ARunThatIsSavedWhileItIsReadIsReadAnew) {
    ASSERT_TRUE(save(run_of(8'000)).has_value());
    const recycle::Run newer = run_of(9'000, 2);
    table->at_call = [&](const std::string& operation) {
        if (operation != "Query") { return; }
        table->at_call = {};
        ASSERT_TRUE(save(newer).has_value());
    };
    const auto record = journal->load("r1");
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(run_to_json(record->run), run_to_json(newer));
}

TEST_F(OnTable, ADamagedPartIsAClearError) {
    ASSERT_TRUE(save(run_of(8'000)).has_value());
    auto& part = table->items.at({"run#r1", "part#01"});
    const auto whole = part;
    part["data"] = R"({"B":"Zm9v"})";
    expect_unreadable("cannot be decompressed");
    part = whole;
    part["save_id"] = R"({"S":"of another save"})";
    expect_unreadable("of 3 parts of its state some are missing");
    table->items.erase({"run#r1", "part#01"});
    expect_unreadable("of 3 parts of its state some are missing");
    run_item().erase("save_id");
    expect_unreadable("it has no state");
    run_item()["state"] = R"({"B":"Zm9v"})";
    expect_unreadable("cannot be decompressed");
}

TEST_F(OnTable, WhatFitsNoTransactionIsToldBeforeAnythingIsChanged) {
    recycle::Run run = run_named("r1");
    for (int i = 0; i < 40'000; ++i) { run.remaining.push_back(fmt::format("task-{}", i)); }
    const auto before = table->items;
    const auto calls = table->counts().total;
    const auto saved = save(run);
    ASSERT_FALSE(saved.has_value());
    EXPECT_EQ(saved.error().kind, ErrorKind::Io);
    EXPECT_THAT(saved.error().message, HasSubstr("journal runs: run r1 of 40000 tasks would take 4"));
    EXPECT_THAT(saved.error().message, HasSubstr("3000 KB are allowed"));
    EXPECT_EQ(table->items, before);
    EXPECT_EQ(table->counts().total, calls);
    run.remaining.resize(25'000);
    EXPECT_TRUE(save(run).has_value());
}

TEST_F(OnTable, TheLargestRunFitsOneTransactionWithItsStory) {
    const recycle::Run run = run_of(25'000);
    ASSERT_TRUE(save(run).has_value());
    EXPECT_LE(parts().size(), state_pieces_most);
    EXPECT_GT(parts().size(), state_pieces_most / 2);
    const std::vector<Entry> story(100, Entry{0, fixed_epoch, EntryKind::Note, "note", {}});
    ASSERT_TRUE(journal->save(lock, run, {}, story, fixed_epoch).has_value());
    EXPECT_EQ(journal->entries("r1").value().size(), 101U);
    EXPECT_EQ(journal->load("r1").value().run.replaced.size(), 25'000U);
}

} // namespace
} // namespace ecsr::act
