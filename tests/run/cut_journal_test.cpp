// The power fails at each write of the journal's file: it opens again, holds what was saved, and the run goes on.
#include "act/run_json.hpp"
#include "tests/run/world.hpp"
#include "tests/support/virtual_disk.hpp"

#include <fmt/format.h>
#include <ostream>

namespace ecsr::testing {
namespace {

const std::string file = "journal.db";

// All that a journal tells, as one text.
std::string told_by(act::Journal& journal) {
    std::string text;
    const auto records = journal.list(100, "");
    if (!records) { return "cannot be listed: " + records.error().message; }
    for (const auto& record : *records) {
        text += fmt::format("{} calls {} {} ask '{}' held '{}' until {}\n", act::run_to_json(record.run),
                            record.calls.total, record.service_key, record.abort_ask.value_or(""),
                            record.holder ? record.holder->who : "",
                            record.holder ? to_rfc3339(record.holder->expires_at) : "");
        const auto entries = journal.entries(record.run.id);
        if (!entries) { return "has no entries: " + entries.error().message; }
        for (const auto& entry : *entries) {
            text +=
                fmt::format("{} {} {} {}\n", entry.seq, to_rfc3339(entry.at), act::to_string(entry.kind), entry.text);
        }
    }
    return text;
}

std::string told_after(const std::map<std::string, Bytes>& files) {
    VirtualDisk disk(files);
    auto journal = act::open_journal(disk.path(file));
    return journal ? told_by(**journal) : "cannot be opened: " + journal.error().message;
}

// The real journal. While a call is under way, the power fails after each access to the disk, in every way: what is
// found then must be what there was before the call, or what there is after it; and after it, nothing else.
class WatchedJournal : public act::Journal {
public:
    explicit WatchedJournal(VirtualDisk& disk) : disk_(disk) {
        disk.watch([this] { fail_here(); });
        auto opened = act::open_journal(disk.path(file));
        EXPECT_TRUE(opened.has_value()) << opened.error().message;
        journal_ = std::move(*opened);
        settle("open");
    }
    ~WatchedJournal() override {
        journal_.reset();
        settle("close");
        disk_.watch({});
    }

    Result<act::Lock> begin(const recycle::Run& run, const std::string& key, const act::Claim& claim) override {
        return settled("begin", journal_->begin(run, key, claim));
    }
    Result<act::Lock> take(const std::string& id, const act::Claim& claim) override {
        return settled("take", journal_->take(id, claim));
    }
    Result<act::Beat> beat(const act::Lock& lock, Instant now) override {
        return settled("beat", journal_->beat(lock, now));
    }
    Status release(const act::Lock& lock) override { return settled("release", journal_->release(lock)); }
    Status save(const act::Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                const std::vector<act::Entry>& story, Instant now) override {
        return settled("save", journal_->save(lock, run, calls, story, now));
    }
    Status request_abort(const std::string& id, const std::string& reason) override {
        return settled("request_abort", journal_->request_abort(id, reason));
    }
    Result<act::RunRecord> load(const std::string& id) override { return journal_->load(id); }
    Result<std::vector<act::RunRecord>> list(int limit, const std::string& key) override {
        return journal_->list(limit, key);
    }
    Result<std::vector<act::Entry>> entries(const std::string& id) override { return journal_->entries(id); }
    Result<std::optional<act::RunRecord>> unfinished(const std::string& key) override {
        return journal_->unfinished(key);
    }

    std::size_t failures() const { return failures_; }

private:
    void fail_here() {
        if (disk_.content().unsynchronised.empty()) {
            ++failures_;
            found_.emplace(told_after(disk_.content().durable), Kept::Nothing);
            return;
        }
        for (const Kept kept : all_kept) {
            ++failures_;
            found_.emplace(told_after(after_power_failure(disk_.content(), kept)), kept);
        }
    }

    template <class T>
    T settled(const char* call, T result) {
        EXPECT_TRUE(result.has_value()) << result.error().message;
        settle(call);
        return result;
    }

    void settle(const char* call) {
        const std::string now = told_after(disk_.content().durable);
        if (journal_) { EXPECT_EQ(now, told_by(*journal_)) << "not durable after " << call; }
        for (const auto& [text, kept] : found_) {
            EXPECT_TRUE(text == now || text == before_) << "during " << call << ", kept " << to_string(kept) << ":\n"
                                                        << text;
        }
        found_.clear();
        before_ = now;
    }

