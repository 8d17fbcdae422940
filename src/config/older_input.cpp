#include "config/older_input.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace ecsr::config {

namespace {

namespace json = boost::json;

const std::map<std::string, std::vector<std::string>>& known_members() {
    static const std::map<std::string, std::vector<std::string>> known{
        {"awsCredentials",
         {"region_name", "profile_name", "role_arn", "access_key", "secret_key", "secret_access_key", "session_token"}},
        {"smtpCredentials", {"host", "port", "username", "password", "from_email"}},
        {"emailNotification", {"email_subject", "subject_prefix", "to", "cc", "bcc", "attachments"}},
    };
    return known;
}

std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

// Null, empty, or a placeholder that nobody has filled in: "<your password>".
bool is_set(std::string_view text) {
    const std::string_view bare = trim(text);
    return !bare.empty() && !(bare.starts_with('<') && bare.ends_with('>'));
}

const char* type_name(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "a boolean";
    case json::kind::string: return "a text";
    case json::kind::array: return "a list";
    case json::kind::object: return "an object";
    default: return "a number";
    }
}

class Reader {
public:
    Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    std::optional<Error> parse();
    Result<OlderInput> read();

private:
    // "input.json:12: smtpCredentials.port: must be ..."; the line is that of the member, where it has one.
    std::unexpected<Error> wrong(const std::string& section, const std::string& member, const std::string& what) const;
    std::size_t line_at(std::size_t offset) const;

    // The member, or null where it is missing. A section that is no object is told by parse().
    const json::value* find(const std::string& section, const std::string& member) const;
    // Reads one member into `out` when it is set.
    Status text(const std::string& section, const std::string& member, std::optional<std::string>& out) const;
    Status list(const std::string& section, const std::string& member, std::vector<std::string>& out) const;
    Status port(MailServer& server) const;

    Status credentials(OlderCredentials& out) const;
    Status mail(NotificationSettings& out) const;
    Status from(const MailServer& server, std::string& out) const;
    Status check_mail(const NotificationSettings& settings) const;
    std::vector<std::string> warnings() const;

    std::string_view text_;
    const std::string& file_;
    json::object document_;
};

std::size_t Reader::line_at(std::size_t offset) const {
    return static_cast<std::size_t>(std::ranges::count(text_.substr(0, offset), '\n')) + 1;
}

std::unexpected<Error> Reader::wrong(const std::string& section, const std::string& member,
                                     const std::string& what) const {
    const auto begin = text_.find("\"" + section + "\"");
    const auto at = member.empty() || begin == std::string_view::npos ? begin : text_.find("\"" + member + "\"", begin);
    const auto known = at != std::string_view::npos ? at : begin;
    const std::string line = known == std::string_view::npos ? "" : fmt::format(":{}", line_at(known));
    return fail(ErrorKind::Usage,
                fmt::format("{}{}: {}{}{}: {}", file_, line, section, member.empty() ? "" : ".", member, what));
}

std::optional<Error> Reader::parse() {
    json::stream_parser parser;
    json::error_code problem;
    std::size_t read = parser.write_some(text_.data(), text_.size(), problem);
    if (!problem && read < text_.size()) {
        const auto rest = text_.find_first_not_of(" \t\r\n", read);
        if (rest != std::string_view::npos) {
            read = rest;
            problem = json::error::extra_data;
        }
    }
    if (!problem) { parser.finish(problem); }
    if (problem) {
        return Error{ErrorKind::Usage, fmt::format("{}:{}: not JSON: {}", file_, line_at(read), problem.message()), "",
                     0, false};
    }
    json::value document = parser.release();
    if (!document.is_object()) {
        return Error{ErrorKind::Usage, fmt::format("{}:1: must be an object, is {}", file_, type_name(document)), "", 0,
                     false};
    }
    document_ = std::move(document.as_object());
    for (const auto& [section, members] : known_members()) {
        const json::value* found = document_.if_contains(section);
        if (found != nullptr && !found->is_object() && !found->is_null()) {
            return wrong(section, "", fmt::format("must be an object, is {}", type_name(*found))).error();
        }
    }
    return std::nullopt;
}

const json::value* Reader::find(const std::string& section, const std::string& member) const {
    const json::value* found = document_.if_contains(section);
    const json::object* object = found == nullptr ? nullptr : found->if_object();
    return object == nullptr ? nullptr : object->if_contains(member);
}

