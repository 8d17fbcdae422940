#include "local/runtime/taken_output.hpp"

#include <utility>

namespace ecsr::local {

std::vector<ContainerOutput> take_lines(std::vector<TakenOutput>& outputs) {
    std::vector<ContainerOutput> taken;
    std::erase_if(outputs, [&](const TakenOutput& output) {
        const bool is_last = output.lines.use_count() == 1; // asked before the lines: after them more may come
        if (auto lines = output.lines->take(); !lines.empty()) {
            taken.push_back({output.log_group, output.log_stream, std::move(lines)});
        }
        return is_last;
    });
    return taken;
}

} // namespace ecsr::local
