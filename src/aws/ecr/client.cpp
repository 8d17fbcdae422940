#include "aws/ecr/client.hpp"

#include "aws/ecr/describe.hpp"
#include "aws/json_call.hpp"
#include "aws/paging.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace ecsr::aws::ecr {

namespace {

constexpr std::size_t images_per_call = 100;

// The part of an OCI image index or Docker manifest list that matters here.
struct Manifest {
    std::string digest;
};
BOOST_DESCRIBE_STRUCT(Manifest, (), (digest))

struct Index {
    std::vector<Manifest> manifests;
};
BOOST_DESCRIBE_STRUCT(Index, (), (manifests))

bool is_account(std::string_view text) {
    return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

Result<BatchGetImageAnswer> Client::batch_get_image(const BatchGetImageRequest& request, const std::stop_token& stop) {
    return in_chunks<BatchGetImageAnswer>(
        request, &BatchGetImageRequest::image_ids, images_per_call, [&](const BatchGetImageRequest& part) {
            return call_json<Names>(*caller_, service_info, find_operation<BatchGetImageRequest>(operations), part,
                                    stop);
        });
}

bool parse_ecr_image(const std::string& image, EcrImage& out) {
    const auto slash = image.find('/');
    if (slash == std::string::npos) { return false; }
    const std::vector<std::string> host = split(std::string_view(image).substr(0, slash), '.');
    const bool is_ecr = host.size() >= 6 && is_account(host[0]) && host[1] == "dkr" && host[2] == "ecr" &&
                        host[4] == "amazonaws" && host[5] == "com";
    if (!is_ecr) { return false; }
    out = {.account = host[0], .region = host[3], .repository = image.substr(slash + 1), .tag = {}, .digest = {}};
    if (const auto at = out.repository.find('@'); at != std::string::npos) {
        out.digest = out.repository.substr(at + 1);
        out.repository.resize(at);
    }
    if (const auto colon = out.repository.find(':'); colon != std::string::npos) {
        out.tag = out.repository.substr(colon + 1);
        out.repository.resize(colon);
    }
    if (out.tag.empty() && out.digest.empty()) { out.tag = "latest"; }
    return true;
}

std::vector<std::string> digests_of(const Image& image) {
    std::vector<std::string> digests{image.image_id.image_digest};
    if (const auto index = json::from_json<json::CamelCase, Index>(image.image_manifest)) {
        for (const Manifest& manifest : index->manifests) { digests.push_back(manifest.digest); }
    }
    return digests;
}

} // namespace ecsr::aws::ecr
