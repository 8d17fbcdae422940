// Whether a request is signed as AWS wants it, with a key that is known (ECS behaviour H5, H6). Written from what a
// server sees and apart from our own signer, so that the two vouch for each other.
// Included from .cpp files of local/api alone.
#pragma once

#include "base/http.hpp"
#include "base/time.hpp"
#include "local/api/input.hpp"
#include "local/api/known_keys.hpp"
#include "local/state/api_error.hpp"

#include <optional>
#include <string_view>

namespace ecsr::local::wire {

struct SignatureCheck {
    Wire wire = Wire::Json11;      // says how a refusal is worded
    std::string_view signing_name; // of the service that the request is for
    // Signatures may differ from it by 5 minutes, in the Query protocol by 15. Nothing: the age of a signature is not
    // looked at.
    std::optional<Instant> now;
};

// Nothing when the request may pass. Signature version 4 in the Authorization header alone: a signed URL is refused as
// unsigned. The region of the scope is taken as it is told: this plane stands for any.
std::optional<ApiError> signature_problem(const HttpRequest& request, const SignatureCheck& check,
                                          const KnownKeys& keys);

} // namespace ecsr::local::wire
