#include "net/http_server.hpp"

#include "base/log.hpp"
#include "net/http_session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <future>
#include <thread>

namespace ecsr {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long peers may take to read the last answers when the server ends.
constexpr Millis last_answers_timeout{5000};
constexpr Millis accept_retry{100};

class BeastServer final : public HttpServer {
public:
    BeastServer(const HttpServerOptions& options, HttpHandler handler)
        : serving_(options, std::move(handler)), acceptor_(serving_.io), timer_(serving_.io) {}

    ~BeastServer() override;

    Status listen();
    std::uint16_t port() const override { return port_; }

private:
    void accept();
    void accept_later(const error_code& reason);
    void stop_accepting();
    void close_after(Millis delay);

    net::HttpServing serving_;
    tcp::acceptor acceptor_;
    asio::steady_timer timer_; // before the stop: accept again; after it: close what is left
    asio::executor_work_guard<asio::io_context::executor_type> until_handlers_end_ = asio::make_work_guard(serving_.io);
    std::uint16_t port_ = 0;
    std::thread io_thread_;
};

Status BeastServer::listen() {
    const auto& options = serving_.options;
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error || (!address.is_loopback() && !options.beyond_loopback)) {
        return fail(ErrorKind::Usage, fmt::format("\"{}\" is not a loopback address", options.address));
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) { acceptor_.set_option(tcp::acceptor::reuse_address(true), error); }
    if (!error) { acceptor_.bind(endpoint, error); }
    if (!error) { acceptor_.listen(asio::socket_base::max_listen_connections, error); }
    if (!error) { port_ = acceptor_.local_endpoint(error).port(); }
    if (error) {
        return fail(ErrorKind::Io,
                    fmt::format("cannot listen on {}:{}: {}", options.address, options.port, error.message()));
    }
    accept();
    io_thread_ = std::thread([this] { serving_.io.run(); });
    return {};
}

void BeastServer::accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || serving_.stopping) { return; }
        if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
            error == asio::error::no_memory) {
            return accept_later(error);
        }
        if (!error) { std::make_shared<net::HttpSession>(std::move(socket), serving_)->start(); }
        accept();
    });
}

// Without the pause a process that is out of descriptors would spin.
void BeastServer::accept_later(const error_code& reason) {
    log(LogLevel::Warning, "cannot accept connections now", {{"error", reason.message()}});
    timer_.expires_after(accept_retry);
    timer_.async_wait([this](error_code error) {
        if (!error && !serving_.stopping) { accept(); }
    });
}

void BeastServer::stop_accepting() {
    error_code ignored; // closing a listening socket frees it in any case
    serving_.stopping = true;
    acceptor_.close(ignored);
    timer_.cancel();
    for (auto* session : serving_.sessions) { session->stop_when_answered(); }
}

void BeastServer::close_after(Millis delay) {
    if (serving_.sessions.empty()) { return; }
    serving_.on_last_session_gone = [this] { timer_.cancel(); };
    timer_.expires_after(delay);
    timer_.async_wait([this](error_code error) {
        if (error) { return; }
        for (auto* session : serving_.sessions) { session->close_now(); }
    });
}

BeastServer::~BeastServer() {
    if (!io_thread_.joinable()) { return; }
    std::promise<void> stopped;
    asio::post(serving_.io, [&] {
        stop_accepting();
        stopped.set_value();
    });
    stopped.get_future().wait();
    serving_.workers.join(); // running handlers finish; no new one starts
    asio::post(serving_.io, [this] { close_after(last_answers_timeout); });
    until_handlers_end_.reset();
    io_thread_.join();
}

} // namespace

Result<std::unique_ptr<HttpServer>> start_http_server(const HttpServerOptions& options, HttpHandler handler) {
    auto server = std::make_unique<BeastServer>(options, std::move(handler));
    if (auto listening = server->listen(); !listening) { return std::unexpected(std::move(listening).error()); }
    return std::unique_ptr<HttpServer>(std::move(server));
}

} // namespace ecsr
