#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/environment.h"
#include "common/run_main.h"
#include "golf/train/parallel/launch_environment.h"

// golf-train as a process among others: its environment, its signals, the ranks that it starts, and what
// torchrun wants to read when it fails.

namespace golf {

/// Leaves `message` where torchrun looks for the reason of a rank's failure: in the file that
/// TORCHELASTIC_ERROR_FILE names, as JSON in torchelastic's form, whole or not at all. Without the variable
/// it does nothing; a file that cannot be written must not hide the failure itself, so that is passed over.
void write_error_file(const VariableLookup& variable, const std::string& message) noexcept;

/// Runs `body`; what it throws is written there and thrown on.
ExitCode with_error_file(const VariableLookup& variable, const std::function<ExitCode()>& body);

/// From now on the first SIGINT or SIGTERM is a request to stop, for stop_signal() to tell. Another one two
/// seconds later ends the process at once; sooner it counts as the same one, since terminals, `timeout`
/// and torchrun send several. Also where the parent had SIGINT ignored, as shells do for what they start in
/// the background.
/// @param announce  tell on standard error that the request was heard
void catch_stop_signals(bool announce);

/// The signal that asked to stop, or 0.
int stop_signal();

/// Whether this process is a rank that launch_ranks() started.
bool is_launched_rank(const VariableLookup& variable);

/// Starts this program `count` more times, as the ranks of one run on this machine, with torchrun's variables
/// and the processors shared out between them, and waits for all. SIGINT and SIGTERM are passed on. When one
/// rank dies the others, who notice by themselves, get `grace_seconds` to leave before they are killed.
/// @return 0, or the exit status of the rank that failed first: 128 + N for one that signal N ended
/// @throws Error kIo when a process cannot be started
int launch_ranks(int count, double grace_seconds, const char* const* argv);

}  // namespace golf
