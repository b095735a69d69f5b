import type { Endpoints, Inbound, Peer, ServiceRouting } from '../../../routing/model.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';

const encoder = createEncoder();

/** As an agent sends it to a sidecar that lacks nothing. */
export function encodeServiceRouting(routing: ServiceRouting): Uint8Array<ArrayBuffer> {
  return encoder.serviceRouting(routing).value;
}

/** As an agent sends them to a sidecar that lacks nothing. */
export function encodeEndpoints(endpoints: Endpoints): Uint8Array<ArrayBuffer> {
  return encoder.endpoints(endpoints).value;
}

/** As an agent sends it to a sidecar that lacks nothing. */
export function encodeInbound(inbound: Inbound): Uint8Array<ArrayBuffer> {
  return encoder.inbound(inbound).value;
}

/** As an agent sends it to a sidecar that lacks nothing. */
export function encodePeer(peer: Peer): Uint8Array<ArrayBuffer> {
  return encoder.peer(peer).value;
}
