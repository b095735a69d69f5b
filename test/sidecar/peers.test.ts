import test from 'ava';
import { Peers } from '../../sidecar/redirected/peers.ts';

// Moved on as the rate wants it: ava runs each file in a thread of its own, and these one after the other.
let movedMs = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + movedMs;

function follow(isLogged = true): { readonly peers: Peers; readonly asked: Set<string> } {
  const asked = new Set<string>();
  const interest = { want: (name: string) => void asked.add(name), drop: (name: string) => void asked.delete(name) };
  return { asked, peers: new Peers({ interest, isLogged: () => isLogged }) };
}

const address = (number: number): string => `10.1.${number >> 8}.${number & 255}`;
const client = { namespace: 'shop', pod: 'client' };

test.serial('the last 256 that called are asked for, each once', (t) => {
  const { peers, asked } = follow();
  for (let number = 0; number < 300; number += 1) {
    movedMs += 100;
    peers.callerAt(address(number));
    peers.callerAt(address(0));
  }
  t.is(asked.size, 256);
  t.true(asked.has(address(0)), 'who calls again stays');
  t.false(asked.has(address(1)));
  t.true(asked.has(address(299)));
  const forgotten = peers.callerAt(address(1));
  peers.apply(address(1), client);
  t.regex(forgotten.fragment, /"peerPod":"client","peerNamespace":"shop"/, 'who comes back is asked for again');
});

test.serial('a flood of addresses is named by them, and asks the agent no more than it may', (t) => {
  const { peers, asked } = follow();
  for (let number = 0; number < 10_000; number += 1)
    t.is(peers.callerAt(address(number)).fragment, `,"peer":"${address(number)}"`);
  t.true(asked.size >= 100 && asked.size < 256, `${asked.size} asked for`);
});

test.serial('what nobody reads is not asked for', (t) => {
  const { peers, asked } = follow(false);
  t.is(peers.callerAt(address(1)).fragment, ',"peer":"10.1.0.1"');
  t.is(asked.size, 0);
});

test.serial('a word on an address that is not asked for, or not any more, does nothing', (t) => {
  const { peers } = follow();
  peers.apply(address(1), client);
  t.is(peers.callerAt(address(1)).fragment, ',"peer":"10.1.0.1"');
});
