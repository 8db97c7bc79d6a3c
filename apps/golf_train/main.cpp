#include "common/run_main.h"
#include "golf_train/error_file.h"
#include "golf_train/train_command.h"
#include "golf_train/train_options.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-train", [&] {
    return golf::with_error_file(golf::environment_variable, [&] { return golf::train_command(argc, argv); });
  });
}
