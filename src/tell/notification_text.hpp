// A notification as text and as HTML.
#pragma once

#include "model/notification.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ecsr::tell {

// What is known, in the order in which it is shown: ("Service", "cart"). Nothing that is empty.
std::vector<std::pair<std::string, std::string>> notification_facts(const Notification& notification);

// Headline, reason and facts; lines end with "\n". `remarks`: further lines at the end.
std::string notification_text(const Notification& notification, const std::vector<std::string>& remarks = {});

// The same as one HTML document without anything from elsewhere; every value is escaped.
std::string notification_html(const Notification& notification, const std::vector<std::string>& remarks = {});

// & < > " ' as entities.
std::string escape_html(std::string_view text);

} // namespace ecsr::tell
