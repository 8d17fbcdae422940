// Names, pages and views that the resources of ELBv2 share. Included from .cpp files of local/api alone.
#pragma once

#include "local/api/call.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ecsr::local::wire {

// "arn:aws:elasticloadbalancing:R:A:" + resource.
std::string elbv2_arn(const State& state, const std::string& resource);

// 1 to 32 letters, digits and hyphens, none at the ends; else a problem is noted.
void check_elbv2_name(Input& input, std::string_view member, const std::string& name);

std::map<std::string, std::string> read_elbv2_tags(Input& input);

// [{"Key": ..., "Value": ...}] of the member "Attributes".
std::map<std::string, std::string> read_attributes(Input& input);
json::object attributes_answer(const std::map<std::string, std::string>& attributes);
// Takes the changes over; the answer of both Modify...Attributes.
json::object change_attributes(std::map<std::string, std::string>& attributes,
                               const std::map<std::string, std::string>& changes);

// One page of `keys` by the members PageSize (1 to 400) and Marker; the next marker goes into `answer`.
ApiResult<std::vector<std::string>> elbv2_page(Input& input, std::vector<std::string> keys, json::object& answer);

ApiResult<LoadBalancer*> find_load_balancer(Call& call, const std::string& arn);  // LoadBalancerNotFound
ApiResult<TargetGroup*> require_target_group(Call& call, const std::string& arn); // TargetGroupNotFound
ApiResult<Listener*> find_listener(Call& call, const std::string& arn);           // ListenerNotFound

// Listeners whose default action forwards to the group.
std::vector<const Listener*> listeners_of(const State& state, const TargetGroup& group);

} // namespace ecsr::local::wire
