/** A processor by the names that the image, Debian's libraries, its binutils and npm have for it. */
export type Architecture = {
  readonly name: 'amd64' | 'arm64';
  readonly triple: 'x86_64-linux-gnu' | 'aarch64-linux-gnu';
  readonly npm: 'x64' | 'arm64';
  /** Its number in ELF files: EM_X86_64, EM_AARCH64. */
  readonly machine: 62 | 183;
  /** The dynamic loader, and the links by which programs name it, as they stand in Debian's archive. */
  readonly loader: readonly string[];
};

/** The processors that an image can be built for, on a machine of any of them. */
export const architectures = {
  amd64: {
    name: 'amd64',
    triple: 'x86_64-linux-gnu',
    npm: 'x64',
    machine: 62,
    loader: ['./lib64', './usr/lib64/ld-linux-x86-64.so.2', './usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'],
  },
  arm64: {
    name: 'arm64',
    triple: 'aarch64-linux-gnu',
    npm: 'arm64',
    machine: 183,
    loader: ['./usr/lib/ld-linux-aarch64.so.1', './usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1'],
  },
} as const satisfies Record<string, Architecture>;

/** That of this machine. Throws for one that no image can be built for. */
export function ownArchitecture(): Architecture {
  const own = Object.values(architectures).find(({ npm }) => npm === process.arch);
  if (own === undefined) throw new Error(`This machine is ${process.arch}: name another with --arch amd64 or arm64`);
  return own;
}
