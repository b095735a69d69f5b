import test from 'ava';
import { capabilities } from '../../../routing/wire/capabilities.ts';
import { file_heddle_v1_routing as file } from '../../../routing/wire/generated/heddle/v1/routing_pb.ts';
import { newerParts } from '../../../routing/wire/newer.ts';
import { indexNewerParts } from '../../../routing/wire/newerIndex.ts';
import { firstParts } from './firstParts.ts';

test('Each field and enum value is of the first sidecars, or newer.ts says what it needs', (t) => {
  const fields = file.messages.flatMap(({ name, fields: all }) => all.map((field) => `${name}.${field.name}`));
  const values = file.enums.flatMap(({ name, values: all }) => all.map((value) => `${name}.${value.name}`));
  const named = new Set<string>([...firstParts, ...newerParts.map(({ part }) => part)]);
  t.deepEqual(
    [...fields, ...values].filter((part) => !named.has(part)),
    [],
  );
  // Fields are never taken away or called another name.
  t.deepEqual(
    firstParts.filter((part) => !fields.includes(part) && !values.includes(part)),
    [],
  );
});

test('Each newer part is in the messages and needs a capability that is declared', (t) => {
  t.notThrows(() => indexNewerParts(newerParts));
  t.deepEqual(
    newerParts.filter(({ needs }) => !(needs in capabilities)),
    [],
  );
});

test('A part that the messages do not have is a mistake', (t) => {
  const part = { part: 'Filter.teleport', name: 'Teleport', needs: 'heddle.test', without: 'fails' } as const;
  t.throws(() => indexNewerParts([part]), { message: /heddle\.v1 has no Filter\.teleport/ });
  const value = { ...part, part: 'BackendEndpoints.protocol=PROTOCOL_HTTP9' };
  t.throws(() => indexNewerParts([value]), { message: /heddle\.v1 has no Protocol\.PROTOCOL_HTTP9/ });
});
