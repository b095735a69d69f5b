/** The reason in the line of a request whose upgrade was not passed on, behind why it failed, if it did. */
export function explainUpgrade(to: string, reason: string | undefined): string {
  const dropped = `the client asked to upgrade to ${to}, and was passed on without that`;
  return reason === undefined ? dropped : `${reason}; ${dropped}`;
}
