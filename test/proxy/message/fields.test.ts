import test from 'ava';
import * as fc from 'fast-check';
import { Fields } from '../../../proxy/message/fields.ts';

type Field = { readonly name: string; readonly value: string };

/** Fields that were parsed from these lines. */
function parse(lines: readonly string[]): Fields {
  const text = `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  const fields = new Fields();
  fields.reset(text);
  let at = text.indexOf('\r\n') + 2;
  for (const line of lines) {
    const value = line.slice(line.indexOf(':') + 1).trim();
    const valueStart = value === '' ? at + line.length : at + line.indexOf(value, line.indexOf(':') + 1);
    fields.addSpan(at, at + line.indexOf(':'), valueStart, valueStart + value.length);
    at += line.length + 2;
  }
  return fields;
}

function listOf(fields: Fields): readonly string[] {
  const list: string[] = [];
  fields.forEach((name, value) => list.push(`${name}=${value}`));
  return list;
}

test('names are found in lower case, whatever their case and wherever the fields came from', (t) => {
  const fields = parse(['X-One: a', 'x-one: b', 'X-Two: c']);
  fields.append('X-ONE', 'd');
  fields.append('x-one', 'e', 'x-one');
  t.is(fields.get('x-one'), 'a,b,d,e');
  t.is(fields.get('x-two'), 'c');
  t.is(fields.get('x-three'), undefined);
});

test('a field that is written keeps the case of its name, one that is listed has it in lower case', (t) => {
  const fields = parse(['X-One: a', 'X-Two:  b']);
  fields.append('X-Three', 'c');
  t.is(fields.toLines(), 'X-One: a\r\nX-Two: b\r\nX-Three: c\r\n');
  t.deepEqual(listOf(fields), ['x-one=a', 'x-two=b', 'x-three=c']);
});

test('fields of HTTP/2 come with their name in lower case, which is taken as it is', (t) => {
  const fields = new Fields();
  for (const name of ['accept', 'cookie', 'cookie', 'x-last']) fields.append(name, `of ${name}`, name);
  t.is(fields.get('cookie'), 'of cookie,of cookie');
  fields.remove('cookie');
  t.deepEqual(listOf(fields), ['accept=of accept', 'x-last=of x-last']);
  t.is(fields.toLines(), 'accept: of accept\r\nx-last: of x-last\r\n');
});

test('an empty field is there, one that was removed is not', (t) => {
  const fields = parse(['X-One:', 'X-Two: b']);
  t.is(fields.get('x-one'), '');
  fields.remove('x-one');
  t.is(fields.get('x-one'), undefined);
  t.is(fields.toLines(), 'X-Two: b\r\n');
});

const name = fc.constantFrom('a', 'A', 'ab', 'aB', 'AB', 'x-Long-Name', 'X-LONG-NAME', 'x-long-name', 'b', '-');
const field = fc.record({ name, value: fc.constantFrom('', 'v', 'V', 'two words', 'São', 'a: b') });
const between = fc.constantFrom(':', ': ', ':\t', ':  ');
const change = fc.oneof(
  fc.record({ type: fc.constant('append' as const), field }),
  fc.record({ type: fc.constant('appendLower' as const), field }),
  fc.record({ type: fc.constant('remove' as const), name }),
  fc.record({ type: fc.constant('copy' as const) }),
  fc.record({ type: fc.constant('dropLast' as const) }),
);

/** A list of fields, and nothing clever. */
class Naive {
  list: readonly Field[];

  constructor(list: readonly Field[]) {
    this.list = list;
  }

  get(lowerName: string): string | undefined {
    const found = this.list.filter((one) => one.name.toLowerCase() === lowerName).map(({ value }) => value);
    return found.length === 0 ? undefined : found.join(',');
  }
}

function same(fields: Fields, naive: Naive): boolean {
  const lines = naive.list.map((one) => `${one.name}: ${one.value}\r\n`).join('');
  const list = naive.list.map((one) => `${one.name.toLowerCase()}=${one.value}`);
  const found = ['a', 'ab', 'b', '-', 'x-long-name'].every((lower) => fields.get(lower) === naive.get(lower));
  return found && fields.toLines() === lines && listOf(fields).join('\n') === list.join('\n');
}

const sample = fc.record({ parsed: fc.array(fc.tuple(field, between)), changes: fc.array(change) });

test('any fields after any changes are what a plain list of them is', (t) => {
  const property = fc.property(sample, ({ parsed, changes }) => {
    let fields = parse(parsed.map(([one, separator]) => `${one.name}${separator}${one.value}`));
    const naive = new Naive(parsed.map(([one]) => one));
    let canDrop = parsed.length > 0;
    if (!same(fields, naive)) return false;
    for (const one of changes) {
      if (one.type === 'append') {
        fields.append(one.field.name, one.field.value);
        naive.list = [...naive.list, one.field];
      } else if (one.type === 'appendLower') {
        const lowerName = one.field.name.toLowerCase();
        fields.append(lowerName, one.field.value, lowerName);
        naive.list = [...naive.list, { name: lowerName, value: one.field.value }];
      } else if (one.type === 'remove') {
        fields.remove(one.name.toLowerCase());
        naive.list = naive.list.filter((other) => other.name.toLowerCase() !== one.name.toLowerCase());
      } else if (one.type === 'copy') {
        const before = fields;
        fields = before.copy();
        before.remove('a');
        before.append('a', 'of the one before');
      } else if (canDrop && naive.list.length === parsed.length) {
        fields.dropLastSpan();
        naive.list = naive.list.slice(0, -1);
      }
      canDrop &&= one.type === 'copy';
      if (!same(fields, naive)) return false;
    }
    return true;
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_127, numRuns: 3000 }));
});
