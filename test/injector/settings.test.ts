import test from 'ava';
import { versionOf } from '../../injector/settings.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

for (const [image, version] of [
  ['heddle:0.1.0', '0.1.0'],
  ['registry.example.com:5000/mesh/heddle:0.2.0-rc.1', '0.2.0-rc.1'],
  ['registry.example.com:5000/mesh/heddle', 'latest'],
  ['heddle', 'latest'],
  [`heddle@${digest}`, digest],
  [`registry.example.com:5000/heddle:0.1.0@${digest}`, '0.1.0'],
  [`registry.example.com:5000/heddle@${digest}`, digest],
] as const) {
  test(`the version of ${image} is ${version}`, (t) => {
    t.is(versionOf(image), version);
  });
}
