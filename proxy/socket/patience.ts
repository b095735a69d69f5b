/**
 * Calls back after `ms` milliseconds, once what had arrived by then is read: a process that was kept from running sees its
 * timers before its sockets, and would take for silent who spoke long ago. Returns how to cancel.
 */
export function waitForSilence(ms: number, onSilence: () => void): () => void {
  let look: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    look = setImmediate(onSilence);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(look);
  };
}
