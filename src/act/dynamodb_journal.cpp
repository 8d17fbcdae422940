#include "act/dynamodb_journal.hpp"

#include "act/dynamodb_state.hpp"
#include "act/run_json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace ecsr::act {

namespace dynamo = aws::dynamodb;

namespace {

// Of 100 writes that one may have; the others are the lock, the run, its parts and the pointer to it.
constexpr std::size_t entries_per_transaction = 100 - 3 - state_pieces_most;
constexpr int attempts_at_conflicts = 5;
constexpr int attempts_at_reading = 5;
constexpr std::chrono::hours kept_for{24 * 90};

std::string run_pk(const std::string& run_id) {
    return "run#" + run_id;
}

std::string service_pk(const std::string& service_key) {
    return "service#" + service_key;
}

constexpr const char* all_runs_pk = "runs";

std::string entry_sk(std::int64_t seq) {
    return fmt::format("entry#{:010}", seq);
}

std::string part_sk(std::size_t number) {
    return fmt::format("part#{:02}", number);
}

// Sorts by creation.
std::string run_sk(const recycle::Run& run, Instant created_at) {
    return fmt::format("run#{:015}#{}", created_at.time_since_epoch().count(), run.id);
}

dynamo::AttributeValue millis(Instant at) {
    return dynamo::number(at.time_since_epoch().count());
}

dynamo::AttributeValue expiry(Instant now) {
    return dynamo::number(std::chrono::duration_cast<Seconds>((now + kept_for).time_since_epoch()).count());
}

Instant instant_of(const dynamo::Item& item, const std::string& name) {
    return Instant(Millis(dynamo::number_of(item, name).value_or(0)));
}

dynamo::Item key(const std::string& pk, const std::string& sk) {
    return {{"pk", dynamo::text(pk)}, {"sk", dynamo::text(sk)}};
}

Holder holder_from(const dynamo::Item& item) {
    return {dynamo::text_of(item, "run_id").value_or(""),
            dynamo::text_of(item, "who").value_or(""),
            instant_of(item, "since"),
            instant_of(item, "beat_at"),
            instant_of(item, "expires_at"),
            dynamo::text_of(item, "process").value_or("")};
}

// What a run's own item says of its state: one of two ways, see dynamodb_journal.hpp.
constexpr const char* state_names[] = {"state", "state_parts", "save_id"};

dynamo::Item state_attributes(const std::vector<std::string>& pieces, const std::string& save_id) {
    if (pieces.size() == 1) { return {{"state", dynamo::binary(pieces[0])}}; }
    return {{"state_parts", dynamo::number(static_cast<std::int64_t>(pieces.size()))},
            {"save_id", dynamo::text(save_id)}};
}

dynamo::Item lock_values(const Lock& lock) {
    return {{":run", dynamo::text(lock.run_id)}, {":who", dynamo::text(lock.who)}, {":since", millis(lock.since)}};
}

constexpr const char* lock_is_ours = "run_id = :run AND who = :who AND since = :since";

dynamo::TransactWriteItem renew(const std::string& table, const Lock& lock, Instant now) {
    dynamo::Item values = lock_values(lock);
    values[":beat"] = millis(now);
    values[":expires"] = millis(now + lock.ttl);
    return {.put = {},
            .update = dynamo::Update{.table_name = table,
                                     .key = key(service_pk(lock.service_key), "lock"),
                                     .update_expression = "SET beat_at = :beat, expires_at = :expires",
                                     .condition_expression = lock_is_ours,
                                     .expression_attribute_names = {},
                                     .expression_attribute_values = std::move(values)},
            .delete_ = {}};
}

} // namespace

// ---- parts ----

Result<dynamo::Item> DynamodbJournal::read(const std::string& pk, const std::string& sk) {
    auto answer = client_.get_item({.table_name = table_, .key = key(pk, sk), .consistent_read = true}, {});
    if (!answer) { return std::unexpected(std::move(answer.error()).with_context("journal " + table_)); }
    return std::move(answer->item);
}

