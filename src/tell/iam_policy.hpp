// The rights that the program needs, as an IAM policy.
#pragma once

#include "model/permissions.hpp"

#include <span>
#include <string>
#include <vector>

namespace ecsr::tell {

// Whose: names may hold IAM's wildcards, and "*" stands for all.
struct PolicyScope {
    std::string partition = "aws";
    std::string region = "*";
    std::string account = "*";
    std::string cluster;
    std::string service;
    std::string table;               // Feature::Journal
    std::string function;            // Feature::Lambda
    std::vector<std::string> topics; // Feature::Sns; ARNs
};

// A policy document for a role, user or group: one statement for what is allowed on the same resources.
std::string iam_policy_json(std::span<const Feature> features, const PolicyScope& scope);

} // namespace ecsr::tell
