#include "tests/act/fake_table.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sstream>

namespace ecsr::testing {

namespace {

namespace js = boost::json;

std::string text(const js::value& value) {
    return std::string(value.at("S").as_string());
}

std::pair<std::string, std::string> key_of(const js::object& item) {
    return {text(item.at("pk")), text(item.at("sk"))};
}

FakeTable::Attributes attributes_of(const js::object& item) {
    FakeTable::Attributes attributes;
    for (const auto& [name, value] : item) { attributes[std::string(name)] = js::serialize(value); }
    return attributes;
}

js::object document_of(const FakeTable::Attributes& attributes) {
    js::object document;
    for (const auto& [name, value] : attributes) { document[name] = js::parse(value); }
    return document;
}

// "SET a = :a, #b = :b REMOVE #c"
void update(FakeTable::Attributes& item, const js::object& update) {
    std::string expression(update.at("UpdateExpression").as_string());
    std::erase(expression, ',');
    const auto* names = update.if_contains("ExpressionAttributeNames");
    const auto name_of = [&](const std::string& word) {
        return word.starts_with('#') ? std::string(names->at(word).as_string()) : word;
    };
    std::istringstream words(expression);
    std::string word;
    bool removes = false;
    while (words >> word) {
        if (word == "SET" || word == "REMOVE") {
            removes = word == "REMOVE";
        } else if (removes) {
            item.erase(name_of(word));
        } else {
            std::string equals;
            std::string value;
            words >> equals >> value;
            item[name_of(word)] = js::serialize(update.at("ExpressionAttributeValues").at(value));
        }
    }
}

} // namespace

Result<std::string> FakeTable::call(const aws::ServiceCall& call, std::stop_token /*stop*/) {
    ++counts_.total;
    ++counts_.by_operation[call.operation];
    if (at_call) { at_call(call.operation); }
    const js::object body = js::parse(call.body).as_object();
    if (call.operation == "GetItem") {
        const auto found = items.find(key_of(body.at("Key").as_object()));
        if (found == items.end()) { return "{}"; }
        return js::serialize(js::object{{"Item", document_of(found->second)}});
    }
    if (call.operation == "Query") {
        const js::object& values = body.at("ExpressionAttributeValues").as_object();
        std::string prefix;
        for (const auto& [name, value] : values) {
            if (name != ":pk") { prefix = text(value); }
        }
        js::array found;
        for (const auto& [key, item] : items) {
            if (key.first == text(values.at(":pk")) && key.second.starts_with(prefix)) {
                found.push_back(document_of(item));
            }
        }
        return js::serialize(js::object{{"Items", std::move(found)}});
    }
    EXPECT_LE(body.at("TransactItems").as_array().size(), 100U);
    for (const js::value& write : body.at("TransactItems").as_array()) {
        const auto& [kind, what] = *write.as_object().begin();
        const js::object& change = what.as_object();
        if (kind == "Put") {
            const js::object& item = change.at("Item").as_object();
            items[key_of(item)] = attributes_of(item);
        } else if (kind == "Delete") {
            items.erase(key_of(change.at("Key").as_object()));
        } else {
            update(items[key_of(change.at("Key").as_object())], change);
        }
    }
    return "{}";
}

} // namespace ecsr::testing
