// A Caller that expects exactly the calls of a script, in order, and answers from it.
#pragma once

#include "aws/call.hpp"

#include <cstddef>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::testing {

struct ScriptedCall {
    std::string operation;
    std::string body;           // exactly what is sent
    Result<std::string> answer; // the body of the answer, or what goes wrong
};

// A call that is not the next one of the script fails the test. Not thread-safe.
class ScriptedCaller : public aws::Caller {
public:
    explicit ScriptedCaller(std::vector<ScriptedCall> script, std::string region = "eu-west-1")
        : script_(std::move(script)), region_(std::move(region)) {}

    Result<std::string> call(const aws::ServiceCall& call, std::stop_token stop) override {
        if (stop.stop_requested()) { return fail(ErrorKind::Interrupted, "interrupted"); }
        calls_.push_back(call);
        ++counts_.total;
        ++counts_.by_operation[call.operation];
        if (calls_.size() > script_.size()) {
            ADD_FAILURE() << "the script has ended, but there is a call " << call.operation << " " << call.body;
            return fail(ErrorKind::Unreachable, "the script has ended");
        }
        const ScriptedCall& expected = script_[calls_.size() - 1];
        EXPECT_EQ(call.operation + " " + call.body, expected.operation + " " + expected.body);
        return expected.answer;
    }

    aws::CallCounts counts() const override { return counts_; }
    std::string region() const override { return region_; }

    const std::vector<aws::ServiceCall>& calls() const { return calls_; }
    std::size_t unused() const { return script_.size() - calls_.size(); }

private:
    const std::vector<ScriptedCall> script_;
    const std::string region_;
    std::vector<aws::ServiceCall> calls_;
    aws::CallCounts counts_;
};

inline Error aws_error(ErrorKind kind, const std::string& code) {
    return {.kind = kind, .message = code + ": told by the script", .code = code, .http_status = 400};
}

} // namespace ecsr::testing
