// The parts of AWS Signature Version 4 that signing and checking share, and the digests under them (ECS behaviour H5).
// Pure; for the client and the local ECS.
#pragma once

#include <string>
#include <string_view>

namespace ecsr {

// Lower-case hexadecimal.
std::string sha256_hex(std::string_view bytes);
std::string sha1_hex(std::string_view bytes);
std::string hmac_sha256_hex(std::string_view key, std::string_view message);

namespace sigv4 {

// Empty, "." and ".." segments disappear; a final slash stays; what is left is encoded once more. Of all services but
// S3.
std::string canonical_path(std::string_view path);

// Sorted by name and value; the query is already encoded, and "?policy" counts as "policy=".
std::string canonical_query(std::string_view query);

// What a signature is good for.
struct Scope {
    std::string_view date;    // "20261120"
    std::string_view region;  // "us-east-1"
    std::string_view service; // signing name
};

// "20261120/us-east-1/ecs/aws4_request".
std::string credential_scope(const Scope& scope);

// The signature, in hexadecimal, of a canonical request of that time ("20261120T101112Z").
std::string signature(std::string_view canonical_request, std::string_view time, const Scope& scope,
                      std::string_view secret);

} // namespace sigv4

} // namespace ecsr
