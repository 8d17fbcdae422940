#include "net/http_session.hpp"

#include "base/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>
#include <utility>

namespace ecsr::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint32_t header_limit = 64U << 10U;
constexpr std::size_t read_ahead = 4096;
// How much of a refused request is read and thrown away, so that the peer sees the answer and not a reset.
constexpr std::size_t drain_limit = 64U << 20U;
constexpr Millis drain_timeout{2000};

HttpRequest to_request(http::request<http::string_body>&& message) {
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.url = std::string(message.target());
    for (const auto& field : message) { request.headers.emplace_back(field.name_string(), field.value()); }
    request.body = std::move(message.body());
    return request;
}

HttpResponse run_handler(const HttpHandler& handler, const HttpRequest& request) {
    try {
        return handler(request);
    } catch (const std::exception& problem) {
        log(LogLevel::Error, "the handler of an HTTP request failed",
            {{"url", request.url}, {"error", problem.what()}});
        return HttpResponse{500, {{"Content-Type", "text/plain"}}, "internal error\n"};
    }
}

int status_of(beast::error_code reason) {
    if (reason == http::error::body_limit) { return 413; }
    if (reason == http::error::header_limit || reason == http::error::buffer_overflow) { return 431; }
    return 400;
}

bool is_bad_request(beast::error_code reason) {
    return reason.category() == http::make_error_code(http::error::body_limit).category() &&
           reason != http::error::end_of_stream && reason != http::error::partial_message;
}

bool has_no_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

} // namespace

HttpServing::HttpServing(HttpServerOptions wanted, HttpHandler takes)
    : options(std::move(wanted)), handler(std::move(takes)),
      workers(static_cast<std::size_t>(options.threads > 0 ? options.threads : 1)) {}

HttpSession::HttpSession(asio::ip::tcp::socket socket, HttpServing& serving)
    : serving_(serving), stream_(std::move(socket)) {
    serving_.sessions.insert(this);
}

HttpSession::~HttpSession() {
    serving_.sessions.erase(this);
    if (serving_.sessions.empty() && serving_.on_last_session_gone) { serving_.on_last_session_gone(); }
}

void HttpSession::start() {
    beast::error_code ignored; // the option only saves latency
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    wait_for_request();
}

void HttpSession::stop_when_answered() {
    if (!answering_) { close_now(); }
}

void HttpSession::close_now() {
    beast::error_code ignored; // there is nothing left to do with a socket that does not close
    stream_.socket().close(ignored);
}

void HttpSession::wait_for_request() {
    answering_ = false;
    if (serving_.stopping) { return close_now(); }
    parser_.emplace();
    parser_->body_limit(serving_.options.body_limit);
    parser_->header_limit(header_limit);
    if (buffer_.size() > 0) { return read_header(); } // pipelined
    buffer_ = beast::flat_buffer();                   // an idle connection holds no buffer of its last request
    stream_.expires_after(serving_.options.idle_timeout);
    stream_.async_read_some(buffer_.prepare(read_ahead),
                            [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                                if (error) { return; }
                                self->buffer_.commit(bytes);
                                self->read_arrived();
                            });
}

// Most requests arrive whole: they need no further operations, nor a deadline of their own.
void HttpSession::read_arrived() {
    parser_->eager(true);
    beast::error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error && error != http::error::need_more) { return refuse(error); }
    if (parser_->is_done()) { return handle(); }
    read_header();
}

void HttpSession::read_header() {
    stream_.expires_after(serving_.options.request_timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                                if (error) { return self->refuse(error); }
                                if (beast::iequals(self->parser_->get()[http::field::expect], "100-continue")) {
                                    return self->ask_for_body();
                                }
                                self->read_body();
                            });
}

void HttpSession::ask_for_body() {
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(go_on), [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (!error) { self->read_body(); }
    });
}

void HttpSession::read_body() {
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (error) { return self->refuse(error); }
        self->handle();
    });
}

void HttpSession::refuse(beast::error_code reason) {
    if (!is_bad_request(reason)) { return; } // closed, reset or timed out: nobody is there to be told
    answering_ = true;
    keep_alive_ = false;
    write(HttpResponse{status_of(reason), {{"Content-Type", "text/plain"}}, reason.message() + "\n"});
}

void HttpSession::handle() {
    answering_ = true;
    keep_alive_ = parser_->get().keep_alive();
    auto request = to_request(parser_->release());
    const auto& at_once = serving_.options.is_answered_at_once;
    if (at_once && at_once(request)) { return write(run_handler(serving_.handler, request)); }
    asio::post(serving_.workers, [self = shared_from_this(), request = std::move(request)]() mutable {
        HttpResponse answer = run_handler(self->serving_.handler, request);
        auto& io = self->serving_.io;
        asio::post(io,
                   [self = std::move(self), answer = std::move(answer)]() mutable { self->write(std::move(answer)); });
    });
}

void HttpSession::write(HttpResponse answer) {
    if (answer.status == 0) { return close_now(); }
    const bool head = parser_->get().method() == http::verb::head;
    const bool empty = has_no_body(answer.status);
    response_.emplace();
    response_->result(static_cast<unsigned>(answer.status));
    for (const auto& [name, value] : answer.headers) { response_->insert(name, value); }
    keep_alive_ = keep_alive_ && !serving_.stopping;
    response_->keep_alive(keep_alive_);
    if (!empty) { response_->content_length(answer.body.size()); }
    if (!empty && !head) { response_->body() = std::move(answer.body); }
    stream_.expires_after(serving_.options.request_timeout);
    http::async_write(stream_, *response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (!error) { self->finish_writing(); }
    });
}

void HttpSession::finish_writing() {
    response_.reset();
    if (keep_alive_) { return wait_for_request(); }
    answering_ = false;
    beast::error_code error;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (error || serving_.stopping) { return close_now(); }
    stream_.expires_after(drain_timeout);
    drain();
}

void HttpSession::drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(read_ahead),
                            [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                                self->drained_ += bytes;
                                if (!error && self->drained_ < drain_limit) { self->drain(); }
                            });
}

} // namespace ecsr::net