Result<std::vector<dynamo::Item>> DynamodbJournal::query(const Range& range) {
    auto answer = client_.query(
        {.table_name = table_,
         .key_condition_expression = "pk = :pk AND begins_with(sk, :prefix)",
         .expression_attribute_names = {},
         .expression_attribute_values = {{":pk", dynamo::text(range.pk)}, {":prefix", dynamo::text(range.sk_prefix)}},
         .scan_index_forward = !range.newest_first,
         .consistent_read = true,
         .limit = range.limit,
         .exclusive_start_key = {}},
        {});
    if (!answer) { return std::unexpected(std::move(answer.error()).with_context("journal " + table_)); }
    return std::move(answer->items);
}

Result<bool> DynamodbJournal::write(Writes writes) {
    dynamo::TransactWriteItemsRequest request{std::move(writes), {}};
    for (int attempt = 1;; ++attempt) {
        request.client_request_token = random_hex(32);
        const auto answer = client_.transact_write_items(request, {});
        if (answer) { return true; }
        Error error = answer.error();
        if (error.code == "TransactionCanceledException") {
            if (error.message.find("ConditionalCheckFailed") != std::string::npos) { return false; }
            // Somebody else's transaction on the same items: nothing was done.
            const bool conflict = error.message.find("TransactionConflict") != std::string::npos;
            if (conflict && attempt < attempts_at_conflicts) { continue; }
        }
        return std::unexpected(std::move(error).with_context("journal " + table_));
    }
}

std::string DynamodbJournal::random_hex(int digits) {
    const std::lock_guard guard(mutex_);
    return random_.hex(digits);
}

dynamo::TransactWriteItem DynamodbJournal::put(Item item, std::string condition) const {
    return {.put = dynamo::Put{.table_name = table_,
                               .item = std::move(item),
                               .condition_expression = std::move(condition),
                               .expression_attribute_names = {},
                               .expression_attribute_values = {}},
            .update = {},
            .delete_ = {}};
}

dynamo::TransactWriteItem DynamodbJournal::entry_write(const std::string& run_id, std::int64_t seq,
                                                       const Entry& entry) const {
    Item item = key(run_pk(run_id), entry_sk(seq));
    item["at"] = millis(entry.at);
    item["kind"] = dynamo::text(to_string(entry.kind));
    item["text"] = dynamo::text(entry.text);
    item["facts"] = dynamo::text(facts_to_json(entry.facts));
    item["expires"] = expiry(entry.at);
    return put(std::move(item));
}

Result<std::optional<Holder>> DynamodbJournal::holder_of(const std::string& service_key) {
    const auto item = read(service_pk(service_key), "lock");
    if (!item) { return std::unexpected(item.error()); }
    if (item->empty()) { return std::nullopt; }
    return holder_from(*item);
}

std::unexpected<Error> DynamodbJournal::lost(const Lock& lock) {
    const auto holder = holder_of(lock.service_key);
    if (!holder) { return std::unexpected(holder.error()); }
    return std::unexpected(lost_error(lock, *holder));
}

// ---- holding ----

Result<Lock> DynamodbJournal::claim_lock(const std::string& service_key, const std::string& run_id, const Claim& claim,
                                         Writes& writes) {
    const auto holder = holder_of(service_key);
    if (!holder) { return std::unexpected(holder.error()); }
    if (is_held(*holder, claim.now) && !claim.force) {
        return std::unexpected(held_error(service_key, **holder, claim.now));
    }
    Lock lock{service_key, run_id, claim.who, claim.now, claim.ttl};
    // `since` tells two claims of one process apart: an older claim must never pass for the newer one.
    if (*holder && (*holder)->since >= lock.since) { lock.since = (*holder)->since + Millis(1); }
    Item item = key(service_pk(service_key), "lock");
    item["run_id"] = dynamo::text(run_id);
    item["who"] = dynamo::text(claim.who);
    item["since"] = millis(lock.since);
    item["beat_at"] = millis(claim.now);
    item["expires_at"] = millis(claim.now + claim.ttl);
    item["process"] = dynamo::text(claim.process);
    auto write = put(std::move(item), *holder ? "since = :since AND beat_at = :beat" : "attribute_not_exists(pk)");
    if (*holder) {
        write.put->expression_attribute_values = {{":since", millis((*holder)->since)},
                                                  {":beat", millis((*holder)->beat_at)}};
    }
    writes.push_back(std::move(write));
    return lock;
}

