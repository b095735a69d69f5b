import { ports } from '../contract/ports.ts';
import type { RoleName } from '../contract/roles.ts';

/** How the image starts one of its programs. */
type Role = {
  /** Options that Node takes on its command line only; the environment cannot carry them. */
  readonly nodeFlags: readonly string[];
  /** What the C library and libuv read when a process starts; what the container sets itself comes first. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where readiness is asked about, if the dispatcher is to listen there before the program is loaded. */
  readonly readyPort: number | undefined;
};

const plain = { nodeFlags: [], environment: {}, readyPort: undefined } as const;

/** The programs of the image by their name on the command line; each has its bundle beside the dispatcher. */
export const roles = {
  init: plain,
  sidecar: {
    // The old generation is collected once it has grown by two fifths, however large the routing table makes it: V8's own
    // choice would let a small heap triple first. gc is what sidecar/collectEarly.ts calls. The young generation has 2 MB, and
    // grows as sidecar/youngGeneration.ts says.
    nodeFlags: [
      '--single-threaded-gc',
      '--min-semi-space-size=2',
      '--max-semi-space-size=8',
      '--heap-growing-percent=40',
      '--expose-gc',
    ],
    environment: { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '1' },
    readyPort: ports.ready,
  },
  agent: {
    // What it reads lives long: a larger new generation saves it no work, and with V8's own choice of 16 MB, in three parts,
    // an agent of a large mesh takes a fifth more memory (npm run bench:agent).
    nodeFlags: ['--max-semi-space-size=4'],
    environment: {},
    readyPort: undefined,
  },
  injector: plain,
} as const satisfies Record<RoleName, Role>;

/** Whether the image has a program of that name. */
export function isRole(name: string): name is RoleName {
  return Object.hasOwn(roles, name);
}
