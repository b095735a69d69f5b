import type { Answer } from './scripted.ts';

/** An object of the API as far as a watch looks at it. */
export function thing(name: string, resourceVersion: number, uid = `uid-${name}`) {
  return { metadata: { namespace: 'shop', name, uid, resourceVersion: String(resourceVersion) } };
}

export type Message = { readonly type: string; readonly object: unknown };

export function added(...args: Parameters<typeof thing>): Message {
  return { type: 'ADDED', object: thing(...args) };
}

export function bookmark(resourceVersion: number, end: 'end of list' | 'no end' = 'no end'): Message {
  const annotations = end === 'end of list' ? { 'k8s.io/initial-events-end': 'true' } : {};
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(resourceVersion), annotations } } };
}

export function line(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

/** A watch that sends these messages and stays open. */
export function sends(...messages: readonly Message[]): Answer {
  return (_, response) => void response.write(messages.map(line).join(''));
}

/** A watch that sends these messages and ends. */
export function sendsAndEnds(...messages: readonly Message[]): Answer {
  return (_, response) => void response.end(messages.map(line).join(''));
}

export const status = (code: number, reason: string) => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message: reason,
});
