import test from 'ava';
import { fieldsOf, isObject, numberOf, objectsOf, textOf, textsOf } from '../../runtime/json.ts';

const noObjects: readonly unknown[] = [undefined, null, true, 0, 'text', [], [{ a: 1 }]];

for (const value of noObjects) {
  test(`${JSON.stringify(value) ?? 'undefined'} is no object and has no fields`, (t) => {
    t.false(isObject(value));
    t.deepEqual(fieldsOf(value), {});
  });
}

test('an object has the fields that it has, each read as one type only', (t) => {
  const fields = fieldsOf({ name: 'cart', port: 80 });
  t.is(textOf(fields, 'name'), 'cart');
  t.is(textOf(fields, 'port'), undefined);
  t.is(numberOf(fields, 'port'), 80);
  t.is(numberOf(fields, 'name'), undefined);
  t.is(textOf(fields, 'absent'), undefined);
});

test('of a list only what has the type is taken, and of anything else nothing', (t) => {
  const list = [{ a: 1 }, null, 'b', 2, ['c']];
  t.deepEqual(objectsOf(list), [{ a: 1 }]);
  t.deepEqual(textsOf(list), ['b']);
  for (const other of [undefined, null, 'text', { 0: 'a' }]) {
    t.deepEqual(objectsOf(other), []);
    t.deepEqual(textsOf(other), []);
  }
});
