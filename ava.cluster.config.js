export default {
  extensions: ['ts'],
  files: ['test/cluster/**/*.test.ts', 'test/conformance/**/*.test.ts'],
  timeout: '10m',
  concurrency: 1,
};
