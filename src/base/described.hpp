// Walking the members of a struct that is described with BOOST_DESCRIBE_STRUCT. For .cpp files and internal headers
// alone.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace ecsr::described {

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
concept Struct = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <class T>
concept Enum = boost::describe::has_describe_enumerators<T>::value;

template <class T>
inline constexpr std::size_t member_count = boost::mp11::mp_size<Members<T>>::value;

template <class T, class Descriptor>
using MemberType = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;

template <class T, class List>
inline constexpr bool initialised_by_all = false;
template <class T, class... D>
inline constexpr bool initialised_by_all<T, boost::mp11::mp_list<D...>> =
    requires { T{std::declval<MemberType<T, D>>()...}; };

template <class T, class List>
inline constexpr bool initialised_by_one_more = true;
template <class T, class... D>
inline constexpr bool initialised_by_one_more<T, boost::mp11::mp_list<D...>> =
    requires { T{std::declval<MemberType<T, D>>()..., {}}; };

// Every member of the aggregate is described, in its order: a member that is forgotten in the description (and would
// silently stay off the wire) does not compile.
template <class T>
inline constexpr bool is_complete =
    std::is_empty_v<T> || (initialised_by_all<T, boost::mp11::mp_rename<Members<T>, boost::mp11::mp_list>> &&
                           !initialised_by_one_more<T, boost::mp11::mp_rename<Members<T>, boost::mp11::mp_list>>);

// The members' names as `Policy` spells them, in order; made once per type.
template <class Policy, class T>
const std::array<std::string, member_count<T>>& wire_names() {
    static const auto names = [] {
        std::array<std::string, member_count<T>> made;
        std::size_t i = 0;
        boost::mp11::mp_for_each<Members<T>>([&](auto descriptor) { made[i++] = Policy::member(descriptor.name); });
        return made;
    }();
    return names;
}

// Calls visit(name, member) for every member, with its name as `Policy` spells it.
template <class Policy, class T, class Visit>
void for_each_member(T& object, Visit visit) {
    using Plain = std::remove_cv_t<T>;
    static_assert(is_complete<Plain>, "describe every member of the struct, in its order");
    const auto& names = wire_names<Policy, Plain>();
    std::size_t i = 0;
    boost::mp11::mp_for_each<Members<Plain>>(
        [&](auto descriptor) { visit(names[i++], object.*decltype(descriptor)::pointer); });
}

} // namespace ecsr::described
