// Credentials, the places they come from, and the cache that keeps them fresh.
#pragma once

#include "aws/call_engine.hpp"
#include "aws/signing.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace ecsr::aws {

struct Credentials {
    SigningKey key;
    std::optional<Instant> expires_at; // empty: they do not expire
};

// What looking in one place gave.
struct Lookup {
    std::optional<Credentials> credentials;
    std::string absent_because; // without credentials: "AWS_ACCESS_KEY_ID is not set"
};

// One place. Used by one thread at a time.
class CredentialsSource {
public:
    virtual ~CredentialsSource() = default;

    // "environment", "profile dev, credentials file"; never a secret.
    virtual std::string name() const = 0;

    // Fetches new credentials each time. A place that is not set up for credentials is no error; one that is and fails
    // is: the places behind it are then not asked, because they would give an identity the user does not expect.
    virtual Result<Lookup> look_up(const std::stop_token& stop) = 0;
};

// The first place that has credentials; later look-ups ask that place alone. Error: Credentials, with every place that
// was looked at and why it has none.
class CredentialsChain : public CredentialsSource {
public:
    explicit CredentialsChain(std::vector<std::unique_ptr<CredentialsSource>> places);

    std::string name() const override; // of the place found; "credentials" before that
    Result<Lookup> look_up(const std::stop_token& stop) override;

private:
    const std::vector<std::unique_ptr<CredentialsSource>> places_;
    CredentialsSource* found_ = nullptr;
};

// Asks its source when there is nothing yet, and before the credentials expire (ECS behaviour H1): from 15 minutes
// before, one thread refreshes while the others go on with what is there; from 10 minutes before, all wait for the
// refresh. A refresh that fails is tried again after a minute, and what is there is used until it expires. Thread-safe.
class CredentialsCache : public KeySupplier {
public:
    CredentialsCache(std::unique_ptr<CredentialsSource> source, Clock& clock);

    // Errors: Credentials, Interrupted, and what the network gives.
    Result<SigningKey> key(const std::stop_token& stop) override;
    bool reject(const SigningKey& key) override;

    // Of the place the credentials came from.
    std::string source_name() const;

private:
    enum class Need { None, Wanted, Urgent, Missing };

    Need need(Instant now) const;
    Result<Credentials> fetch(const std::stop_token& stop);

    Clock& clock_;
    const std::unique_ptr<CredentialsSource> source_; // used by the thread that has set refreshing_

    mutable std::mutex mutex_; // guards what follows
    std::condition_variable_any refreshed_;
    std::optional<Credentials> current_;
    std::string source_name_;
    Instant next_try_{};
    bool refreshing_ = false;
};

} // namespace ecsr::aws
