import test from 'ava';
import { array, assert, nat, oneof, property, record, constant } from 'fast-check';
import { Line, type Place } from '../../runtime/line.ts';

test('a line serves as a set does of which the first is always taken', (t) => {
  const joins = record({ type: constant('join' as const), item: nat(9) });
  const leaves = record({ type: constant('leave' as const), item: nat(9) });
  const shifts = record({ type: constant('shift' as const), item: constant(-1) });
  assert(
    property(array(oneof(joins, leaves, shifts), { maxLength: 80 }), (changes) => {
      const line = new Line<number>();
      const places = new Map<number, Place<number>>();
      const set = new Set<number>();
      for (const { type, item } of changes) {
        const place = places.get(item);
        if (type === 'shift') {
          const [first] = set;
          if (line.shift() !== first) return false;
          if (first === undefined) continue;
          set.delete(first);
          places.delete(first);
        } else if (type === 'join' && place === undefined) {
          places.set(item, line.join(item));
          set.add(item);
        } else if (type === 'leave' && place !== undefined) {
          line.leave(place);
          if (place.next !== undefined || place.previous !== undefined) return false;
          places.delete(item);
          set.delete(item);
        }
      }
      return [...set].every((item) => line.shift() === item) && line.shift() === undefined;
    }),
  );
  t.pass();
});
