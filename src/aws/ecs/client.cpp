#include "aws/ecs/client.hpp"

#include "aws/ecs/describe.hpp"
#include "aws/json_call.hpp"
#include "aws/paging.hpp"

namespace ecsr::aws::ecs {

namespace {

// ECS behaviour A7.
constexpr std::size_t services_per_describe = 10;
constexpr std::size_t items_per_describe = 100;
constexpr std::size_t tasks_per_protection_update = 10;
constexpr int page_size = 100; // ListServices would give 10

template <class Request>
auto invoke(Caller& caller, const Request& request, const std::stop_token& stop) {
    return call_json<Names>(caller, service_info, find_operation<Request>(operations), request, stop);
}

template <class Answer, class Request>
Result<Answer> list(Caller& caller, Request request, const std::stop_token& stop) {
    if (!request.max_results) { request.max_results = page_size; }
    return all_pages(std::move(request), &Request::next_token, &Answer::next_token,
                     std::string("ecs ") + find_operation<Request>(operations).name,
                     [&](const Request& page) { return invoke(caller, page, stop); });
}

template <class Answer, class Request>
Result<Answer> describe(Caller& caller, const Request& request, std::vector<std::string> Request::* names,
                        std::size_t limit, const std::stop_token& stop) {
    return in_chunks<Answer>(request, names, limit, [&](const Request& part) { return invoke(caller, part, stop); });
}

} // namespace

Result<DescribeClustersAnswer> Client::describe_clusters(const DescribeClustersRequest& request,
                                                         const std::stop_token& stop) {
    return describe<DescribeClustersAnswer>(*caller_, request, &DescribeClustersRequest::clusters, items_per_describe,
                                            stop);
}

Result<ListClustersAnswer> Client::list_clusters(const ListClustersRequest& request, const std::stop_token& stop) {
    return list<ListClustersAnswer>(*caller_, request, stop);
}

Result<DescribeServicesAnswer> Client::describe_services(const DescribeServicesRequest& request,
                                                         const std::stop_token& stop) {
    return describe<DescribeServicesAnswer>(*caller_, request, &DescribeServicesRequest::services,
                                            services_per_describe, stop);
}

Result<ListServicesAnswer> Client::list_services(const ListServicesRequest& request, const std::stop_token& stop) {
    return list<ListServicesAnswer>(*caller_, request, stop);
}

Result<ListTasksAnswer> Client::list_tasks(const ListTasksRequest& request, const std::stop_token& stop) {
    return list<ListTasksAnswer>(*caller_, request, stop);
}

Result<DescribeTasksAnswer> Client::describe_tasks(const DescribeTasksRequest& request, const std::stop_token& stop) {
    return describe<DescribeTasksAnswer>(*caller_, request, &DescribeTasksRequest::tasks, items_per_describe, stop);
}

Result<DescribeContainerInstancesAnswer>
Client::describe_container_instances(const DescribeContainerInstancesRequest& request, const std::stop_token& stop) {
    return describe<DescribeContainerInstancesAnswer>(
        *caller_, request, &DescribeContainerInstancesRequest::container_instances, items_per_describe, stop);
}

Result<DescribeTaskDefinitionAnswer> Client::describe_task_definition(const DescribeTaskDefinitionRequest& request,
                                                                      const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<GetTaskProtectionAnswer> Client::get_task_protection(const GetTaskProtectionRequest& request,
                                                            const std::stop_token& stop) {
    return describe<GetTaskProtectionAnswer>(*caller_, request, &GetTaskProtectionRequest::tasks, items_per_describe,
                                             stop);
}

Result<UpdateServiceAnswer> Client::update_service(const UpdateServiceRequest& request, const std::stop_token& stop) {
    auto operation = find_operation<UpdateServiceRequest>(operations);
    if (request.force_new_deployment.value_or(false)) { operation.repeat = Repeat::OnlyIfNotSent; }
    return call_json<Names>(*caller_, service_info, operation, request, stop);
}

Result<StopTaskAnswer> Client::stop_task(const StopTaskRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<UpdateTaskProtectionAnswer> Client::update_task_protection(const UpdateTaskProtectionRequest& request,
                                                                  const std::stop_token& stop) {
    ECSR_ASSERT(request.tasks.size() <= tasks_per_protection_update);
    return invoke(*caller_, request, stop);
}

Result<CreateServiceAnswer> Client::create_service(const CreateServiceRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeleteServiceAnswer> Client::delete_service(const DeleteServiceRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<CreateClusterAnswer> Client::create_cluster(const CreateClusterRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeleteClusterAnswer> Client::delete_cluster(const DeleteClusterRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<RegisterTaskDefinitionAnswer> Client::register_task_definition(const RegisterTaskDefinitionRequest& request,
                                                                      const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

Result<DeregisterTaskDefinitionAnswer>
Client::deregister_task_definition(const DeregisterTaskDefinitionRequest& request, const std::stop_token& stop) {
    return invoke(*caller_, request, stop);
}

} // namespace ecsr::aws::ecs
