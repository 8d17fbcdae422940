// Accounts and regions, each with the one client that everything in it shares: one set of credentials, one rate budget.
#pragma once

#include "aws/call.hpp"
#include "base/error.hpp"
#include "config/settings.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::serve {

// A client for an account; `region` empty: the one of the environment or the profile. Error: Usage.
using MakeCaller =
    std::function<Result<std::shared_ptr<aws::Caller>>(const config::Account& account, const std::string& region)>;

struct Place {
    config::Account account;
    std::string region; // never empty
    std::shared_ptr<aws::Caller> caller;
};

// Every account and region of the settings. A place whose account and region are the same as in `earlier` keeps its
// client. Error: Usage, names the account.
Result<std::vector<Place>> make_places(const config::Settings& settings, const std::vector<Place>& earlier,
                                       const MakeCaller& make_caller);

// Counts the calls of one run among those of everybody who shares the client; repeats of a call are not counted.
// Thread-safe.
std::unique_ptr<aws::Caller> count_calls(std::shared_ptr<aws::Caller> shared);

} // namespace ecsr::serve
