#include "golf/artifact/base/version.h"

namespace golf {

std::string_view project_version() { return GOLF_VERSION; }

std::string_view git_commit() { return GOLF_GIT_COMMIT; }

}  // namespace golf
