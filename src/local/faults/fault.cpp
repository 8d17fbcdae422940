#include "local/faults/fault.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace ecsr::local {

namespace {

constexpr std::array<std::pair<std::string_view, FaultKind>, 6> kinds{{{"throttle", FaultKind::Throttle},
                                                                       {"500", FaultKind::ServerError},
                                                                       {"503", FaultKind::Unavailable},
                                                                       {"latency", FaultKind::Latency},
                                                                       {"lost-answer", FaultKind::LostAnswer},
                                                                       {"start-failure", FaultKind::StartFailure}}};

std::unexpected<Error> wrong(std::string_view text, const std::string& problem) {
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is no fault: {}", text, problem));
}

std::optional<FaultKind> kind_of(std::string_view word) {
    const auto found = std::ranges::find(kinds, word, [](const auto& each) { return each.first; });
    return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

std::optional<double> share_of(std::string_view word) {
    double share = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), share, std::chars_format::fixed);
    const bool whole = error == std::errc() && end == word.data() + word.size();
    return whole && share > 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

bool matches(std::string_view target, std::string_view name) {
    return target.ends_with('*') ? name.starts_with(target.substr(0, target.size() - 1)) : target == name;
}

// What is wrong with the operation, or an empty text.
std::string problem_with_operation(std::string_view target, const std::vector<std::string_view>& operations) {
    if (std::ranges::any_of(operations, [&](auto operation) { return matches(target, operation); })) { return {}; }
    const std::string near = nearest(target, std::vector<std::string>(operations.begin(), operations.end()));
    return fmt::format("the local ECS has no operation \"{}\"{}", target,
                       near.empty() ? "; write its name, its beginning and *, or *"
                                    : fmt::format("; did you mean {}?", near));
}

constexpr std::string_view grammar =
    "write OPERATION:throttle|500|503|lost-answer[:SHARE], OPERATION:latency:TIME[:SHARE] or "
    "SERVICE:start-failure[:SHARE], for example StopTask:throttle:0.2";

} // namespace

Result<Fault> parse_fault(std::string_view text, const std::vector<std::string_view>& operations) {
    const auto words = split(trim(text), ':');
    const auto kind = words.size() < 2 ? std::nullopt : kind_of(words[1]);
    if (!kind || words[0].empty()) { return wrong(text, std::string(grammar)); }
    Fault fault{.target = words[0], .kind = *kind};
    if (fault.kind != FaultKind::StartFailure) {
        if (const auto problem = problem_with_operation(fault.target, operations); !problem.empty()) {
            return wrong(text, problem);
        }
    }
    std::size_t next = 2;
    if (fault.kind == FaultKind::Latency) {
        if (words.size() <= next) { return wrong(text, "latency needs a time: OPERATION:latency:300ms[:SHARE]"); }
        const auto span = parse_duration(words[next++]);
        if (!span) { return wrong(text, span.error().message); }
        fault.latency = *span;
    }
    if (words.size() > next) {
        const auto share = share_of(words[next++]);
        if (!share) {
            return wrong(text, fmt::format("the share \"{}\" is not a number above 0 and up to 1", words[next - 1]));
        }
        fault.share = *share;
    }
    if (words.size() > next) { return wrong(text, std::string(grammar)); }
    return fault;
}

std::string to_text(const Fault& fault) {
    const auto kind = std::ranges::find(kinds, fault.kind, [](const auto& each) { return each.second; });
    std::string text = fmt::format("{}:{}", fault.target, kind->first);
    if (fault.kind == FaultKind::Latency) { text += ":" + format_duration(fault.latency); }
    if (fault.share < 1) { text += ":" + json::number(fault.share); }
    return text;
}

bool is_aimed_at(const Fault& fault, std::string_view name) {
    return matches(fault.target, name);
}

} // namespace ecsr::local
