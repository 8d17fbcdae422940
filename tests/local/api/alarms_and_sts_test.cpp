#include "tests/local/api/aws_client.hpp"

namespace ecsr::local {
namespace {

using namespace testing;

class Alarms : public ::testing::Test {
protected:
    HttpResponse call(const std::string& operation, const std::string& body) {
        return aws.post_json("GraniteServiceVersion20100801." + operation, body, "1.0");
    }
    json::object good(const std::string& operation, const std::string& body) {
        return AwsClient::good(call(operation, body));
    }
    void put(const std::string& name) {
        good("PutMetricAlarm", R"({"AlarmName":")" + name + R"(","MetricName":"m","Namespace":"n","Period":60,
            "EvaluationPeriods":2,"Threshold":1.5,"ComparisonOperator":"GreaterThanThreshold","Statistic":"Average",
            "AlarmActions":["arn:aws:sns:us-east-1:000000000000:t"],"Dimensions":[{"Name":"a","Value":"b"}]})");
    }
    AwsClient aws;
};

TEST_F(Alarms, AreDescribedAsTheyWerePut) {
    put("high");
    const auto told = good("DescribeAlarms", R"({"AlarmNames":["high"]})").at("MetricAlarms").at(0);
    EXPECT_EQ(told.at("StateValue"), "INSUFFICIENT_DATA");
    EXPECT_DOUBLE_EQ(told.at("Threshold").to_number<double>(), 1.5);
    EXPECT_EQ(told.at("Dimensions").at(0).at("Value"), "b");
    EXPECT_EQ(told.at("ActionsEnabled"), true);
    EXPECT_EQ(told.at("AlarmArn"), "arn:aws:cloudwatch:us-east-1:000000000000:alarm:high");
}

TEST_F(Alarms, KeepTheirStateWhenTheyArePutAgain) {
    put("high");
    good("SetAlarmState", R"({"AlarmName":"high","StateValue":"ALARM","StateReason":"why"})");
    put("high");
    const auto told = good("DescribeAlarms", R"({"StateValue":"ALARM"})").at("MetricAlarms").at(0);
    EXPECT_EQ(told.at("StateReason"), "why");
}

TEST_F(Alarms, AreFilteredAndPaged) {
    for (const char* name : {"a-1", "a-2", "b-1"}) { put(name); }
    EXPECT_EQ(good("DescribeAlarms", R"({"AlarmNamePrefix":"a"})").at("MetricAlarms").as_array().size(), 2U);
    EXPECT_TRUE(good("DescribeAlarms", R"({"ActionPrefix":"arn:other"})").at("MetricAlarms").as_array().empty());
    EXPECT_TRUE(good("DescribeAlarms", R"({"AlarmTypes":["CompositeAlarm"]})").at("MetricAlarms").as_array().empty());
    const auto first = good("DescribeAlarms", R"({"MaxRecords":2})");
    const auto second =
        good("DescribeAlarms", R"({"MaxRecords":2,"NextToken":")" + text(first.at("NextToken")) + "\"}");
    EXPECT_EQ(second.at("MetricAlarms").at(0).at("AlarmName"), "b-1");
    EXPECT_TRUE(AwsClient::refusal(call("DescribeAlarms", R"({"NextToken":"x"})")).starts_with("InvalidNextToken: "));
}

TEST_F(Alarms, OneUnknownNameKeepsAllFromBeingDeleted) {
    put("a");
    EXPECT_TRUE(
        AwsClient::refusal(call("DeleteAlarms", R"({"AlarmNames":["a","b"]})")).starts_with("ResourceNotFound: "));
    EXPECT_EQ(aws.state.alarms.by_name.size(), 1U);
    good("DeleteAlarms", R"({"AlarmNames":["a"]})");
    EXPECT_TRUE(aws.state.alarms.by_name.empty());
}

TEST_F(Alarms, BadOnesAreRefused) {
    EXPECT_EQ(AwsClient::refusal(call("PutMetricAlarm", R"({"AlarmName":"a"})")),
              "ValidationError: 1 validation error detected: Value null at 'evaluationPeriods' failed to satisfy "
              "constraint: Member must not be null");
    EXPECT_TRUE(AwsClient::refusal(call("SetAlarmState", R"({"AlarmName":"a","StateValue":"LOUD","StateReason":"r"})"))
                    .ends_with("Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]"));
}

TEST_F(Alarms, QueryClientsSeeTheSame) {
    const auto put_answer = aws.query_raw(
        "monitoring",
        "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=q&MetricName=m&Namespace=n&Period=60&EvaluationPeriods=1"
        "&Statistic=Sum&Threshold=0.25&ComparisonOperator=LessThanThreshold&ActionsEnabled=false&Dimensions.member.1."
        "Name=a"
        "&Dimensions.member.1.Value=b");
    EXPECT_EQ(put_answer.status, 200) << put_answer.body;
    const auto answer = aws.query_raw("monitoring", "Action=DescribeAlarms&Version=2010-08-01");
    const std::string path = "DescribeAlarmsResult/MetricAlarms/member/";
    EXPECT_EQ(AwsClient::text_at(answer, path + "Threshold"), "0.25");
    EXPECT_EQ(AwsClient::text_at(answer, path + "Dimensions/member/Name"), "a");
    EXPECT_EQ(AwsClient::text_at(answer, path + "StateUpdatedTimestamp"), to_rfc3339(aws.now));
    EXPECT_EQ(good("DescribeAlarms", "{}").at("MetricAlarms").at(0).at("ActionsEnabled"), false);
}

