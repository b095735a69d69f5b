import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Plugins that keep the memory of a bundled program small; the figures are resident MB on Node 26. */
export const leanPlugins: Plugin[] = [
  {
    // `import http from 'node:http'` reads every export to build the module's namespace, and the getter of WebSocket
    // loads undici, http2 and zlib: 14 MB. Asking for the module object itself reads nothing.
    name: 'builtins-without-namespace',
    setup(build) {
      build.onResolve({ filter: /^[a-z_:/]+$/ }, ({ path, kind, namespace }) =>
        isBuiltin(path) && (kind === 'import-statement' || kind === 'dynamic-import') && namespace !== 'builtin'
          ? { path, namespace: 'builtin', sideEffects: false }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
        loader: 'js',
      }));
    },
  },
  {
    // Koffi's own loader looks for its addon in node_modules; beside the bundle there is one per C library.
    name: 'koffi-addon',
    setup(build) {
      build.onResolve({ filter: /^koffi$/ }, ({ path }) => ({ path, namespace: 'koffi' }));
      build.onLoad({ filter: /.*/, namespace: 'koffi' }, () => ({
        contents: koffiLoader,
        loader: 'js',
        resolveDir: '.',
      }));
    },
  },
  {
    // grpc-js reads .proto files only for channelz and ORCA, which no program of ours serves.
    name: 'no-proto-loader',
    setup(build) {
      build.onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace: 'absent' }));
      build.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not part of the bundle`)})`,
        loader: 'js',
      }));
    },
  },
];

const koffiLoader = `
import path from 'node:path';
const addon = { exports: {} };
let failure;
for (const libc of ['linux', 'musl']) {
  const file = path.join(import.meta.dirname, 'koffi', libc + '_' + process.arch + '.node');
  try {
    process.dlopen(addon, file);
    failure = undefined;
    break;
  } catch (error) {
    failure ??= error;
  }
}
if (failure !== undefined) throw failure;
export default addon.exports;
`;
