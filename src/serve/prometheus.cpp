#include "serve/prometheus.hpp"

#include <fmt/format.h>
#include <iterator>

namespace ecsr::serve {

namespace {

void append_escaped(std::string& text, std::string_view value) {
    for (const char c : value) {
        switch (c) {
        case '\\': text += "\\\\"; break;
        case '"': text += "\\\""; break;
        case '\n': text += "\\n"; break;
        default: text += c;
        }
    }
}

} // namespace

void PrometheusText::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void PrometheusText::sample(double value, const Labels& labels) {
    sample("", value, labels);
}

void PrometheusText::sample(std::string_view suffix, double value, const Labels& labels) {
    text_ += name_;
    text_ += suffix;
    const char* before = "{";
    for (const auto& [name, text] : labels) {
        text_ += before;
        text_ += name;
        text_ += "=\"";
        append_escaped(text_, text);
        text_ += '"';
        before = ",";
    }
    fmt::format_to(std::back_inserter(text_), "{} {}\n", labels.empty() ? "" : "}", value);
}

} // namespace ecsr::serve
