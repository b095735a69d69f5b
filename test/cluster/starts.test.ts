import test from 'ava';
import { undisturbed } from '../undisturbed.ts';
import { get } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { deploy, pod } from './support/app.ts';
import { useNamespace } from './support/useNamespace.ts';

const mesh = useNamespace('starts');
let made = 0;

type Event = {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly fieldPath?: string };
};

// A probe that is refused while its sidecar is still being loaded is told to everybody who looks at the pod.
test('ten pods that start one after another say no word of warning about their sidecar', async (t) => {
  for (let start = 1; start <= 10; start += 1) {
    await undisturbed(t, 300, async (round) => {
      const name = `pod${(made += 1)}`;
      await deploy([pod(mesh, name)]);
      const events = await eventsUpToTheApplication(name);
      const warnings = events.filter((event) => event.type === 'Warning' && isOurs(event));
      round.deepEqual(
        warnings.map(({ message }) => message),
        [],
        name,
      );
    });
  }
});

/** A kubelet sends its Events in order, so all about the sidecar's start are there when the application's is. */
async function eventsUpToTheApplication(name: string): Promise<readonly Event[]> {
  let events: readonly Event[] = [];
  await waitUntil(`the Event of the application's start in ${name}`, 60_000, async () => {
    ({ items: events } = await get<{ items: Event[] }>(
      '-n',
      mesh,
      'events',
      `--field-selector=involvedObject.name=${name}`,
    ));
    return events.some(
      ({ reason, involvedObject }) => reason === 'Started' && involvedObject.fieldPath === 'spec.containers{app}',
    );
  });
  return events;
}

function isOurs({ involvedObject }: Event): boolean {
  return involvedObject.fieldPath?.includes('{heddle-') === true;
}
