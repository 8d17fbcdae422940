// JSON values as one line of text, the way AWS's services write them.
#pragma once

#include <boost/json.hpp>
#include <string>

namespace ecsr::local {

enum class Decimals {
    Shortest, // 3, 0.5
    OfJava    // 3.0, 0.5, 1.0E7: CloudWatch's texts
};

// Numbers with Decimals::Shortest never have an exponent.
std::string json_line(const boost::json::value& value, Decimals decimals = Decimals::Shortest);

// As Double.toString() writes it.
std::string java_decimal(double value);

} // namespace ecsr::local
