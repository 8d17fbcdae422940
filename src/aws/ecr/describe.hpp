// The members of ECR's shapes, for the codecs, and the table of its operations. For .cpp files alone.
#pragma once

#include "aws/ecr/client.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::ecr {

inline const ServiceInfo service_info{.id = "ecr",
                                      .endpoint_host = "api.ecr",
                                      .endpoint_env = "ECR",
                                      .config_key = "ecr",
                                      .protocol = Protocol::Json11,
                                      .target_prefix = "AmazonEC2ContainerRegistry_V20150921",
                                      .api_version = ""};
using Names = json::CamelCase;

BOOST_DESCRIBE_STRUCT(ImageIdentifier, (), (image_digest, image_tag))
BOOST_DESCRIBE_STRUCT(Image, (), (image_id, image_manifest, image_manifest_media_type))
BOOST_DESCRIBE_STRUCT(ImageFailure, (), (image_id, failure_code, failure_reason))
BOOST_DESCRIBE_STRUCT(BatchGetImageRequest, (), (registry_id, repository_name, image_ids, accepted_media_types))
BOOST_DESCRIBE_STRUCT(BatchGetImageAnswer, (), (images, failures))
BOOST_DESCRIBE_STRUCT(EcrImage, (), (account, region, repository, tag, digest))

inline constexpr Operations operations{
    Operation<BatchGetImageRequest, BatchGetImageAnswer>{"BatchGetImage"},
};

} // namespace ecsr::aws::ecr
