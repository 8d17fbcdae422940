#include "base/text_template.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr {

namespace {

std::unexpected<Error> unknown(std::string_view name, const std::vector<std::string>& allowed) {
    const std::string near = nearest(name, allowed);
    return fail(ErrorKind::Usage,
                fmt::format("unknown placeholder {{{{{}}}}}{}; allowed: {}", name,
                            near.empty() ? "" : fmt::format(", did you mean {{{{{}}}}}?", near), join(allowed, ", ")));
}

} // namespace

Result<TextTemplate> TextTemplate::parse(std::string_view text, const std::vector<std::string>& allowed) {
    TextTemplate made;
    while (!text.empty()) {
        const auto begin = text.find("{{");
        if (begin != 0) { made.pieces_.push_back({std::string(text.substr(0, begin)), false}); }
        if (begin == std::string_view::npos) { break; }
        text.remove_prefix(begin + 2);
        const auto end = text.find("}}");
        if (end == std::string_view::npos) { return fail(ErrorKind::Usage, "a \"{{\" has no \"}}\" behind it"); }
        const std::string name(trim(text.substr(0, end)));
        if (std::ranges::find(allowed, name) == allowed.end()) { return unknown(name, allowed); }
        made.pieces_.push_back({name, true});
        text.remove_prefix(end + 2);
    }
    return made;
}

std::string TextTemplate::render(const std::map<std::string, std::string>& values,
                                 const std::function<std::string(const std::string&)>& escape) const {
    std::string text;
    for (const Piece& piece : pieces_) {
        if (!piece.is_name) {
            text += piece.text;
        } else if (const auto found = values.find(piece.text); found != values.end()) {
            text += escape ? escape(found->second) : found->second;
        }
    }
    return text;
}

} // namespace ecsr