std::int64_t DynamodbJournal::append(const std::string& run_id, const Item& run, const Entry& entry, Writes& writes) {
    const std::int64_t before = dynamo::number_of(run, "entries").value_or(0);
    writes.push_back({.put = {},
                      .update = dynamo::Update{.table_name = table_,
                                               .key = key(run_pk(run_id), "run"),
                                               .update_expression = "SET entries = :after",
                                               .condition_expression = "entries = :before",
                                               .expression_attribute_names = {},
                                               .expression_attribute_values = {{":after", dynamo::number(before + 1)},
                                                                               {":before", dynamo::number(before)}}},
                      .delete_ = {}});
    writes.push_back(entry_write(run_id, before + 1, entry));
    return before + 1;
}

// What an older run left in place must be put back by it; a run that began by force has said that it need not be.
Status DynamodbJournal::give_up(const std::string& other, const std::string& by, Instant now, Writes& writes) {
    const auto item = read(run_pk(other), "run");
    if (!item) { return std::unexpected(item.error()); }
    if (item->empty()) { return {}; }
    append(other, *item, given_up_entry(by, now), writes);
    return {};
}

Result<Lock> DynamodbJournal::begin(const recycle::Run& run, const std::string& service_key, const Claim& claim) {
    const auto pieces = cut_state(run);
    if (!pieces) { return std::unexpected(Error(pieces.error()).with_context("journal " + table_)); }
    Writes writes;
    auto lock = claim_lock(service_key, run.id, claim, writes);
    if (!lock) { return lock; }
    const auto pointer = read(service_pk(service_key), "unfinished");
    if (!pointer) { return std::unexpected(pointer.error()); }
    if (const auto other = dynamo::text_of(*pointer, "run_id")) {
        if (!claim.force) { return std::unexpected(unfinished_error(*other, service_key)); }
        if (auto done = give_up(*other, run.id, claim.now, writes); !done) { return std::unexpected(done.error()); }
    }
    Item unfinished = key(service_pk(service_key), "unfinished");
    unfinished["run_id"] = dynamo::text(run.id);
    writes.push_back(put(std::move(unfinished)));

    Item item = key(run_pk(run.id), "run");
    const std::string save_id = random_hex(16);
    item.merge(state_attributes(*pieces, save_id));
    add_parts(run.id, *pieces, save_id, claim.now, writes);
    item["service"] = dynamo::text(service_key);
    item["calls"] = dynamo::text(calls_to_json({}));
    item["entries"] = dynamo::number(1);
    item["created_at"] = millis(claim.now);
    item["updated_at"] = millis(claim.now);
    item["expires"] = expiry(claim.now);
    writes.push_back(put(std::move(item), "attribute_not_exists(pk)"));
    for (const std::string& pk : {service_pk(service_key), std::string(all_runs_pk)}) {
        Item listed = key(pk, run_sk(run, claim.now));
        listed["run_id"] = dynamo::text(run.id);
        listed["expires"] = expiry(claim.now);
        writes.push_back(put(std::move(listed)));
    }
    const Entry started{0, claim.now, EntryKind::Started, "run created by " + claim.who, {{"service", service_key}}};
    writes.push_back(entry_write(run.id, 1, started));
    const auto written = write(std::move(writes));
    if (!written) { return std::unexpected(written.error()); }
    if (!*written) {
        return fail(ErrorKind::Locked, fmt::format("somebody else took service {} at this moment", service_key));
    }
    const std::lock_guard guard(mutex_);
    entries_[run.id] = 1;
    return lock;
}

