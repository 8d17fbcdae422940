// One connection of the HTTP server: read a request, have it handled, write the answer, again.
#pragma once

#include "base/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>

namespace ecsr::net {

class HttpSession;

// What all sessions of a server share.
struct HttpServing {
    HttpServerOptions options;
    HttpHandler handler;

    // For the I/O thread alone.
    std::unordered_set<HttpSession*> sessions;
    bool stopping = false;
    std::function<void()> on_last_session_gone;

    boost::asio::io_context io{1};
    boost::asio::thread_pool workers;

    HttpServing(HttpServerOptions wanted, HttpHandler takes);
};

// Everything but a handler that may wait runs on the I/O thread. Lives as long as an operation on its socket or its
// handler does.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
public:
    HttpSession(boost::asio::ip::tcp::socket socket, HttpServing& serving);
    ~HttpSession();
    HttpSession(const HttpSession&) = delete;
    HttpSession& operator=(const HttpSession&) = delete;

    void start();
    // A session that waits for a request closes now; one that answers a request closes after the answer.
    void stop_when_answered();
    void close_now();

private:
    using Response = boost::beast::http::response<boost::beast::http::string_body>;
    using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

    void wait_for_request();
    void read_arrived();
    void read_header();
    void read_body();
    void ask_for_body();
    void refuse(boost::beast::error_code reason);
    void handle();
    void write(HttpResponse answer);
    void finish_writing();
    void drain();

    HttpServing& serving_;
    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    std::optional<RequestParser> parser_;
    std::optional<Response> response_;
    bool answering_ = false; // a request is being handled or answered
    bool keep_alive_ = false;
    std::size_t drained_ = 0;
};

} // namespace ecsr::net
