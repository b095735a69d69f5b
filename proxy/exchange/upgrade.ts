/** The reason in the line of a request that asked to upgrade its connection, behind why it failed, if it did. */
export function explainUpgrade(to: string, reason: string | undefined): string {
  const dropped = `the client asked to upgrade to ${to}, and was passed on without that: declare the port as TCP if it needs it`;
  return reason === undefined ? dropped : `${reason}; ${dropped}`;
}
