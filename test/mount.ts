import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';

export type Mount = { file(name: string): string; write(files: Readonly<Record<string, string>>): void };

/** A folder as the kubelet mounts Secrets and ConfigMaps: files are links through `..data`, which is swapped whole. */
export function makeMount(t: ExecutionContext, files: Readonly<Record<string, string>>): Mount {
  const folder = mkdtempSync(path.join(tmpdir(), 'heddle-mount-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  let version = 0;
  const write = (next: Readonly<Record<string, string>>): void => {
    version += 1;
    const data = `..${version}`;
    mkdirSync(path.join(folder, data));
    for (const [name, text] of Object.entries(next)) writeFileSync(path.join(folder, data, name), text);
    symlinkSync(data, path.join(folder, '..data_tmp'));
    renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
  };
  write(files);
  const linked = new Set<string>();
  return {
    file(name) {
      if (!linked.has(name)) symlinkSync(path.join('..data', name), path.join(folder, name));
      linked.add(name);
      return path.join(folder, name);
    },
    write,
  };
}
