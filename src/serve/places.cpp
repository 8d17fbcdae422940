#include "serve/places.hpp"

#include <algorithm>
#include <mutex>

namespace ecsr::serve {

namespace {

class CountedCaller : public aws::Caller {
public:
    explicit CountedCaller(std::shared_ptr<aws::Caller> shared) : shared_(std::move(shared)) {}

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token stop) override {
        {
            const std::lock_guard lock(mutex_);
            ++counts_.total;
            ++counts_.by_operation[call.operation];
        }
        return shared_->call(call, std::move(stop));
    }
    aws::CallCounts counts() const override {
        const std::lock_guard lock(mutex_);
        return counts_;
    }
    std::string region() const override { return shared_->region(); }

private:
    const std::shared_ptr<aws::Caller> shared_;
    mutable std::mutex mutex_;
    aws::CallCounts counts_; // guarded by mutex_
};

bool same_client(const config::Account& a, const config::Account& b) {
    return a.name == b.name && a.profile == b.profile && a.role_arn == b.role_arn && a.external_id == b.external_id &&
           a.endpoint_url == b.endpoint_url;
}

} // namespace

Result<std::vector<Place>> make_places(const config::Settings& settings, const std::vector<Place>& earlier,
                                       const MakeCaller& make_caller) {
    std::vector<Place> places;
    for (const config::Account& account : settings.accounts) {
        const auto regions = account.regions.empty() ? std::vector<std::string>{""} : account.regions;
        for (const std::string& region : regions) {
            const auto known = std::ranges::find_if(earlier, [&](const Place& place) {
                return same_client(place.account, account) && place.region == region;
            });
            if (known != earlier.end()) {
                places.push_back({account, region, known->caller});
                continue;
            }
            auto caller = make_caller(account, region);
            if (!caller) { return std::unexpected(std::move(caller).error().with_context("account " + account.name)); }
            const std::string resolved = region.empty() ? (*caller)->region() : region;
            places.push_back({account, resolved, std::move(*caller)});
        }
    }
    return places;
}

std::unique_ptr<aws::Caller> count_calls(std::shared_ptr<aws::Caller> shared) {
    return std::make_unique<CountedCaller>(std::move(shared));
}

} // namespace ecsr::serve
