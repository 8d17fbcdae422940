// Whether an image tag would now resolve to another digest than the one that runs (ECS behaviour B4).
#include "aws/ecr/client.hpp"
#include "observe/parts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace ecsr::observe {

namespace {

using aws::ecr::EcrImage;

const std::vector<std::string> manifest_types{
    "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"};

// Image as the task definition names it -> digests that containers run.
std::map<std::string, std::set<std::string>> running_images(const Snapshot& snapshot) {
    std::map<std::string, std::set<std::string>> images;
    for (const Task* task : live_tasks(snapshot)) {
        for (const Container& container : task->containers) {
            auto& digests = images[container.image];
            if (!container.image_digest.empty()) { digests.insert(container.image_digest); }
        }
    }
    return images;
}

std::string not_checked(const std::string& image, const std::string& why) {
    return fmt::format("image {}: could not check whether its tag has moved ({})", image, why);
}

std::string compare(const std::string& image, const aws::ecr::BatchGetImageAnswer& answer,
                    const std::set<std::string>& running) {
    if (answer.images.empty()) {
        const std::string why = answer.failures.empty() ? "no such image" : answer.failures.front().failure_code;
        return fmt::format("image {}: its tag cannot be resolved any more ({}): new tasks would fail to start", image,
                           why);
    }
    const auto now = aws::ecr::digests_of(answer.images.front());
    for (const std::string& digest : running) {
        if (std::ranges::find(now, digest) == now.end()) {
            return fmt::format(
                "image {}: its tag has moved to {}, tasks run {}: a new deployment would start the new one", image,
                now.front(), digest);
        }
    }
    return {};
}

// A warning, or an empty text. Error: Interrupted.
Result<std::string> check(const Reading& reading, const std::string& image, const std::set<std::string>& running) {
    EcrImage ecr;
    if (image.find("@sha256:") != std::string::npos) { return {}; }
    if (!aws::ecr::parse_ecr_image(image, ecr)) { return not_checked(image, "it is not in Amazon ECR"); }
    if (running.empty()) { return not_checked(image, "ECS tells no digest of the running containers"); }
    if (!reading.caller.region().empty() && ecr.region != reading.caller.region()) {
        return not_checked(image, "it is in region " + ecr.region);
    }
    const auto answer = aws::ecr::Client(reading.caller)
                            .batch_get_image({.registry_id = ecr.account,
                                              .repository_name = ecr.repository,
                                              .image_ids = {{.image_digest = {}, .image_tag = ecr.tag}},
                                              .accepted_media_types = manifest_types},
                                             reading.stop);
    if (answer) { return compare(image, *answer, running); }
    if (answer.error().kind == ErrorKind::Interrupted) { return std::unexpected(answer.error()); }
    return not_checked(image, name_permission(answer.error(), "ecr:BatchGetImage").message);
}

} // namespace

Status read_images(const Reading& reading) {
    std::vector<std::string> warnings;
    for (const auto& [image, digests] : running_images(reading.snapshot)) {
        auto warning = check(reading, image, digests);
        if (!warning) { return std::unexpected(std::move(warning).error()); }
        if (!warning->empty()) { warnings.push_back(*std::move(warning)); }
    }
    reading.snapshot.image_warnings = std::move(warnings);
    return {};
}

} // namespace ecsr::observe
