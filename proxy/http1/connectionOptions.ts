import type { Fields } from '../message/fields.ts';
import type { Framing } from './framing.ts';
import { maxConnectionOptions } from './limits.ts';
import { type Refusal, refusals } from '../message/refusal.ts';

// Naming one of these in Connection must not make us drop it: that would change who is asked, or what the body is.
const neverHopByHop = new Set(['host', 'content-length', 'transfer-encoding', 'authorization']);

/**
 * Reads the options of Connection into `framing` and removes the fields that they name (RFC 9110 section 7.6.1), except
 * those whose loss would be an attack.
 */
export function takeConnectionOptions(fields: Fields, framing: Framing): Refusal | undefined {
  const { connection } = framing;
  if (connection === '') return undefined;
  let count = 0;
  for (let at = 0; at < connection.length;) {
    const comma = connection.indexOf(',', at);
    const end = comma < 0 ? connection.length : comma;
    const option = connection.slice(at, end).trim();
    at = end + 1;
    // An empty element of a list says nothing (RFC 9110 section 5.6.1).
    if (option === '') continue;
    // Each may cost a look at every field.
    if (++count > maxConnectionOptions) return refusals.connectionOptions;
    if (option === 'close') framing.closes = true;
    else if (option === 'keep-alive') framing.keepsAlive = true;
    else if (option === 'upgrade') framing.upgrades = true;
    else if (!neverHopByHop.has(option)) fields.remove(option);
  }
  return undefined;
}