Result<Lock> DynamodbJournal::take(const std::string& run_id, const Claim& claim) {
    const auto item = read(run_pk(run_id), "run");
    if (!item) { return std::unexpected(item.error()); }
    const auto service = dynamo::text_of(*item, "service");
    if (!service) { return std::unexpected(no_run_error(table_, run_id)); }
    Writes writes;
    auto lock = claim_lock(*service, run_id, claim, writes);
    if (!lock) { return lock; }
    const std::int64_t seq =
        append(run_id, *item, {0, claim.now, EntryKind::Started, "run taken up by " + claim.who, {}}, writes);
    const auto written = write(std::move(writes));
    if (!written) { return std::unexpected(written.error()); }
    if (!*written) {
        return fail(ErrorKind::Locked, fmt::format("somebody else took service {} at this moment", *service));
    }
    const std::lock_guard guard(mutex_);
    entries_[run_id] = seq;
    return lock;
}

Result<Beat> DynamodbJournal::beat(const Lock& lock, Instant now) {
    const auto renewed = write({renew(table_, lock, now)});
    if (!renewed) { return std::unexpected(renewed.error()); }
    if (!*renewed) { return lost(lock); }
    const auto item = read(run_pk(lock.run_id), "run");
    if (!item) { return std::unexpected(item.error()); }
    return Beat{dynamo::text_of(*item, "abort_ask")};
}

Status DynamodbJournal::release(const Lock& lock) {
    const auto gone = write({{.put = {},
                              .update = {},
                              .delete_ = dynamo::Delete{.table_name = table_,
                                                        .key = key(service_pk(lock.service_key), "lock"),
                                                        .condition_expression = lock_is_ours,
                                                        .expression_attribute_names = {},
                                                        .expression_attribute_values = lock_values(lock)}}});
    if (!gone) { return std::unexpected(gone.error()); }
    return {}; // not ours any more: released all the same
}

// ---- writing ----

dynamo::TransactWriteItem DynamodbJournal::run_write(const recycle::Run& run, const Item& state,
                                                     const aws::CallCounts& calls, std::int64_t seq,
                                                     Instant now) const {
    std::string set = "SET calls = :calls, updated_at = :now, entries = :seq";
    std::string remove;
    std::map<std::string, std::string> names;
    Item values{{":calls", dynamo::text(calls_to_json(calls))}, {":now", millis(now)}, {":seq", dynamo::number(seq)}};
    for (const std::string name : state_names) {
        names["#" + name] = name;
        const auto attribute = state.find(name);
        if (attribute == state.end()) {
            remove += fmt::format("{} #{}", remove.empty() ? " REMOVE" : ",", name);
            continue;
        }
        set += fmt::format(", #{0} = :{0}", name);
        values[":" + name] = attribute->second;
    }
    return {.put = {},
            .update = dynamo::Update{.table_name = table_,
                                     .key = key(run_pk(run.id), "run"),
                                     .update_expression = set + remove,
                                     .condition_expression = "attribute_exists(pk)",
                                     .expression_attribute_names = std::move(names),
                                     .expression_attribute_values = std::move(values)},
            .delete_ = {}};
}

// A single piece lies in the run's own item.
void DynamodbJournal::add_parts(const std::string& run_id, const std::vector<std::string>& pieces,
                                const std::string& save_id, Instant now, Writes& writes) const {
    if (pieces.size() == 1) { return; }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        Item item = key(run_pk(run_id), part_sk(i));
        item["save_id"] = dynamo::text(save_id);
        item["data"] = dynamo::binary(pieces[i]);
        item["expires"] = expiry(now);
        writes.push_back(put(std::move(item)));
    }
}

