#include "tell/notification_mail.hpp"

#include "base/text.hpp"
#include "base/text_template.hpp"
#include "tell/notification_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace ecsr::tell {

std::string mail_subject(const MailSettings& settings, const Notification& notification) {
    const auto subject = TextTemplate::parse(settings.subject, notification_placeholders());
    ECSR_ASSERT(subject.has_value());
    std::string line = subject->render(placeholder_values(notification));
    if (!settings.subject_prefix.empty()) { line = fmt::format("{} | {}", settings.subject_prefix, line); }
    line = fmt::format("{} | {}", line, long_date(notification.at));
    // A reason from elsewhere may hold anything; a header may not.
    std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return line;
}

MailMessage mail_message(const MailSettings& settings, const Notification& notification,
                         std::vector<MailAttachment> files, const std::vector<std::string>& remarks,
                         std::string message_id) {
    MailMessage message;
    message.from = settings.from;
    message.to = settings.to;
    message.cc = settings.cc;
    message.bcc = settings.bcc;
    message.subject = mail_subject(settings, notification);
    message.text = notification_text(notification, remarks);
    message.html = notification_html(notification, remarks);
    message.message_id = std::move(message_id);
    message.date = notification.at;
    message.urgent = notification.event == NotificationEvent::Failed;
    if (settings.attach_report && !notification.report_json.empty()) {
        message.attachments.push_back({"report.json", "application/json", notification.report_json});
    }
    std::ranges::move(files, std::back_inserter(message.attachments));
    return message;
}

std::string media_type_of(std::string_view file_name) {
    static constexpr std::array<std::pair<std::string_view, const char*>, 10> types{{
        {".txt", "text/plain; charset=UTF-8"},
        {".log", "text/plain; charset=UTF-8"},
        {".csv", "text/csv; charset=UTF-8"},
        {".html", "text/html; charset=UTF-8"},
        {".json", "application/json"},
        {".pdf", "application/pdf"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".gz", "application/gzip"},
        {".zip", "application/zip"},
    }};
    const std::string name = to_lower(file_name);
    for (const auto& [ending, type] : types) {
        if (name.ends_with(ending)) { return type; }
    }
    return "application/octet-stream";
}

} // namespace ecsr::tell
