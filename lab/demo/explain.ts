import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessLine } from '../accessLine.ts';
import type { LabProcess } from '../process.ts';

/** The request lines that a sidecar printed from line `from` on. */
export function requestLines(sidecar: LabProcess, from: number): AccessLine[] {
  return sidecar.lines.slice(from).flatMap((text) => {
    const line = parse(text);
    return line?.direction !== undefined && line.status !== undefined ? [line] : [];
  });
}

/** The first outbound request line from line `from` on; undefined when none comes within half a minute. */
export async function nextOutboundLine(sidecar: LabProcess, from: number): Promise<AccessLine | undefined> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const line = requestLines(sidecar, from).find(({ direction }) => direction === 'outbound');
    if (line !== undefined) return line;
    await sleep(5);
  }
  return undefined;
}

/** The line's explanation as one sentence for people. */
export function sentence(line: AccessLine): string {
  const parts = [
    line.direction === 'inbound' ? 'inbound' : chosen(line),
    line.backend !== undefined && line.share !== undefined ? `${line.backend} (${line.share})` : line.backend,
    line.endpoint,
    `${line.status} in ${line.durationMs.toFixed(1)} ms`,
  ].filter((part) => part !== undefined);
  return parts.join(' → ') + (line.reason === undefined ? '' : `: ${line.reason}`);
}

function chosen({ route, rule, ruleName, matched, flags }: AccessLine): string {
  if (route === undefined) return flags?.split(',').includes('NR') === true ? 'no rule' : 'no route';
  const name = ruleName === undefined ? '' : ` "${ruleName}"`;
  return [route, `rule ${rule}${name}`, matched].filter((part) => part !== undefined).join(', ');
}

function parse(text: string): AccessLine | undefined {
  try {
    return JSON.parse(text) as AccessLine;
  } catch {
    return undefined;
  }
}
