/**
 * Name of a script that a capture of ours compiles as the process starts: behind it are the monotonic clock in
 * microseconds, the time since 1970 in milliseconds and the thread's id, parted by colons. It ties the log's own
 * clock to these.
 */
export const CLOCK_MARK = 'throughline-clock:';
