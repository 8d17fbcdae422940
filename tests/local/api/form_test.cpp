#include "local/api/form.hpp"
#include "local/api/paging.hpp"
#include "local/api/xml.hpp"

#include <gtest/gtest.h>
#include <pugixml.hpp>
#include <set>

namespace ecsr::local::wire {
namespace {

std::string form(std::string_view text) {
    return to_text(parse_form(text));
}

TEST(Form, FieldsAreDecoded) {
    EXPECT_EQ(form("Action=X&Name=a%20b+c%26"), R"({"Action":"X","Name":"a b c&"})");
}

TEST(Form, MembersBecomeListsInTheOrderOfTheirNumbers) {
    EXPECT_EQ(form("N.member.10=c&N.member.2=b&N.member.1=a"), R"({"N":["a","b","c"]})");
}

TEST(Form, ListsOfObjectsNest) {
    EXPECT_EQ(form("T.member.1.Id=a&T.member.1.Tags.member.1.Key=k&T.member.2.Id=b"),
              R"({"T":[{"Id":"a","Tags":[{"Key":"k"}]},{"Id":"b"}]})");
}

TEST(Form, AnObjectThatOnlyLooksLikeAListStaysAnObject) {
    EXPECT_EQ(form("T.member.x=a"), R"({"T":{"member":{"x":"a"}}})");
    EXPECT_EQ(form("T.member=a"), R"({"T":{"member":"a"}})");
}

TEST(Form, WhatMakesNoSenseIsLeftOut) {
    EXPECT_EQ(form(""), "{}");
    EXPECT_EQ(form("&=x&a=1"), R"({"a":"1"})");
    EXPECT_EQ(form("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1"), "{}");
    EXPECT_EQ(form("a=1&a.b=2"), R"({"a":{"b":"2"}})");
}

TEST(Json, NumbersAreWrittenPlain) {
    EXPECT_EQ(to_text(json::value{1672909881.161, 0.5, 3, true, nullptr, "a\"b"}),
              R"([1672909881.161,0.5,3,true,null,"a\"b"])");
}

TEST(Xml, TextIsEscapedAndListsHaveMembers) {
    json::object result;
    result["A"] = "<&>\"\x01";
    result["L"] = json::array{1, true};
    result["E"] = json::array();
    const auto text = xml_result("Op", "urn:x", result, "id-1");
    EXPECT_EQ(text, "<OpResponse xmlns=\"urn:x\"><OpResult><A>&lt;&amp;&gt;&quot;</A><L><member>1</member><member>true"
                    "</member></L><E></E></OpResult><ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata>"
                    "</OpResponse>\n");
}

TEST(Xml, AnErrorOfTheServerIsTheReceivers) {
    const auto text = xml_error({"InternalFailure", "oh <no>", 500}, "urn:x", "id");
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(text.c_str()));
    EXPECT_STREQ(document.document_element().first_element_by_path("Error/Type").text().as_string(), "Receiver");
    EXPECT_STREQ(document.document_element().first_element_by_path("Error/Message").text().as_string(), "oh <no>");
}

std::vector<std::string> keys(int count) {
    std::vector<std::string> result;
    for (int i = 0; i < count; ++i) { result.push_back("key/" + std::to_string(100 + i)); }
    return result;
}

TEST(Paging, EveryKeyComesOnce) {
    const auto all = keys(7);
    std::vector<std::string> seen;
    std::string token;
    int pages = 0;
    do {
        const auto page = cut_page(all, 3, token);
        ASSERT_TRUE(page);
        seen.insert(seen.end(), page->keys.begin(), page->keys.end());
        token = page->next_token;
        ++pages;
    } while (!token.empty());
    EXPECT_EQ(seen, all);
    EXPECT_EQ(pages, 3);
}

TEST(Paging, AFullLastPageHasNoToken) {
    EXPECT_EQ(cut_page(keys(6), 6, "")->next_token, "");
    EXPECT_TRUE(cut_page({}, 6, "")->keys.empty());
}

TEST(Paging, KeysThatGoAwayBetweenPagesHideNoOther) {
    auto all = keys(6);
    const auto first = cut_page(all, 3, "");
    all.erase(all.begin() + 2); // the last one told
    EXPECT_EQ(cut_page(all, 3, first->next_token)->keys, (std::vector<std::string>{"key/103", "key/104", "key/105"}));
    all.erase(all.begin()); // one before it
    const auto rest = cut_page(all, 3, first->next_token)->keys;
    EXPECT_LE(rest.size(), 3U);
}

TEST(Paging, ATokenThatWasNeverGivenOutIsRefused) {
    for (const char* token : {"x", "zz", "6b", "abc", "2f", "302f61", "ff2f61"}) {
        EXPECT_FALSE(cut_page(keys(3), 2, token)) << token;
    }
}

} // namespace
} // namespace ecsr::local::wire
