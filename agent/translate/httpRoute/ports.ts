import { wishAnnotations } from '../../../contract/labels.ts';
import type { PortLimits } from '../unresolved.ts';

/** Ports whose requests an HTTPRoute cannot tell apart are forwarded as they are; requests are sent to none that expects more. */
export const httpPorts: PortLimits = {
  asParent: {
    detect: undefined,
    http1: undefined,
    http2: undefined,
    tls: 'speaks TLS, so that its requests cannot be read; set appProtocol: http if it does not',
    opaque: `is opaque; set appProtocol: http, or take it out of ${wishAnnotations.opaquePorts}, if it speaks HTTP`,
  },
  unlessNamed: { http2: 'speaks HTTP/2; name the port in parentRef if its requests are meant, too' },
  opaqueByDefault:
    'is passed through, as by default with that number; set appProtocol: http, or name the port in parentRef, if it speaks HTTP',
  asBackend: {
    detect: undefined,
    http1: undefined,
    opaque: undefined,
    http2: undefined,
    tls: 'expects TLS, which is not originated; name a port that speaks HTTP without it',
  },
  asked: undefined,
};
