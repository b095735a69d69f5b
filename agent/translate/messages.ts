const shownMessages = 3;

/** A few messages in one, each once, and how many more there are. */
export function joinMessages(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  const more = distinct.length - shownMessages;
  return [...distinct.slice(0, shownMessages), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
