// Metrics in the Prometheus text format, version 0.0.4.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::serve {

using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

class PrometheusText {
public:
    // What the samples that follow belong to. `type`: counter, gauge or histogram. `help`: one line.
    void family(std::string_view name, std::string_view type, std::string_view help);
    void sample(double value, const Labels& labels = {});
    // A sample of a histogram: `suffix` is _bucket, _sum or _count.
    void sample(std::string_view suffix, double value, const Labels& labels);

    std::string take() && { return std::move(text_); }

private:
    std::string name_;
    std::string text_;
};

} // namespace ecsr::serve
