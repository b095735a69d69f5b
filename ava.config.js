export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts', '!test/cluster/**', '!test/conformance/**'],
  // Of silence: no test is told slow from hanging by this.
  timeout: '10m',
  concurrency: 2,
};
