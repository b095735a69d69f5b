import { readFile, readdir } from 'node:fs/promises';

/** The process that holds a namespace of a running lab, by the label it was opened with (`demo/client`). */
export async function findHolder(label: string): Promise<number | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environ.split('\0').includes(`HEDDLE_LAB_HOLDER=${label}`)) return Number(pid);
  }
  return undefined;
}