Status DynamodbJournal::save(const Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                             const std::vector<Entry>& story, Instant now) {
    ECSR_ASSERT(lock.run_id == run.id);
    const auto pieces = cut_state(run);
    if (!pieces) { return std::unexpected(Error(pieces.error()).with_context("journal " + table_)); }
    const std::string save_id = random_hex(16);
    const Item state = state_attributes(*pieces, save_id);
    std::int64_t seq = 0;
    {
        const std::lock_guard guard(mutex_);
        seq = entries_.at(run.id);
    }
    std::size_t told = 0;
    do {
        const std::size_t count = std::min(entries_per_transaction, story.size() - told);
        Writes writes{renew(table_, lock, now)};
        if (told == 0) { add_parts(run.id, *pieces, save_id, now, writes); }
        for (std::size_t i = 0; i < count; ++i) {
            writes.push_back(entry_write(run.id, seq + 1 + static_cast<std::int64_t>(i), story[told + i]));
        }
        told += count;
        seq += static_cast<std::int64_t>(count);
        writes.push_back(run_write(run, state, calls, seq, now));
        if (told == story.size() && !is_unfinished(run)) {
            writes.push_back(
                {.put = {},
                 .update = {},
                 .delete_ = dynamo::Delete{.table_name = table_,
                                           .key = key(service_pk(lock.service_key), "unfinished"),
                                           .condition_expression = "attribute_not_exists(pk) OR run_id = :run",
                                           .expression_attribute_names = {},
                                           .expression_attribute_values = {{":run", dynamo::text(run.id)}}}});
        }
        const auto written = write(std::move(writes));
        if (!written) { return std::unexpected(written.error()); }
        if (!*written) { return lost(lock); }
        const std::lock_guard guard(mutex_);
        entries_[run.id] = seq;
    } while (told < story.size());
    return {};
}

Status DynamodbJournal::request_abort(const std::string& run_id, const std::string& reason) {
    const auto written =
        write({{.put = {},
                .update = dynamo::Update{.table_name = table_,
                                         .key = key(run_pk(run_id), "run"),
                                         .update_expression = "SET abort_ask = :reason",
                                         .condition_expression = "attribute_exists(pk)",
                                         .expression_attribute_names = {},
                                         .expression_attribute_values = {{":reason", dynamo::text(reason)}}},
                .delete_ = {}}});
    if (!written) { return std::unexpected(written.error()); }
    if (!*written) { return std::unexpected(no_run_error(table_, run_id)); }
    return {};
}

// ---- reading ----

Result<std::optional<std::string>> DynamodbJournal::read_parts(const std::string& run_id, std::size_t count,
                                                               const std::string& save_id) {
    const auto items = query({.pk = run_pk(run_id), .sk_prefix = "part#"});
    if (!items) { return std::unexpected(items.error()); }
    std::string pieces;
    std::size_t found = 0;
    for (const Item& item : *items) {
        if (dynamo::text_of(item, "save_id") != save_id) { continue; }
        pieces += dynamo::bytes_of(item, "data").value_or("");
        ++found;
    }
    if (found != count) { return std::nullopt; }
    return pieces;
}

Result<recycle::Run> DynamodbJournal::state_of(const std::string& run_id, Item& item) {
    for (int attempt = 0; attempt < attempts_at_reading; ++attempt) {
        if (const auto text = dynamo::text_of(item, "state")) { return run_from_json(*text); }
        if (const auto bytes = dynamo::bytes_of(item, "state")) { return read_state(*bytes); }
        const auto save_id = dynamo::text_of(item, "save_id");
        const auto count = dynamo::number_of(item, "state_parts");
        if (!save_id || !count) { return fail(ErrorKind::Io, "it has no state"); }
        const auto pieces = read_parts(run_id, static_cast<std::size_t>(*count), *save_id);
        if (!pieces) { return std::unexpected(pieces.error()); }
        if (*pieces) { return read_state(**pieces); }
        auto now = read(run_pk(run_id), "run");
        if (!now) { return std::unexpected(now.error()); }
        if (dynamo::text_of(*now, "save_id") == save_id) {
            return fail(ErrorKind::Io, fmt::format("of {} parts of its state some are missing", *count));
        }
        item = std::move(*now);
    }
    return fail(ErrorKind::Io, "it is saved more often than it can be read");
}

Result<RunRecord> DynamodbJournal::record_of(const std::string& run_id, Item item) {
    auto run = state_of(run_id, item);
    if (!run && run.error().kind != ErrorKind::Io) { return std::unexpected(run.error()); }
    if (!run) { return std::unexpected(damaged_run_error(table_, run_id, run.error())); }
    auto calls = calls_from_json(dynamo::text_of(item, "calls").value_or("{}"));
    if (!calls) { return std::unexpected(damaged_run_error(table_, run_id, calls.error())); }
    RunRecord record{std::move(*run),
                     dynamo::text_of(item, "service").value_or(""),
                     std::move(*calls),
                     {},
                     dynamo::text_of(item, "abort_ask"),
                     instant_of(item, "created_at"),
                     instant_of(item, "updated_at")};
    auto holder = holder_of(record.service_key);
    if (!holder) { return std::unexpected(holder.error()); }
    if (*holder && (*holder)->run_id == run_id) { record.holder = std::move(*holder); }
    return record;
}

