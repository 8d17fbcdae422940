#include "tests/act/scratch.hpp"

#include <algorithm>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>

namespace ecsr::act {
namespace {

using namespace ecsr::testing;

constexpr Seconds second{1};

struct InScratch : ::testing::Test {
    Scratch scratch;
    std::string path = scratch.file("state/journal.db");
};

// ---- where it is ----

TEST(JournalPath, IsAnUrlOrAPath) {
    EXPECT_EQ(journal_path("sqlite:///var/lib/j.db").value(), "/var/lib/j.db");
    EXPECT_EQ(journal_path("sqlite:j.db").value(), "j.db");
    EXPECT_EQ(journal_path("sqlite:/var/j.db").value(), "/var/j.db");
    EXPECT_EQ(journal_path("/var/lib/j.db").value(), "/var/lib/j.db");
    EXPECT_EQ(journal_path("./a:b.db").value(), "./a:b.db");
    for (const char* wrong : {"", "sqlite:", "sqlite://host/j.db", "postgresql://u:secret@host/db", "http://x"}) {
        const auto path = journal_path(wrong);
        ASSERT_FALSE(path.has_value()) << wrong;
        EXPECT_EQ(path.error().kind, ErrorKind::Usage);
        EXPECT_EQ(path.error().message.find("secret"), std::string::npos);
    }
    EXPECT_NE(journal_path("postgresql://h/db").error().message.find("'postgresql' are not supported"),
              std::string::npos);
}

TEST(JournalPath, MayNameATable) {
    EXPECT_EQ(journal_table("dynamodb://recycler-runs").value(), "recycler-runs");
    EXPECT_FALSE(journal_table("sqlite:j.db").value().has_value());
    EXPECT_FALSE(journal_table("").value().has_value());
    for (const char* wrong : {"dynamodb://", "dynamodb://ab", "dynamodb://a/table", "dynamodb://tisch\u00e4"}) {
        EXPECT_EQ(journal_table(wrong).error().kind, ErrorKind::Usage) << wrong;
    }
}

TEST(JournalPath, IsInTheStateFolderByDefault) {
    EXPECT_EQ(default_journal_path("/state", "/root-of-ann").value(), "/state/ecs-recycler/journal.db");
    EXPECT_EQ(default_journal_path("relative", "/root-of-ann").value(),
              "/root-of-ann/.local/state/ecs-recycler/journal.db");
    EXPECT_EQ(default_journal_path({}, "/root-of-ann").value(), "/root-of-ann/.local/state/ecs-recycler/journal.db");
    EXPECT_EQ(default_journal_path({}, "").error().kind, ErrorKind::Usage);
}

TEST(ServiceKey, IsTheSameWhateverTheUserWrote) {
    Service service;
    service.name = "web";
    service.cluster_arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod";
    service.arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web";
    EXPECT_EQ(service_key(service), web);
    service.arn = "arn:aws:ecs:eu-west-1:123456789012:service/web"; // the old form has no cluster
    EXPECT_EQ(service_key(service), web);
}

TEST_F(InScratch, IsPrivateToItsOwner) {
    const auto journal = open(path);
    ASSERT_TRUE(journal->begin(run_named("r1"), web, claim("ann")).has_value());
    for (const char* suffix : {"", "-wal", "-shm"}) {
        struct stat found{};
        ASSERT_EQ(::stat((path + suffix).c_str(), &found), 0) << suffix;
        EXPECT_EQ(found.st_mode & 0777, 0600U) << suffix;
    }
    struct stat folder{};
    ASSERT_EQ(::stat(scratch.file("state").c_str(), &folder), 0);
    EXPECT_EQ(folder.st_mode & 0777, 0700U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.file("state")), {}), 3);
}

// ---- what it keeps ----

