// The table of a service's operations: which request asks for which answer, under which name. Internal to aws/ and its
// tests: a client finds name and answer type by the type of the request, and the contract test prints the same table.
#pragma once

#include "aws/call.hpp"

namespace ecsr::aws {

template <class RequestT, class AnswerT>
struct Operation {
    using Request = RequestT;
    using Answer = AnswerT;
    const char* name;
    Repeat repeat = Repeat::Safe;
};

template <class... Ops>
struct Operations : Ops... {};
template <class... Ops>
Operations(Ops...) -> Operations<Ops...>;

// The operation that `Request` asks for: find_operation<ListTasksRequest>(operations).
template <class Request, class Answer>
constexpr Operation<Request, Answer> find_operation(const Operation<Request, Answer>& operation) {
    return operation;
}

template <class Visit, class... Ops>
void for_each_operation(const Operations<Ops...>& operations, Visit visit) {
    (visit(static_cast<const Ops&>(operations)), ...);
}

} // namespace ecsr::aws
