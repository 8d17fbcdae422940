// A DynamoDB table behind the Caller port, as far as the journal uses one, but for conditions: those are always met.
// What depends on them is tested by tests/contract/journal_test.py.
#pragma once

#include "aws/call.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace ecsr::testing {

class FakeTable : public aws::Caller {
public:
    using Attributes = std::map<std::string, std::string>; // name -> {"S": "..."}

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token stop) override;
    aws::CallCounts counts() const override { return counts_; }
    std::string region() const override { return "eu-west-1"; }

    // (pk, sk) -> what lies there.
    std::map<std::pair<std::string, std::string>, Attributes> items;
    // Called before each call is answered.
    std::function<void(const std::string& operation)> at_call;

private:
    aws::CallCounts counts_;
};

} // namespace ecsr::testing
