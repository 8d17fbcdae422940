#include "aws/sns/client.hpp"

#include "aws/query_mapper.hpp"
#include "aws/sns/describe.hpp"

namespace ecsr::aws::sns {

Result<PublishAnswer> Client::publish(const PublishRequest& request, const std::stop_token& stop) {
    return call_query<Names>(*caller_, service_info, find_operation<PublishRequest>(operations), request, stop);
}

} // namespace ecsr::aws::sns
