// A folder for one test, gone afterwards; and short ways to make runs and claims.
#pragma once

#include "act/journal.hpp"
#include "tests/support/manual_clock.hpp"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace ecsr::testing {

class Scratch {
public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ecsr-act-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

inline std::unique_ptr<act::Journal> open(const std::string& path) {
    auto journal = act::open_journal(path);
    EXPECT_TRUE(journal.has_value()) << journal.error().message;
    return journal ? std::move(*journal) : nullptr;
}

inline recycle::Run run_named(const std::string& id) {
    recycle::Run run;
    run.id = id;
    run.spec.cluster = "prod";
    run.spec.service = "web";
    run.started_at = fixed_epoch;
    return run;
}

inline act::Claim claim(const std::string& who, Instant now = fixed_epoch, bool force = false) {
    return {who, now, Seconds(30), force};
}

inline constexpr const char* web = "123456789012/eu-west-1/prod/web";

} // namespace ecsr::testing
