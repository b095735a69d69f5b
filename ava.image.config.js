// The image needs mmdebstrap and binutils, which `npm test` does not ask for.
export default {
  extensions: ['ts'],
  files: ['test/cluster/image.test.ts'],
  timeout: '3m',
};
