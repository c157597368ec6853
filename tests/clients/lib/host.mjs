// Where everything that a test file starts listens. Files run side by side, and who dials a port that is closed for the
// moment must not reach a neighbour who was given it meanwhile: each process has an address of its own.

const { pid, platform } = process

/** An address of this machine alone. Linux has sixteen million of them, others one. */
export const HOST = platform === 'linux'
  ? `127.${64 + (pid >> 14) % 64}.${(pid >> 7) % 128}.${1 + pid % 128}`
  : '127.0.0.1'
