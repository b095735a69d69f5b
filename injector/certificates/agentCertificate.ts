import { agentSecret } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject } from '../../runtime/json.ts';
import { readKeyPair } from './read.ts';
import { decode, encode } from './secret.ts';
import { keepCertificate, type Wanted } from './serving.ts';
import { type Authorities, bundleOf } from './types.ts';
import { writeSecret } from './writeSecret.ts';

/**
 * Keeps the agents' certificate good, and the bundle beside it. `secret` is what was read before the CAs were; says
 * whether something was written. Rejects with ApiError 409 when another replica was faster.
 */
export async function keepAgentCertificate(
  api: Api,
  secret: JsonObject | undefined,
  wanted: Wanted & { readonly namespace: string; readonly authorities: Authorities; readonly jitter: number },
): Promise<'written' | 'unchanged'> {
  const { namespace, authorities } = wanted;
  const data = fieldsOf(secret?.['data']);
  const read = readKeyPair(decode(data, 'tls.crt'), decode(data, 'tls.key'));
  const present = read.ok ? read.value : undefined;
  const kept = await keepCertificate(present, authorities, wanted);
  const bundle = bundleOf(authorities);
  if (kept === present && decode(data, 'ca.crt') === bundle) return 'unchanged';
  await writeSecret(api, secret, {
    namespace,
    name: agentSecret,
    data: encode({ 'tls.crt': kept.certificate.pem, 'tls.key': kept.keyPem, 'ca.crt': bundle }),
  });
  return 'written';
}
