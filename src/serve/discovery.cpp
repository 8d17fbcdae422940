#include "serve/discovery.hpp"

#include "act/journal.hpp"
#include "aws/ecs/client.hpp"
#include "aws/ecs/convert.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ecsr::serve {

namespace {

constexpr std::size_t services_per_describe = 10; // ECS behaviour A7

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?") != std::string_view::npos;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
    return std::ranges::any_of(patterns, [&](const auto& pattern) { return matches(short_id(pattern), text); });
}

bool is_meant(const config::Selection& selection, const Place& place) {
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
        return names.empty() || std::ranges::find(names, name) != names.end();
    };
    return has(selection.accounts, place.account.name) && has(selection.regions, place.region);
}

bool picks(const config::Selection& selection, const std::string& cluster, const Service& service) {
    if (!matches_any(selection.clusters, cluster)) { return false; }
    if (!selection.services.empty() && !matches_any(selection.services, service.name)) { return false; }
    return std::ranges::all_of(selection.tags, [&](const auto& wanted) {
        const auto found = service.tags.find(wanted.first);
        return found != service.tags.end() && matches(wanted.second, found->second);
    });
}

Facts facts_of(const Service& service) {
    Facts facts;
    facts.is_active = service.status == "ACTIVE" && service.deployment_controller == "ECS" &&
                      service.scheduling_strategy == "REPLICA";
    facts.desired_count = service.desired_count;
    facts.no_task_before =
        service.deployments.size() == 1 ? service.deployments.front().created_at : service.created_at;
    return facts;
}

// One sweep.
class Sweep {
public:
    Sweep(const Place& place, Policies& policies, std::stop_token stop)
        : place_(place), policies_(policies), ecs_(*place.caller), stop_(std::move(stop)) {
        const auto& rules = policies.settings().rules;
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (is_meant(rules[i].selection, place)) { rules_.push_back(i); }
        }
    }

    Result<Discovered> run() {
        const auto clusters = find_clusters();
        if (!clusters) { return std::unexpected(clusters.error()); }
        for (const std::string& cluster : *clusters) {
            if (auto read = read_cluster(cluster); !read) { return std::unexpected(read.error()); }
        }
        return std::move(discovered_);
    }