    VirtualDisk& disk_;
    std::unique_ptr<act::Journal> journal_;
    std::map<std::string, Kept> found_; // in the present call
    std::string before_;
    std::size_t failures_ = 0;
};

struct Kind {
    std::string name;
    FakeServiceOptions options;
};

void PrintTo(const Kind& kind, std::ostream* out) {
    *out << kind.name;
}

std::vector<Kind> kinds() {
    FakeServiceOptions plain;
    plain.desired = 1;
    plain.target_group = false;
    FakeServiceOptions scaled;
    scaled.desired = 1;
    scaled.scalable_target = ScalableTarget{"service/prod/web", 1, 1, {false, false, true}};
    return {{"scale_in", scaled}, {"stop_task", plain}};
}

class EveryWrite : public ::testing::TestWithParam<Kind> {
protected:
    static void expect_laws(World& world, const recycle::Run& run) {
        ASSERT_TRUE(run.ending.has_value());
        EXPECT_EQ(run.ending->outcome, recycle::Outcome::Done) << run.ending->reason;
        EXPECT_TRUE(run.restored);
        world.expect_all_replaced(run);
        world.expect_restored();
        world.expect_unharmed(world.desired_before);
    }

    static std::unique_ptr<act::Journal> open(VirtualDisk& disk) {
        auto journal = act::open_journal(disk.path(file));
        EXPECT_TRUE(journal.has_value()) << journal.error().message;
        return journal ? std::move(*journal) : nullptr;
    }

    static std::int64_t writes_of_an_undisturbed_run() {
        VirtualDisk disk;
        World world(GetParam().options);
        world.journal = open(disk);
        EXPECT_TRUE(world.recycle().has_value());
        return disk.writes();
    }

    // The machine dies at the n-th write of the journal; the run goes on when it is back.
    static void expect_resumable(std::int64_t n, Kept kept) {
        VirtualDisk disk;
        World world(GetParam().options);
        world.ecs.fail_with(
            [&](std::int64_t, const aws::ServiceCall&) { return disk.is_down() ? Fault::Crash : Fault::None; });
        disk.cut_power_after(n);
        auto opened = act::open_journal(disk.path(file));
        if (opened) {
            world.journal = std::move(*opened);
            try {
                EXPECT_FALSE(world.recycle().has_value());
            } catch (const CrashNow&) { EXPECT_TRUE(disk.is_down()); }
        }
        world.journal.reset();
        disk.power_on(kept);
        world.journal = open(disk);
        const auto records = world.journal->list(10, "");
        ASSERT_TRUE(records.has_value()) << records.error().message;
        if (records->empty()) {
            EXPECT_TRUE(world.heard.changes.empty());
            return world.expect_restored();
        }
        if (!act::is_unfinished(records->front().run)) { return expect_laws(world, records->front().run); }
        const auto record = world.resume_later(records->front().run.id);
        ASSERT_TRUE(record.has_value()) << record.error().message;
        expect_laws(world, record->run);
    }
};

TEST_P(EveryWrite, MayBeCutAndTheJournalHoldsWhatWasSaved) {
    VirtualDisk disk;
    World world(GetParam().options);
    auto watched = std::make_unique<WatchedJournal>(disk);
    const WatchedJournal& journal = *watched;
    world.journal = std::move(watched);
    const auto record = world.recycle();
    ASSERT_TRUE(record.has_value()) << record.error().message;
    expect_laws(world, record->run);
    EXPECT_GT(journal.failures(), 500U);
}

TEST_P(EveryWrite, MayBeCutAndTheRunGoesOn) {
    constexpr auto ways = static_cast<std::int64_t>(std::size(all_kept));
    const std::int64_t writes = writes_of_an_undisturbed_run();
    for (std::int64_t n = 1; n < writes && !HasFailure(); ++n) {
        const Kept kept = all_kept[static_cast<std::size_t>(n % ways)];
        SCOPED_TRACE(fmt::format("write {} of {}, kept {}", n, writes, to_string(kept)));
        expect_resumable(n, kept);
    }
}

INSTANTIATE_TEST_SUITE_P(Runs, EveryWrite, ::testing::ValuesIn(kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST(FullDisk, EndsTheRunAndLeavesItResumable) {
    FakeServiceOptions options;
    options.desired = 2;
    VirtualDisk disk;
    World world(options);
    auto opened = act::open_journal(disk.path(file));
    ASSERT_TRUE(opened.has_value());
    world.journal = std::move(*opened);
    world.heard.at_wait = [&](const recycle::Run& run, const recycle::Wait&) {
        disk.set_full(run.phase == recycle::Phase::AwaitFresh);
    };
    const auto record = world.recycle();
    ASSERT_FALSE(record.has_value());
    EXPECT_EQ(record.error().kind, ErrorKind::Io);
    EXPECT_NE(record.error().message.find("free some space"), std::string::npos) << record.error().message;
    disk.set_full(false);
    world.heard.at_wait = {};
    const auto resumed = world.resume_later(world.only_run());
    ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
    EXPECT_EQ(resumed->run.ending->outcome, recycle::Outcome::Done);
    world.expect_restored();
    world.expect_unharmed(world.desired_before);
}

} // namespace
} // namespace ecsr::testing
