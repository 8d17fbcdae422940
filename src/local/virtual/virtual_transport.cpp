#include "local/virtual/virtual_transport.hpp"

namespace ecsr::local {

Result<HttpResponse> VirtualTransport::send(const HttpRequest& request, const TransportOptions&, std::stop_token stop) {
    const Millis both_ways(random_.between(answer_time_.shortest.count(), answer_time_.longest.count()));
    if (!ecs_.sleep_until(ecs_.now() + both_ways / 2, stop)) { return fail(ErrorKind::Interrupted, "interrupted"); }
    HttpResponse response = ecs_.handle(request);
    ecs_.go_on(both_ways - both_ways / 2);
    return response;
}

} // namespace ecsr::local
