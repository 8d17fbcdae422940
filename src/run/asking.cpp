#include "run/asking.hpp"

#include "run/drive.hpp"

#include <fmt/format.h>
#include <thread>

namespace ecsr::run {

std::optional<Answer> Asking::ask_until_valid(const std::string& question, const std::stop_token& stop) {
    std::string prompt = fmt::format("{} {}", question, answer_hint);
    while (true) {
        const auto line = parts_->ask ? parts_->ask(prompt, stop) : std::nullopt;
        if (stop.stop_requested()) { return std::nullopt; }
        if (!line) { return Answer{.proceed = false, .wait = {}, .given = false}; }
        const auto answer = parse_answer(*line);
        if (answer) { return *answer; }
        prompt = fmt::format("{}. {} {}", answer.error().message, question, answer_hint);
    }
}

Result<std::optional<Answer>> Asking::ask(const std::string& question) {
    std::stop_source no_answer;
    const auto give_up = [&] { no_answer.request_stop(); };
    const std::stop_callback interrupted(parts_->interrupts.end_in_order, give_up);
    const std::stop_callback leaving(parts_->interrupts.leave_now, give_up);

    std::optional<Error> lost;
    std::optional<Answer> answer;
    {
        // Reading a terminal blocks, and a service whose holder does not beat can be taken over.
        const std::jthread beating([&](const std::stop_token& stop) {
            while (parts_->clock.sleep_until(parts_->clock.now() + beat_interval, stop)) {
                const auto beat = held_->beat();
                if (!beat) { lost = beat.error(); }
                if (!beat || beat->abort_ask) {
                    no_answer.request_stop();
                    return;
                }
            }
        });
        answer = ask_until_valid(question, no_answer.get_token());
    }
    if (lost) { return std::unexpected(*lost); }
    return answer;
}

} // namespace ecsr::run
