#include "model/run_spec.hpp"

#include <gmock/gmock.h>

namespace ecsr {
namespace {

using testing::HasSubstr;

TEST(Amount, a_percentage_is_rounded_up_and_at_least_one) {
    EXPECT_EQ((Amount{25, true}.of(10)), 3);
    EXPECT_EQ((Amount{1, true}.of(3)), 1);
    EXPECT_EQ((Amount{0, true}.of(3)), 0);
    EXPECT_EQ((Amount{100, true}.of(7)), 7);
    EXPECT_EQ((Amount{4, false}.of(2)), 4);
}

TEST(Amount, reads_back_what_it_prints) {
    for (const Amount amount : {Amount{3, false}, Amount{25, true}, Amount{0, false}}) {
        EXPECT_EQ(parse_amount(to_string(amount)).value(), amount);
    }
}

TEST(Amount, refuses_what_is_none) {
    for (const char* text : {"", "%", "-1", "101%", "5001", "3 %", "1.5", "many"}) {
        const auto parsed = parse_amount(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, ErrorKind::Usage);
    }
}

TEST(Words, are_read_back_and_name_what_is_allowed) {
    for (const auto value : {Order::Oldest, Order::Newest, Order::Az, Order::Random}) {
        EXPECT_EQ(parse_order(to_string(value)).value(), value);
    }
    for (const auto value : {Drain::Auto, Drain::ScaleIn, Drain::StopTask}) {
        EXPECT_EQ(parse_drain(to_string(value)).value(), value);
    }
    EXPECT_THAT(parse_drain("kill").error().message, HasSubstr("auto, scale-in, stop-task"));
    EXPECT_THAT(parse_strategy("canary").error().message, HasSubstr("rolling, force-deployment"));
    EXPECT_THAT(parse_on_error("ignore").error().message, HasSubstr("restore, pause"));
}

} // namespace
} // namespace ecsr
