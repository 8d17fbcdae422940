#include "run/fault_injection.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace ecsr::run {

Result<CrashPoint> parse_crash_point(std::string_view text) {
    const auto wrong = [&] {
        return fail(ErrorKind::Usage, fmt::format("'{}' is no crash point: before:N or after:N, N from 1", text));
    };
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) { return wrong(); }
    const std::string_view side = text.substr(0, colon);
    const auto call = parse_integer(text.substr(colon + 1));
    if ((side != "before" && side != "after") || !call || *call < 1) { return wrong(); }
    return CrashPoint{side == "before" ? CrashPoint::Side::BeforeCall : CrashPoint::Side::AfterCall, *call};
}

Result<std::string> CrashingCaller::call(const aws::ServiceCall& call, std::stop_token stop) {
    const bool reached = ++calls_ == point_.call;
    if (reached && point_.side == CrashPoint::Side::BeforeCall) { crash_(); }
    auto answer = caller_->call(call, std::move(stop));
    if (reached && point_.side == CrashPoint::Side::AfterCall) { crash_(); }
    return answer;
}

} // namespace ecsr::run