Result<std::vector<std::string>> DynamodbJournal::run_ids(const std::string& pk, std::optional<int> limit) {
    const auto items = query({.pk = pk, .sk_prefix = "run#", .newest_first = true, .limit = limit});
    if (!items) { return std::unexpected(items.error()); }
    std::vector<std::string> ids;
    for (const Item& item : *items) {
        if (auto id = dynamo::text_of(item, "run_id")) { ids.push_back(std::move(*id)); }
    }
    return ids;
}

Result<std::string> DynamodbJournal::complete_id(const std::string& id) {
    const auto ids = run_ids(all_runs_pk, {});
    if (!ids) { return std::unexpected(ids.error()); }
    std::vector<std::string> found;
    std::ranges::copy_if(*ids, std::back_inserter(found), [&](const auto& each) { return each.starts_with(id); });
    if (found.empty() || id.empty()) { return std::unexpected(no_run_error(table_, id)); }
    if (found.size() > 1) { return std::unexpected(several_runs_error(id, found[0], found[1])); }
    return std::move(found[0]);
}

Result<RunRecord> DynamodbJournal::load(const std::string& id) {
    std::string whole = id;
    auto item = read(run_pk(id), "run");
    if (item && item->empty()) {
        auto completed = complete_id(id);
        if (!completed) { return std::unexpected(completed.error()); }
        whole = std::move(*completed);
        item = read(run_pk(whole), "run");
    }
    if (!item) { return std::unexpected(item.error()); }
    if (item->empty()) { return std::unexpected(no_run_error(table_, id)); }
    return record_of(whole, std::move(*item));
}

Result<std::vector<RunRecord>> DynamodbJournal::list(int limit, const std::string& service_key) {
    const auto ids = run_ids(service_key.empty() ? all_runs_pk : service_pk(service_key), limit);
    if (!ids) { return std::unexpected(ids.error()); }
    std::vector<RunRecord> records;
    for (const std::string& id : *ids) {
        auto item = read(run_pk(id), "run");
        if (!item) { return std::unexpected(item.error()); }
        if (item->empty()) { continue; } // its time to live is over
        auto record = record_of(id, std::move(*item));
        if (!record) { return std::unexpected(record.error()); }
        records.push_back(std::move(*record));
    }
    return records;
}

Result<std::vector<Entry>> DynamodbJournal::entries(const std::string& run_id) {
    const auto items = query({.pk = run_pk(run_id), .sk_prefix = "entry#"});
    if (!items) { return std::unexpected(items.error()); }
    std::vector<Entry> entries;
    for (const Item& item : *items) {
        auto kind = parse_entry_kind(dynamo::text_of(item, "kind").value_or(""));
        auto facts = facts_from_json(dynamo::text_of(item, "facts").value_or("{}"));
        if (!kind) { return std::unexpected(kind.error()); }
        if (!facts) { return std::unexpected(facts.error()); }
        entries.push_back({static_cast<std::int64_t>(entries.size()) + 1, instant_of(item, "at"), *kind,
                           dynamo::text_of(item, "text").value_or(""), std::move(*facts)});
    }
    return entries;
}

Result<std::optional<RunRecord>> DynamodbJournal::unfinished(const std::string& service_key) {
    const auto pointer = read(service_pk(service_key), "unfinished");
    if (!pointer) { return std::unexpected(pointer.error()); }
    const auto id = dynamo::text_of(*pointer, "run_id");
    if (!id) { return std::nullopt; }
    auto record = load(*id);
    if (!record) {
        if (record.error().kind == ErrorKind::NotFound) { return std::nullopt; }
        return std::unexpected(record.error());
    }
    return std::move(*record);
}

} // namespace ecsr::act