private:
    const config::Selection& selection(std::size_t rule) const { return policies_.settings().rules[rule].selection; }

    Result<std::set<std::string>> find_clusters() {
        std::set<std::string> clusters;
        bool lists = false;
        for (const std::size_t rule : rules_) {
            for (const std::string& cluster : selection(rule).clusters) {
                lists = lists || is_pattern(cluster);
                if (!is_pattern(cluster)) { clusters.emplace(short_id(cluster)); }
            }
        }
        if (!lists) { return clusters; }
        const auto listed = ecs_.list_clusters({}, stop_);
        if (!listed) { return std::unexpected(listed.error()); }
        for (const std::string& arn : listed->cluster_arns) {
            const std::string name(short_id(arn));
            const bool meant = std::ranges::any_of(
                rules_, [&](std::size_t rule) { return matches_any(selection(rule).clusters, name); });
            if (meant) { clusters.insert(name); }
        }
        return clusters;
    }

    // The names that rules give, or all that there are.
    Result<std::vector<std::string>> names_in(const std::string& cluster) {
        std::set<std::string> names;
        bool lists = false;
        for (const std::size_t rule : rules_) {
            if (!matches_any(selection(rule).clusters, cluster)) { continue; }
            const auto& services = selection(rule).services;
            lists = lists || services.empty() || std::ranges::any_of(services, is_pattern);
            for (const std::string& service : services) {
                if (!is_pattern(service)) { names.insert(service); }
            }
        }
        named_ = names;
        if (!lists) { return std::vector<std::string>(names.begin(), names.end()); }
        const auto listed = ecs_.list_services({.cluster = cluster, .max_results = {}, .next_token = {}}, stop_);
        if (!listed) { return std::unexpected(listed.error()); }
        for (const std::string& arn : listed->service_arns) { names.emplace(short_id(arn)); }
        return std::vector<std::string>(names.begin(), names.end());
    }

    Status read_cluster(const std::string& cluster) {
        const auto names = names_in(cluster);
        if (!names) { return missing_cluster(cluster, names.error()); }
        for (std::size_t begin = 0; begin < names->size(); begin += services_per_describe) {
            const auto end = std::min(names->size(), begin + services_per_describe);
            const auto first = names->begin() + static_cast<std::ptrdiff_t>(begin);
            const std::vector<std::string> some(first, names->begin() + static_cast<std::ptrdiff_t>(end));
            const auto answer =
                ecs_.describe_services({.cluster = cluster, .services = some, .include = {"TAGS"}}, stop_);
            if (!answer) { return missing_cluster(cluster, answer.error()); }
            for (const auto& service : answer->services) { take(cluster, aws::ecs::to_model(service)); }
            for (const auto& failure : answer->failures) {
                const std::string name(short_id(failure.arn));
                // One that was only listed is being deleted.
                if (named_.contains(name)) { warn(fmt::format("there is no service {} in cluster {}", name, cluster)); }
            }
        }
        return {};
    }

    // A cluster that is named and does not exist hides nothing else.
    Status missing_cluster(const std::string& cluster, const Error& error) {
        if (error.kind != ErrorKind::NotFound && error.code != "ClusterNotFoundException") {
            return std::unexpected(error);
        }
        warn(fmt::format("there is no cluster {}", cluster));
        return {};
    }

    void take(const std::string& cluster, const Service& service) {
        if (service.status == "INACTIVE") { return; }
        for (const std::size_t rule : rules_) {
            if (!picks(selection(rule), cluster, service)) { continue; }
            auto policy = policies_.of(rule, service.tags);
            if (!policy) {
                warn(fmt::format("service {} of cluster {} is left alone: {}", service.name, cluster,
                                 policy.error().message));
            } else if ((*policy)->enabled) {
                discovered_.services.push_back({{place_.account.name, place_.region, cluster, service.name},
                                                act::service_key(service),
                                                std::move(*policy),
                                                facts_of(service)});
            }
            return;
        }
    }

    void warn(std::string text) {
        discovered_.warnings.push_back(
            fmt::format("account {}, region {}: {}", place_.account.name, place_.region, text));
    }

    const Place& place_;
    Policies& policies_;
    aws::ecs::Client ecs_;
    std::stop_token stop_;
    std::vector<std::size_t> rules_;
    std::set<std::string> named_; // in the cluster at hand
    Discovered discovered_;
};

} // namespace

Result<std::shared_ptr<const config::Policy>> Policies::of(std::size_t rule,
                                                           const std::map<std::string, std::string>& tags) {
    std::map<std::string, std::string> ours;
    std::string key = fmt::format("{}", rule);
    for (const auto& [name, value] : tags) {
        if (!name.starts_with(config::tag_prefix)) { continue; }
        ours.emplace(name, value);
        key += fmt::format("\n{}={}", name, value);
    }
    const std::lock_guard lock(mutex_);
    if (const auto found = made_.find(key); found != made_.end()) { return found->second; }
    auto policy = config::with_tags(settings_->rules[rule].policy, *settings_, ours);
    if (!policy) { return std::unexpected(std::move(policy).error()); }
    auto shared = std::make_shared<const config::Policy>(std::move(*policy));
    made_.emplace(std::move(key), shared);
    return shared;
}

Result<Discovered> discover(const Place& place, Policies& policies, const std::stop_token& stop) {
    return Sweep(place, policies, stop).run();
}

Result<std::optional<Instant>> oldest_task(const Place& place, const ServiceId& id, Instant now,
                                           const std::stop_token& stop) {
    aws::ecs::Client ecs(*place.caller);
    const auto listed = ecs.list_tasks({.cluster = id.cluster,
                                        .service_name = id.name,
                                        .desired_status = "RUNNING",
                                        .max_results = {},
                                        .next_token = {}},
                                       stop);
    if (!listed) { return std::unexpected(listed.error()); }
    const auto described = ecs.describe_tasks({.cluster = id.cluster, .tasks = listed->task_arns}, stop);
    if (!described) { return std::unexpected(described.error()); }
    std::optional<Instant> oldest;
    for (const auto& task : described->tasks) {
        const Instant created_at = task.created_at.value_or(now);
        if (!oldest || created_at < *oldest) { oldest = created_at; }
    }
    return oldest;
}

bool matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

} // namespace ecsr::serve
