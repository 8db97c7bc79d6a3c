// golf-pack: checkpoint to artifact, and back.
#include "common/run_main.h"
#include "golf_pack/commands.h"

int main(int argc, char** argv) {
  return golf::run_main("golf-pack", [&] {
    golf::CommandLine line(golf::pack_info());
    golf::add_pack_options(line);
    golf::add_unpack_command(line);
    golf::add_sweep_command(line);
    golf::add_schemes_command(line);
    golf::add_recipes_command(line);
    golf::add_prefix_command(line);
    return line.run(argc, argv);
  });
}