Status Reader::text(const std::string& section, const std::string& member, std::optional<std::string>& out) const {
    const json::value* value = find(section, member);
    if (value == nullptr || value->is_null()) { return {}; }
    const json::string* read = value->if_string();
    if (read == nullptr) { return wrong(section, member, fmt::format("must be a text, is {}", type_name(*value))); }
    if (is_set(view(*read))) { out = std::string(trim(view(*read))); }
    return {};
}

Status Reader::list(const std::string& section, const std::string& member, std::vector<std::string>& out) const {
    const json::value* value = find(section, member);
    if (value == nullptr || value->is_null()) { return {}; }
    const auto add = [&](std::string_view several) {
        for (const std::string& one : split(several, ',')) {
            if (is_set(one)) { out.emplace_back(trim(one)); }
        }
    };
    if (const json::string* one = value->if_string()) {
        add(view(*one));
        return {};
    }
    const json::array* several = value->if_array();
    if (several == nullptr) {
        return wrong(section, member, fmt::format("must be a text or a list of texts, is {}", type_name(*value)));
    }
    for (const json::value& one : *several) {
        if (!one.is_string()) {
            return wrong(section, member, fmt::format("must be a list of texts, holds {}", type_name(one)));
        }
        add(view(one.get_string()));
    }
    return {};
}

Status Reader::port(MailServer& server) const {
    const json::value* value = find("smtpCredentials", "port");
    if (value == nullptr || value->is_null()) { return {}; }
    std::optional<std::int64_t> number;
    if (value->is_int64()) { number = value->get_int64(); }
    if (const json::string* digits = value->if_string()) {
        if (!is_set(view(*digits))) { return {}; }
        if (const auto read = parse_integer(trim(view(*digits)))) { number = *read; }
    }
    if (!number || *number < 1 || *number > 65535) {
        return wrong("smtpCredentials", "port", "must be a number from 1 to 65535");
    }
    server.port = static_cast<std::uint16_t>(*number);
    if (server.port == 465) { server.security = MailSecurity::Tls; } // RFC 8314: TLS from the first byte
    return {};
}

Status Reader::credentials(OlderCredentials& out) const {
    const std::string section = "awsCredentials";
    std::optional<std::string> secret;
    std::optional<std::string> other_secret;
    std::optional<std::string> token;
    const std::pair<const char*, std::optional<std::string>*> members[] = {
        {"region_name", &out.region},       {"profile_name", &out.profile}, {"role_arn", &out.role_arn},
        {"access_key", &out.access_key_id}, {"secret_key", &secret},        {"secret_access_key", &other_secret},
        {"session_token", &token}};
    for (const auto& [member, target] : members) {
        if (auto read = text(section, member, *target); !read) { return read; }
    }
    if (!secret) { secret = other_secret; }
    out.secret_access_key = Secret(secret.value_or(""));
    out.session_token = Secret(token.value_or(""));
    if (out.profile) { return {}; } // the rest is not used
    if (out.access_key_id.has_value() != secret.has_value()) {
        return wrong(section, out.access_key_id ? "access_key" : "secret_key",
                     "access_key and secret_key must be given together");
    }
    if (token && !out.access_key_id) { return wrong(section, "session_token", "needs access_key and secret_key"); }
    if (out.role_arn && !out.role_arn->starts_with("arn:")) {
        return wrong(section, "role_arn", fmt::format("\"{}\" is not the ARN of a role", *out.role_arn));
    }
    return {};
}

Status Reader::from(const MailServer& server, std::string& out) const {
    std::optional<std::string> address;
    if (auto read = text("smtpCredentials", "from_email", address); !read) { return read; }
    if (!address && server.username.find('@') != std::string::npos) { address = server.username; }
    if (!address) { return wrong("smtpCredentials", "from_email", "is not set: the sender of the mails"); }
    out = *address;
    return {};
}

