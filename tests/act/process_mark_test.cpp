#include "act/process_mark.hpp"
#include "base/text.hpp"
#include "tests/act/scratch.hpp"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace ecsr::act {
namespace {

using testing::claim;
using testing::run_named;
using testing::web;

// A process that tells its mark and waits to be killed.
class Child {
public:
    Child() {
        int ends[2] = {};
        EXPECT_EQ(::pipe(ends), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            const std::string mark = process_mark() + "\n";
            if (::write(ends[1], mark.data(), mark.size()) < 0) { ::_exit(1); }
            while (true) { ::pause(); }
        }
        ::close(ends[1]);
        for (char letter = 0; ::read(ends[0], &letter, 1) == 1 && letter != '\n';) { mark_ += letter; }
        ::close(ends[0]);
    }
    ~Child() { end(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    const std::string& mark() const { return mark_; }
    // Dead, and its exit status not yet asked for.
    void die() const {
        ::kill(pid_, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }
    void end() {
        if (pid_ <= 0) { return; }
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

private:
    pid_t pid_ = 0;
    std::string mark_;
};

std::string with_field(const std::string& mark, std::size_t field, const std::string& value) {
    auto fields = split(mark, ' ');
    fields.at(field) = value;
    return join(fields, " ");
}

TEST(ProcessMark, TellsALiveProcessFromOneThatHasEnded) {
    Child child;
    ASSERT_FALSE(child.mark().empty());
    EXPECT_NE(child.mark(), process_mark());
    EXPECT_FALSE(has_ended(process_mark()));
    EXPECT_FALSE(has_ended(child.mark()));
    child.die();
    EXPECT_TRUE(has_ended(child.mark())) << "a zombie does nothing any more";
    child.end();
    EXPECT_TRUE(has_ended(child.mark()));
}

TEST(ProcessMark, IsNotFooledByAPidThatIsUsedAgain) {
    EXPECT_TRUE(has_ended(with_field(process_mark(), 3, "1")));
}

TEST(ProcessMark, DoesNotJudgeWhatItCannotSee) {
    Child child;
    const std::string mark = child.mark();
    child.end();
    EXPECT_FALSE(has_ended(with_field(mark, 0, "00000000-0000-0000-0000-000000000000"))) << "another machine, or boot";
    EXPECT_FALSE(has_ended(with_field(mark, 1, "pid:[1]"))) << "another container";
    EXPECT_FALSE(has_ended(with_field(mark, 2, "x")));
    EXPECT_FALSE(has_ended(""));
    EXPECT_FALSE(has_ended("no mark"));
}

TEST(ProcessMark, FreesTheLockOfAHolderThatDiedHereAtOnce) {
    const auto journal = testing::open(":memory:");
    Child child;
    Claim dying = claim("ann");
    dying.process = child.mark();
    ASSERT_TRUE(journal->begin(run_named("r1"), web, dying));
    EXPECT_EQ(journal->take("r1", claim("bob")).error().kind, ErrorKind::Locked);
    EXPECT_TRUE(is_held(journal->load("r1")->holder, testing::fixed_epoch));
    child.end();
    EXPECT_FALSE(is_held(journal->load("r1")->holder, testing::fixed_epoch));
    EXPECT_TRUE(journal->take("r1", claim("bob")));
}

} // namespace
} // namespace ecsr::act
