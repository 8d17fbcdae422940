// Amazon ECS, typed. Errors are those of Caller, plus Remote when an answer cannot be read ("ecs DescribeTasks:
// $.tasks[1]...").
//
// The client follows pages and splits long lists by itself: a list answer holds all pages (next_token is empty), and
// an answer about many names is the union of the calls it took. When one of those calls fails, the error is returned
// and nothing else. Thread-safe as its Caller is.
#pragma once

#include "aws/call.hpp"
#include "aws/ecs/operations.hpp"

#include <stop_token>

namespace ecsr::aws::ecs {

class Client {
public:
    // `caller` must outlive the client.
    explicit Client(Caller& caller) : caller_(&caller) {}

    // ---- reading ----
    Result<DescribeClustersAnswer> describe_clusters(const DescribeClustersRequest& request,
                                                     const std::stop_token& stop);
    Result<ListClustersAnswer> list_clusters(const ListClustersRequest& request, const std::stop_token& stop);
    Result<DescribeServicesAnswer> describe_services(const DescribeServicesRequest& request,
                                                     const std::stop_token& stop);
    Result<ListServicesAnswer> list_services(const ListServicesRequest& request, const std::stop_token& stop);
    Result<ListTasksAnswer> list_tasks(const ListTasksRequest& request, const std::stop_token& stop);
    Result<DescribeTasksAnswer> describe_tasks(const DescribeTasksRequest& request, const std::stop_token& stop);
    Result<DescribeContainerInstancesAnswer>
    describe_container_instances(const DescribeContainerInstancesRequest& request, const std::stop_token& stop);
    Result<DescribeTaskDefinitionAnswer> describe_task_definition(const DescribeTaskDefinitionRequest& request,
                                                                  const std::stop_token& stop);
    // An empty list of tasks asks nothing and answers nothing (on the wire it would mean "all tasks of the cluster").
    Result<GetTaskProtectionAnswer> get_task_protection(const GetTaskProtectionRequest& request,
                                                        const std::stop_token& stop);

    // ---- changing; who may call these in a recycle: act/ alone ----

    // With force_new_deployment a lost answer is never repeated, because a second deployment could begin (ECS behaviour
    // G4): the error then says request_may_have_been_executed. Without it, the call sets absolute values and is
    // repeated.
    Result<UpdateServiceAnswer> update_service(const UpdateServiceRequest& request, const std::stop_token& stop);
    Result<StopTaskAnswer> stop_task(const StopTaskRequest& request, const std::stop_token& stop);
    // At most 10 tasks (asserted): a change is one call, so that it happens as a whole or not.
    Result<UpdateTaskProtectionAnswer> update_task_protection(const UpdateTaskProtectionRequest& request,
                                                              const std::stop_token& stop);
    Result<CreateServiceAnswer> create_service(const CreateServiceRequest& request, const std::stop_token& stop);
    Result<DeleteServiceAnswer> delete_service(const DeleteServiceRequest& request, const std::stop_token& stop);
    Result<CreateClusterAnswer> create_cluster(const CreateClusterRequest& request, const std::stop_token& stop);
    Result<DeleteClusterAnswer> delete_cluster(const DeleteClusterRequest& request, const std::stop_token& stop);
    Result<RegisterTaskDefinitionAnswer> register_task_definition(const RegisterTaskDefinitionRequest& request,
                                                                  const std::stop_token& stop);
    Result<DeregisterTaskDefinitionAnswer> deregister_task_definition(const DeregisterTaskDefinitionRequest& request,
                                                                      const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::ecs
