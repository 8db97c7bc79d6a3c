// golf-eval: bits per byte of a model, or of the losses that some program left behind.
#include <string_view>

#include "common/run_main.h"
#include "golf_eval/audit_command.h"
#include "golf_eval/eval_command.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-eval", [&] {
    // A command comes first; a model of that name is written ./audit.
    if (argc > 1 && std::string_view(argv[1]) == "audit")
      return golf::audit_command(argc - 1, argv + 1, golf::libtorch_version());
    return golf::eval_command(argc, argv);
  });
}
