import { createNode } from '../../../lab/node.ts';
import { temporaryFolder } from '../../../lab/temporaryFolder.ts';

/** `node openLab.ts root|user`: a lab with a pod and a program in it; prints the pids and the folder as JSON, and stays. */
const node = await createNode(process.argv[2] === 'root' ? 'root' : 'user', `test-${process.pid}`);
const pod = await node.addPod('pod', ['10.244.1.2', 'fd00:244:1::2']);
const sleeper = pod.start({ command: ['sleep', '600'] });
const folder = temporaryFolder('heddle-test-');
console.log(JSON.stringify({ pids: [node.pid, pod.pid, sleeper.pid], folder }));
