// Amazon Elastic Container Registry, typed; conventions as in aws/ecs/types.hpp and aws/ecs/client.hpp.
#pragma once

#include "aws/call.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::aws::ecr {

struct ImageIdentifier {
    std::string image_digest; // "sha256:..."
    std::string image_tag;
};

struct Image {
    ImageIdentifier image_id;
    std::string image_manifest; // JSON text
    std::string image_manifest_media_type;
};

struct ImageFailure {
    ImageIdentifier image_id;
    std::string failure_code; // "ImageNotFound", ...
    std::string failure_reason;
};

struct BatchGetImageRequest {
    std::string registry_id; // account
    std::string repository_name;
    std::vector<ImageIdentifier> image_ids;
    std::vector<std::string> accepted_media_types;
};
struct BatchGetImageAnswer {
    std::vector<Image> images;
    std::vector<ImageFailure> failures; // inside HTTP 200
};

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    Result<BatchGetImageAnswer> batch_get_image(const BatchGetImageRequest& request, const std::stop_token& stop);

private:
    Caller* caller_;
};

// "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4" taken apart.
struct EcrImage {
    std::string account;
    std::string region;
    std::string repository;
    std::string tag;    // "latest" when the text names neither tag nor digest; empty with a digest
    std::string digest; // when the text pins one
};

// False when the image does not live in a private ECR registry.
bool parse_ecr_image(const std::string& image, EcrImage& out);

// The digests that a running container may show for `image`: its own and, of a multi-platform index, those of its
// platforms' images. Text that is not an index adds nothing.
std::vector<std::string> digests_of(const Image& image);

} // namespace ecsr::aws::ecr
