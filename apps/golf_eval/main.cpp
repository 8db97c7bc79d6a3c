#include "common/run_main.h"
#include "golf_eval/eval_command.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-eval", [&] { return golf::eval_command(argc, argv); });
}
