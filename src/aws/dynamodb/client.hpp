// Amazon DynamoDB, typed, as far as the journal needs it; conventions as in aws/ecs/types.hpp and aws/ecs/client.hpp.
#pragma once

#include "aws/call.hpp"

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace ecsr::aws::dynamodb {

// Exactly one is set.
struct AttributeValue {
    std::optional<std::string> s; // text
    std::optional<std::string> n; // a number, as text
    std::optional<std::string> b; // bytes, as base64
};
using Item = std::map<std::string, AttributeValue>;

AttributeValue text(std::string value);
AttributeValue number(std::int64_t value);
AttributeValue binary(std::string_view bytes);
// Of an item's attribute; empty when it has none of that name and type.
std::optional<std::string> text_of(const Item& item, const std::string& name);
std::optional<std::int64_t> number_of(const Item& item, const std::string& name);
std::optional<std::string> bytes_of(const Item& item, const std::string& name);

struct GetItemRequest {
    std::string table_name;
    Item key;
    bool consistent_read = true;
};
struct GetItemAnswer {
    Item item; // empty: there is none
};

struct QueryRequest {
    std::string table_name;
    std::string key_condition_expression;
    std::map<std::string, std::string> expression_attribute_names;
    Item expression_attribute_values;
    bool scan_index_forward = true; // false: descending by sort key
    bool consistent_read = true;
    std::optional<int> limit;
    Item exclusive_start_key;
};
struct QueryAnswer {
    std::vector<Item> items;
    Item last_evaluated_key; // empty: the end
};

struct Put {
    std::string table_name;
    Item item;
    std::string condition_expression;
    std::map<std::string, std::string> expression_attribute_names;
    Item expression_attribute_values;
};
struct Update {
    std::string table_name;
    Item key;
    std::string update_expression;
    std::string condition_expression;
    std::map<std::string, std::string> expression_attribute_names;
    Item expression_attribute_values;
};
struct Delete {
    std::string table_name;
    Item key;
    std::string condition_expression;
    std::map<std::string, std::string> expression_attribute_names;
    Item expression_attribute_values;
};
// Exactly one is set.
struct TransactWriteItem {
    std::optional<Put> put;
    std::optional<Update> update;
    std::optional<Delete> delete_;
};
struct TransactWriteItemsRequest {
    std::vector<TransactWriteItem> transact_items; // 1-100, each of another item; all or nothing
    std::string client_request_token;              // 1-36; a repetition within ten minutes has no further effect
};
struct TransactWriteItemsAnswer {};

class Client {
public:
    explicit Client(Caller& caller) : caller_(&caller) {}

    Result<GetItemAnswer> get_item(const GetItemRequest& request, const std::stop_token& stop);
    // One page, or with `limit` unset all of them.
    Result<QueryAnswer> query(const QueryRequest& request, const std::stop_token& stop);
    // A condition that does not hold is an error Remote with the code TransactionCanceledException.
    Result<TransactWriteItemsAnswer> transact_write_items(const TransactWriteItemsRequest& request,
                                                          const std::stop_token& stop);

private:
    Caller* caller_;
};

} // namespace ecsr::aws::dynamodb
