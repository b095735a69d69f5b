import { setTimeout as sleep } from 'node:timers/promises';
import type { LabProcess } from '../process.ts';

/** A line of a sidecar's access log, the fields that the demo shows. */
export type AccessLine = {
  readonly direction: 'outbound' | 'inbound';
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly service?: string;
  readonly route?: string;
  readonly rule?: number;
  readonly ruleName?: string;
  readonly matched?: string;
  readonly backend?: string;
  readonly share?: string;
  readonly endpoint?: string;
  readonly reason?: string;
};

/** The outbound request lines that a sidecar printed from line `from` on. */
export function outboundLines(sidecar: LabProcess, from: number): AccessLine[] {
  return sidecar.lines.slice(from).flatMap((text) => {
    const line = parse(text);
    return line?.direction === 'outbound' && line.status !== undefined ? [line] : [];
  });
}

/** The first outbound request line from line `from` on; undefined when none comes within two seconds. */
export async function nextOutboundLine(sidecar: LabProcess, from: number): Promise<AccessLine | undefined> {
  const deadline = Date.now() + 2000;
  while (Date.now() < deadline) {
    const [line] = outboundLines(sidecar, from);
    if (line !== undefined) return line;
    await sleep(5);
  }
  return undefined;
}

/** The line's explanation as one sentence for people. */
export function sentence(line: AccessLine): string {
  const rule = line.ruleName === undefined ? `${line.rule}` : `${line.rule} "${line.ruleName}"`;
  const parts = [
    line.route === undefined ? 'no rule' : `${line.route}, rule ${rule}, ${line.matched ?? ''}`,
    line.backend === undefined ? undefined : `${line.backend} (${line.share ?? ''})`,
    line.endpoint,
    `${line.status} in ${line.durationMs.toFixed(1)} ms`,
  ].filter((part) => part !== undefined);
  return parts.join(' → ') + (line.reason === undefined ? '' : `: ${line.reason}`);
}

function parse(text: string): AccessLine | undefined {
  try {
    return JSON.parse(text) as AccessLine;
  } catch {
    return undefined;
  }
}
