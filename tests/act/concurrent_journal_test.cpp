// Several processes and threads at one journal file.
#include "tests/act/scratch.hpp"

#include <atomic>
#include <latch>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace ecsr::act {
namespace {

using namespace ecsr::testing;

// Runs `body` in `count` child processes that begin together; their exit codes.
std::vector<int> in_processes(int count, const std::function<int(int)>& body) {
    int gate[2];
    EXPECT_EQ(::pipe(gate), 0);
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            char byte = 0;
            ::close(gate[1]);
            (void)!::read(gate[0], &byte, 1); // returns when the parent closes its end
            ::_exit(body(i));
        }
        children.push_back(child);
    }
    ::close(gate[0]);
    ::close(gate[1]);
    std::vector<int> codes;
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        codes.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status));
    }
    return codes;
}

struct Together : ::testing::Test {
    Scratch scratch;
    std::string path = scratch.file("journal.db");
};

TEST_F(Together, ManyProcessesCreateOneJournal) {
    const auto codes = in_processes(8, [&](int i) {
        const auto journal = open_journal(path);
        if (!journal) { return 1; }
        const auto lock = (*journal)->begin(run_named("r" + std::to_string(i)), "s" + std::to_string(i), claim("p"));
        return lock ? 0 : 2;
    });
    EXPECT_EQ(codes, std::vector<int>(8, 0));
    EXPECT_EQ(open(path)->list(100, "")->size(), 8U);
}

TEST_F(Together, ExactlyOneOfManyProcessesGetsTheService) {
    open(path);
    const auto codes = in_processes(8, [&](int i) {
        const auto journal = open_journal(path);
        if (!journal) { return 1; }
        const auto lock = (*journal)->begin(run_named("r" + std::to_string(i)), web, claim("p" + std::to_string(i)));
        if (lock) { return 0; }
        return lock.error().kind == ErrorKind::Locked ? 3 : 2;
    });
    EXPECT_EQ(std::ranges::count(codes, 0), 1);
    EXPECT_EQ(std::ranges::count(codes, 3), 7);
}

TEST_F(Together, ExactlyOneOfManyThreadsTakesOverADeadRun) {
    ASSERT_TRUE(open(path)->begin(run_named("r1"), web, claim("dead")));
    std::atomic<int> taken = 0;
    std::latch begin(8);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&, i] {
                const auto journal = open_journal(path);
                begin.arrive_and_wait();
                if (!journal) { return; }
                const auto lock =
                    (*journal)->take("r1", claim("t" + std::to_string(i), fixed_epoch + std::chrono::minutes(1)));
                if (lock) { ++taken; }
            });
        }
    }
    EXPECT_EQ(taken, 1);
}

TEST_F(Together, ManyThreadsWriteTheirStoriesThroughOneJournal) {
    const auto journal = open(path);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                const std::string name = "r" + std::to_string(i);
                const auto lock = journal->begin(run_named(name), "s" + name, claim("t"));
                for (int line = 0; line < 25 && lock; ++line) {
                    const Entry entry{0, fixed_epoch, EntryKind::Note, std::to_string(line), {}};
                    EXPECT_TRUE(journal->save(*lock, run_named(name), {}, {entry}, fixed_epoch));
                }
            });
        }
    }
    for (int i = 0; i < 4; ++i) {
        const auto story = journal->entries("r" + std::to_string(i));
        ASSERT_EQ(story->size(), 26U);
        for (std::size_t line = 0; line < 25; ++line) { EXPECT_EQ((*story)[line + 1].text, std::to_string(line)); }
    }
}

TEST_F(Together, AProcessThatIsKilledWhileItWritesLeavesAWholeJournal) {
    ASSERT_TRUE(open(path)->begin(run_named("r1"), web, claim("ann")));
    for (int round = 0; round < 5; ++round) {
        int ready[2];
        ASSERT_EQ(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto journal = open_journal(path);
            if (!journal) { ::_exit(1); }
            const auto lock = (*journal)->take("r1", claim("child", fixed_epoch, true));
            recycle::Run run = run_named("r1");
            while (lock) {
                ++run.looks.count;
                const Entry entry{0, fixed_epoch, EntryKind::Note, std::to_string(run.looks.count), {}};
                if (!(*journal)->save(*lock, run, {}, {entry}, fixed_epoch)) { ::_exit(2); }
                if (run.looks.count == 3 + round) { (void)!::write(ready[1], "x", 1); }
            }
            ::_exit(3);
        }
        char byte = 0;
        ::close(ready[1]);
        ASSERT_EQ(::read(ready[0], &byte, 1), 1) << "the child ended by itself";
        ::close(ready[0]);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const auto journal = open(path);
        const auto record = journal->load("r1");
        ASSERT_TRUE(record.has_value()) << record.error().message;
        EXPECT_GE(record->run.looks.count, 3 + round) << "what was saved is durable";
        EXPECT_EQ(journal->entries("r1")->back().text, std::to_string(record->run.looks.count))
            << "state and story agree";
    }
}

TEST_F(Together, ManyProcessesOpenWhatOneThatDiedLeftBehind) {
    const std::string left = scratch.file("left.db");
    {
        const auto journal = open(path);
        ASSERT_TRUE(journal->begin(run_named("r1"), web, claim("ann")));
        std::filesystem::copy_file(path, left);
        std::filesystem::copy_file(path + "-wal", left + "-wal");
    }
    const auto codes = in_processes(8, [&](int) {
        const auto journal = open_journal(left);
        if (!journal) { return 1; }
        return (*journal)->load("r1") ? 0 : 2;
    });
    EXPECT_EQ(codes, std::vector<int>(8, 0));
}

} // namespace
} // namespace ecsr::act
