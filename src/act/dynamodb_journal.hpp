// The journal on a DynamoDB table: for processes that share no disk, such as invocations of a Lambda function.
//
// One table with the partition key `pk` and the sort key `sk`, both text; `expires` is its time to live, in epoch
// seconds. What it holds:
//
//   pk                 sk                  attributes
//   run#ID             run                 service, state, calls, entries, created_at, updated_at, abort_ask
//   run#ID             part#00             save_id, data
//   run#ID             entry#0000000001    at, kind, text, facts
//   service#KEY        lock                run_id, who, since, beat_at, expires_at, process
//   service#KEY        unfinished          run_id
//   service#KEY, runs  run#CREATED#ID      run_id
//
// `state` is compressed (act/dynamodb_state.hpp); as text it was written by an older program. Where one item would not
// hold it, the run has `state_parts` and `save_id` instead: so many parts with the same `save_id` are its state. Others
// are left over from an earlier save.
//
// Every change is one transaction whose conditions are the lock's, so that a process which lost it writes nothing. The
// parts belong to the transaction of their run; whoever reads them one after another tells by `save_id` whether they
// belong together.
#pragma once

#include "act/journal.hpp"
#include "aws/dynamodb/client.hpp"
#include "base/random.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace ecsr::act {

class DynamodbJournal : public Journal {
public:
    // `random`: for the tokens that make a repeated transaction harmless.
    DynamodbJournal(std::unique_ptr<aws::Caller> caller, std::string table, Random random)
        : caller_(std::move(caller)), client_(*caller_), table_(std::move(table)), random_(random) {}

    Result<Lock> begin(const recycle::Run& run, const std::string& service_key, const Claim& claim) override;
    Result<Lock> take(const std::string& run_id, const Claim& claim) override;
    Result<Beat> beat(const Lock& lock, Instant now) override;
    Status release(const Lock& lock) override;

    // Error Io also when the run is too large for a transaction of DynamoDB (some 29,000 tasks): told before the run
    // has changed anything.
    Status save(const Lock& lock, const recycle::Run& run, const aws::CallCounts& calls,
                const std::vector<Entry>& story, Instant now) override;
    Status request_abort(const std::string& run_id, const std::string& reason) override;

    Result<RunRecord> load(const std::string& id) override;
    Result<std::vector<RunRecord>> list(int limit, const std::string& service_key) override;
    Result<std::vector<Entry>> entries(const std::string& run_id) override;
    Result<std::optional<RunRecord>> unfinished(const std::string& service_key) override;

private:
    using Item = aws::dynamodb::Item;
    using Writes = std::vector<aws::dynamodb::TransactWriteItem>;

    Result<Item> read(const std::string& pk, const std::string& sk);
    struct Range {
        std::string pk;
        std::string sk_prefix;
        bool newest_first = false;
        std::optional<int> limit = {};
    };
    Result<std::vector<Item>> query(const Range& range);
    // A condition that does not hold: false.
    Result<bool> write(Writes writes);
    Result<Lock> claim_lock(const std::string& service_key, const std::string& run_id, const Claim& claim,
                            Writes& writes);
    Status give_up(const std::string& other, const std::string& by, Instant now, Writes& writes);
    // The next line of the story of the run whose item is `run`; returns its number.
    std::int64_t append(const std::string& run_id, const Item& run, const Entry& entry, Writes& writes);
    aws::dynamodb::TransactWriteItem entry_write(const std::string& run_id, std::int64_t seq, const Entry& entry) const;
    aws::dynamodb::TransactWriteItem put(Item item, std::string condition = {}) const;
    Result<std::optional<Holder>> holder_of(const std::string& service_key);
    std::unexpected<Error> lost(const Lock& lock);
    aws::dynamodb::TransactWriteItem run_write(const recycle::Run& run, const Item& state, const aws::CallCounts& calls,
                                               std::int64_t seq, Instant now) const;
    void add_parts(const std::string& run_id, const std::vector<std::string>& pieces, const std::string& save_id,
                   Instant now, Writes& writes) const;
    std::string random_hex(int digits);
    Result<RunRecord> record_of(const std::string& run_id, Item item);
    // `item` is read again where the run was saved meanwhile.
    Result<recycle::Run> state_of(const std::string& run_id, Item& item);
    // Nothing: not all of them are there.
    Result<std::optional<std::string>> read_parts(const std::string& run_id, std::size_t count,
                                                  const std::string& save_id);
    Result<std::vector<std::string>> run_ids(const std::string& pk, std::optional<int> limit);
    Result<std::string> complete_id(const std::string& id);

    const std::unique_ptr<aws::Caller> caller_;
    aws::dynamodb::Client client_;
    const std::string table_;

    std::mutex mutex_; // guards what follows
    Random random_;
    std::map<std::string, std::int64_t> entries_; // how many entries a run that is held here has
};

} // namespace ecsr::act
