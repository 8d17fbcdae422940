// Port: brings letters to their endpoints. Implemented by HttpPostman; tests hand in their own.
#pragma once

#include "base/http.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ecsr::local {

struct LetterOutcome {
    std::uint64_t letter = 0;
    int http_status = 0;   // 0: there was no answer
    std::string problem{}; // then: why, one line
};

// Same calling rules as Runtime: calls return at once, from one thread at a time.
class Postman {
public:
    virtual ~Postman() = default;
    // Every letter comes back as one outcome.
    virtual void send(std::uint64_t letter, const HttpRequest& request) = 0;
    virtual std::vector<LetterOutcome> take_outcomes() = 0;
};

} // namespace ecsr::local
