// Which IAM actions the program needs for what it does: the one list, from which `iam-policy` prints a policy and a
// plan tells what a run needs.
#pragma once

#include "base/error.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr {

// What the rights of an AWS identity are asked for.
enum class Feature {
    Look,               // at a service: `status`
    StopTask,           // recycle by drain method stop-task
    ScaleIn,            // recycle by drain method scale-in
    ForceDeployment,    // recycle by strategy force-deployment
    LoadBalancer,       // the service is behind an Elastic Load Balancer
    Autoscaling,        // it has a scalable target
    ContainerInstances, // it runs on EC2 instances
    Alarms,             // CloudWatch alarms are gates
    Sns,                // SNS topics are told
    Journal,            // the journal is a DynamoDB table
    Lambda,             // it is the Lambda function that does it
    Discovery           // the daemon finds services by pattern or tag
};

// What an action is allowed on, as narrow as IAM lets it be (Service Authorization Reference).
enum class Reach {
    Everything, // IAM knows no resource for it
    Service,
    TasksOfCluster,
    ListOfCluster, // no resource, but a condition on the cluster
    ContainerInstancesOfCluster,
    ScalableTargets, // of the ECS services of the account: their ids are not names
    Images,          // of every repository: the task definition says which
    Table,
    Topics,
    Function,
    FunctionLog
};

struct Permission {
    std::string_view action; // "ecs:StopTask"
    Reach reach = Reach::Everything;
};

std::span<const Feature> all_features();
std::string_view to_string(Feature feature); // "stop-task"
std::span<const Permission> permissions_of(Feature feature);

// "recycle,alarms": names with commas between. "recycle" stands for what a rolling recycle may need, whatever the
// service is: stop-task, scale-in, load-balancer, autoscaling and container-instances. Each feature is told once, in
// the order of all_features(). Error: Usage; names what is unknown and what there is.
Result<std::vector<Feature>> parse_features(std::string_view text);

// Sorted; each once.
std::vector<std::string> actions_of(std::span<const Feature> features);

} // namespace ecsr
