// Compares a text with tests/golden/<name>. With ECSR_WRITE_GOLDEN=1 in the environment the file is written instead, to
// be read and committed.
#pragma once

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

namespace ecsr::testing {

inline void expect_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(ECSR_SOURCE_DIR) + "/tests/golden/" + name;
    if (std::getenv("ECSR_WRITE_GOLDEN") != nullptr) {
        std::ofstream(path) << text;
        return;
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << path << " is missing; write it with ECSR_WRITE_GOLDEN=1";
    EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

} // namespace ecsr::testing
