import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { temporaryFolder } from '../lab/temporaryFolder.ts';
import { presentSources } from '../lab/programs.ts';

/**
 * The commit that present agents and sidecars must work with, on the other side of the wire: the last before sidecars named
 * capabilities. Move it on when that is no longer promised.
 */
export const olderCommit = '40117680ff7098ec330922698c14dd49ff56cf50';

export type OlderSources = {
  /** A folder with the repository as it was, with the present packages. */
  readonly folder: string;
  /** What they are, for people. */
  readonly from: string;
  readonly isOlder: boolean;
};

/** The sources of `olderCommit`; in a clone without that much history the present ones once more, and `from` says so. */
export async function olderSources(): Promise<OlderSources> {
  const short = olderCommit.slice(0, 7);
  const git = ['-c', 'safe.directory=*', '-C', presentSources];
  const { failed } = await execa('git', [...git, 'cat-file', '-e', `${olderCommit}^{commit}`], { reject: false });
  if (failed) {
    const from = `the same content, since this clone has no commit ${short}`;
    return { folder: presentSources, from, isOlder: false };
  }
  const folder = temporaryFolder('heddle-older-');
  // The sidecar reads them as a user of its own.
  await chmod(folder, 0o755);
  await execa('git', [...git, 'archive', olderCommit]).pipe('tar', ['-x', '-C', folder]);
  await symlink(join(presentSources, 'node_modules'), join(folder, 'node_modules'));
  return { folder, from: `commit ${short}`, isOlder: true };
}
