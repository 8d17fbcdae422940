#include "config/document.hpp"

#include "config/references.hpp"

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
        problems.add(line_of(wrong.mark), "", fmt::format("is not YAML: {}", wrong.msg));
    } catch (const TooLarge&) {
        problems.add(1, "",
                     fmt::format("is too large; allowed: {} values, {} levels, aliases counted as what they "
                                 "stand for",
                                 most_nodes, deepest));
    }
    return std::nullopt;
}

} // namespace ecsr::config
