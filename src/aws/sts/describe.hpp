// The members of STS's shapes, for the codecs, and the table of its operations. For .cpp files alone.
#pragma once

#include "aws/operation.hpp"
#include "aws/sts/client.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::sts {

inline const ServiceInfo service_info{.id = "sts",
                                      .endpoint_host = "sts",
                                      .endpoint_env = "STS",
                                      .config_key = "sts",
                                      .protocol = Protocol::Query,
                                      .target_prefix = "",
                                      .api_version = "2011-06-15"};
using Names = json::PascalCase;

BOOST_DESCRIBE_STRUCT(GetCallerIdentityRequest, (), ())
BOOST_DESCRIBE_STRUCT(GetCallerIdentityAnswer, (), (user_id, account, arn))
BOOST_DESCRIBE_STRUCT(Credentials, (), (access_key_id, secret_access_key, session_token, expiration))
BOOST_DESCRIBE_STRUCT(AssumedRoleUser, (), (assumed_role_id, arn))
BOOST_DESCRIBE_STRUCT(AssumeRoleRequest, (), (role_arn, role_session_name, duration_seconds, external_id))
BOOST_DESCRIBE_STRUCT(AssumeRoleAnswer, (), (credentials, assumed_role_user))
BOOST_DESCRIBE_STRUCT(AssumeRoleWithWebIdentityRequest, (),
                      (role_arn, role_session_name, duration_seconds, web_identity_token))
BOOST_DESCRIBE_STRUCT(AssumeRoleWithWebIdentityAnswer, (), (credentials, assumed_role_user))

inline constexpr Operations operations{
    Operation<GetCallerIdentityRequest, GetCallerIdentityAnswer>{"GetCallerIdentity"},
    Operation<AssumeRoleRequest, AssumeRoleAnswer>{"AssumeRole"},
    Operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityAnswer>{"AssumeRoleWithWebIdentity"},
};

} // namespace ecsr::aws::sts
