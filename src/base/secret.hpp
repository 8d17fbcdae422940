// A text that must never be seen: a password, a key, an address that holds a token.
#pragma once

#include <string>
#include <utility>

namespace ecsr {

// No stream, formatter or JSON mapper takes it, so it cannot reach a log or a report by accident. Only what hands it to
// its server calls reveal().
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}

    const std::string& reveal() const { return text_; }
    bool empty() const { return text_.empty(); }
    friend bool operator==(const Secret&, const Secret&) = default;

private:
    std::string text_;
};

} // namespace ecsr
