// The members of DynamoDB's shapes, for the codecs, and the table of its operations. For .cpp files alone.
#pragma once

#include "aws/dynamodb/client.hpp"
#include "aws/operation.hpp"
#include "base/described.hpp"
#include "base/json_names.hpp"

#include <boost/describe.hpp>

namespace ecsr::aws::dynamodb {

inline const ServiceInfo service_info{.id = "dynamodb",
                                      .endpoint_host = "dynamodb",
                                      .endpoint_env = "DYNAMODB",
                                      .config_key = "dynamodb",
                                      .protocol = Protocol::Json10,
                                      .target_prefix = "DynamoDB_20120810",
                                      .api_version = ""};
using Names = json::PascalCase;

BOOST_DESCRIBE_STRUCT(AttributeValue, (), (s, n, b))
BOOST_DESCRIBE_STRUCT(GetItemRequest, (), (table_name, key, consistent_read))
BOOST_DESCRIBE_STRUCT(GetItemAnswer, (), (item))
BOOST_DESCRIBE_STRUCT(QueryRequest, (),
                      (table_name, key_condition_expression, expression_attribute_names, expression_attribute_values,
                       scan_index_forward, consistent_read, limit, exclusive_start_key))
BOOST_DESCRIBE_STRUCT(QueryAnswer, (), (items, last_evaluated_key))
BOOST_DESCRIBE_STRUCT(Put, (),
                      (table_name, item, condition_expression, expression_attribute_names, expression_attribute_values))
BOOST_DESCRIBE_STRUCT(Update, (),
                      (table_name, key, update_expression, condition_expression, expression_attribute_names,
                       expression_attribute_values))
BOOST_DESCRIBE_STRUCT(Delete, (),
                      (table_name, key, condition_expression, expression_attribute_names, expression_attribute_values))
BOOST_DESCRIBE_STRUCT(TransactWriteItem, (), (put, update, delete_))
BOOST_DESCRIBE_STRUCT(TransactWriteItemsRequest, (), (transact_items, client_request_token))
BOOST_DESCRIBE_STRUCT(TransactWriteItemsAnswer, (), ())

inline constexpr Operations operations{
    Operation<GetItemRequest, GetItemAnswer>{"GetItem"},
    Operation<QueryRequest, QueryAnswer>{"Query"},
    // The token makes a repetition safe.
    Operation<TransactWriteItemsRequest, TransactWriteItemsAnswer>{"TransactWriteItems"},
};

} // namespace ecsr::aws::dynamodb