TEST_F(Alarms, OfOneNameAreOfOneKind) {
    put("a");
    good("PutCompositeAlarm", R"x({"AlarmName":"all","AlarmRule":"ALARM(a)"})x");
    EXPECT_EQ(AwsClient::refusal(call("PutCompositeAlarm", R"({"AlarmName":"a","AlarmRule":"TRUE"})")),
              "ValidationError: a is the name of a metric alarm already.");
    EXPECT_EQ(AwsClient::refusal(call("PutMetricAlarm", R"({"AlarmName":"all","MetricName":"m","Namespace":"n",
        "Period":60,"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold",
        "Statistic":"Sum"})")),
              "ValidationError: all is the name of a composite alarm already.");
    const auto told = good("DescribeAlarms", R"({"AlarmTypes":["CompositeAlarm"]})").at("CompositeAlarms").at(0);
    EXPECT_EQ(told.at("AlarmRule"), "ALARM(a)");
    EXPECT_EQ(told.at("StateValue"), "OK");
}

TEST_F(Alarms, MoveTheAlarmsThatAreMadeOfThem) {
    put("a");
    good("PutCompositeAlarm", R"x({"AlarmName":"all","AlarmRule":"ALARM(a)"})x");
    EXPECT_TRUE(AwsClient::refusal(call("PutCompositeAlarm", R"x({"AlarmName":"all","AlarmRule":"OK(all)"})x"))
                    .ends_with("must not lead back to it."));
    good("SetAlarmState", R"({"AlarmName":"a","StateValue":"ALARM","StateReason":"why"})");
    EXPECT_EQ(aws.state.alarms.by_name.at("all").state, AlarmState::Alarm);
    EXPECT_EQ(AwsClient::refusal(call("DeleteAlarms", R"({"AlarmNames":["a"]})")),
              "ValidationError: Cannot delete a as there are composite alarm(s) depending on it.");
    good("DeleteAlarms", R"({"AlarmNames":["a","all"]})");
}

TEST_F(Alarms, AStateReasonDataThatIsNoJsonIsRefused) {
    put("a");
    EXPECT_TRUE(AwsClient::refusal(call("SetAlarmState", R"({"AlarmName":"a","StateValue":"OK","StateReason":"r",
        "StateReasonData":"{"})"))
                    .starts_with("InvalidFormat: "));
    EXPECT_EQ(aws.state.alarms.by_name.at("a").reason, "Unchecked: Initial alarm creation");
}

class Sts : public ::testing::Test {
protected:
    HttpResponse assume(const std::string& members) {
        return aws.query_raw("sts", "Action=AssumeRole&Version=2011-06-15" + members);
    }
    AwsClient aws;
    const std::string role = "&RoleArn=arn:aws:iam::123456789012:role/path/ops";
};

TEST_F(Sts, ARoleGivesCredentialsThatExpire) {
    const auto answer = assume(role + "&RoleSessionName=me&DurationSeconds=900");
    EXPECT_EQ(AwsClient::text_at(answer, "AssumeRoleResult/AssumedRoleUser/Arn"),
              "arn:aws:sts::123456789012:assumed-role/ops/me");
    EXPECT_EQ(AwsClient::text_at(answer, "AssumeRoleResult/Credentials/Expiration"),
              to_rfc3339(aws.now + Seconds(900)));
    EXPECT_TRUE(AwsClient::text_at(answer, "AssumeRoleResult/Credentials/AccessKeyId").starts_with("ASIA"));
}

TEST_F(Sts, BadRequestsAreRefused) {
    const auto refusal = [&](const std::string& members) {
        return AwsClient::text_at(assume(members), "Error/Message");
    };
    EXPECT_TRUE(refusal(role).ends_with("'roleSessionName' failed to satisfy constraint: Member must not be null"));
    EXPECT_TRUE(refusal(role + "&RoleSessionName=a").ends_with("[\\w+=,.@-]{2,64}"));
    EXPECT_TRUE(refusal(role + "&RoleSessionName=me&DurationSeconds=899").ends_with("greater than or equal to 900"));
    EXPECT_TRUE(refusal(role + "&RoleSessionName=me&ExternalId=x").ends_with("Member must have length from 2 to 1224"));
    EXPECT_EQ(refusal("&RoleArn=ops&RoleSessionName=me"), "ops is invalid");
}

} // namespace
} // namespace ecsr::local
