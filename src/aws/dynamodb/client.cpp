#include "aws/dynamodb/client.hpp"

#include "aws/dynamodb/describe.hpp"
#include "aws/json_call.hpp"
#include "aws/paging.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"

#include <iterator>

namespace ecsr::aws::dynamodb {

AttributeValue text(std::string value) {
    return {.s = std::move(value), .n = {}, .b = {}};
}

AttributeValue number(std::int64_t value) {
    return {.s = {}, .n = std::to_string(value), .b = {}};
}

AttributeValue binary(std::string_view bytes) {
    return {.s = {}, .n = {}, .b = to_base64(bytes)};
}

std::optional<std::string> text_of(const Item& item, const std::string& name) {
    const auto found = item.find(name);
    return found == item.end() ? std::nullopt : found->second.s;
}

std::optional<std::int64_t> number_of(const Item& item, const std::string& name) {
    const auto found = item.find(name);
    if (found == item.end() || !found->second.n) { return std::nullopt; }
    const auto value = parse_integer(*found->second.n);
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::string> bytes_of(const Item& item, const std::string& name) {
    const auto found = item.find(name);
    if (found == item.end() || !found->second.b) { return std::nullopt; }
    return from_base64(*found->second.b);
}

Result<GetItemAnswer> Client::get_item(const GetItemRequest& request, const std::stop_token& stop) {
    return call_json<Names>(*caller_, service_info, find_operation<GetItemRequest>(operations), request, stop);
}

Result<QueryAnswer> Client::query(const QueryRequest& request, const std::stop_token& stop) {
    QueryRequest page = request;
    QueryAnswer all;
    for (int i = 0; i < pages_max; ++i) {
        auto answer = call_json<Names>(*caller_, service_info, find_operation<QueryRequest>(operations), page, stop);
        if (!answer || request.limit) { return answer; }
        std::ranges::move(answer->items, std::back_inserter(all.items));
        if (answer->last_evaluated_key.empty()) { return all; }
        page.exclusive_start_key = std::move(answer->last_evaluated_key);
    }
    return fail(ErrorKind::Remote, "dynamodb Query: no end after " + std::to_string(pages_max) + " pages");
}

Result<TransactWriteItemsAnswer> Client::transact_write_items(const TransactWriteItemsRequest& request,
                                                              const std::stop_token& stop) {
    return call_json<Names>(*caller_, service_info, find_operation<TransactWriteItemsRequest>(operations), request,
                            stop);
}

} // namespace ecsr::aws::dynamodb
