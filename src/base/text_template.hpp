// Texts with placeholders that users write: "{{service}} was recycled".
#pragma once

#include "base/error.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr {

class TextTemplate {
public:
    // `allowed`: the names that may stand between "{{" and "}}", with blanks around them or not. Error: Usage, one
    // line: an unknown name (with the allowed ones) or a "{{" without its "}}".
    static Result<TextTemplate> parse(std::string_view text, const std::vector<std::string>& allowed);

    // A name without a value becomes an empty text. `escape` is applied to every value and to nothing else.
    std::string render(const std::map<std::string, std::string>& values,
                       const std::function<std::string(const std::string&)>& escape = {}) const;

private:
    struct Piece {
        std::string text; // as it stands, or the name of a placeholder
        bool is_name = false;
    };
    std::vector<Piece> pieces_;
};

} // namespace ecsr
