#include "aws/config_file.hpp"

#include "aws/process.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <utility>

namespace ecsr::aws {

namespace {

using Sections = std::map<std::string, ConfigSection>;

// Reads one file line by line, as Python's configparser does: a line that is indented more than the key above it
// continues that key's value.
class Parser {
public:
    explicit Parser(std::string path) : path_(std::move(path)) {}

    Status line(std::string_view raw) {
        ++number_;
        const std::string_view text = trim(raw);
        if (text.empty() || text.front() == '#' || text.front() == ';') { return {}; }
        const std::size_t indent = raw.find_first_not_of(" \t");
        if (!key_.empty() && indent > key_indent_) { return continuation(text); }
        if (text.front() == '[') { return header(text); }
        return key_value(text, indent);
    }

    Sections take() { return std::move(sections_); }

private:
    std::unexpected<Error> refuse(std::string_view why) const {
        return fail(ErrorKind::Usage, fmt::format("{}:{}: {}", path_, number_, why));
    }

    Status header(std::string_view text) {
        const auto close = text.rfind(']');
        const std::string_view name =
            close == std::string_view::npos ? std::string_view{} : trim(text.substr(1, close - 1));
        if (name.empty()) { return refuse("a section begins with [name]"); }
        const auto [place, added] = sections_.try_emplace(std::string(name));
        if (!added) { return refuse(fmt::format("the section [{}] is there twice", name)); }
        section_ = &place->second;
        key_.clear();
        return {};
    }

    Status key_value(std::string_view text, std::size_t indent) {
        const auto delimiter = text.find_first_of("=:");
        if (delimiter == std::string_view::npos || delimiter == 0) {
            return refuse("expected \"key = value\" or \"[section]\"");
        }
        if (section_ == nullptr) { return refuse("a key stands before the first [section]"); }
        key_ = to_lower(trim(text.substr(0, delimiter)));
        key_indent_ = indent;
        const auto [place, added] = section_->values.try_emplace(key_, trim(text.substr(delimiter + 1)));
        if (!added) { return refuse(fmt::format("the key {} is there twice", key_)); }
        return {};
    }

    Status continuation(std::string_view text) {
        std::string& value = section_->values[key_];
        if (!value.empty()) {
            value += fmt::format("\n{}", text);
            return {};
        }
        const auto delimiter = text.find('=');
        if (delimiter == std::string_view::npos || delimiter == 0) {
            return refuse(fmt::format("expected \"key = value\" below {}", key_));
        }
        section_->nested[key_][to_lower(trim(text.substr(0, delimiter)))] = trim(text.substr(delimiter + 1));
        return {};
    }

    const std::string path_;
    Sections sections_;
    ConfigSection* section_ = nullptr;
    std::string key_; // the key whose value may go on; empty after a header
    std::size_t key_indent_ = 0;
    int number_ = 0;
};

std::string path_from(const Environment& environment, const std::string& variable, std::string_view usual) {
    const auto named = environment.non_empty(variable);
    if (!named) { return fmt::format("{}/.aws/{}", environment.home, usual); }
    return named->starts_with("~/") ? environment.home + named->substr(1) : *named;
}

Result<Sections> read_sections(const Environment& environment, const std::string& path) {
    const auto text = environment.read_file(path);
    if (!text && text.error().kind == ErrorKind::NotFound) { return Sections{}; }
    if (!text) { return fail(ErrorKind::Usage, text.error().message); }
    return parse_config_text(*text, path);
}

// "profile dev" and "profile \"my dev\"" give the second word; empty when the name is not of that kind.
std::string name_after(const std::string& section, std::string_view kind) {
    if (!section.starts_with(kind)) { return ""; }
    const auto words = split_command_line(section);
    return words && words->size() == 2 && words->front() == kind ? words->back() : "";
}

void sort_in(SharedConfig& config, const std::string& section, ConfigSection content) {
    if (section == "default") {
        config.profiles.insert_or_assign(section, std::move(content));
    } else if (auto profile = name_after(section, "profile"); !profile.empty()) {
        config.profiles.insert_or_assign(std::move(profile), std::move(content));
    } else if (auto session = name_after(section, "sso-session"); !session.empty()) {
        config.sso_sessions.insert_or_assign(std::move(session), std::move(content));
    } else if (auto services = name_after(section, "services"); !services.empty()) {
        config.services.insert_or_assign(std::move(services), std::move(content));
    }
}

} // namespace

std::optional<std::string> ConfigSection::get(const std::string& key) const {
    const auto found = values.find(key);
    return found != values.end() && !found->second.empty() ? std::optional(found->second) : std::nullopt;
}

Result<Sections> parse_config_text(std::string_view text, const std::string& path) {
    if (text.starts_with("\xef\xbb\xbf")) { text.remove_prefix(3); }
    Parser parser(path);
    for (const auto& line : split(text, '\n')) {
        if (auto status = parser.line(line); !status) { return std::unexpected(std::move(status.error())); }
    }
    return parser.take();
}

const ConfigSection* SharedConfig::profile(const std::string& name) const {
    const auto found = profiles.find(name);
    return found != profiles.end() ? &found->second : nullptr;
}

std::vector<std::string> SharedConfig::profile_names() const {
    std::vector<std::string> names;
    names.reserve(profiles.size());
    for (const auto& [name, section] : profiles) { names.push_back(name); }
    return names;
}

Result<SharedConfig> load_shared_config(const Environment& environment) {
    SharedConfig config;
    config.config_path = path_from(environment, "AWS_CONFIG_FILE", "config");
    config.credentials_path = path_from(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    auto sections = read_sections(environment, config.config_path);
    if (!sections) { return std::unexpected(std::move(sections.error())); }
    auto credentials = read_sections(environment, config.credentials_path);
    if (!credentials) { return std::unexpected(std::move(credentials.error())); }

    for (auto& [name, section] : *sections) { sort_in(config, name, std::move(section)); }
    for (const auto& [name, section] : *credentials) {
        auto& profile = config.profiles[name];
        for (const auto& [key, value] : section.values) { profile.values.insert_or_assign(key, value); }
        for (const auto& [key, value] : section.nested) { profile.nested.insert_or_assign(key, value); }
    }
    config.credentials = std::move(*credentials);
    return config;
}

Result<std::string> choose_profile(const Environment& environment, const SharedConfig& config,
                                   const std::optional<std::string>& asked) {
    auto name = asked;
    if (!name) { name = environment.non_empty("AWS_PROFILE"); }
    if (!name) { name = environment.non_empty("AWS_DEFAULT_PROFILE"); }
    if (!name) { return "default"; }
    if (*name == "default" || config.profile(*name) != nullptr) { return *name; }
    const std::string similar = nearest(*name, config.profile_names());
    return fail(ErrorKind::Usage,
                fmt::format("there is no profile \"{}\" in {} or {}{}", *name, config.config_path,
                            config.credentials_path, similar.empty() ? "" : fmt::format("; is it \"{}\"?", similar)));
}

} // namespace ecsr::aws
