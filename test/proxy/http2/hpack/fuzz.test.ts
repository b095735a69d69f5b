import { array, assert, nat, option, property, record } from 'fast-check';
import test from 'ava';
import { HpackDecoder } from '../../../../proxy/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../../proxy/http2/hpack/encoder.ts';
import { blockLists, changes, fieldLists } from './arbitraries.ts';
import { decode, type Field } from './blocks.ts';
import { Deflater, Inflater } from './nghttp2.ts';

// As in the fuzzing of HTTP/1.1: the same cases in every run, another seed and more of them for a long search.
const { HEDDLE_FUZZ_SEED: seed = '20261121', HEDDLE_FUZZ_RUNS: runs = '1500' } = process.env;
const options = { seed: Number(seed), numRuns: Number(runs), errorWithCause: false };

/** Decodes the blocks with both decoders until one has a problem, and says where they differ. */
function compare(blocks: readonly Buffer[], counts: { whole: number; problems: number }): string | undefined {
  const ours = new HpackDecoder(4096);
  const theirs = new Inflater();
  try {
    for (const block of blocks) {
      const [our, their] = [decode(ours, block), theirs.decode(block)];
      const agree = (our.problem === undefined) === (their.problem === undefined);
      if (!agree || JSON.stringify(our.fields) !== JSON.stringify(their.fields))
        return `of ${block.toString('hex')} we make ${JSON.stringify(our)}, nghttp2 ${JSON.stringify(their)}`;
      counts[our.problem === undefined ? 'whole' : 'problems']++;
      if (our.problem !== undefined) break;
    }
    return undefined;
  } finally {
    theirs.free();
  }
}

const throwIf = (difference: string | undefined): void => {
  if (difference !== undefined) throw new Error(difference);
};

test('blocks of every kind, some of them changed, are decoded as by nghttp2, or refused as by it', (t) => {
  const counts = { whole: 0, problems: 0 };
  assert(
    property(blockLists, (blocks) => throwIf(compare(blocks, counts))),
    options,
  );
  t.log(counts);
  t.true(counts.whole > options.numRuns / 4 && counts.problems > options.numRuns / 4, 'both happen often');
});

test('what nghttp2 encodes is decoded; with changed bytes as by itself, or refused as by itself', (t) => {
  const counts = { whole: 0, problems: 0 };
  const session = record({ lists: array(fieldLists, { minLength: 1, maxLength: 8 }), changed: option(changes) });
  assert(
    property(session, ({ lists, changed }) => {
      const deflater = new Deflater();
      const blocks = lists.map((fields) => deflater.encode(fields));
      deflater.free();
      const ours = new HpackDecoder(4096);
      for (const [at, block] of blocks.entries()) {
        const { fields } = decode(ours, block);
        if (JSON.stringify(plain(fields)) !== JSON.stringify(plain(lists[at] ?? []))) throw new Error(`block ${at}`);
      }
      if (changed === null) return;
      throwIf(
        compare(
          blocks.map((block, at) => (at === changed.at ? changed.change(block) : block)),
          counts,
        ),
      );
    }),
    options,
  );
  t.log(counts);
  t.true(counts.whole > options.numRuns / 4 && counts.problems > options.numRuns / 4, 'both happen often');
});

test('what we encode is decoded by nghttp2 and by ourselves, whatever tables the peer allows', (t) => {
  const session = array(
    record({ fields: fieldLists, limits: array(nat({ max: 5000 }), { maxLength: 2 }), limit: nat(3) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  let blocks = 0;
  assert(
    property(session, (steps) => {
      const encoder = new HpackEncoder();
      const ours = new HpackDecoder(4096);
      const theirs = new Inflater();
      try {
        for (const { fields, limits, limit } of steps) {
          if (limit === 0) for (const size of limits) encoder.limitTableSize(size);
          encoder.begin();
          for (const [name, value, indexing] of fields)
            if (indexing === 'never') encoder.secretField(name, value);
            else encoder.field(name, value);
          const block = Buffer.from(encoder.bytes.subarray(0, encoder.length));
          const [our, their] = [decode(ours, block), theirs.decode(block)];
          if (JSON.stringify(our) !== JSON.stringify(their)) throw new Error(JSON.stringify({ our, their }));
          if (JSON.stringify(our) !== JSON.stringify({ fields: fields.map(asWritten), problem: undefined }))
            throw new Error(`${JSON.stringify(fields)} became ${JSON.stringify(our)}`);
          blocks++;
        }
      } finally {
        theirs.free();
      }
    }),
    options,
  );
  t.log({ blocks });
  t.true(blocks > options.numRuns);
});

/** nghttp2 makes some fields never indexed on its own. */
function plain(fields: readonly Field[]): readonly (readonly string[])[] {
  return fields.map(([name, value]) => [name, value]);
}

/** What is secret in itself is written as never indexed (RFC 7541 section 7.1.3). */
function asWritten([name, value, indexing]: Field): Field {
  const secret = name === 'authorization' || name === 'set-cookie' || (name === 'cookie' && value.length < 20);
  return secret || indexing === 'never' ? [name, value, 'never'] : [name, value];
}
