#include "common/run_main.h"
#include "golf_train/process.h"
#include "golf_train/train_command.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-train", [&] {
    return golf::with_error_file(golf::environment_variable, [&] { return golf::train_command(argc, argv); });
  });
}
