// Builds the Snapshot of one service, part by part, in as few calls as possible. Reads only; never changes anything.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "model/snapshot.hpp"

#include <stop_token>
#include <string>

namespace ecsr {

// Not thread-safe. Holds no facts of its own: whoever holds a Snapshot may go on with a new Observer.
class Observer {
public:
    // `cluster` (empty: "default") and `service` as the user wrote them: names or ARNs. `caller` must outlive the
    // observer.
    Observer(aws::Caller& caller, std::string cluster, std::string service);

    // Reads what `look` asks for and merges it into `snapshot` (its rules: model/snapshot.hpp) with `now` as the time
    // of reading. Parts that need the service read it first if it was never read. Listing describes, besides the tasks
    // that are new in the list, those that were live and have left it: a task that died must not go on counting as
    // healthy. Where the service is read too and its events and counts account for every task that came or went since
    // the last listing, ListTasks is not called.
    //
    // Once the service was known, its end is a fact and not an error: `service_missing` is set and the rest of the look
    // is skipped. An alarm that does not exist is Error Usage. Images that cannot be checked are warnings in the
    // snapshot. Errors: NotFound (cluster or service never known; names the nearest existing one where listing is
    // permitted), Credentials (names the IAM permission that is missing), and those of Caller. After an error the parts
    // that were read before it are merged.
    Status look(const Look& look, Snapshot& snapshot, Instant now, std::stop_token stop);

private:
    aws::Caller* caller_;
    std::string cluster_;
    std::string service_;
};

// The answer of UpdateService tells as much as DescribeServices does (except tags, which are kept): it counts as a look
// at the service.
void merge_update_answer(Snapshot& snapshot, const Service& answer, Instant now);

// A task as DescribeTasks or StopTask tells it. A task that was told to stop never lives again: an answer that says so
// is an old one (reads lag writes, ECS behaviour B12) and only counts as a look. A task without a creation time is new:
// it gets the time at which it was first seen.
void merge_task(Snapshot& snapshot, Task task, Instant now);

} // namespace ecsr
