import { readFileSync } from 'node:fs';
import { adviseMemory } from '../proxy/libc.ts';

const dontNeed = 4;

/** A mapping of /proc/self/smaps (proc_pid_smaps(5)). */
export type Mapping = { readonly start: number; readonly end: number; readonly residentKb: number };

/**
 * Gives back the pages of Node's own program file, most of which its start alone needed, or compiling: about half of what an
 * idle sidecar has resident. They are read-only and unchanged, so the kernel brings back from its page cache those that are used again.
 * Returns how many kilobytes were given back; where /proc cannot be read, none.
 */
export function giveBackStartupPages(): number {
  let smaps: string;
  try {
    smaps = readFileSync('/proc/self/smaps', 'utf8');
  } catch {
    return 0;
  }
  let givenKb = 0;
  for (const mapping of unchangedMappings(smaps, process.execPath)) {
    if (adviseMemory(mapping, dontNeed)) givenKb += mapping.residentKb;
  }
  return givenKb;
}

/** The mappings of `file` that cannot be written and of which no page differs from the file: nothing can be lost with them. */
export function unchangedMappings(smaps: string, file: string): Mapping[] {
  const found: Mapping[] = [];
  for (const block of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, start, end, path] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(.*)$/m.exec(block) ?? [];
    if (start === undefined || end === undefined || path !== file || numberOf(block, 'Anonymous') !== 0) continue;
    const residentKb = numberOf(block, 'Rss') ?? 0;
    found.push({ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), residentKb });
  }
  return found;
}

function numberOf(block: string, field: string): number | undefined {
  const digits = new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(block)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
