#pragma once

namespace golf {

/// From now on the first SIGINT or SIGTERM is a request to stop, for stop_signal() to tell. Another one two
/// seconds later ends the process at once; sooner it counts as the same one, since terminals, `timeout`
/// and torchrun send several. Also where the parent had SIGINT ignored, as shells do for what they start in
/// the background.
/// @param announce  tell on standard error that the request was heard
void catch_stop_signals(bool announce);

/// The signal that asked to stop, or 0.
int stop_signal();

}  // namespace golf
