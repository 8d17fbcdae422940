// The wire side of the fake ECS: operation and body in, body out.
#pragma once

#include "tests/support/fake_ecs.hpp"

namespace ecsr::testing {

class FakeEcsApi {
public:
    explicit FakeEcsApi(FakeEcs& world) : world_(world) {}

    Result<std::string> answer(const aws::ServiceCall& call);

private:
    Result<std::string> describe_services(const std::string& body);
    Result<std::string> update_service(const std::string& body);
    Result<std::string> list_tasks(const std::string& body);
    Result<std::string> describe_tasks(const std::string& body);
    Result<std::string> stop_task(const std::string& body);
    Result<std::string> task_protection(const std::string& body, bool update);
    Result<std::string> describe_task_definition();
    Result<std::string> describe_scalable_targets();
    Result<std::string> register_scalable_target(const std::string& body);
    Result<std::string> describe_alarms(const std::string& body);
    Result<std::string> describe_target_groups();
    Result<std::string> describe_target_group_attributes();
    Result<std::string> describe_target_health();

    FakeEcs& world_;
};

} // namespace ecsr::testing
