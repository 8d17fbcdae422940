#include "aws/sts/client.hpp"

#include "aws/query_mapper.hpp"
#include "aws/sts/describe.hpp"

namespace ecsr::aws::sts {

Result<GetCallerIdentityAnswer> Client::get_caller_identity(const GetCallerIdentityRequest& request,
                                                            const std::stop_token& stop) {
    return call_query<Names>(*caller_, service_info, find_operation<GetCallerIdentityRequest>(operations), request,
                             stop);
}

Result<AssumeRoleAnswer> Client::assume_role(const AssumeRoleRequest& request, const std::stop_token& stop) {
    return call_query<Names>(*caller_, service_info, find_operation<AssumeRoleRequest>(operations), request, stop);
}

Result<AssumeRoleWithWebIdentityAnswer>
Client::assume_role_with_web_identity(const AssumeRoleWithWebIdentityRequest& request, const std::stop_token& stop) {
    return call_query<Names>(*caller_, service_info, find_operation<AssumeRoleWithWebIdentityRequest>(operations),
                             request, stop);
}

} // namespace ecsr::aws::sts
