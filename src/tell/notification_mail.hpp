// A notification as a mail.
#pragma once

#include "base/mail.hpp"
#include "model/notification_settings.hpp"

#include <string>
#include <vector>

namespace ecsr::tell {

// "PREFIX | SUBJECT | 20 November 2026": the settings' subject with its placeholders filled in; without a prefix
// "SUBJECT | 20 November 2026". Requires settings that check() has no objection to.
std::string mail_subject(const MailSettings& settings, const Notification& notification);

// `files`: the settings' attachments that could be read; `remarks`: lines at the end of the text, such as those that
// could not. The run's document goes along as report.json where there is one and the settings want it.
MailMessage mail_message(const MailSettings& settings, const Notification& notification,
                         std::vector<MailAttachment> files, const std::vector<std::string>& remarks,
                         std::string message_id);

// By the file name's ending; "application/octet-stream" for one that is not known.
std::string media_type_of(std::string_view file_name);

} // namespace ecsr::tell
