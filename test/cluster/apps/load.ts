import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Sends requests over kept connections, and prints how they were answered as JSON:
 * how often each status (or error) came, each pod answered, and the slowest answer.
 */
export async function load([url = '', count = '1', parallel = '1', perSecond]: readonly string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: Number(parallel) });
  const statuses: Record<string, number> = {};
  const pods: Record<string, number> = {};
  let left = Number(count);
  let slowestMs = 0;
  const startedAt = Date.now();
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      sent += 1;
      const due = perSecond === undefined ? 0 : startedAt + (sent / Number(perSecond)) * 1000 - Date.now();
      if (due > 0) await sleep(due);
      const at = Date.now();
      const { status, pod } = await once(url, agent);
      slowestMs = Math.max(slowestMs, Date.now() - at);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (pod !== undefined) pods[pod] = (pods[pod] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: Number(parallel) }, worker));
  agent.destroy();
  console.log(JSON.stringify({ statuses, pods, slowestMs, durationMs: Date.now() - startedAt }));
  process.exit(0);
}

function once(url: string, agent: Agent): Promise<{ status: string; pod?: string }> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => resolve({ status: error.code ?? error.message });
    const request = get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('error', fail);
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const pod = /"pod":"([^"]*)"/.exec(text)?.[1];
        resolve({ status: String(response.statusCode), ...(pod === undefined ? {} : { pod }) });
      });
    });
    request.setTimeout(30_000, () => request.destroy(new Error('timeout'))).on('error', fail);
  });
}
