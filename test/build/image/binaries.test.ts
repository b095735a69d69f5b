import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { architectures, ownArchitecture } from '../../../build/image/architecture.ts';
import { binaryProblems } from '../../../build/image/binaries.ts';
import { readBinary } from '../../../build/image/elf.ts';
import { temporaryFolder } from '../../../lab/temporaryFolder.ts';

// A small program of this machine.
const env = readFileSync('/usr/bin/env');
const own = ownArchitecture();
const other = own.name === 'amd64' ? architectures.arm64 : architectures.amd64;
const loader = path.basename(own.loader.at(-1) ?? '');
const needed = readBinary(env)?.needed ?? [];

/** A layer with that program and these (empty) libraries. */
function layer(libraries: readonly string[]): string {
  const folder = temporaryFolder('heddle-binaries-');
  const place = path.join(folder, 'usr/lib', own.triple);
  mkdirSync(place, { recursive: true });
  for (const name of libraries) writeFileSync(path.join(place, name), '');
  writeFileSync(path.join(folder, 'env'), env);
  return folder;
}

test('a program names its processor, its loader, and the libraries that its process has', (t) => {
  // The Node that runs this is a binary whose libraries are known: those its process has mapped.
  const binary = readBinary(readFileSync(process.execPath));
  t.is(binary?.machine, own.machine);
  t.is(path.basename(binary?.interpreter ?? ''), loader);
  const mapped = readFileSync('/proc/self/maps', 'utf8');
  t.true(binary?.needed.includes('libstdc++.so.6'), binary?.needed.join(' '));
  for (const name of binary?.needed ?? []) t.true(mapped.includes(`/${name}`), name);
});

test('what is no 64-bit ELF file is no binary, and one that is cut off is an error', (t) => {
  t.is(readBinary(Buffer.alloc(0)), undefined);
  t.is(readBinary(Buffer.from(`#!/usr/local/bin/node\n${'x'.repeat(100)}`)), undefined);
  t.throws(() => readBinary(env.subarray(0, 100)), { instanceOf: RangeError });
});

test('a layer with all that its programs need has no problem, also when another layer has it', async (t) => {
  t.deepEqual(await binaryProblems([layer([loader, ...needed])], own), []);
  t.deepEqual(await binaryProblems([layer([]), layer([loader, ...needed])], own), []);
});

test('a library that no layer has is named with who needs it', async (t) => {
  const problems = await binaryProblems([layer([loader, ...needed.filter((name) => name !== 'libc.so.6')])], own);
  t.deepEqual(problems, [`/env needs /usr/lib/${own.triple}/libc.so.6: add it to build/image/contents.ts`]);
});

test('the loader is needed like a library', async (t) => {
  const problems = await binaryProblems([layer(needed.filter((name) => name !== loader))], own);
  t.true(problems.some((problem) => problem.includes(`/${loader}: add it`)));
});

test('a program for another processor is named', async (t) => {
  const problems = await binaryProblems([layer([loader, ...needed])], other);
  t.true(problems.includes(`/env is for processor ${own.machine} of elf(5), not for ${other.name}`));
});
