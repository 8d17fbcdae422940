#include "config/document.hpp"

#include "config/references.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <yaml-cpp/yaml.h>

namespace ecsr::config {

namespace {

// Aliases are copies here: a small file must not become a huge tree.
constexpr int most_nodes = 200'000;
constexpr int deepest = 32;

struct TooLarge {};

int line_of(const YAML::Mark& mark) {
    return mark.line < 0 ? 1 : mark.line + 1;
}

class Converter {
public:
    Converter(const Variables& variables, Problems& problems) : variables_(variables), problems_(problems) {}

    Node convert(const YAML::Node& yaml, const std::string& field, int line, int depth) {
        if (++nodes_ > most_nodes || depth > deepest) { throw TooLarge{}; }
        Node node;
        node.line = yaml.Mark().line < 0 ? line : line_of(yaml.Mark());
        if (yaml.IsScalar()) { read_scalar(node, yaml, field); }
        if (yaml.IsSequence()) { read_list(node, yaml, field, depth); }
        if (yaml.IsMap()) { read_mapping(node, yaml, field, depth); }
        return node;
    }

private:
    void read_scalar(Node& node, const YAML::Node& yaml, const std::string& field) {
        node.kind = Node::Kind::Scalar;
        node.as_written = yaml.Scalar();
        auto filled = fill_references(node.as_written, variables_, {node.line, field}, problems_);
        node.broken = !filled;
        node.text = std::move(filled).value_or("");
    }

    void read_list(Node& node, const YAML::Node& yaml, const std::string& field, int depth) {
        node.kind = Node::Kind::List;
        for (const YAML::Node& item : yaml) {
            node.items.push_back(convert(item, fmt::format("{}[{}]", field, node.items.size()), node.line, depth + 1));
        }
    }

    void read_mapping(Node& node, const YAML::Node& yaml, const std::string& field, int depth) {
        node.kind = Node::Kind::Mapping;
        std::set<std::string> seen;
        for (const auto& pair : yaml) {
            const int line = line_of(pair.first.Mark());
            if (!pair.first.IsScalar()) {
                problems_.add(line, field, "a key must be a text; allowed: KEY: VALUE");
                continue;
            }
            const std::string key = pair.first.Scalar();
            const std::string inner = field.empty() ? key : field + "." + key;
            if (!seen.insert(key).second) {
                problems_.add(line, inner, "is given twice; allowed: once");
                continue;
            }
            node.entries.push_back({key, line, convert(pair.second, inner, line, depth + 1)});
        }
    }

    const Variables& variables_;
    Problems& problems_;
    int nodes_ = 0;
};

std::string_view line_at(std::string_view text, int line) {
    for (int at = 1; at < line; ++at) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) { return {}; }
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

// The parser's terms are those of the YAML specification: what to do about the usual slips, in words of the file.
std::string slip(std::string_view text, const YAML::Exception& wrong) {
    struct Advice {
        std::string_view message, words;
    };
    static const Advice advice[] = {
        {YAML::ErrorMsg::END_OF_SEQ_FLOW, "a list that [ opens is not closed by ]"},
        {YAML::ErrorMsg::END_OF_MAP_FLOW, "what { opens is not closed by }"},
        {YAML::ErrorMsg::FLOW_END, "a ] or } closes what was not opened"},
        {YAML::ErrorMsg::MAP_VALUE, "a ':' stands where none may: put a text that holds ': ' in quotes, and indent "
                                    "the line as those beside it"},
        {YAML::ErrorMsg::MAP_KEY, "a key stands where none may: indent the line as those beside it"},
        {YAML::ErrorMsg::BLOCK_ENTRY, "a '-' stands where none may: indent the line as those beside it"},
        {YAML::ErrorMsg::END_OF_MAP, "a line is indented otherwise than those beside it, or lacks its ':'"},
        {YAML::ErrorMsg::END_OF_SEQ, "a line is indented otherwise than those beside it, or lacks its '-'"},
        {YAML::ErrorMsg::UNKNOWN_ANCHOR, "an alias (*name) names no anchor (&name) above it"},
    };
    if (line_at(text, line_of(wrong.mark)).starts_with('\t')) {
        return "the line is indented by a tab; allowed: spaces";
    }
    const auto* const found = std::ranges::find(advice, std::string_view(wrong.msg), &Advice::message);
    return found == std::ranges::end(advice) ? wrong.msg : std::string(found->words);
}

} // namespace

std::optional<Node> parse_document(std::string_view text, const Variables& variables, Problems& problems) {
    try {
        const auto documents = YAML::LoadAll(std::string(text));
        if (documents.size() > 1) {
            problems.add(line_of(documents[1].Mark()), "", "a second document begins here; allowed: one");
            return std::nullopt;
        }
        if (documents.empty() || documents.front().IsNull()) {
            problems.add(1, "", "the file is empty; it needs at least services:");
            return std::nullopt;
        }
        return Converter(variables, problems).convert(documents.front(), "", 1, 0);
    } catch (const YAML::Exception& wrong) {
        problems.add(line_of(wrong.mark), "", fmt::format("is not YAML: {}", slip(text, wrong)));
    } catch (const TooLarge&) {
        problems.add(1, "",
                     fmt::format("is too large; allowed: {} values, {} levels, aliases counted as what they "
                                 "stand for",
                                 most_nodes, deepest));
    }
    return std::nullopt;
}

} // namespace ecsr::config