Status Reader::mail(NotificationSettings& out) const {
    const std::string section = "emailNotification";
    MailSettings mail;
    const std::pair<const char*, std::vector<std::string>*> lists[] = {
        {"to", &mail.to}, {"cc", &mail.cc}, {"bcc", &mail.bcc}, {"attachments", &mail.attachments}};
    for (const auto& [member, target] : lists) {
        if (auto read = list(section, member, *target); !read) { return read; }
    }
    std::optional<std::string> subject;
    std::optional<std::string> prefix;
    std::optional<std::string> host;
    std::optional<std::string> username;
    std::optional<std::string> password;
    if (auto read = text(section, "email_subject", subject); !read) { return read; }
    if (auto read = text(section, "subject_prefix", prefix); !read) { return read; }
    if (auto read = text("smtpCredentials", "host", host); !read) { return read; }
    if (auto read = text("smtpCredentials", "username", username); !read) { return read; }
    if (auto read = text("smtpCredentials", "password", password); !read) { return read; }
    if (auto read = port(mail.server); !read) { return read; }
    if (mail.to.empty() && mail.cc.empty() && mail.bcc.empty()) { return {}; } // nobody is to be told
    if (!host) { return wrong("smtpCredentials", "host", "is not set, but emailNotification names recipients"); }
    mail.server.host = *host;
    mail.server.username = username.value_or("");
    mail.server.password = Secret(password.value_or(""));
    if (username.has_value() != password.has_value()) {
        return wrong("smtpCredentials", username ? "username" : "password",
                     "username and password must be given together");
    }
    if (auto read = from(mail.server, mail.from); !read) { return read; }
    if (subject) { mail.subject = *subject; }
    mail.subject_prefix = prefix.value_or("");
    out.mails.push_back(std::move(mail));
    return check_mail(out);
}

// The problems of the settings, by the names that the file has for them.
Status Reader::check_mail(const NotificationSettings& settings) const {
    static const std::map<std::string, std::pair<std::string, std::string>> names{
        {"mails[0].host", {"smtpCredentials", "host"}},
        {"mails[0].port", {"smtpCredentials", "port"}},
        {"mails[0].from", {"smtpCredentials", "from_email"}},
        {"mails[0].to", {"emailNotification", "to"}},
        {"mails[0].cc", {"emailNotification", "cc"}},
        {"mails[0].bcc", {"emailNotification", "bcc"}},
        {"mails[0].subject", {"emailNotification", "email_subject"}},
        {"mails[0].subject_prefix", {"emailNotification", "subject_prefix"}},
    };
    const auto problems = check(settings);
    if (problems.empty()) { return {}; }
    const auto& name = names.at(problems.front().field);
    return wrong(name.first, name.second, problems.front().text);
}

std::vector<std::string> Reader::warnings() const {
    std::vector<std::string> found;
    const auto look = [&](const json::object& object, const std::string& where, const std::vector<std::string>& known) {
        for (const auto& member : object) {
            const std::string name(member.key());
            if (std::ranges::find(known, name) != known.end()) { continue; }
            const std::string near = nearest(name, known);
            found.push_back(fmt::format("{}: {}{} is not known and ignored; {}", file_, where, name,
                                        near.empty() ? "known: " + join(known, ", ") : "did you mean " + near + "?"));
        }
    };
    std::vector<std::string> sections;
    for (const auto& [section, members] : known_members()) { sections.push_back(section); }
    look(document_, "", sections);
    for (const auto& [section, members] : known_members()) {
        const json::value* value = document_.if_contains(section);
        if (value != nullptr && value->is_object()) { look(value->get_object(), section + ".", members); }
    }
    return found;
}

Result<OlderInput> Reader::read() {
    OlderInput input;
    if (auto status = credentials(input.credentials); !status) { return std::unexpected(status.error()); }
    if (auto status = mail(input.notifications); !status) { return std::unexpected(status.error()); }
    input.warnings = warnings();
    return input;
}

} // namespace

Result<OlderInput> parse_older_input(std::string_view text, const std::string& file) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // Windows editors write it
    if (text.starts_with(byte_order_mark)) { text.remove_prefix(byte_order_mark.size()); }
    Reader reader(text, file);
    if (auto problem = reader.parse()) { return std::unexpected(*std::move(problem)); }
    return reader.read();
}

void apply(const OlderCredentials& credentials, aws::SessionOptions& options) {
    if (!options.region) { options.region = credentials.region; }
    if (options.profile) { return; }
    if (credentials.profile) {
        options.profile = credentials.profile;
        return;
    }
    if (!options.role_arn) { options.role_arn = credentials.role_arn; }
    if (!credentials.access_key_id) { return; }
    options.access_key_id = credentials.access_key_id;
    options.secret_access_key = credentials.secret_access_key.reveal();
    if (!credentials.session_token.empty()) { options.session_token = credentials.session_token.reveal(); }
}

} // namespace ecsr::config
