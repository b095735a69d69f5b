export default {
  extensions: ['ts'],
  files: ['test/**/*.test.ts', '!test/cluster/**', '!test/conformance/**'],
  timeout: '3m',
  concurrency: 2,
};
