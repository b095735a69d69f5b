/** What a condition may hold is 32,768: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#condition-v1-meta */
const maximumLength = 30_000;

/** All messages in one, each once; of more than a condition can hold, how many are left out. */
export function joinMessages(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  let length = 0;
  const fit = distinct.filter((message, index) => (length += message.length + 2) <= maximumLength || index === 0);
  const more = distinct.length - fit.length;
  return [...fit, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