TEST_F(InScratch, KeepsARunWithItsStoryAndItsCalls) {
    {
        const auto journal = open(path);
        const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
        ASSERT_TRUE(lock.has_value()) << lock.error().message;
        recycle::Run run = run_named("r1");
        run.phase = recycle::Phase::Surge;
        run.pending = recycle::SetDesiredCount{3, 4};
        const Entry intent{0, fixed_epoch + second, EntryKind::Intent, "desired count 3 -> 4", {{"healthy", "3"}}};
        const Entry note{0, fixed_epoch + second, EntryKind::Note, "", {}};
        ASSERT_TRUE(journal->save(*lock, run, {5, {{"ListTasks", 5}}}, {intent, note}, fixed_epoch + second));
    }
    const auto journal = open(path);
    const auto record = journal->load("r1");
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(record->run.phase, recycle::Phase::Surge);
    EXPECT_EQ(std::get<recycle::SetDesiredCount>(*record->run.pending).to, 4);
    EXPECT_EQ(record->service_key, web);
    EXPECT_EQ(record->calls.by_operation.at("ListTasks"), 5);
    EXPECT_EQ(record->created_at, fixed_epoch);
    EXPECT_EQ(record->updated_at, fixed_epoch + second);
    ASSERT_TRUE(record->holder.has_value());
    EXPECT_EQ(record->holder->who, "ann");
    EXPECT_EQ(record->holder->expires_at, fixed_epoch + second + Seconds(30));
    const auto story = journal->entries("r1");
    ASSERT_TRUE(story.has_value());
    ASSERT_EQ(story->size(), 3U);
    EXPECT_EQ((*story)[0].kind, EntryKind::Started);
    EXPECT_EQ((*story)[1].kind, EntryKind::Intent);
    EXPECT_EQ((*story)[1].facts.at("healthy"), "3");
    EXPECT_EQ((*story)[2].seq, 3);
}

TEST_F(InScratch, FindsARunByTheBeginningOfItsId) {
    const auto journal = open(path);
    ASSERT_TRUE(journal->begin(run_named("abc111"), "a", claim("ann")));
    ASSERT_TRUE(journal->begin(run_named("abd222"), "b", claim("ann")));
    EXPECT_EQ(journal->load("abc").value().run.id, "abc111");
    EXPECT_EQ(journal->load("abd222").value().run.id, "abd222");
    EXPECT_EQ(journal->load("ab").error().kind, ErrorKind::Usage);
    EXPECT_EQ(journal->load("x").error().kind, ErrorKind::NotFound);
    EXPECT_EQ(journal->load("").error().kind, ErrorKind::NotFound);
    EXPECT_EQ(journal->load("ab%").error().kind, ErrorKind::NotFound);
}

TEST_F(InScratch, ListsTheNewestFirst) {
    const auto journal = open(path);
    for (int i = 0; i < 4; ++i) {
        const std::string name = std::to_string(i);
        ASSERT_TRUE(
            journal->begin(run_named("r" + name), i < 3 ? "s" + name : "s0x", claim("ann", fixed_epoch + i * second)));
    }
    const auto all = journal->list(3, "");
    ASSERT_TRUE(all.has_value());
    ASSERT_EQ(all->size(), 3U);
    EXPECT_EQ((*all)[0].run.id, "r3");
    EXPECT_EQ((*all)[2].run.id, "r1");
    const auto one = journal->list(3, "s1");
    ASSERT_EQ(one->size(), 1U);
    EXPECT_EQ((*one)[0].run.id, "r1");
}

TEST_F(InScratch, OffersUnfinishedRunsUntilTheyAreRestored) {
    const auto journal = open(path);
    const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
    EXPECT_EQ(journal->unfinished(web).value()->run.id, "r1");
    recycle::Run run = run_named("r1");
    run.ended_at = fixed_epoch + second;
    run.restored = false;
    ASSERT_TRUE(journal->save(*lock, run, {}, {}, fixed_epoch + second));
    EXPECT_TRUE(journal->unfinished(web).value().has_value()) << "it ended, but left something in place";
    run.restored = true;
    ASSERT_TRUE(journal->save(*lock, run, {}, {}, fixed_epoch + 2 * second));
    EXPECT_FALSE(journal->unfinished(web).value().has_value());
    EXPECT_FALSE(journal->unfinished("other").value().has_value());
}

// ---- who holds what ----

TEST_F(InScratch, LetsOnlyOneRunHoldAService) {
    const auto journal = open(path);
    ASSERT_TRUE(journal->begin(run_named("r1"), web, claim("ann@here pid 1")));
    const auto second_run = journal->begin(run_named("r2"), web, claim("bob@there pid 2", fixed_epoch + 12 * second));
    ASSERT_FALSE(second_run.has_value());
    EXPECT_EQ(second_run.error().kind, ErrorKind::Locked);
    for (const char* told : {"r1", "ann@here pid 1", "2026-01-02T03:04:05Z", "12s ago", "--force", web}) {
        EXPECT_NE(second_run.error().message.find(told), std::string::npos) << second_run.error().message;
    }
    EXPECT_EQ(journal->load("r2").error().kind, ErrorKind::NotFound) << "both or neither";
    EXPECT_TRUE(journal->begin(run_named("r3"), "other service", claim("bob")));
}

