#include "config/load.hpp"

#include "base/text.hpp"
#include "config/sections.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace ecsr::config {

namespace {

// Read in an order of their own.
Fields<Settings> top_fields() {
    Fields<Settings> fields = settings_fields();
    for (const char* key : {"accounts", "schedules", "defaults", "services"}) {
        fields.push_back({key, [](Settings&, const Node&, const Scope&) {}});
    }
    return fields;
}

// The parts of the document that others refer to come first, wherever they stand.
class Loader {
public:
    Loader(const Surroundings& surroundings, Problems& problems)
        : surroundings_(surroundings), problems_(problems), top_(problems, "") {}

    Settings load(const Node& document) {
        if (!is_mapping(document, top_)) { return settings_; }
        read_section(settings_, document, top_, top_fields());
        if (const Node* accounts = find(document, "accounts")) { read_accounts(*accounts); }
        if (settings_.accounts.empty()) { settings_.accounts.emplace_back(); }
        if (const Node* schedules = find(document, "schedules")) { read_schedules(*schedules); }
        if (const Node* defaults = find(document, "defaults")) {
            const auto before = problems_.count();
            read_section(defaults_, *defaults, top_.at("defaults"), policy_fields());
            defaults_are_fine_ = problems_.count() == before;
        }
        if (const Node* services = find(document, "services")) {
            read_rules(*services);
        } else {
            top_.at("services").problem(document.line, "is missing: the list of what is watched");
        }
        return std::move(settings_);
    }

private:
    void read_accounts(const Node& node) {
        std::set<std::string> names;
        if (node.kind == Node::Kind::Empty) { return; }
        read_list(node, top_.at("accounts"), [&](const Node& item, const Scope& scope) {
            Account account;
            account.name.clear();
            read_section(account, item, scope, account_fields());
            if (item.kind != Node::Kind::Mapping) { return; }
            if (account.name.empty()) {
                if (find(item, "name") == nullptr) { scope.problem(item.line, "name is missing"); }
            } else if (!names.insert(account.name).second) {
                scope.problem(item.line, fmt::format("a second account named {}; each name once", account.name));
            }
            if (account.external_id && !account.role_arn) {
                scope.problem(item.line, "external_id is for a role; give role_arn too");
            }
            settings_.accounts.push_back(std::move(account));
        });
    }

    void read_schedules(const Node& node) {
        const Scope scope = top_.at("schedules");
        if (node.kind == Node::Kind::Empty || !is_mapping(node, scope)) { return; }
        for (const Entry& entry : node.entries) {
            const Scope inner = scope.at(entry.key);
            if (!is_given(entry, inner)) { continue; }
            const auto texts = read_schedule(entry.value, inner);
            if (texts && !texts->name.empty()) {
                inner.problem(entry.value, "must be an expression: rate(...), cron(...) or at(...)");
            } else if (texts) {
                settings_.schedules.emplace(entry.key, *texts);
            }
        }
    }

    void read_rules(const Node& node) {
        if (node.kind == Node::Kind::List && node.items.empty()) {
            top_.at("services").problem(node.line, "is empty: nothing would be watched");
        }
        if (node.kind == Node::Kind::Empty) { return; }
        read_list(node, top_.at("services"), [&](const Node& item, const Scope& scope) {
            Rule rule{.line = item.line, .selection = {}, .policy = defaults_};
            const auto before = problems_.count();
            read_section(rule, item, scope, rule_fields());
            // What is wrong by itself may be all that is wrong together.
            if (problems_.count() > before || !defaults_are_fine_) { return; }
            check_selection(rule.selection, item, scope);
            check_rule(rule, item, scope);
            if (const auto read = read_holidays(rule.policy); !read) {
                scope.problem(item.line, "holidays: " + read.error().message);
                return;
            }
            if (const auto resolved = resolve(rule.policy, settings_.schedules); !resolved) {
                scope.problem(item.line, resolved.error().message);
            }
            settings_.rules.push_back(std::move(rule));
        });
    }

    Status read_holidays(Policy& policy) {
        policy.holiday_calendars.clear();
        for (const std::string& path : policy.holiday_files) {
            auto& calendar = calendars_[path];
            if (!calendar) {
                if (!surroundings_.read_file) { return fail(ErrorKind::Usage, "files cannot be read here"); }
                auto text = surroundings_.read_file(path);
                if (!text) { return std::unexpected(std::move(text).error()); }
                calendar = std::make_shared<const std::string>(std::move(*text));
            }
            policy.holiday_calendars.push_back(calendar);
        }
        return {};
    }

    void check_selection(Selection& selection, const Node& item, const Scope& scope) const {
        const bool picks = std::ranges::any_of(std::array{"service", "services", "cluster", "clusters", "tags"},
                                               [&](const char* key) { return find(item, key) != nullptr; });
        if (!picks) { scope.problem(item.line, "picks no service; give service, services, cluster, clusters or tags"); }
        if (selection.clusters.empty()) { selection.clusters.emplace_back(selection.tags.empty() ? "default" : "*"); }
        std::set<std::string> names;
        for (const Account& account : settings_.accounts) { names.insert(account.name); }
        names.erase("");
        for (const std::string& name : selection.accounts) {
            if (names.contains(name)) { continue; }
            scope.problem(item.line, fmt::format("there is no account \"{}\"; allowed: {}", name,
                                                 join({names.begin(), names.end()}, ", ")));
        }
    }

    const Surroundings& surroundings_;
    Problems& problems_;
    std::map<std::string, std::shared_ptr<const std::string>> calendars_; // by path
    Scope top_;
    Settings settings_;
    Policy defaults_;
    bool defaults_are_fine_ = true;
};

} // namespace

Loaded load(std::string_view text, const Surroundings& surroundings) {
    Problems problems;
    Loaded loaded;
    if (const auto document = parse_document(text, surroundings.variables, problems)) {
        loaded.settings = Loader(surroundings, problems).load(*document);
    }
    loaded.problems = problems.take();
    if (!loaded.problems.empty()) { loaded.settings.reset(); }
    return loaded;
}

std::map<std::string, std::vector<std::string>> known_keys() {
    auto known = nested_keys();
    known[""] = keys_of(top_fields());
    known["schedules"] = keys_of(schedule_fields());
    known["accounts"] = keys_of(account_fields());
    known["defaults"] = keys_of(policy_fields());
    known["services"] = keys_of(rule_fields());
    return known;
}

} // namespace ecsr::config
