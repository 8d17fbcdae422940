// A network of a task's own: a Linux network namespace, joined to this machine's network by a pair of virtual Ethernet
// devices with a route to the task's one address. Made with `ip` (iproute2).
//
// Nothing of it has a name in a file system: it lasts as long as something is open or runs in it, and takes its devices
// and its route along. So nothing stays when this process is killed and its containers with it.
#pragma once

#include "base/error.hpp"
#include "local/runtime/file_descriptor.hpp"

#include <functional>
#include <memory>
#include <string>

namespace ecsr::local {

// Something inside that is let go of with the namespace; may be null.
using Tenant = std::shared_ptr<void>;

class NetworkNamespace {
public:
    // `device` names the end on this machine, at most 15 characters. `move_in` runs on a thread inside, where loopback
    // and `address` work already: sockets that it opens are of the namespace. Error: Io; the message tells why none
    // can be made here.
    static Result<std::unique_ptr<NetworkNamespace>> create(const std::string& address, const std::string& device,
                                                            const std::function<Tenant()>& move_in = {});

    // To be entered by setns().
    int descriptor() const { return space_.get(); }

private:
    NetworkNamespace(FileDescriptor space, Tenant tenant) : space_(std::move(space)), tenant_(std::move(tenant)) {}

    FileDescriptor space_;
    Tenant tenant_;
};

} // namespace ecsr::local
