import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { initName, sidecarName, sidecarUid } from '../../contract/containers.ts';
import {
  injectLabel,
  injectedAnnotation,
  revisionAnnotation,
  rotateAnnotation,
  sidecarLabel,
  wishAnnotations,
} from '../../contract/labels.ts';
import { agentName, agentSecret, caSecret, systemNamespace, trustConfigMap } from '../../contract/objects.ts';
import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { ports } from '../../contract/ports.ts';
import { probeTokenHeader } from '../../contract/probes.ts';
import { sourceAddress } from '../../contract/sourceAddress.ts';
import { tokenAudience } from '../../contract/trustVolume.ts';
import { podVariables } from '../../contract/variables.ts';

const reference = readFileSync(path.join(import.meta.dirname, '../../docs/reference.md'), 'utf8');

test('docs/reference.md says everything that users see of the contract', (t) => {
  const names = [
    ...Object.values(podVariables),
    ...Object.values(wishAnnotations),
    ...Object.values(ports).map(String),
    ...Object.values(sourceAddress),
    initName,
    sidecarName,
    agentName,
    agentSecret,
    caSecret,
    systemNamespace,
    trustConfigMap,
    injectLabel,
    sidecarLabel,
    rotateAnnotation,
    injectedAnnotation,
    revisionAnnotation,
    probeTokenHeader,
    tokenAudience,
    `\`${sidecarUid}\``,
    `\`${defaultOpaquePorts.join(',')}\``,
  ];
  t.deepEqual(
    names.filter((name) => !reference.includes(name)),
    [],
  );
});