TEST_F(InScratch, LetsAHoldExpireUnlessItBeats) {
    const auto journal = open(path);
    const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
    ASSERT_TRUE(journal->beat(*lock, fixed_epoch + 25 * second));
    EXPECT_EQ(journal->take("r1", claim("bob", fixed_epoch + 54 * second)).error().kind, ErrorKind::Locked);
    const auto taken = journal->take("r1", claim("bob", fixed_epoch + 55 * second));
    ASSERT_TRUE(taken.has_value()) << taken.error().message;

    const auto beat = journal->beat(*lock, fixed_epoch + 56 * second);
    ASSERT_FALSE(beat.has_value());
    EXPECT_EQ(beat.error().kind, ErrorKind::Locked);
    EXPECT_NE(beat.error().message.find("bob"), std::string::npos) << beat.error().message;
    recycle::Run run = run_named("r1");
    run.phase = recycle::Phase::Ended;
    EXPECT_EQ(journal->save(*lock, run, {}, {}, fixed_epoch + 56 * second).error().kind, ErrorKind::Locked);
    EXPECT_EQ(journal->load("r1")->run.phase, recycle::Phase::Preflight) << "a lost holder must not write";
    ASSERT_TRUE(journal->release(*lock));
    EXPECT_TRUE(journal->beat(*taken, fixed_epoch + 57 * second)) << "a lost holder must not release";
}

TEST_F(InScratch, FreesAHoldFromBeforeTheClockWasSetBack) {
    const auto journal = open(path);
    ASSERT_TRUE(journal->begin(run_named("r1"), web, claim("ann")).has_value());
    EXPECT_FALSE(journal->take("r1", claim("bob", fixed_epoch - Seconds(20))).has_value());
    EXPECT_TRUE(journal->take("r1", claim("bob", fixed_epoch - std::chrono::hours(1))).has_value());
}

TEST_F(InScratch, TellsTwoClaimsOfOneProcessApart) {
    const auto journal = open(path);
    const auto older = journal->begin(run_named("r1"), web, claim("ann"));
    const auto newer = journal->take("r1", claim("ann", fixed_epoch, true));
    ASSERT_TRUE(newer.has_value());
    EXPECT_EQ(journal->beat(*older, fixed_epoch).error().kind, ErrorKind::Locked);
    EXPECT_TRUE(journal->beat(*newer, fixed_epoch));
}

TEST_F(InScratch, LetsAnExpiredHolderGoOnWhenNobodyCame) {
    const auto journal = open(path);
    const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
    EXPECT_TRUE(journal->beat(*lock, fixed_epoch + 300 * second));
    EXPECT_FALSE(journal->take("r1", claim("bob", fixed_epoch + 301 * second)).has_value());
}

TEST_F(InScratch, HandsARequestToAbortToTheHolder) {
    const auto journal = open(path);
    const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
    EXPECT_FALSE(journal->beat(*lock, fixed_epoch)->abort_ask.has_value());
    ASSERT_TRUE(open(path)->request_abort("r1", "a release"));
    EXPECT_EQ(journal->beat(*lock, fixed_epoch)->abort_ask, "a release");
    EXPECT_EQ(journal->load("r1")->abort_ask, "a release");
    EXPECT_EQ(journal->request_abort("nosuch", "x").error().kind, ErrorKind::NotFound);
    const auto next = journal->take("r1", claim("bob", fixed_epoch, true));
    EXPECT_EQ(journal->beat(*next, fixed_epoch)->abort_ask, "a release") << "who takes a run over is asked the same";
}

TEST_F(InScratch, RefusesANewRunWhileAnOlderOneIsUnfinished) {
    const auto journal = open(path);
    const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
    ASSERT_TRUE(journal->release(*lock));
    const auto refused = journal->begin(run_named("r2"), web, claim("bob"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Locked);
    EXPECT_NE(refused.error().message.find("runs abort r1"), std::string::npos) << refused.error().message;
    ASSERT_TRUE(journal->begin(run_named("r2"), web, claim("bob", fixed_epoch, true)));
    EXPECT_EQ(journal->unfinished(web).value()->run.id, "r2");
    EXPECT_NE(journal->entries("r1")->back().text.find("given up"), std::string::npos);
}

// ---- damage ----

void write(const std::string& path, const std::string& bytes) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
}

void sql(const std::string& path, const std::string& statement) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
}

