import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { SourceEvent } from '../source.ts';
import { Changes } from './changes.ts';
import { FolderState, type Reporter } from './folderState.ts';
import { folderSignature } from './readFolder.ts';

export type FilesOptions = { readonly signal: AbortSignal; readonly report: Reporter; readonly pollMs?: number };

const quietMs = 12;
const maximumUnrestMs = 60;

/**
 * The objects in the YAML and JSON files of a folder, as they change. A broken file is reported and its last good
 * version keeps serving; a file that is removed takes its objects along. Ends when the signal aborts; never throws.
 */
export async function* watchFiles(folder: string, options: FilesOptions): AsyncGenerator<SourceEvent, void> {
  const changes = new Changes(quietMs, maximumUnrestMs);
  const state = new FolderState(options.report);
  const stop = watchFolder(folder, changes, options.pollMs ?? 2000);
  try {
    yield* await state.read(folder, changes);
    yield { type: 'listed' };
    while (await changes.next(options.signal)) yield* await state.read(folder, changes);
  } finally {
    stop();
  }
}

/** Pokes on every sign of change: from the kernel, and from looking every `pollMs` where the kernel sends none. */
function watchFolder(folder: string, changes: Changes, pollMs: number): () => void {
  let watcher: FSWatcher | undefined;
  let signature: string | undefined;
  let watched: string | undefined;
  let stopped = false;
  const open = (): void => {
    try {
      watcher = watch(folder, () => changes.poke());
      watcher.on('error', close);
      // What changed before the watcher was there, it does not tell.
      changes.poke();
    } catch {
      close();
    }
  };
  const close = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const look = async (): Promise<void> => {
    const inode = await stat(folder).then(
      ({ dev, ino }) => `${dev}:${ino}`,
      () => undefined,
    );
    // A folder that was replaced under the same name has its watcher on the old one.
    if (inode !== watched) close();
    watched = inode;
    if (stopped) return;
    if (watcher === undefined && inode !== undefined) open();
    const now = await folderSignature(folder);
    if (signature !== undefined && now !== signature) changes.poke();
    signature = now;
  };
  void look();
  const timer = setInterval(() => void look(), pollMs);
  return () => {
    stopped = true;
    clearInterval(timer);
    close();
  };
}
