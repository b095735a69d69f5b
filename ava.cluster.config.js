// What takes the mesh apart, or away from everybody, comes after what needs it.
const last = ['agents', 'lifecycle', 'upgrade'].map((name) => `test/cluster/${name}.test.ts`);

function rank(file) {
  return last.findIndex((name) => file.endsWith(name));
}

export default {
  extensions: ['ts'],
  files: ['test/cluster/**/*.test.ts', 'test/conformance/**/*.test.ts'],
  timeout: '10m',
  concurrency: 1,
  // With its cache ava would put files that failed last time before all others.
  cache: false,
  sortTestFiles: (one, other) => rank(one) - rank(other) || (one < other ? -1 : 1),
};
