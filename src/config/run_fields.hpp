// The fields of a policy that say how a service is recycled: those of a RunSpec, under the names of the flags of
// "recycle". Internal to config/.
#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace ecsr::config {

const Fields<RunSpec>& run_fields();

} // namespace ecsr::config
