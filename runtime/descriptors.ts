import { readdirSync, readFileSync } from 'node:fs';

/** What a process may have open at once, and what it has: Node has raised the soft limit to the hard one at its start. */
export type Descriptors = { readonly limit: number; readonly open: number };

/** Infinite where neither can be told. */
export function countDescriptors(): Descriptors {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return { limit: Number(limit ?? Infinity), open: readdirSync('/proc/self/fd').length };
  } catch {
    return { limit: Infinity, open: 0 };
  }
}

/** Operator's ports, pipes of bulk transfers, the agent, mirrors, files that are read now and then. */
const mostOthers = 320;
const othersPart = 1 / 4;

/** How many accepted connections there may be, and how many to endpoints, so that descriptors remain for the rest. */
export function shareDescriptors({ limit, open }: Descriptors): {
  readonly accepted: number;
  readonly dialled: number;
} {
  const free = Math.max(0, limit - open);
  const others = Math.min(mostOthers, Math.floor(free * othersPart));
  const accepted = Math.max(1, Math.floor((free - others) / 2));
  return { accepted, dialled: accepted };
}
