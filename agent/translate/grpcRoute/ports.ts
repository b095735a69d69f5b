import { wishAnnotations } from '../../../contract/labels.ts';
import type { PortLimits } from '../unresolved.ts';

/** gRPC is spoken over HTTP/2; where HTTP/1.1 is declared, who names the port or the backend knows what is spoken there. */
export const grpcPorts: PortLimits = {
  asParent: {
    detect: undefined,
    http1: undefined,
    http2: undefined,
    tls: 'speaks TLS, so that its RPCs cannot be read; set appProtocol: grpc if it does not',
    opaque: `is opaque; set appProtocol: grpc, or take it out of ${wishAnnotations.opaquePorts}, if it speaks gRPC`,
  },
  unlessNamed: { http1: 'speaks HTTP/1.1; set appProtocol: grpc, or name the port in parentRef, if it speaks gRPC' },
  opaqueByDefault:
    'is passed through, as by default with that number; set appProtocol: grpc, or name the port in parentRef, if it speaks gRPC',
  asBackend: {
    detect: undefined,
    http1: undefined,
    opaque: undefined,
    http2: undefined,
    tls: 'expects TLS, which is not originated; name a port that speaks gRPC without it',
  },
  asked: 'http2',
};
