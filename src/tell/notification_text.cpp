#include "tell/notification_text.hpp"

#include "base/text.hpp"
#include "tell/text_table.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace ecsr::tell {

namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

void add_figures(const NotificationFigures& figures, NotificationEvent event, Facts& facts) {
    facts.emplace_back("Strategy", figures.strategy);
    facts.emplace_back("Started", to_the_second(figures.started_at));
    if (event == NotificationEvent::Started) {
        facts.emplace_back("Tasks to replace", std::to_string(figures.tasks_left));
        facts.emplace_back("Desired count", std::to_string(figures.desired_before));
        return;
    }
    facts.emplace_back("Outcome", figures.outcome);
    facts.emplace_back("Took", format_age(figures.duration));
    facts.emplace_back("Tasks replaced", std::to_string(figures.tasks_recycled));
    facts.emplace_back("Tasks left", std::to_string(figures.tasks_left));
    if (figures.tasks_skipped > 0) { facts.emplace_back("Tasks skipped", std::to_string(figures.tasks_skipped)); }
    if (figures.lowest_healthy) { facts.emplace_back("Lowest healthy", std::to_string(*figures.lowest_healthy)); }
    facts.emplace_back("Desired count", fmt::format("{} -> {}", figures.desired_before, figures.desired_after));
    facts.emplace_back("Put back", figures.restored ? "yes, everything" : "NO: something is still in place");
}

const char* colour(NotificationEvent event) {
    switch (event) {
    case NotificationEvent::Started: return "#1f6feb";
    case NotificationEvent::Finished: return "#1a7f37";
    case NotificationEvent::Failed: return "#cf222e";
    case NotificationEvent::Restored:
    case NotificationEvent::Blocked: return "#9a6700";
    case NotificationEvent::Skipped: return "#57606a";
    }
    return "";
}

} // namespace

Facts notification_facts(const Notification& notification) {
    Facts facts{{"Service", std::string(short_id(notification.service))},
                {"Cluster", std::string(short_id(notification.cluster))},
                {"Region", notification.region},
                {"Event", to_string(notification.event)},
                {"Time", to_the_second(notification.at)},
                {"Run", notification.run_id}};
    if (notification.figures) { add_figures(*notification.figures, notification.event, facts); }
    std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
    return facts;
}

std::string notification_text(const Notification& notification, const std::vector<std::string>& remarks) {
    std::string text = headline(notification) + "\n";
    if (!notification.reason.empty()) { text += notification.reason + "\n"; }
    text += "\n";
    for (const auto& [label, value] : notification_facts(notification)) {
        text += fmt::format("{:<17}{}\n", label + ":", value);
    }
    if (!remarks.empty()) { text += "\n" + join(remarks, "\n") + "\n"; }
    return text;
}

std::string notification_html(const Notification& notification, const std::vector<std::string>& remarks) {
    std::string rows;
    for (const auto& [label, value] : notification_facts(notification)) {
        rows += fmt::format("<tr><td style=\"padding:2px 16px 2px 0;color:#57606a\">{}</td><td>{}</td></tr>\n",
                            escape_html(label), escape_html(value));
    }
    std::string more;
    for (const std::string& remark : remarks) { more += fmt::format("<p>{}</p>\n", escape_html(remark)); }
    const std::string reason =
        notification.reason.empty() ? "" : fmt::format("<p>{}</p>\n", escape_html(notification.reason));
    return fmt::format("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{0}</title></head>\n"
                       "<body style=\"font-family:sans-serif\">\n<h2 style=\"color:{1}\">{0}</h2>\n{2}"
                       "<table>\n{3}</table>\n{4}</body></html>\n",
                       escape_html(headline(notification)), colour(notification.event), reason, rows, more);
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '"': escaped += "&quot;"; break;
        case '\'': escaped += "&#39;"; break;
        default: escaped += c;
        }
    }
    return escaped;
}

} // namespace ecsr::tell
