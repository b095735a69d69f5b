import type { BackendTarget } from '../model.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import { protocolNumbers } from './words.ts';

/** Where a backend's endpoints are found, or why it has none, as part of the message to encode. */
export function targetMessage(target: BackendTarget): wire.Backend['target'] & wire.RequestMirror['target'] {
  if (target.type === 'Invalid') {
    const { reason, message } = target;
    return { case: 'invalid', value: { $typeName: 'heddle.v1.InvalidBackend', reason, message } };
  }
  const protocol = protocolNumbers[target.protocol];
  return { case: 'endpoints', value: { $typeName: 'heddle.v1.BackendEndpoints', name: target.endpoints, protocol } };
}
