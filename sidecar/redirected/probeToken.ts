import { probeTokenHeader } from '../../contract/probes.ts';
import type { RequestHead } from '../../proxy/message/head.ts';

/**
 * Whether a request brings the secret that only the kubelet and this pod's containers are told; then it is taken out,
 * so that the application cannot give it away. Without a token of ours none does.
 */
export function takeProbeToken(head: RequestHead, token: string): boolean {
  if (token === '' || head.headers.get(probeTokenHeader) !== token) return false;
  head.headers.remove(probeTokenHeader);
  return true;
}
