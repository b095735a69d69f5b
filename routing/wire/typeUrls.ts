/** Type of the resources named `address:port` that carry a ServiceRouting. */
export const serviceRoutingTypeUrl = 'type.googleapis.com/heddle.v1.ServiceRouting';

/** Type of the resources named `namespace/service:port` that carry Endpoints. */
export const endpointsTypeUrl = 'type.googleapis.com/heddle.v1.Endpoints';

/** Type of the resource named `namespace/pod` that carries Inbound, for that pod alone. */
export const inboundTypeUrl = 'type.googleapis.com/heddle.v1.Inbound';

/** Type of the resources named by an IP address that carry a Peer. */
export const peerTypeUrl = 'type.googleapis.com/heddle.v1.Peer';
