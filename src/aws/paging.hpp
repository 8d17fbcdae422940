// Long lists: pages of an answer, chunks of a request. Internal to aws/, for .cpp files.
#pragma once

#include "base/described.hpp"
#include "base/error.hpp"
#include "base/json_kinds.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace ecsr::aws {

// A list longer than this is an answer gone wrong, not a list: 1000 pages of 100.
inline constexpr int pages_max = 1000;

// Moves the items of every list of `from` to the end of the same list of `into`.
template <class Answer>
void append_lists(Answer& into, Answer& from) {
    boost::mp11::mp_for_each<described::Members<Answer>>([&](auto descriptor) {
        constexpr auto pointer = decltype(descriptor)::pointer;
        if constexpr (json::Sequence<described::MemberType<Answer, decltype(descriptor)>>) {
            std::ranges::move(from.*pointer, std::back_inserter(into.*pointer));
        }
    });
}

// Calls `fetch(request)` page after page; the answer's token goes into the next request. `what` begins the error when a
// token repeats itself or there is no end.
template <class Request, class Answer, class Fetch>
Result<Answer> all_pages(Request request, std::string Request::* token_in, std::string Answer::* token_out,
                         const std::string& what, Fetch fetch) {
    Answer all;
    for (int page = 0; page < pages_max; ++page) {
        Result<Answer> answer = fetch(std::as_const(request));
        if (!answer) { return answer; }
        append_lists(all, *answer);
        if ((*answer).*token_out == "") { return all; }
        if ((*answer).*token_out == request.*token_in) {
            return fail(ErrorKind::Remote, what + ": the answer names its own page as the next one");
        }
        request.*token_in = (*answer).*token_out;
    }
    return fail(ErrorKind::Remote, what + ": no end after " + std::to_string(pages_max) + " pages");
}

// Calls `fetch(request)` for at most `limit` items of the request's list at a time; not at all when the list is empty.
template <class Answer, class Request, class Item, class Fetch>
Result<Answer> in_chunks(const Request& request, std::vector<Item> Request::* list, std::size_t limit, Fetch fetch) {
    Answer all;
    const std::vector<Item>& items = request.*list;
    for (std::size_t begin = 0; begin < items.size(); begin += limit) {
        Request part = request;
        const auto first = items.begin() + static_cast<std::ptrdiff_t>(begin);
        (part.*list).assign(first, first + static_cast<std::ptrdiff_t>(std::min(limit, items.size() - begin)));
        Result<Answer> answer = fetch(std::as_const(part));
        if (!answer) { return answer; }
        append_lists(all, *answer);
    }
    return all;
}

} // namespace ecsr::aws
