// The members of SNS's shapes, for the codecs, and the table of its operations. For .cpp files alone.
#pragma once

#include "aws/operation.hpp"
#include "aws/sns/client.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::sns {

inline const ServiceInfo service_info{.id = "sns",
                                      .endpoint_host = "sns",
                                      .endpoint_env = "SNS",
                                      .config_key = "sns",
                                      .protocol = Protocol::Query,
                                      .target_prefix = "",
                                      .api_version = "2010-03-31"};
using Names = json::PascalCase;

BOOST_DESCRIBE_STRUCT(MessageAttributeValue, (), (data_type, string_value))
BOOST_DESCRIBE_STRUCT(PublishRequest, (), (topic_arn, message, subject, message_attributes))
BOOST_DESCRIBE_STRUCT(PublishAnswer, (), (message_id))

inline constexpr Operations operations{
    Operation<PublishRequest, PublishAnswer>{"Publish", Repeat::OnlyIfNotSent},
};

} // namespace ecsr::aws::sns