void expect_one_clear_line(const Error& error, const std::string& path, const std::string& what) {
    EXPECT_EQ(error.kind, ErrorKind::Io);
    EXPECT_NE(error.message.find(path), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(what), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
}

TEST_F(InScratch, RefusesAFileThatIsNoDatabase) {
    write(path, std::string(5000, 'x'));
    expect_one_clear_line(open_journal(path).error(), path, "damaged");
}

TEST_F(InScratch, RefusesADatabaseOfAnotherProgram) {
    write(path, "");
    sql(path, "CREATE TABLE songs (title TEXT)");
    expect_one_clear_line(open_journal(path).error(), path, "another program");
}

TEST_F(InScratch, RefusesAJournalOfANewerVersion) {
    open(path);
    sql(path, "PRAGMA user_version = 99");
    expect_one_clear_line(open_journal(path).error(), path, "newer ecs-recycler (journal version 99");
}

TEST_F(InScratch, RefusesARunOfANewerVersion) {
    const auto journal = open(path);
    ASSERT_TRUE(journal->begin(run_named("r1"), web, claim("ann")));
    sql(path, "UPDATE runs SET state = '{\"version\": 7, \"run\": {}}'");
    expect_one_clear_line(journal->load("r1").error(), path, "newer ecs-recycler (run format 7");
}

TEST_F(InScratch, RefusesARunWhoseStateIsTorn) {
    const auto journal = open(path);
    ASSERT_TRUE(journal->begin(run_named("r1"), web, claim("ann")));
    sql(path, "UPDATE runs SET state = substr(state, 1, 100)");
    expect_one_clear_line(journal->load("r1").error(), path, "run r1 cannot be read");
    EXPECT_FALSE(journal->list(10, "").has_value());
    sql(path, "UPDATE runs SET state = '{}'");
    expect_one_clear_line(journal->load("r1").error(), path, "this is no run");
    sql(path, "UPDATE entries SET kind = 'sung'");
    expect_one_clear_line(journal->entries("r1").error(), path, "sung");
}

TEST_F(InScratch, SurvivesATornWriteAheadLog) {
    const std::string copy = scratch.file("copy/journal.db");
    std::filesystem::create_directories(scratch.file("copy"));
    const auto journal = open(path);
    const auto lock = journal->begin(run_named("r1"), web, claim("ann"));
    recycle::Run run = run_named("r1");
    for (int i = 1; i <= 50; ++i) {
        run.looks.count = i;
        ASSERT_TRUE(journal->save(*lock, run, {}, {}, fixed_epoch));
    }
    const auto size = std::filesystem::file_size(path + "-wal");
    // As if the machine had lost power in the middle of writing the log, at any length of it.
    for (std::uintmax_t length = size; length > size / 2; length -= size / 37) {
        std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::copy_file(path + "-wal", copy + "-wal", std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(copy + "-wal", length);
        std::filesystem::remove(copy + "-shm");
        const auto torn = open(copy);
        ASSERT_NE(torn, nullptr);
        const auto record = torn->load("r1");
        ASSERT_TRUE(record.has_value()) << record.error().message;
        EXPECT_LE(record->run.looks.count, 50);
        EXPECT_GT(record->run.looks.count, 0);
    }
}

TEST_F(InScratch, NeverCrashesOnDamagedPages) {
    {
        const auto journal = open(path);
        for (int i = 0; i < 20; ++i) {
            ASSERT_TRUE(journal->begin(run_named("r" + std::to_string(i)), "s" + std::to_string(i), claim("ann")));
        }
    }
    std::ifstream in(path, std::ios::binary);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    ASSERT_GT(good.size(), 20'000U);
    int refused = 0;
    for (std::size_t at = 0; at + 512 < good.size(); at += 1021) {
        std::string bad = good;
        std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(at), 512, '\xA5');
        write(path, bad);
        std::filesystem::remove(path + "-wal");
        std::filesystem::remove(path + "-shm");
        const auto journal = open_journal(path);
        if (!journal) {
            ++refused;
            expect_one_clear_line(journal.error(), path, "");
            continue;
        }
        const auto records = (*journal)->list(100, "");
        if (!records) { expect_one_clear_line(records.error(), path, ""); }
        refused += records ? 0 : 1;
    }
    EXPECT_GT(refused, 5);
}

TEST_F(InScratch, SaysSoWhenItsFolderCannotBeMade) {
    write(scratch.file("state"), "a file where the folder should be");
    expect_one_clear_line(open_journal(path).error(), path, "");
    expect_one_clear_line(open_journal(scratch.file("")).error(), scratch.file(""), "");
}

} // namespace
} // namespace ecsr::act
