#pragma once

#include <string>

namespace golf {

/// Where an evaluation that was interrupted goes on.
struct ResumeOptions {
  std::string file = {};      ///< continued from when it is there, written meanwhile; empty: none
  double seconds = 60;        ///< between two writings
  std::string identity = {};  ///< of model, text and settings: the file of another evaluation is refused
};

}  // namespace golf
