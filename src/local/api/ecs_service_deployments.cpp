// Service deployments and service revisions (ECS behaviour B15).
#include "base/text.hpp"
#include "local/api/ecs_names.hpp"
#include "local/api/service_view.hpp"
#include "local/scheduler/operations.hpp"
#include "local/scheduler/service_history.hpp"
#include "local/state/ids.hpp"

#include <algorithm>
#include <utility>

namespace ecsr::local::wire {

namespace {

constexpr std::size_t most_arns = 20;

struct Place {
    Service* service = nullptr;
    std::string id; // the last part of the ARN
};

// Of an ARN of `kind` ("service-deployment", "service-revision") in this account and Region: KIND/CLUSTER/SERVICE/ID.
// No service when there is none of that name.
Place find_place(Call& call, std::string_view kind, std::string_view text) {
    const auto arn = parse_arn(text);
    const auto& identity = call.state.identity;
    if (!arn || arn->service != "ecs" || arn->region != identity.region || arn->account != identity.account_id) {
        return {};
    }
    const auto parts = split(arn->resource, '/');
    if (parts.size() != 4 || parts[0] != kind) { return {}; }
    const auto service = call.state.services.find({parts[1], parts[2]});
    return service == call.state.services.end() ? Place{} : Place{&service->second, parts[3]};
}

// Null when there is none.
ServiceDeployment* find_record(const Place& place) {
    if (place.service == nullptr) { return nullptr; }
    auto& records = place.service->service_deployments;
    const auto found = std::ranges::find(records, place.id, &ServiceDeployment::id);
    return found == records.end() ? nullptr : &*found;
}

const ServiceRevision* find_revision(const Place& place) {
    if (place.service == nullptr) { return nullptr; }
    const auto& revisions = place.service->revisions;
    const auto found = std::ranges::find_if(
        revisions, [&](const ServiceRevision& each) { return short_id(each.deployment_id) == place.id; });
    return found == revisions.end() ? nullptr : &*found;
}

std::string revision_arn(const Call& call, const Service& service, const std::string& deployment_id) {
    return service_revision_arn(call.state.identity, service.cluster, service.name, deployment_id);
}

void put_names(const Call& call, const Service& service, json::object& object) {
    object["serviceArn"] = service_arn(call.state.identity, service.cluster, service.name);
    object["clusterArn"] = cluster_arn(call.state.identity, service.cluster);
}

// What the brief and the full form share.
json::object record_view(const Call& call, const Service& service, const ServiceDeployment& record) {
    json::object object;
    object["serviceDeploymentArn"] =
        service_deployment_arn(call.state.identity, service.cluster, service.name, record.id);
    put_names(call, service, object);
    object["status"] = to_string(record.status);
    put(object, "statusReason", record.status_reason);
    object["createdAt"] = call.time(record.created_at);
    call.put_time(object, "startedAt", record.started_at);
    call.put_time(object, "finishedAt", record.finished_at);
    return object;
}

json::object breaker_view(const ServiceDeployment& record) {
    json::object object;
    object["status"] = to_string(record.breaker);
    object["failureCount"] = record.failure_count;
    object["threshold"] = record.threshold;
    return object;
}

json::object alarms_view(const ServiceDeployment& record) {
    json::object object;
    object["status"] = to_string(record.alarms);
    if (!record.configuration.alarm_names.empty()) {
        object["alarmNames"] = to_array(record.configuration.alarm_names);
    }
    if (!record.triggered_alarms.empty()) { object["triggeredAlarmNames"] = to_array(record.triggered_alarms); }
    return object;
}

json::object rollback_view(const Call& call, const Service& service, const ServiceDeployment& record) {
    json::object object;
    object["reason"] = record.rollback_reason;
    object["startedAt"] = call.time(*record.rollback_started_at);
    object["serviceRevisionArn"] = revision_arn(call, service, record.rollback_target);
    return object;
}

json::object full_view(const Call& call, const Service& service, const ServiceDeployment& record) {
    const auto counts = counts_by_deployment(call.state, service);
    json::object object = record_view(call, service, record);
    call.put_time(object, "stoppedAt", record.stopped_at);
    object["updatedAt"] = call.time(record.updated_at);
    json::array sources;
    for (const auto& source : record.sources) { sources.emplace_back(revision_summary(call, service, source, counts)); }
    object["sourceServiceRevisions"] = std::move(sources);
    object["targetServiceRevision"] = revision_summary(call, service, record.target, counts);
    object["deploymentConfiguration"] = configuration_view(call, record.configuration);
    object["deploymentCircuitBreaker"] = breaker_view(record);
    object["alarms"] = alarms_view(record);
    if (record.rollback_started_at) { object["rollback"] = rollback_view(call, service, record); }
    return object;
}

json::array images_view(const Call& call, const ServiceRevision& revision) {
    json::array images;
    const auto* definition = find_task_definition(call.state, revision.task_definition);
    if (definition == nullptr) { return images; }
    for (const auto& container : definition->containers) {
        json::object image;
        image["containerName"] = container.name;
        image["image"] = container.image;
        images.emplace_back(std::move(image));
    }
    return images;
}

json::object revision_view(const Call& call, const Service& service, const ServiceRevision& revision) {
    const json::object document = parse_document(revision.document);
    json::object object;
    object["serviceRevisionArn"] = revision_arn(call, service, revision.deployment_id);
    put_names(call, service, object);
    object["taskDefinition"] = revision.task_definition;
    put_launch(object, revision.launch_type, document);
    object["loadBalancers"] = load_balancers_view(call, revision.load_balancers);
    object["containerImages"] = images_view(call, revision);
    object["guardDutyEnabled"] = false;
    object["createdAt"] = call.time(revision.created_at);
    copy_members(
        document, object,
        {"serviceRegistries", "serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"});
    return object;
}

struct Filter {
    std::vector<std::string> statuses; // empty: all
    std::optional<double> after, before;
};

Filter read_filter(Input& input) {
    static constexpr ServiceDeploymentStatus last = ServiceDeploymentStatus::RollbackFailed;
    Filter filter;
    filter.statuses = input.texts("status").value_or(std::vector<std::string>{});
    for (const auto& status : filter.statuses) {
        bool known = false;
        for (int i = 0; i <= static_cast<int>(last); ++i) {
            known = known || status == to_string(static_cast<ServiceDeploymentStatus>(i));
        }
        if (!known) { input.note_constraint("status", status, "Member must satisfy enum value set"); }
    }
    if (auto created = input.object("createdAt")) {
        filter.after = created->number("after");
        filter.before = created->number("before");
    }
    return filter;
}

bool matches(const ServiceDeployment& record, const Filter& filter) {
    const double created_at = static_cast<double>(record.created_at.time_since_epoch().count()) / 1000;
    if (filter.after && created_at <= *filter.after) { return false; }
    if (filter.before && created_at >= *filter.before) { return false; }
    return filter.statuses.empty() || std::ranges::count(filter.statuses, to_string(record.status)) > 0;
}

ApiResult<json::object> list(Call& call, Input& input) {
    const std::string name = input.required_text("service");
    const Filter filter = read_filter(input);
    const auto cluster = find_cluster(call, input);
    if (!cluster) { return std::unexpected(cluster.error()); }
    auto* service = find_service(call, **cluster, name);
    if (service == nullptr) { return api_fail("ServiceNotFoundException", "Service not found."); }
    std::vector<std::string> ids;
    for (const auto& record : service->service_deployments) {
        if (matches(record, filter)) { ids.push_back(record.id); }
    }
    json::object object;
    const auto page = ecs_page(input, std::move(ids), 20, object);
    if (!page) { return std::unexpected(page.error()); }
    json::array briefs;
    for (const auto& id : *page) {
        const auto* record = find_record({service, id});
        json::object brief = record_view(call, *service, *record);
        brief["targetServiceRevisionArn"] = revision_arn(call, *service, record->target);
        briefs.emplace_back(std::move(brief));
    }
    object["serviceDeployments"] = std::move(briefs);
    return object;
}

ApiResult<std::vector<std::string>> read_arns(Input& input, std::string_view name) {
    auto arns = input.required_texts(name);
    if (!input.good()) { return input.problem(); }
    if (arns.size() > most_arns) {
        return api_fail("InvalidParameterException", std::string(name) + " can have at most 20 items.");
    }
    return arns;
}

ApiResult<json::object> describe(Call& call, Input& input) {
    const auto arns = read_arns(input, "serviceDeploymentArns");
    if (!arns) { return std::unexpected(arns.error()); }
    json::array found;
    json::array failures;
    for (const auto& arn : *arns) {
        const Place place = find_place(call, "service-deployment", arn);
        if (const auto* record = find_record(place)) {
            found.emplace_back(full_view(call, *place.service, *record));
        } else {
            failures.emplace_back(failure(arn, "MISSING"));
        }
    }
    json::object object;
    object["serviceDeployments"] = std::move(found);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<json::object> describe_revisions(Call& call, Input& input) {
    const auto arns = read_arns(input, "serviceRevisionArns");
    if (!arns) { return std::unexpected(arns.error()); }
    json::array found;
    json::array failures;
    for (const auto& arn : *arns) {
        const Place place = find_place(call, "service-revision", arn);
        if (const auto* revision = find_revision(place)) {
            found.emplace_back(revision_view(call, *place.service, *revision));
        } else {
            failures.emplace_back(failure(arn, "MISSING"));
        }
    }
    json::object object;
    object["serviceRevisions"] = std::move(found);
    object["failures"] = std::move(failures);
    return object;
}

ApiResult<json::object> stop(Call& call, Input& input) {
    const std::string arn = input.required_text("serviceDeploymentArn");
    const std::string type = input.text_among("stopType", {"ABORT", "ROLLBACK"}).value_or("ROLLBACK");
    if (!input.good()) { return input.problem(); }
    if (type != "ROLLBACK") {
        return api_fail("InvalidParameterException", "ROLLBACK is the only stopType that is supported.");
    }
    const Place place = find_place(call, "service-deployment", arn);
    auto* record = find_record(place);
    if (record == nullptr) { return api_fail("ServiceDeploymentNotFoundException", "Service deployment not found."); }
    if (const auto stopped = roll_back_deployment(*place.service, *record, call.now); !stopped) {
        return std::unexpected(stopped.error());
    }
    json::object object;
    object["serviceDeploymentArn"] = arn;
    return object;
}

constexpr Operation operations[] = {
    {"ListServiceDeployments", list},
    {"DescribeServiceDeployments", describe},
    {"DescribeServiceRevisions", describe_revisions},
    {"StopServiceDeployment", stop, Change::State},
};

} // namespace

std::span<const Operation> service_deployment_operations() {
    return operations;
}

} // namespace ecsr::local::wire
