import { nodes } from './names.ts';
import { importImage } from './node/containerd.ts';

/** Makes the image of a tar (docker-archive) known to both nodes; pods need `imagePullPolicy: IfNotPresent`. */
export async function loadImage(tar: string): Promise<void> {
  await Promise.all(nodes.map((node) => importImage(node, tar)));
}
