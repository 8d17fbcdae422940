// Drives a journal through everything that one may ask of it, for tests/contract/journal_test.py:
//   drive_journal sqlite PATH | drive_journal dynamodb ENDPOINT_URL TABLE
// Prints a line of what came of each step; both kinds of journal have to print the same lines.
#include "act/dynamodb_journal.hpp"
#include "aws/session.hpp"
#include "net/curl_transport.hpp"
#include "net/system_clock.hpp"

#include <fmt/format.h>
#include <iostream>
#include <stdexcept>

namespace {

using namespace ecsr;

constexpr const char* web = "123456789012/eu-west-1/prod/web";
constexpr const char* api = "123456789012/eu-west-1/prod/api";
const Instant start{Millis(1'790'000'000'000)};

recycle::Run run_named(const std::string& id) {
    recycle::Run run;
    run.id = id;
    run.spec.cluster = "prod";
    run.spec.service = "web";
    run.started_at = start;
    return run;
}

act::Claim claim(const std::string& who, Millis after, bool force = false) {
    return {who, start + after, Seconds(30), force};
}

template <class T>
std::string outcome(const Result<T>& result) {
    return result ? "ok" : fmt::format("{}: {}", to_string(result.error().kind), result.error().message);
}

void tell(const std::string& step, const std::string& result) {
    fmt::print("{}: {}\n", step, result);
}

std::string describe(const act::RunRecord& record) {
    return fmt::format("{} {} calls={} unfinished={} holder={} abort={} updated={}", record.run.id, record.service_key,
                       record.calls.total, act::is_unfinished(record.run),
                       record.holder ? record.holder->who + " until " + to_rfc3339(record.holder->expires_at) : "none",
                       record.abort_ask.value_or("none"), to_rfc3339(record.updated_at));
}

void tell_run(act::Journal& journal, const std::string& id) {
    const auto record = journal.load(id);
    tell("load " + id, record ? describe(*record) : outcome(record));
    const auto entries = journal.entries(record ? record->run.id : id);
    if (!entries) { return tell("entries", outcome(entries)); }
    for (const auto& entry : *entries) {
        std::string facts;
        for (const auto& [name, value] : entry.facts) { facts += fmt::format(" {}={}", name, value); }
        tell(fmt::format("entry {}", entry.seq),
             fmt::format("{} {} {}{}", to_rfc3339(entry.at), act::to_string(entry.kind), entry.text, facts));
    }
}

void tell_list(act::Journal& journal, int limit, const std::string& service) {
    const auto records = journal.list(limit, service);
    std::string ids;
    if (records) {
        for (const auto& record : *records) { ids += " " + record.run.id; }
    }
    tell(fmt::format("list {} {}", limit, service), records ? ids : outcome(records));
    const auto left = journal.unfinished(service.empty() ? web : service);
    tell("unfinished", left ? (*left ? (*left)->run.id : "none") : outcome(left));
}

// A run from its beginning to its end, and who may not disturb it.
void whole_run(act::Journal& journal) {
    const auto lock = journal.begin(run_named("abc1"), web, claim("ann", Millis(0)));
    tell("begin", outcome(lock));
    if (!lock) { throw std::runtime_error("no lock"); }
    tell("begin again", outcome(journal.begin(run_named("abc2"), web, claim("bob", Millis(1'000)))));
    tell("begin of another service", outcome(journal.begin(run_named("def1"), api, claim("bob", Millis(1'000)))));
    recycle::Run run = run_named("abc1");
    run.phase = recycle::Phase::Surge;
    run.pending = recycle::SetDesiredCount{3, 4};
    aws::CallCounts calls;
    calls.total = 7;
    calls.by_operation["UpdateService"] = 7;
    tell("save", outcome(journal.save(*lock, run, calls,
                                      {{0,
                                        start + Millis(2'000),
                                        act::EntryKind::Intent,
                                        "desired count 3 -> 4",
                                        {{"healthy", "3"}, {"why", "\"text\" \u00e4"}}},
                                       {0, start + Millis(2'001), act::EntryKind::Outcome, "done", {}}},
                                      start + Millis(2'001))));
    tell_run(journal, "abc1");
    tell_run(journal, "abc");
    tell_run(journal, "zzz");
    tell("ask to end", outcome(journal.request_abort("abc1", "not today")));
    tell("ask nobody to end", outcome(journal.request_abort("zzz", "x")));
    const auto beat = journal.beat(*lock, start + Millis(5'000));
    tell("beat", beat ? beat->abort_ask.value_or("none") : outcome(beat));
    tell_list(journal, 10, "");
    tell_list(journal, 1, "");
    tell_list(journal, 10, api);
    run.ended_at = start + Millis(6'000);
    run.restored = true;
    tell("save the end", outcome(journal.save(*lock, run, calls, {}, start + Millis(6'000))));
    tell("release", outcome(journal.release(*lock)));
    tell("release twice", outcome(journal.release(*lock)));
    tell("beat after release", outcome(journal.beat(*lock, start + Millis(7'000))));
    tell_list(journal, 10, web);
}

// Holders that die, that are overruled, and runs that are given up.
void hand_over(act::Journal& journal) {
    const auto dead = journal.begin(run_named("one1"), web, claim("ann", Millis(10'000)));
    tell("begin", outcome(dead));
    tell("take while it beats", outcome(journal.take("one1", claim("bob", Millis(20'000)))));
    const auto taken = journal.take("one1", claim("bob", Millis(41'000)));
    tell("take when it is dead", outcome(taken));
    tell("save of the dead", outcome(journal.save(*dead, run_named("one1"), {}, {}, start + Millis(41'500))));
    const auto forced = journal.take("one1", claim("cid", Millis(42'000), true));
    tell("take by force", outcome(forced));
    tell("beat of the overruled", outcome(journal.beat(*taken, start + Millis(43'000))));
    tell("release of the overruled", outcome(journal.release(*taken)));
    tell_run(journal, "one1");
    tell("release", outcome(journal.release(*forced)));
    tell("begin over an unfinished run", outcome(journal.begin(run_named("two1"), web, claim("dan", Millis(50'000)))));
    const auto fresh = journal.begin(run_named("two1"), web, claim("dan", Millis(51'000), true));
    tell("begin by force", outcome(fresh));
    tell_run(journal, "two1");
    tell("take no run", outcome(journal.take("zzz", claim("eve", Millis(52'000)))));
    std::vector<act::Entry> story;
    for (int i = 0; i < 200; ++i) {
        story.push_back({0, start + Millis(60'000 + i), act::EntryKind::Note, fmt::format("note {}", i), {}});
    }
    tell("save a long story", outcome(journal.save(*fresh, run_named("two1"), {}, story, start + Millis(61'000))));
    const auto entries = journal.entries("two1");
    tell("entries", entries ? fmt::format("{} {}", entries->size(), entries->back().text) : outcome(entries));
    tell_list(journal, 10, web);
}

// A run of many tasks, and one that has become smaller again.
void large_run(act::Journal& journal) {
    const auto lock = journal.begin(run_named("big1"), "123456789012/eu-west-1/prod/big", claim("ann", Millis(0)));
    tell("begin", outcome(lock));
    if (!lock) { throw std::runtime_error("no lock"); }
    for (const int tasks : {500, 10'000, 12'000, 500}) {
        Random random(static_cast<std::uint64_t>(tasks));
        recycle::Run run = run_named("big1");
        for (int i = 0; i < tasks; ++i) {
            const auto arn = [&] { return "arn:aws:ecs:eu-west-1:123456789012:task/prod/" + random.hex(32); };
            const std::string fresh = arn();
            run.taken_as_replacement.push_back(fresh);
            run.replaced.push_back({arn(), fresh, 1, start + Millis(random.next() % 100'000'000), {}, start});
        }
        tell("save", outcome(journal.save(*lock, run, {}, {{0, start, act::EntryKind::Note, "saved", {}}}, start)));
        const auto loaded = journal.load("big1");
        tell("load", loaded ? fmt::format("{} tasks, the last {}; {}", loaded->run.replaced.size(),
                                          loaded->run.replaced.back().task_arn,
                                          loaded->run.taken_as_replacement == run.taken_as_replacement)
                            : outcome(loaded));
    }
    tell("release", outcome(journal.release(*lock)));
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    SystemClock clock;
    const auto transport = CurlTransport::create({.ca_bundle = "", .verify_tls = true});
    std::unique_ptr<act::Journal> journal;
    if (arguments.size() == 2 && arguments[0] == "sqlite") {
        auto opened = act::open_journal(arguments[1]);
        if (opened) { journal = std::move(*opened); }
    } else if (arguments.size() == 3 && arguments[0] == "dynamodb" && transport) {
        auto made = aws::Session::create(**transport, clock, Random(1), aws::system_environment(),
                                         {.profile = {},
                                          .region = {},
                                          .endpoint_url = arguments[1],
                                          .access_key_id = {},
                                          .secret_access_key = {},
                                          .session_token = {},
                                          .role_arn = {},
                                          .external_id = {},
                                          .role_session_name = {},
                                          .max_attempts = {}});
        if (made) { journal = std::make_unique<act::DynamodbJournal>(std::move(*made), arguments[2], Random(2)); }
    }
    if (!journal) {
        std::cerr << "no journal\n";
        return 2;
    }
    whole_run(*journal);
    hand_over(*journal);
    large_run(*journal);
    return 0;
}
