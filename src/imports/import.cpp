#include "imports/import.hpp"

#include "aws/autoscaling/client.hpp"
#include "aws/ecs/client.hpp"
#include "aws/ecs/describe.hpp"
#include "aws/elbv2/client.hpp"
#include "base/text.hpp"
#include "observe/observe.hpp"
#include "predict/learned.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <utility>

namespace ecsr::imports {

namespace {

namespace json = boost::json;

const Look everything{.service = true,
                      .list_tasks = true,
                      .tasks = {},
                      .task_definitions = true,
                      .target_groups = true,
                      .scaling = true,
                      .recently_stopped = true,
                      .alarms = {}};

// The whole answer: the typed ones hold only what the product judges by.
Result<std::string> call_ecs(aws::Caller& caller, const char* operation, std::string body, aws::Repeat repeat,
                             const std::stop_token& stop) {
    return caller.call(
        {.service = &aws::ecs::service_info, .operation = operation, .body = std::move(body), .repeat = repeat}, stop);
}

Status read_groups(aws::Caller& source, Original& original, const std::stop_token& stop) {
    aws::elbv2::Client client(source);
    aws::elbv2::DescribeTargetGroupsRequest request;
    for (const auto& [arn, group] : original.snapshot.target_groups) { request.target_group_arns.push_back(arn); }
    if (request.target_group_arns.empty()) { return {}; }
    const auto groups = client.describe_target_groups(request, stop);
    if (!groups) { return std::unexpected(groups.error()); }
    for (const auto& group : groups->target_groups) {
        auto attributes = client.describe_target_group_attributes({group.target_group_arn}, stop);
        if (!attributes) { return std::unexpected(std::move(attributes).error()); }
        original.groups.push_back({group, std::move(attributes->attributes)});
    }
    return {};
}

// "arn:...:loadbalancer/app/shop/50dc6c495c0c9188" -> "shop". Empty where nothing forwards to the group.
std::string load_balancer_name(const aws::elbv2::TargetGroup& group) {
    if (group.load_balancer_arns.empty()) { return ""; }
    const auto parts = split(group.load_balancer_arns.front(), '/');
    return parts.size() < 3 ? "" : parts[2];
}

const TaskDefinition* definition_of(const Snapshot& snapshot) {
    const auto found = snapshot.task_definitions.find(snapshot.service.task_definition);
    return found == snapshot.task_definitions.end() ? nullptr : &found->second;
}

// Killed when its stop timeout was over: so it did not end by itself.
bool ignores_sigterm(const TaskDefinition& definition, const predict::Learned& learned) {
    constexpr Millis about{1'000};
    if (learned.stops.empty()) { return false; }
    Seconds longest{0};
    for (const auto& container : definition.containers) { longest = std::max(longest, container.stop_timeout); }
    return longest > Seconds{0} && predict::middle(learned.stops) >= Millis(longest) - about;
}

// What a local ECS is told for a service to behave as its tasks have shown.
std::map<std::string, std::string> learn_labels(const Snapshot& snapshot, Imported& imported) {
    const predict::Learned learned = predict::learn(snapshot);
    const TaskDefinition* definition = definition_of(snapshot);
    std::map<std::string, std::string> labels;
    if (!learned.starts.empty()) {
        imported.start = predict::middle(learned.starts);
        labels["local.ecs/image-pull"] = format_duration(*imported.start);
    }
    if (definition == nullptr) { return labels; }
    if (learned.health && has_health_check(*definition)) {
        imported.health = learned.health;
        labels["local.ecs/health-after"] = format_duration(predict::well_after(*definition, learned));
    }
    imported.ignores_sigterm = ignores_sigterm(*definition, learned);
    if (imported.ignores_sigterm) { labels["local.ecs/ignore-sigterm"] = "true"; }
    return labels;
}

class Writer {
public:
    Writer(aws::Caller& local, const Original& original, const Choices& choices, std::stop_token stop)
        : local_(local), original_(original), choices_(choices), stop_(std::move(stop)) {}

    Result<Imported> write() {
        const Service& service = original_.snapshot.service;
        made_.original = service.arn;
        made_.cluster = std::string(short_id(service.cluster_arn));
        made_.service = service.name;
        made_.original_task_definition = service.task_definition;
        made_.desired_count = choices_.desired_count.value_or(service.desired_count);
        if (auto fits = check(); !fits) { return std::unexpected(std::move(fits).error()); }
        std::map<std::string, std::string> labels;
        if (choices_.runtime == Runtime::Virtual) { labels = learn_labels(original_.snapshot, made_); }
        auto definition = task_definition_request(original_.task_definition_answer, choices_, labels);
        if (!definition) { return std::unexpected(std::move(definition).error()); }
        note(std::move(definition->left_out));
        const auto written = make_all(std::move(definition->body));
        if (!written) { return std::unexpected(written.error()); }
        return std::move(made_);
    }

private:
    void note(std::vector<std::string> left_out) { std::ranges::move(left_out, std::back_inserter(made_.left_out)); }

    Status check();
    Status make_all(std::string definition);
    Status make_cluster();
    Status make_groups();
    Result<std::string> make_group(const OriginalGroup& original);
    Status make_listener(const std::string& balancer_name, const std::string& group_arn);
    Status make_service(std::string definition);
    Status make_scalable_target();
    Status find_urls();

    aws::Caller& local_;
    const Original& original_;
    const Choices& choices_;
    std::stop_token stop_;
    Imported made_;
    std::map<std::string, std::string> group_arns_; // of the original -> of the copy
    std::map<std::string, int> next_port_;          // by load balancer
    std::vector<std::string> listeners_;            // ARNs
};

// All that can be known before anything is written.
Status Writer::check() {
    const auto unused = service_request(original_.service_answer, made_.cluster, "", choices_, {});
    if (!unused) { return std::unexpected(unused.error()); }
    aws::ecs::DescribeServicesRequest request;
    request.cluster = made_.cluster;
    request.services = {made_.service};
    const auto there = aws::ecs::Client(local_).describe_services(request, stop_);
    if (!there && there.error().kind == ErrorKind::NotFound) { return {}; }
    if (!there) { return std::unexpected(there.error()); }
    for (const auto& service : there->services) {
        if (service.status == "INACTIVE") { continue; }
        return fail(ErrorKind::Usage, fmt::format("the local ECS has a service {}/{} already (it is {}); delete it "
                                                  "there first, or import into another local ECS",
                                                  made_.cluster, made_.service, service.status));
    }
    return {};
}

Status Writer::make_all(std::string definition) {
    if (auto done = make_cluster(); !done) { return done; }
    if (auto done = make_groups(); !done) { return done; }
    if (auto done = make_service(std::move(definition)); !done) { return done; }
    if (auto done = make_scalable_target(); !done) { return done; }
    return find_urls();
}

Status Writer::make_cluster() {
    const auto made = aws::ecs::Client(local_).create_cluster({made_.cluster}, stop_);
    return made ? Status{} : std::unexpected(made.error());
}

Result<std::string> Writer::make_group(const OriginalGroup& original) {
    const auto& group = original.group;
    aws::elbv2::CreateTargetGroupRequest request;
    request.name = group.target_group_name;
    request.protocol = "HTTP";
    request.port = group.port;
    request.vpc_id = "vpc-local";
    request.target_type = group.target_type;
    request.health_check_interval_seconds = group.health_check_interval_seconds;
    request.health_check_timeout_seconds = group.health_check_timeout_seconds;
    request.healthy_threshold_count = group.healthy_threshold_count;
    request.unhealthy_threshold_count = group.unhealthy_threshold_count;
    const bool checks_http = group.health_check_protocol.starts_with("HTTP");
    if (checks_http) {
        request.health_check_path = group.health_check_path;
        request.matcher = group.matcher;
    }
    if (group.protocol != "HTTP" || group.health_check_protocol != "HTTP") {
        made_.left_out.push_back(fmt::format("target group {}: protocol {}, checked by {}: here it is HTTP",
                                             group.target_group_name, group.protocol, group.health_check_protocol));
    }
    aws::elbv2::Client client(local_);
    const auto made = client.create_target_group(request, stop_);
    if (!made) { return std::unexpected(made.error()); }
    if (made->target_groups.empty()) { return fail(ErrorKind::Remote, "CreateTargetGroup answered no target group"); }
    std::string arn = made->target_groups.front().target_group_arn;
    for (const auto& attribute : original.attributes) {
        if (attribute.key != "deregistration_delay.timeout_seconds") { continue; }
        const auto set = client.modify_target_group_attributes({arn, {attribute}}, stop_);
        if (!set) { return std::unexpected(set.error()); }
    }
    return arn;
}

// Each group gets a listener of its own: rules that choose by host or path are not copied.
Status Writer::make_listener(const std::string& balancer_name, const std::string& group_arn) {
    constexpr int first_port = 80;
    aws::elbv2::Client client(local_);
    aws::elbv2::CreateLoadBalancerRequest request;
    request.name = balancer_name;
    request.subnets = {"subnet-a", "subnet-b"};
    const auto balancer = client.create_load_balancer(request, stop_);
    if (!balancer) { return std::unexpected(balancer.error()); }
    const int port = next_port_.try_emplace(balancer_name, first_port).first->second++;
    const auto listener = client.create_listener({.load_balancer_arn = balancer->load_balancers.at(0).load_balancer_arn,
                                                  .protocol = "HTTP",
                                                  .port = port,
                                                  .default_actions = {{"forward", group_arn}}},
                                                 stop_);
    if (!listener) { return std::unexpected(listener.error()); }
    listeners_.push_back(listener->listeners.at(0).listener_arn);
    return {};
}

Status Writer::make_groups() {
    for (const auto& original : original_.groups) {
        const auto arn = make_group(original);
        if (!arn) {
            return std::unexpected(Error(arn.error()).with_context("target group " + original.group.target_group_name));
        }
        group_arns_[original.group.target_group_arn] = *arn;
        const std::string balancer = load_balancer_name(original.group);
        if (auto made = make_listener(balancer.empty() ? original.group.target_group_name : balancer, *arn); !made) {
            return made;
        }
    }
    return {};
}

Status Writer::make_service(std::string definition) {
    const auto registered =
        call_ecs(local_, "RegisterTaskDefinition", std::move(definition), aws::Repeat::OnlyIfNotSent, stop_);
    if (!registered) { return std::unexpected(registered.error()); }
    const auto answer = json::parse(*registered);
    made_.task_definition = json::value_to<std::string>(answer.at("taskDefinition").at("taskDefinitionArn"));
    auto request =
        service_request(original_.service_answer, made_.cluster, made_.task_definition, choices_, group_arns_);
    if (!request) { return std::unexpected(std::move(request).error()); }
    note(std::move(request->left_out));
    const auto created = call_ecs(local_, "CreateService", std::move(request->body), aws::Repeat::OnlyIfNotSent, stop_);
    return created ? Status{} : std::unexpected(created.error());
}

// Registering moves the desired count into the limits, so limits that do not hold the asked one give way.
Status Writer::make_scalable_target() {
    if (!original_.snapshot.scalable_target) { return {}; }
    ScalableTarget target = *original_.snapshot.scalable_target;
    if (choices_.desired_count) {
        target.min_capacity = std::min(target.min_capacity, *choices_.desired_count);
        target.max_capacity = std::max(target.max_capacity, *choices_.desired_count);
    }
    target.resource_id = aws::autoscaling::ecs_resource_id(made_.cluster, made_.service);
    const auto registered =
        aws::autoscaling::Client(local_).register_scalable_target(aws::autoscaling::to_request(target), stop_);
    if (!registered) { return std::unexpected(registered.error()); }
    made_.scaling = std::move(target);
    return {};
}

Status Writer::find_urls() {
    if (listeners_.empty() || choices_.runtime == Runtime::Virtual) { return {}; }
    aws::elbv2::DescribeListenersRequest request;
    request.listener_arns = listeners_;
    const auto told = aws::elbv2::Client(local_).describe_listeners(request, stop_);
    if (!told) { return std::unexpected(told.error()); }
    for (const auto& listener : told->listeners) {
        made_.urls.push_back(fmt::format("http://127.0.0.1:{}/", listener.port.value_or(0)));
    }
    return {};
}

} // namespace

Result<Original> read_original(aws::Caller& source, const std::string& cluster, const std::string& service, Instant now,
                               const std::stop_token& stop) {
    Original original;
    if (auto looked = Observer(source, cluster, service).look(everything, original.snapshot, now, stop); !looked) {
        return std::unexpected(std::move(looked).error());
    }
    const Service& found = original.snapshot.service;
    const json::object which{
        {"cluster", found.cluster_arn}, {"services", json::array{found.arn}}, {"include", json::array{"TAGS"}}};
    auto told = call_ecs(source, "DescribeServices", json::serialize(which), aws::Repeat::Safe, stop);
    if (!told) { return std::unexpected(std::move(told).error()); }
    original.service_answer = std::move(*told);
    if (found.task_definition.empty()) { return original; } // service_request() says what that means
    auto definition =
        call_ecs(source, "DescribeTaskDefinition",
                 json::serialize(json::object{{"taskDefinition", found.task_definition}}), aws::Repeat::Safe, stop);
    if (!definition) { return std::unexpected(std::move(definition).error()); }
    original.task_definition_answer = std::move(*definition);
    if (auto read = read_groups(source, original, stop); !read) { return std::unexpected(std::move(read).error()); }
    return original;
}

Result<Imported> write_copy(aws::Caller& local, const Original& original, const Choices& choices,
                            const std::stop_token& stop) {
    return Writer(local, original, choices, stop).write();
}

} // namespace ecsr::imports
