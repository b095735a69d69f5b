import { reasonOf } from '../runtime/reason.ts';
import { keepMesh, runIn } from './demo/keep.ts';
import { startMesh } from './demo/mesh.ts';
import { aside, failureCount, heading, row } from './demo/print.ts';
import { tellStory } from './demo/story.ts';
import { installMissing } from './install.ts';
import { checkGround } from './requirements.ts';

const usage = `npm run demo                            tells what the mesh does, then removes everything
npm run demo -- --keep                  leaves the mesh up until Ctrl-C
npm run demo -- --yes                   installs what is missing on this machine without a question; also with --keep
npm run demo -- --in <pod> <command>    runs a command in a pod of a mesh that is kept up`;

const [option, pod, ...command] = process.argv.slice(2);
const options = new Set(process.argv.slice(2));
if (option === '--in' && pod !== undefined && command.length > 0) process.exit(await runIn(pod, command));
else if ([...options].every((one) => one === '--keep' || one === '--yes')) {
  if (!(await installMissing(options.has('--yes') ? 'yes' : 'ask'))) process.exit(1);
  process.exit(await demo(options.has('--keep') ? 'keep' : 'end'));
} else {
  console.error(usage);
  process.exit(1);
}

async function demo(then: 'keep' | 'end'): Promise<number> {
  const startedAt = Date.now();
  const checked = await checkGround();
  if (!checked.ok) {
    for (const problem of checked.problems) console.error(problem);
    return 1;
  }
  // Whatever ends this process ends the lab: its programs and namespaces hang on pipes from here.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
  const { ground } = checked;
  heading('Heddle on this machine: pods are network namespaces, each with a sidecar and real iptables rules');
  if (ground.note !== undefined) aside('note', ground.note);
  try {
    const mesh = await startMesh(ground);
    for (const { pod: started, namespace } of mesh.pods.values()) {
      row('pod', `${`${namespace}/${started.name}`.padEnd(14)} ${started.addresses.join('  ')}`);
    }
    row('agent', `reads ${mesh.folder}`);
    aside('ready', `after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    await tellStory(mesh);
    if (then === 'keep') await keepMesh(mesh);
    await mesh.node.close();
  } catch (error) {
    console.error(`\nThe demo failed: ${reasonOf(error)}`);
    return 1;
  }
  const failures = failureCount();
  heading(failures === 0 ? 'All as expected. Everything is removed again.' : `${failures} not as expected.`);
  if (failures === 0) row('next', 'npm run demo -- --keep   leaves it up to play with');
  return failures === 0 ? 0 : 1;
}
